//! Laws of edits, on all examples and on any text.

use std::fs;
use std::path::Path as FilePath;

use proptest::prelude::*;

use super::*;
use crate::source::tree::{Key, Text};
use crate::topology::record::{Form, Part as _};

/// The texts of all examples and cases.
fn texts() -> Vec<String> {
    let root = FilePath::new(env!("CARGO_MANIFEST_DIR"));
    let mut texts = Vec::new();
    for entry in fs::read_dir(root.join("topologies")).expect("examples").flatten() {
        texts.extend(fs::read_to_string(entry.path().join("topology.yaml")));
    }
    for entry in fs::read_dir(root.join("tests/cases")).expect("cases").flatten() {
        let (mut files, mut findings) = (Files::new(), Findings::new());
        let bytes = fs::read(entry.path()).expect("a case");
        let case = yaml::read(&mut files, "case", &bytes, &mut findings);
        let topology = case.and_then(|case| Some(case.get("topology")?.as_str()?.to_owned()));
        texts.extend(topology);
    }
    assert!(texts.len() > 300, "only {} texts were read", texts.len());
    texts
}

/// Hands over every topology.
fn each(mut take: impl FnMut(&str, &mut Files, Topology)) {
    for text in texts() {
        let (mut files, mut findings) = (Files::new(), Findings::new());
        if let Some(topology) = super::read(&mut files, &text, &mut findings)
            && findings.is_empty()
        {
            take(&text, &mut files, topology);
        }
    }
}

/// Every place of a value with what stands there.
fn places(path: &str, node: &Node, found: &mut Vec<(String, String)>) {
    if !path.is_empty() {
        found.push((path.to_owned(), node.to_string()));
    }
    for (at, item) in node.as_list().unwrap_or_default().iter().enumerate() {
        places(&format!("{path}[{at}]"), item, found);
    }
    let entries = node.as_map().filter(|_| node.get("unknown").is_none()).unwrap_or_default();
    for (key, node) in entries {
        let dot = if path.is_empty() { "" } else { "." };
        let key = serde_json::to_string(&*key.text).expect("a text");
        places(&format!("{path}{dot}{key}"), node, found);
    }
}

fn places_of(topology: &Topology) -> Vec<(String, String)> {
    let showing = Showing { topology, resource: None };
    let mut found = Vec::new();
    let shown = topology.show(showing).expect("a topology is shown");
    places("", &inverse::node(&shown), &mut found);
    found
}

fn edit(files: &mut Files, text: &str) -> Edit {
    let mut findings = Findings::new();
    let edit = Edit::read(files, "--set", text, &mut findings);
    edit.unwrap_or_else(|| panic!("{text}:\n{}", shown(files, &findings)))
}

#[test]
fn what_is_shown_at_a_place_can_be_set_there_and_changes_nothing() {
    let mut number = 0;
    each(|text, files, mut topology| {
        let before = written(&topology);
        for (path, value) in places_of(&topology) {
            let edit = edit(files, &format!("{path}={value}"));
            let mut findings = Findings::new();
            edit.apply(&mut topology, files, &mut findings);
            assert!(findings.is_empty(), "{path}={value}:\n{}", shown(files, &findings));
            number += 1;
        }
        assert_eq!(before, written(&topology), "{text}");
    });
    assert!(number > 10_000, "only {number} places");
}

