//! Gateways, and outside parties that admit some addresses.

use std::collections::HashMap;
use std::net::IpAddr;

use hashbrown::HashSet;
use ipnet::IpNet;
use rustc_hash::FxBuildHasher;

use super::ask::{AskedWay, EndsId, SourceId};
use super::{Asker, Linter};
use crate::graph::{Cause, HopKind, ResourceId, ResourceKind};
use crate::inventory::attachments::{Sending, overlap};
use crate::source::{Span, codes};
use crate::topology::network::{External, Nat, NatKind};
use crate::topology::record::Field;
use crate::topology::service::Egress;

codes! {
    NAT_WITHOUT_ADDRESSES = Warning "nat-without-addresses" "EGR-058" {
        "a manual gateway without addresses",
        "a manual gateway without an active address drops new connections",
        "networks:
  prod: {}
nats:
  one: {network: prod, region: europe-west1, automatic: false}
",
    }
    NAT_NOT_USED = Warning "nat-not-used" "EGR-076" {
        "a gateway that a service does not use",
        "with `private-ranges-only` what goes to the internet leaves by addresses that Google \
         shares between customers, even beside a gateway",
        "networks:
  prod: {}
connectors:
  own: {network: prod, region: europe-west1, range: 10.8.0.0/28}
nats:
  one: {network: prod, region: europe-west1, addresses: [203.0.113.10]}
services:
  web: {region: europe-west1, vpc_access: {connector: own}}
",
    }
    ALL_TRAFFIC_WITHOUT_NAT = Note "all-traffic-without-nat" "EGR-011" {
        "all traffic into a network without a gateway",
        "with `all-traffic` the internet is reached by a gateway that serves the subnet or \
         connector; without one packets are dropped",
        "networks:
  prod: {}
connectors:
  own: {network: prod, region: europe-west1, range: 10.8.0.0/28}
services:
  web: {region: europe-west1, vpc_access: {connector: own, egress: all-traffic}}
",
    }
    SLOW_START = Note "slow-start" "EGR-052" {
        "Direct VPC egress where a connector starts faster",
        "by Direct VPC egress new instances may wait a minute or more for their first connection; \
         Google recommends a connector with Cloud NAT where that matters",
        "networks:
  prod: {subnets: {run: {region: europe-west1, range: 10.0.0.0/24}}}
nats:
  one: {network: prod, region: europe-west1, addresses: [203.0.113.10]}
services:
  web:
    region: europe-west1
    vpc_access: {network: prod, subnet: run, egress: all-traffic}
",
    }
    ADMITTED_NAT_NOT_USED = Warning "admitted-nat-not-used" "EGR-076" {
        "an admitted gateway by which nothing sends",
        "the internet sees the addresses of a gateway only if what sends is attached to its \
         network, is served by it, and sends all traffic there",
        "networks:
  prod: {}
nats:
  one: {network: prod, region: europe-west1, addresses: [203.0.113.10]}
services:
  web: {region: europe-west1}
externals:
  billing: {hosts: [api.billing.example], admits: [nat/one]}
",
    }
    NAT_ADDRESS_NOT_ADMITTED = Warning "nat-address-not-admitted" "EGR-060" {
        "an allow list with some of a gateway's addresses",
        "which address of a gateway a connection gets is Google's choice",
        "networks:
  prod: {subnets: {run: {region: europe-west1, range: 10.0.0.0/24}}}
nats:
  one: {network: prod, region: europe-west1, addresses: [203.0.113.10, 203.0.113.11]}
services:
  web:
    region: europe-west1
    vpc_access: {network: prod, subnet: run, egress: all-traffic}
externals:
  billing: {hosts: [api.billing.example], admits: [203.0.113.10]}
",
    }
    ADMITS_NOBODY = Warning "admits-nobody" "EGR-076" {
        "an allow list without an address of the topology",
        "the internet sees the addresses of gateways and of machines, or those that Google shares \
         between customers",
        "networks:
  prod: {}
nats:
  one: {network: prod, region: europe-west1, addresses: [203.0.113.10]}
externals:
  billing: {hosts: [api.billing.example], admits: [192.0.2.1]}
",
    }
    ADMITS_SHARED_POOL = Warning "admits-shared-pool" "EGR-077" {
        "an allow list with addresses that Google shares between customers",
        "no address of the shared pool tells one customer from another: an allow list of it admits \
         all of them",
        "externals:
  billing: {hosts: [api.billing.example], admits: [34.64.0.0/10]}
",
    }
}

/// Where Google Cloud gives addresses to customers, for the large part.
pub(super) const CUSTOMERS: [IpNet; 7] = [
    v4(34, 64, 10),
    v4(34, 128, 10),
    v4(35, 184, 13),
    v4(35, 192, 12),
    v4(35, 208, 12),
    v4(35, 224, 12),
    v4(35, 240, 13),
];

