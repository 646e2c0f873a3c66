use proptest::prelude::*;

use super::*;
use crate::source::testing::shown;
use crate::source::tree::Value;

/// The findings of a text.
fn findings(text: impl AsRef<[u8]>) -> String {
    within(Limits::default(), text)
}

fn within(limits: Limits, text: impl AsRef<[u8]>) -> String {
    let (mut files, mut findings) = (Files::new(), Findings::new());
    read_within(limits, &mut files, "a.yaml", text.as_ref(), &mut findings);
    shown(&files, &findings)
}

/// The tree of a text: each scalar with its kind, each key and value with its underlined text.
fn tree(text: &str) -> String {
    let (mut files, mut findings) = (Files::new(), Findings::new());
    let node = read(&mut files, "a.yaml", text.as_bytes(), &mut findings);
    assert_eq!(shown(&files, &findings), "");
    node.map_or_else(String::new, |node| spelled(&node))
}

fn spelled(node: &Node) -> String {
    match &node.value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Integer(value) => value.to_string(),
        Value::Float(value) => format!("{value:?}"),
        Value::Text(text) if text.quoted => format!("{:?}", text.text),
        Value::Text(text) => text.text.to_string(),
        Value::List(items) => {
            format!("[{}]", items.iter().map(spelled).collect::<Vec<_>>().join(", "))
        }
        Value::Map(entries) => {
            let each = entries.iter().map(|(key, node)| format!("{}: {}", key.text, spelled(node)));
            format!("{{{}}}", each.collect::<Vec<_>>().join(", "))
        }
    }
}

/// The text of every key and value, in order.
fn underlined(text: &str) -> Vec<String> {
    fn visit(node: &Node, files: &Files, all: &mut Vec<String>) {
        all.push(files.text(node.span).to_owned());
        for item in node.as_list().unwrap_or_default() {
            visit(item, files, all);
        }
        for (key, node) in node.as_map().unwrap_or_default() {
            all.push(files.text(key.span).to_owned());
            visit(node, files, all);
        }
    }
    let (mut files, mut findings) = (Files::new(), Findings::new());
    let mut all = Vec::new();
    if let Some(node) = read(&mut files, "a.yaml", text.as_bytes(), &mut findings) {
        visit(&node, &files, &mut all);
    }
    all
}

#[test]
fn values_are_those_of_yaml_1_2() {
    assert_eq!(
        tree("a: 1\nb: '1'\nc: [x, \"y\", null, true, 1.5]\nd:\ne: yes\n80: f\n"),
        "{a: 1, b: \"1\", c: [x, \"y\", null, true, 1.5], d: null, e: yes, 80: f}"
    );
    assert_eq!(tree("a: |\n  x\n  y\n\nb: >-\n  x\n  y\n"), "{a: \"x\\ny\\n\", b: \"x y\"}");
    assert_eq!(
        tree("{\"a\": [1, {\"b\": null}],\n\t\"c\": \"\\u00e9\\/\"}"),
        "{a: [1, {b: null}], c: \"é/\"}"
    );
    assert_eq!(tree("[a: b, c]"), "[{a: b}, c]");
    assert_eq!(tree("- - 1\n  - 2\n- []\n- {}\n"), "[[1, 2], [], {}]");
}

#[test]
fn a_byte_order_mark_and_line_breaks_of_windows_are_read() {
    assert_eq!(tree("\u{feff}a: 1\r\nb:\r\n  - x\r\n"), "{a: 1, b: [x]}");
    assert_eq!(underlined("\u{feff}é: ü\r\nb: c\r\n"), ["é: ü\r\nb: c", "é", "ü", "b", "c"]);
}

#[test]
fn every_key_and_value_has_its_exact_place() {
    assert_eq!(
        underlined("a:\n  b: x y # c\n  d: [1, {q: 'z'}, ]\n\ne: |\n  t\n  u\n\n\nf:\n"),
        [
            "a:\n  b: x y # c\n  d: [1, {q: 'z'}, ]\n\ne: |\n  t\n  u\n\n\nf",
            "a",
            "b: x y # c\n  d: [1, {q: 'z'}, ]",
            "b",
            "x y",
            "d",
            "[1, {q: 'z'}, ]",
            "1",
            "{q: 'z'}",
            "q",
            "'z'",
            "e",
            "t\n  u",
            "f",
            "",
        ]
    );
}

