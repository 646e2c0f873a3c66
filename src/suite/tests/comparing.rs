use std::sync::Arc;

use jiff::Timestamp;

use crate::graph::{Cause, Entry, EntryId, Placeholders, ResourceId, ResourceKind};
use crate::question::Model;
use crate::question::answer::{
    AddressCause, Answer, AnswerBody, AnswerHead, ArrivalSummary, AskedQuestion, Completeness,
    Destination, EgressAddress, EgressAnswer, EgressTarget, Found, OutcomeKind, Path, PathOutcome,
    Principals, QuestionKind, ReachAnswer, Requests, Seen, Sender, Stability, Verdict,
};
use crate::rules::RuleId;
use crate::solve::Solver;
use crate::source::{Files, Finding, Findings};
use crate::suite::{answers, cited, cited_by_findings, compare, compare_findings};

const TOPOLOGY: &str = "\
portolan: 1
services:
  web: {region: asia-northeast1, invokers: [allUsers]}
  api: {region: asia-northeast1, ingress: internal}
";

fn model() -> Model {
    crate::testing::model(TOPOLOGY)
}

fn service(model: &Model, id: &str) -> ResourceId {
    model.graph.find_resource(ResourceKind::Service, id).expect("a service")
}

/// A request from the internet that arrives by the run.app URL.
fn delivered(model: &Model) -> Path {
    let internet = model.graph.find_resource(ResourceKind::Internet, "").expect("the internet");
    let entry = model.graph.entries.iter().position(|entry| *entry == Entry::RunApp);
    Path {
        from: Sender::Resource(internet),
        to: Destination::Resource(service(model, "web")),
        entry: entry.map(|at| EntryId(at as u32)),
        outcome: PathOutcome {
            kind: OutcomeKind::Delivered,
            cause: None,
            http_status: Some(200),
            location: None,
        },
        guards: Vec::new(),
        guard: None,
        principals: Principals { anonymous: true, any_account: true, named: Vec::new() },
        hops: Vec::new(),
        resolved: None,
        reply: Vec::new(),
        requests: Requests::default(),
        choices: Vec::new(),
        assumptions: Vec::new(),
    }
}

fn refused(model: &Model) -> Path {
    Path {
        to: Destination::Resource(service(model, "api")),
        outcome: PathOutcome {
            kind: OutcomeKind::Refused,
            cause: Some(Cause::IngressNotAllowed),
            http_status: Some(404),
            location: None,
        },
        ..delivered(model)
    }
}

fn head(model: &Model) -> AnswerHead<'_> {
    AnswerHead {
        model,
        layout: Arc::clone(&Solver::new(&model.graph).layout),
        question: AskedQuestion { kind: QuestionKind::Reach, parameters: Vec::new() },
        completeness: Completeness::default(),
        assumptions: Vec::new(),
        findings: Vec::new(),
        at: Timestamp::UNIX_EPOCH,
    }
}

fn found(verdict: Verdict) -> Found {
    Found::of(verdict, Vec::new(), Vec::new())
}

fn reach(model: &Model, paths: Vec<Path>) -> Answer<'_> {
    let body = AnswerBody::Reach(ReachAnswer {
        found: found(Verdict::Yes),
        arriving: ArrivalSummary::default(),
        causes: Vec::new(),
        paths: paths.into(),
    });
    Answer { head: head(model), body }
}

/// How an answer differs from an expectation, line by line.
fn differences(expected: &str, answer: &Answer<'_>) -> Vec<String> {
    let (mut files, mut findings) = (Files::new(), Findings::new());
    let text = format!("- ask: reach --from internet --to service/*\n{expected}");
    let read = answers(&mut files, "a.yaml", &text, &mut findings).expect("answers");
    assert!(findings.is_empty(), "{findings:?}");
    compare(&read[0], answer, &cited(answer))
        .iter()
        .map(|difference| difference.line(&files))
        .collect()
}

