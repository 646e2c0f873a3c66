//! Private Google Access, endpoints, published services, managed databases.

use super::Checker;
use crate::source::{Span, codes};
use crate::topology::private_access::{PscEndpoint, ServiceAttachment};
use crate::topology::record::Spanned;

codes! {
    ENDPOINT_REGION = Error "endpoint-region" "EGR-127" {
        "an endpoint with a region that it cannot have, or without one",
        "an endpoint for Google APIs is global, one for a published service is in a region",
        "networks:
  prod: {}
psc_endpoints:
  apis: {network: prod, region: europe-west1, address: 10.99.0.9, target: all-apis}
",
    }
    ENDPOINT_ELSEWHERE = Error "endpoint-in-another-region" "EGR-239" {
        "an endpoint in another region than its service",
        "an endpoint for a published service is in the region of that",
        "networks:
  prod: {}
sql_instances:
  orders: {region: europe-west1, engine: postgres}
psc_endpoints:
  orders: {network: prod, region: us-central1, address: 10.0.0.9, target: sql_instance/orders}
",
    }
    ATTACHMENT_ELSEWHERE = Error "attachment-subnet-elsewhere" "EGR-168" {
        "a published service with a subnet of another region or network",
        "the subnets whose addresses consumers arrive with are of the network and the region of what \
         is published",
        "networks:
  data:
    subnets:
      nat: {region: us-central1, range: 10.1.0.0/24, purpose: private-service-connect}
passthrough_load_balancers:
  store: {network: data, region: europe-west1, address: 10.9.0.9, listens: [\"tcp:80\"]}
service_attachments:
  store: {load_balancer: store, nat_subnets: [data/nat], accept_automatic: true}
",
    }
    SQL_WITHOUT_NETWORK = Error "sql-without-network" "EGR-153" {
        "a private address of Cloud SQL without a network",
        "a private address of an instance is one in a network",
        "sql_instances:
  orders: {region: europe-west1, engine: postgres, private_address: 10.60.0.3}
",
    }
}

impl Checker<'_, '_> {
    pub(super) fn private_access(&mut self) {
        let topology = self.topology;
        for (id, entry) in &topology.psc_endpoints {
            self.endpoint(&entry.value, entry.key_span, &format!("psc_endpoint/{id}"));
        }
        for (id, entry) in &topology.service_attachments {
            self.attachment_subnets(&entry.value, &format!("service_attachment/{id}"));
        }
        for (id, entry) in &topology.sql_instances {
            let instance = &entry.value;
            let resource = format!("sql_instance/{id}");
            if let (Some(address), None) = (&instance.private_address, &instance.network) {
                let message = format!("{resource} has a private address, but is in no network");
                let finding = SQL_WITHOUT_NETWORK.finding(message).at(address.span);
                self.report(finding.help("add `network`").resource(&resource));
            }
        }
    }

    fn endpoint(&mut self, endpoint: &PscEndpoint, key: Span, resource: &str) {
        let for_apis = !endpoint.target.value.contains('/');
        let finding = match &endpoint.region {
            Some(region) if for_apis => {
                let message = format!("{resource} is for Google APIs, and has a region");
                ENDPOINT_REGION.finding(message).at(region.span).help("leave `region` out")
            }
            None if !for_apis => {
                let message = format!("{resource} is in no region");
                ENDPOINT_REGION.finding(message).at(key).help("add `region`")
            }
            Some(region) => return self.endpoint_is_elsewhere(endpoint, region, resource),
            None => return,
        };
        self.report(finding.resource(resource));
    }

    /// Whether the subnets of a published service are where it is.
    fn attachment_subnets(&mut self, attachment: &ServiceAttachment, resource: &str) {
        let topology = self.topology;
        let published = &attachment.load_balancer;
        let region = topology.published_region(&published.value);
        let network = topology.published_network(&published.value);
        for name in &attachment.nat_subnets {
            let Some((own, subnet)) = topology.subnet(None, &name.value) else { continue };
            let Some(subnet) = topology.subnet_of(own, &subnet) else { continue };
            let elsewhere = match (region, network) {
                (Some(region), _) if region != subnet.region.value => "region",
                (_, Some(network)) if network != own => "network",
                _ => continue,
            };
            let message = format!(
                "the subnet `{}` is of another {elsewhere} than what {resource} publishes",
                name.value
            );
            let finding = ATTACHMENT_ELSEWHERE.finding(message).at(name.span);
            let finding = finding.also(published.span, "what is published");
            self.report(finding.resource(resource));
        }
    }

    /// An endpoint in another region than what it leads to.
    fn endpoint_is_elsewhere(
        &mut self,
        endpoint: &PscEndpoint,
        region: &Spanned<String>,
        resource: &str,
    ) {
        let topology = self.topology;
        let target = &endpoint.target;
        let own = match target.value.split_once('/') {
            Some(("service_attachment", id)) => topology
                .service_attachments
                .get(id)
                .and_then(|own| topology.published_region(&own.load_balancer.value)),
            Some(("sql_instance", id)) => {
                topology.sql_instances.get(id).map(|own| own.region.value.as_str())
            }
            _ => None,
        };
        let Some(own) = own.filter(|own| *own != region.value) else { return };
        let message = format!("{resource} is in another region than {}", target.value);
        let finding = ENDPOINT_ELSEWHERE.finding(message).at(region.span);
        let finding = finding.also(target.span, format!("in {own}"));
        self.report(finding.help(format!("set `region: {own}`")).resource(resource));
    }
}
