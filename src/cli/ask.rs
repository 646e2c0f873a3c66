//! The commands that ask a question.

use std::io;
use std::path::PathBuf;

use jiff::Timestamp;

use super::arguments::{
    Answering, Bypass, Egress, Expecting, Exposure, Format, Input, Reach, Trace,
};
use super::exit;
use super::load::Loaded;
use super::output::Output;
use crate::graph::Options;
use crate::question::answer::{Answer, Verdict};
use crate::question::{AskError, Model, bypass, egress, exposure, reach, trace};
use crate::report::{Detail, Places, findings, json, layout, text};
use crate::source::Severity;

/// `portolan reach`
pub fn reach(arguments: Reach, output: Output) -> io::Result<u8> {
    let Reach { input, from, to, via, avoid, refused, answering, expecting, filter } = arguments;
    let filter = filter.into_requests();
    let parameters = reach::Parameters { from, to, via, avoid, refused, filter };
    ask(output, &input, answering, expecting, |model| reach::ask(model, &parameters))
}

/// `portolan bypass`
pub fn bypass(arguments: Bypass, output: Output) -> io::Result<u8> {
    let Bypass { input, guard, from, to, strict, refused, answering, expecting, filter } =
        arguments;
    let filter = filter.into_requests();
    let parameters = bypass::Parameters { guard, from, to, strict, refused, filter };
    ask(output, &input, answering, expecting, |model| bypass::ask(model, &parameters))
}

/// `portolan egress`
pub fn egress(arguments: Egress, output: Output) -> io::Result<u8> {
    let Egress { input, from, to, host, ip, answering, expecting } = arguments;
    let parameters = egress::Parameters { from, to, host, ip };
    ask(output, &input, answering, expecting, |model| egress::ask(model, &parameters))
}

/// `portolan trace`
pub fn trace(arguments: Trace, output: Output) -> io::Result<u8> {
    let Trace { input, from, url, principal, audience, source_ip, connect_to, .. } = arguments;
    let Trace { method, headers, region, conditions, answering, expecting, .. } = arguments;
    let parameters = trace::Parameters {
        from,
        url,
        principal,
        audience,
        source_ip,
        connect_to,
        method,
        headers,
        region,
        conditions,
    };
    ask(output, &input, answering, expecting, |model| trace::ask(model, &parameters))
}

/// `portolan exposure`
pub fn exposure(arguments: Exposure, output: Output) -> io::Result<u8> {
    let Exposure { input, from, to, answering } = arguments;
    let parameters = exposure::Parameters { from, to };
    let nothing = Expecting { expect: None };
    ask(output, &input, answering, nothing, |model| exposure::ask(model, &parameters))
}

/// Reads the topology, asks, and writes the answer.
fn ask(
    output: Output,
    input: &Input,
    answering: Answering,
    expecting: Expecting,
    question: impl FnOnce(&Model) -> Result<Answer<'_>, AskError>,
) -> io::Result<u8> {
    let Answering { format, assume, at, explain } = answering;
    let Some(mut loaded) = usable(&input.topology, output) else { return Ok(exit::UNUSABLE) };
    let Some(topology) = loaded.topology.take() else { return Ok(exit::UNUSABLE) };
    let warnings = loaded.findings.count(Severity::Warning);
    if warnings > 0 {
        let warnings = layout::count(warnings, "warning");
        output.note(&format!("the topology has {warnings}; `portolan check` lists them"));
    }
    let unmodelled = std::mem::take(&mut loaded.unmodelled);
    let time = at.unwrap_or_else(Timestamp::now);
    let options = Options { unmodelled, assumed: assume, ..Options::at(time) };
    let refuse = |AskError { message, help }: AskError| {
        output.error(&message, help.as_deref());
        Ok(exit::UNUSABLE)
    };
    let model = match Model::new(topology, options) {
        Ok(model) => model,
        Err(error) => return refuse(error),
    };
    let answer = match question(&model) {
        Ok(answer) => answer,
        Err(error) => return refuse(error),
    };
    if answer.verdict.is_none() && expecting.expect.is_some() {
        return refuse(AskError {
            message: "a table has no verdict to expect".into(),
            help: Some("name a destination with `--to`, `--host` or `--ip`".into()),
        });
    }
    let places = Places { files: &loaded.files, addresses: &loaded.addresses };
    output.data(|out| match format {
        Format::Text => text::answer(out, places, &answer, Detail { explain, time: at.is_some() }),
        Format::Json => json::answer(out, places, &answer),
    })?;
    Ok(status(&answer, expecting, output))
}

/// What was read, if nothing in it is an error; else the findings are told.
pub fn usable(paths: &[PathBuf], output: Output) -> Option<Loaded> {
    let mut loaded = Loaded::read(paths);
    if loaded.unusable || loaded.findings.has_errors() || loaded.topology.is_none() {
        let found = std::mem::take(&mut loaded.findings).into_sorted();
        output.aside(|out| {
            findings::write(out, &loaded.files, &found)?;
            writeln!(out, "{}", findings::tally(&found).unwrap_or_default())
        });
        return None;
    }
    Some(loaded)
}

/// The exit status of an answer.
fn status(answer: &Answer<'_>, expecting: Expecting, output: Output) -> u8 {
    let Some(expected) = expecting.expect else { return exit::ANSWERED };
    let (wanted, verdict) = (expected.verdict(), answer.verdict);
    let is = verdict.map_or("none", Verdict::as_str);
    let message = format!("the verdict is `{is}`, expected was `{}`", wanted.as_str());
    match verdict {
        Some(verdict) if verdict == wanted => exit::ANSWERED,
        Some(Verdict::Depends) => {
            output.error(&message, Some("the assumptions above say what it depends on"));
            exit::DEPENDS
        }
        _ => {
            output.error(&message, None);
            exit::FAILED
        }
    }
}
