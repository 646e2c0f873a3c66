//! Services, jobs, and how they are attached to networks.

use super::Checker;
use crate::inventory::relations::{ingress, run_app_is_open, seat};
use crate::source::Span;
use crate::source::codes;
use crate::topology::load_balancer::LoadBalancerKind;
use crate::topology::network::SubnetPurpose;
use crate::topology::record::Field;
use crate::topology::record::value_or;
use crate::topology::service::{Egress, Ingress, Service, VpcAccess, WorkerPool};

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
    SQL_CONNECTION_BY_CONNECTOR = Warning "sql-connection-by-connector" "EGR-238" {
        "a connection to Cloud SQL beside a connector for all traffic",
        "a Cloud SQL connection of Cloud Run to a public address cannot be used together with a \
         connector whose egress is `all-traffic`",
        "networks:
  prod: {}
connectors:
  own: {network: prod, region: europe-west1, range: 10.8.0.0/28}
sql_instances:
  orders: {region: europe-west1, engine: postgres, public_address: 192.0.2.5}
services:
  web:
    region: europe-west1
    cloud_sql: [orders]
    vpc_access: {connector: own, egress: all-traffic}
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
    NETWORK_TAGS_WITHOUT_EFFECT = Warning "network-tags-without-effect" "EGR-045" {
        "network tags beside a connector",
        "network tags are part of Direct VPC egress; with a connector the packets are its own",
        "networks:
  prod: {}
connectors:
  own: {network: prod, region: europe-west1, range: 10.8.0.0/28}
services:
  web: {region: europe-west1, vpc_access: {connector: own, tags: [web]}}
",
    }
    TRAFFIC_TAGS_WITHOUT_URL = Note "traffic-tags-without-url" "ING-044" {
        "traffic tags whose URLs do not answer",
        "the switch of the default URL is that of the tags' URLs as well",
        "services:
  web: {region: europe-west1, default_url: false, traffic_tags: [next]}
",
    }
    INVOKERS_NOT_CHECKED = Warning "invokers-not-checked" "ING-065" {
        "invokers that nobody checks",
        "with the invoker check off, everybody may invoke, whatever the bindings say",
        "services:
  web:
    region: europe-west1
    invoker_check: false
    invokers: [user:alice@example.com]
",
    }
    OPEN_TO_THE_INTERNET = Note "open-to-the-internet" "ING-010" {
        "a service that everybody on the internet can invoke",
        "ingress `all`, the default, admits every source, and allUsers is everybody",
        "services:
  web: {region: europe-west1, invokers: [allUsers]}
",
    }
    DEFAULT_SERVICE_ACCOUNT = Note "default-service-account" {
        "the Compute Engine default account in use",
        "Whatever runs as the default account shares its rights, which in many projects are those \
         of an editor. Give each service an account of its own with the rights that it needs.",
        "services:
  web: {region: europe-west1}
",
    }
    NO_WAY_IN = Note "no-way-in" "ING-016" {
        "a service that nothing can enter",
        "ingress `internal` admits internal load balancers, networks of the project, of a shared \
         perimeter or attached, and Google products",
        "services:
  web: {region: europe-west1, ingress: internal}
",
    }
}

/// The longest list of custom audiences, as JSON (ING-071).
const AUDIENCES: usize = 32_768;

impl Checker<'_, '_> {
    pub(super) fn services(&mut self) {
        let topology = self.topology;
        for (index, (id, entry)) in topology.services.iter().enumerate() {
            let service = &entry.value;
            let resource = format!("service/{id}");
            let project = topology.service_project(index);
            if let Some(access) = &service.vpc_access {
                self.attachment(access, service.region.known(), project, &resource);
            }
            self.sql_connections(service, &resource);
            self.audiences(service, &resource);
            self.invoker_check(service, &resource);
            self.openness(index, service, entry.key_span, &resource);
            self.default_account(service.service_account.is_none(), entry.key_span, &resource);
            self.traffic_tags(index, service, &resource);
            self.ways_in(index, service, entry.key_span, &resource);
        }
        for (id, entry) in &topology.jobs {
            let job = &entry.value;
            let resource = format!("job/{id}");
            if let Some(access) = &job.vpc_access {
                let project = topology.project(job.project.as_ref());
                self.attachment(access, job.region.known(), project, &resource);
            }
            self.default_account(job.service_account.is_none(), entry.key_span, &resource);
        }
        for (id, entry) in &topology.worker_pools {
            let pool = &entry.value;
            let resource = format!("worker_pool/{id}");
            if let Some(access) = &pool.vpc_access {
                let project = topology.project(pool.project.as_ref());
                self.attachment(access, pool.region.known(), project, &resource);
            }
            self.listening(pool, &resource);
            self.default_account(pool.service_account.is_none(), entry.key_span, &resource);
        }
    }

