//! What names resolve to where a request is sent from (EGR-116 to EGR-129).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use crate::rules::RuleId;
use crate::source::Span;

/// The versions of IP that a sender has addresses of (EGR-018).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Versions {
    /// IPv4.
    pub v4: bool,
    /// IPv6.
    pub v6: bool,
}

impl Versions {
    /// IPv4 alone: also what stands for senders of which it is not known.
    pub const V4: Self = Versions { v4: true, v6: false };

    /// Those of some ranges; IPv4 if there are none.
    pub fn of(ranges: &[IpNet]) -> Self {
        let v6 = ranges.iter().any(|range| matches!(range, IpNet::V6(_)));
        let v4 = ranges.iter().any(|range| matches!(range, IpNet::V4(_)));
        Versions { v4: v4 || !v6, v6 }
    }

    /// Whether a range is of one of them.
    pub fn has(self, range: &IpNet) -> bool {
        match range {
            IpNet::V4(_) => self.v4,
            IpNet::V6(_) => self.v6,
        }
    }

    /// Of the addresses of a name those that a sender tries: those of its own versions, or all if
    /// it has none of theirs (EGR-019).
    pub fn tried(self, addresses: &[IpNet]) -> Vec<IpNet> {
        let own = |range: &&IpNet| self.has(range);
        let tried: Vec<IpNet> = addresses.iter().filter(own).copied().collect();
        if tried.is_empty() { addresses.to_vec() } else { tried }
    }
}

impl Default for Versions {
    fn default() -> Self {
        Versions::V4
    }
}

/// The answers that one place gets, as layers: the first that speaks of a name decides.
#[derive(Debug, Clone, Default)]
pub struct Resolver {
    /// The versions of IP of those who ask.
    pub versions: Versions,
    /// Whether those who have IPv6 alone get addresses for NAT64 (DNS64).
    pub dns64: bool,
    /// The layers; the internet's own answers come last.
    pub layers: Vec<Layer>,
}

/// Names that are answered together: the exact name goes before the longest suffix.
#[derive(Debug, Clone, Default)]
pub struct Layer {
    /// The names.
    pub rules: Vec<NameRule>,
}

/// What a name, or all names below one, resolve to.
#[derive(Debug, Clone)]
pub struct NameRule {
    /// The name; with a dot in front, all names that end so. A dot alone is every name.
    pub name: String,
    /// What it resolves to.
    pub answer: NameAnswer,
    /// Who answers.
    pub by: Answerer,
    /// The documented behaviour.
    pub rule: RuleId,
    /// Where the topology says so.
    pub at: Span,
}

/// Who answers a query.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub enum Answerer {
    /// The name servers of the internet.
    #[default]
    Public,
    /// A zone of Cloud DNS.
    Zone(Box<str>),
    /// A response policy.
    ResponsePolicy(Box<str>),
    /// A server policy, whose name servers get every query.
    DnsPolicy(Box<str>),
    /// The resolvers of a site.
    Site(Box<str>),
}

/// The answer to a query.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum NameAnswer {
    /// One of these addresses.
    Addresses(Vec<IpNet>),
    /// There is no such name (EGR-120).
    Nonexistent,
    /// There is such a name, but it has no address (EGR-244, EGR-245).
    NoAddress,
    /// Whoever should answer is not to be reached (EGR-121).
    Unanswered,
    /// It is not known; any address is possible.
    Unknown,
}

impl NameRule {
    /// Whether it speaks of a host.
    pub fn covers(&self, host: &str) -> bool {
        match self.name.strip_prefix('.') {
            Some("") => true,
            Some(_) => host.len() > self.name.len() && host.ends_with(&self.name),
            None => host == self.name,
        }
    }

    /// Whether every name that it speaks of is one that `other` speaks of too.
    pub fn is_inside(&self, other: &NameRule) -> bool {
        let wider = match other.name.strip_prefix('.') {
            Some("") => true,
            Some(_) => self.name.ends_with(&other.name),
            None => false,
        };
        wider && self.name != other.name
    }
}

/// Which of some rules speaks of a host: the exact name goes before the longest suffix.
pub fn closest<'a>(
    rules: impl IntoIterator<Item = &'a NameRule>,
    host: &str,
) -> Option<&'a NameRule> {
    let covering = rules.into_iter().filter(|rule| rule.covers(host));
    covering.max_by_key(|rule| (!rule.name.starts_with('.'), rule.name.len()))
}

/// The address of NAT64 for one of IPv4.
pub fn nat64_address(address: Ipv4Addr) -> Ipv6Addr {
    let [a, b, c, d] = address.octets().map(u16::from);
    Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, a << 8 | b, c << 8 | d)
}

/// The range of NAT64 for one of IPv4.
pub fn nat64_range(range: Ipv4Net) -> IpNet {
    let address = nat64_address(range.network());
    Ipv6Net::new(address, 96 + range.prefix_len()).map_or(IpAddr::V6(address).into(), IpNet::V6)
}

