//! Addresses as numbers: IPv6 as it is, IPv4 in its mapped range `::ffff:0:0/96`.

use std::net::{IpAddr, Ipv6Addr};

use ipnet::IpNet;

/// The first number of the IPv4 addresses.
pub(super) const V4_FIRST: u128 = 0xffff_0000_0000;
/// The last number of the IPv4 addresses.
pub(super) const V4_LAST: u128 = 0xffff_ffff_ffff;

/// The number of an address.
pub fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

/// The address of a number.
pub fn address(number: u128) -> IpAddr {
    let address = Ipv6Addr::from_bits(number);
    address.to_ipv4_mapped().map_or(IpAddr::V6(address), IpAddr::V4)
}

/// The range of all IPv4 addresses.
pub fn every_v4() -> (u128, u128) {
    (V4_FIRST, V4_LAST)
}

/// The ranges of all IPv6 addresses.
pub fn every_v6() -> [(u128, u128); 2] {
    [(0, V4_FIRST - 1), (V4_LAST + 1, u128::MAX)]
}

/// The ranges of a network, both ends included: one, or two for an IPv6 network around the range
/// that stands for IPv4.
pub fn ranges(network: IpNet) -> impl Iterator<Item = (u128, u128)> {
    let (first, last) = (number(network.network()), number(network.broadcast()));
    let around = matches!(network, IpNet::V6(_)) && first < V4_FIRST && last > V4_LAST;
    let parts = if around {
        [Some((first, V4_FIRST - 1)), Some((V4_LAST + 1, last))]
    } else {
        [Some((first, last)), None]
    };
    parts.into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ipv6_network_does_not_hold_ipv4() {
        let of = |text: &str| ranges(text.parse().unwrap()).collect::<Vec<_>>();
        assert_eq!(of("::/0"), every_v6());
        assert_eq!(of("0.0.0.0/0"), [every_v4()]);
        assert_eq!(of("10.0.0.0/31"), [(0xffff_0a00_0000, 0xffff_0a00_0001)]);
        assert_eq!(of("2001:db8::/32").len(), 1);
    }

    #[test]
    fn numbers_and_addresses_agree() {
        for text in ["10.1.2.3", "2001:db8::1", "::"] {
            let parsed: IpAddr = text.parse().unwrap();
            assert_eq!(address(number(parsed)), parsed);
        }
    }
}