#[test]
fn an_edit_and_its_inverse_change_nothing() {
    let (mut number, mut asked) = (0, 0);
    each(|_, files, mut topology| {
        let before = written(&topology);
        for (path, value) in places_of(&topology) {
            let list = path.rsplit_once('[').map_or("", |(list, _)| list);
            for text in [
                format!("{path}=null"),
                format!("{path}={{}}"),
                format!("{path}=[]"),
                format!("{path}+={value}"),
                format!("{path}-={value}"),
                format!("{list}+={value}"),
                format!("{list}-={value}"),
                format!("{path}.labels.team=shop"),
                format!("{path}.iap.accessors+=allUsers"),
                format!("{path}.vpc_access={{network: x}}"),
                format!("{path}.rules=null"),
            ] {
                asked += 1;
                // Some of them, of every kind and everywhere, are enough.
                if text.starts_with(['+', '-']) || asked % 37 != 0 {
                    continue;
                }
                let edit = edit(files, &text);
                let inverse = edit.inverse(&topology);
                if !edit.apply(&mut topology, files, &mut Findings::new()) {
                    assert_eq!(before, written(&topology), "{text} was half applied");
                    continue;
                }
                let inverse = inverse.unwrap_or_else(|| panic!("{text} has no inverse"));
                // Through its text, as a file of remedies would have it.
                let inverse = self::edit(files, &inverse.to_string());
                let mut findings = Findings::new();
                inverse.apply(&mut topology, files, &mut findings);
                assert!(
                    findings.is_empty(),
                    "{text}, undone by {inverse}:\n{}",
                    shown(files, &findings)
                );
                assert_eq!(before, written(&topology), "{text}, undone by {inverse}");
                number += 1;
            }
        }
    });
    assert!(number > 1_000, "only {number} edits");
}

#[test]
fn a_file_laid_over_itself_changes_nothing() {
    each(|text, files, mut topology| {
        let before = written(&topology);
        let mut findings = Findings::new();
        let node = yaml::read(files, "over.yaml", text.as_bytes(), &mut findings).expect("YAML");
        let edits = overlay(&topology, &node);
        assert!(apply(&edits, &mut topology, files, &mut findings), "{}", shown(files, &findings));
        assert_eq!(before, written(&topology), "{text}");
    });
}

#[test]
fn a_file_laid_over_nothing_is_the_file() {
    each(|text, files, topology| {
        let mut findings = Findings::new();
        let mut over = super::read(files, "portolan: 1\n", &mut findings).expect("a topology");
        let node = yaml::read(files, "over.yaml", text.as_bytes(), &mut findings).expect("YAML");
        let edits = overlay(&over, &node);
        assert!(apply(&edits, &mut over, files, &mut findings), "{}", shown(files, &findings));
        assert_eq!(written(&topology), written(&over), "{text}");
    });
}

/// Every path of the schema, with `a` for names and the first item of lists.
fn paths(path: &str, form: Form, found: &mut Vec<String>) {
    found.push(path.to_owned());
    match form {
        Form::Single => {}
        Form::Record { keys, field, .. } => {
            for key in keys {
                let form = field(key.name).expect("a key has a form");
                let dot = if path.is_empty() { "" } else { "." };
                paths(&format!("{path}{dot}{}", key.name), form, found);
            }
        }
        Form::Map { of, .. } => paths(&format!("{path}.a"), of(), found),
        Form::List { of } => paths(&format!("{path}[0]"), of(), found),
    }
}

#[test]
fn every_path_of_the_schema_can_be_written() {
    let mut found = Vec::new();
    paths("", Topology::form(), &mut found);
    assert!(found.len() > 500, "only {} paths", found.len());
    for path in found.iter().filter(|path| !path.is_empty()) {
        let (mut files, mut findings) = (Files::new(), Findings::new());
        let edit = edit(&mut files, &format!("{path}=x"));
        edit.fits_the_schema(&files, &mut findings);
        assert!(findings.is_empty(), "{path}:\n{}", shown(&files, &findings));
        assert_eq!(edit.path.to_string(), *path);
    }
}

/// A value that stands nowhere.
fn values() -> impl Strategy<Value = Node> {
    let node = |value| Node { value, span: Span::none() };
    let single = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Integer),
        any::<f64>().prop_map(Value::Float),
        texts_of_any_kind().prop_map(|text| Value::Text(Text { text: text.into(), quoted: false })),
    ];
    single.prop_map(node).prop_recursive(4, 24, 4, move |inner| {
        let key =
            texts_of_any_kind().prop_map(|text| Key { text: text.into(), span: Span::none() });
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4)
                .prop_map(move |items| node(Value::List(items.into()))),
            prop::collection::vec((key, inner), 0..4).prop_map(move |mut entries| {
                entries.sort_by(|(one, _), (other, _)| one.text.cmp(&other.text));
                entries.dedup_by(|(one, _), (other, _)| one.text == other.text);
                node(Value::Map(entries.into()))
            }),
        ]
    })
}

