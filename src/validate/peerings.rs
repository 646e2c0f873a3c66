//! Peerings, and what is expected to lie behind them.

use std::collections::HashMap;

use super::Checker;
use crate::source::{Span, codes};

codes! {
    PEERING_WITH_ITSELF = Error "peering-with-itself" "EGR-092" {
        "a network peered with itself",
        "a peering joins two networks",
        "networks:
  prod: {}
peerings:
  loop: {network: prod, peer: prod}
",
    }
    DUPLICATE_PEERING = Error "duplicate-peering" "EGR-092" {
        "two peerings of one network with another",
        "a network has one side of a peering with another network",
        "networks:
  prod: {}
  data: {}
peerings:
  one: {network: prod, peer: data}
  two: {network: prod, peer: data}
  back: {network: data, peer: prod}
",
    }
}

impl Checker<'_, '_> {
    pub(super) fn peerings(&mut self) {
        let topology = self.topology;
        let mut sides: HashMap<(&str, &str), Span> = HashMap::new();
        for (id, entry) in &topology.peerings {
            let (own, peer) = (&entry.value.network, &entry.value.peer);
            let resource = format!("peering/{id}");
            if own.value == peer.value {
                let message = format!("{resource} joins network/{} with itself", own.value);
                let finding = PEERING_WITH_ITSELF.finding(message).at(peer.span);
                self.report(finding.resource(resource));
            } else if let Some(first) = sides.insert((&own.value, &peer.value), entry.key_span) {
                let message =
                    format!("network/{} has two peerings with network/{}", own.value, peer.value);
                let finding = DUPLICATE_PEERING.finding(message).at(entry.key_span);
                self.report(finding.also(first, "the other one").resource(resource));
            }
        }
    }
}
