//! The functions that an expression can call, and which dialect has them (ING-067, ING-130).

use cel::common::ast::{CallExpr, IdedExpr};
use jiff::Timestamp;
use jiff::tz::Offset;

use super::attribute::{Constant, Operand};
use super::pattern::LetterCase;
use super::read::{ConditionReader, Halt, Truth, dotted, free, present, unmodelled};
use super::{CelError, Dialect};
use crate::topology::condition::{Condition, FreeKind, Test};

const DECODERS: [&str; 4] = ["base64Decode", "urlDecode", "urlDecodeUni", "utf8ToUnicode"];
const TEXT_TESTS: [&str; 4] = ["contains", "startsWith", "endsWith", "matches"];
const TAG_TESTS: [&str; 4] = ["matchTag", "matchTagId", "hasTagKey", "hasTagKeyId"];
const CONVERSIONS: [&str; 5] = ["size", "int", "uint", "double", "string"];
const TIME_PARTS: [&str; 10] = [
    "getFullYear",
    "getMonth",
    "getDate",
    "getDayOfMonth",
    "getDayOfWeek",
    "getDayOfYear",
    "getHours",
    "getMinutes",
    "getSeconds",
    "getMilliseconds",
];

impl ConditionReader<'_> {
    /// Reads a call whose value is a boolean; `None` if the function has another value.
    pub(super) fn predicate(
        &self,
        node: &IdedExpr,
        call: &CallExpr,
    ) -> Result<Option<Truth>, Halt> {
        use Dialect::{IamCondition, NatRule, SecurityPolicy};
        let args = call.args.as_slice();
        let name = call.func_name.as_str();
        let truth = match (self.dialect, call.target.as_deref(), name) {
            (SecurityPolicy | IamCondition, Some(target), _) if TEXT_TESTS.contains(&name) => {
                let [arg] = args else { return Err(self.arity(node, name, "one text").into()) };
                self.text_test(target, name, arg)?
            }
            (IamCondition, Some(target), _)
                if TAG_TESTS.contains(&name) && dotted(target).as_deref() == Some("resource") =>
            {
                args.iter().try_for_each(|arg| self.operand(arg).map(|_| ()))?;
                return unmodelled("the tags of the resource are not part of the request");
            }
            (IamCondition, Some(target), "hasOnly") => {
                self.operand(target)?;
                return unmodelled("it asks for the attributes of an API call");
            }
            (SecurityPolicy | IamCondition, None, "has") => {
                let [arg] = args else { return Err(self.arity(node, name, "one field").into()) };
                self.has(arg)?
            }
            (SecurityPolicy | NatRule, None, "inIpRange") => {
                let [address, range] = args else {
                    return Err(self.arity(node, name, "an address and a range").into());
                };
                let ranges = vec![self.range(range)?];
                match self.operand(address)? {
                    Operand::Address(field) => {
                        Truth::certain(Test::Address { field, ranges }.into())
                    }
                    Operand::Opaque(reason) => return unmodelled(reason),
                    Operand::Text(..) => return unmodelled("it reads a text as an address"),
                    _ => return Err(self.wrong(address, "an address").into()),
                }
            }
            (SecurityPolicy, None, "evaluatePreconfiguredWaf" | "evaluatePreconfiguredExpr") => {
                free(FreeKind::Waf, self.rule_set(node, name, args)?)
            }
            (SecurityPolicy, None, "evaluateAdaptiveProtectionAutoDeploy") => {
                if !args.is_empty() {
                    return Err(self.arity(node, name, "nothing").into());
                }
                free(FreeKind::AdaptiveProtection, "auto-deploy".to_owned())
            }
            (SecurityPolicy, None, "evaluateThreatIntelligence") => {
                self.threat_list(node, name, args)?
            }
            (SecurityPolicy, None, "evaluateAddressGroup" | "evaluateOrganizationAddressGroup") => {
                self.address_group(node, name, args)?
            }
            _ => return Ok(None),
        };
        Ok(Some(truth))
    }

    /// Reads a call whose value is not a boolean, or that the dialect does not have.
    pub(super) fn function(&self, node: &IdedExpr, call: &CallExpr) -> Result<Operand, CelError> {
        let name = call.func_name.as_str();
        let opaque = |reason: String| Ok(Operand::Opaque(reason.into()));
        let security = self.dialect == Dialect::SecurityPolicy;
        let iam = self.dialect == Dialect::IamCondition;
        let Some(target) = call.target.as_deref() else {
            let args = call.args.iter().map(|arg| self.operand(arg));
            let args = args.collect::<Result<Vec<_>, _>>()?;
            return match (name, args.as_slice()) {
                ("timestamp" | "date", [Operand::Constant(Constant::Text(text))]) if iam => {
                    Ok(Operand::Instant(self.instant(node, name, text)?))
                }
                ("timestamp" | "date" | "duration", _) if iam => {
                    opaque(format!("`{name}()` is not computed"))
                }
                (name, [_]) if CONVERSIONS.contains(&name) => {
                    opaque(format!("`{name}()` is not computed"))
                }
                _ if self.is_predicate(name) => opaque("it uses a condition as a value".to_owned()),
                _ => Err(self.unknown(node, name)),
            };
        };
        if iam && name == "getAttribute" && dotted(target).as_deref() == Some("api") {
            return opaque("it asks for the attributes of an API call".to_owned());
        }
        let value = self.operand(target)?;
        call.args.iter().try_for_each(|arg| self.operand(arg).map(|_| ()))?;
        let case = match name {
            "lower" => Some(LetterCase::Lower),
            "upper" => Some(LetterCase::Upper),
            _ => None,
        };
        match (value, case) {
            (Operand::Text(field, _), Some(case)) if security => Ok(Operand::Text(field, case)),
            (Operand::Region(_), Some(case)) if security => Ok(Operand::Region(case)),
            (Operand::Constant(Constant::Text(text)), Some(case)) if security => {
                Ok(Operand::Constant(Constant::Text(case.apply(&text))))
            }
            (opaque @ Operand::Opaque(_), Some(_)) if security => Ok(opaque),
            (_, Some(_)) if security => {
                opaque(format!("`{name}()` is not computed for such a value"))
            }
            (opaque @ Operand::Opaque(_), _) if self.is_method(name) => Ok(opaque),
            (Operand::Time | Operand::Instant(_), _) if self.is_method(name) => {
                opaque("parts of a time are not computed".to_owned())
            }
            _ if self.is_method(name) => opaque(format!("`{name}()` is not computed")),
            _ => Err(self.unknown(node, name)),
        }
    }

    fn is_predicate(&self, name: &str) -> bool {
        self.functions().any(|known| known == name)
            && (name == "has" || name == "inIpRange" || name.starts_with("evaluate"))
    }

    fn is_method(&self, name: &str) -> bool {
        self.functions().any(|known| known == name)
            && !self.is_predicate(name)
            && !["timestamp", "date", "duration", "int", "uint", "double", "string"].contains(&name)
    }

    /// The functions of the dialect.
    fn functions(&self) -> impl Iterator<Item = &'static str> {
        let lists: &[&[&'static str]] = match self.dialect {
            Dialect::SecurityPolicy => &[
                &TEXT_TESTS,
                &DECODERS,
                &CONVERSIONS,
                &["lower", "upper", "has", "inIpRange"],
                &[
                    "evaluatePreconfiguredWaf",
                    "evaluatePreconfiguredExpr",
                    "evaluateThreatIntelligence",
                    "evaluateAddressGroup",
                    "evaluateOrganizationAddressGroup",
                    "evaluateAdaptiveProtectionAutoDeploy",
                ],
            ],
            Dialect::IamCondition => &[
                &TEXT_TESTS,
                &TAG_TESTS,
                &TIME_PARTS,
                &CONVERSIONS,
                &["extract", "has", "timestamp", "date", "duration", "hasOnly"],
            ],
            Dialect::NatRule => &[&["inIpRange"]],
        };
        lists.iter().flat_map(|list| list.iter().copied())
    }

    fn unknown(&self, node: &IdedExpr, name: &str) -> CelError {
        let dialect = self.dialect;
        let error = self.error(node, format!("`{name}` is not a function of {dialect}"));
        let closest = self
            .functions()
            .map(|known| (strsim::damerau_levenshtein(known, name), known))
            .min()
            .filter(|(distance, _)| *distance <= 3);
        match closest {
            // A known name in the wrong place: called on a value, or without one.
            Some((0, known)) => error.hint(format!("`{known}` takes other arguments")),
            Some((_, known)) => error.hint(format!("did you mean `{known}`?")),
            None => error,
        }
    }

    pub(super) fn arity(&self, node: &IdedExpr, name: &str, wants: &str) -> CelError {
        self.error(node, format!("`{name}` takes {wants}"))
    }

    pub(super) fn wrong(&self, node: &IdedExpr, wants: &str) -> CelError {
        self.error(node, format!("`{}` is not {wants}", self.source.text(node)))
    }

    fn has(&self, arg: &IdedExpr) -> Result<Truth, Halt> {
        match self.operand(arg)? {
            Operand::Text(field, LetterCase::AsIs) => Ok(Truth::certain(present(&field))),
            Operand::Address(_) | Operand::Region(_) | Operand::Asn | Operand::Headers => {
                Ok(Truth::certain(Condition::Always))
            }
            Operand::Time | Operand::AccessLevels => Ok(Truth::certain(Condition::Always)),
            Operand::Free(kind, name) => Ok(free(kind, format!("has {name}"))),
            Operand::Opaque(reason) => unmodelled(reason),
            _ => {
                let error = self.wrong(arg, "a field");
                Err(error.hint("write `has(request.headers['user-agent'])`").into())
            }
        }
    }

    fn instant(&self, node: &IdedExpr, name: &str, text: &str) -> Result<Timestamp, CelError> {
        let read = match name {
            "date" => text
                .parse::<jiff::civil::Date>()
                .and_then(|date| Offset::UTC.to_timestamp(date.at(0, 0, 0, 0))),
            _ => text.parse::<Timestamp>(),
        };
        read.map_err(|_| {
            let hint = match name {
                "date" => "write a date such as `date('2027-01-31')`",
                _ => "write a time with its zone, such as `timestamp('2027-01-31T00:00:00Z')`",
            };
            self.error(node, format!("`{text}` is not a {name}")).hint(hint)
        })
    }
}
