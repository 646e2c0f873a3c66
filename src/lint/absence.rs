//! Findings that something is missing. They hold of what was read: where a reader skipped something
//! that could be what is missed, they are not made.

use crate::topology::unread::Family;

/// Who sends, whatever it is.
const SENDERS: &[Family] =
    &[Family::Services, Family::Workloads, Family::Machines, Family::Networks, Family::Routing];

/// Each code that claims an absence, with what could be what is missed.
const ABSENCES: &[(&str, &[Family])] = &[
    ("address-of-no-subnet", &[Family::Networks]),
    ("audience-of-custom-domain", &[Family::Services]),
    ("classic-without-route", &[Family::Routing]),
    ("connector-not-served", &[Family::Firewall]),
    ("connector-open", &[Family::Firewall]),
    ("connector-without-google-access", &[Family::Nat, Family::Networks]),
    ("endpoint-over-peering", SENDERS),
    ("firewall-rule-for-nobody", SENDERS),
    ("global-access-needed", SENDERS),
    ("google-cut-off", &[Family::Firewall]),
    ("iap-agent-not-invoker", &[Family::Iam]),
    ("iap-without-accessors", &[Family::Iam]),
    ("managed-over-peering", SENDERS),
    ("missing-proxy-subnet", &[Family::Networks]),
    ("nat-without-addresses", &[Family::Nat]),
    ("nat64-nobody", SENDERS),
    ("next-hop-nobody", &[Family::Machines, Family::LoadBalancing, Family::PrivateAccess]),
    ("no-private-connection", &[Family::PrivateAccess]),
    (
        "no-way-in",
        &[
            Family::LoadBalancing,
            Family::Services,
            Family::Products,
            Family::Workloads,
            Family::Machines,
            Family::Networks,
            Family::Routing,
            Family::PrivateAccess,
            Family::Perimeters,
        ],
    ),
    ("one-sided-peering", &[Family::Routing]),
    ("policy-in-preview", &[Family::SecurityPolicies]),
    ("policy-refuses-nothing", &[Family::SecurityPolicies]),
    ("product-not-invoker", &[Family::Iam]),
    ("product-of-other-project", &[Family::Perimeters]),
    ("product-without-token", &[Family::Iam]),
    ("published-without-subnet", &[Family::Networks]),
    ("sql-authorizes-nobody", &[Family::Nat, Family::Machines, Family::Networks]),
    ("subnet-without-google-access", &[Family::Nat, Family::Networks]),
    ("thin-zone", &[Family::Dns]),
    ("transitive-peering", SENDERS),
    ("unguarded-sibling", &[Family::LoadBalancing, Family::SecurityPolicies]),
    ("unknown-traffic-tag", &[Family::Services]),
    (
        "unused-resource",
        &[
            Family::Iam,
            Family::Services,
            Family::LoadBalancing,
            Family::SecurityPolicies,
            Family::Networks,
            Family::Firewall,
            Family::Routing,
            Family::Nat,
            Family::Dns,
            Family::PrivateAccess,
            Family::Workloads,
            Family::Machines,
        ],
    ),
    ("zone-over-peering", SENDERS),
];

/// Whether findings of a code miss something that could be of a family.
pub(super) fn misses(code: &str, family: Family) -> bool {
    ABSENCES.iter().any(|(own, families)| *own == code && family.is_one_of(families))
}

#[cfg(test)]
mod tests {
    use super::super::CODES;
    use super::*;

    #[test]
    fn only_lints_are_left_out() {
        for (code, families) in ABSENCES {
            assert!(!families.is_empty(), "{code}");
            assert!(CODES.iter().any(|info| info.code == *code), "{code}");
        }
        assert!(ABSENCES.is_sorted_by_key(|(code, _)| code));
    }

    #[test]
    fn what_was_not_read_could_be_what_is_missed() {
        assert!(misses("no-way-in", Family::LoadBalancing));
        assert!(misses("no-way-in", Family::Anything));
        assert!(!misses("no-way-in", Family::Dns));
        // It is there, whatever else is.
        assert!(!misses("bypassed-policy", Family::Anything));
    }
}
