//! Properties of all expressions: they mean what CEL's three values say, and none panics.

use proptest::prelude::*;

use super::super::{Dialect, parse};
use crate::topology::condition::{Condition, Test, TextAttribute, TextTest};

/// An expression over two headers, a method and a region, with the meaning CEL gives it.
#[derive(Clone, Debug)]
enum Tree {
    Constant(bool),
    Header(&'static str, char, bool),
    Has(&'static str),
    Method(&'static str),
    Region(&'static str),
    Not(Box<Tree>),
    And(Box<Tree>, Box<Tree>),
    Or(Box<Tree>, Box<Tree>),
    Choice(Box<Tree>, Box<Tree>, Box<Tree>),
    Is(Box<Tree>, bool),
}

#[derive(Clone, Debug)]
struct Request {
    x: Option<char>,
    y: Option<char>,
    method: &'static str,
    region: &'static str,
}

impl Request {
    fn header(&self, name: &str) -> Option<char> {
        if name == "x" { self.x } else { self.y }
    }
}

impl Tree {
    fn write(&self) -> String {
        match self {
            Tree::Constant(value) => value.to_string(),
            Tree::Header(name, value, true) => format!("request.headers['{name}'] == '{value}'"),
            Tree::Header(name, value, false) => format!("request.headers['{name}'] != '{value}'"),
            Tree::Has(name) => format!("has(request.headers['{name}'])"),
            Tree::Method(method) => format!("request.method == '{method}'"),
            Tree::Region(region) => format!("origin.region_code != '{region}'"),
            Tree::Not(part) => format!("!({})", part.write()),
            Tree::And(a, b) => format!("({}) && ({})", a.write(), b.write()),
            Tree::Or(a, b) => format!("({}) || ({})", a.write(), b.write()),
            Tree::Choice(test, a, b) => {
                format!("({}) ? ({}) : ({})", test.write(), a.write(), b.write())
            }
            Tree::Is(part, value) => format!("({}) == {value}", part.write()),
        }
    }

    /// The value; `None` is an error.
    fn value(&self, request: &Request) -> Option<bool> {
        match self {
            Tree::Constant(value) => Some(*value),
            Tree::Header(name, value, equal) => Some((request.header(name)? == *value) == *equal),
            Tree::Has(name) => Some(request.header(name).is_some()),
            Tree::Method(method) => Some(request.method == *method),
            Tree::Region(region) => Some(request.region != *region),
            Tree::Not(part) => Some(!part.value(request)?),
            Tree::And(a, b) => match (a.value(request), b.value(request)) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (a, b) => Some(a? && b?),
            },
            Tree::Or(a, b) => match (a.value(request), b.value(request)) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (a, b) => Some(a? || b?),
            },
            Tree::Choice(test, a, b) => {
                if test.value(request)? {
                    a.value(request)
                } else {
                    b.value(request)
                }
            }
            Tree::Is(part, value) => Some(part.value(request)? == *value),
        }
    }
}

/// The meaning of a condition; free in what it does not know.
fn holds(condition: &Condition, request: &Request) -> bool {
    match condition {
        Condition::Always => true,
        Condition::Never => false,
        Condition::All(parts) => parts.iter().all(|part| holds(part, request)),
        Condition::Any(parts) => parts.iter().any(|part| holds(part, request)),
        Condition::Not(part) => !holds(part, request),
        Condition::Test(Test::Region(codes)) => codes.iter().any(|code| code == request.region),
        Condition::Test(Test::Present(TextAttribute::Header(name))) => {
            request.header(name).is_some()
        }
        Condition::Test(Test::Text { field, test: TextTest::Equals(text), .. }) => match field {
            TextAttribute::Method => request.method == text,
            TextAttribute::Header(name) => {
                request.header(name).is_some_and(|value| value.to_string() == *text)
            }
            other => panic!("no expression here asks for {other}"),
        },
        other => panic!("no expression here reads as {other}"),
    }
}

fn tree() -> impl Strategy<Value = Tree> {
    let name = || prop_oneof![Just("x"), Just("y")];
    let leaf = prop_oneof![
        1 => any::<bool>().prop_map(Tree::Constant),
        4 => (name(), prop_oneof![Just('a'), Just('b')], any::<bool>())
            .prop_map(|(name, value, equal)| Tree::Header(name, value, equal)),
        2 => name().prop_map(Tree::Has),
        2 => prop_oneof![Just("GET"), Just("PUT")].prop_map(Tree::Method),
        2 => prop_oneof![Just("JP"), Just("US")].prop_map(Tree::Region),
    ];
    leaf.prop_recursive(5, 24, 3, |inner| {
        let part = || inner.clone().prop_map(Box::new);
        prop_oneof![
            part().prop_map(Tree::Not),
            (part(), part()).prop_map(|(a, b)| Tree::And(a, b)),
            (part(), part()).prop_map(|(a, b)| Tree::Or(a, b)),
            (part(), any::<bool>()).prop_map(|(part, value)| Tree::Is(part, value)),
            (part(), part(), part()).prop_map(|(test, a, b)| Tree::Choice(test, a, b)),
        ]
    })
}

fn requests() -> impl Iterator<Item = Request> {
    let values = || [None, Some('a'), Some('b'), Some('c')];
    values().into_iter().flat_map(move |x| {
        values().into_iter().flat_map(move |y| {
            ["GET", "PUT"].into_iter().flat_map(move |method| {
                ["JP", "US"].into_iter().map(move |region| Request { x, y, method, region })
            })
        })
    })
}

/// Text that looks enough like an expression to get somewhere.
fn fragments() -> impl Strategy<Value = String> {
    let words = [
        "request.path",
        "request.headers",
        "origin.ip",
        "has",
        "'a'",
        "r'\\'",
        "b'x'",
        "\"\"\"",
        "'",
        "\"",
        "\\",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "==",
        "=",
        "!",
        "&&",
        "||",
        "&",
        "?",
        ":",
        ".",
        ",",
        "in",
        "true",
        "null",
        "0x",
        "1u",
        "1e",
        "-",
        "+",
        "`",
        "//",
        "\n",
        "\r",
        "é",
        "\u{0}",
        "\u{10ffff}",
        ".matches(",
        "timestamp(",
        "evaluatePreconfiguredWaf(",
        " ",
        "if",
        "has(request.headers['x'])",
        "request.time",
        "99999999999999999999",
        "{'sensitivity': 1}",
    ];
    prop::collection::vec(prop::sample::select(words.to_vec()), 0..24).prop_map(|w| w.concat())
}

fn read_all(text: &str) {
    for dialect in [Dialect::SecurityPolicy, Dialect::IamCondition, Dialect::NatRule] {
        match parse(text, dialect) {
            Ok(condition) => {
                for part in condition.unmodelled() {
                    assert!(text.get(part.start as usize..part.end as usize).is_some());
                }
            }
            Err(error) => {
                assert!(text.get(error.range.clone()).is_some(), "{text:?} {error:?}");
                assert_ne!(error.message, "the expression cannot be read", "{text:?}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn errors_never_match(tree in tree()) {
        let text = tree.write();
        let condition = parse(&text, Dialect::SecurityPolicy).expect("a readable expression");
        // A choice that depends on a choice is left undecided.
        if condition.unmodelled().next().is_none() {
            for request in requests() {
                prop_assert_eq!(
                    holds(&condition, &request),
                    tree.value(&request) == Some(true),
                    "{} reads: {} for {:?}", text, condition, request
                );
            }
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in any::<String>()) {
        read_all(&text);
    }

    #[test]
    fn anything_like_an_expression_is_read_or_refused(text in fragments()) {
        read_all(&text);
    }
}