#[test]
fn an_answer_that_is_as_expected_does_not_differ() {
    let model = model();
    let answer = reach(&model, vec![delivered(&model), refused(&model)]);
    let expected = "  verdict: yes\n  complete: true\n  disputed: false\n  paths:\n    - {from: internet, \
        to: service/web, entry: run.app, outcome: delivered, status: 200, location: null, \
        principals: [any account, anonymous], sometimes: false}\n    - {to: service/api, cause: \
        INGRESS_NOT_ALLOWED, direction: request}\n";
    assert_eq!(differences(expected, &answer), Vec::<String>::new());
}

#[test]
fn a_path_is_compared_in_what_is_said_of_it_alone() {
    let model = model();
    let answer = reach(&model, vec![delivered(&model), refused(&model)]);
    let all = "  paths: [{outcome: delivered}, {status: 404}]\n";
    assert_eq!(differences(all, &answer), Vec::<String>::new());
    let any = "  paths: [{}]\n";
    assert_eq!(differences(any, &answer), Vec::<String>::new());
}

#[test]
fn paths_that_are_missing_and_that_are_not_expected_are_told_in_full() {
    let model = model();
    let answer = reach(&model, vec![delivered(&model), refused(&model)]);
    assert_eq!(
        differences(
            "  verdict: no\n  paths:\n    - {to: service/web, outcome: delivered}\n    - {to: \
             service/api, status: 403, location: null}\n",
            &answer
        ),
        [
            "a.yaml:2: verdict: yes instead of no",
            "a.yaml:5: paths: missing {to: service/api, status: 403, location: null}",
            "a.yaml:4: paths: not expected: {from: internet, to: service/api, entry: run.app, \
             outcome: refused, cause: INGRESS_NOT_ALLOWED, direction: request, status: 404, \
             principals: [anonymous, any account]}",
        ]
    );
}

#[test]
fn an_empty_list_of_paths_is_met_by_no_path() {
    let model = model();
    assert_eq!(differences("  paths: []\n", &reach(&model, Vec::new())), Vec::<String>::new());
    assert_eq!(differences("  paths: []\n", &reach(&model, vec![delivered(&model)])).len(), 1);
}

#[test]
fn every_field_of_a_path_is_compared() {
    let model = model();
    let answer = reach(&model, vec![delivered(&model)]);
    for field in [
        "from: service/api",
        "to: service/api",
        "to: api.example.com",
        "entry: domain-mapping www.example.com",
        "outcome: arrived-unanswered",
        "cause: NO_ROUTE",
        "direction: reply",
        "status: 204",
        "status: null",
        "location: /",
        "guard: guarded",
        "principals: [anonymous]",
        "principals: []",
        "sometimes: true",
    ] {
        let found = differences(&format!("  paths: [{{{field}}}]\n"), &answer);
        assert_eq!(found.len(), 2, "{field}: {found:?}");
    }
}

#[test]
fn an_unanswered_path_has_the_cause_of_its_reply() {
    let model = model();
    let mut path = refused(&model);
    path.outcome.kind = OutcomeKind::ArrivedUnanswered;
    let answer = reach(&model, vec![path]);
    let expected = "  paths: [{outcome: arrived-unanswered, direction: reply}]\n";
    assert_eq!(differences(expected, &answer), Vec::<String>::new());
}

#[test]
fn what_nothing_arrives_at_has_the_name_of_the_question() {
    let model = model();
    let named = |name: &str| Path { to: Destination::Named(name.into()), ..refused(&model) };
    let answer = reach(&model, vec![named("service/gone"), named("198.51.100.7")]);
    let expected = "  paths: [{to: service/gone}, {to: 198.51.100.7}]\n";
    assert_eq!(differences(expected, &answer), Vec::<String>::new());
}

