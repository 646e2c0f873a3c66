//! Documented cases: for every modelled rule a small topology, a question, and the answer that the
//! documents give.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use jiff::Timestamp;
use portolan::Description;
use portolan::answer::Cause;
use portolan::internals::source::{Files, Findings};
use portolan::internals::suite::compare;
use portolan::internals::suite::{self, Case, ListedMutant};
use portolan::rules::{self, RuleId};
use rayon::prelude::*;

/// When all questions are asked.
static TIME: LazyLock<Timestamp> =
    LazyLock::new(|| "2026-11-23T00:00:00Z".parse().expect("a time"));

/// Causes that no case can meet, with the reason.
const NOT_MET: &[(Cause, &str)] = &[];

fn tests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

/// The findings as lines.
fn lines(files: &Files, findings: Findings) -> String {
    let line = |finding: portolan::Finding| {
        let name = files.name(finding.span().file);
        let at = files.line_column(finding.span()).map_or(0, |at| at.line);
        let help = finding.help.unwrap_or_default();
        format!(
            "{name}:{at}: {}[{}]: {} ({help})\n",
            finding.severity, finding.code, finding.message
        )
    };
    findings.into_sorted().into_iter().map(line).collect()
}

/// Cases by name.
struct Cases {
    files: Files,
    cases: BTreeMap<String, Case>,
}

impl Cases {
    /// Those of a folder.
    fn read(folder: &str) -> Self {
        let (mut files, mut findings) = (Files::new(), Findings::new());
        let listed = fs::read_dir(tests().join(folder)).expect("there are cases");
        let mut paths: Vec<PathBuf> = listed.flatten().map(|entry| entry.path()).collect();
        paths.sort();
        let mut cases = BTreeMap::new();
        for path in paths {
            let name = path.file_stem().and_then(|name| name.to_str()).expect("a name");
            let text = fs::read_to_string(&path).expect("a case can be read");
            let file = format!("tests/{folder}/{name}.yaml");
            let case = suite::case(&mut files, &file, &text, &mut findings);
            cases.extend(case.map(|case| (name.to_owned(), case)));
        }
        assert!(findings.is_empty(), "{}", lines(&files, findings));
        Cases { files, cases }
    }

    /// What the answers to a case's questions differ in, line by line, and the rules on which they
    /// rest.
    fn run(&self, name: &str, case: &Case) -> Run {
        let mut run = Run::default();
        for question in &case.questions {
            let ask = &question.ask.value;
            let description =
                Description::new().text(format!("{name}.yaml"), case.topology.as_str());
            let loaded = description.load();
            // A mistake in the engine is the case's to tell as well.
            let asked = AssertUnwindSafe(|| compare(question, Some(*TIME), &loaded));
            match catch_unwind(asked) {
                Ok(Ok(compared)) => {
                    let line = |difference: suite::Difference| difference.line(&self.files);
                    run.wrong.extend(compared.differences.into_iter().map(line));
                    run.cited.extend(compared.cited);
                }
                Ok(Err(error)) => run.errors.push(format!("{ask}: {error}")),
                Err(_) => run.errors.push(format!("{ask}: it panics")),
            }
            run.asked += 1;
        }
        run
    }
}

/// How a case came out.
#[derive(Default)]
struct Run {
    asked: usize,
    wrong: Vec<String>,
    errors: Vec<String>,
    cited: BTreeSet<RuleId>,
}

static CASES: LazyLock<Cases> = LazyLock::new(|| Cases::read("cases"));

/// How all cases came out, by name.
static RUNS: LazyLock<BTreeMap<&str, Run>> = LazyLock::new(|| {
    let all: Vec<_> = CASES.cases.iter().collect();
    all.into_par_iter().map(|(name, case)| (name.as_str(), CASES.run(name, case))).collect()
});

