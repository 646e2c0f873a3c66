//! Conditions of rules and bindings → expressions.

use crate::graph::{ConditionKind, NamedCondition as Free};
use ipnet::IpNet;

use super::Core;
use crate::graph::expression::{Atom, ExpressionId, TextField, TextMatch};
use crate::graph::hop::AssumptionKind;
use crate::source::Span;
use crate::topology::cel::{self, Dialect};
use crate::topology::condition::{
    AddressField, Condition, FreeKind, Test, TextAttribute as Field, TextTest, TimeRange,
    Unmodelled,
};
use crate::topology::organization::Combine;

/// Where a condition stands, and what it may ask.
pub(super) struct Context<'a> {
    /// The resource with the rule, for ids of assumptions (`security_policy/edge/1000`).
    pub id: &'a str,
    /// The place of the expression.
    pub at: Span,
    /// Headers that hold the user's address (ING-132).
    pub user_headers: &'a [Box<str>],
    /// Whether access levels can hold (ING-068).
    pub access_levels: bool,
}

impl Core<'_> {
    /// Reads an expression, each text once. What cannot be read was reported by `check`.
    pub(super) fn parse(&mut self, text: &str, dialect: Dialect) -> Result<Condition, ()> {
        let known = self.parsed.entry(text.to_string()).or_default();
        let position = dialect as usize;
        if let Some(parsed) = &known[position] {
            return parsed.clone();
        }
        let parsed = cel::parse(text, dialect).map_err(|_| ());
        known[position] = Some(parsed.clone());
        parsed
    }

    /// The expression for a condition.
    pub(super) fn express(&mut self, condition: &Condition, context: &Context<'_>) -> ExpressionId {
        match condition {
            Condition::Always => self.expressions.always(),
            Condition::Never => self.expressions.never(),
            Condition::All(parts) => {
                let parts: Vec<_> = parts.iter().map(|part| self.express(part, context)).collect();
                self.expressions.all(parts)
            }
            Condition::Any(parts) => {
                let parts: Vec<_> = parts.iter().map(|part| self.express(part, context)).collect();
                self.expressions.any(parts)
            }
            Condition::Not(part) => {
                let part = self.express(part, context);
                self.expressions.not(part)
            }
            Condition::Test(test) => self.express_test(test, context),
            Condition::Unmodelled(part) => self.express_unmodelled(part, context),
        }
    }

    fn express_unmodelled(&mut self, part: &Unmodelled, context: &Context<'_>) -> ExpressionId {
        let assumption = self.assumption(
            format!("{}:{}", context.id, part.text),
            AssumptionKind::Unmodelled,
            || format!("`{}` holds ({})", part.text, part.reason),
            None,
            context.at,
        );
        self.assumed((assumption, true))
    }

    fn express_test(&mut self, test: &Test, context: &Context<'_>) -> ExpressionId {
        let atom = match test {
            Test::Address { field, ranges } => {
                return self.express_address(*field, ranges, context);
            }
            Test::Region(regions) => {
                let mut regions: Vec<Box<str>> =
                    regions.iter().map(|region| region.to_uppercase().into()).collect();
                regions.sort();
                regions.dedup();
                Atom::Region(regions.into())
            }
            Test::Asn(numbers) => Atom::Asn(numbers.clone().into()),
            Test::Text { field, test, ignore_case } => {
                return self.express_text(field, test, *ignore_case);
            }
            Test::Present(field) => match text_field(field) {
                Some(field @ TextField::Header(_)) => Atom::Present(field),
                _ => return self.expressions.always(),
            },
            Test::Condition(free) => {
                let kind = match free.kind {
                    FreeKind::Waf => ConditionKind::Waf,
                    FreeKind::ThreatIntelligence => ConditionKind::ThreatIntelligence,
                    FreeKind::AdaptiveProtection => ConditionKind::AdaptiveProtection,
                    FreeKind::Recaptcha => ConditionKind::Recaptcha,
                    FreeKind::TlsFingerprint => ConditionKind::TlsFingerprint,
                };
                let name = free.name.as_str().into();
                Atom::Condition(self.condition(Free { kind, name }))
            }
            Test::AddressGroup { name, field, .. } => {
                let topology = self.topology;
                let id = name.rsplit('/').next().unwrap_or(name);
                let Some(group) = topology.address_groups.get(id) else {
                    let part = Unmodelled {
                        text: format!("evaluateAddressGroup({name})"),
                        reason: "the address group is not in the topology".into(),
                        start: 0,
                        end: 0,
                    };
                    return self.express_unmodelled(&part, context);
                };
                let ranges: Vec<IpNet> = group.ranges.iter().map(|range| range.value).collect();
                return self.express_address(*field, &ranges, context);
            }
            Test::AccessLevel(name) => {
                if !context.access_levels {
                    return self.expressions.never();
                }
                let id = name.rsplit('/').next().unwrap_or(name);
                return self.express_access_level(id, context, 0);
            }
            Test::Time(TimeRange { from, until }) => {
                let after = from.is_none_or(|from| self.at >= from);
                let before = until.is_none_or(|until| self.at < until);
                return if after && before {
                    self.expressions.always()
                } else {
                    self.expressions.never()
                };
            }
        };
        self.expressions.atom(atom)
    }

    fn express_address(
        &mut self,
        field: AddressField,
        ranges: &[IpNet],
        context: &Context<'_>,
    ) -> ExpressionId {
        let mut ranges: Vec<IpNet> = ranges.to_vec();
        ranges.sort_unstable();
        ranges.dedup();
        let ranges: Box<[IpNet]> = ranges.into();
        let atom = match field {
            AddressField::Origin | AddressField::Source => Atom::Source(ranges),
            AddressField::User if context.user_headers.is_empty() => Atom::Source(ranges),
            AddressField::User => {
                Atom::UserAddress { ranges, headers: context.user_headers.into() }
            }
            AddressField::Destination => Atom::Destination(ranges),
        };
        self.expressions.atom(atom)
    }

    fn express_text(&mut self, field: &Field, test: &TextTest, ignore_case: bool) -> ExpressionId {
        let atom = match text_field(field) {
            Some(field) => Atom::Text(field, TextMatch { test: test.clone(), ignore_case }),
            None => match field {
                Field::Scheme => {
                    let https = self.expressions.atom(Atom::Https);
                    let fits = |scheme: &str| text_fits(test, ignore_case, scheme);
                    return match (fits("https"), fits("http")) {
                        (true, true) => self.expressions.always(),
                        (true, false) => https,
                        (false, true) => self.expressions.not(https),
                        (false, false) => self.expressions.never(),
                    };
                }
                _ => return self.expressions.never(),
            },
        };
        self.expressions.atom(atom)
    }

    /// The expression for an access level (ING-143): a level that the topology does not have is
    /// an assumption, and a circle of levels never holds.
    pub(super) fn express_access_level(
        &mut self,
        id: &str,
        context: &Context<'_>,
        depth: u32,
    ) -> ExpressionId {
        let topology = self.topology;
        let Some(level) = topology.access_levels.get(id) else {
            let part = Unmodelled {
                text: format!("access level {id}"),
                reason: "the access level is not in the topology".into(),
                start: 0,
                end: 0,
            };
            return self.express_unmodelled(&part, context);
        };
        if depth > 16 {
            return self.expressions.never();
        }
        let mut parts = Vec::new();
        if !level.addresses.is_empty() {
            let ranges: Vec<IpNet> = level.addresses.iter().map(|range| range.value).collect();
            parts.push(self.express_address(AddressField::Origin, &ranges, context));
        }
        if !level.regions.is_empty() {
            let regions = level.regions.iter().map(|region| region.value.clone()).collect();
            parts.push(self.express_test(&Test::Region(regions), context));
        }
        for requirement in &level.requires {
            let name = &requirement.value;
            let condition = self.condition(Free {
                kind: ConditionKind::AccessLevel,
                name: format!("{id}/{name}").into(),
            });
            parts.push(self.expressions.atom(Atom::Condition(condition)));
        }
        for inner in &level.levels {
            parts.push(self.express_access_level(&inner.value, context, depth + 1));
        }
        match level.combine() {
            Combine::Any => self.expressions.any(parts),
            Combine::All => self.expressions.all(parts),
        }
    }
}

