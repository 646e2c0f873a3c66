//! Addresses of the wrong family: IPv6 where only IPv4 is, and both where one is asked for.

use ipnet::IpNet;

use super::Checker;
use crate::source::Span;
use crate::source::codes;
use crate::topology::record::Field;
use crate::topology::record::each;
use crate::topology::routing::NextHop;

codes! {
    ADDRESS_FAMILY = Error "address-family" "EGR-018" {
        "an address of the wrong family",
        "addresses of Cloud NAT are of IPv4, and what one rule or route speaks of is of one family",
        "networks:
  prod: {subnets: {vms: {region: europe-west1, range: 10.0.0.0/24}}}
nats:
  out: {network: prod, region: europe-west1, addresses: [\"2001:db8::1\"]}
",
    }
}

impl Checker<'_, '_> {
    pub(super) fn families(&mut self) {
        let topology = self.topology;
        for (id, entry) in &topology.nats {
            let nat = &entry.value;
            let of_rules = nat.rules.iter().flat_map(|rule| &rule.addresses);
            for field in nat.addresses.iter().chain(&nat.drain_addresses).chain(of_rules) {
                for (address, at) in each(field) {
                    if address.is_ipv6() {
                        let message = format!("`{address}` is of IPv6, and nat/{id} has IPv4 only");
                        let finding = ADDRESS_FAMILY.finding(message).at(at);
                        let finding = finding.help("take one of IPv4");
                        self.report(finding.resource(format!("nat/{id}")));
                    }
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