#[test]
fn every_case_is_answered_as_the_documents_say() {
    let asked: usize = RUNS.values().map(|run| run.asked).sum();
    let errors = RUNS.iter().flat_map(|(name, run)| {
        run.errors.iter().map(move |error| format!("tests/cases/{name}.yaml: {error}"))
    });
    let wrong = RUNS.values().flat_map(|run| run.wrong.iter().cloned());
    let wrong: Vec<String> = errors.chain(wrong).collect();
    assert!(asked > 1500, "only {asked} questions were asked");
    assert!(
        wrong.is_empty(),
        "{} problems in {asked} questions:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// The names of the cases that name each rule.
fn shown() -> BTreeMap<RuleId, Vec<&'static str>> {
    let mut shown: BTreeMap<RuleId, Vec<&str>> = BTreeMap::new();
    for (name, case) in &CASES.cases {
        for rule in &case.rules {
            shown.entry(rule.value).or_default().push(name);
        }
    }
    shown
}

#[test]
fn every_modelled_rule_has_a_case() {
    let shown = shown();
    let modelled: BTreeSet<RuleId> =
        RuleId::every().filter(|rule| rules::not_modelled(*rule).is_none()).collect();
    let disputed =
        modelled.iter().filter(|id| rules::rule(**id).is_some_and(|rule| rule.disputed.is_some()));
    println!(
        "{} rules modelled, {} of them disputed, {} shown by cases, {} not modelled",
        modelled.len(),
        disputed.count(),
        modelled.iter().filter(|rule| shown.contains_key(rule)).count(),
        RuleId::every().count() - modelled.len(),
    );
    let missing: Vec<&RuleId> = modelled.iter().filter(|rule| !shown.contains_key(rule)).collect();
    assert!(missing.is_empty(), "modelled without a case: {missing:?}");
}

#[test]
fn the_list_of_cases_is_that_of_the_files() {
    let listed: String =
        shown().iter().map(|(rule, names)| format!("{rule}: [{}]\n", names.join(", "))).collect();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rules/cases.yaml");
    if std::env::var_os("PORTOLAN_UPDATE").is_some() {
        fs::write(&path, format!("# Which cases of tests/cases show which rule; PORTOLAN_UPDATE=1 cargo test --test cases writes it.\n{listed}")).expect("the list is written");
    }
    let embedded = fs::read_to_string(&path).expect("the list of cases");
    let embedded: String = embedded
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| format!("{line}\n"))
        .collect();
    assert!(
        embedded == listed,
        "run with PORTOLAN_UPDATE=1 to bring src/rules/cases.yaml up to date"
    );
}

/// The mistakes of `tests/mutants.yaml`.
fn mutants() -> (Files, Vec<ListedMutant>) {
    let (mut files, mut findings) = (Files::new(), Findings::new());
    let text = fs::read_to_string(tests().join("mutants.yaml")).expect("a list of mistakes");
    let listed = suite::mutants(&mut files, "tests/mutants.yaml", &text, &mut findings);
    assert!(findings.is_empty(), "{}", lines(&files, findings));
    (files, listed.expect("a list"))
}

/// That an answer holds says nothing of a rule on which it does not rest.
#[test]
fn every_rule_of_a_case_is_cited_by_an_answer_or_noticed_by_a_mutant() {
    let (files, listed) = mutants();
    let mut noticed: BTreeSet<(RuleId, &str)> = BTreeSet::new();
    let mut wrong = Vec::new();
    for mutant in &listed {
        let rule = mutant.rule.value;
        for case in &mutant.cases {
            let line = files.line_column(case.span).map_or(0, |at| at.line);
            let at = format!("tests/mutants.yaml:{line}: {rule} of {}", case.value);
            let Some(found) = CASES.cases.get(&case.value) else {
                wrong.push(format!("{at}: there is no such case"));
                continue;
            };
            if found.rules.iter().all(|own| own.value != rule) {
                wrong.push(format!("{at}: the case does not name the rule"));
            } else if RUNS[case.value.as_str()].cited.contains(&rule) {
                wrong.push(format!("{at}: an answer rests on it, so that it need not be listed"));
            }
            noticed.insert((rule, &case.value));
        }
    }
    for (name, case) in &CASES.cases {
        let cited = &RUNS[name.as_str()].cited;
        for rule in &case.rules {
            if !cited.contains(&rule.value) && !noticed.contains(&(rule.value, name)) {
                let rule = rule.value;
                wrong.push(format!("tests/cases/{name}.yaml: no answer rests on {rule}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} problems:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_listed_mutant_is_in_a_function_that_exists() {
    let (files, listed) = mutants();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut wrong = Vec::new();
    for mutant in &listed {
        let name = mutant.function.rsplit("::").next().unwrap_or(&mutant.function);
        let text = fs::read_to_string(root.join(&mutant.file.value)).unwrap_or_default();
        let begins = |end: &str| text.contains(&format!("fn {name}{end}"));
        if !begins("(") && !begins("<") {
            let line = files.line_column(mutant.function.span).map_or(0, |at| at.line);
            let (file, function) = (&mutant.file.value, &mutant.function.value);
            wrong.push(format!("tests/mutants.yaml:{line}: {file} has no {function}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_cause_is_met_in_a_case() {
    let paths = CASES
        .cases
        .values()
        .flat_map(|case| &case.questions)
        .flat_map(|question| question.paths.iter().flat_map(|paths| &paths.value));
    let met: BTreeSet<Cause> = paths.filter_map(|path| path.cause).collect();
    for cause in Cause::ALL {
        let excused = NOT_MET.iter().any(|(other, _)| other == cause);
        assert!(met.contains(cause) || excused, "no case has a path with the cause {cause}");
        assert!(!met.contains(cause) || !excused, "{cause} is met: take it from the list");
    }
}

/// What the documents say and the engine does not yet: a case that comes right belongs with the
/// others.
#[test]
fn gaps_are_still_gaps() {
    let gaps = Cases::read("gaps");
    for (name, case) in &gaps.cases {
        let run = gaps.run(name, case);
        assert!(run.errors.is_empty(), "{name}: {:?}", run.errors);
        assert!(!run.wrong.is_empty(), "{name} is answered rightly now: move it to tests/cases");
    }
}
