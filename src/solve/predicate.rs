//! Tests of one text, in the form that an axis can answer, and what they ask of a path before it
//! was rewritten.

use crate::graph::TextMatch;
use crate::sets::Pattern;
use crate::topology::condition::TextTest;

/// What a pattern of any text begins or ends with where it is part of the text.
const ANY: &str = "(?s-u:.)*";

/// The test that a pattern was made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatternTest {
    /// What the text must be.
    pub test: PatternIs,
    /// In any case.
    pub ignore_case: bool,
    /// Once rewritten.
    pub rewritten: bool,
}

/// What a text must be to match a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PatternIs {
    /// This text.
    Equal(String),
    /// One that begins so.
    Beginning(String),
    /// One that ends so.
    Ending(String),
    /// One that contains this.
    Containing(String),
    /// One that this expression finds.
    Matching(String),
    /// A query with a parameter.
    Parameter {
        /// Its name.
        name: String,
        /// What its value must be; any if there is nothing.
        value: Option<ParameterIs>,
    },
}

/// What the value of a parameter must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParameterIs {
    /// This text, where `*` stands for any.
    Text(String),
    /// One that this expression finds.
    Matching(String),
}

/// The test that a pattern was made from.
pub(super) fn test_of(pattern: &Pattern) -> PatternTest {
    let regex = pattern.regex.as_str();
    let open = regex.strip_prefix(ANY);
    let body = open.unwrap_or(regex);
    let closed = body.strip_suffix(ANY);
    let body = closed.unwrap_or(body);
    let folded = body.strip_prefix("(?i:").and_then(|body| body.strip_suffix(')'));
    let own = folded.unwrap_or(body);
    let test = match (literal(own), open.is_some(), closed.is_some()) {
        (Some(text), false, false) => PatternIs::Equal(text),
        (Some(text), false, true) => PatternIs::Beginning(text),
        (Some(text), true, false) => PatternIs::Ending(text),
        (Some(text), true, true) => PatternIs::Containing(text),
        (None, ..) => expression(own),
    };
    let (ignore_case, rewritten) = (folded.is_some(), pattern.strip != pattern.prepend);
    PatternTest { test, ignore_case, rewritten }
}

/// An expression that a condition gives, as the condition has it.
fn expression(regex: &str) -> PatternIs {
    let group = |text: &str, start: &str, end: &str| -> Option<String> {
        Some(text.strip_prefix(start)?.strip_suffix(end)?.to_owned())
    };
    let plain = group(regex, "(?:", ")").unwrap_or_else(|| regex.to_owned());
    // A parameter of the query.
    if let Some(name) = group(&plain, "(?:^|&)", "(?:=|&|$)") {
        return PatternIs::Parameter { name: literal(&name).unwrap_or(name), value: None };
    }
    if let Some(parameter) = group(&plain, "(?:^|&)", "(?:&|$)") {
        let (name, value) = parameter.split_once('=').unwrap_or((&parameter, ""));
        let name = literal(name).unwrap_or_else(|| name.to_owned());
        if let Some(regex) = group(value, "(?:", ")") {
            return PatternIs::Parameter { name, value: Some(ParameterIs::Matching(regex)) };
        }
        let value = value.replace("[^&]*", "*");
        let text: String = value
            .split('*')
            .map(|part| literal(part).unwrap_or(part.into()))
            .collect::<Vec<_>>()
            .join("*");
        return PatternIs::Parameter { name, value: Some(ParameterIs::Text(text)) };
    }
    PatternIs::Matching(group(&plain, "^(?:", ")$").unwrap_or(plain))
}

/// The text that an expression is the only one of.
fn literal(regex: &str) -> Option<String> {
    let mut text = String::new();
    let mut escaped = false;
    for c in regex.chars() {
        if c == '\\' && !escaped {
            escaped = true;
            continue;
        }
        escaped = false;
        text.push(c);
    }
    (regex_syntax::escape(&text) == regex).then_some(text)
}

/// A boolean combination of what a text axis can answer.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Predicate {
    /// Holds, or does not, for every text.
    Constant(bool),
    /// The text is this.
    Exact(String),
    /// The text begins so; on the host axis: ends so.
    Affix(String),
    /// The text matches.
    Pattern(Pattern),
    /// Both hold.
    Both(Box<(Predicate, Predicate)>),
    /// One of them holds.
    Either(Box<(Predicate, Predicate)>),
    /// It does not hold.
    Not(Box<Predicate>),
}

