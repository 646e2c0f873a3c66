//! What was exercised.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Display, Formatter};

use portolan::Verdict as Told;
use portolan::internals::graph::{
    Atom, Body, Expression, ExpressionId, FieldChange, Graph, Hop, HopKind, ListId, ListRule,
    Outcome, ResourceKind, RuleVerdict, Switch, TextField,
};
use portolan::internals::topology::TextTest;
use portolan::internals::walk::WalkTrace;
use portolan::rules::RuleId;

use crate::check::Fate;
use crate::law::Tally;

const ATOMS: &[&str] = &[
    "Origin",
    "Source",
    "UserAddress",
    "Port",
    "Https",
    "Principal",
    "Credential",
    "Host Equals",
    "Host Prefix",
    "Host Suffix",
    "Host Contains",
    "Host Matches",
    "Path Equals",
    "Path Prefix",
    "Path Suffix",
    "Path Contains",
    "Path Matches",
    "Query Equals",
    "Query Contains",
    "Query Matches",
    "Method Equals",
    "Method Matches",
    "Header Equals",
    "Header Prefix",
    "Header Suffix",
    "Header Contains",
    "Header Matches",
    "Present",
    "Destination",
    "Region",
    "Asn",
    "Condition",
    "Assumption",
];

/// `Path` is not one of them: no rule that is modelled replaces a whole path, and the engines are
/// compared about it in tests of their own.
const CHANGES: &[&str] =
    &["Origin", "Identity", "Source", "Host", "PathPrefix", "Destination", "Connection"];

const CAUSES: &[&str] = &[
    "NO_ROUTE",
    "PRIVATE_GOOGLE_ACCESS_DISALLOWED",
    "NO_EXTERNAL_ADDRESS",
    "MISMATCHED_IP_VERSION",
    "CLOUD_NAT_NO_ADDRESSES",
    "VPC_CONNECTOR_NOT_SET",
    "FORWARDING_RULE_MISMATCH",
    "FORWARDING_RULE_REGION_MISMATCH",
    "LOAD_BALANCER_HAS_NO_PROXY_SUBNET",
    "INGRESS_NOT_ALLOWED",
    "DEFAULT_URL_DISABLED",
    "HOST_NOT_FOUND",
    "URL_MASK_NO_MATCH",
    "RESERVED_PATH",
    "METHOD_NOT_DELIVERED",
    "REDIRECTED",
    "SECURITY_POLICY_DENY",
    "IAP_MISCONFIGURED",
    "IAP_UNAUTHENTICATED",
    "IAP_DENIED",
    "IAM_UNAUTHENTICATED",
    "IAM_INVALID_TOKEN",
    "IAM_DENY_POLICY",
    "IAM_PERMISSION_DENIED",
    "DESTINATION_NOT_ADMITTED",
    "NO_BACKEND",
];

