//! Small graphs by hand: each kind of hop, each atom, each change.

use std::net::IpAddr;

use petgraph::graph::DiGraph;

use super::walker::STEP_LIMIT;
use super::*;
use crate::graph::identity::Identities;
use crate::graph::names::Names;
use crate::graph::*;
use crate::graph::{HopKind, ResourceKind};
use crate::rules::RuleId;
use crate::source::Span;
use crate::topology::condition::TextTest;
use crate::topology::record::{ById, Id};

/// A graph that is built from its end: a hop leads to hops that are already there.
struct Builder {
    graph: Graph,
}

impl Builder {
    fn new() -> Self {
        Builder {
            graph: Graph {
                resolvers: Vec::new(),
                looped: OutcomeId(u32::MAX),
                asked_headers: Default::default(),
                hops: DiGraph::default(),
                expressions: Expressions::default(),
                lists: Vec::new(),
                outcomes: Vec::new(),
                resources: vec![Resource { kind: ResourceKind::Service, id: "web".into() }],
                resource_identities: Vec::new(),
                entries: Vec::new(),
                choices: Vec::new(),
                assumptions: Vec::new(),
                conditions: Vec::new(),
                identities: Identities::default(),
                sources: Vec::new(),
                policies: Vec::new(),
                narrowed: Default::default(),
                placeholders: Placeholders::default(),
                names: Names::default(),
                gaps: Vec::new(),
                doors: ById::default(),
            },
        }
    }

    fn hop(&mut self, body: Body) -> HopId {
        let successors = body.successors();
        let id = self.graph.hops.add_node(Hop {
            resource: ResourceId(0),
            kind: HopKind::Revision,
            rule: RuleId::ing(1),
            at: Span::none(),
            entry: None,
            body,
        });
        for next in successors {
            self.graph.hops.add_edge(id, next, ());
        }
        id
    }

    fn outcome(&mut self, outcome: Outcome) -> OutcomeId {
        self.graph.outcomes.push(outcome);
        OutcomeId(self.graph.outcomes.len() as u32 - 1)
    }

    fn refusal(&mut self, cause: Cause, status: u16) -> OutcomeId {
        self.outcome(Outcome::Refused { cause, status })
    }

    fn terminal(&mut self, outcome: Outcome) -> HopId {
        let outcome = self.outcome(outcome);
        self.hop(Body::Terminal(outcome))
    }

    fn delivered(&mut self) -> HopId {
        self.terminal(Outcome::Delivered { to: ResourceId(0) })
    }

    /// Terminals that are told apart by their hops.
    fn terminals<const N: usize>(&mut self) -> [HopId; N] {
        std::array::from_fn(|_| self.delivered())
    }

    fn list(&mut self, rules: Vec<ListRule>, otherwise: RuleVerdict) -> ListId {
        self.graph.lists.push(List { rules: rules.into(), otherwise });
        ListId(self.graph.lists.len() as u32 - 1)
    }

    fn gate(&mut self, rules: Vec<ListRule>, otherwise: RuleVerdict, next: HopId) -> HopId {
        let list = self.list(rules, otherwise);
        self.hop(Body::Gate { list, next })
    }

    /// A gate that passes what the expression holds of.
    fn guard(&mut self, when: ExpressionId, cause: Cause, status: u16, next: HopId) -> HopId {
        let refusal = self.refusal(cause, status);
        self.gate(vec![rule(when, RuleVerdict::Pass)], RuleVerdict::Refuse(refusal), next)
    }

    fn rewrite(&mut self, changes: Vec<FieldChange>, next: HopId) -> HopId {
        self.hop(Body::Rewrite { changes: changes.into(), next })
    }

    fn atom(&mut self, atom: Atom) -> ExpressionId {
        self.graph.expressions.atom(atom)
    }

    fn assumption(&mut self, default: Option<bool>) -> ExpressionId {
        let id = AssumptionId(self.graph.assumptions.len() as u32);
        self.graph.assumptions.push(Assumption {
            id: format!("a{}", id.0),
            kind: AssumptionKind::Unknown,
            text: String::new(),
            default,
            at: Span::none(),
        });
        self.atom(Atom::Assumption(id))
    }

    fn walk(&self, start: HopId, request: &Request) -> WalkTrace {
        Walker::new(&self.graph).walk(start, Origin::Internet, request)
    }
}

fn rule(when: ExpressionId, then: RuleVerdict) -> ListRule {
    ListRule {
        when,
        then,
        at: Span::none(),
        rule: None,
        name: RuleName::Unnamed,
        preview: false,
        rate_limit: false,
    }
}