impl Predicate {
    fn both(one: Predicate, other: Predicate) -> Predicate {
        match (one, other) {
            (Predicate::Constant(false), _) | (_, Predicate::Constant(false)) => {
                Predicate::Constant(false)
            }
            (Predicate::Constant(true), other) | (other, Predicate::Constant(true)) => other,
            (one, other) => Predicate::Both(Box::new((one, other))),
        }
    }

    fn either(one: Predicate, other: Predicate) -> Predicate {
        match (one, other) {
            (Predicate::Constant(true), _) | (_, Predicate::Constant(true)) => {
                Predicate::Constant(true)
            }
            (Predicate::Constant(false), other) | (other, Predicate::Constant(false)) => other,
            (one, other) => Predicate::Either(Box::new((one, other))),
        }
    }

    fn negate(one: Predicate) -> Predicate {
        match one {
            Predicate::Constant(value) => Predicate::Constant(!value),
            one => Predicate::Not(Box::new(one)),
        }
    }

    /// What a test asks. `reversed` for the host axis, whose intervals are suffixes, and whose
    /// texts are lower case.
    pub(super) fn of(matched: &TextMatch, reversed: bool) -> Predicate {
        let ignore_case = matched.ignore_case;
        let literal = |text: &str| {
            let escaped = regex_syntax::escape(text);
            if ignore_case { format!("(?i:{escaped})") } else { escaped }
        };
        let regex = match &matched.test {
            TextTest::Equals(text) if reversed && ignore_case => {
                return Predicate::Exact(text.to_ascii_lowercase());
            }
            TextTest::Suffix(text) if reversed && ignore_case => {
                return Predicate::Affix(text.to_ascii_lowercase());
            }
            TextTest::Equals(text) if !ignore_case => return Predicate::Exact(text.clone()),
            TextTest::Prefix(text) if !ignore_case && !reversed => {
                return Predicate::Affix(text.clone());
            }
            TextTest::Suffix(text) if !ignore_case && reversed => {
                return Predicate::Affix(text.clone());
            }
            TextTest::Equals(text) => literal(text),
            TextTest::Prefix(text) => format!("{}{ANY}", literal(text)),
            TextTest::Suffix(text) => format!("{ANY}{}", literal(text)),
            TextTest::Contains(text) => format!("{ANY}{}{ANY}", literal(text)),
            TextTest::Matches(pattern) if ignore_case => format!("{ANY}(?i:{pattern}){ANY}"),
            TextTest::Matches(pattern) => format!("{ANY}(?:{pattern}){ANY}"),
        };
        Predicate::Pattern(Pattern::new(regex))
    }

    /// What this asks of a path before `from` at its beginning was replaced by `to`. A path that
    /// does not begin with `from` is left alone.
    pub(super) fn before_rewrite(&self, from: &str, to: &str) -> Predicate {
        match self {
            Predicate::Constant(value) => Predicate::Constant(*value),
            Predicate::Both(parts) => {
                Predicate::both(parts.0.before_rewrite(from, to), parts.1.before_rewrite(from, to))
            }
            Predicate::Either(parts) => Predicate::either(
                parts.0.before_rewrite(from, to),
                parts.1.before_rewrite(from, to),
            ),
            Predicate::Not(part) => Predicate::negate(part.before_rewrite(from, to)),
            leaf => {
                let rewritten = Predicate::Affix(from.to_string());
                let left_alone = Predicate::negate(rewritten.clone());
                Predicate::either(
                    Predicate::both(rewritten, leaf.of_rewritten(from, to)),
                    Predicate::both(left_alone, leaf.clone()),
                )
            }
        }
    }

    /// What a leaf asks of a path that begins with `from`, which becomes `to`.
    fn of_rewritten(&self, from: &str, to: &str) -> Predicate {
        let longer = |text: &str| text.strip_prefix(to).map(|rest| format!("{from}{rest}"));
        match self {
            Predicate::Exact(text) => match longer(text) {
                Some(text) => Predicate::Exact(text),
                None => Predicate::Constant(false),
            },
            Predicate::Affix(text) => match longer(text) {
                Some(text) => Predicate::Affix(text),
                None => Predicate::Constant(to.starts_with(text.as_str())),
            },
            Predicate::Pattern(pattern) => {
                if let Some(rest) = to.strip_prefix(pattern.strip.as_str()) {
                    return Predicate::Pattern(Pattern {
                        regex: pattern.regex.clone(),
                        strip: from.to_string(),
                        prepend: format!("{}{rest}", pattern.prepend),
                    });
                }
                match longer(&pattern.strip) {
                    Some(strip) => Predicate::Pattern(Pattern { strip, ..pattern.clone() }),
                    None => Predicate::Constant(false),
                }
            }
            other => other.clone(),
        }
    }

