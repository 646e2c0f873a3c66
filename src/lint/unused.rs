//! What nothing refers to.

use std::collections::HashSet;

use super::Linter;
use crate::inventory::bindings::{Bound, bindings};
use crate::inventory::expressions::ReadExpression;
use crate::inventory::relations::attached_policies;
use crate::source::Span;
use crate::source::codes;
use crate::topology::Topology;
use crate::topology::cel::Dialect;
use crate::topology::network::Network;
use crate::topology::record::Id;
use crate::topology::record::{Decode, Map, each, every};
use crate::topology::security_policy::PolicyType;

codes! {
    UNUSED = Note "unused-resource" {
        "a resource that nothing refers to",
        "It changes nothing as long as nothing refers to it.",
        "services:
  web: {region: europe-west1, service_account: web@shop.iam.gserviceaccount.com}
backends:
  web: {services: [web]}
",
    }
}

impl Linter<'_, '_> {
    pub(super) fn unused(&mut self) {
        let topology = self.topology;
        let routed: HashSet<&str> = self.relations.balancers.keys().copied().collect();
        let why = "no URL map leads to it";
        self.unused_of(&topology.backends, |id| routed.contains(id), why);
        let bucket = |id: &str| routed.contains(format!("backend_bucket/{id}").as_str());
        self.unused_of(&topology.backend_buckets, bucket, why);
        let groups = topology.backends.values().flat_map(|own| &own.endpoint_groups);
        let groups: HashSet<&str> = groups.map(|group| group.value.as_str()).collect();
        let why = "no backend leads to it";
        self.unused_of(&topology.endpoint_groups, |id| groups.contains(id), why);

        let mut attached: HashSet<&str> = attached_policies(topology).into_iter().collect();
        for (id, entry) in &topology.security_policies {
            let kind = entry.value.r#type();
            if matches!(kind, PolicyType::Network | PolicyType::InternalService) {
                attached.insert(id);
            }
        }
        let why = "it is attached to nothing";
        let policy = |id: &str| attached.contains(id);
        self.unused_of(&topology.security_policies, policy, why);

        let (connectors, networks) = network_uses(topology);
        let why = "nothing sends by it";
        self.unused_of(&topology.connectors, |id| connectors.contains(id), why);
        let why = "nothing is in it";
        self.unused_of(&topology.networks, |id| networks.contains(id), why);

        self.unused_parts();

        if !topology.address_groups.is_empty() {
            let groups = self.asked_groups();
            let why = "no rule asks for it";
            self.unused_of(&topology.address_groups, |id| groups.contains(id), why);
        }
        if !topology.access_levels.is_empty() {
            let levels = self.asked_levels();
            let why = "no binding asks for it";
            self.unused_of(&topology.access_levels, |id| levels.contains(id), why);
        }
    }

    /// Policies and zones that hold in no network, and what is there for others that do not exist.
    fn unused_parts(&mut self) {
        let topology = self.topology;
        let why = "it is attached to nothing";
        let policies = &topology.firewall_policies;
        let attached = |id: &str| policies.get(id).is_some_and(|own| !own.attached_to.is_empty());
        self.unused_of(policies, attached, why);

        let why = "no network is named";
        let zones = &topology.zones;
        let seen = |id: &str| zones.get(id).is_some_and(|own| !own.networks.is_empty());
        self.unused_of(zones, seen, why);
        let policies = &topology.response_policies;
        let seen = |id: &str| policies.get(id).is_some_and(|own| !own.networks.is_empty());
        self.unused_of(policies, seen, why);
        let policies = &topology.dns_policies;
        let seen = |id: &str| policies.get(id).is_some_and(|own| !own.networks.is_empty());
        self.unused_of(policies, seen, why);

        let hubs = topology.ncc_spokes.values().map(|spoke| spoke.hub.value.as_str());
        let hubs: HashSet<&str> = hubs.collect();
        let used = |id: &str| hubs.contains(id);
        self.unused_of(&topology.ncc_hubs, used, "it has no spoke");

        let endpoints = topology.psc_endpoints.values().map(|own| &own.target);
        let negs = topology.backends.values().flat_map(|own| &own.psc_negs);
        let targets = endpoints.chain(negs.map(|own| &own.target));
        let targets: HashSet<&str> = targets.map(|target| target.value.as_str()).collect();
        let led = |id: &str| targets.contains(format!("service_attachment/{id}").as_str());
        let attachments = &topology.service_attachments;
        self.unused_of(attachments, led, "no endpoint and no NEG leads to it");

        let sql = topology.sql_instances.values().filter_map(|own| own.network.as_ref());
        let redis = topology.redis_instances.values().map(|own| &own.network);
        let managed: HashSet<&str> = sql.chain(redis).map(|own| own.value.as_str()).collect();
        let connections = &topology.private_connections;
        let used = |id: &str| {
            connections.get(id).is_some_and(|own| managed.contains(own.network.value.as_str()))
        };
        self.unused_of(connections, used, "no managed service is behind it");
    }