fn address(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn request() -> Request {
    Request {
        source: address("198.51.100.7"),
        destination: address("203.0.113.80"),
        port: 443,
        protocol: crate::topology::firewall::Protocol::Tcp,
        https: true,
        host: "www.example.com".into(),
        path: "/api/v1".into(),
        query: "a=1".into(),
        method: "GET".into(),
        headers: [("user-agent".to_string(), "Curl/8".to_string())].into(),
        region: "JP".into(),
        asn: 64500,
        principal: Identities::ANONYMOUS,
        credential: Identities::NONE,
        conditions: Default::default(),
        assumptions: Vec::new(),
        choices: Vec::new(),
    }
}

fn hops(trace: &WalkTrace) -> Vec<HopId> {
    trace.steps.iter().map(|step| step.hop).collect()
}

fn actions(trace: &WalkTrace) -> Vec<StepAction> {
    trace.steps.iter().map(|step| step.action).collect()
}

fn last(trace: &WalkTrace) -> HopId {
    trace.steps.last().unwrap().hop
}

#[test]
fn terminals_deliver_refuse_redirect_and_drop() {
    let mut b = Builder::new();
    let refused = |cause| Outcome::Refused { cause, status: 404 };
    let cases = [
        (Outcome::Delivered { to: ResourceId(0) }, StepAction::Deliver),
        (refused(Cause::HostNotFound), StepAction::Refuse),
        (Outcome::Redirected { status: 301, location: None }, StepAction::Redirect),
        (Outcome::Dropped { cause: Cause::NoRoute }, StepAction::Drop),
    ];
    for (outcome, action) in cases {
        let start = b.terminal(outcome);
        let trace = b.walk(start, &request());
        assert_eq!(actions(&trace), [action]);
        assert_eq!(trace.steps[0].outcome, trace.outcome);
        assert_eq!(trace.end(), trace.outcome);
        assert_eq!(trace.is_delivered(&b.graph), action == StepAction::Deliver);
        assert_eq!(trace.blocked().count(), usize::from(action != StepAction::Deliver));
    }
}

#[test]
fn the_first_rule_that_matches_decides() {
    let mut b = Builder::new();
    let end = b.delivered();
    let deny = b.refusal(Cause::SecurityPolicyDeny, 403);
    let jp = b.atom(Atom::Region(["JP".into()].into()));
    let us = b.atom(Atom::Region(["US".into()].into()));
    let denies = rule(jp, RuleVerdict::Refuse(deny));
    let rules = vec![rule(us, RuleVerdict::Pass), denies, rule(jp, RuleVerdict::Pass)];
    let gate = b.gate(rules, RuleVerdict::Pass, end);

    let trace = b.walk(gate, &request());
    let [step] = trace.steps.as_slice() else { panic!("{trace:?}") };
    assert_eq!(
        (step.action, step.rule, &step.note),
        (StepAction::Refuse, Some(1), &StepNote::Rule)
    );
    assert_eq!(trace.outcome, Some(deny));
    assert_eq!(trace.refused_by().unwrap().hop, gate);

    let trace = b.walk(gate, &Request { region: "US".into(), ..request() });
    assert_eq!(actions(&trace), [StepAction::Admit, StepAction::Deliver]);
    assert_eq!(trace.steps[0].rule, Some(0));
    assert!(trace.refused_by().is_none());

    let trace = b.walk(gate, &Request { region: "DE".into(), ..request() });
    assert_eq!((trace.steps[0].rule, &trace.steps[0].note), (None, &StepNote::NoRule));
}

#[test]
fn preview_rules_are_recorded_and_decide_nothing() {
    let mut b = Builder::new();
    let end = b.delivered();
    let deny = b.refusal(Cause::SecurityPolicyDeny, 403);
    let always = b.graph.expressions.always();
    let assumed = b.assumption(Some(true));
    let waf = b.atom(Atom::Condition(ConditionId(0)));
    let preview = |when| ListRule { preview: true, ..rule(when, RuleVerdict::Refuse(deny)) };
    let rules = vec![
        preview(assumed),
        preview(waf),
        preview(always),
        rule(always, RuleVerdict::Pass),
        preview(always),
    ];
    let gate = b.gate(rules, RuleVerdict::Refuse(deny), end);
    let trace = b.walk(gate, &request());
    assert_eq!(actions(&trace), [StepAction::Admit, StepAction::Deliver]);
    assert_eq!(trace.steps[0].previewed, [0, 2]);
    assert_eq!(trace.steps[0].rule, Some(3));
    assert!(trace.consulted.is_empty() && trace.conditions.is_empty());
}

#[test]
fn hosts_go_by_exact_name_then_by_longest_suffix() {
    let mut b = Builder::new();
    let [exact, short, long, otherwise] = b.terminals();
    let names = |suffixes: &[(&str, HopId)]| Switch::Host {
        exact: [("a.example.com".into(), exact), ("www.example.com".into(), exact)].into(),
        suffixes: suffixes.iter().map(|(suffix, hop)| ((*suffix).into(), *hop)).collect(),
        otherwise,
    };
    let some = b.hop(Body::Switch(names(&[(".com", short), (".example.com", long)])));
    let all = b.hop(Body::Switch(names(&[("", short), (".example.com", long)])));
    let cases = [
        (some, "www.example.com", exact, StepNote::Host("www.example.com".into())),
        (some, "x.y.example.com", long, StepNote::HostSuffix(".example.com".into())),
        (some, ".example.com", short, StepNote::HostSuffix(".com".into())),
        (some, "example.com", short, StepNote::HostSuffix(".com".into())),
        (some, ".com", otherwise, StepNote::AnyOtherHost),
        (some, "", otherwise, StepNote::AnyOtherHost),
        (all, "", short, StepNote::HostSuffix("".into())),
        (all, ".example.com", short, StepNote::HostSuffix("".into())),
    ];
    for (start, host, end, note) in cases {
        let trace = b.walk(start, &Request { host: host.into(), ..request() });
        assert_eq!((last(&trace), &trace.steps[0].note), (end, &note), "{host}");
        assert_eq!(actions(&trace), [StepAction::Route, StepAction::Deliver]);
    }
}

#[test]
fn paths_go_by_exact_path_then_by_longest_prefix() {
    let mut b = Builder::new();
    let [exact, short, long, otherwise] = b.terminals();
    let switch = b.hop(Body::Switch(Switch::Path {
        exact: [("/api/".into(), exact), ("/health".into(), exact)].into(),
        prefixes: [("/api/".into(), short), ("/api/v1/".into(), long)].into(),
        otherwise,
    }));
    let cases = [
        ("/health", exact, StepNote::Path("/health".into())),
        ("/api/", exact, StepNote::Path("/api/".into())),
        ("/api/v1", short, StepNote::PathPrefix("/api/".into())),
        ("/api/v1/", long, StepNote::PathPrefix("/api/v1/".into())),
        ("/api", otherwise, StepNote::AnyOtherPath),
    ];
    for (path, end, note) in cases {
        let trace = b.walk(switch, &Request { path: path.into(), ..request() });
        assert_eq!((last(&trace), &trace.steps[0].note), (end, &note), "{path}");
    }
}

#[test]
fn destinations_go_by_the_longest_range() {
    let mut b = Builder::new();
    let [wide, narrow, six, otherwise] = b.terminals();
    let ranges = [("10.0.0.0/8", wide), ("10.1.0.0/16", narrow), ("fd00::/8", six)];
    let switch = b.hop(Body::Switch(Switch::Destination {
        ranges: ranges.iter().map(|(range, hop)| (range.parse().unwrap(), *hop)).collect(),
        otherwise,
    }));
    let cases = [
        ("10.1.2.3", narrow, StepNote::Destination("10.1.0.0/16".parse().unwrap())),
        ("10.2.0.0", wide, StepNote::Destination("10.0.0.0/8".parse().unwrap())),
        ("fd12::1", six, StepNote::Destination("fd00::/8".parse().unwrap())),
        ("192.0.2.1", otherwise, StepNote::AnyOtherDestination),
    ];
    for (destination, end, note) in cases {
        let trace = b.walk(switch, &Request { destination: address(destination), ..request() });
        assert_eq!((last(&trace), &trace.steps[0].note), (end, &note), "{destination}");
    }
}

#[test]
fn ordered_switches_take_the_first_branch_that_matches() {
    let mut b = Builder::new();
    let [one, two, otherwise] = b.terminals();
    let https = b.atom(Atom::Https);
    let plain = b.graph.expressions.not(https);
    let port = b.atom(Atom::Port([(8000, 8999), (443, 443)].into()));
    let branches = [(plain, one), (port, two)].into();
    let switch = b.hop(Body::Switch(Switch::FirstMatch { branches, otherwise }));
    let at = |https, port| b.walk(switch, &Request { https, port, ..request() });
    assert_eq!(last(&at(false, 443)), one);
    assert_eq!(last(&at(true, 443)), two);
    assert_eq!(at(true, 443).steps[0].note, StepNote::Branch { at: 2, of: 2 });
    assert_eq!(last(&at(true, 8999)), two);
    assert_eq!(last(&at(true, 80)), otherwise);
    assert_eq!(at(true, 80).steps[0].note, StepNote::NoBranch);
}

#[test]
fn rewrites_change_the_current_fields() {
    let mut b = Builder::new();
    let end = b.delivered();
    let balancer = Origin::LoadBalancer { id: Id::at(3), internal: false };
    let text = |text: &str| CurrentValue::Text(text.into());
    let cases: Vec<(FieldChange, Vec<(CurrentField, CurrentValue, CurrentValue)>)> = vec![
        (
            FieldChange::Origin(balancer),
            vec![(
                CurrentField::Origin,
                CurrentValue::Origin(Origin::Internet),
                CurrentValue::Origin(balancer),
            )],
        ),
        (
            FieldChange::Identity { principal: 1, credential: 5 },
            vec![
                (CurrentField::Principal, CurrentValue::Class(0), CurrentValue::Class(1)),
                (CurrentField::Credential, CurrentValue::Class(0), CurrentValue::Class(5)),
            ],
        ),
        (
            FieldChange::Identity { principal: 0, credential: 2 },
            vec![(CurrentField::Credential, CurrentValue::Class(0), CurrentValue::Class(2))],
        ),
        (
            FieldChange::Host("web.run.app".into()),
            vec![(CurrentField::Host, text("www.example.com"), text("web.run.app"))],
        ),
        (FieldChange::Host("www.example.com".into()), vec![]),
        (
            FieldChange::PathPrefix { from: "/api/".into(), to: "/".into() },
            vec![(CurrentField::Path, text("/api/v1"), text("/v1"))],
        ),
        (FieldChange::PathPrefix { from: "/other/".into(), to: "/".into() }, vec![]),
        (
            FieldChange::Path("/fixed".into()),
            vec![(CurrentField::Path, text("/api/v1"), text("/fixed"))],
        ),
        (
            FieldChange::Destination(address("10.0.0.5")),
            vec![(
                CurrentField::Destination,
                CurrentValue::Address(request().destination),
                CurrentValue::Address(address("10.0.0.5")),
            )],
        ),
        (
            FieldChange::Connection { port: 8080, https: false },
            vec![
                (CurrentField::Port, CurrentValue::Port(443), CurrentValue::Port(8080)),
                (CurrentField::Scheme, text("https"), text("http")),
            ],
        ),
    ];
    for (change, expected) in cases {
        let start = b.rewrite(vec![change.clone()], end);
        let trace = b.walk(start, &request());
        assert_eq!(actions(&trace), [StepAction::Rewrite, StepAction::Deliver]);
        let changed: Vec<_> = trace.steps[0]
            .changed
            .iter()
            .map(|changed| (changed.field, changed.before.clone(), changed.after.clone()))
            .collect();
        assert_eq!(changed, expected, "{change:?}");
        assert_eq!(trace.source_address, request().source);
    }
}

#[test]
fn rewrites_of_the_source_address_end_up_in_the_trace() {
    let mut b = Builder::new();
    let end = b.delivered();
    let cases = [
        (FieldChange::Source(address("203.0.113.10")), "203.0.113.10"),
        (FieldChange::Source(address("2001:db8::1")), "2001:db8::1"),
    ];
    for (change, after) in cases {
        let start = b.rewrite(vec![change.clone()], end);
        let trace = b.walk(start, &request());
        assert_eq!(trace.source_address, address(after), "{change:?}");
        assert_eq!(
            trace.steps[0].changed,
            [Changed {
                field: CurrentField::Source,
                before: CurrentValue::Address(request().source),
                after: CurrentValue::Address(address(after)),
            }]
        );
    }
}

#[test]
fn hops_behind_a_rewrite_see_what_it_changed() {
    let mut b = Builder::new();
    let [yes, no] = b.terminals();
    let tests = [
        Atom::Origin(OriginSet { external_load_balancers: true, ..OriginSet::default() }),
        Atom::Source(["203.0.113.10/32".parse().unwrap()].into()),
        Atom::Principal([7].into()),
        Atom::Credential([(5, 5)].into()),
        equals(TextField::Host, "inner"),
        equals(TextField::Header("host".into()), "inner"),
        equals(TextField::Path, "/v2/x"),
        Atom::Destination(["10.0.0.5/32".parse().unwrap()].into()),
        Atom::Port([(8080, 8080)].into()),
    ];
    let parts: Vec<_> = tests.into_iter().map(|test| b.atom(test)).collect();
    let all = b.graph.expressions.all(parts.iter().copied());
    let any = b.graph.expressions.any(parts);
    let changes = vec![
        FieldChange::Origin(Origin::LoadBalancer { id: Id::at(0), internal: false }),
        FieldChange::Source(address("203.0.113.10")),
        FieldChange::Identity { principal: 7, credential: 5 },
        FieldChange::Host("inner".into()),
        FieldChange::Path("/v1/x".into()),
        FieldChange::PathPrefix { from: "/v1/".into(), to: "/v2/".into() },
        FieldChange::Destination(address("10.0.0.5")),
        FieldChange::Connection { port: 8080, https: true },
    ];
    let behind =
        b.hop(Body::Switch(Switch::FirstMatch { branches: [(all, yes)].into(), otherwise: no }));
    let rewrite = b.rewrite(changes, behind);
    let before = b
        .hop(Body::Switch(Switch::FirstMatch { branches: [(any, no)].into(), otherwise: rewrite }));
    let trace = b.walk(before, &request());
    assert_eq!(hops(&trace), [before, rewrite, behind, yes]);
    let changed = &trace.steps[1].changed;
    assert_eq!(changed.len(), 9);
    assert_eq!(changed[6].before, CurrentValue::Text("/v1/x".into()));
}

#[test]
fn choices_go_by_the_request() {
    let mut b = Builder::new();
    let [one, two] = b.terminals();
    b.graph.choices.push(Choice {
        kind: ChoiceKind::Backend,
        of: ResourceId(0),
        at: "".into(),
        branches: vec![Branch::Number(1), Branch::Number(2)],
    });
    let choice = ChoiceId(0);
    let second = b.hop(Body::Choice { choice, branches: [one, two].into() });
    let first = b.hop(Body::Choice { choice, branches: [second, second].into() });
    let with = |choices| b.walk(first, &Request { choices, ..request() });
    assert_eq!(last(&with(vec![])), one);
    assert_eq!(last(&with(vec![1])), two);
    let trace = with(vec![9]);
    assert_eq!(hops(&trace), [first, second, two]);
    assert_eq!(trace.choices, [(choice, 1)]);
    assert_eq!(trace.steps[1].note, StepNote::Choice(choice, 1));
    assert_eq!(trace.steps[1].action, StepAction::Choose);

    let nowhere = b.hop(Body::Choice { choice: ChoiceId(5), branches: [].into() });
    let trace = b.walk(nowhere, &request());
    assert_eq!((trace.outcome, trace.looped, trace.end()), (None, None, None));
    assert!(!trace.is_delivered(&b.graph));
}

#[test]
fn the_entry_is_that_of_the_last_hop_that_names_one() {
    let mut b = Builder::new();
    b.graph.entries = vec![Entry::RunApp, Entry::DomainMapping("example.com".into())];
    let end = b.delivered();
    let inner = b.rewrite(vec![], end);
    let outer = b.rewrite(vec![], inner);
    b.graph.hops[inner].entry = Some(EntryId(0));
    b.graph.hops[outer].entry = Some(EntryId(1));
    assert_eq!(b.walk(outer, &request()).entry, Some(EntryId(0)));
    assert_eq!(b.walk(end, &request()).entry, None);
}

#[test]
fn a_walk_goes_on_past_what_refuses() {
    let mut b = Builder::new();
    let end = b.terminal(Outcome::Dropped { cause: Cause::NoRoute });
    let never = b.graph.expressions.never();
    let always = b.graph.expressions.always();
    let invoker = b.guard(never, Cause::IamPermissionDenied, 403, end);
    let elsewhere = b.outcome(Outcome::Redirected { status: 302, location: None });
    let login = b.gate(vec![], RuleVerdict::Refuse(elsewhere), invoker);
    let open = b.guard(always, Cause::SecurityPolicyDeny, 403, login);
    let ingress = b.guard(never, Cause::IngressNotAllowed, 404, open);

    let trace = b.walk(ingress, &request());
    assert_eq!(hops(&trace), [ingress]);
    let seen = trace.outcome;

    let walker = Walker::new(&b.graph);
    let trace = walker.walk_past(ingress, Origin::Internet, &request());
    assert_eq!(
        actions(&trace),
        [
            StepAction::Refuse,
            StepAction::Admit,
            StepAction::Redirect,
            StepAction::Refuse,
            StepAction::Drop
        ]
    );
    let blocked: Vec<_> = trace.blocked().map(|step| step.hop).collect();
    assert_eq!(blocked, [ingress, login, invoker, end]);
    assert_eq!(trace.outcome, seen, "the caller sees the first answer");
    assert_eq!(trace.refused_by().unwrap().hop, ingress);
    assert_eq!(trace.end(), trace.steps[4].outcome);
}

#[test]
fn a_delivery_by_a_gate_ends_even_a_walk_past() {
    let mut b = Builder::new();
    let end = b.terminal(Outcome::Dropped { cause: Cause::NoRoute });
    let always = b.graph.expressions.always();
    let cached = b.outcome(Outcome::Delivered { to: ResourceId(0) });
    let cache = b.gate(vec![rule(always, RuleVerdict::Refuse(cached))], RuleVerdict::Pass, end);
    let trace = Walker::new(&b.graph).walk_past(cache, Origin::Internet, &request());
    assert_eq!(actions(&trace), [StepAction::Deliver]);
    assert!(trace.is_delivered(&b.graph));
}

#[test]
fn loops_end() {
    // a → b → a, with nothing changed on the way.
    let mut b = Builder::new();
    let end = b.delivered();
    let second = b.rewrite(vec![FieldChange::Host("www.example.com".into())], end);
    let first = b.rewrite(vec![], second);
    b.graph.hops[second].body = Body::Rewrite { changes: [].into(), next: first };
    let trace = b.walk(first, &request());
    assert_eq!(hops(&trace), [first, second]);
    assert_eq!((trace.looped, trace.outcome, trace.end()), (Some(first), None, None));

    // The second time round with another host; the third is like the second.
    b.graph.hops[second].body =
        Body::Rewrite { changes: [FieldChange::Host("inner".into())].into(), next: first };
    let trace = b.walk(first, &request());
    assert_eq!(hops(&trace), [first, second, first, second]);
    assert_eq!(trace.looped, Some(first));

    // The host alternates: it is the state that is compared, not the number of changes.
    b.graph.hops[first].body = Body::Rewrite {
        changes: [FieldChange::Host("www.example.com".into())].into(),
        next: second,
    };
    let trace = b.walk(first, &request());
    assert_eq!(hops(&trace), [first, second, first]);
    assert_eq!(trace.looped, Some(second));

    // The path grows for ever.
    let grow = FieldChange::PathPrefix { from: "/".into(), to: "/more/".into() };
    b.graph.hops[first].body = Body::Rewrite { changes: [grow].into(), next: first };
    let trace = b.walk(first, &request());
    assert_eq!((trace.steps.len(), trace.looped), (STEP_LIMIT, Some(first)));
}

#[test]
fn a_loop_behind_a_refusal_keeps_the_answer() {
    let mut b = Builder::new();
    let end = b.delivered();
    let never = b.graph.expressions.never();
    let gate = b.guard(never, Cause::IngressNotAllowed, 404, end);
    let Body::Gate { list, .. } = b.graph.hops[gate].body else { unreachable!() };
    b.graph.hops[gate].body = Body::Gate { list, next: gate };
    let trace = Walker::new(&b.graph).walk_past(gate, Origin::Internet, &request());
    assert_eq!((trace.steps.len(), trace.looped), (1, Some(gate)));
    assert_eq!((trace.outcome, trace.end()), (trace.steps[0].outcome, None));
}

fn text(field: TextField, test: TextTest, ignore_case: bool) -> Atom {
    Atom::Text(field, TextMatch { test, ignore_case })
}

fn equals(field: TextField, value: &str) -> Atom {
    text(field, TextTest::Equals(value.into()), false)
}

/// Asserts what an atom says of a request.
#[track_caller]
fn check(atom: Atom, request: &Request, expected: bool) {
    let mut b = Builder::new();
    let id = b.atom(atom.clone());
    let walker = Walker::new(&b.graph);
    assert_eq!(walker.holds(id, Origin::Internet, request), expected, "{atom:?}");
    let not = b.graph.expressions.not(id);
    let walker = Walker::new(&b.graph);
    assert_eq!(walker.holds(not, Origin::Internet, request), !expected, "not {atom:?}");
}

#[test]
fn addresses_ports_and_numbers_lie_in_ranges() {
    let r = &request();
    let net = |text: &str| -> Box<[ipnet::IpNet]> { [text.parse().unwrap()].into() };
    check(Atom::Source(net("198.51.100.0/24")), r, true);
    check(Atom::Source(net("::/0")), r, false);
    check(Atom::Source([].into()), r, false);
    check(Atom::Destination(net("203.0.113.80/32")), r, true);
    check(Atom::Destination(net("198.51.100.0/24")), r, false);
    check(Atom::Port([(80, 80), (400, 443)].into()), r, true);
    check(Atom::Port([(444, 65535)].into()), r, false);
    check(Atom::Asn([(64500, 64500)].into()), r, true);
    check(Atom::Asn([(0, 64499)].into()), r, false);
    check(Atom::Principal([0, 4].into()), r, true);
    check(Atom::Principal([1].into()), r, false);
    check(Atom::Credential([(1, 3)].into()), r, false);
    check(Atom::Credential([(0, 3)].into()), r, true);
    check(Atom::Https, r, true);
    check(Atom::Https, &Request { https: false, ..request() }, false);
    check(Atom::Region(["US".into(), "JP".into()].into()), r, true);
    check(Atom::Region(["US".into()].into()), r, false);
    check(Atom::Origin(OriginSet { outside: true, ..OriginSet::default() }), r, true);
    check(Atom::Origin(OriginSet::default()), r, false);
}

#[test]
fn the_users_address_is_in_the_first_header_that_holds_one() {
    let inner: Box<[ipnet::IpNet]> = ["192.0.2.0/24".parse().unwrap()].into();
    let peer: Box<[ipnet::IpNet]> = ["198.51.100.7/32".parse().unwrap()].into();
    let atom = |ranges: &[ipnet::IpNet]| Atom::UserAddress {
        ranges: ranges.into(),
        headers: ["x-first".into(), "x-second".into()].into(),
    };
    let with = |headers: &[(&str, &str)]| Request {
        headers: headers
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_string()))
            .collect(),
        ..request()
    };
    check(atom(&inner), &with(&[("x-first", "192.0.2.1")]), true);
    check(atom(&inner), &with(&[("x-second", "192.0.2.1")]), true);
    check(atom(&inner), &with(&[("x-first", "junk"), ("x-second", "192.0.2.1")]), true);
    check(atom(&inner), &with(&[("x-first", "8.8.8.8"), ("x-second", "192.0.2.1")]), false);
    check(atom(&peer), &with(&[("x-first", "192.0.2.1, 192.0.2.2")]), true);
    check(atom(&peer), &with(&[]), true);
}