fn text_field(field: &Field) -> Option<TextField> {
    Some(match field {
        Field::Method => TextField::Method,
        Field::Path => TextField::Path,
        Field::Query => TextField::Query,
        Field::Host => TextField::Host,
        Field::Header(name) => TextField::Header(name.as_str().into()),
        Field::Scheme => return None,
    })
}

fn text_fits(test: &TextTest, ignore_case: bool, text: &str) -> bool {
    let lower = |wanted: &str| if ignore_case { wanted.to_lowercase() } else { wanted.to_string() };
    match test {
        TextTest::Equals(wanted) => lower(wanted) == text,
        TextTest::Prefix(wanted) => text.starts_with(&lower(wanted)),
        TextTest::Suffix(wanted) => text.ends_with(&lower(wanted)),
        TextTest::Contains(wanted) => text.contains(&lower(wanted)),
        // A scheme is one of two words; alternation is the only pattern of any use.
        TextTest::Matches(pattern) => pattern
            .trim_start_matches('^')
            .trim_end_matches('$')
            .split('|')
            .any(|word| word.trim_matches(['(', ')']) == text),
    }
}

/// A pattern for the whole query that holds where a parameter passes the test.
pub(super) fn query_pattern(name: &str, test: &TextTest) -> String {
    let name = regex_syntax::escape(name);
    let value = match test {
        TextTest::Equals(wanted) => regex_syntax::escape(wanted),
        TextTest::Prefix(wanted) => format!("{}[^&]*", regex_syntax::escape(wanted)),
        TextTest::Suffix(wanted) => format!("[^&]*{}", regex_syntax::escape(wanted)),
        TextTest::Contains(wanted) => format!("[^&]*{}[^&]*", regex_syntax::escape(wanted)),
        TextTest::Matches(pattern) => format!("(?:{pattern})"),
    };
    format!("(?:^|&){name}={value}(?:&|$)")
}
