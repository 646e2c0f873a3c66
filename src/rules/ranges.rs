//! Ranges of addresses that rules name: each stands in the text of its rule, which has the sources.

use std::net::{Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

const fn v4(a: u8, b: u8, c: u8, d: u8, length: u8) -> IpNet {
    IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), length))
}

const fn v6(a: u16, b: u16, c: u16, d: u16, length: u8) -> IpNet {
    IpNet::V6(Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0), length))
}

/// Private addresses of networks: RFC 1918, RFC 6598, class E (EGR-008).
pub const PRIVATE: [IpNet; 5] = [
    v4(10, 0, 0, 0, 8),
    v4(172, 16, 0, 0, 12),
    v4(192, 168, 0, 0, 16),
    v4(100, 64, 0, 0, 10),
    v4(240, 0, 0, 0, 4),
];

/// private.googleapis.com and restricted.googleapis.com, which are of the private set as well
/// (EGR-123, EGR-124).
pub const VIPS: [IpNet; 2] = [v4(199, 36, 153, 8, 30), v4(199, 36, 153, 4, 30)];

/// Their addresses of IPv6.
pub const VIPS_IPV6: [IpNet; 2] =
    [v6(0x2600, 0x2d00, 2, 0x2000, 56), v6(0x2600, 0x2d00, 2, 0x1000, 56)];

/// Where Google's side of connectors sends from, and is answered at (EGR-031).
pub const SERVERLESS: IpNet = v4(35, 199, 224, 0, 19);

/// Where health checks come from, those of connectors too (EGR-031, EGR-113).
pub const HEALTH_CHECKS: [IpNet; 2] = [v4(35, 191, 0, 0, 16), v4(130, 211, 0, 0, 22)];

/// Where the proxies of global load balancers send to the internet from (ING-224).
pub const PROXIES: [IpNet; 2] = [v4(34, 96, 0, 0, 20), v4(34, 127, 192, 0, 18)];

/// Where Cloud DNS forwards queries from (EGR-113, EGR-121).
pub const CLOUD_DNS: IpNet = v4(35, 199, 192, 0, 19);

/// The Docker bridge (EGR-157).
pub const DOCKER: IpNet = v4(172, 17, 0, 0, 16);

/// Private addresses that Cloud Run does not reach (EGR-237).
pub const UNREACHABLE: IpNet = v4(192, 168, 1, 0, 24);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{RuleId, rule};

    #[test]
    fn a_rule_names_each_range() {
        let of_rules: [(u16, &[IpNet]); 9] = [
            (8, &PRIVATE),
            (8, &VIPS),
            (123, &[VIPS[0], VIPS_IPV6[0]]),
            (124, &[VIPS[1], VIPS_IPV6[1]]),
            (31, &[SERVERLESS, HEALTH_CHECKS[0], HEALTH_CHECKS[1]]),
            (113, &[SERVERLESS, HEALTH_CHECKS[0], HEALTH_CHECKS[1], CLOUD_DNS]),
            (121, &[CLOUD_DNS]),
            (157, &[DOCKER]),
            (237, &[UNREACHABLE]),
        ];
        for (number, ranges) in of_rules {
            let rule = rule(RuleId::egr(number)).expect("a rule");
            let text = format!("{} {}", rule.title, rule.text);
            let address = |c: char| c.is_ascii_hexdigit() || matches!(c, '.' | ':' | '/');
            let named: Vec<IpNet> = text
                .split(|c| !address(c))
                .filter_map(|word| word.trim_end_matches(['.', ':']).parse().ok())
                .collect();
            for range in ranges {
                assert!(named.contains(range), "EGR-{number:03} does not name {range}");
            }
        }
    }
}