    /// Every leaf.
    pub(super) fn leaves(&self, visit: &mut impl FnMut(&Predicate)) {
        match self {
            Predicate::Both(parts) | Predicate::Either(parts) => {
                parts.0.leaves(visit);
                parts.1.leaves(visit);
            }
            Predicate::Not(part) => part.leaves(visit),
            Predicate::Constant(_) => {}
            leaf => visit(leaf),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_told_as_the_test_that_it_was_made_from() {
        let tested = |test: TextTest, ignore_case: bool| match Predicate::of(
            &TextMatch { test, ignore_case },
            false,
        ) {
            Predicate::Pattern(pattern) => test_of(&pattern),
            other => panic!("{other:?} is no pattern"),
        };
        let is = |test, ignore_case| PatternTest { test, ignore_case, rewritten: false };
        let parameter = |value| PatternIs::Parameter { name: "v".into(), value };
        let text = |text: &str| parameter(Some(ParameterIs::Text(text.into())));
        for (test, expected) in [
            (TextTest::Contains("a.b".into()), PatternIs::Containing("a.b".into())),
            (TextTest::Suffix(".php".into()), PatternIs::Ending(".php".into())),
            (TextTest::Matches("^a+$".into()), PatternIs::Matching("^a+$".into())),
            (TextTest::Matches("^(?:a+)$".into()), PatternIs::Matching("a+".into())),
            (TextTest::Matches(r"(?:^|&)v=2\.0(?:&|$)".into()), text("2.0")),
            (TextTest::Matches("(?:^|&)v=a[^&]*(?:&|$)".into()), text("a*")),
            (
                TextTest::Matches("(?:^|&)v=(?:[0-9])(?:&|$)".into()),
                parameter(Some(ParameterIs::Matching("[0-9]".into()))),
            ),
            (TextTest::Matches("(?:^|&)v(?:=|&|$)".into()), parameter(None)),
        ] {
            assert_eq!(tested(test, false), is(expected, false));
        }
        for (test, expected) in [
            (TextTest::Equals("a".into()), PatternIs::Equal("a".into())),
            (TextTest::Prefix("a".into()), PatternIs::Beginning("a".into())),
            (TextTest::Contains("a".into()), PatternIs::Containing("a".into())),
            (TextTest::Matches("a|b".into()), PatternIs::Matching("a|b".into())),
        ] {
            assert_eq!(tested(test, true), is(expected, true));
        }
    }

    /// Evaluates on one path.
    fn holds(predicate: &Predicate, path: &str) -> bool {
        match predicate {
            Predicate::Constant(value) => *value,
            Predicate::Exact(text) => text == path,
            Predicate::Affix(text) => path.starts_with(text.as_str()),
            Predicate::Pattern(pattern) => {
                path.strip_prefix(pattern.strip.as_str()).is_some_and(|rest| {
                    let text = format!("{}{rest}", pattern.prepend);
                    // The only pattern of these tests: texts that end in `.php`.
                    text.ends_with(".php")
                })
            }
            Predicate::Both(parts) => holds(&parts.0, path) && holds(&parts.1, path),
            Predicate::Either(parts) => holds(&parts.0, path) || holds(&parts.1, path),
            Predicate::Not(part) => !holds(part, path),
        }
    }

    #[test]
    fn a_test_after_a_rewrite_is_asked_of_the_path_before_it() {
        let php = TextMatch { test: TextTest::Suffix(".php".into()), ignore_case: false };
        let predicates = [
            Predicate::Exact("/v2/users".into()),
            Predicate::Exact("/api/users".into()),
            Predicate::Affix("/v2/u".into()),
            Predicate::Affix("/v".into()),
            Predicate::of(&php, false),
        ];
        let paths = ["/api/users", "/api/", "/api/x.php", "/v2/users", "/other", "/x.php", "/v"];
        for (from, to) in [("/api/", "/v2/"), ("/api/", "/"), ("/", "/v2/"), ("/api/x", "/v")] {
            for predicate in &predicates {
                for path in paths {
                    let rewritten = match path.strip_prefix(from) {
                        Some(rest) => format!("{to}{rest}"),
                        None => path.to_string(),
                    };
                    assert_eq!(
                        holds(&predicate.before_rewrite(from, to), path),
                        holds(predicate, &rewritten),
                        "{predicate:?} on {path} with {from} -> {to}"
                    );
                }
            }
        }
    }
}
