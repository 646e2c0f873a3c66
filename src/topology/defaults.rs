//! What holds where nothing is written, as `show` prints it.
//!
//! The graph applies these defaults where it needs them; here they are only named. A test compares
//! this table with what the records say of absent keys.

use super::record::{Showing, Shown};

/// Defaults that are the same everywhere: record, key, value.
const FIXED: &[(&str, &str, Fixed)] = &[
    ("Service", "ingress", Fixed::Word("all")),
    ("Service", "default_url", Fixed::Flag(true)),
    ("Service", "invoker_check", Fixed::Flag(true)),
    ("Service", "iap", Fixed::Flag(false)),
    ("VpcAccess", "egress", Fixed::Word("private-ranges-only")),
    ("Iap", "enabled", Fixed::Flag(true)),
    ("Iap", "allow_http_options", Fixed::Flag(false)),
    ("Iap", "oauth_client", Fixed::Flag(true)),
    ("Redirect", "status", Fixed::Number(301)),
    ("Backend", "cdn", Fixed::Flag(false)),
    ("Subnet", "private_google_access", Fixed::Flag(false)),
    ("Subnet", "purpose", Fixed::Word("private")),
    ("Connector", "private_google_access", Fixed::Flag(true)),
    ("Nat", "endpoint_types", Fixed::List("vm")),
    ("FullNatSubnet", "ranges", Fixed::List("all")),
    ("External", "ports", Fixed::Port(443)),
    ("AccessLevel", "combine", Fixed::Word("all")),
    ("User", "at", Fixed::Word("internet")),
    ("Product", "path", Fixed::Word("/")),
    ("PolicyRule", "preview", Fixed::Flag(false)),
    ("SecurityPolicy", "type", Fixed::Word("backend")),
];

#[derive(Clone, Copy)]
enum Fixed {
    Word(&'static str),
    Flag(bool),
    Number(u16),
    List(&'static str),
    Port(u16),
}

impl Fixed {
    fn shown(self) -> Shown {
        match self {
            Self::Word(word) => Shown::text(word),
            Self::Flag(flag) => Shown::Scalar(flag.into()),
            Self::Number(number) => Shown::Scalar(number.into()),
            Self::List(word) => Shown::List(vec![Shown::text(word)]),
            Self::Port(port) => Shown::List(vec![Shown::Scalar(port.into())]),
        }
    }
}

/// What holds where a key of a record is not written, if the documents say.
pub(super) fn of(showing: Showing<'_>, record: &str, key: &str) -> Option<Shown> {
    let is_own = |(own, name, _): &&(&str, &str, Fixed)| *own == record && *name == key;
    if let Some((_, _, fixed)) = FIXED.iter().find(is_own) {
        return Some(fixed.shown());
    }
    let (_, id) = showing.resource?;
    if (record, key) == ("LoadBalancer", "global_access") {
        // Only a regional internal one is closed to clients of other regions.
        let kind = &showing.topology.load_balancers.get(id)?.kind;
        return (kind.is_internal() && kind.is_regional()).then(|| Shown::Scalar(false.into()));
    }
    derived(showing, record, key, id).map(Shown::text)
}

/// Defaults that follow from the rest of the topology.
fn derived(showing: Showing<'_>, record: &str, key: &str, id: &str) -> Option<String> {
    let topology = showing.topology;
    let project = |index: Option<usize>| Some(topology.project_id(index?).to_owned());
    let network_project = |network: Option<usize>| project(topology.network_project(network?));
    match (record, key) {
        ("Service" | "Job" | "Network" | "Product", "project") => project(topology.project(None)),
        ("Service", "name") | ("DomainMapping", "host") | ("BackendBucket", "bucket") => {
            Some(id.to_owned())
        }
        ("Service", "service_account") => {
            Some(topology.service_account(topology.services.index_of(id)?))
        }
        ("Job", "service_account") => Some(topology.job_account(topology.jobs.index_of(id)?)),
        ("Connector", "project") => {
            let (network, _) = topology.connector_network(topology.connectors.get(id)?)?;
            network_project(Some(network))
        }
        ("Connector", "network") => {
            let (network, _) = topology.connector_network(topology.connectors.get(id)?)?;
            topology.networks.get_index(network).map(|(id, _)| id.to_string())
        }
        ("Connector", "region") => {
            topology.connector_region(topology.connectors.get(id)?).map(str::to_owned)
        }
        ("Nat", "project") => network_project(topology.nat_network(topology.nats.get(id)?)),
        ("Vm", "project") => {
            network_project(topology.networks.index_of(&topology.vms.get(id)?.network.value))
        }
        ("LoadBalancer", "project") => {
            let network = topology.load_balancers.get(id)?.network.as_ref();
            let network = network.and_then(|field| topology.networks.index_of(field.known()?));
            network_project(network).or_else(|| project(topology.project(None)))
        }
        ("Product", "method") => {
            let is_check = topology.products.get(id)?.kind.as_str() == "uptime-check";
            Some(if is_check { "GET" } else { "POST" }.to_owned())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::topology::iam::Iap;
    use crate::topology::load_balancer::{Backend, Redirect};
    use crate::topology::network::{Connector, External, FullNatSubnet, Nat, Subnet};
    use crate::topology::organization::{AccessLevel, Product, User};
    use crate::topology::record::KeyInfo;
    use crate::topology::security_policy::{PolicyRule, SecurityPolicy};
    use crate::topology::service::{Service, VpcAccess};

    /// A key says of itself what it is if absent; the table says the same.
    #[test]
    fn the_table_says_what_the_keys_say() {
        let records: &[(&str, &[KeyInfo])] = &[
            ("Service", Service::KEYS),
            ("VpcAccess", VpcAccess::KEYS),
            ("Iap", Iap::KEYS),
            ("Redirect", Redirect::KEYS),
            ("Backend", Backend::KEYS),
            ("Subnet", Subnet::KEYS),
            ("Connector", Connector::KEYS),
            ("Nat", Nat::KEYS),
            ("FullNatSubnet", FullNatSubnet::KEYS),
            ("External", External::KEYS),
            ("AccessLevel", AccessLevel::KEYS),
            ("User", User::KEYS),
            ("Product", Product::KEYS),
            ("PolicyRule", PolicyRule::KEYS),
            ("SecurityPolicy", SecurityPolicy::KEYS),
        ];
        for (record, key, fixed) in FIXED {
            let (_, keys) = records.iter().find(|(own, _)| own == record).expect(record);
            let info = keys.iter().find(|own| own.name == *key).expect(key);
            let said = info.description();
            let value = match fixed {
                Fixed::Flag(false) if *key == "iap" => "off".to_owned(),
                Fixed::Flag(flag) => flag.to_string(),
                Fixed::Word(word) | Fixed::List(word) => (*word).to_owned(),
                Fixed::Number(number) | Fixed::Port(number) => number.to_string(),
            };
            let plain = said.replace('`', "");
            let absent = [format!("{value} if absent"), format!("{value} if empty")];
            assert!(absent.iter().any(|text| plain.contains(text)), "{record}.{key}: {said}");
        }
    }
}
