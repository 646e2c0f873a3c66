//! Comparisons: `==`, `!=`, `<`, `<=`, `>`, `>=` and `in`.

use std::net::IpAddr;

use cel::common::ast::operators::{EQUALS, GREATER, GREATER_EQUALS, LESS, LESS_EQUALS, NOT_EQUALS};
use cel::common::ast::{Expr, IdedExpr};
use ipnet::IpNet;
use jiff::Timestamp;

use super::CelError;
use super::attribute::{self, Constant, Operand};
use super::read::{ConditionReader, Halt, Truth, present, unmodelled};
use crate::topology::condition::{Condition, FreeCondition, FreeKind, Test, TextTest, TimeRange};

impl ConditionReader<'_> {
    pub(super) fn compare(
        &self,
        node: &IdedExpr,
        comparison: Comparison,
        left: &IdedExpr,
        right: &IdedExpr,
    ) -> Result<Truth, Halt> {
        // A condition compared with `true` or `false` is itself or its negation.
        for (constant, other) in [(right, left), (left, right)] {
            if let (Expr::Literal(literal), Comparison::Equal | Comparison::NotEqual) =
                (&constant.expr, comparison)
                && let Some(Constant::Bool(value)) = Constant::new(literal)
            {
                let truth = self.truth(other)?;
                let same = value == (comparison == Comparison::Equal);
                return Ok(if same { truth } else { truth.not() });
            }
        }
        let (a, b) = (self.operand(left)?, self.operand(right)?);
        match (a, b) {
            (Operand::Opaque(reason), _) | (_, Operand::Opaque(reason)) => unmodelled(reason),
            (Operand::Constant(a), Operand::Constant(b)) => match (a, b) {
                (Constant::Integer(a), Constant::Integer(b)) => Ok(constant(comparison.of(&a, &b))),
                (Constant::Text(a), Constant::Text(b)) => Ok(constant(comparison.of(&a, &b))),
                _ => unmodelled("it compares two constants"),
            },
            (a, b @ (Operand::Constant(_) | Operand::Instant(_))) => {
                self.compare_with(node, a, comparison, &b, right)
            }
            (a @ (Operand::Constant(_) | Operand::Instant(_)), b) => {
                self.compare_with(node, b, comparison.flipped(), &a, left)
            }
            _ => unmodelled("it compares two attributes"),
        }
    }

    /// Reads the comparison of an attribute with a constant.
    fn compare_with(
        &self,
        node: &IdedExpr,
        attribute: Operand,
        comparison: Comparison,
        with: &Operand,
        place: &IdedExpr,
    ) -> Result<Truth, Halt> {
        let truth = match (attribute, with) {
            (Operand::Text(field, case), Operand::Constant(Constant::Text(text))) => {
                if !comparison.is_equality() {
                    return unmodelled("it asks which text sorts first");
                }
                self.text(place, &field, case, TextTest::Equals(text.clone()))?
            }
            (Operand::Region(case), Operand::Constant(Constant::Text(text))) => {
                if !comparison.is_equality() {
                    return unmodelled("it asks which text sorts first");
                }
                self.region(place, case, TextTest::Equals(text.clone()))?
            }
            (Operand::Address(field), Operand::Constant(Constant::Text(text))) => {
                if !comparison.is_equality() {
                    return unmodelled("it asks which address sorts first");
                }
                let ranges = vec![self.address(place, text)?];
                Truth::certain(Test::Address { field, ranges }.into())
            }
            (Operand::Asn, Operand::Constant(Constant::Integer(number))) => {
                return Ok(Truth::certain(asn(comparison, *number)));
            }
            (Operand::Time, Operand::Instant(instant)) => {
                return Ok(Truth::certain(time(comparison, *instant)));
            }
            (Operand::Instant(a), Operand::Instant(b)) => {
                return Ok(constant(comparison.of(&a, b)));
            }
            (Operand::Free(kind, name), Operand::Constant(value)) => {
                return Ok(compare_free(kind, &name, comparison, value));
            }
            (other, with) => {
                let text = self.source.text(node);
                let kinds = format!("{} with {}", other.kind(), with.kind());
                let error = self.error(node, format!("`{text}` compares {kinds}"));
                return Err(match (other, with) {
                    (Operand::Time, Operand::Constant(Constant::Text(text))) => {
                        error.hint(format!("write `timestamp('{text}')`"))
                    }
                    _ => error,
                }
                .into());
            }
        };
        Ok(if comparison == Comparison::NotEqual { truth.not() } else { truth })
    }

    pub(super) fn membership(
        &self,
        node: &IdedExpr,
        item: &IdedExpr,
        list: &IdedExpr,
    ) -> Result<Truth, Halt> {
        let (value, collection) = (self.operand(item)?, self.operand(list)?);
        match (value, collection) {
            (Operand::Opaque(reason), _) | (_, Operand::Opaque(reason)) => unmodelled(reason),
            (Operand::Constant(Constant::Text(level)), Operand::AccessLevels) => {
                Ok(Truth::certain(Test::AccessLevel(level).into()))
            }
            (Operand::Constant(Constant::Text(name)), Operand::Headers) => {
                Ok(Truth::certain(present(&attribute::header(&name))))
            }
            (Operand::Constant(value), Operand::List(list)) => Ok(constant(list.contains(&value))),
            (value, Operand::List(items)) => {
                let equal = |item| {
                    let with = Operand::Constant(item);
                    self.compare_with(node, value.clone(), Comparison::Equal, &with, list)
                };
                let truth = Truth::any(items.into_iter().map(equal).collect::<Result<_, _>>()?);
                Ok(match value {
                    // The merged list reads better than a row of negations.
                    Operand::Address(_) | Operand::Region(_) | Operand::Asn => {
                        Truth::certain(truth.yes)
                    }
                    _ => truth,
                })
            }
            (_, other) => {
                let message = format!("`{}` is {}", self.source.text(list), other.kind());
                Err(self
                    .error(list, message)
                    .hint("`in` needs a list, such as `['a', 'b']`")
                    .into())
            }
        }
    }

    /// Reads the address of an equality.
    fn address(&self, place: &IdedExpr, text: &str) -> Result<IpNet, CelError> {
        if let Ok(address) = text.parse::<IpAddr>() {
            return Ok(IpNet::from(address));
        }
        let error = self.error(place, format!("`{text}` is not an IP address"));
        Err(match text.parse::<IpNet>() {
            Ok(_) => error.hint(format!("a range needs `inIpRange(…, '{text}')`")),
            Err(_) => error,
        })
    }
}

