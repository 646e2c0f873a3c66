//! Load balancers without proxies.

use super::Linter;
use crate::source::codes;
use crate::topology::load_balancer::LoadBalancer;
use crate::topology::record::Field;

codes! {
    MISSING_PROXY_SUBNET = Warning "missing-proxy-subnet" "ING-112" {
        "an internal or regional load balancer without proxies",
        "an internal or regional external load balancer needs a proxy-only subnet in its network and \
         region; without one nobody gets through",
        "networks:
  prod: {subnets: {run: {region: europe-west1, range: 10.0.0.0/24}}}
services:
  web: {region: europe-west1, ingress: internal}
backends:
  web: {services: [web]}
load_balancers:
  inside: {kind: regional-internal, network: prod, region: europe-west1, url_map: {default: web}}
",
    }
}

impl Linter<'_, '_> {
    pub(super) fn load_balancers(&mut self) {
        for (id, entry) in &self.topology.load_balancers {
            self.proxies(&entry.value, &format!("load_balancer/{id}"));
        }
    }

    fn proxies(&mut self, load_balancer: &LoadBalancer, resource: &str) {
        let topology = self.topology;
        let kind = load_balancer.kind.value;
        let Some(purpose) = kind.proxies() else { return };
        let Some(name) = load_balancer.network.as_ref() else { return };
        let Some(network) = name.known().and_then(|name| topology.networks.id_of(name)) else {
            return;
        };
        let region = load_balancer.region.as_ref().and_then(Field::known).map(String::as_str);
        if kind.is_regional() && region.is_none() {
            return;
        }
        // Those of a cross-region one are where its addresses are.
        let front_ends = load_balancer.front_ends.iter();
        let mut regions: Vec<Option<&str>> = match kind.is_regional() {
            true => vec![region],
            false => front_ends.map(|own| own.region.as_ref().map(|own| &*own.value)).collect(),
        };
        if regions.is_empty() {
            regions.push(None);
        }
        let lacks = |region: &&Option<&str>| !topology.has_proxy_subnet(network, purpose, **region);
        let Some(wanted) = regions.iter().find(lacks) else { return };
        let id = topology.networks.key(network);
        let message = match wanted {
            Some(region) => format!("network/{id} has no proxies for {resource} in `{region}`"),
            None => format!("network/{id} has no proxies for {resource}"),
        };
        let finding = MISSING_PROXY_SUBNET.finding(message).at(name.span);
        let help = format!("add a subnet with `purpose: {purpose}`");
        self.report(finding.help(help).resource(resource));
    }
}