#[test]
fn texts_are_compared() {
    let r = &request();
    let path = |test, ignore_case| text(TextField::Path, test, ignore_case);
    let cases: [(fn(String) -> TextTest, &str, &str); 5] = [
        (TextTest::Equals, "/api/v1", "/api"),
        (TextTest::Prefix, "/api", "api"),
        (TextTest::Suffix, "/v1", "/v"),
        (TextTest::Contains, "pi/", "x"),
        (TextTest::Matches, "/v[0-9]$", "^v"),
    ];
    for (test, yes, no) in cases {
        check(path(test(yes.into()), false), r, true);
        check(path(test(no.into()), false), r, false);
        check(path(test(yes.to_ascii_uppercase()), false), r, false);
        check(path(test(yes.to_ascii_uppercase()), true), r, true);
        check(path(test(no.to_ascii_uppercase()), true), r, false);
    }
    let upper = Request { path: "/API/É".into(), ..request() };
    check(path(TextTest::Contains("api".into()), true), &upper, true);
    check(path(TextTest::Suffix("é".into()), true), &upper, false);
}

#[test]
fn every_text_field_is_read() {
    let r = &request();
    check(equals(TextField::Host, "www.example.com"), r, true);
    check(equals(TextField::Path, "/api/v1"), r, true);
    check(equals(TextField::Query, "a=1"), r, true);
    check(equals(TextField::Method, "GET"), r, true);
    check(equals(TextField::Header("user-agent".into()), "Curl/8"), r, true);
    check(equals(TextField::Header("host".into()), "www.example.com"), r, true);
    for field in [TextField::Host, TextField::Path, TextField::Query, TextField::Method] {
        check(Atom::Present(field), &Request { query: String::new(), ..request() }, true);
    }
}

