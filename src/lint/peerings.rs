//! Peerings with one side, and what is expected behind them.

use crate::topology::network::Network;
use crate::topology::record::Id;
use std::collections::{BTreeSet, HashMap, HashSet};

use super::Linter;
use crate::source::{CodeInfo, Span, codes};
use crate::topology::load_balancer::LoadBalancerKind;
use crate::topology::record::{Field, Spanned};

codes! {
    ONE_SIDED_PEERING = Warning "one-sided-peering" "EGR-092" {
        "a peering with one side",
        "both sides have to configure a peering; one alone brings no routes",
        "networks:
  prod: {}
  data: {}
peerings:
  out: {network: prod, peer: data}
",
    }
    TRANSITIVE_PEERING = Warning "transitive-peering" "EGR-093" {
        "a load balancer whose only users are two peerings away",
        "peering is not transitive: what a peer is peered with is not reached",
        "networks:
  prod: {subnets: {run: {region: europe-west1, range: 10.0.0.0/24}}}
  hub: {}
  data: {}
peerings:
  one: {network: prod, peer: hub}
  two: {network: hub, peer: prod}
  three: {network: hub, peer: data}
  four: {network: data, peer: hub}
passthrough_load_balancers:
  store: {network: data, region: europe-west1, address: 10.9.0.9}
services:
  web: {region: europe-west1, vpc_access: {network: prod, subnet: run}}
",
    }
    ENDPOINT_OVER_PEERING = Warning "endpoint-over-peering" "EGR-170" {
        "an endpoint whose only users are behind a peering",
        "an endpoint for a published service is not reached over a peering",
        "networks:
  prod: {subnets: {run: {region: europe-west1, range: 10.0.0.0/24}}}
  hub: {subnets: {psc: {region: europe-west1, range: 10.1.0.0/24}}}
peerings:
  out: {network: prod, peer: hub}
  back: {network: hub, peer: prod}
sql_instances:
  orders: {region: europe-west1, engine: postgres}
psc_endpoints:
  orders: {network: hub, region: europe-west1, address: 10.1.0.9, target: sql_instance/orders}
services:
  web: {region: europe-west1, vpc_access: {network: prod, subnet: run}}
",
    }
    MANAGED_OVER_PEERING = Warning "managed-over-peering" "EGR-150" {
        "a managed service whose only users are behind a peering",
        "private services access is a peering of its own, and a network that is peered does not \
         get through it",
        "networks:
  prod: {subnets: {run: {region: europe-west1, range: 10.0.0.0/24}}}
  hub: {}
peerings:
  out: {network: prod, peer: hub}
  back: {network: hub, peer: prod}
private_connections:
  google: {network: hub, ranges: [10.60.0.0/16]}
sql_instances:
  orders: {region: europe-west1, engine: postgres, network: hub, private_address: 10.60.0.3}
services:
  web: {region: europe-west1, vpc_access: {network: prod, subnet: run}}
",
    }
    ZONE_OVER_PEERING = Warning "zone-over-peering" "EGR-129" {
        "a zone whose only users are behind a peering",
        "a peering does not share private zones: a network sees those that name it",
        "networks:
  prod: {subnets: {run: {region: europe-west1, range: 10.0.0.0/24}}}
  hub: {}
peerings:
  out: {network: prod, peer: hub}
  back: {network: hub, peer: prod}
zones:
  inside: {domain: corp.example, networks: [hub], records: {db: [10.1.0.9]}}
services:
  web: {region: europe-west1, vpc_access: {network: prod, subnet: run}}
",
    }
    GLOBAL_ACCESS_NEEDED = Warning "global-access-needed" "ING-109" {
        "an internal front end whose only clients are in other regions",
        "without global access the address serves clients of its own region only",
        "networks:
  prod: {subnets: {run: {region: europe-west1, range: 10.0.0.0/24}}}
passthrough_load_balancers:
  store: {network: prod, region: europe-west3, address: 10.9.0.9}
services:
  web: {region: europe-west1, vpc_access: {network: prod, subnet: run}}
",
    }
}

/// Those that say that nothing uses something.
pub(super) const OF_USERS: [&CodeInfo; 4] =
    [&TRANSITIVE_PEERING, &ENDPOINT_OVER_PEERING, &MANAGED_OVER_PEERING, &GLOBAL_ACCESS_NEEDED];

