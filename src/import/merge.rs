//! Several topologies as one.

use super::code;
use crate::source::{Finding, Findings, Span};
use crate::topology::Topology;
use crate::topology::record::{Decode, Map};

/// Adds what `other` declares. A resource that both declare is reported, and stays as it was.
pub fn merge(into: &mut Topology, other: Topology, findings: &mut Findings) {
    /// Names every map of a topology, so that one added later cannot be forgotten here.
    macro_rules! maps {
        ($($map:ident),* $(,)?) => {
            let Topology { portolan, organization, $($map,)* span: _ } = other;
            $(join(stringify!($map), &mut into.$map, $map, findings);)*
            into.portolan = into.portolan.take().or(portolan);
            match (&into.organization, organization) {
                (Some(first), Some(second)) => {
                    findings.push(twice("organization", first.span, second.span));
                }
                (None, organization) => into.organization = organization,
                (Some(_), None) => {}
            }
        };
    }
    maps! {
        folders, projects, networks, connectors, nats, services, jobs, worker_pools, domain_mappings,
        load_balancers, backends, backend_buckets, security_policies, address_groups,
        access_levels, groups, deny_policies, access_boundaries, perimeters, users, vms, passthrough_load_balancers, onprem,
        ncc_hubs, ncc_spokes, products, routes, policy_routes, peerings, firewall_rules, firewall_policies, zones, response_policies, dns_policies, psc_endpoints, service_attachments, private_connections, sql_instances, redis_instances, externals,
    }
}

fn join<T: Decode>(section: &str, into: &mut Map<T>, other: Map<T>, findings: &mut Findings) {
    for (id, entry) in other {
        if let Some(first) = into.entry(&id) {
            let kind = T::RESOURCE.unwrap_or(section);
            let resource = format!("{kind}/{id}");
            findings.push(twice(&resource, first.key_span, entry.key_span).resource(resource));
        } else {
            into.insert(id, entry.key_span, entry.value);
        }
    }
}

fn twice(what: &str, first: Span, second: Span) -> Finding {
    code::DECLARED_TWICE
        .finding(format!("`{what}` is declared twice"))
        .label(second, "declared again here")
        .also(first, "first declared here")
        .help("keep one of the two, or give one another id and set its `name`")
}
