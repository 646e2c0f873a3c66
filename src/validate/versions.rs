//! Versions of IP: ranges and addresses of the wrong one, and stacks that do not fit.

use std::net::{IpAddr, Ipv6Addr};

use ipnet::{IpNet, Ipv6Net};

use super::Checker;
use crate::source::Span;
use crate::source::codes;
use crate::topology::network::{Ipv6AccessType, StackType, Subnet, UNIQUE_LOCAL, Vm};
use crate::topology::record::every;

codes! {
    IP_VERSION = Error "ip-version" "EGR-018" {
        "a range or an address of the wrong version of IP",
        "subnets and machines have a key for each version of IP, and connectors have IPv4 only",
        "networks:
  prod:
    subnets:
      run: {region: europe-west1, range: 10.0.0.0/24, ipv6_range: 10.0.1.0/24}
",
    }
    SUBNET_WITHOUT_RANGE = Error "subnet-without-range" {
        "a subnet without a range",
        "A subnet has a range of IPv4, of IPv6, or one of each.",
        "networks:
  prod: {subnets: {run: {region: europe-west1}}}
",
    }
    IPV6_RANGE_SIZE = Error "ipv6-range-size" "EGR-018" {
        "a range of IPv6 that is not a /64",
        "the range of IPv6 of a subnet is a /64",
        "networks:
  prod:
    subnets:
      run: {region: europe-west1, range: 10.0.0.0/24, ipv6_range: \"fd20:1:2::/48\"}
",
    }
    STACK_TYPE = Error "stack-type" "EGR-018" {
        "a stack type that does not fit the ranges or addresses",
        "what is `dual-stack` has both versions of IP, and the others have one",
        "networks:
  prod: {subnets: {run: {region: europe-west1, range: 10.0.0.0/24, stack_type: dual-stack}}}
",
    }
    IPV6_ACCESS_TYPE = Error "ipv6-access-type" "EGR-018" {
        "an access type that does not fit the range of IPv6",
        "internal ranges of IPv6 are of fd20::/20, external ones of the internet",
        "networks:
  prod:
    subnets:
      run:
        region: europe-west1
        range: 10.0.0.0/24
        ipv6_range: \"fd20:1:2:3::/64\"
        ipv6_access_type: external
",
    }
    SENDER_WITHOUT_IPV4 = Error "sender-without-ipv4" "EGR-018" {
        "Cloud Run or a connector in a subnet without IPv4",
        "Cloud Run and connectors send from subnets that have IPv4",
        "networks:
  prod: {subnets: {run: {region: europe-west1, ipv6_range: \"fd20:1:2:3::/64\"}}}
services:
  web: {region: europe-west1, vpc_access: {network: prod, subnet: run}}
",
    }
}

/// Where internal ranges of IPv6 are from.
const INTERNAL: IpNet =
    IpNet::V6(Ipv6Net::new_assert(Ipv6Addr::new(0xfd20, 0, 0, 0, 0, 0, 0, 0), 20));

impl Checker<'_, '_> {
    pub(super) fn versions(&mut self) {
        let topology = self.topology;
        for (id, entry) in &topology.networks {
            let resource = format!("network/{id}");
            for (name, entry) in &entry.value.subnets {
                self.subnet_versions(name, &entry.value, entry.key_span, &resource);
            }
        }
        for (id, entry) in &topology.connectors {
            for (range, at) in every(&entry.value.range) {
                self.of_version(&range.addr(), true, at, range, &format!("connector/{id}"));
            }
        }
        for (id, entry) in &topology.vms {
            let vm = &entry.value;
            let network = topology.networks.get(&vm.network.value);
            let subnet = network.and_then(|network| network.subnets.get(&vm.subnet.value));
            if let Some(subnet) = subnet {
                self.machine_versions(vm, subnet, &format!("vm/{id}"));
            }
        }
        for (id, entry) in &topology.peerings {
            let stack = entry.value.stack_type.as_ref();
            if let Some(stack) = stack.filter(|own| own.value == StackType::Ipv6Only) {
                let message = format!("peering/{id} cannot let IPv6 alone pass");
                let finding = STACK_TYPE.finding(message).at(stack.span);
                let finding = finding.help("write `dual-stack`");
                self.report(finding.resource(format!("peering/{id}")));
            }
        }
        self.senders_without_ipv4();
    }

    fn subnet_versions(&mut self, name: &str, subnet: &Subnet, key: Span, resource: &str) {
        for (range, at) in every(&subnet.range) {
            self.of_version(&range.addr(), true, at, range, resource);
        }
        for range in subnet.secondary.values() {
            self.of_version(&range.value.addr(), true, range.span, &range.value, resource);
        }
        for (range, at) in every(&subnet.ipv6_range) {
            self.of_version(&range.addr(), false, at, range, resource);
            if matches!(range, IpNet::V6(_)) && range.prefix_len() != 64 {
                let message = format!("`{range}` is not a /64");
                let finding = IPV6_RANGE_SIZE.finding(message).at(at);
                let help = format!("write `{}/64`", range.addr());
                self.report(finding.help(help).resource(resource));
            }
        }
        if subnet.range.is_none() && subnet.ipv6_range.is_none() {
            let message = format!("the subnet `{name}` has no range");
            let finding = SUBNET_WITHOUT_RANGE.finding(message).at(key);
            self.report(finding.help("add `range` or `ipv6_range`").resource(resource));
        }
        self.subnet_stack(name, subnet, resource);
        self.access_type(name, subnet, resource);
    }

    /// Something of the other version than its key is for.
    fn of_version(
        &mut self,
        address: &IpAddr,
        is_for_ipv4: bool,
        at: Span,
        written: &dyn std::fmt::Display,
        resource: &str,
    ) {
        if address.is_ipv4() == is_for_ipv4 {
            return;
        }
        let (own, wanted) = if is_for_ipv4 { ("IPv6", "IPv4") } else { ("IPv4", "IPv6") };
        let message = format!("`{written}` is of {own}, and this is for {wanted}");
        let finding = IP_VERSION.finding(message).at(at);
        let help = match (is_for_ipv4, resource.split('/').next()) {
            (true, Some("connector")) => "give it a /28 of IPv4",
            (true, Some("vm")) => "write it as `ipv6_address`",
            (true, _) => "write it as `ipv6_range`",
            (false, Some("vm")) => "write it as `address`",
            (false, _) => "write it as `range`",
        };
        self.report(finding.help(help).resource(resource));
    }

    fn subnet_stack(&mut self, name: &str, subnet: &Subnet, resource: &str) {
        let Some(stack) = &subnet.stack_type else { return };
        let both = [
            ("`range`", subnet.range.as_ref(), stack.value != StackType::Ipv6Only),
            ("`ipv6_range`", subnet.ipv6_range.as_ref(), stack.value != StackType::Ipv4Only),
        ];
        for (key, range, wanted) in both {
            let message = format!("the subnet `{name}` is `{}`", stack.value);
            let finding = match (range, wanted) {
                (None, true) => {
                    let message = format!("{message}, but has no {key}");
                    STACK_TYPE.finding(message).at(stack.span).help(format!("add {key}"))
                }
                (Some(range), false) => {
                    let message = format!("{message}, but has {key}");
                    let finding = STACK_TYPE.finding(message).at(stack.span);
                    finding.also(range.span, "its range").help("write `dual-stack`")
                }
                _ => continue,
            };
            self.report(finding.resource(resource));
        }
    }

    fn access_type(&mut self, name: &str, subnet: &Subnet, resource: &str) {
        if let Some(access) = &subnet.ipv6_access_type
            && subnet.ipv6_range.is_none()
        {
            let message = format!("the subnet `{name}` has no IPv6 that could be {}", access.value);
            let finding = IPV6_ACCESS_TYPE.finding(message).at(access.span);
            self.report(finding.help("add `ipv6_range`").resource(resource));
        }
        for (range, at) in every(&subnet.ipv6_range) {
            let access = subnet.ipv6_access_type.as_ref();
            let (internal, local) = (INTERNAL.contains(range), UNIQUE_LOCAL.contains(range));
            let (fits, help) = match access.map(|own| own.value) {
                Some(Ipv6AccessType::External) => (!local, "write `internal`"),
                Some(Ipv6AccessType::Internal) => (internal, "take a range of `fd20::/20`"),
                // What it says decides, and no internal range is elsewhere.
                None => (internal || !local, "take a range of `fd20::/20`"),
            };
            if fits || matches!(range, IpNet::V4(_)) {
                continue;
            }
            let kind = access.map_or("internal", |own| own.value.as_str());
            let message = format!("`{range}` is no {kind} range of IPv6");
            let finding = IPV6_ACCESS_TYPE.finding(message).at(at);
            let finding = match access {
                Some(access) => finding.also(access.span, "its access type"),
                None => finding,
            };
            self.report(finding.help(help).resource(resource));
        }
    }

    fn machine_versions(&mut self, vm: &Vm, subnet: &Subnet, resource: &str) {
        for (address, at) in every(&vm.address) {
            self.of_version(address, true, at, address, resource);
        }
        for (address, at) in every(&vm.ipv6_address) {
            self.of_version(address, false, at, address, resource);
        }
        let stack = vm.stack(subnet);
        let subnet_name = &vm.subnet.value;
        let both = [
            ("IPv4", stack != StackType::Ipv6Only, &subnet.range, &vm.address),
            ("IPv6", stack != StackType::Ipv4Only, &subnet.ipv6_range, &vm.ipv6_address),
        ];
        for (version, wanted, range, address) in both {
            let place = vm.stack_type.as_ref().map(|own| own.span);
            let place = place.or(address.as_ref().map(|own| own.span));
            let (message, at) = match (wanted, range, address, place) {
                (true, None, _, Some(at)) => {
                    (format!("the subnet `{subnet_name}` of {resource} has no {version}"), at)
                }
                (false, _, Some(address), _) => (
                    format!("{resource} is `{stack}`, but has an address of {version}"),
                    address.span,
                ),
                _ => continue,
            };
            self.report(STACK_TYPE.finding(message).at(at).resource(resource));
        }
    }

    fn senders_without_ipv4(&mut self) {
        let topology = self.topology;
        let mut found = Vec::new();
        for sending in self.seats.all() {
            let Some(name) = &sending.seat.subnet else { continue };
            let subnet = topology.subnet_of(sending.seat.network, name);
            if subnet.is_some_and(|own| own.range.is_none() && own.ipv6_range.is_some()) {
                let message = format!("the subnet `{name}` has no IPv4 for {}", sending.resource);
                let finding = SENDER_WITHOUT_IPV4.finding(message).at(sending.at);
                found.push(finding.help("take a dual-stack subnet").resource(&sending.resource));
            }
        }
        found.into_iter().for_each(|finding| self.report(finding));
    }
}
