//! Services, jobs and worker pools: who can enter them, and settings without effect.

use super::Linter;
use crate::inventory::relations::run_app_is_open;
use crate::source::{Span, codes};
use crate::topology::load_balancer::LoadBalancerKind;
use crate::topology::organization::Project;
use crate::topology::record::{Id, Spanned};
use crate::topology::service::{Egress, Ingress, Service, VpcAccess};

codes! {
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

impl Linter<'_, '_> {
    /// Services that everybody can enter, or nobody, by their settings: what the engine is asked.
    pub(super) fn openings(&mut self) {
        for (index, (id, entry)) in self.topology.services.ids().zip(&self.topology.services) {
            let resource = format!("service/{id}");
            self.openness(index, &entry.value, entry.key_span, &resource);
            self.ways_in(index, &entry.value, entry.key_span, &resource);
        }
    }

    pub(super) fn services(&mut self) {
        let topology = self.topology;
        for (index, (id, entry)) in topology.services.ids().zip(&self.topology.services) {
            let service = &entry.value;
            let resource = format!("service/{id}");
            self.network_tags(service.vpc_access.as_ref(), &resource);
            self.sql_connections(service.vpc_access.as_ref(), &service.cloud_sql, &resource);
            self.invoker_check(service, &resource);
            self.default_account(service.service_account.is_none(), entry.key_span, &resource);
            self.traffic_tags(index, service, &resource);
        }
        for (id, entry) in &topology.jobs {
            let job = &entry.value;
            let resource = format!("job/{id}");
            self.network_tags(job.vpc_access.as_ref(), &resource);
            self.sql_connections(job.vpc_access.as_ref(), &job.cloud_sql, &resource);
            self.default_account(job.service_account.is_none(), entry.key_span, &resource);
        }
        for (id, entry) in &topology.worker_pools {
            let pool = &entry.value;
            let resource = format!("worker_pool/{id}");
            self.network_tags(pool.vpc_access.as_ref(), &resource);
            self.sql_connections(pool.vpc_access.as_ref(), &pool.cloud_sql, &resource);
            self.default_account(pool.service_account.is_none(), entry.key_span, &resource);
        }
    }

    fn network_tags(&mut self, access: Option<&VpcAccess>, resource: &str) {
        let Some(access) = access else { return };
        if let (Some(connector), Some(tag)) = (&access.connector, access.tags.first()) {
            let message = format!("the network tags of {resource} have no effect");
            let finding = NETWORK_TAGS_WITHOUT_EFFECT.finding(message).at(tag.span);
            let finding = finding.also(connector.span, "it sends by a connector");
            self.report(finding.resource(resource));
        }
    }

    /// Connections to public addresses of Cloud SQL beside a connector for all traffic (EGR-238).
    fn sql_connections(
        &mut self,
        access: Option<&VpcAccess>,
        instances: &[Spanned<String>],
        resource: &str,
    ) {
        let Some(access) = access else { return };
        let (Some(connector), Some(egress)) = (&access.connector, &access.egress) else { return };
        if egress.known() != Some(&Egress::AllTraffic) {
            return;
        }
        for name in instances {
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
    fn openness(&mut self, index: Id<Service>, service: &Service, key: Span, resource: &str) {
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

    fn traffic_tags(&mut self, index: Id<Service>, service: &Service, resource: &str) {
        let topology = self.topology;
        let Some(tag) = service.traffic_tags.first() else { return };
        let Some(url) = &service.default_url else { return };
        let by_neg = self.relations.backends[index].iter().any(|backend| {
            topology.backends[*backend].services.iter().any(|neg| neg.tag.is_some())
        });
        if url.known() == Some(&false) && !by_neg && !self.relations.masked {
            let message = format!("the URLs of the traffic tags of {resource} do not answer");
            let finding = TRAFFIC_TAGS_WITHOUT_URL.finding(message).at(tag.span);
            self.report(finding.also(url.span, "the default URL is off").resource(resource));
        }
    }

    fn ways_in(&mut self, index: Id<Service>, service: &Service, key: Span, resource: &str) {
        let topology = self.topology;
        let external = match service.ingress().known() {
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
        let open = !service.default_url().is(false);
        let networks = || {
            let owners = &self.relations.owners;
            let near = |owner: &Id<Project>| topology.share_perimeter([*owner, project], |_| true);
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