fn seen(address: Seen, cause: AddressCause, stability: Stability) -> EgressAddress {
    EgressAddress {
        address,
        owner: None,
        cause,
        stability,
        rule: RuleId::egr(4),
        to: Vec::new(),
        choices: Vec::new(),
    }
}

fn egress(model: &Model, addresses: Vec<EgressAddress>) -> Answer<'_> {
    let body = AnswerBody::Egress(EgressAnswer {
        to: EgressTarget::Anything,
        found: Some(found(Verdict::Yes)),
        causes: Vec::new(),
        paths: Vec::new().into(),
        addresses,
    });
    Answer { head: head(model), body }
}

#[test]
fn addresses_are_compared_in_all_that_is_said_of_them() {
    let model = model();
    let pool = Seen::One(Placeholders::SHARED_POOL.into());
    let known = Seen::One([203, 0, 113, 10].into());
    let answer = egress(
        &model,
        vec![
            seen(pool, AddressCause::SharedPool, Stability::SharedPool),
            seen(known, AddressCause::CloudNat, Stability::Static),
        ],
    );
    let expected = "  addresses:\n    - {address: null, cause: shared-pool, stability: shared-pool}\n    \
        - {address: 203.0.113.10, name: null, cause: cloud-nat, stability: static}\n  rules: [EGR-004]\n";
    assert_eq!(differences(expected, &answer), Vec::<String>::new());
    assert_eq!(
        differences("  addresses: [{address: null}, {name: nat/tokyo}]\n", &answer),
        [
            "a.yaml:2: addresses: missing {name: nat/tokyo}",
            "a.yaml:2: addresses: not expected: {address: 203.0.113.10, name: null, cause: \
             cloud-nat, stability: static}",
        ]
    );
}

#[test]
fn keys_that_the_answer_has_nothing_of_differ() {
    let model = model();
    let answer = reach(&model, vec![delivered(&model)]);
    let expected = "  rules: [ING-010]\n  assumptions: [class-e-is-private]\n  disputed: true\n  \
        complete: false\n  reply: [service/web EGR-104]\n  cells: [{from: internet, to: \
        service/web, cell: open}]\n  addresses: [{cause: cloud-nat}]\n  findings: [unknown-key]\n";
    let mut found = differences(expected, &answer);
    found.sort();
    assert_eq!(
        found,
        [
            "a.yaml:2: rules: missing ING-010",
            "a.yaml:3: assumptions: missing class-e-is-private",
            "a.yaml:4: disputed: false instead of true",
            "a.yaml:5: complete: true instead of false",
            "a.yaml:6: reply: [] instead of [service/web EGR-104]",
            "a.yaml:7: cells: missing open for internet at service/web",
            "a.yaml:8: addresses: missing {cause: cloud-nat}",
            "a.yaml:9: findings: no finding instead of unknown-key",
        ]
    );
    // Nor is an empty list of them compared with nothing.
    let mut found = differences("  reply: []\n  addresses: []\n", &answer);
    found.sort();
    assert_eq!(
        found,
        [
            "a.yaml:2: reply: missing in such an answer",
            "a.yaml:3: addresses: missing in such an answer",
        ]
    );
}

#[test]
fn check_tells_findings_and_nothing_else() {
    let (mut files, mut findings) = (Files::new(), Findings::new());
    let text =
        "- {ask: check, verdict: yes, findings: [unknown-key, missing-key], absent: [syntax]}\n";
    let read = answers(&mut files, "a.yaml", text, &mut findings).expect("answers");
    let made = [Finding::error("unknown-key", "a"), Finding::error("syntax", "b")];
    let lines: Vec<String> = compare_findings(&read[0], &made, &cited_by_findings(&made))
        .iter()
        .map(|one| one.to_string())
        .collect();
    assert_eq!(
        lines,
        [
            "verdict: missing in the answer to a `check`",
            "findings: syntax, unknown-key instead of missing-key",
            "absent: not expected: syntax",
        ]
    );
}