/// What was exercised, and what there was.
#[derive(Debug, Default)]
pub struct Coverage {
    pub topologies: usize,
    pub requests: usize,
    pub unsendable: usize,
    pub delivered: usize,
    pub unanswered: usize,
    pub verdicts: BTreeMap<Told, usize>,
    pub refused: usize,
    pub dropped: usize,
    pub looped: usize,
    pub paths: usize,
    pub witnesses: usize,
    pub alike: usize,
    pub laws: Tally,
    hops: BTreeMap<(HopKind, &'static str), usize>,
    hops_made: BTreeSet<(HopKind, &'static str)>,
    atoms: BTreeMap<String, usize>,
    changes: BTreeMap<&'static str, usize>,
    causes: BTreeMap<&'static str, usize>,
    delivered_to: BTreeMap<ResourceKind, usize>,
    sources: BTreeMap<ResourceKind, usize>,
    rules: BTreeMap<RuleId, usize>,
    rules_made: BTreeSet<RuleId>,
}

/// The rules that the hops of a graph carry. A list that no gate has is none that a request comes
/// by: so are those that only say whether a connector is served (EGR-028).
pub fn carried(graph: &Graph) -> BTreeSet<RuleId> {
    let hops = graph.hops.node_weights().map(|hop| hop.rule);
    hops.chain(rules_of_gates(graph).filter_map(|rule| rule.rule)).collect()
}

/// The rules of the lists that gates have.
pub fn rules_of_gates(graph: &Graph) -> impl Iterator<Item = &ListRule> {
    let lists: BTreeSet<ListId> = graph.hops.node_weights().filter_map(list_of).collect();
    lists.into_iter().flat_map(|list| &graph.list(list).rules)
}

fn list_of(hop: &Hop) -> Option<ListId> {
    match &hop.body {
        Body::Gate { list, .. } => Some(*list),
        _ => None,
    }
}

impl Coverage {
    /// What a graph has, of which nothing was exercised yet.
    pub fn of(graph: &Graph) -> Coverage {
        let mut coverage = Coverage { topologies: 1, ..Coverage::default() };
        for hop in graph.hops.node_weights() {
            coverage.hops_made.insert((hop.kind, body(&hop.body)));
        }
        coverage.rules_made = carried(graph);
        coverage
    }

    /// Of some rules, those that no request came by, and whether any topology had them.
    pub fn never(&self, rules: &BTreeSet<RuleId>) -> Vec<String> {
        let made = |rule| if self.rules_made.contains(rule) { "" } else { " (never made)" };
        rules
            .union(&self.rules_made)
            .filter(|rule| !self.rules.contains_key(rule))
            .map(|rule| format!("{rule}{}", made(rule)))
            .collect()
    }

    /// Whether no request came by a hop of this kind, or of this rule.
    pub fn lacks_hop(&self, hop: &Hop) -> bool {
        self.lacks(hop.rule) || !self.hops.contains_key(&(hop.kind, body(&hop.body)))
    }

    /// Whether no request came by a rule.
    pub fn lacks(&self, rule: RuleId) -> bool {
        !self.rules.contains_key(&rule)
    }

    pub fn request(
        &mut self,
        graph: &Graph,
        source: &portolan::internals::graph::Source,
        fate: Fate,
        trace: Option<&WalkTrace>,
    ) {
        self.requests += 1;
        *self.sources.entry(graph.resource(source.resource).kind).or_default() += 1;
        match fate {
            Fate::Unsendable => self.unsendable += 1,
            Fate::Delivered => self.delivered += 1,
            Fate::Unanswered => self.unanswered += 1,
            Fate::Refused => self.refused += 1,
            Fate::Dropped => self.dropped += 1,
            Fate::Looped => self.looped += 1,
        }
        self.asked(graph, source.requests);
        if let Some(trace) = trace {
            self.way(graph, trace);
        }
    }

    /// What one request came by.
    pub fn way(&mut self, graph: &Graph, trace: &WalkTrace) {
        for step in &trace.steps {
            let hop = graph.hop(step.hop);
            *self.hops.entry((hop.kind, body(&hop.body))).or_default() += 1;
            *self.rules.entry(hop.rule).or_default() += 1;
            if let Body::Gate { list, .. } = &hop.body {
                let list = graph.list(*list);
                let rule = step.rule.and_then(|at| list.rules[at].rule);
                let previewed = step.previewed.iter().filter_map(|at| list.rules[*at].rule);
                for rule in rule.into_iter().chain(previewed) {
                    *self.rules.entry(rule).or_default() += 1;
                }
                for rule in &list.rules[..step.rule.map_or(list.rules.len(), |at| at + 1)] {
                    self.asked(graph, rule.when);
                }
                if matches!(list.otherwise, RuleVerdict::Refuse(_)) && step.rule.is_none() {
                    *self.rules.entry(hop.rule).or_default() += 1;
                }
            }
            match &hop.body {
                Body::Switch(Switch::FirstMatch { branches, .. }) => {
                    branches.iter().for_each(|(when, _)| self.asked(graph, *when));
                }
                Body::Rewrite { changes, .. } => {
                    for change in changes {
                        *self.changes.entry(change_name(change)).or_default() += 1;
                    }
                }
                _ => {}
            }
            match step.outcome.map(|id| graph.outcome(id)) {
                Some(Outcome::Delivered { to }) => {
                    *self.delivered_to.entry(graph.resource(*to).kind).or_default() += 1;
                }
                Some(other) => {
                    if let Some(cause) = other.cause() {
                        *self.causes.entry(cause.name()).or_default() += 1;
                    }
                }
                None => {}
            }
        }
    }

    fn asked(&mut self, graph: &Graph, id: ExpressionId) {
        match graph.expressions.get(id) {
            Expression::True | Expression::False => {}
            Expression::Not(part) => self.asked(graph, *part),
            Expression::All(parts) | Expression::Any(parts) => {
                parts.iter().for_each(|part| self.asked(graph, *part));
            }
            Expression::Atom(atom) => {
                let name = atom_name(atom);
                match self.atoms.get_mut(&name) {
                    Some(count) => *count += 1,
                    None => drop(self.atoms.insert(name, 1)),
                }
            }
        }
    }

    pub fn with(mut self, other: Coverage) -> Coverage {
        fn add<K: Ord>(into: &mut BTreeMap<K, usize>, from: BTreeMap<K, usize>) {
            from.into_iter().for_each(|(key, count)| *into.entry(key).or_default() += count);
        }
        self.topologies += other.topologies;
        self.requests += other.requests;
        self.unsendable += other.unsendable;
        self.delivered += other.delivered;
        self.unanswered += other.unanswered;
        for (verdict, count) in other.verdicts {
            *self.verdicts.entry(verdict).or_default() += count;
        }
        self.refused += other.refused;
        self.dropped += other.dropped;
        self.looped += other.looped;
        self.paths += other.paths;
        self.witnesses += other.witnesses;
        self.alike += other.alike;
        self.laws = std::mem::take(&mut self.laws).with(other.laws);
        add(&mut self.hops, other.hops);
        add(&mut self.atoms, other.atoms);
        add(&mut self.changes, other.changes);
        add(&mut self.causes, other.causes);
        add(&mut self.delivered_to, other.delivered_to);
        add(&mut self.sources, other.sources);
        add(&mut self.rules, other.rules);
        self.hops_made.extend(other.hops_made);
        self.rules_made.extend(other.rules_made);
        self
    }

    /// The share of requests that arrive, in percent.
    pub fn delivered_share(&self) -> f64 {
        100.0 * self.delivered as f64 / self.requests.max(1) as f64
    }
}

impl Display for Coverage {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let missing = |all: &[&str], has: &dyn Fn(&str) -> bool| -> String {
            let missing: Vec<&str> = all.iter().copied().filter(|name| !has(name)).collect();
            format!("{} of {}, never: {}", all.len() - missing.len(), all.len(), missing.join(" "))
        };
        writeln!(
            f,
            "{} topologies, {} requests ({} not sendable, {} delivered = {:.1}%, {} unanswered, {} refused, \
             {} dropped, {} looped), {} paths, {} witnesses, {} rewritten",
            self.topologies,
            self.requests,
            self.unsendable,
            self.delivered,
            self.delivered_share(),
            self.unanswered,
            self.refused,
            self.dropped,
            self.looped,
            self.paths,
            self.witnesses,
            self.alike
        )?;
        let never: Vec<String> = self
            .hops_made
            .iter()
            .filter(|hop| !self.hops.contains_key(*hop))
            .map(|(kind, body)| format!("{kind} ({body})"))
            .collect();
        writeln!(
            f,
            "hop kinds: {} of {}, never: {}",
            self.hops.len(),
            self.hops_made.len(),
            never.join(", ")
        )?;
        let atoms = |name: &str| self.atoms.contains_key(name);
        writeln!(f, "atoms: {}", missing(ATOMS, &atoms))?;
        let changes = |name: &str| self.changes.contains_key(name);
        writeln!(f, "changes: {}", missing(CHANGES, &changes))?;
        let causes = |name: &str| self.causes.contains_key(name);
        writeln!(f, "causes: {}", missing(CAUSES, &causes))?;
        let never: Vec<String> = self
            .rules_made
            .iter()
            .filter(|rule| !self.rules.contains_key(*rule))
            .map(RuleId::to_string)
            .collect();
        writeln!(
            f,
            "rules: {} of {}, never: {}",
            self.rules.len(),
            self.rules_made.len(),
            never.join(" ")
        )?;
        writeln!(f, "verdicts of one request: {:?}", self.verdicts)?;
        writeln!(f, "from: {:?}", self.sources)?;
        writeln!(f, "delivered to: {:?}", self.delivered_to)
    }
}

fn body(body: &Body) -> &'static str {
    match body {
        Body::Gate { .. } => "gate",
        Body::Rewrite { .. } => "rewrite",
        Body::Choice { .. } => "choice",
        Body::Terminal(_) => "terminal",
        Body::Switch(Switch::Host { .. }) => "host switch",
        Body::Switch(Switch::Path { .. }) => "path switch",
        Body::Switch(Switch::Destination { .. }) => "destination switch",
        Body::Switch(Switch::FirstMatch { .. }) => "first match",
    }
}