    fn unused_of<T: Decode>(&mut self, map: &Map<T>, used: impl Fn(&str) -> bool, why: &str) {
        let kind = const { T::RESOURCE.expect("a section is of resources") };
        let unused: Vec<(&str, Span)> = map
            .iter()
            .filter(|(id, _)| !used(id))
            .map(|(id, entry)| (&**id, entry.key_span))
            .collect();
        for (id, at) in unused {
            let message = format!("{kind}/{id} is not used: {why}");
            self.report(UNUSED.finding(message).at(at).resource(format!("{kind}/{id}")));
        }
    }

    /// The address groups that a rule asks for.
    fn asked_groups(&mut self) -> HashSet<String> {
        let topology = self.topology;
        let mut groups = HashSet::new();
        let rules = topology.security_policies.values().flat_map(|policy| &policy.rules);
        for (text, _) in rules.flat_map(|rule| every(&rule.r#match)) {
            let named = |read: &ReadExpression| read.address_groups.clone();
            groups.extend(
                self.expressions.ask(text, Dialect::SecurityPolicy, named).into_iter().flatten(),
            );
        }
        groups
    }

    /// The access levels that a binding or another level asks for.
    fn asked_levels(&mut self) -> HashSet<String> {
        let topology = self.topology;
        let mut levels: HashSet<String> = HashSet::new();
        for level in topology.access_levels.values() {
            levels.extend(level.levels.iter().map(|inner| inner.value.clone()));
        }
        for Bound { binding, .. } in bindings(topology) {
            levels.extend(binding.access_levels.iter().map(|level| level.value.clone()));
            let Some(text) = &binding.condition else { continue };
            let named = |read: &ReadExpression| read.access_levels.clone();
            levels.extend(
                self.expressions
                    .ask(&text.value, Dialect::IamCondition, named)
                    .into_iter()
                    .flatten(),
            );
        }
        levels
    }
}

/// The connectors and networks that something refers to.
fn network_uses(topology: &Topology) -> (HashSet<&str>, HashSet<&str>) {
    let mut connectors = HashSet::new();
    let mut networks = HashSet::new();
    let name = |index: Id<Network>| topology.networks.key(index);
    for access in topology.accesses() {
        connectors.extend(every(&access.connector).map(|(id, _)| id.as_str()));
        networks.extend(every(&access.network).map(|(id, _)| id.as_str()));
        networks.extend(topology.attached_network(access).map(name));
    }
    for connector in topology.connectors.values() {
        networks.extend(every(&connector.network).map(|(id, _)| id.as_str()));
        networks.extend(topology.connector_network(connector).map(|(network, _)| name(network)));
    }
    networks.extend(
        topology.nats.values().flat_map(|nat| each(&nat.network)).map(|(id, _)| id.as_str()),
    );
    networks.extend(topology.vms.values().map(|vm| vm.network.value.as_str()));
    networks.extend(topology.onprem.values().map(|site| site.network.value.as_str()));
    let spokes = topology.ncc_spokes.values().filter_map(|spoke| spoke.network.as_ref());
    networks.extend(spokes.map(|network| network.value.as_str()));
    let balancers = topology.passthrough_load_balancers.values();
    networks.extend(balancers.map(|own| own.network.value.as_str()));
    networks.extend(topology.psc_endpoints.values().map(|own| own.network.value.as_str()));
    let sql = topology.sql_instances.values().filter_map(|own| own.network.as_ref());
    networks.extend(sql.map(|network| network.value.as_str()));
    networks.extend(topology.redis_instances.values().map(|own| own.network.value.as_str()));
    let balancers = topology.load_balancers.values();
    networks.extend(balancers.flat_map(|each| every(&each.network)).map(|(id, _)| id.as_str()));
    (connectors, networks)
}
