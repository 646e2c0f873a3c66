//! From syntax tree to condition: logic and values.

use cel::common::ast::operators::{
    ADD, CONDITIONAL, DIVIDE, EQUALS, GREATER, GREATER_EQUALS, IN, INDEX, LESS, LESS_EQUALS,
    LOGICAL_AND, LOGICAL_NOT, LOGICAL_OR, MODULO, MULTIPLY, NEGATE, NOT_EQUALS, SUBSTRACT,
};
use cel::common::ast::{CallExpr, EntryExpr, Expr, IdedExpr};

use super::attribute::{self, Constant, Operand};
use super::compare::Comparison;
use super::pattern::LetterCase;
use super::syntax::ParsedSource;
use super::{CelError, Dialect};
use crate::topology::condition::{
    Condition, FreeCondition, FreeKind, Test, TextAttribute, Unmodelled,
};

/// When an expression is true and when it is false. Where neither holds, it is an error.
pub(super) struct Truth {
    pub(super) yes: Condition,
    pub(super) no: Condition,
}

impl Truth {
    /// An expression that is never an error.
    pub(super) fn certain(yes: Condition) -> Truth {
        Truth { no: Condition::not(yes.clone()), yes }
    }

    /// An expression that is an error unless the text is there.
    pub(super) fn given(field: &TextAttribute, yes: Condition) -> Truth {
        let no = Condition::all([present(field), Condition::not(yes.clone())]);
        Truth { yes, no }
    }

    pub(super) fn not(self) -> Truth {
        Truth { yes: self.no, no: self.yes }
    }

    pub(super) fn any(parts: Vec<Truth>) -> Truth {
        let (yes, no): (Vec<_>, Vec<_>) = parts.into_iter().map(|t| (t.yes, t.no)).unzip();
        Truth { yes: Condition::any(yes), no: Condition::all(no) }
    }

    fn all(parts: Vec<Truth>) -> Truth {
        let (yes, no): (Vec<_>, Vec<_>) = parts.into_iter().map(|t| (t.yes, t.no)).unzip();
        Truth { yes: Condition::all(yes), no: Condition::any(no) }
    }
}

/// That a text is there; only headers can be missing.
pub(super) fn present(field: &TextAttribute) -> Condition {
    match field {
        TextAttribute::Header(_) => Test::Present(field.clone()).into(),
        _ => Condition::Always,
    }
}

/// Why a condition was not read to its end.
pub(super) enum Halt {
    Error(CelError),
    /// The condition is right, but not decided.
    Undecided(Undecided),
}

/// Why a value or a condition is not decided.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Undecided {
    /// It exists, but is not computed, for this reason.
    Unmodelled(String),
    /// Requests do not have it: what uses it grants nothing, and nor does its negation (ING-069).
    Missing,
}

impl<T: Into<String>> From<T> for Undecided {
    fn from(reason: T) -> Self {
        Undecided::Unmodelled(reason.into())
    }
}

impl From<CelError> for Halt {
    fn from(error: CelError) -> Halt {
        Halt::Error(error)
    }
}

pub(super) fn unmodelled<T>(reason: impl Into<Undecided>) -> Result<T, Halt> {
    Err(Halt::Undecided(reason.into()))
}

pub(super) struct ConditionReader<'a> {
    pub(super) source: &'a ParsedSource<'a>,
    pub(super) dialect: Dialect,
}

