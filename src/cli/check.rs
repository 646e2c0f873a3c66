//! `portolan check`

use std::io;

use super::arguments::{CheckArguments, CheckFormat};
use super::output::{For, Output};
use super::{exit, input};
use crate::api::codes;
use crate::source::{Finding, Severity, nearest};

/// What `--deny` takes besides codes.
const WARNINGS: &str = "warnings";

/// Lists what is wrong with a topology.
pub fn run(arguments: &CheckArguments, output: Output) -> io::Result<u8> {
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

    let loaded = input::read(&arguments.input.topology, &arguments.input.changes);
    let mut checked = loaded.check();
    for (code, reason) in &arguments.allow {
        checked.allow(code, reason);
    }
    let whom = For::programs(arguments.format != CheckFormat::Text);
    output.data(whom, |out| match arguments.format {
        CheckFormat::Text => checked.write_text(out),
        CheckFormat::Json => {
            let paths = arguments.input.topology.iter();
            let names: Vec<_> = paths.map(|path| path.display().to_string()).collect();
            checked.write_json(out, &names)
        }
        CheckFormat::Sarif => checked.write_sarif(out),
    })?;
    for (code, _) in &arguments.allow {
        if checked.findings().iter().any(|finding| finding.code == *code) {
            output.note(&format!("`{code}` is an error, which cannot be allowed"));
        } else if !checked.allowed().iter().any(|allowed| allowed.finding.code == *code) {
            output.note(&format!("`--allow {code}` allows nothing: there is no such finding"));
        }
    }

    if !loaded.is_readable() {
        return Ok(exit::UNUSABLE);
    }
    let is_denied = |finding: &Finding| {
        let is_named = |what: &String| {
            *what == finding.code || (what == WARNINGS && finding.severity == Severity::Warning)
        };
        finding.is_error() || arguments.deny.iter().any(is_named)
    };
    Ok(if checked.findings().iter().any(is_denied) { exit::FAILED } else { exit::ANSWERED })
}