#[test]
fn an_absent_header_matches_nothing() {
    let r = &request();
    let header = |name: &str| TextField::Header(name.into());
    check(Atom::Present(header("user-agent")), r, true);
    check(Atom::Present(header("x-none")), r, false);
    for test in [TextTest::Equals, TextTest::Prefix, TextTest::Contains, TextTest::Matches] {
        check(text(header("x-none"), test(String::new()), false), r, false);
    }
}

#[test]
fn conditions_are_properties_of_the_request() {
    let mut b = Builder::new();
    let [yes, no] = b.terminals();
    let waf = b.atom(Atom::Condition(ConditionId(4)));
    let other = b.atom(Atom::Condition(ConditionId(5)));
    let either = b.graph.expressions.any([waf, other]);
    let switch =
        b.hop(Body::Switch(Switch::FirstMatch { branches: [(either, yes)].into(), otherwise: no }));
    let trace = b.walk(switch, &request());
    assert_eq!(last(&trace), no);
    assert_eq!(trace.conditions, [(ConditionId(4), false), (ConditionId(5), false)]);
    let trace = b.walk(switch, &Request { conditions: [ConditionId(4)].into(), ..request() });
    assert_eq!(last(&trace), yes);
    assert_eq!(trace.conditions, [(ConditionId(4), true)], "the rest was not needed");
}

