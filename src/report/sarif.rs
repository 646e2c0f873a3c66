//! Findings as SARIF 2.1.0, for code scanning.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::{ENGINE_VERSION, findings};
use crate::source::{CodeInfo, Files, Finding, Label, Severity, Span};

/// Writes findings, and how many lints were not run. `rule` explains a code.
pub fn write(
    out: &mut dyn Write,
    files: &Files,
    found: &[Finding],
    not_run: usize,
    rule: impl Fn(&str) -> Option<&'static CodeInfo>,
) -> io::Result<()> {
    let mut codes: Vec<&'static str> = found.iter().map(|finding| finding.code).collect();
    codes.sort_unstable();
    codes.dedup();
    let rules: Vec<Value> = codes.iter().map(|code| self::rule(code, rule(code))).collect();
    let results: Vec<Value> = found.iter().map(|finding| result(files, finding, &codes)).collect();
    let mut log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "portolan",
                "semanticVersion": ENGINE_VERSION,
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    if not_run > 0 {
        let text = findings::not_run(not_run);
        log["runs"][0]["invocations"] = json!([{
            "executionSuccessful": true,
            "toolExecutionNotifications": [{"level": "note", "message": {"text": text}}],
        }]);
    }
    serde_json::to_writer_pretty(&mut *out, &log)?;
    writeln!(out)
}

fn rule(code: &str, rule: Option<&CodeInfo>) -> Value {
    let Some(rule) = rule else { return json!({"id": code}) };
    json!({
        "id": code,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.text},
        "help": {"text": rule.text},
    })
}

fn result(files: &Files, finding: &Finding, codes: &[&str]) -> Value {
    let level = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    };
    let mut text = finding.message.clone();
    for (word, extra) in [("help", &finding.help), ("note", &finding.note)] {
        if let Some(extra) = extra {
            text.push_str(&format!("\n{word}: {extra}"));
        }
    }
    let mut result = json!({
        "ruleId": finding.code,
        "ruleIndex": codes.binary_search(&finding.code).unwrap_or_default(),
        "level": level,
        "message": {"text": text},
    });
    let places = |primary: bool| -> Vec<Value> {
        let own = finding.labels.iter().filter(|label| label.primary == primary);
        own.filter_map(|label| location(files, label)).collect()
    };
    let mut first = places(true);
    if let Some(name) = finding.address.as_ref().or(finding.resource.as_ref()) {
        let logical = json!([{"fullyQualifiedName": name}]);
        match first.first_mut() {
            Some(first) => first["logicalLocations"] = logical,
            None => first.push(json!({"logicalLocations": logical})),
        }
    }
    result["locations"] = first.into();
    let mut related = places(false);
    if !related.is_empty() {
        for (id, place) in related.iter_mut().enumerate() {
            place["id"] = (id + 1).into();
        }
        result["relatedLocations"] = related.into();
    }
    result
}

fn location(files: &Files, label: &Label) -> Option<Value> {
    let start = files.line_column(label.span)?;
    let end = files.line_column(Span { start: label.span.end, ..label.span }).unwrap_or(start);
    let mut location = json!({
        "physicalLocation": {
            "artifactLocation": {"uri": uri(files.name(label.span.file))},
            "region": {
                "startLine": start.line,
                "startColumn": start.column,
                "endLine": end.line,
                "endColumn": end.column,
            },
        },
    });
    if !label.text.is_empty() {
        location["message"] = json!({"text": label.text});
    }
    Some(location)
}

/// A path as a URI reference.
fn uri(path: &str) -> String {
    let mut uri = String::new();
    for byte in path.strip_prefix("./").unwrap_or(path).bytes() {
        match byte {
            b'\\' => uri.push('/'),
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' | b'~' => {
                uri.push(byte as char);
            }
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::code::UNKNOWN_KEY;

    #[test]
    fn a_path_is_escaped() {
        assert_eq!(uri("./a b/ü.yaml"), "a%20b/%C3%BC.yaml");
    }

    #[test]
    fn a_result_names_rule_place_and_resource() {
        let mut files = Files::new();
        let file = files.add("a.yaml", "é: 1\nweb: 2\n");
        let finding = Finding::error("unknown-key", "unknown key")
            .label(Span::new(file, 6, 9), "here")
            .also(Span::new(file, 0, 2), "there")
            .resource("service/web")
            .help("do this");
        let mut out = Vec::new();
        write(&mut out, &files, &[finding], 0, |_| Some(&UNKNOWN_KEY))
            .expect("a vector takes everything");
        let log: Value = serde_json::from_slice(&out).expect("it is JSON");
        assert_eq!(log["version"], "2.1.0");
        let run = &log["runs"][0];
        assert_eq!(run["tool"]["driver"]["rules"][0]["id"], "unknown-key");
        let result = &run["results"][0];
        assert_eq!(result["message"]["text"], "unknown key\nhelp: do this");
        let place = &result["locations"][0];
        assert_eq!(place["physicalLocation"]["region"]["startLine"], 2);
        assert_eq!(place["physicalLocation"]["region"]["endColumn"], 4);
        assert_eq!(place["logicalLocations"][0]["fullyQualifiedName"], "service/web");
        assert_eq!(result["relatedLocations"][0]["id"], 1);
    }
}