fn texts_of_any_kind() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[a-z.\\[\\]=+'\"\\\\ :#{},&*!|>%@`~?<-]{0,8}",
        Just("<<".to_owned()),
        Just("null".to_owned()),
        Just("1e3".to_owned()),
        Just("---".to_owned()),
    ]
}

fn edits() -> impl Strategy<Value = Edit> {
    let key = || {
        texts_of_any_kind()
            .prop_map(|text| EditStep::Key(Key { text: text.into(), span: Span::none() }))
    };
    let item = (0..20_usize).prop_map(|at| EditStep::Item { at, span: Span::none() });
    let rest = prop::collection::vec(prop_oneof![3 => key(), 1 => item], 0..4);
    let path = (key(), rest)
        .prop_map(|(first, rest)| EditPath { steps: std::iter::once(first).chain(rest).collect() });
    (path, values(), 0..3).prop_map(|(path, value, which)| {
        let change = match which {
            0 => Change::Set(value),
            1 => Change::Add(value),
            _ => Change::Take(value),
        };
        Edit { path, change }
    })
}

/// A text that looks like an edit of the topology of these tests.
fn likely() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "services",
        "web",
        "api",
        "ingress",
        "invokers",
        "=",
        "+=",
        "-=",
        ".",
        "[0]",
        "[1]",
        "null",
        "all",
        "{",
        "}",
        "region",
        ": ",
        "security_policies",
        "edge",
        "rules",
        "\"",
        "'",
        "unknown",
        "allUsers",
        "load_balancers",
        "front",
        "url_map",
        "hosts",
        "onprem",
        "hq",
        "lines",
        ", ",
        "vpn",
    ]);
    prop::collection::vec(word, 0..12).prop_map(|words| words.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn an_edit_is_read_as_it_is_written(edit in edits()) {
        let (mut files, mut findings) = (Files::new(), Findings::new());
        let text = edit.to_string();
        let read = Edit::read(&mut files, "--set", &text, &mut findings);
        prop_assert!(read.is_some(), "{text}\n{}", shown(&files, &findings));
        let read = read.expect("it was read");
        prop_assert_eq!(&read.to_string(), &text);
        let value = |edit: &Edit| match &edit.change {
            Change::Set(node) | Change::Add(node) | Change::Take(node) => json_of(node),
        };
        prop_assert_eq!(value(&read), value(&edit), "{}", text);
        let keys = |edit: &Edit| -> Vec<Option<String>> {
            let key = |step: &EditStep| match step {
                EditStep::Key(key) => Some(key.text.to_string()),
                EditStep::Item { .. } => None,
            };
            edit.path.steps.iter().map(key).collect()
        };
        prop_assert_eq!(keys(&read), keys(&edit), "{}", text);
    }

    #[test]
    fn any_text_is_applied_or_refused(text in prop_oneof![any::<String>(), likely()]) {
        let (mut files, mut findings) = (Files::new(), Findings::new());
        let mut topology = super::read(&mut files, TOPOLOGY, &mut findings).expect("a topology");
        let before = written(&topology);
        match Edit::read(&mut files, "--set", &text, &mut findings) {
            None => prop_assert!(findings.has_errors(), "{text} is not read for no reason"),
            Some(edit) => {
                let inverse = edit.inverse(&topology);
                if edit.apply(&mut topology, &files, &mut findings) {
                    prop_assert!(findings.is_empty(), "{text}");
                    let inverse = inverse.expect("what is applied has an inverse");
                    prop_assert!(inverse.apply(&mut topology, &files, &mut findings), "{inverse}");
                } else {
                    prop_assert!(findings.has_errors(), "{text} is refused for no reason");
                }
                prop_assert_eq!(before, written(&topology), "{}", text);
            }
        }
    }
}