fn constant(value: bool) -> Truth {
    Truth::certain(if value { Condition::Always } else { Condition::Never })
}

/// Compares a free property. What can be said with a negation is, so that `<` and `>=` with the
/// same number never hold together.
fn compare_free(kind: FreeKind, name: &str, comparison: Comparison, value: &Constant) -> Truth {
    let value = match value {
        Constant::Text(text) => text.clone(),
        Constant::Integer(number) => number.to_string(),
        Constant::Double(number) => number.clone(),
        Constant::Bool(value) => value.to_string(),
        Constant::Null => "null".to_owned(),
    };
    let (sign, positive) = match comparison {
        Comparison::Equal => ("==", true),
        Comparison::NotEqual => ("==", false),
        Comparison::Less => (">=", false),
        Comparison::AtMost => (">", false),
        Comparison::Greater => (">", true),
        Comparison::AtLeast => (">=", true),
    };
    let test = |name: String| Condition::from(Test::Condition(FreeCondition { kind, name }));
    let held = test(format!("{name} {sign} {value}"));
    Truth::certain(match (positive, kind) {
        (true, _) => held,
        // A request without a token has no score that could be small.
        (false, FreeKind::Recaptcha) => {
            let token = name.split('.').next().unwrap_or(name);
            Condition::all([test(format!("{token} present")), Condition::not(held)])
        }
        (false, _) => Condition::not(held),
    })
}

fn asn(comparison: Comparison, number: i128) -> Condition {
    let top = i128::from(u32::MAX);
    let (low, high) = match comparison {
        Comparison::Equal => (number, number),
        Comparison::NotEqual => return Condition::not(asn(Comparison::Equal, number)),
        Comparison::Less => (0, number - 1),
        Comparison::AtMost => (0, number),
        Comparison::Greater => (number + 1, top),
        Comparison::AtLeast => (number, top),
    };
    let (low, high) = (low.max(0), high.min(top));
    match (u32::try_from(low), u32::try_from(high)) {
        (Ok(0), Ok(u32::MAX)) => Condition::Always,
        (Ok(low), Ok(high)) if low <= high => Test::Asn(vec![(low, high)]).into(),
        _ => Condition::Never,
    }
}

fn time(comparison: Comparison, instant: Timestamp) -> Condition {
    // The end of a range is exclusive; after the last instant there is none.
    let after = instant.checked_add(jiff::SignedDuration::from_nanos(1)).ok();
    let range = |from, until| Test::Time(TimeRange { from, until }).into();
    match (comparison, after) {
        (Comparison::Equal, _) => range(Some(instant), after),
        (Comparison::NotEqual, _) => Condition::not(range(Some(instant), after)),
        (Comparison::Less, _) => range(None, Some(instant)),
        (Comparison::AtLeast, _) => range(Some(instant), None),
        (Comparison::AtMost, None) => Condition::Always,
        (Comparison::AtMost, after) => range(None, after),
        (Comparison::Greater, None) => Condition::Never,
        (Comparison::Greater, after) => range(after, None),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Less,
    AtMost,
    Greater,
    AtLeast,
}

impl Comparison {
    pub(super) fn new(name: &str) -> Option<Comparison> {
        Some(match name {
            EQUALS => Comparison::Equal,
            NOT_EQUALS => Comparison::NotEqual,
            LESS => Comparison::Less,
            LESS_EQUALS => Comparison::AtMost,
            GREATER => Comparison::Greater,
            GREATER_EQUALS => Comparison::AtLeast,
            _ => return None,
        })
    }

    fn flipped(self) -> Comparison {
        match self {
            Comparison::Less => Comparison::Greater,
            Comparison::AtMost => Comparison::AtLeast,
            Comparison::Greater => Comparison::Less,
            Comparison::AtLeast => Comparison::AtMost,
            same => same,
        }
    }

    fn is_equality(self) -> bool {
        matches!(self, Comparison::Equal | Comparison::NotEqual)
    }

    fn of<T: Ord>(self, a: &T, b: &T) -> bool {
        match self {
            Comparison::Equal => a == b,
            Comparison::NotEqual => a != b,
            Comparison::Less => a < b,
            Comparison::AtMost => a <= b,
            Comparison::Greater => a > b,
            Comparison::AtLeast => a >= b,
        }
    }
}
