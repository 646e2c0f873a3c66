//! Addresses of the wrong family: IPv6 where only IPv4 is, and both where one is asked for.

use std::net::IpAddr;

use ipnet::IpNet;

use super::code::codes;
use super::{Checker, each, every};
use crate::source::Span;
use crate::topology::record::Field;
use crate::topology::routing::NextHop;

codes! {
    ADDRESS_FAMILY = Error "address-family" egr 18 {
        "an address of the wrong family",
        "connectors and Cloud NAT are for IPv4 only, and what one rule or route speaks of is of \
         one family",
        "networks:
  prod: {}
connectors:
  own: {network: prod, region: europe-west1, range: \"fd20::/28\"}
",
    }
}

impl Checker<'_, '_> {
    pub(super) fn families(&mut self) {
        let topology = self.topology;
        for (id, entry) in &topology.connectors {
            for (range, at) in every(&entry.value.range) {
                self.only_v4(range.addr(), range, at, &format!("connector/{id}"));
            }
        }
        for (id, entry) in &topology.nats {
            let nat = &entry.value;
            let of_rules = nat.rules.iter().flat_map(|rule| &rule.addresses);
            for field in nat.addresses.iter().chain(&nat.drain_addresses).chain(of_rules) {
                for (address, at) in each(field) {
                    self.only_v4(*address, address, at, &format!("nat/{id}"));
                }
            }
        }
        for (id, entry) in &topology.firewall_rules {
            let rule = &entry.value;
            let ranges = rule.source_ranges.iter().chain(&rule.destination_ranges);
            self.one_family(ranges, &format!("firewall_rule/{id}"));
        }
        for (id, entry) in &topology.routes {
            let NextHop::Address(hop) = &entry.value.next_hop.value else { continue };
            for (range, _) in each(&entry.value.destination) {
                if range.addr().is_ipv4() != hop.is_ipv4() {
                    let message =
                        format!("route/{id} leads `{range}` to `{hop}`, of another family");
                    let finding = ADDRESS_FAMILY.finding(message).at(entry.value.next_hop.span);
                    let finding = finding.also(entry.value.destination.span, "the destination");
                    self.report(finding.resource(format!("route/{id}")));
                }
            }
        }
    }

    fn only_v4(&mut self, first: IpAddr, text: impl std::fmt::Display, at: Span, resource: &str) {
        if first.is_ipv4() {
            return;
        }
        let message = format!("`{text}` is of IPv6, and {resource} is for IPv4 only");
        let finding = ADDRESS_FAMILY.finding(message).at(at);
        self.report(finding.help("take one of IPv4").resource(resource));
    }

    /// Ranges that have to be of the same family.
    fn one_family<'a>(&mut self, ranges: impl Iterator<Item = &'a Field<IpNet>>, resource: &str) {
        let all: Vec<(&IpNet, Span)> = ranges.flat_map(each).collect();
        let Some((first, place)) = all.first() else { return };
        let other = all.iter().find(|(range, _)| range.addr().is_ipv4() != first.addr().is_ipv4());
        let Some((other, at)) = other else { return };
        let message = format!("{resource} names `{first}` and `{other}`, of two families");
        let finding = ADDRESS_FAMILY.finding(message).at(*at).also(*place, "the other family");
        self.report(finding.help("write a rule for each").resource(resource));
    }
}
