//! `portolan explain`

use std::collections::BTreeMap;
use std::io;
use std::sync::LazyLock;

use super::arguments::{Explain, ShowFormat};
use super::exit;
use super::output::{For, Output};
use crate::api::codes;
use crate::report::explain::{self, Status};
use crate::rules::{self, NotARule, Rule, RuleId};
use crate::source::nearest;

/// Read when it is first asked for. The file is part of the binary and a test reads it, so that a
/// fault in it is a bug.
static CASES: LazyLock<BTreeMap<RuleId, Vec<String>>> = LazyLock::new(|| {
    let text = include_str!("../rules/cases.yaml");
    serde_yaml::from_str(text).unwrap_or_else(|e| panic!("rules/cases.yaml: {e}"))
});

/// The names of the cases that show a rule.
fn cases(rule: RuleId) -> Vec<String> {
    CASES.get(&rule).cloned().unwrap_or_default()
}

fn status(rule: &Rule) -> Status<'_> {
    Status::new(rule, cases(rule.id))
}

/// Explains a rule, a dispute or a code of findings, or lists all rules.
pub fn run(arguments: &Explain, output: Output) -> io::Result<u8> {
    let is_json = arguments.format == ShowFormat::Json;
    let Some(code) = &arguments.code else {
        let all: Vec<_> = rules::all().iter().map(|rule| (rule, status(rule))).collect();
        output.data(For::programs(is_json), |out| {
            if is_json { explain::list_json(out, &all) } else { explain::list(out, &all) }
        })?;
        return Ok(exit::ANSWERED);
    };
    let rule = |rule: &Rule| {
        let status = status(rule);
        output.data(For::programs(is_json), |out| {
            if is_json {
                explain::rule_json(out, rule, &status)
            } else {
                explain::rule(out, rule, &status)
            }
        })
    };
    match code.parse::<RuleId>() {
        Ok(id) => {
            if let Some(found) = rules::rule(id) {
                rule(found)?;
            }
            return Ok(exit::ANSWERED);
        }
        Err(error @ NotARule::Number(..)) => {
            output.error(&error.to_string(), None);
            return Ok(exit::UNUSABLE);
        }
        Err(NotARule::Form(_)) => {}
    }
    if let Some(info) = codes::find(code) {
        output.data(For::programs(is_json), |out| {
            if is_json { explain::code_json(out, info) } else { explain::code(out, info) }
        })?;
        return Ok(exit::ANSWERED);
    }
    let has_dispute = |rule: &&Rule| rule.disputed.as_deref() == Some(code.as_str());
    if let Some(first) = rules::all().iter().find(has_dispute) {
        rule(first)?;
        return Ok(exit::ANSWERED);
    }
    let disputes = rules::disputes().iter().map(|dispute| dispute.id.as_str());
    let known = codes::all().map(|info| info.code).chain(disputes);
    let help = match nearest(code, known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`portolan explain --list` lists the rules, as `ING-014` or `EGR-070`".to_owned(),
    };
    output.error(&format!("there is nothing called `{code}` to explain"), Some(&help));
    Ok(exit::UNUSABLE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_cases_can_be_read() {
        for (rule, cases) in CASES.iter() {
            assert!(!cases.is_empty(), "{rule}");
        }
    }
}
