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
    ("Network", "routing_mode", Fixed::Word("regional")),
    ("Network", "default_route", Fixed::Flag(true)),
    ("Network", "default_ipv6_route", Fixed::Flag(true)),
    ("Network", "default_rules", Fixed::Flag(false)),
    ("Project", "external_port_25", Fixed::Flag(false)),
    ("Connector", "running", Fixed::Flag(true)),
    ("Network", "firewall_order", Fixed::Word("after-classic")),
    ("Nat", "kind", Fixed::Word("public")),
    ("Nat", "nat64", Fixed::Flag(false)),
    ("DnsPolicy", "dns64", Fixed::Flag(false)),
    ("Vm", "can_ip_forward", Fixed::Flag(false)),
    ("Passthrough", "global_access", Fixed::Flag(false)),
    ("Site", "lines", Fixed::Word("vpn")),
    ("Site", "up", Fixed::Flag(true)),
    ("Line", "kind", Fixed::Word("vpn")),
    ("NccHub", "topology", Fixed::Word("mesh")),
    ("NccHub", "propagate_psc", Fixed::Flag(false)),
    ("NccSpoke", "site_to_site", Fixed::Flag(false)),
    ("Site", "learns", Fixed::List("all-subnets")),
    ("Route", "priority", Fixed::Number(1000)),
    ("PolicyRoute", "priority", Fixed::Number(1000)),
    ("Peering", "export_custom_routes", Fixed::Flag(false)),
    ("Peering", "import_custom_routes", Fixed::Flag(false)),
    ("Peering", "export_public_subnets", Fixed::Flag(true)),
    ("Peering", "import_public_subnets", Fixed::Flag(false)),
    ("Peering", "stack_type", Fixed::Word("ipv4-only")),
    ("FirewallRule", "direction", Fixed::Word("ingress")),
    ("FirewallRule", "priority", Fixed::Number(1000)),
    ("FirewallRule", "disabled", Fixed::Flag(false)),
    ("FirewallPolicyRule", "direction", Fixed::Word("ingress")),
    ("FirewallPolicyRule", "disabled", Fixed::Flag(false)),
    ("PscEndpoint", "global_access", Fixed::Flag(false)),
    ("ServiceAttachment", "accept_automatic", Fixed::Flag(false)),
    ("PrivateConnection", "export_custom_routes", Fixed::Flag(false)),
    ("PrivateConnection", "import_public_subnets", Fixed::Flag(false)),
    ("SqlInstance", "require_connector", Fixed::Flag(false)),
    ("RedisInstance", "tls", Fixed::Flag(false)),
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
        (
            "Service" | "Job" | "WorkerPool" | "Network" | "Product" | "SqlInstance"
            | "RedisInstance",
            "project",
        ) => project(topology.project(None)),
        ("ServiceAttachment", "project") => {
            let attachment = topology.service_attachments.get(id)?;
            project(topology.published_project(&attachment.load_balancer.value))
        }
        ("Service" | "Connector", "name")
        | ("DomainMapping", "host")
        | ("BackendBucket", "bucket") => Some(id.to_owned()),
        ("Service", "service_account") => {
            Some(topology.service_account(topology.services.index_of(id)?))
        }
        ("Job", "service_account") => Some(topology.job_account(topology.jobs.index_of(id)?)),
        ("WorkerPool", "service_account") => {
            Some(topology.worker_pool_account(topology.worker_pools.index_of(id)?))
        }
        ("Backend", "protocol") => {
            let leads = !topology.backends.get(id)?.psc_negs.is_empty();
            leads.then(|| "http".to_owned())
        }
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
            project(topology.load_balancer_project(topology.load_balancers.get(id)?))
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
    use crate::topology::dns::DnsPolicy;
    use crate::topology::firewall::{FirewallPolicyRule, FirewallRule};
    use crate::topology::hybrid::{Line, NccHub, NccSpoke, Site};
    use crate::topology::iam::Iap;
    use crate::topology::load_balancer::{Backend, Redirect};
    use crate::topology::network::{
        Connector, External, FullNatSubnet, Nat, Network, Passthrough, Subnet, Vm,
    };
    use crate::topology::organization::{AccessLevel, Product, Project, User};
    use crate::topology::private_access::{
        PrivateConnection, PscEndpoint, RedisInstance, ServiceAttachment, SqlInstance,
    };
    use crate::topology::record::KeyInfo;
    use crate::topology::routing::{Peering, PolicyRoute, Route};
    use crate::topology::security_policy::{PolicyRule, SecurityPolicy};
    use crate::topology::service::{Service, VpcAccess};

    const RECORDS: &[(&str, &[KeyInfo])] = &[
        ("Service", Service::KEYS),
        ("VpcAccess", VpcAccess::KEYS),
        ("Iap", Iap::KEYS),
        ("Redirect", Redirect::KEYS),
        ("Backend", Backend::KEYS),
        ("Subnet", Subnet::KEYS),
        ("Connector", Connector::KEYS),
        ("Nat", Nat::KEYS),
        ("DnsPolicy", DnsPolicy::KEYS),
        ("FullNatSubnet", FullNatSubnet::KEYS),
        ("External", External::KEYS),
        ("AccessLevel", AccessLevel::KEYS),
        ("User", User::KEYS),
        ("Product", Product::KEYS),
        ("PolicyRule", PolicyRule::KEYS),
        ("SecurityPolicy", SecurityPolicy::KEYS),
        ("Network", Network::KEYS),
        ("Project", Project::KEYS),
        ("Vm", Vm::KEYS),
        ("Passthrough", Passthrough::KEYS),
        ("Site", Site::KEYS),
        ("Line", Line::KEYS),
        ("NccHub", NccHub::KEYS),
        ("NccSpoke", NccSpoke::KEYS),
        ("Route", Route::KEYS),
        ("PolicyRoute", PolicyRoute::KEYS),
        ("Peering", Peering::KEYS),
        ("FirewallRule", FirewallRule::KEYS),
        ("FirewallPolicyRule", FirewallPolicyRule::KEYS),
        ("PscEndpoint", PscEndpoint::KEYS),
        ("ServiceAttachment", ServiceAttachment::KEYS),
        ("PrivateConnection", PrivateConnection::KEYS),
        ("SqlInstance", SqlInstance::KEYS),
        ("RedisInstance", RedisInstance::KEYS),
    ];

    /// A key that says of itself what it is if absent is in the table.
    #[test]
    fn the_keys_say_what_the_table_says() {
        // These follow from the rest of the topology.
        let derived = [("Product", "method")];
        for (record, keys) in RECORDS {
            for info in *keys {
                let said = info.description();
                let fixed = ["true if absent", "false if absent", "` if absent"];
                if !fixed.iter().any(|text| said.contains(text))
                    || derived.contains(&(*record, info.name))
                {
                    continue;
                }
                let listed = FIXED.iter().any(|(own, key, _)| own == record && *key == info.name);
                assert!(listed, "{record}.{}: {said}", info.name);
            }
        }
    }

    /// A key says of itself what it is if absent; the table says the same.
    #[test]
    fn the_table_says_what_the_keys_say() {
        for (record, key, fixed) in FIXED {
            let (_, keys) = RECORDS.iter().find(|(own, _)| own == record).expect(record);
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
