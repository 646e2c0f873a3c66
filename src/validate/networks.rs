//! Connectors, gateways, outside parties.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;

use ipnet::IpNet;

use super::Checker;
use super::load_balancers::{MISSING_NETWORK, MISSING_REGION};
use super::routes::leads_elsewhere;
use crate::inventory::attachments::overlap;
use crate::inventory::relations::{Seat, seat};
use crate::source::Span;
use crate::source::codes;
use crate::topology::network::{Connector, EndpointType, External, Nat, NatKind};
use crate::topology::organization::Place;
use crate::topology::record::Field;
use crate::topology::record::each;
use crate::topology::service::{Egress, VpcAccess};

codes! {
    CONNECTOR_RANGE = Error "connector-range" "EGR-022" {
        "a connector with a range and a subnet, or neither",
        "a connector has a /28 of its own or a subnet",
        "networks:
  prod: {}
connectors:
  own: {network: prod, region: europe-west1}
",
    }
    CONNECTOR_SIZE = Error "connector-size" "EGR-022" {
        "a connector with another range than a /28",
        "a connector needs a /28",
        "networks:
  prod: {}
connectors:
  own: {network: prod, region: europe-west1, range: 10.8.0.0/24}
",
    }
    NAT_OVERLAP = Error "nat-overlap" "EGR-056" {
        "two gateways for the same subnets",
        "beside a gateway for all subnets there is no other in its network and region",
        "networks:
  prod: {}
nats:
  one: {network: prod, region: europe-west1}
  two: {network: prod, region: europe-west1, addresses: [203.0.113.10]}
",
    }
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
    EXTERNAL_NOWHERE = Error "external-nowhere" {
        "an outside party without host and address",
        "An outside party is reached by its hosts or its addresses.",
        "externals:
  billing: {ports: [443]}
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
  prod: {}
nats:
  one: {network: prod, region: europe-west1, addresses: [203.0.113.10, 203.0.113.11]}
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
    USER_WITHOUT_SITE = Error "user-without-site" {
        "users on premises without a site",
        "Users on premises enter by the lines of a site, which must be named.",
        "users:
  staff: {at: on-premises}
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

impl<'t> Checker<'t, '_> {
    pub(super) fn networks(&mut self) {
        let topology = self.topology;
        for (id, entry) in &topology.connectors {
            self.connector(&entry.value, entry.key_span, &format!("connector/{id}"));
        }
        self.gateways();
        let senders = self.senders();
        for (resource, access) in &senders {
            self.way_out(resource, access);
        }
        self.externals(&senders);
        for (id, entry) in &topology.users {
            let user = &entry.value;
            if let Some(place) = user.at.as_ref().filter(|at| at.value == Place::OnPremises)
                && user.site.is_none()
            {
                let message = format!("user/{id} is on premises, but at no site");
                let finding = USER_WITHOUT_SITE.finding(message).at(place.span);
                self.report(finding.help("add `site`").resource(format!("user/{id}")));
            }
        }
    }

    fn connector(&mut self, connector: &Connector, key: Span, resource: &str) {
        match (&connector.range, &connector.subnet) {
            (Some(range), Some(subnet)) => {
                let message = format!("{resource} has a range of its own and a subnet");
                let finding = CONNECTOR_RANGE.finding(message).at(range.span);
                let finding = finding.also(subnet.span, "the subnet");
                self.report(finding.help("leave one of them out").resource(resource));
            }
            (None, None) => {
                let message = format!("{resource} has neither a range nor a subnet");
                let finding = CONNECTOR_RANGE.finding(message).at(key);
                self.report(finding.help("add `range` or `subnet`").resource(resource));
            }
            _ => {}
        }
        for (range, at) in connector.range.iter().flat_map(each) {
            if range.prefix_len() != 28 && range.addr().is_ipv4() {
                let message = format!("`{range}` is not a /28");
                let finding = CONNECTOR_SIZE.finding(message).at(at);
                let help = format!("write `{}/28`", range.addr());
                self.report(finding.help(help).resource(resource));
            }
        }
        if connector.subnet.is_some() {
            self.subnet_of_connector(connector, resource);
            return;
        }
        if connector.network.is_none() {
            let message = format!("{resource} is in no network");
            let finding = MISSING_NETWORK.finding(message).at(key);
            self.report(finding.help("add `network`").resource(resource));
        }
        if connector.region.is_none() {
            let message = format!("{resource} is in no region");
            let finding = MISSING_REGION.finding(message).at(key);
            self.report(finding.help("add `region`").resource(resource));
        }
    }

    /// A connector's subnet is a /28 of the connector's region.
    fn subnet_of_connector(&mut self, connector: &Connector, resource: &str) {
        let topology = self.topology;
        let Some(field) = &connector.subnet else { return };
        let Some((network, Some(name))) = topology.connector_network(connector) else { return };
        let Some((_, entry)) = topology.networks.get_index(network) else { return };
        let Some(subnet) = entry.value.subnets.get(&name) else { return };
        if let Some(own) = &subnet.range
            && let Some(range) = own.known()
            && range.prefix_len() != 28
        {
            let message = format!("the subnet `{name}` of {resource} is not a /28");
            let finding = CONNECTOR_SIZE.finding(message).at(field.span);
            self.report(finding.also(own.span, "its range").resource(resource));
        }
        if let Some(region) = &connector.region
            && region.known().is_some_and(|own| *own != subnet.region.value)
        {
            let message = format!("{resource} is in another region than its subnet `{name}`");
            let finding = super::services::CONNECTOR_REGION.finding(message).at(region.span);
            self.report(finding.also(subnet.region.span, "the subnet's region").resource(resource));
        }
    }

    fn gateways(&mut self) {
        let topology = self.topology;
        let mut here: HashMap<(usize, &str, NatKind), Vec<(&str, &Nat, Span)>> = HashMap::new();
        for (id, entry) in &topology.nats {
            let nat = &entry.value;
            let resource = format!("nat/{id}");
            if nat.kind() == NatKind::Private {
                continue;
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
                let at = manual.map_or(entry.key_span, |manual| manual.span);
                let finding = NAT_WITHOUT_ADDRESSES.finding(message).at(at);
                self.report(finding.help("add `addresses`").resource(&resource));
            }
            let for_machines = nat.endpoint_types().contains(&EndpointType::Vm);
            if let (Some(network), Some(region)) = (topology.nat_network(nat), nat.region.known())
                && for_machines
            {
                let kind = nat.kind();
                here.entry((network, region, kind)).or_default().push((id, nat, entry.key_span));
            }
        }
        let mut groups: Vec<_> = here.into_values().filter(|group| group.len() > 1).collect();
        groups.sort_by_key(|group| group.first().map(|(_, _, at)| *at));
        for group in groups {
            let everything = group.iter().position(|(_, nat, _)| nat.subnets.is_empty());
            let Some(everything) = everything else {
                self.shared_subnets(&group);
                continue;
            };
            let (id, _, first) = group[everything];
            for (at, (other, _, span)) in group.iter().enumerate() {
                if at == everything {
                    continue;
                }
                let message =
                    format!("nat/{id} serves all subnets, so nat/{other} cannot exist beside it");
                let finding = NAT_OVERLAP.finding(message).at(*span);
                let finding = finding.also(first, "serves all subnets");
                let help = format!("name the `subnets` of nat/{id} and of nat/{other}");
                self.report(finding.help(help).resource(format!("nat/{other}")));
            }
        }
    }

    /// Gateways that each name their subnets cannot name the same one.
    fn shared_subnets(&mut self, group: &[(&str, &Nat, Span)]) {
        let mut served: HashMap<&str, (&str, Span)> = HashMap::new();
        for (id, nat, _) in group {
            for subnet in &nat.subnets {
                let Some(name) = subnet.subnet.known() else { continue };
                if !subnet.ranges.is_empty() {
                    continue;
                }
                if let Some((other, first)) = served.insert(name, (id, subnet.span))
                    && other != *id
                {
                    let message =
                        format!("nat/{other} and nat/{id} both serve the subnet `{name}`");
                    let finding = NAT_OVERLAP.finding(message).at(subnet.span);
                    self.report(finding.also(first, "also here").resource(format!("nat/{id}")));
                }
            }
        }
    }

    /// What sends from inside a network: services, jobs and worker pools.
    fn senders(&self) -> Vec<(String, &'t VpcAccess)> {
        let topology = self.topology;
        let services = topology.services.iter();
        let services = services.filter_map(|(id, entry)| {
            Some((format!("service/{id}"), entry.value.vpc_access.as_ref()?))
        });
        let jobs = topology.jobs.iter();
        let jobs = jobs.filter_map(|(id, entry)| {
            Some((format!("job/{id}"), entry.value.vpc_access.as_ref()?))
        });
        let pools = topology.worker_pools.iter();
        let pools = pools.filter_map(|(id, entry)| {
            Some((format!("worker_pool/{id}"), entry.value.vpc_access.as_ref()?))
        });
        services.chain(jobs).chain(pools).collect()
    }

    fn way_out(&mut self, resource: &str, access: &VpcAccess) {
        let topology = self.topology;
        let Some(seat) = seat(topology, access) else { return };
        let serving = self.relations.serving(topology, &seat);
        let place =
            access.connector.as_ref().or(access.subnet.as_ref()).or(access.network.as_ref());
        let at = place.map_or(access.span, |place| place.span);
        let at = access.egress.as_ref().map_or(at, |egress| egress.span);
        match access.egress().known() {
            Some(Egress::PrivateRangesOnly) => {
                let Some((id, entry)) =
                    serving.first().and_then(|nat| topology.nats.get_index(*nat))
                else {
                    return;
                };
                let message = format!("{resource} does not send to the internet by nat/{id}");
                let finding = NAT_NOT_USED.finding(message).at(at);
                let finding = finding.also(entry.key_span, "serves where it is attached");
                self.report(finding.help("set `egress: all-traffic`").resource(resource));
            }
            Some(Egress::AllTraffic)
                if serving.is_empty() && !leads_elsewhere(topology, seat.network) =>
            {
                let network = topology.networks.get_index(seat.network).map_or("", |(id, _)| id);
                let message = format!("{resource} has no path to the internet");
                let finding = ALL_TRAFFIC_WITHOUT_NAT.finding(message).at(at);
                let help = format!(
                    "add a gateway to `nats` for network/{network} in `{}`, or set `egress: \
                     private-ranges-only`",
                    seat.region
                );
                self.report(finding.help(help).resource(resource));
            }
            Some(Egress::AllTraffic) if access.connector.is_none() => {
                let gateway = serving.first().and_then(|nat| topology.nats.get_index(*nat));
                let Some((id, entry)) = gateway else { return };
                let message =
                    format!("new instances of {resource} may wait before nat/{id} serves them");
                let finding = SLOW_START.finding(message).at(at);
                self.report(finding.also(entry.key_span, "the gateway").resource(resource));
            }
            _ => {}
        }
    }

    fn externals(&mut self, senders: &[(String, &VpcAccess)]) {
        let topology = self.topology;
        let admitting = topology.externals.values().any(|external| external.admits.is_some());
        let used = if admitting { self.used_gateways(senders) } else { HashSet::new() };
        let mut by_address: HashMap<IpAddr, (usize, Span)> = HashMap::new();
        let mut open = topology
            .vms
            .values()
            .any(|vm| vm.external_address.as_ref().is_some_and(|field| field.known().is_none()));
        for (index, nat) in topology.nats.values().enumerate() {
            for address in &nat.addresses {
                match address.known() {
                    Some(known) => {
                        by_address.insert(*known, (index, address.span));
                    }
                    None => open = true,
                }
            }
            open |= !nat.automatic().is(false);
        }
        for (id, entry) in &topology.externals {
            let external = &entry.value;
            let resource = format!("external/{id}");
            if external.hosts.is_empty() && external.addresses.is_empty() {
                let message = format!("{resource} has neither a host nor an address");
                let finding = EXTERNAL_NOWHERE.finding(message).at(entry.key_span);
                self.report(finding.help("add `hosts` or `addresses`").resource(&resource));
            }
            self.admitted_gateways(external, &used, senders, &resource);
            self.admitted_addresses(external, &by_address, &used, open, &resource);
            self.shared_pool(external, &resource);
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

    /// The gateways by which something sends, or may.
    fn used_gateways(&self, senders: &[(String, &VpcAccess)]) -> HashSet<usize> {
        let topology = self.topology;
        let mut used = HashSet::new();
        for (_, access) in senders {
            if access.egress().is(Egress::PrivateRangesOnly) {
                continue;
            }
            match seat(topology, access) {
                Some(seat) => used.extend(self.relations.serving(topology, &seat)),
                None => used.extend(0..topology.nats.len()),
            }
        }
        for vm in topology.vms.values() {
            let subnet = topology.subnet(Some(&vm.network.value), &vm.subnet.value);
            if let Some((network, subnet)) = subnet
                && let Some(region) = topology.subnet_region(network, &subnet)
                && vm.external_address.is_none()
            {
                let seat = Seat { network, region: region.to_owned(), subnet: Some(subnet) };
                used.extend(self.relations.serving(topology, &seat));
            }
        }
        used
    }

    fn admitted_gateways(
        &mut self,
        external: &External,
        used: &HashSet<usize>,
        senders: &[(String, &VpcAccess)],
        resource: &str,
    ) {
        let topology = self.topology;
        for admitted in external.admits.iter().flatten() {
            let Some(name) = admitted.value.strip_prefix("nat/") else { continue };
            let Some(index) = topology.nats.index_of(name) else { continue };
            if used.contains(&index) {
                continue;
            }
            let message = format!("{resource} admits nat/{name}, by which nothing sends");
            let mut finding = ADMITTED_NAT_NOT_USED.finding(message).at(admitted.span);
            let near = senders.iter().find(|(_, access)| {
                seat(topology, access)
                    .is_some_and(|seat| self.relations.serving(topology, &seat).contains(&index))
            });
            if let Some((sender, _)) = near {
                finding = finding.help(format!("set `egress: all-traffic` on {sender}"));
            }
            self.report(finding.resource(resource));
        }
    }

    fn admitted_addresses(
        &mut self,
        external: &External,
        by_address: &HashMap<IpAddr, (usize, Span)>,
        used: &HashSet<usize>,
        open: bool,
        resource: &str,
    ) {
        let topology = self.topology;
        let Some(admits) = &external.admits else { return };
        let ranges: Vec<(IpNet, Span)> = admits
            .iter()
            .filter_map(|admitted| {
                let text = admitted.value.as_str();
                let range = text.parse::<IpNet>().ok();
                let range = range.or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))?;
                Some((range, admitted.span))
            })
            .collect();
        let only_ranges = ranges.len() == admits.len();
        let admitted = |address: &IpAddr| {
            ranges.iter().find(|(range, _)| range.contains(address)).map(|(_, at)| *at)
        };
        let mut gateways: Vec<(usize, Span)> = by_address
            .iter()
            .filter_map(|(address, (nat, _))| Some((*nat, admitted(address)?)))
            .collect();
        gateways.sort_unstable();
        gateways.dedup_by_key(|(nat, _)| *nat);
        let machines = topology.vms.values().any(|vm| {
            let address = vm.external_address.as_ref().and_then(Field::known);
            address.is_some_and(|address| admitted(address).is_some())
        });
        // What is wide enough for the shared pool admits what leaves by it.
        let by_pool = ranges.iter().any(|(range, _)| of_customers(range));
        if gateways.is_empty() && !machines && only_ranges && !open && !by_pool {
            if let Some((_, at)) = ranges.first() {
                let message = format!("{resource} admits no address that anything sends from");
                let finding = ADMITS_NOBODY.finding(message).at(*at);
                let help = "admit the addresses of a gateway, as `nat/ID`";
                self.report(finding.help(help).resource(resource));
            }
            return;
        }
        for (index, at) in &gateways {
            let any_used = gateways.iter().any(|(nat, span)| span == at && used.contains(nat));
            if let Some((id, _)) = topology.nats.get_index(*index)
                && !any_used
                && !machines
                && !admits.iter().any(|each| each.value.strip_prefix("nat/") == Some(&**id))
            {
                let message = format!("{resource} admits nat/{id}, by which nothing sends");
                let finding = ADMITTED_NAT_NOT_USED.finding(message).at(*at);
                self.report(finding.resource(resource));
            }
        }
        for (index, at) in gateways {
            let Some((id, entry)) = topology.nats.get_index(index) else { continue };
            let whole = format!("nat/{id}");
            if admits.iter().any(|each| each.value == whole || each.value == "*") {
                continue;
            }
            let nat = &entry.value;
            let drained = |address: &IpAddr| {
                nat.drain_addresses.iter().any(|each| each.known() == Some(address))
            };
            let missing = nat.addresses.iter().find(|address| {
                address
                    .known()
                    .is_some_and(|address| admitted(address).is_none() && !drained(address))
            });
            if let Some(missing) = missing
                && let Some(address) = missing.known()
            {
                let message =
                    format!("{resource} admits some addresses of nat/{id}, but not `{address}`");
                let finding = NAT_ADDRESS_NOT_ADMITTED.finding(message).at(at);
                let finding = finding.also(missing.span, "not admitted");
                let help = format!("admit `nat/{id}`");
                self.report(finding.help(help).resource(resource));
            }
        }
    }
}
