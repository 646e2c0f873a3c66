//! Services, jobs, and how they are attached to networks.

use super::Checker;
use crate::inventory::relations::seat;
use crate::source::{Span, codes};
use crate::topology::network::Network;
use crate::topology::network::SubnetPurpose;
use crate::topology::organization::Project;
use crate::topology::record::Field;
use crate::topology::record::Id;
use crate::topology::service::{Service, VpcAccess, WorkerPool};

codes! {
    CONNECTOR_AND_DIRECT = Error "connector-and-direct" "EGR-001" {
        "a connector beside Direct VPC egress",
        "a revision sends by a connector or directly into a subnet, not both",
        "networks:
  prod: {subnets: {run: {region: europe-west1, range: 10.0.0.0/24}}}
connectors:
  own: {network: prod, region: europe-west1, range: 10.8.0.0/28}
services:
  web: {region: europe-west1, vpc_access: {connector: own, network: prod, subnet: run}}
",
    }
    EMPTY_VPC_ACCESS = Error "empty-vpc-access" "EGR-001" {
        "VPC access without a connector or subnet",
        "access to a VPC network goes by a connector or a subnet",
        "services:
  web: {region: europe-west1, vpc_access: {tags: [web]}}
",
    }
    EGRESS_WITHOUT_ATTACHMENT = Error "egress-without-attachment" "EGR-003" {
        "an egress setting without an attachment",
        "an egress setting without connector or Direct VPC makes the deployment fail",
        "services:
  web: {region: europe-west1, vpc_access: {egress: all-traffic}}
",
    }
    CONNECTOR_REGION = Error "connector-region" "EGR-023" {
        "a connector of another region",
        "a connector is in the region of what uses it",
        "networks:
  prod: {}
connectors:
  own: {network: prod, region: europe-west3, range: 10.8.0.0/28}
services:
  web: {region: europe-west1, vpc_access: {connector: own}}
",
    }
    SUBNET_REGION = Error "subnet-region" "EGR-041" {
        "a subnet of another region",
        "the subnet of Direct VPC egress is in the region of what uses it",
        "networks:
  prod: {subnets: {run: {region: europe-west3, range: 10.0.0.0/24}}}
services:
  web: {region: europe-west1, vpc_access: {network: prod, subnet: run}}
",
    }
    SUBNET_PURPOSE = Error "subnet-purpose" "EGR-040" {
        "a subnet that is for something else",
        "Direct VPC egress goes into an ordinary subnet",
        "networks:
  prod:
    subnets: {proxies: {region: europe-west1, range: 10.0.0.0/24, purpose: regional-managed-proxy}}
services:
  web: {region: europe-west1, vpc_access: {network: prod, subnet: proxies}}
",
    }
    LISTENS_NOWHERE = Error "listens-nowhere" "EGR-039" {
        "a worker pool that listens, but is in no subnet",
        "a worker pool receives packets by Direct VPC ingress, at addresses of its subnet",
        "networks:
  prod: {}
connectors:
  own: {network: prod, region: europe-west1, range: 10.8.0.0/28}
worker_pools:
  queue: {region: europe-west1, vpc_access: {connector: own}, listens: [\"tcp:8080\"]}
",
    }
    NETWORK_NOT_SHARED = Error "network-not-shared" "EGR-041" {
        "a network of another project that is not shared",
        "what is in a network is of its project, or of one that the host project shares it with",
        "projects: {shop: {}, hub: {}}
networks:
  hub: {project: hub, subnets: {run: {region: europe-west1, range: 10.0.0.0/24}}}
services:
  web: {project: shop, region: europe-west1, vpc_access: {network: hub, subnet: run}}
",
    }
    CUSTOM_AUDIENCES_TOO_LONG = Error "custom-audiences-too-long" "ING-071" {
        "too many custom audiences",
        "the list of custom audiences has at most 32,768 characters as JSON",
        "",
    }
}

/// The longest list of custom audiences, as JSON (ING-071).
const AUDIENCES: usize = 32_768;

impl Checker<'_, '_> {
    pub(super) fn services(&mut self) {
        let topology = self.topology;
        for (index, (id, entry)) in topology.services.ids().zip(&topology.services) {
            let service = &entry.value;
            let resource = format!("service/{id}");
            let project = topology.service_project(index);
            if let Some(access) = &service.vpc_access {
                self.attachment(access, service.region.known(), project, &resource);
            }
            self.audiences(service, &resource);
        }
        for (id, entry) in &topology.jobs {
            let job = &entry.value;
            let resource = format!("job/{id}");
            if let Some(access) = &job.vpc_access {
                let project = topology.project(job.project.as_ref());
                self.attachment(access, job.region.known(), project, &resource);
            }
        }
        for (id, entry) in &topology.worker_pools {
            let pool = &entry.value;
            let resource = format!("worker_pool/{id}");
            if let Some(access) = &pool.vpc_access {
                let project = topology.project(pool.project.as_ref());
                self.attachment(access, pool.region.known(), project, &resource);
            }
            self.listening(pool, &resource);
        }
    }

    /// A worker pool listens in a subnet, not behind a connector.
    fn listening(&mut self, pool: &WorkerPool, resource: &str) {
        let Some(first) = pool.listens.first() else { return };
        let connector = pool.vpc_access.as_ref().and_then(|access| access.connector.as_ref());
        if connector.is_none() && pool.vpc_access.is_some() {
            return;
        }
        let message = format!("{resource} listens, but is in no subnet");
        let mut finding = LISTENS_NOWHERE.finding(message).at(first.span);
        if let Some(connector) = connector {
            finding = finding.also(connector.span, "nothing enters by a connector");
        }
        let help = "name a `network` and a `subnet` in `vpc_access`, or leave `listens` out";
        self.report(finding.help(help).resource(resource));
    }

    fn attachment(
        &mut self,
        access: &VpcAccess,
        region: Option<&String>,
        project: Option<Id<Project>>,
        resource: &str,
    ) {
        let direct = access.subnet.as_ref().or(access.network.as_ref());
        match (&access.connector, direct) {
            (Some(connector), Some(direct)) => {
                let message = format!("{resource} has a connector and Direct VPC egress");
                let finding = CONNECTOR_AND_DIRECT.finding(message).at(connector.span);
                let finding = finding.also(direct.span, "Direct VPC egress");
                self.report(finding.help("leave one of them out").resource(resource));
            }
            (None, None) => {
                let help = "name a `connector`, or a `network` and a `subnet`";
                let finding = match &access.egress {
                    Some(egress) => EGRESS_WITHOUT_ATTACHMENT
                        .finding(format!("{resource} has an egress setting, but no attachment"))
                        .at(egress.span),
                    None => EMPTY_VPC_ACCESS
                        .finding(format!("{resource} has access to no network"))
                        .at(access.span),
                };
                self.report(finding.help(help).resource(resource));
            }
            _ => {}
        }
        self.attachment_place(access, region, project, resource);
    }

    /// Whether what a service is attached to is where it can be.
    fn attachment_place(
        &mut self,
        access: &VpcAccess,
        region: Option<&String>,
        project: Option<Id<Project>>,
        resource: &str,
    ) {
        let topology = self.topology;
        let Some(seat) = seat(topology, access) else { return };
        let place =
            access.connector.as_ref().or(access.subnet.as_ref()).or(access.network.as_ref());
        let at = place.map_or(access.span, |place| place.span);
        if let Some(region) = region
            && *region != seat.region
        {
            let (info, what) = match access.connector.as_ref().and_then(Field::known) {
                Some(connector) => (CONNECTOR_REGION, format!("connector/{connector}")),
                None => {
                    let subnet = seat.subnet.as_deref().unwrap_or_default();
                    (SUBNET_REGION, format!("the subnet `{subnet}`"))
                }
            };
            let message = format!("{resource} is in `{region}`, {what} in `{}`", seat.region);
            self.report(info.finding(message).at(at).resource(resource));
        }
        let (_, network) = topology.networks.at(seat.network);
        if access.connector.is_none()
            && let Some(name) = &seat.subnet
            && let Some(subnet) = network.value.subnets.get(name)
            && let Some(purpose) = &subnet.purpose
            && purpose.value != SubnetPurpose::Private
        {
            let message = format!("the subnet `{name}` is not for {resource}");
            let finding = SUBNET_PURPOSE.finding(message).at(at);
            let finding = finding.also(purpose.span, "what it is for");
            self.report(finding.resource(resource));
        }
        self.shared(seat.network, project, at, resource);
    }

    /// Whether a network is of the project of what is in it, or shared with that project.
    pub(super) fn shared(
        &mut self,
        network: Id<Network>,
        project: Option<Id<Project>>,
        at: Span,
        resource: &str,
    ) {
        let topology = self.topology;
        let (id, entry) = topology.networks.at(network);
        let (Some(project), Some(owner)) = (project, topology.network_project(network)) else {
            return;
        };
        if self.relations.sharing[network].contains(&project) {
            return;
        }
        let (name, owner) = (topology.project_id(project), topology.project_id(owner));
        let message =
            format!("network/{id} is of project/{owner}, and not shared with project/{name}");
        let help = format!("add `{name}` to `shared_with` of network/{id}");
        let finding = NETWORK_NOT_SHARED.finding(message).at(at).help(help);
        let place = entry.value.project.as_ref().map_or(entry.key_span, |field| field.span);
        self.report(finding.also(place, "its project").resource(resource));
    }

    fn audiences(&mut self, service: &Service, resource: &str) {
        let lengths = service.custom_audiences.iter();
        let total: usize = lengths.map(|text| json_length(&text.value) + 1).sum::<usize>() + 1;
        if let Some(last) = service.custom_audiences.last()
            && total > AUDIENCES
        {
            let message = format!("the custom audiences of {resource} have {total} characters");
            self.report(
                CUSTOM_AUDIENCES_TOO_LONG.finding(message).at(last.span).resource(resource),
            );
        }
    }
}

/// How long a text is as JSON.
fn json_length(text: &str) -> usize {
    let escaped = text.chars().map(|c| match c {
        '"' | '\\' | '\n' | '\r' | '\t' => 2,
        c if c.is_control() => 6,
        _ => 1,
    });
    escaped.sum::<usize>() + 2
}
