//! What the answer to a request meets at the places that its request passed.

use super::graph::Graph;
use super::hop::{Body, FieldChange, HopId};
use super::kind::HopKind;
use crate::rules::RuleId;

/// What happens to an answer on its way back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply {
    /// A stateful gate lets it pass: it is part of a connection that the gate admitted (EGR-104).
    Connection,
    /// It is one of those that a sender may get back where nothing enters unasked (EGR-025).
    Response,
    /// The translation of the source address is undone (EGR-073).
    Translation,
    /// A route leads it back to where the request came from (EGR-081, EGR-091, EGR-159).
    Route,
    /// A route or a machine leads it on.
    Onward,
    /// It ends at a proxy, which answers its own client (ING-083, EGR-114).
    Proxy,
}

impl Graph {
    /// What an answer meets at a hop that its request passed, and the documented behaviour;
    /// nothing where only requests are decided on.
    pub fn reply(&self, hop: HopId) -> Option<(Reply, RuleId)> {
        let hop = self.hop(hop);
        match (hop.kind, &hop.body) {
            (HopKind::IngressFirewall | HopKind::EgressFirewall, Body::Gate { .. }) => {
                Some((Reply::Connection, RuleId::egr(104)))
            }
            (HopKind::Connector, Body::Gate { .. }) => Some((Reply::Response, RuleId::egr(25))),
            (HopKind::ReturnRoute, Body::Gate { .. }) => Some((Reply::Route, hop.rule)),
            (HopKind::InsideNetwork, Body::Switch(_)) => Some((Reply::Route, RuleId::egr(81))),
            (HopKind::PrivateGoogleAccess, Body::Rewrite { .. }) => Some((Reply::Route, hop.rule)),
            (HopKind::Backend, Body::Rewrite { .. }) => Some((Reply::Proxy, RuleId::ing(83))),
            (_, Body::Rewrite { changes, .. }) => {
                let translated =
                    changes.iter().any(|change| matches!(change, FieldChange::Source(_)));
                let rule = if hop.kind == HopKind::CloudNat { RuleId::egr(73) } else { hop.rule };
                translated.then_some((Reply::Translation, rule))
            }
            _ => None,
        }
    }
}