impl Resolver {
    /// Of the addresses of a name those that who asks tries.
    pub fn tried(&self, addresses: &[IpNet]) -> Vec<IpNet> {
        let mut tried = self.versions.tried(addresses);
        if self.dns64 && !self.versions.v4 {
            for range in &mut tried {
                // Private addresses are not for NAT64.
                let public = |own: &Ipv4Net| !own.network().is_private();
                if let IpNet::V4(own) = *range
                    && public(&own)
                {
                    *range = nat64_range(own);
                }
            }
        }
        tried
    }

    /// What a host resolves to; nothing if no layer speaks of it.
    pub fn resolve(&self, host: &str) -> Option<&NameRule> {
        if host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok() {
            // An address is no name, not even under a zone of every name.
            return None;
        }
        self.layers.iter().find_map(|layer| closest(&layer.rules, host))
    }

    /// The address of a host that is tried first, if it has one here: one of IPv4 where there is.
    pub fn address(&self, host: &str) -> Option<IpAddr> {
        match &self.resolve(host)?.answer {
            NameAnswer::Addresses(ranges) => {
                let v4 = ranges.iter().find(|range| matches!(range, IpNet::V4(_)));
                v4.or(ranges.first()).map(|range| range.addr())
            }
            NameAnswer::Nonexistent
            | NameAnswer::NoAddress
            | NameAnswer::Unanswered
            | NameAnswer::Unknown => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(name: &str, answer: NameAnswer) -> NameRule {
        let (rule, at) = (RuleId::egr(118), Span::none());
        NameRule { name: name.into(), answer, by: Answerer::default(), rule, at }
    }

    #[test]
    fn the_first_layer_that_speaks_of_a_name_decides() {
        let address =
            |text: &str| NameAnswer::Addresses(vec![text.parse::<IpAddr>().unwrap().into()]);
        let zone = Layer {
            rules: vec![
                rule(".run.app", NameAnswer::Nonexistent),
                rule("web.run.app", address("199.36.153.8")),
            ],
        };
        let public = Layer { rules: vec![rule(".run.app", address("203.0.113.1"))] };
        let resolver = Resolver { layers: vec![zone, public.clone()], ..Resolver::default() };
        assert_eq!(resolver.address("web.run.app"), "199.36.153.8".parse().ok());
        assert_eq!(resolver.resolve("api.run.app").unwrap().answer, NameAnswer::Nonexistent);
        let resolver = Resolver { layers: vec![public], ..Resolver::default() };
        assert_eq!(resolver.address("api.run.app"), "203.0.113.1".parse().ok());
        assert!(resolver.resolve("run.app").is_none());
    }

    #[test]
    fn a_dot_alone_is_every_name_but_no_address() {
        let address = NameAnswer::Addresses(vec!["10.0.0.9/32".parse().unwrap()]);
        let all = Layer { rules: vec![rule(".", address)] };
        let resolver = Resolver { layers: vec![all.clone()], ..Resolver::default() };
        assert_eq!(resolver.address("wiki.corp.example"), "10.0.0.9".parse().ok());
        assert!(resolver.resolve("198.51.100.7").is_none());
        assert!(resolver.resolve("[2001:db8::7]").is_none());
        let inner = rule(".corp.example", NameAnswer::Unknown);
        assert!(inner.is_inside(&all.rules[0]) && !all.rules[0].is_inside(&inner));
        assert!(!all.rules[0].is_inside(&all.rules[0]));
    }

    #[test]
    fn a_sender_tries_addresses_of_its_own_versions_if_there_are_any() {
        let of = |texts: &[&str]| -> Vec<IpNet> {
            texts.iter().map(|text| text.parse::<IpNet>().unwrap()).collect()
        };
        let both = of(&["198.51.100.7/32", "2001:db8::7/128"]);
        let (v4, v6) = (Versions::V4, Versions { v4: false, v6: true });
        assert_eq!(v4.tried(&both), of(&["198.51.100.7/32"]));
        assert_eq!(v6.tried(&both), of(&["2001:db8::7/128"]));
        assert_eq!(Versions { v4: true, v6: true }.tried(&both), both);
        assert_eq!(v4.tried(&both[1..]), both[1..]);
        assert_eq!(Versions::of(&both[1..]), v6);
        assert_eq!(Versions::of(&[]), v4, "not known");
    }

    #[test]
    fn dns64_stands_in_for_public_addresses_of_ipv4_alone() {
        let v6 = Versions { v4: false, v6: true };
        let resolver = Resolver { versions: v6, dns64: true, layers: Vec::new() };
        let tried = |text: &str| resolver.tried(&[text.parse().unwrap()])[0].to_string();
        assert_eq!(tried("198.51.100.7/32"), "64:ff9b::c633:6407/128");
        assert_eq!(tried("198.51.100.0/24"), "64:ff9b::c633:6400/120");
        assert_eq!(tried("10.0.0.9/32"), "10.0.0.9/32");
        assert_eq!(tried("2001:db8::7/128"), "2001:db8::7/128");
        let without = Resolver { dns64: false, ..resolver.clone() };
        assert_eq!(without.tried(&["198.51.100.7/32".parse().unwrap()])[0].prefix_len(), 32);
    }
}