/// From this length of the prefix on, a range may be one customer's own.
const OWN: u8 = 20;

const fn v4(a: u8, b: u8, length: u8) -> IpNet {
    IpNet::V4(ipnet::Ipv4Net::new_assert(std::net::Ipv4Addr::new(a, b, 0, 0), length))
}

/// Whether a range has addresses of many customers.
fn of_customers(range: &IpNet) -> bool {
    range.prefix_len() < OWN && CUSTOMERS.iter().any(|customers| overlap(customers, range))
}

impl Linter<'_, '_> {
    pub(super) fn networks(&mut self) {
        let topology = self.topology;
        for (id, entry) in &topology.nats {
            self.without_addresses(&entry.value, entry.key_span, &format!("nat/{id}"));
        }
        for (id, entry) in &topology.externals {
            self.shared_pool(&entry.value, &format!("external/{id}"));
        }
    }

    fn without_addresses(&mut self, nat: &Nat, key: Span, resource: &str) {
        if nat.kind.as_ref().is_some_and(|kind| kind.value == NatKind::Private) {
            return;
        }
        let manual = nat.automatic.as_ref().filter(|field| field.known() == Some(&false));
        let drained = |address: &Field<IpAddr>| {
            address.known().is_some_and(|address| {
                nat.drain_addresses.iter().any(|each| each.known() == Some(address))
            })
        };
        if nat.addresses.iter().all(drained)
            && (manual.is_some() || !nat.addresses.is_empty())
            && nat.automatic().is(false)
        {
            let message = format!("{resource} has no address for new connections");
            let at = manual.map_or(key, |manual| manual.span);
            let finding = NAT_WITHOUT_ADDRESSES.finding(message).at(at);
            self.report(finding.help("add `addresses`").resource(resource));
        }
    }

    /// Allow lists that the pool satisfies which Google shares between customers.
    fn shared_pool(&mut self, external: &External, resource: &str) {
        for admitted in external.admits.iter().flatten() {
            let Ok(range) = admitted.value.parse::<IpNet>() else { continue };
            // Everything is no allow list of addresses.
            if !of_customers(&range) || range.prefix_len() == 0 {
                continue;
            }
            let message =
                format!("`{range}`, which {resource} admits, is of many customers of Google");
            let finding = ADMITS_SHARED_POOL.finding(message).at(admitted.span);
            let help = "admit the addresses of a gateway, as `nat/ID`";
            self.report(finding.help(help).resource(resource));
        }
    }
}

/// What senders show an outside party that admits some addresses.
#[derive(Default)]
struct ShownAddresses {
    /// The addresses that it admits.
    admitted: HashSet<IpAddr, FxBuildHasher>,
    /// Whether something gets past its allow list.
    passes: bool,
    /// By gateway: an address that it admits, and one that it does not.
    by_gateway: HashMap<ResourceId, (Option<IpAddr>, Option<IpAddr>)>,
}