#[test]
fn aliases_and_merge_keys_are_resolved() {
    assert_eq!(tree("a: &x {k: 1}\nb: *x\nc: [*x]\n"), "{a: {k: 1}, b: {k: 1}, c: [{k: 1}]}");
    assert_eq!(
        tree("a: &x {k: 1, l: 2}\nb: &y {l: 4, m: 3}\nc:\n  k: 5\n  <<: [*x, *y]\n  n: 6\n"),
        "{a: {k: 1, l: 2}, b: {l: 4, m: 3}, c: {k: 5, n: 6, l: 2, m: 3}}"
    );
    assert_eq!(tree("a: &x k\n*x : 1\n"), "{a: k, k: 1}");
    assert_eq!(tree("{\"<<\": 1}"), "{<<: 1}", "in quotes it is a key");
    assert_eq!(
        findings("a: 1\n<<: 2\n"),
        "error[wrong-type]: `<<` takes a map, found a number\n  ^ \"2\"\n  \
         help: merge an alias of a map: `<<: *name`\n"
    );
}

#[test]
fn an_alias_stands_where_its_value_does_and_its_holder_where_it_is_written() {
    assert_eq!(
        underlined("a: &x y\nb:\n- *x\nc: d\n"),
        ["a: &x y\nb:\n- *x\nc: d", "a", "y", "b", "- *x", "y", "c", "d"]
    );
}

#[test]
fn duplicate_keys_are_labelled_at_both_places() {
    assert_eq!(
        findings("a: 1\nb: 2\na: 3\n"),
        "error[duplicate-key]: the key `a` is given twice\n  ^ \"a\" given again here\n  \
         - \"a\" first given here\n  help: keep one of them\n"
    );
    let many: String = (0..40).map(|at| format!("k{}: {at}\n", at % 39)).collect();
    assert_eq!(
        findings(many),
        "error[duplicate-key]: the key `k0` is given twice\n  ^ \"k0\" given again here\n  \
         - \"k0\" first given here\n  help: keep one of them\n"
    );
    let (mut files, mut all) = (Files::new(), Findings::new());
    let node = read(&mut files, "a.yaml", b"a: 1\nb: 2\na: 3\nb: 4\nc: 5\n", &mut all);
    assert_eq!(node.map(|node| spelled(&node)).as_deref(), Some("{a: 1, b: 2, c: 5}"));
    assert_eq!(all.len(), 2);
}

#[test]
fn keys_are_words() {
    assert_eq!(
        findings("? [a]\n: 1\n"),
        "error[invalid-key]: expected a key, found a list\n  ^ \"[a]\"\n  \
         help: write a word before the `:`\n"
    );
    assert_eq!(
        findings("{: 1}\n"),
        "error[invalid-key]: a value without a key\n  ^ \"\"\n  \
         help: write a word before the `:`\n"
    );
}

#[test]
fn tags_of_yaml_are_read_and_others_refused() {
    assert_eq!(
        tree("a: !!str 1\nb: !!int '2'\nc: ! x\nd: !!map {}\n"),
        "{a: \"1\", b: 2, c: \"x\", d: {}}"
    );
    assert_eq!(
        findings("a: !include b.yaml\n"),
        "error[unknown-tag]: unknown tag `!include`\n  ^ \"!include\"\n  \
         help: remove it, or put text that begins with `!` in quotes\n"
    );
    assert_eq!(
        findings("a: !!int b\n"),
        "error[wrong-type]: `b` is not what its tag `!!int` says\n  ^ \"b\"\n"
    );
}

#[test]
fn one_document_is_read() {
    assert_eq!(
        findings("a: 1\n---\nb: 2\n---\nc: 3\n"),
        "error[several-documents]: more than one document\n  ^ \"---\" the second begins here\n  \
         help: put each document in a file of its own\n"
    );
    assert_eq!(tree("---\na: 1\n---\n"), "{a: 1}", "one that says nothing does not count");
}

#[test]
fn a_file_that_says_nothing_is_an_error() {
    for text in ["", "\n\n", "# only this\n", "---\n", "~", "\u{feff}"] {
        assert_eq!(findings(text), "error[empty-file]: `a.yaml` is empty\n  ^ \"\"\n", "{text:?}");
    }
}

#[test]
fn bytes_that_are_not_utf8_are_pointed_at() {
    assert_eq!(
        findings(b"a: b\nc: \xffd\n"),
        "error[not-utf8]: `a.yaml` is not UTF-8: byte 8 is 0xff\n  ^ \"\u{fffd}\"\n  \
         help: save it as UTF-8\n"
    );
    assert_eq!(
        findings(b"\xff\xfea\0"),
        "error[not-utf8]: `a.yaml` is not UTF-8: byte 0 is 0xff\n  ^ \"\u{fffd}\"\n  \
         help: it is UTF-16: save it as UTF-8\n"
    );
}

