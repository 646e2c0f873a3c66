//! Cloud Armor: security policies and address groups.

use ipnet::IpNet;

use schemars::{Schema, SchemaGenerator, json_schema};

use super::record::{
    Decode, Decoder, Field, Map, Show, Showing, Shown, Spanned, keyword, record, single,
};
use crate::source::tree::Node;

/// The priority of the rule that every policy has (ING-123).
pub const DEFAULT_PRIORITY: u32 = 2_147_483_647;

keyword! {
    /// The type of a policy (ING-116).
    pub enum PolicyType {
        /// Evaluated behind the cache, attached to a backend or a node of the hierarchy.
        Backend = "backend" | "CLOUD_ARMOR",
        /// Evaluated before the cache.
        Edge = "edge" | "CLOUD_ARMOR_EDGE",
        /// For packets to machines; it never concerns Cloud Run.
        Network = "network" | "CLOUD_ARMOR_NETWORK",
        /// For a service mesh; it never concerns Cloud Run.
        InternalService = "internal-service" | "CLOUD_ARMOR_INTERNAL_SERVICE",
    }
}

/// What a rule does (ING-124).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Lets the request pass, and ends the policy.
    Allow,
    /// Refuses with this status: 403, 404 or 502.
    Deny(u16),
    /// Lets pass up to a rate, and ends the policy (ING-125).
    Throttle,
    /// Lets pass up to a rate, then bans for a while (ING-125).
    RateBasedBan,
    /// Redirects to reCAPTCHA or another URL.
    Redirect,
    /// Leaves the decision to the next level; hierarchical policies only (ING-136).
    GoToNext,
}

const ACTIONS: &[(&[&str], Action)] = &[
    (&["allow"], Action::Allow),
    (&["deny(403)"], Action::Deny(403)),
    (&["deny(404)"], Action::Deny(404)),
    (&["deny(502)"], Action::Deny(502)),
    (&["throttle"], Action::Throttle),
    (&["rate_based_ban"], Action::RateBasedBan),
    (&["redirect"], Action::Redirect),
    (&["goto_next"], Action::GoToNext),
];

impl Decode for Action {
    fn decode(node: &Node, cx: &mut Decoder<'_>) -> Option<Self> {
        cx.word(node, || "action of a rule".to_owned(), ACTIONS)
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        let words: Vec<&str> = ACTIONS.iter().map(|(words, _)| words[0]).collect();
        json_schema!({ "description": "What a rule does.", "type": "string", "enum": words })
    }
}

impl std::fmt::Display for Action {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let word = ACTIONS
            .iter()
            .find(|(_, action)| action == self)
            .map_or("allow", |(words, _)| words[0]);
        f.write_str(word)
    }
}

impl Show for Action {
    fn show(&self, _: Showing<'_>) -> Option<Shown> {
        Some(Shown::text(self.to_string()))
    }
}

/// Source ranges of a rule: `*` for all, addresses, ranges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SourceRange {
    /// Every address.
    All,
    /// A range.
    Range(IpNet),
}

impl Decode for SourceRange {
    fn decode(node: &Node, cx: &mut Decoder<'_>) -> Option<Self> {
        if node.as_str() == Some("*") {
            return Some(SourceRange::All);
        }
        IpNet::decode(node, cx).map(SourceRange::Range)
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "An address, a range in CIDR notation, or `*` for all.",
            "type": "string"
        })
    }
}

impl Show for SourceRange {
    fn show(&self, showing: Showing<'_>) -> Option<Shown> {
        match self {
            SourceRange::All => Some(Shown::text("*")),
            SourceRange::Range(range) => range.show(showing),
        }
    }
}

single! { Action, SourceRange }

record! {
    /// A rule of a security policy: either `match` or `source_ranges`.
    pub struct PolicyRule {
        /// Its priority; lower is first (ING-122, ING-123).
        pub priority: Spanned<u32>,
        /// What it does.
        pub action: Spanned<Action>,
        /// An expression in the rules language (ING-128 to ING-131).
        pub r#match: Option<Field<String>>,
        /// Source ranges, at most ten (ING-127).
        pub source_ranges: Vec<Spanned<SourceRange>>,
        /// Evaluated and logged, not enforced (ING-126).
        pub preview: Option<Field<bool>> = false,
        /// Words for people.
        pub description: Option<Spanned<String>>,
        /// Where a redirect points; a reCAPTCHA challenge if absent.
        pub redirect: Option<Spanned<String>>,
    }
}

record! {
    /// A Cloud Armor security policy.
    pub struct SecurityPolicy: resource "security_policy" {
        /// The project.
        pub project: Option<Field<String>>,
        /// Its type.
        pub r#type: Option<Spanned<PolicyType>> = PolicyType::Backend,
        /// The region, for the policy of a regional load balancer (ING-138).
        pub region: Option<Spanned<String>>,
        /// The rules; a policy without a default rule allows what none matches (ING-123).
        pub rules: Vec<PolicyRule>,
        /// Headers that hold the user's address behind another proxy (ING-132).
        pub user_ip_request_headers: Vec<Spanned<String>>,
        /// Free labels, for selectors.
        pub labels: Map<Spanned<String>>,
    }
}

record! {
    /// A group of addresses that rules refer to (ING-130).
    pub struct AddressGroup: resource "address_group" {
        /// Its ranges.
        pub ranges: Vec<Spanned<IpNet>>,
        /// Free labels, for selectors.
        pub labels: Map<Spanned<String>>,
    }
}
