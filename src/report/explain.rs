//! Rules and codes of findings, explained.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::json;

use super::layout::{FAINT, STRONG, paragraph, styled};
use crate::rules::{self, Dispute, Rule, RuleId};
use crate::source::CodeInfo;

/// What is known of a rule besides itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Status<'a> {
    /// The rule.
    pub id: RuleId,
    /// `modelled`, `disputed` or `not-modelled`.
    pub status: &'static str,
    /// Why it is not modelled, or what is disputed.
    pub why: Option<&'a str>,
    /// The cases that show it.
    pub cases: Vec<String>,
}

impl<'a> Status<'a> {
    /// The status of a rule.
    pub fn new(rule: &'a Rule, cases: Vec<String>) -> Self {
        let (status, why) = match (rules::not_modelled(rule.id), rule.dispute()) {
            (Some(why), _) => ("not-modelled", Some(why)),
            (None, Some(dispute)) => ("disputed", Some(dispute.text.as_str())),
            (None, None) => ("modelled", None),
        };
        Self { id: rule.id, status, why, cases }
    }
}

/// Writes a rule for people.
pub fn rule(out: &mut dyn Write, rule: &Rule, status: &Status<'_>) -> io::Result<()> {
    writeln!(out, "{}\n", styled(STRONG, format!("{}: {}", rule.id, rule.title)))?;
    paragraph(out, "", "", &rule.text)?;
    writeln!(out)?;
    item(out, "confidence", &rule.confidence.to_string().replace('-', " "))?;
    if let Some(read) = &rule.read {
        item(out, "read", read)?;
    }
    match rule.dispute() {
        Some(dispute) if status.status == "disputed" => {
            item(out, "status", "modelled as a switch, because it is disputed")?;
            self::dispute(out, dispute)?;
        }
        disputed => {
            let why = status.why.map_or_else(String::new, |why| format!(": {why}"));
            item(out, "status", &format!("{}{why}", status.status.replace('-', " ")))?;
            // No hop asks for it, so there is no switch to offer.
            if let Some(dispute) = disputed {
                item(out, "disputed", &dispute.text)?;
            }
        }
    }
    if !status.cases.is_empty() {
        item(out, "cases", &status.cases.join(", "))?;
    }
    writeln!(out, "\n{}", styled(STRONG, "Sources"))?;
    for source in &rule.sources {
        writeln!(out, "  {source}")?;
    }
    Ok(())
}

fn dispute(out: &mut dyn Write, dispute: &Dispute) -> io::Result<()> {
    item(out, "disputed", &dispute.text)?;
    item(
        out,
        "default",
        &format!(
            "{}; `--assume {}={}` for the other",
            dispute.default, dispute.id, !dispute.default
        ),
    )
}

fn item(out: &mut dyn Write, name: &str, text: &str) -> io::Result<()> {
    paragraph(out, &styled(FAINT, format!("{name:<12}")), &" ".repeat(12), text)
}

/// Writes a rule for programs.
pub fn rule_json(out: &mut dyn Write, rule: &Rule, status: &Status<'_>) -> io::Result<()> {
    let value = json!({
        "id": rule.id,
        "title": rule.title,
        "text": rule.text,
        "confidence": rule.confidence,
        "sources": rule.sources,
        "read": rule.read,
        "disputed": rule.dispute(),
        "status": status.status,
        "why": status.why,
        "cases": status.cases,
    });
    serde_json::to_writer_pretty(&mut *out, &value)?;
    writeln!(out)
}

/// Writes every rule on a line.
pub fn list(out: &mut dyn Write, all: &[(&Rule, Status<'_>)]) -> io::Result<()> {
    for (rule, status) in all {
        writeln!(out, "{}  {:<12}  {}", rule.id, status.status.replace('-', " "), rule.title)?;
    }
    Ok(())
}

/// Writes the status of every rule for programs.
pub fn list_json(out: &mut dyn Write, all: &[(&Rule, Status<'_>)]) -> io::Result<()> {
    let all: Vec<_> = all.iter().map(|(_, status)| status).collect();
    serde_json::to_writer_pretty(&mut *out, &all)?;
    writeln!(out)
}

/// Writes a code of findings for people.
pub fn code(out: &mut dyn Write, code: &CodeInfo) -> io::Result<()> {
    writeln!(out, "{}\n", styled(STRONG, format!("{}: {}", code.code, code.title)))?;
    paragraph(out, "", "", code.text)?;
    writeln!(out)?;
    item(out, "severity", code.severity.as_str())?;
    if let Some(rule) = code.rule {
        item(out, "rests on", &format!("{rule}; `portolan explain {rule}` prints it"))?;
    }
    if !code.example.is_empty() {
        writeln!(out, "\n{}", styled(STRONG, "Example"))?;
        for line in code.example.lines() {
            writeln!(out, "  {line}")?;
        }
    }
    Ok(())
}

/// Writes a code of findings for programs.
pub fn code_json(out: &mut dyn Write, code: &CodeInfo) -> io::Result<()> {
    let value = json!({
        "code": code.code,
        "severity": code.severity.as_str(),
        "title": code.title,
        "text": code.text,
        "example": code.example,
        "rule": code.rule,
    });
    serde_json::to_writer_pretty(&mut *out, &value)?;
    writeln!(out)
}