impl<'a> ConditionReader<'a> {
    pub(super) fn new(source: &'a ParsedSource<'a>, dialect: Dialect) -> ConditionReader<'a> {
        ConditionReader { source, dialect }
    }

    pub(super) fn read(&self) -> Result<Condition, CelError> {
        Ok(self.truth(&self.source.root)?.yes)
    }

    pub(super) fn error(&self, node: &IdedExpr, message: impl Into<String>) -> CelError {
        CelError::new(message, self.source.range(node))
    }

    pub(super) fn truth(&self, node: &IdedExpr) -> Result<Truth, CelError> {
        if let Expr::Call(call) = &node.expr {
            match (call.func_name.as_str(), call.args.as_slice()) {
                (name @ (LOGICAL_AND | LOGICAL_OR), args) => {
                    let parts = args.iter().map(|arg| self.truth(arg)).collect::<Result<_, _>>()?;
                    return Ok(if name == LOGICAL_AND {
                        Truth::all(parts)
                    } else {
                        Truth::any(parts)
                    });
                }
                (LOGICAL_NOT, [arg]) => return Ok(self.truth(arg)?.not()),
                (CONDITIONAL, [test, yes, no]) if !has_conditional(test) => {
                    return self.conditional(test, yes, no);
                }
                _ => {}
            }
        }
        match self.leaf(node) {
            Ok(truth) => Ok(truth),
            Err(Halt::Error(error)) => Err(error),
            Err(Halt::Undecided(Undecided::Missing)) => {
                Ok(Truth { yes: Condition::Never, no: Condition::Never })
            }
            Err(Halt::Undecided(Undecided::Unmodelled(reason))) => {
                let range = self.source.range(node);
                // Lengths are checked, so the offsets fit.
                let [start, end] = [range.start, range.end].map(|at| at as u32);
                let text = self.source.text(node).to_owned();
                let part = Unmodelled { text, reason, start, end };
                Ok(Truth::certain(Condition::Unmodelled(part)))
            }
        }
    }

    fn conditional(
        &self,
        test: &IdedExpr,
        then: &IdedExpr,
        other: &IdedExpr,
    ) -> Result<Truth, CelError> {
        let (test, then, other) = (self.truth(test)?, self.truth(then)?, self.truth(other)?);
        let choose = |then, other| {
            Condition::any([
                Condition::all([test.yes.clone(), then]),
                Condition::all([test.no.clone(), other]),
            ])
        };
        Ok(Truth { yes: choose(then.yes, other.yes), no: choose(then.no, other.no) })
    }

    /// Reads a condition without logical operators in it.
    fn leaf(&self, node: &IdedExpr) -> Result<Truth, Halt> {
        if let Expr::Call(call) = &node.expr {
            if let (Some(comparison), [left, right]) =
                (Comparison::new(&call.func_name), call.args.as_slice())
            {
                return self.compare(node, comparison, left, right);
            }
            match (call.func_name.as_str(), call.args.as_slice()) {
                (IN, [item, list]) => return self.membership(node, item, list),
                // Both of its uses would be doubled, over and over.
                (CONDITIONAL, [..]) => {
                    call.args.iter().try_for_each(|arg| self.truth(arg).map(|_| ()))?;
                    return unmodelled("the choice depends on another choice");
                }
                _ => {}
            }
            if let Some(truth) = self.predicate(node, call)? {
                return Ok(truth);
            }
        }
        match self.operand(node)? {
            Operand::Constant(Constant::Bool(true)) => Ok(Truth::certain(Condition::Always)),
            Operand::Constant(Constant::Bool(false)) => Ok(Truth::certain(Condition::Never)),
            Operand::Free(kind, name) => Ok(free(kind, name)),
            Operand::Opaque(reason) => unmodelled(reason),
            other => {
                let text = self.source.text(node);
                let message = format!("`{text}` is {}, not a condition", other.kind());
                Err(self.error(node, message).into())
            }
        }
    }

    /// Reads a value.
    pub(super) fn operand(&self, node: &IdedExpr) -> Result<Operand, CelError> {
        let opaque = |reason: &str| Ok(Operand::Opaque(reason.into()));
        match &node.expr {
            Expr::Literal(literal) => match Constant::new(literal) {
                Some(constant) => Ok(Operand::Constant(constant)),
                None => opaque("it uses bytes"),
            },
            Expr::List(list) => {
                let items = list.elements.iter().map(|item| self.operand(item));
                let items = items
                    .collect::<Result<Vec<_>, _>>()?
                    .into_iter()
                    .map(|item| if let Operand::Constant(item) = item { Some(item) } else { None });
                match items.collect() {
                    Some(items) => Ok(Operand::List(items)),
                    None => opaque("it uses a list of more than constants"),
                }
            }
            Expr::Map(map) => {
                let mut entries = Vec::new();
                for entry in &map.entries {
                    if let EntryExpr::MapEntry(entry) = &entry.expr
                        && let Operand::Constant(Constant::Text(key)) = self.operand(&entry.key)?
                    {
                        entries.push((key, self.operand(&entry.value)?));
                    } else {
                        return opaque("it uses a map whose keys are not text");
                    }
                }
                Ok(Operand::Map(entries))
            }
            Expr::Ident(_) | Expr::Select(_) => self.named(node),
            Expr::Call(call) => self.call(node, call),
            _ => Err(self.error(node, "this is not part of the expression language of rules")),
        }
    }

    fn named(&self, node: &IdedExpr) -> Result<Operand, CelError> {
        let text = self.source.text(node);
        let Some(name) = dotted(node) else {
            if let Expr::Select(select) = &node.expr
                && let Operand::Opaque(reason) = self.operand(&select.operand)?
            {
                return Ok(Operand::Opaque(reason));
            }
            return Err(self.error(node, format!("`{text}` is not an attribute")));
        };
        if let Some(operand) = attribute::attribute(&name, self.dialect) {
            return Ok(operand);
        }
        let dialect = self.dialect;
        let error = self.error(node, format!("`{name}` is not an attribute of {dialect}"));
        if let Some(header) = name.strip_prefix("request.headers.") {
            return Err(error.hint(format!("write `request.headers['{header}']`")));
        }
        if name == "request.host" && dialect == Dialect::SecurityPolicy {
            return Err(error.hint("write `request.headers['host']`"));
        }
        let names = attribute::names(dialect);
        let closest = names
            .iter()
            .map(|known| (strsim::damerau_levenshtein(known, &name), known))
            .min()
            .filter(|(distance, _)| *distance <= 3);
        Err(error.hint(match closest {
            Some((_, known)) => format!("did you mean `{known}`?"),
            None => format!("{dialect} have {}", names.join(", ")),
        }))
    }

    fn call(&self, node: &IdedExpr, call: &CallExpr) -> Result<Operand, CelError> {
        match (call.func_name.as_str(), call.args.as_slice()) {
            (INDEX, [map, key]) => match (self.operand(map)?, self.operand(key)?) {
                (Operand::Headers, Operand::Constant(Constant::Text(name))) => {
                    Ok(Operand::Text(attribute::header(&name), LetterCase::AsIs))
                }
                (Operand::Headers, _) => {
                    Ok(Operand::Opaque("the name of the header is computed".into()))
                }
                (Operand::Opaque(reason), _) => Ok(Operand::Opaque(reason)),
                _ => {
                    let text = self.source.text(map);
                    Err(self.error(node, format!("`{text}` has no parts in brackets")))
                }
            },
            (NEGATE, [value]) => match self.operand(value)? {
                Operand::Constant(Constant::Integer(n)) => {
                    Ok(Operand::Constant(Constant::Integer(-n)))
                }
                _ => Ok(Operand::Opaque("it computes with numbers".into())),
            },
            (ADD | SUBSTRACT | MULTIPLY | DIVIDE | MODULO, args) => {
                args.iter().try_for_each(|arg| self.operand(arg).map(|_| ()))?;
                Ok(Operand::Opaque("it computes a value".into()))
            }
            (
                LOGICAL_AND | LOGICAL_OR | LOGICAL_NOT | IN | EQUALS | NOT_EQUALS | LESS
                | LESS_EQUALS | GREATER | GREATER_EQUALS,
                _,
            ) => {
                self.truth(node)?;
                Ok(Operand::Opaque("it uses a condition as a value".into()))
            }
            (CONDITIONAL, [test, yes, no]) => {
                self.truth(test)?;
                self.operand(yes)?;
                self.operand(no)?;
                Ok(Operand::Opaque("it chooses between values".into()))
            }
            _ => self.function(node, call),
        }
    }
}

/// Whether a choice with `?:` occurs below the node.
fn has_conditional(node: &IdedExpr) -> bool {
    match &node.expr {
        Expr::Call(call) => call.func_name == CONDITIONAL || call.args.iter().any(has_conditional),
        _ => false,
    }
}

/// The name that a chain of selections spells.
pub(super) fn dotted(node: &IdedExpr) -> Option<String> {
    match &node.expr {
        Expr::Ident(name) => Some(name.clone()),
        Expr::Select(select) => Some(format!("{}.{}", dotted(&select.operand)?, select.field)),
        _ => None,
    }
}

pub(super) fn free(kind: FreeKind, name: String) -> Truth {
    Truth::certain(Test::Condition(FreeCondition { kind, name }).into())
}
