//! Addresses that stand for what has no known one.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use hashbrown::HashMap;
use ipnet::Ipv4Net;
use rustc_hash::FxBuildHasher;

use super::kind::ResourceKind;
use crate::inventory::Identity;

/// What an address stands for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Placeholder {
    /// Google's front end for run.app names and mapped domains.
    FrontEnd,
    /// The same over IPv6.
    FrontEndIpv6,
    /// The addresses that Google shares between customers.
    SharedPool,
    /// The addresses from which the proxies of global load balancers send to the internet.
    Proxies,
    /// Some address on the internet that the topology does not name.
    Elsewhere,
    /// Some such address of IPv6.
    ElsewhereIpv6,
    /// The address of a resource.
    Of(ResourceKind, Box<str>),
    /// One of the addresses of a resource.
    OneOf(ResourceKind, Box<str>),
    /// The external address of a machine.
    ExternalOf(Box<str>),
    /// A public address of a site.
    PublicOf(Box<str>),
    /// An address of a gateway that is not known, from 1.
    NatAddress(Box<str>, u32),
    /// An address of a rule of a gateway that is not known, from 1.
    NatRuleAddress {
        /// The gateway.
        nat: Box<str>,
        /// The number of the rule.
        rule: u32,
        /// Which of its addresses.
        at: u32,
    },
    /// What Google allocates to a gateway.
    Allocated(Box<str>),
}

impl Placeholder {
    /// The address of a resource.
    pub fn of(kind: ResourceKind, id: &str) -> Self {
        Placeholder::Of(kind, id.into())
    }

    /// The resource whose address it is.
    pub fn resource(&self) -> (ResourceKind, &str) {
        match self {
            Placeholder::FrontEnd | Placeholder::FrontEndIpv6 | Placeholder::Proxies => {
                (ResourceKind::GoogleFrontEnd, "")
            }
            Placeholder::SharedPool | Placeholder::Elsewhere | Placeholder::ElsewhereIpv6 => {
                (ResourceKind::Internet, "")
            }
            Placeholder::Of(kind, id) | Placeholder::OneOf(kind, id) => (*kind, id),
            Placeholder::ExternalOf(id) => (ResourceKind::Vm, id),
            Placeholder::PublicOf(id) => (ResourceKind::Onprem, id),
            Placeholder::NatAddress(id, _)
            | Placeholder::NatRuleAddress { nat: id, .. }
            | Placeholder::Allocated(id) => (ResourceKind::Nat, id),
        }
    }

    /// Which of the resource's addresses it is.
    fn part(&self) -> String {
        match self {
            Placeholder::FrontEnd | Placeholder::Of(..) => "own".into(),
            Placeholder::FrontEndIpv6 => "own of IPv6".into(),
            Placeholder::SharedPool => "shared".into(),
            Placeholder::Proxies => "of proxies".into(),
            Placeholder::Elsewhere | Placeholder::OneOf(..) => "one".into(),
            Placeholder::ElsewhereIpv6 => "one of IPv6".into(),
            Placeholder::ExternalOf(_) => "external".into(),
            Placeholder::PublicOf(_) => "public".into(),
            Placeholder::NatAddress(_, at) => format!("address {at}"),
            Placeholder::NatRuleAddress { rule, at, .. } => format!("rule {rule}, address {at}"),
            Placeholder::Allocated(_) => "allocated".into(),
        }
    }
}

/// Addresses that stand for something whose address is not known.
///
/// They are taken from 0.0.0.0/8, which no packet on any network carries, so that only a rule
/// for every address (`*`, `0.0.0.0/0`) matches them by accident. Which one it is follows from what
/// it stands for, so that in two graphs it is the same; only of two that would get the same one, the
/// later gets the next that is free. Those of what has addresses of
/// both versions of IP have one in 0:1::/32 beside it, for senders that have IPv6.
#[derive(Debug, Clone, Default)]
pub struct Placeholders {
    by_what: HashMap<Placeholder, Ipv4Addr, FxBuildHasher>,
    what: HashMap<Ipv4Addr, Placeholder, FxBuildHasher>,
}

impl Placeholders {
    /// Google's front end for run.app names and mapped domains.
    pub const GOOGLE_FRONT_END: Ipv4Addr = Ipv4Addr::new(0, 1, 0, 1);
    /// The addresses that Google shares between customers (EGR-004, EGR-077).
    pub const SHARED_POOL: Ipv4Addr = Ipv4Addr::new(0, 1, 0, 2);
    /// Some address on the internet that the topology does not name.
    pub const ELSEWHERE: Ipv4Addr = Ipv4Addr::new(0, 1, 0, 3);
    /// The addresses from which the proxies of global load balancers send to the internet (ING-224).
    pub const PROXIES: Ipv4Addr = Ipv4Addr::new(0, 1, 0, 4);
    /// Google's front end, to senders that reach it over IPv6.
    pub const GOOGLE_FRONT_END_IPV6: Ipv6Addr = Ipv6Addr::new(0, 1, 0, 0, 0, 0, 0, 1);
    /// Some address of IPv6 on the internet that the topology does not name.
    pub const ELSEWHERE_IPV6: Ipv6Addr = Ipv6Addr::new(0, 1, 0, 0, 0, 0, 0, 3);
    /// Those that lie inside a VPC network.
    const INTERNAL: Ipv4Net = Ipv4Net::new_assert(Ipv4Addr::new(0, 128, 0, 0), 9);
    /// All others.
    const EXTERNAL: Ipv4Net = Ipv4Net::new_assert(Ipv4Addr::new(0, 64, 0, 0), 10);