impl<'m> Asker<'m, '_> {
    pub(super) fn networks(&mut self) {
        let outside = self.engine.outside();
        self.ways_out(outside);
        self.allow_lists(outside);
    }

    /// How what sends into networks leaves for the internet.
    fn ways_out(&mut self, outside: EndsId) {
        let seats = std::rc::Rc::clone(&self.seats);
        for sending in seats.all() {
            let Some(source) = self.engine.source(&sending.resource) else { continue };
            let at = sending.egress_at();
            match sending.egress() {
                Some(Egress::PrivateRangesOnly) => self.not_by_gateway(sending, source, outside),
                Some(Egress::AllTraffic) if self.engine.never(source, outside) => {
                    let message = format!("{} has no path to the internet", sending.resource);
                    let finding = ALL_TRAFFIC_WITHOUT_NAT.finding(message).at(at);
                    let help = self.way_out(sending, source, outside);
                    self.report(finding.help(help).resource(&sending.resource));
                }
                Some(Egress::AllTraffic) if sending.is_direct() => {
                    let ways = self.engine.ways(source, outside);
                    let used = self.engine.gateways(&ways);
                    let Some((id, key)) =
                        self.serving(sending).find(|(id, _)| self.is_used(id, &used))
                    else {
                        continue;
                    };
                    let resource = &sending.resource;
                    let message =
                        format!("new instances of {resource} may wait before nat/{id} serves them");
                    let finding = SLOW_START.finding(message).at(at);
                    self.report(finding.also(key, "the gateway").resource(resource));
                }
                _ => {}
            }
        }
    }

    /// What to do about it that a sender has no way to the internet.
    fn way_out(&mut self, sending: &Sending<'m>, source: SourceId, outside: EndsId) -> String {
        let ways = self.engine.stopped_ways(source, outside);
        if !self.engine.is_stopped_by(&ways, Cause::NoExternalAddress) {
            let resource = &sending.resource;
            return format!("`portolan egress --from {resource}` tells what is in the way");
        }
        let network = self.topology.networks.key(sending.seat.network);
        format!(
            "add a gateway to `nats` for network/{network} in `{}`, or set `egress: \
             private-ranges-only`",
            sending.seat.region
        )
    }

    /// A gateway that serves where a sender is attached, and by which nothing of it leaves.
    fn not_by_gateway(&mut self, sending: &Sending<'m>, source: SourceId, outside: EndsId) {
        let Some((id, key)) = self.serving(sending).next() else { return };
        let ways = self.engine.ways(source, outside);
        let used = self.engine.gateways(&ways);
        if self.is_used(id, &used) || !self.engine.is_complete(source, outside) {
            return;
        }
        let resource = &sending.resource;
        let message = format!("{resource} does not send to the internet by nat/{id}");
        let finding = NAT_NOT_USED.finding(message).at(sending.egress_at());
        let finding = finding.also(key, "serves where it is attached");
        self.report(finding.help("set `egress: all-traffic`").resource(resource));
    }

    /// The gateways that serve where a sender is attached.
    pub(super) fn serving(
        &self,
        sending: &Sending<'m>,
    ) -> impl Iterator<Item = (&'m str, Span)> + use<'m> {
        let topology = self.topology;
        let serving = self.relations.serving(topology, &sending.seat).into_iter();
        serving.map(|nat| {
            let (id, entry) = topology.nats.at(nat);
            (&**id, entry.key_span)
        })
    }

    /// Whether a gateway is among some.
    pub(super) fn is_used(&self, id: &str, used: &HashSet<ResourceId, FxBuildHasher>) -> bool {
        let gateway = self.engine.resource(ResourceKind::Nat, id);
        gateway.is_some_and(|gateway| used.contains(&gateway))
    }

    /// Outside parties that admit some addresses only.
    fn allow_lists(&mut self, outside: EndsId) {
        let topology = self.topology;
        let mut used: Option<HashSet<ResourceId, FxBuildHasher>> = None;
        for (id, entry) in &topology.externals {
            let external = &entry.value;
            if external.admits.is_none() {
                continue;
            }
            let resource = format!("external/{id}");
            let Some(party) = self.engine.resource(ResourceKind::External, id) else { continue };
            let party = self.engine.ends(vec![party]);
            let shown = self.shown(party);
            let unused = self.unused_gateways(external, &shown);
            if !unused.is_empty() {
                let used = used.get_or_insert_with(|| self.used_gateways(outside));
                for (gateway, at) in &unused {
                    if !self.is_used(gateway, used) && self.engine.is_complete_for_all(outside) {
                        self.not_by(external, gateway, *at, &resource);
                    }
                }
            } else {
                self.nobody(external, &shown, party, &resource);
            }
            self.partly_admitted(external, &shown, &resource);
        }
    }

    /// What every sender shows a party.
    fn shown(&mut self, party: EndsId) -> ShownAddresses {
        let mut shown = ShownAddresses::default();
        for source in self.engine.senders() {
            for way in self.engine.stopped_ways(source, party).iter() {
                let admits = !self.is_not_admitted(way);
                shown.passes |= admits;
                let Some(address) = way.address() else { continue };
                if admits {
                    shown.admitted.insert(address);
                }
                let mut passed = way.hops.iter().map(|hop| self.engine.graph.hop(*hop).resource);
                let is_gateway =
                    |own: &ResourceId| self.engine.graph.resource(*own).kind == ResourceKind::Nat;
                let gateway = passed.rfind(is_gateway);
                let Some(gateway) = gateway else { continue };
                let of_gateway = shown.by_gateway.entry(gateway).or_default();
                let place = if admits { &mut of_gateway.0 } else { &mut of_gateway.1 };
                place.get_or_insert(address);
            }
        }
        shown
    }

    /// Whether the party at the end of a way admits nothing that comes by it.
    fn is_not_admitted(&self, way: &AskedWay) -> bool {
        way.blocks
            .iter()
            .any(|block| block.all && self.engine.kind(block.hop) == HopKind::AllowList)
    }

    /// The gateways by which something is sent to the internet.
    fn used_gateways(&mut self, outside: EndsId) -> HashSet<ResourceId, FxBuildHasher> {
        let mut used = HashSet::default();
        for source in self.engine.senders() {
            let ways = self.engine.ways(source, outside);
            used.extend(self.engine.gateways(&ways));
        }
        used
    }

    /// The gateways that a party admits, by name or by an address under which nothing comes.
    fn unused_gateways(&self, external: &External, shown: &ShownAddresses) -> Vec<(&'m str, Span)> {
        let topology = self.topology;
        let mut gateways: Vec<(&'m str, Span)> = Vec::new();
        for admitted in external.admits.iter().flatten() {
            if let Some(name) = admitted.value.strip_prefix("nat/") {
                let named = topology.nats.id_of(name);
                let named = named.map(|nat| topology.nats.at(nat));
                gateways.extend(named.map(|(id, _)| (&**id, admitted.span)));
                continue;
            }
            let Some(range) = range_of(&admitted.value) else { continue };
            if shown.admitted.iter().any(|address| range.contains(address)) {
                continue;
            }
            let has = |nat: &Nat| {
                let of_rules = nat.rules.iter().flat_map(|rule| &rule.addresses);
                let mut all = nat.addresses.iter().chain(of_rules).filter_map(Field::known);
                all.any(|address| range.contains(address))
            };
            let here = topology.nats.iter().filter(|(_, entry)| has(&entry.value));
            for (id, _) in here {
                if !gateways.iter().any(|(known, _)| *known == &**id) {
                    gateways.push((id, admitted.span));
                }
            }
        }
        gateways
    }

    fn not_by(&mut self, external: &External, gateway: &str, at: Span, resource: &str) {
        let message = format!("{resource} admits nat/{gateway}, by which nothing sends");
        let mut finding = ADMITTED_NAT_NOT_USED.finding(message).at(at);
        let named = |text: &str| text.strip_prefix("nat/") == Some(gateway);
        let by_name = external.admits.iter().flatten().any(|each| named(&each.value));
        let seats = std::rc::Rc::clone(&self.seats);
        let near = seats.all().iter().find(|sending| {
            sending.egress() == Some(Egress::PrivateRangesOnly)
                && self.serving(sending).any(|(id, _)| id == gateway)
        });
        if let Some(sending) = near.filter(|_| by_name) {
            finding = finding.help(format!("set `egress: all-traffic` on {}", sending.resource));
        }
        self.report(finding.resource(resource));
    }

    /// A party whose allow list nothing passes.
    fn nobody(
        &mut self,
        external: &External,
        shown: &ShownAddresses,
        party: EndsId,
        resource: &str,
    ) {
        let admits = external.admits.as_deref().unwrap_or_default();
        let ranges: Vec<(IpNet, Span)> = admits
            .iter()
            .filter_map(|admitted| Some((range_of(&admitted.value)?, admitted.span)))
            .collect();
        let Some((_, at)) = ranges.first().filter(|_| ranges.len() == admits.len()) else { return };
        // What is wide enough for the shared pool has a finding of its own.
        let by_pool = ranges.iter().any(|(range, _)| of_customers(range));
        if shown.passes || by_pool || !self.engine.is_complete_for_all(party) {
            return;
        }
        let message = format!("{resource} admits no address that anything sends from");
        let finding = ADMITS_NOBODY.finding(message).at(*at);
        let help = "admit the addresses of a gateway, as `nat/ID`";
        self.report(finding.help(help).resource(resource));
    }

    /// A party that admits some addresses by which a gateway sends there, and not all.
    fn partly_admitted(&mut self, external: &External, shown: &ShownAddresses, resource: &str) {
        let topology = self.topology;
        let mut found: Vec<(&str, IpAddr, IpAddr)> = Vec::new();
        for (gateway, (admitted, missing)) in &shown.by_gateway {
            let (Some(admitted), Some(missing)) = (admitted, missing) else { continue };
            found.push((&self.engine.graph.resource(*gateway).id, *admitted, *missing));
        }
        found.sort_unstable();
        for (id, admitted, missing) in found {
            let Some(nat) = topology.nats.get(id) else { continue };
            let of_rules = nat.rules.iter().flat_map(|rule| &rule.addresses);
            let mut all = nat.addresses.iter().chain(of_rules);
            // What Google allocates has no place in the text.
            let Some(place) = all.find(|each| each.known() == Some(&missing)) else { continue };
            let holds = |text: &str| range_of(text).is_some_and(|range| range.contains(&admitted));
            let mut entries = external.admits.iter().flatten();
            let Some(at) = entries.find(|each| holds(&each.value)) else { continue };
            let message =
                format!("{resource} admits some addresses of nat/{id}, but not `{missing}`");
            let finding = NAT_ADDRESS_NOT_ADMITTED.finding(message).at(at.span);
            let finding = finding.also(place.span, "not admitted");
            let help = format!("admit `nat/{id}`");
            self.report(finding.help(help).resource(resource));
        }
    }
}

/// The range that an entry of an allow list is.
fn range_of(text: &str) -> Option<IpNet> {
    text.parse::<IpNet>().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}