impl<'t> Linter<'t, '_> {
    /// What has no user where it is used from. The engine is asked whether something uses it.
    pub(super) fn peers(&mut self) {
        self.behind_peerings();
        self.far_clients();
    }

    pub(super) fn peerings(&mut self) {
        let topology = self.topology;
        let sides: HashSet<(&str, &str)> = topology
            .peerings
            .values()
            .map(|side| (side.network.value.as_str(), side.peer.value.as_str()))
            .collect();
        for (id, entry) in &topology.peerings {
            let (own, peer) = (&*entry.value.network.value, &*entry.value.peer.value);
            let known = topology.networks.contains(own) && topology.networks.contains(peer);
            if own == peer || !known || sides.contains(&(peer, own)) {
                continue;
            }
            let message = format!("peering/{id} has no other side");
            let finding = ONE_SIDED_PEERING.finding(message).at(entry.key_span);
            let help = format!("add one to `peerings` with `network: {peer}` and `peer: {own}`");
            self.report(finding.help(help).resource(format!("peering/{id}")));
        }
        self.zones_behind_peerings();
    }

    /// A network next to one, or two peerings away, with users, if the network itself has none.
    fn users_elsewhere(&self, network: &Spanned<String>) -> (Option<&'t str>, Option<&'t str>) {
        let topology = self.topology;
        let Some(network) = topology.networks.id_of(&network.value) else {
            return (None, None);
        };
        if self.seats.any(network) || self.seats.reached_by_hub(network) {
            return (None, None);
        }
        let name = |index: Id<Network>| topology.networks.key(index);
        let near = self.seats.near(network).find(|peer| self.seats.any(*peer));
        let far = self.seats.far(network).into_iter().find(|peer| self.seats.any(*peer));
        (near.map(name), far.map(name))
    }

    fn behind_peerings(&mut self) {
        let topology = self.topology;
        if topology.peerings.is_empty() {
            return;
        }
        let mut ends: Vec<(String, &Spanned<String>, Span)> = Vec::new();
        for (id, entry) in &topology.passthrough_load_balancers {
            let resource = format!("passthrough_load_balancer/{id}");
            ends.push((resource, &entry.value.network, entry.key_span));
        }
        for (resource, network, at) in ends {
            if let (None, Some(far)) = self.users_elsewhere(network) {
                self.beyond(&resource, network, far, at);
            }
        }
        for (id, entry) in &topology.load_balancers {
            let network = entry.value.network.as_ref();
            let network = network.filter(|_| entry.value.kind.value.is_internal());
            let Some(network) = network.and_then(|field| Some((field.known()?, field.span))) else {
                continue;
            };
            let network = Spanned::new(network.0.clone(), network.1);
            if let (None, Some(far)) = self.users_elsewhere(&network) {
                self.beyond(&format!("load_balancer/{id}"), &network, far, entry.key_span);
            }
        }
        for (id, entry) in &topology.psc_endpoints {
            let (near, far) = self.users_elsewhere(&entry.value.network);
            if let Some(other) = near.or(far) {
                let message = format!(
                    "psc_endpoint/{id} is not reached from network/{other}, and nothing else is there to use it"
                );
                let finding = ENDPOINT_OVER_PEERING.finding(message).at(entry.key_span);
                let finding = finding.also(entry.value.network.span, "reached from here only");
                let help = format!("add an endpoint in network/{other}");
                self.report(finding.help(help).resource(format!("psc_endpoint/{id}")));
            }
        }
        let sql = topology.sql_instances.iter().filter_map(|(id, entry)| {
            let network = entry.value.network.as_ref()?;
            Some((format!("sql_instance/{id}"), network, entry.key_span))
        });
        let redis = topology.redis_instances.iter().map(|(id, entry)| {
            (format!("redis_instance/{id}"), &entry.value.network, entry.key_span)
        });
        for (resource, network, at) in sql.chain(redis) {
            let (near, far) = self.users_elsewhere(network);
            if let Some(other) = near.or(far) {
                let message = format!(
                    "{resource} is not reached from network/{other}, and nothing else is there to use it"
                );
                let finding = MANAGED_OVER_PEERING.finding(message).at(at);
                let finding = finding.also(network.span, "reached from here only");
                let help = "let the users send into its network, or give it an endpoint in theirs";
                self.report(finding.help(help).resource(resource));
            }
        }
    }

    fn beyond(&mut self, resource: &str, network: &Spanned<String>, far: &str, at: Span) {
        let message = format!("{resource} is two peerings away from network/{far}, its only users");
        let finding = TRANSITIVE_PEERING.finding(message).at(at);
        let finding = finding.also(network.span, "its network");
        let help = format!("peer network/{far} with network/{}", network.value);
        self.report(finding.help(help).resource(resource));
    }

    fn zones_behind_peerings(&mut self) {
        let topology = self.topology;
        if topology.peerings.is_empty() {
            return;
        }
        let clean = |domain: &str| domain.trim_end_matches('.').to_ascii_lowercase();
        let mut seen: HashMap<String, Vec<&str>> = HashMap::new();
        for zone in topology.zones.values() {
            let networks = zone.networks.iter().map(|network| network.value.as_str());
            seen.entry(clean(&zone.domain.value)).or_default().extend(networks);
        }
        let peers = topology.zones.values().filter_map(|zone| zone.peering.as_ref());
        let viewed: HashSet<&str> = peers.map(|peer| peer.value.as_str()).collect();
        for (id, entry) in &topology.zones {
            let zone = &entry.value;
            let users: Vec<_> =
                zone.networks.iter().map(|network| self.users_elsewhere(network)).collect();
            let used = zone.networks.iter().any(|network| {
                let index = topology.networks.id_of(&network.value);
                index.is_none_or(|index| self.seats.any(index))
            });
            let others = seen.get(&clean(&zone.domain.value));
            let sees = |other: &&str| others.is_some_and(|networks| networks.contains(other));
            let blind = users.iter().find_map(|(near, _)| near.filter(|near| !sees(near)));
            // Another network may take the view of this one.
            let passed_on = zone.networks.iter().any(|network| viewed.contains(&*network.value));
            let (Some(other), false, false) = (blind, used, passed_on) else { continue };
            let message =
                format!("network/{other} does not see zone/{id}, and nothing else uses it");
            let at = zone.networks.first().map_or(entry.key_span, |network| network.span);
            let finding = ZONE_OVER_PEERING.finding(message).at(at);
            let help = format!("add `{other}` to `networks` of zone/{id}");
            self.report(finding.help(help).resource(format!("zone/{id}")));
        }
    }

    /// Internal front ends all of whose clients are in other regions.
    fn far_clients(&mut self) {
        let topology = self.topology;
        for (id, entry) in &topology.load_balancers {
            let own = &entry.value;
            let shared = own.front_ends.iter().any(|front_end| front_end.global_access.is_some());
            if own.kind.value != LoadBalancerKind::RegionalInternal || shared {
                continue;
            }
            let network = own.network.as_ref().and_then(Field::known);
            let region =
                own.region.as_ref().and_then(|region| Some((region.known()?, region.span)));
            if let (Some(network), Some((region, at))) = (network, region)
                && own.global_access_of(None).is(false)
            {
                self.far_client(network, region, at, &format!("load_balancer/{id}"));
            }
        }
        for (id, entry) in &topology.passthrough_load_balancers {
            let own = &entry.value;
            if own.global_access().is(false) {
                let resource = format!("passthrough_load_balancer/{id}");
                self.far_client(&own.network.value, &own.region.value, own.region.span, &resource);
            }
        }
        for (id, entry) in &topology.psc_endpoints {
            let own = &entry.value;
            if let Some(region) = &own.region
                && own.global_access().is(false)
            {
                let resource = format!("psc_endpoint/{id}");
                self.far_client(&own.network.value, &region.value, region.span, &resource);
            }
        }
    }

    fn far_client(&mut self, network: &str, region: &str, at: Span, resource: &str) {
        let Some(network) = self.topology.networks.id_of(network) else { return };
        let here = std::iter::once(network).chain(self.seats.near(network));
        let regions: BTreeSet<&str> =
            here.filter_map(|network| self.seats.regions(network)).flatten().copied().collect();
        let Some(other) = regions.first().filter(|_| !regions.contains(region)) else { return };
        let message = format!("{resource} is in `{region}`, and nothing there can be its client");
        let finding = GLOBAL_ACCESS_NEEDED.finding(message).at(at);
        let help = format!("set `global_access: true` to let in what is in `{other}`");
        self.report(finding.help(help).resource(resource));
    }
}