#[test]
fn assumptions_hold_as_the_request_says_else_at_their_default() {
    let mut b = Builder::new();
    let end = b.delivered();
    let [a, c, d] = [Some(true), Some(false), None].map(|default| b.assumption(default));
    let gates = [d, c, a, a]
        .iter()
        .fold(end, |next, when| b.guard(*when, Cause::IngressNotAllowed, 404, next));
    let walker = Walker::new(&b.graph);
    let values = |assumptions| {
        let request = Request { assumptions, ..request() };
        walker.walk_past(gates, Origin::Internet, &request).consulted
    };
    let ids = [0, 1, 2].map(AssumptionId);
    assert_eq!(values(vec![]), [(ids[0], true), (ids[1], false), (ids[2], false)]);
    assert_eq!(values(vec![false, true]), [(ids[0], false), (ids[1], true), (ids[2], false)]);
}

#[test]
fn expressions_combine_and_may_be_deep() {
    let mut b = Builder::new();
    let yes = b.atom(Atom::Https);
    let no = b.atom(Atom::Port([(1, 1)].into()));
    let mut deep = yes;
    for _ in 0..50_000 {
        let any = b.graph.expressions.any([deep, no]);
        let not = b.graph.expressions.not(any);
        deep = b.graph.expressions.any([not, no]);
    }
    let not_no = b.graph.expressions.not(no);
    let all = b.graph.expressions.all([yes, not_no]);
    let none = b.graph.expressions.all([yes, no]);
    let walker = Walker::new(&b.graph);
    let holds = |id| walker.holds(id, Origin::Internet, &request());
    assert!(holds(deep));
    assert!(holds(all));
    assert!(!holds(none));
}