    /// The address that stands for `what`, which belongs to a resource; `internal` if it is a
    /// private address.
    pub fn allocate(&mut self, what: Placeholder, of: &Identity, internal: bool) -> IpAddr {
        if let Some(address) = self.address_of(&what) {
            return address;
        }
        let range = if internal { Self::INTERNAL } else { Self::EXTERNAL };
        let size = 1 << (32 - range.prefix_len());
        let mut at = of.hash(&what.part()) % size;
        let address = loop {
            let address = Ipv4Addr::from(u32::from(range.network()) + at as u32);
            if !self.what.contains_key(&address) {
                break address;
            }
            at = (at + 1) % size;
        };
        self.by_what.insert(what.clone(), address);
        self.what.insert(address, what);
        IpAddr::V4(address)
    }

    /// The address that stands for `what`, if there is one.
    pub fn address_of(&self, what: &Placeholder) -> Option<IpAddr> {
        self.by_what.get(what).copied().map(IpAddr::V4)
    }

    /// Everything that an address stands for here, but for what has one in every graph.
    pub fn iter(&self) -> impl Iterator<Item = (&Placeholder, IpAddr)> {
        self.by_what.iter().map(|(what, address)| (what, IpAddr::V4(*address)))
    }

    /// What an address stands for, if it does so.
    pub fn what(&self, address: IpAddr) -> Option<&Placeholder> {
        let address = match address {
            IpAddr::V4(address) => address,
            IpAddr::V6(Self::GOOGLE_FRONT_END_IPV6) => return Some(&Placeholder::FrontEndIpv6),
            IpAddr::V6(Self::ELSEWHERE_IPV6) => return Some(&Placeholder::ElsewhereIpv6),
            // What NAT64 leads to.
            IpAddr::V6(address) => match address.segments() {
                [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
                    Ipv4Addr::from(u32::from(high) << 16 | u32::from(low))
                }
                _ => return None,
            },
        };
        match address {
            Self::GOOGLE_FRONT_END => Some(&Placeholder::FrontEnd),
            Self::SHARED_POOL => Some(&Placeholder::SharedPool),
            Self::PROXIES => Some(&Placeholder::Proxies),
            Self::ELSEWHERE => Some(&Placeholder::Elsewhere),
            other => self.what.get(&other),
        }
    }

    /// Whether all addresses of a range are of those from which placeholders are taken, so that
    /// nobody can ask about them.
    pub fn reserves(range: ipnet::IpNet) -> bool {
        match range {
            ipnet::IpNet::V4(range) => range.prefix_len() >= 8 && range.addr().octets()[0] == 0,
            ipnet::IpNet::V6(range) => {
                let mapped = range.addr().to_ipv4_mapped();
                let own = range.prefix_len() >= 32 && range.addr().segments()[..2] == [0, 1];
                own || range.prefix_len() >= 104 && mapped.is_some_and(|own| own.octets()[0] == 0)
            }
        }
    }

    /// The range that holds every placeholder of a private address.
    pub fn internal_range() -> ipnet::IpNet {
        ipnet::IpNet::V4(Self::INTERNAL)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(name: &str) -> Identity {
        let project = "shop".into();
        Identity { kind: "vm", project, location: "europe-west1".into(), name: name.into() }
    }

    #[test]
    fn an_address_does_not_depend_on_what_came_before() {
        let of = |name: &str| Placeholder::of(ResourceKind::Vm, name);
        let mut one = Placeholders::default();
        let mut other = Placeholders::default();
        let first = one.allocate(of("a"), &identity("a"), true);
        other.allocate(of("b"), &identity("b"), true);
        other.allocate(Placeholder::ExternalOf("a".into()), &identity("a"), false);
        // Under another key.
        assert_eq!(other.allocate(of("z"), &identity("a"), true), first);
        assert_eq!(other.what(first), Some(&of("z")));
        assert!(Placeholders::internal_range().contains(&first));
    }

    #[test]
    fn of_two_that_would_get_one_address_the_later_gets_the_next() {
        let mut all = Placeholders::default();
        let first = all.allocate(Placeholder::of(ResourceKind::Vm, "a"), &identity("a"), true);
        let next = all.allocate(Placeholder::of(ResourceKind::Vm, "b"), &identity("a"), true);
        assert_ne!(first, next);
        assert_eq!(
            all.allocate(Placeholder::of(ResourceKind::Vm, "a"), &identity("a"), true),
            first
        );
    }
}
