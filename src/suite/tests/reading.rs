use crate::graph::Cause;
use crate::question::answer::{OutcomeKind, Verdict};
use crate::rules::{RuleFamily, RuleId};
use crate::source::testing::shown;
use crate::source::{Files, Findings};
use crate::suite::record::Stated;
use crate::suite::{answers, case, mutants};

/// What is found wrong with a text as answers.
fn found(text: &str) -> String {
    let (mut files, mut findings) = (Files::new(), Findings::new());
    answers(&mut files, "answers.yaml", text, &mut findings);
    shown(&files, &findings)
}

#[test]
fn a_case_has_rules_a_topology_and_questions() {
    let text = "\
rules: [ING-010, EGR-007]
shows: what it shows
topology: |
  portolan: 1
  services: {}
questions:
  - ask: reach --from internet --to service/web
    verdict: yes
    paths: [{to: service/web, outcome: refused, cause: IAM_DENY_POLICY, status: 403, location: null}]
  - {ask: exposure, cells: [{from: internet, to: service/web, cell: named only}]}
";
    let (mut files, mut findings) = (Files::new(), Findings::new());
    let case = case(&mut files, "case.yaml", text, &mut findings).expect("a case");
    assert_eq!(shown(&files, &findings), "");
    assert_eq!(case.rules.len(), 2);
    assert_eq!(case.topology.value, "portolan: 1\nservices: {}\n");
    let [first, second] = &case.questions[..] else { panic!("two questions") };
    assert_eq!(first.verdict.as_ref().map(|verdict| verdict.value), Some(Verdict::Yes));
    let path = &first.paths.as_ref().expect("paths").value[0];
    assert_eq!(
        (path.outcome, path.cause),
        (Some(OutcomeKind::Refused), Some(Cause::IamDenyPolicy))
    );
    assert_eq!((&path.status, &path.location), (&Stated::Value(403), &Stated::Nothing));
    assert!(path.entry.is_none() && path.guard.is_none());
    assert_eq!(second.cells.len(), 1);
}

#[test]
fn truth_values_are_verdicts() {
    let text = "- {ask: a, verdict: yes}\n- {ask: a, verdict: true}\n- {ask: a, verdict: no}\n- {ask: a, verdict: false}\n- {ask: a, verdict: depends}\n";
    let (mut files, mut findings) = (Files::new(), Findings::new());
    let read = answers(&mut files, "answers.yaml", text, &mut findings).expect("answers");
    let verdicts: Vec<_> = read.iter().flat_map(|one| &one.verdict).map(|one| one.value).collect();
    let (yes, no) = (Verdict::Yes, Verdict::No);
    assert_eq!(verdicts, [yes, yes, no, no, Verdict::Depends]);
}

#[test]
fn everything_that_is_wrong_is_found_at_once() {
    let last = RuleId::ing(RuleFamily::Ingress.last()).to_string();
    assert_eq!(
        found(
            "- ask: reach --from internet --to service/web\n  verdit: yes\n  rules: [ING-900]\n  \
             paths: [{to: servce/web, outcome: deliverd}, {status: x, way: run.app}]\n\
             - {verdict: maybe}\n"
        ),
        "\
error[unknown-key]: unknown key `verdit` in an expectation
  ^ \"verdit\"
  help: did you mean `verdict`?
  note: the keys of an expectation are `ask`, `verdict`, `paths`, `addresses`, `rules`, \
`assumptions`, `disputed`, `complete`, `reply`, `cells`, `findings`, `absent`, `note`
error[invalid-value]: there is no rule `ING-900`: they go from ING-001 to ING-LAST
  ^ \"ING-900\"
  help: `portolan explain --list` lists the rules
error[invalid-value]: unknown kind of resource `servce`
  ^ \"servce/web\"
  help: did you mean `service`?
error[invalid-value]: unknown outcome `deliverd`
  ^ \"deliverd\"
  help: did you mean `delivered`?
  note: it is one of `delivered`, `arrived-unanswered`, `redirected`, `refused`, `dropped`, \
`aborted`
error[wrong-type]: expected a whole number, found text
  ^ \"x\"
error[unknown-key]: unknown key `way` in a path
  ^ \"way\"
  help: the keys of a path are `from`, `to`, `entry`, `outcome`, `cause`, `direction`, `status`, \
`location`, `guard`, `principals`, `sometimes`
error[missing-key]: missing key `ask` in an expectation
  ^ \"verdict\" `ask` must be given here
error[invalid-value]: unknown verdict `maybe`
  ^ \"maybe\"
  help: it is one of `yes`, `no`, `sometimes`, `depends`
"
        .replace("ING-LAST", &last)
    );
}

#[test]
fn an_expectation_of_nothing_is_found() {
    assert_eq!(
        found("- {ask: check, note: it is fine}\n"),
        "\
error[missing-key]: nothing is expected of the answer
  ^ \"check\" to this question
  help: say what the answer must be, at least its `verdict`
"
    );
}

#[test]
fn a_case_without_rules_or_questions_is_found() {
    let (mut files, mut findings) = (Files::new(), Findings::new());
    case(&mut files, "case.yaml", "shows: a\ntopology: b\n", &mut findings);
    assert_eq!(
        shown(&files, &findings),
        "\
error[missing-key]: missing key `questions` in a case
  ^ \"\"
error[missing-key]: missing key `rules` in a case
  ^ \"\"
"
    );
}

#[test]
fn a_mutant_names_its_place() {
    let text = "- {rule: EGR-001, cases: [a], file: src/graph/compile/service.rs, function: f, mutant: replace == with !=, nth: 2}\n";
    let (mut files, mut findings) = (Files::new(), Findings::new());
    let read = mutants(&mut files, "mutants.yaml", text, &mut findings).expect("mutants");
    assert_eq!(shown(&files, &findings), "");
    assert_eq!(read[0].cases[0].value, "a");
}