#[test]
fn limits_are_findings() {
    let limits = Limits { bytes: 2 << 20, depth: 3, nodes: 20, aliased: 10 };
    assert_eq!(
        within(limits, vec![b' '; (2 << 20) + 1]),
        "error[too-large]: `a.yaml` is larger than 2 MiB\n  ^ \"\"\n"
    );
    let deep = "error[too-deep]: lists and maps are more than 3 deep inside each other\n  ^ ";
    assert_eq!(within(limits, "[[[[1]]]]"), format!("{deep}\"[\"\n"));
    assert_eq!(within(limits, "a:\n b:\n  c:\n   d: 1\n"), format!("{deep}\"\"\n"));
    assert_eq!(
        within(limits, "[&x [[1]], [[*x]]]"),
        format!("{deep}\"[\"\n").replace("\"[\"", "\"*x\"")
    );
    assert_eq!(
        within(limits, "- 1\n".repeat(20)),
        "error[too-large]: more than 20 values\n  ^ \"1\"\n"
    );
    assert_eq!(
        within(limits, "[&x [1, 2, 3], *x, *x]"),
        "error[too-many-aliases]: aliases stand for more than 10 values\n  ^ \"*x\"\n  \
         help: write out the values, or repeat fewer of them\n"
    );
}

#[test]
fn depth_costs_no_stack() {
    for (open, close) in [("[", "]"), ("{a: ", "}"), ("- ", ""), ("? ", "")] {
        let text = format!("{}1{}", open.repeat(100_000), close.repeat(100_000));
        let found = findings(&text);
        assert!(found.starts_with("error[too-deep]"), "{open}: {found}");
    }
    let chain: String = (1..1000).map(|at| format!("- &a{at} [*a{}]\n", at - 1)).collect();
    let found = findings(format!("- &a0 [1]\n{chain}"));
    assert!(found.starts_with("error[too-deep]"), "{found}");
}

#[test]
fn a_billion_laughs_end_soon() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for at in 1..30 {
        let line = format!("a{at}: &a{at} [{}]\n", format!("*a{}, ", at - 1).repeat(9));
        text.push_str(&line);
    }
    assert!(findings(&text).starts_with("error[too-many-aliases]"));
}

#[test]
fn a_value_inside_itself_is_an_error() {
    assert_eq!(
        findings("a: &x [*x]\n"),
        "error[syntax]: `*x` stands inside the value that it repeats\n  ^ \"*x\"\n"
    );
}