fn change_name(change: &FieldChange) -> &'static str {
    match change {
        FieldChange::Origin(_) => "Origin",
        FieldChange::Identity { .. } => "Identity",
        FieldChange::Source(_) => "Source",
        FieldChange::Host(_) => "Host",
        FieldChange::PathPrefix { .. } => "PathPrefix",
        FieldChange::Path(_) => "Path",
        FieldChange::Destination(_) => "Destination",
        FieldChange::Connection { .. } => "Connection",
    }
}

fn atom_name(atom: &Atom) -> String {
    let name = match atom {
        Atom::Origin(_) => "Origin",
        Atom::Source(_) => "Source",
        Atom::UserAddress { .. } => "UserAddress",
        Atom::Destination(_) => "Destination",
        Atom::Port(_) => "Port",
        Atom::Protocol(_) => "Protocol",
        Atom::Https => "Https",
        Atom::Principal(_) => "Principal",
        Atom::Credential(_) => "Credential",
        Atom::Present(_) => "Present",
        Atom::Region(_) => "Region",
        Atom::Asn(_) => "Asn",
        Atom::Condition(_) => "Condition",
        Atom::Assumption(_) => "Assumption",
        Atom::Text(field, matched) => {
            let field = match field {
                TextField::Host => "Host",
                TextField::Path => "Path",
                TextField::Query => "Query",
                TextField::Method => "Method",
                TextField::Header(_) => "Header",
            };
            let test = match &matched.test {
                TextTest::Equals(_) => "Equals",
                TextTest::Prefix(_) => "Prefix",
                TextTest::Suffix(_) => "Suffix",
                TextTest::Contains(_) => "Contains",
                TextTest::Matches(_) => "Matches",
            };
            return format!("{field} {test}");
        }
    };
    name.to_owned()
}
