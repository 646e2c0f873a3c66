//! The functions that look something up for a security policy: WAF rule sets, threat lists and
//! address groups (ING-130).

use std::net::IpAddr;

use cel::common::ast::IdedExpr;
use ipnet::IpNet;

use super::CelError;
use super::attribute::{Constant, Operand};
use super::read::{ConditionReader, Truth, free};
use crate::topology::condition::{AddressField, Condition, FreeKind, Test};

impl ConditionReader<'_> {
    /// Reads a range of addresses; a single address is one too.
    pub(super) fn range(&self, node: &IdedExpr) -> Result<IpNet, CelError> {
        match self.operand(node)? {
            Operand::Constant(Constant::Text(text)) => self.range_of(node, &text),
            _ => Err(self.wrong(node, "a range of IP addresses")),
        }
    }

    fn range_of(&self, node: &IdedExpr, text: &str) -> Result<IpNet, CelError> {
        text.parse::<IpNet>()
            .map(|range| range.trunc())
            .or_else(|_| text.parse::<IpAddr>().map(IpNet::from))
            .map_err(|_| self.error(node, format!("`{text}` is not a range of IP addresses")))
    }

    /// The name of a WAF rule set with its options, in one order whatever the order of writing.
    pub(super) fn rule_set(
        &self,
        node: &IdedExpr,
        name: &str,
        args: &[IdedExpr],
    ) -> Result<String, CelError> {
        let (set, options) = match args {
            [set] => (set, None),
            [set, options] => (set, Some(options)),
            _ => return Err(self.arity(node, name, "a rule set and its options")),
        };
        let Operand::Constant(Constant::Text(mut full)) = self.operand(set)? else {
            return Err(self.wrong(set, "the name of a rule set"));
        };
        let Some(place) = options else { return Ok(full) };
        let mut options = match self.operand(place)? {
            Operand::Map(options) if name == "evaluatePreconfiguredWaf" => options,
            // The older function takes the rules to leave out.
            list @ Operand::List(_) if name == "evaluatePreconfiguredExpr" => {
                vec![("opt_out_rule_ids".to_owned(), list)]
            }
            _ => return Err(self.wrong(place, "a set of options")),
        };
        options.sort_by(|(a, _), (b, _)| a.cmp(b));
        for (key, value) in options {
            let value = match (key.as_str(), value) {
                ("sensitivity", Operand::Constant(Constant::Integer(level @ 0..=4))) => {
                    level.to_string()
                }
                ("opt_in_rule_ids" | "opt_out_rule_ids", Operand::List(rules)) => {
                    let ids = rules.into_iter().map(|rule| match rule {
                        Constant::Text(id) => Ok(id),
                        _ => Err(self.wrong(place, "a list of rules")),
                    });
                    let mut ids = ids.collect::<Result<Vec<_>, _>>()?;
                    ids.sort();
                    ids.dedup();
                    ids.join(",")
                }
                _ => {
                    let message = format!("`{key}` is not an option of `{name}`, or not like this");
                    let hint = "write `{'sensitivity': 1}` (0 to 4), `{'opt_out_rule_ids': ['…']}` or \
                                `{'opt_in_rule_ids': ['…']}`";
                    return Err(self.error(place, message).hint(hint));
                }
            };
            if !value.is_empty() {
                full.push_str(&format!(" {}={value}", key.trim_end_matches("_rule_ids")));
            }
        }
        Ok(full)
    }

    /// `evaluateThreatIntelligence(list [, address] [, excluded])`.
    pub(super) fn threat_list(
        &self,
        node: &IdedExpr,
        name: &str,
        args: &[IdedExpr],
    ) -> Result<Truth, CelError> {
        let Some((Operand::Constant(Constant::Text(list)), rest)) = self.first(args)? else {
            return Err(self.arity(node, name, "the name of a list"));
        };
        let (field, rest) = match self.first(rest)? {
            Some((Operand::Address(field), rest)) => (field, rest),
            _ => (AddressField::Origin, rest),
        };
        let full = match field {
            AddressField::Origin => list,
            other => format!("{list} of {other}"),
        };
        let truth = free(FreeKind::ThreatIntelligence, full);
        self.excluding(node, name, truth.yes, field, rest)
    }

    /// `evaluateAddressGroup(group, address [, excluded])`.
    pub(super) fn address_group(
        &self,
        node: &IdedExpr,
        name: &str,
        args: &[IdedExpr],
    ) -> Result<Truth, CelError> {
        let wants = "the name of a group and an address";
        let Some((Operand::Constant(Constant::Text(group)), rest)) = self.first(args)? else {
            return Err(self.arity(node, name, wants));
        };
        let Some((Operand::Address(field), rest)) = self.first(rest)? else {
            return Err(self.arity(node, name, wants));
        };
        let organization = name == "evaluateOrganizationAddressGroup";
        let test = Test::AddressGroup { name: group, organization, field };
        self.excluding(node, name, test.into(), field, rest)
    }

    fn first<'b>(
        &self,
        args: &'b [IdedExpr],
    ) -> Result<Option<(Operand, &'b [IdedExpr])>, CelError> {
        match args.split_first() {
            Some((first, rest)) => Ok(Some((self.operand(first)?, rest))),
            None => Ok(None),
        }
    }

    /// A list of addresses, without those that the last argument excludes.
    fn excluding(
        &self,
        node: &IdedExpr,
        name: &str,
        listed: Condition,
        field: AddressField,
        args: &[IdedExpr],
    ) -> Result<Truth, CelError> {
        let place = match args {
            [] => return Ok(Truth::certain(listed)),
            [place] => place,
            _ => return Err(self.arity(node, name, "at most one list of exceptions")),
        };
        let Operand::List(excluded) = self.operand(place)? else {
            return Err(self.wrong(place, "a list of IP ranges"));
        };
        let ranges = excluded.into_iter().map(|item| match item {
            Constant::Text(text) => self.range_of(place, &text),
            _ => Err(self.wrong(place, "a list of IP ranges")),
        });
        let ranges = ranges.collect::<Result<Vec<_>, _>>()?;
        if ranges.is_empty() {
            return Ok(Truth::certain(listed));
        }
        let excluded = Condition::not(Test::Address { field, ranges }.into());
        Ok(Truth::certain(Condition::all([listed, excluded])))
    }
}