    /// Connections to public addresses of Cloud SQL beside a connector for all traffic (EGR-238).
    fn sql_connections(&mut self, service: &Service, resource: &str) {
        let Some(access) = &service.vpc_access else { return };
        let (Some(connector), Some(egress)) = (&access.connector, &access.egress) else { return };
        if egress.known() != Some(&Egress::AllTraffic) {
            return;
        }
        for name in &service.cloud_sql {
            let Some(instance) = self.topology.sql_instances.get(&name.value) else { continue };
            if instance.public_address.is_none() {
                continue;
            }
            let message = format!(
                "{resource} does not reach the public address of sql_instance/{}",
                name.value
            );
            let finding = SQL_CONNECTION_BY_CONNECTOR.finding(message).at(name.span);
            let finding = finding.also(egress.span, "all traffic");
            let finding = finding.also(connector.span, "by a connector");
            let help = "use Direct VPC egress, or a private address of the instance";
            self.report(finding.help(help).resource(resource));
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
        project: Option<usize>,
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
        if let (Some(connector), Some(tag)) = (&access.connector, access.tags.first()) {
            let message = format!("the network tags of {resource} have no effect");
            let finding = NETWORK_TAGS_WITHOUT_EFFECT.finding(message).at(tag.span);
            let finding = finding.also(connector.span, "it sends by a connector");
            self.report(finding.resource(resource));
        }
        self.attachment_place(access, region, project, resource);
    }

    /// Whether what a service is attached to is where it can be.
    fn attachment_place(
        &mut self,
        access: &VpcAccess,
        region: Option<&String>,
        project: Option<usize>,
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
        let Some((_, network)) = topology.networks.get_index(seat.network) else { return };
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
        network: usize,
        project: Option<usize>,
        at: Span,
        resource: &str,
    ) {
        let topology = self.topology;
        let Some((id, entry)) = topology.networks.get_index(network) else { return };
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

    fn invoker_check(&mut self, service: &Service, resource: &str) {
        let Some(check) = &service.invoker_check else { return };
        if check.known() != Some(&false) {
            return;
        }
        let named = service.invokers.iter().find(|binding| {
            let mut members = binding.members.iter();
            members.any(|member| member.known().is_some_and(|member| member != "allUsers"))
        });
        if let Some(binding) = named {
            let message = format!("the invokers of {resource} have no effect");
            let finding = INVOKERS_NOT_CHECKED.finding(message).at(binding.span);
            let finding = finding.also(check.span, "the check is off");
            let help = "leave the invokers out, or turn the check on";
            self.report(finding.help(help).resource(resource));
        }
    }

    /// Open to everybody, and not because of a load balancer that can be gone around.
    fn openness(&mut self, index: usize, service: &Service, key: Span, resource: &str) {
        let guarded = service.iap.is_some()
            || self.relations.backends_of(self.topology, index, |_| true).next().is_some();
        if !run_app_is_open(service)
            || guarded
            || !self.relations.is_public(self.topology, index, service)
        {
            return;
        }
        let everybody = service.invokers.iter().chain(&service.iam).find_map(|binding| {
            let mut members = binding.members.iter();
            members.find(|member| member.known().is_some_and(|member| member == "allUsers"))
        });
        let at = everybody.map_or(key, |member| member.span);
        let message = format!("everybody on the internet can invoke {resource}");
        let mut finding = OPEN_TO_THE_INTERNET.finding(message).at(at);
        if let Some(ingress) = &service.ingress {
            finding = finding.also(ingress.span, "admits every source");
        }
        let help = "if that is not meant, narrow `ingress` or name the `invokers`";
        self.report(finding.help(help).resource(resource));
    }

    fn default_account(&mut self, used: bool, at: Span, resource: &str) {
        if used {
            let message = format!("{resource} runs as the Compute Engine default account");
            let finding = DEFAULT_SERVICE_ACCOUNT.finding(message).at(at);
            let help = "give it a `service_account` of its own with the rights that it needs";
            self.report(finding.help(help).resource(resource));
        }
    }

    fn traffic_tags(&mut self, index: usize, service: &Service, resource: &str) {
        let topology = self.topology;
        let Some(tag) = service.traffic_tags.first() else { return };
        let Some(url) = &service.default_url else { return };
        let behind = self.relations.backends.get(index).map_or(&[][..], Vec::as_slice);
        let by_neg = behind.iter().any(|backend| {
            let backend = topology.backends.get_index(*backend);
            backend
                .is_some_and(|(_, entry)| entry.value.services.iter().any(|neg| neg.tag.is_some()))
        });
        if url.known() == Some(&false) && !by_neg && !self.relations.masked {
            let message = format!("the URLs of the traffic tags of {resource} do not answer");
            let finding = TRAFFIC_TAGS_WITHOUT_URL.finding(message).at(tag.span);
            self.report(finding.also(url.span, "the default URL is off").resource(resource));
        }
    }

    fn ways_in(&mut self, index: usize, service: &Service, key: Span, resource: &str) {
        let topology = self.topology;
        let external = match ingress(service) {
            Some(Ingress::Internal) => false,
            Some(Ingress::InternalAndLoadBalancing) => true,
            Some(Ingress::None) => return self.no_way_in(service, key, resource),
            _ => return,
        };
        let Some(project) = topology.service_project(index) else { return };
        let fits = |kind: LoadBalancerKind| {
            kind.is_internal() || (external && kind != LoadBalancerKind::Network)
        };
        let balanced = self
            .relations
            .backends_of(topology, index, |load_balancer| fits(load_balancer.kind.value))
            .next()
            .is_some();
        let open = value_or(&service.default_url, true) != Some(false);
        let networks = || {
            let owners = &self.relations.owners;
            let near = |owner: &usize| topology.share_perimeter([*owner, project], |_| true);
            owners.contains(&project)
                || (!topology.perimeters.is_empty() && owners.iter().any(near))
        };
        let products = self.relations.called.as_ref().is_none_or(|called| called.contains(&index));
        if balanced
            || self.relations.masked
            || service.vpc_access.is_some()
            || (open && (products || networks()))
        {
            return;
        }
        self.no_way_in(service, key, resource);
    }

    fn no_way_in(&mut self, service: &Service, key: Span, resource: &str) {
        let at = service.ingress.as_ref().map_or(key, |ingress| ingress.span);
        let message = format!("nothing in the topology can enter {resource}");
        self.report(NO_WAY_IN.finding(message).at(at).resource(resource));
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