#[test]
fn a_source_starts_its_requests_and_limits_them() {
    let mut b = Builder::new();
    let end = b.delivered();
    let network = Origin::Network(Id::at(2));
    let inside =
        b.atom(Atom::Origin(OriginSet { networks: [Id::at(2)].into(), ..OriginSet::default() }));
    let gate = b.guard(inside, Cause::IngressNotAllowed, 404, end);
    let requests = b.atom(Atom::Source(["10.0.0.0/8".parse().unwrap()].into()));
    let source = Source {
        resource: ResourceId(0),
        start: gate,
        origin: network,
        resolver: 0,
        other_resolver: None,
        requests,
        callers: requests,
        others: requests,
        at: Span::none(),
    };
    assert!(walk_from(&b.graph, &source, &request()).is_delivered(&b.graph));
    assert!(!b.walk(gate, &request()).is_delivered(&b.graph));
    let walker = Walker::new(&b.graph);
    assert!(!walker.can_send(&source, &request()));
    assert!(walker.can_send(&source, &Request { source: address("10.1.1.1"), ..request() }));
}

#[test]
fn a_reply_that_is_lost_leaves_the_request_its_way() {
    let mut b = Builder::new();
    let end = b.delivered();
    let lost = b.outcome(Outcome::Unanswered { cause: Cause::NoRoute });
    let later = b.outcome(Outcome::Unanswered { cause: Cause::NoAdvertisedRouteToGcpDestination });
    let second = b.gate(vec![], RuleVerdict::Refuse(later), end);
    let first = b.gate(vec![], RuleVerdict::Refuse(lost), second);
    let trace = b.walk(first, &request());
    assert_eq!(
        actions(&trace),
        [StepAction::LoseReply, StepAction::LoseReply, StepAction::Deliver]
    );
    assert_eq!(
        (trace.outcome, trace.end()),
        (Some(later), Some(later)),
        "the first on the way back"
    );
    assert!(!trace.is_delivered(&b.graph));
    assert_eq!(trace.blocked().count(), 0, "nothing stops the request");

    // What stops the request itself is what its sender meets.
    let deny = b.refusal(Cause::SecurityPolicyDeny, 403);
    let denies = b.gate(vec![], RuleVerdict::Refuse(deny), end);
    let first = b.gate(vec![], RuleVerdict::Refuse(lost), denies);
    let trace = b.walk(first, &request());
    assert_eq!(actions(&trace), [StepAction::LoseReply, StepAction::Refuse]);
    assert_eq!(trace.outcome, Some(deny));
}