#[test]
fn errors_of_syntax_say_where_and_what_to_do() {
    let cases: &[(&str, &str, &str, &str)] = &[
        ("a: [1,\n", "`[` is not closed", "[", "add `]` at the end"),
        ("a: {b: 1]\n", "`{` is closed by `]`", "{", "write `}`"),
        ("a: 1]\nb: ]\n", "this bracket closes nothing", "]", "remove it"),
        (
            "a: 'x\nb: 2\n",
            "the quotes that begin here are not closed",
            "'x",
            "write a quote of the same kind at the end, and `''` for one inside single quotes",
        ),
        (
            "a: b: c\n",
            "`:` where no key can be",
            ":",
            "put text that contains `: ` in quotes, and indent the keys of a map alike",
        ),
        ("a:\n\tb: 1\n", "a tab in the indentation", "\t", "indent with spaces"),
        ("a: 1\n\tb: 1\n", "a tab in the indentation", "\t", "indent with spaces"),
        (
            "a:\n  b: 1\n c: 2\n",
            "expected a key",
            "c",
            "a key is followed by `: `, and the keys of a map are indented alike",
        ),
        ("a: @b\n", "unexpected character `@`", "@b", "put text that begins with it in quotes"),
        (
            "a: \"\\d\"\n",
            "`\\` begins no escape that YAML knows",
            "\"\\d\"",
            "write `\\\\` for a backslash, or use single quotes",
        ),
        (
            "a: *b\n",
            "an alias of nothing",
            "*b",
            "name a value with `&` before it is repeated with `*`, or put text that begins with \
             `*` in quotes",
        ),
        (
            "[1] x\n",
            "text after the end of the document",
            "x",
            "check the indentation and the brackets",
        ),
    ];
    let mut wrong = Vec::new();
    for &(text, message, underlined, help) in cases {
        let expected = format!("error[syntax]: {message}\n  ^ {underlined:?}\n  help: {help}\n");
        let found = findings(text);
        if found != expected {
            wrong.push(format!("{text:?}\n{found}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Reads, and checks of every place that it is one.
fn check_places(bytes: &[u8]) {
    fn visit(node: &Node, files: &Files) {
        for span in [node.span]
            .into_iter()
            .chain(node.as_map().into_iter().flatten().map(|(key, _)| key.span))
        {
            assert!(files.source(span.file).get(span.range()).is_some(), "{span:?}");
        }
        for item in node.as_list().unwrap_or_default() {
            visit(item, files);
        }
        for (_, node) in node.as_map().unwrap_or_default() {
            visit(node, files);
        }
    }
    let (mut files, mut findings) = (Files::new(), Findings::new());
    let node = read(&mut files, "a.yaml", bytes, &mut findings);
    assert!(node.is_some() || findings.has_errors());
    for label in findings.iter().flat_map(|finding| &finding.labels) {
        assert!(files.source(label.span.file).get(label.span.range()).is_some(), "{label:?}");
    }
    if let Some(node) = node {
        visit(&node, &files);
    }
}

/// What a value of JSON is in the tree.
fn same(json: &serde_json::Value, node: &Node) -> bool {
    use serde_json::Value as Json;
    match (json, &node.value) {
        (Json::Null, Value::Null) => true,
        (Json::Bool(a), Value::Bool(b)) => a == b,
        (Json::Number(a), Value::Integer(b)) => a.as_i64() == Some(*b),
        (Json::Number(a), Value::Float(b)) => a.as_f64() == Some(*b),
        (Json::String(a), Value::Text(b)) => b.quoted && *a == *b.text,
        (Json::Array(a), Value::List(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Json::Object(a), Value::Map(b)) => {
            a.len() == b.len()
                && a.iter().zip(b).all(|((key, a), (other, b))| *key == *other.text && same(a, b))
        }
        _ => false,
    }
}

fn any_json() -> impl Strategy<Value = serde_json::Value> {
    use serde_json::Value as Json;
    let text =
        || proptest::string::string_regex("[ -~\\t\\n\\réü€😀:,#&*!]{0,12}").expect("a pattern");
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        (-1e30..1e30).prop_map(Json::from),
        text().prop_map(Json::from),
    ];
    leaf.prop_recursive(5, 40, 6, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Json::from),
            proptest::collection::vec((text(), inner), 0..6)
                .prop_map(|entries| Json::Object(entries.into_iter().collect())),
        ]
    })
}

#[test]
fn json_is_read_as_it_is_meant() {
    assert_eq!(
        tree(r#"{"a":1,"b":[1,2],"c":"x","d":{"e":"\ud83d\ude00"}}"#),
        r#"{a: 1, b: [1, 2], c: "x", d: {e: "😀"}}"#
    );
    assert_eq!(
        tree(&format!("{{\"{}\":1}}", "k".repeat(3000))),
        format!("{{{}: 1}}", "k".repeat(3000))
    );
}

const SAMPLE: &str = "\
# a comment
portolan: 1
shared: &shared {region: 'europe-west1', \"tags\": [a, b: c]}
services:
  web:
    <<: *shared
    text: |
      zwölf
       Boxkämpfer

    folded: >-
      x
    empty:
    ? key
    : !!str 12
  - broken
";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        check_places(&bytes);
    }

    #[test]
    fn json_is_a_part_of_yaml(json in any_json()) {
        for text in [json.to_string(), format!("{json:#}")] {
            let (mut files, mut findings) = (Files::new(), Findings::new());
            let node = read(&mut files, "a.json", text.as_bytes(), &mut findings);
            match node {
                Some(node) => prop_assert!(same(&json, &node), "{text}\n{node:?}"),
                None => prop_assert!(json.is_null(), "{text}\n{}", shown(&files, &findings)),
            }
        }
    }

    #[test]
    fn any_marks_are_read_or_refused(
        text in proptest::collection::vec(
            proptest::sample::select(vec![
                "a", "é", " ", "  ", "\n", "\r\n", "\t", ": ", ":", "- ", "-", "[", "]", "{", "}",
                ", ", "'", "\"", "|", ">", "&x ", "*x", "!", "!!str ", "# ", "? ", "<<: ", "---\n",
                "...\n", "%", "\\", "~", "1", "\u{feff}", "\0", "@", "`",
            ]),
            0..60,
        )
    ) {
        check_places(text.concat().as_bytes());
    }

    #[test]
    fn any_change_of_a_file_is_read_or_refused(
        at in 0..SAMPLE.len(),
        removed in 0..20_usize,
        added in "[-a:\\[\\]{}'\"|>&*!#?,\n\t é]{0,6}",
    ) {
        let mut bytes = SAMPLE.as_bytes().to_vec();
        let end = (at + removed).min(bytes.len());
        bytes.splice(at..end, added.bytes());
        check_places(&bytes);
    }
}
