//! `portolan check`

use std::io::{self, Write};
use std::path::Path;

use super::arguments::{Check, CheckFormat};
use super::load::Loaded;
use super::output::{For, Output};
use super::{codes, exit};
use crate::graph::Gap;
use crate::lint;
use crate::question::Completeness;
use crate::report::{findings, json, sarif};
use crate::source::{Finding, Severity, nearest};

/// What `--deny` takes besides codes.
const WARNINGS: &str = "warnings";

/// Lists what is wrong with a topology.
pub fn run(arguments: &Check, output: Output) -> io::Result<u8> {
    let allowed = arguments.allow.iter().map(|(code, _)| code.as_str());
    let denied = arguments.deny.iter().map(String::as_str).filter(|code| *code != WARNINGS);
    for code in allowed.chain(denied) {
        if codes::find(code).is_none() {
            let known = codes::all().map(|info| info.code).chain([WARNINGS]);
            let help = nearest(code, known).map(|near| format!("did you mean `{near}`?"));
            output.error(&format!("no finding has the code `{code}`"), help.as_deref());
            return Ok(exit::UNUSABLE);
        }
    }

    let mut loaded = Loaded::read(&arguments.input.topology);
    let (found, completeness) = found(&mut loaded);
    let (listed, allowed) = split(found, &arguments.allow);
    let result = Checked { loaded: &loaded, listed: &listed, allowed: &allowed };
    let whom = For::programs(arguments.format != CheckFormat::Text);
    output.data(whom, |out| match arguments.format {
        CheckFormat::Text => result.text(out),
        CheckFormat::Json => {
            let topology: Vec<_> = arguments.input.topology.iter().map(|path| name(path)).collect();
            let allowed: Vec<_> = allowed
                .iter()
                .map(|Allowed { finding, reason }| json::Allowed { finding, reason })
                .collect();
            json::findings(out, loaded.places(), &topology, &listed, &allowed, &completeness)
        }
        CheckFormat::Sarif => sarif::write(out, &loaded.files, &listed, |code| {
            codes::find(code).map(|info| sarif::Rule {
                code: info.code,
                title: info.title,
                text: info.text,
            })
        }),
    })?;
    for (code, _) in &arguments.allow {
        if listed.iter().any(|finding| finding.code == *code) {
            output.note(&format!("`{code}` is an error, which cannot be allowed"));
        } else if !allowed.iter().any(|allowed| allowed.finding.code == *code) {
            output.note(&format!("`--allow {code}` allows nothing: there is no such finding"));
        }
    }

    if loaded.unusable {
        return Ok(exit::UNUSABLE);
    }
    let is_denied = |finding: &Finding| {
        let is_named = |what: &String| {
            *what == finding.code || (what == WARNINGS && finding.severity == Severity::Warning)
        };
        finding.severity == Severity::Error || arguments.deny.iter().any(is_named)
    };
    Ok(if listed.iter().any(is_denied) { exit::FAILED } else { exit::ANSWERED })
}

/// Everything that is wrong with what was read, what only solving finds included, and what was left
/// out of account.
pub fn found(loaded: &mut Loaded) -> (Vec<Finding>, Completeness) {
    // Only what has no errors can be compiled.
    if let (Some(topology), false) = (&loaded.topology, loaded.unchecked) {
        lint::of_text(topology, &loaded.unread, &mut loaded.findings);
    }
    let completeness = match loaded.topology.as_ref().filter(|_| !loaded.findings.has_errors()) {
        Some(topology) => lint::of_traffic(topology, loaded.unread.clone(), &mut loaded.findings),
        None => Completeness::of_all(&Gap::of_unread(&loaded.unread)),
    };
    (std::mem::take(&mut loaded.findings).into_sorted(), completeness)
}

fn name(path: &Path) -> String {
    path.display().to_string()
}

/// A finding that the user allows.
struct Allowed<'a> {
    finding: Finding,
    reason: &'a str,
}

/// Takes out what is allowed. Errors stay: they mean that the topology cannot be used.
fn split<'a>(
    found: Vec<Finding>,
    allow: &'a [(String, String)],
) -> (Vec<Finding>, Vec<Allowed<'a>>) {
    let (mut listed, mut allowed) = (Vec::new(), Vec::new());
    for finding in found {
        let reason = allow.iter().find(|(code, _)| *code == finding.code);
        match reason {
            Some((_, reason)) if finding.severity != Severity::Error => {
                allowed.push(Allowed { finding, reason });
            }
            _ => listed.push(finding),
        }
    }
    (listed, allowed)
}

struct Checked<'a> {
    loaded: &'a Loaded,
    listed: &'a [Finding],
    allowed: &'a [Allowed<'a>],
}

impl Checked<'_> {
    fn text(&self, out: &mut dyn Write) -> io::Result<()> {
        findings::write(out, &self.loaded.files, self.listed)?;
        for Allowed { finding, reason } in self.allowed {
            let place = self.loaded.places().at(finding.span(), "");
            let place = place.map_or_else(String::new, |at| format!(" at {at}"));
            writeln!(out, "allowed[{}]: {}{place}: {reason}", finding.code, finding.message)?;
        }
        let tally = findings::tally(self.listed).unwrap_or_else(|| "no findings".to_owned());
        match (&self.loaded.topology, self.loaded.size()) {
            (Some(_), size) if !size.is_empty() => writeln!(out, "{tally} in {size}"),
            _ => writeln!(out, "{tally}"),
        }?;
        if self.loaded.unchecked {
            writeln!(out, "the topology as a whole is checked once it can be read")?;
        }
        Ok(())
    }
}
