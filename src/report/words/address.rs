//! Addresses: what stands for one, who is seen under it, and why.

use std::net::IpAddr;

use ipnet::IpNet;

use super::Words;
use crate::graph::Placeholder;
use crate::question::answer::{AddressCause, EgressAddress, Seen, Stability};

impl Words<'_> {
    /// An address, or what it stands for.
    pub fn address(self, address: IpAddr) -> String {
        let what = self.graph().placeholders.what(address);
        what.map_or_else(|| address.to_string(), placeholder)
    }

    /// An address, if it is known.
    pub fn known_address(self, address: IpAddr) -> Option<String> {
        self.graph().placeholders.what(address).is_none().then(|| address.to_string())
    }

    /// A range, or what its only address stands for.
    pub fn range(self, range: IpNet) -> String {
        let single = range.prefix_len() == range.max_prefix_len();
        match self.graph().placeholders.what(range.addr()) {
            Some(what) => placeholder(what),
            None if single => range.addr().to_string(),
            None => range.to_string(),
        }
    }

    /// An address that somebody sees.
    pub fn seen(self, seen: &Seen) -> String {
        match seen {
            Seen::One(address) => self.address(*address),
            Seen::OneOf(axis, values) => match self.values(values, *axis) {
                Some(words) => format!("an address of {words}"),
                None => "any address".into(),
            },
        }
    }

    /// An address that somebody sees, if it is a single known one.
    pub fn seen_address(self, seen: &Seen) -> Option<String> {
        match seen {
            Seen::One(address) => self.known_address(*address),
            Seen::OneOf(..) => None,
        }
    }

    /// What has an address, how stable it is and why: `nat/tokyo, static (Cloud NAT)`.
    pub fn origin_of(self, own: &EgressAddress) -> String {
        let of = own.owner.map_or_else(String::new, |id| format!("{}, ", self.resource(id)));
        let (cause, stability) = (address_cause(own.cause), stability(own.stability));
        let cause = if cause == stability { String::new() } else { format!(" ({cause})") };
        format!("{of}{stability}{cause}")
    }
}

/// What an address stands for.
fn placeholder(what: &Placeholder) -> String {
    match what {
        Placeholder::FrontEnd => "the Google Front End".into(),
        Placeholder::FrontEndIpv6 => "the Google Front End over IPv6".into(),
        Placeholder::SharedPool => "an address of Google's shared pool".into(),
        Placeholder::Proxies => "an address of Google's proxies".into(),
        Placeholder::Elsewhere => "an address on the internet".into(),
        Placeholder::ElsewhereIpv6 => "an IPv6 address on the internet".into(),
        Placeholder::Of(kind, id) => format!("the address of {kind}/{id}"),
        Placeholder::OneOf(kind, id) => format!("an address of {kind}/{id}"),
        Placeholder::ExternalOf(id) => format!("the external address of vm/{id}"),
        Placeholder::PublicOf(id) => format!("a public address of onprem/{id}"),
        Placeholder::NatAddress(id, at) => format!("address {at} of nat/{id}"),
        Placeholder::NatRuleAddress { nat, rule, at } => {
            format!("address {at} of rule {rule} of nat/{nat}")
        }
        Placeholder::Allocated(id) => format!("an address that Google allocates to nat/{id}"),
    }
}

/// Why a sender is seen under an address.
fn address_cause(cause: AddressCause) -> &'static str {
    match cause {
        AddressCause::CloudNat => "Cloud NAT",
        AddressCause::SharedPool => "shared pool",
        AddressCause::ExternalAddress => "external address",
        AddressCause::ExternalIpv6 => "external IPv6",
        AddressCause::PrivateNat => "Private NAT",
        AddressCause::Internal => "internal",
    }
}

/// Whether an address stays.
pub fn stability(stability: Stability) -> &'static str {
    match stability {
        Stability::Static => "static",
        Stability::SubnetRange => "static range",
        Stability::Automatic => "automatic",
        Stability::SharedPool => "shared pool",
        Stability::Internal => "internal",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::ResourceKind;

    #[test]
    fn what_has_no_known_address_is_named() {
        let of = Placeholder::of(ResourceKind::LoadBalancer, "edge");
        assert_eq!(placeholder(&of), "the address of load_balancer/edge");
        let rule = Placeholder::NatRuleAddress { nat: "tokyo".into(), rule: 2, at: 1 };
        assert_eq!(placeholder(&rule), "address 1 of rule 2 of nat/tokyo");
    }
}
