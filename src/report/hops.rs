//! The hops of a path: as a chain on one line, or each on a line of its own.

use std::io::{self, Write};

use super::layout::{FAINT, paragraph, styled};
use super::page::Page;
use super::words::{Chain, is_itself, kind};
use crate::graph::HopKind;
use crate::question::answer::{Destination, Note, OutcomeKind, Path, PathHop, Sender};
use crate::rules;
use crate::walk::StepAction;

/// A path in short: its source, its entry, what can refuse, its end.
///
/// `internet → run.app → ingress setting all → invoker IAM allUsers → service/web`
pub fn chain(page: Page<'_>, path: &Path) -> String {
    let words = page.words;
    let to = words.destination(&path.to);
    let entry = path.entry.map(|id| words.entry(id)).unwrap_or_default();
    let mut parts = vec![words.sender(&path.from)];
    if !entry.is_empty() && entry != to {
        parts.push(entry.clone());
    }
    for hop in &path.hops {
        let resource = words.graph().resource(hop.resource);
        let stops = hop.stops.as_ref().is_some_and(|stops| stops.all);
        let is_on_the_entry = entry.starts_with(&resource.to_string());
        let passed = kind(hop.kind, resource.kind).chain == Chain::Passed || is_on_the_entry;
        if !stops && (passed || hop.past) {
            continue;
        }
        let mut part = place(page, hop, path);
        if stops {
            part.push_str(if hop.action == Some(StepAction::Drop) {
                " (drops)"
            } else {
                " (refuses)"
            });
        }
        if parts.last() != Some(&part) {
            parts.push(part);
        }
    }
    let end = match path.outcome.kind {
        OutcomeKind::Delivered | OutcomeKind::ArrivedUnanswered => to,
        _ => words.ending(path),
    };
    if parts.last() != Some(&end) {
        parts.push(end);
    }
    parts.join(" → ")
}

/// The longest text of the input that a chain repeats.
const SHORT: usize = 40;

/// What a hop is called in a chain: by its resource, or, at the ends of the path, by its kind; with
/// the rule that decided, or what the input says there.
fn place(page: Page<'_>, hop: &PathHop, path: &Path) -> String {
    let words = page.words;
    if let Some(line) = words.line_of(hop) {
        return line;
    }
    let resource = words.graph().resource(hop.resource);
    let is_end = path.to == Destination::Resource(hop.resource)
        || path.from == Sender::Resource(hop.resource);
    if !is_end {
        let moves = matches!(hop.action, Some(StepAction::Rewrite | StepAction::Choose));
        let named = is_itself(hop.kind, resource.kind) || moves;
        return if named && !resource.id.is_empty() {
            resource.to_string()
        } else {
            words.place(hop)
        };
    }
    let noun = kind(hop.kind, resource.kind).noun;
    let written = page.places.files.text(hop.at).trim_matches(['"', '\'', ' ', '[', ']']);
    let said = match &hop.note {
        Note::Walked(_, Some(_)) => words.note(hop),
        _ => String::new(),
    };
    let said = if said.is_empty() { written } else { said.as_str() };
    let is_setting = matches!(
        hop.kind,
        HopKind::IngressSetting | HopKind::InvokerIam | HopKind::EgressSetting | HopKind::AllowList
    );
    if said.is_empty() || !is_setting || said.len() > SHORT || said.contains(['\n', '{']) {
        noun.to_owned()
    } else {
        format!("{noun} {said}")
    }
}

/// Writes every hop on a line of its own, numbered, with its place and the rule it rests on.
pub fn list(
    out: &mut dyn Write,
    page: Page<'_>,
    path: &Path,
    hops: &[PathHop],
    indent: &str,
) -> io::Result<()> {
    let width = hops.len().to_string().len();
    let refused = hops.iter().position(|hop| hop.past);
    for (index, hop) in hops.iter().enumerate() {
        if refused == Some(index) {
            writeln!(out, "{indent}past this, as if it had been admitted:")?;
        }
        let number = format!("{indent}{:>width$}. ", index + 1);
        let rest = " ".repeat(number.chars().count());
        paragraph(out, &number, &rest, &page.words.step(path, hops, index))?;
        let title = match rules::rule(hop.rule) {
            Some(rule) if page.detail.explain => format!("{} {}", hop.rule, rule.title),
            _ => hop.rule.to_string(),
        };
        let at = page.at(hop.at, Some(hop.resource));
        let at = if at.is_empty() { at } else { format!(", {at}") };
        paragraph(out, &rest, &rest, &styled(FAINT, format!("{title}{at}")))?;
    }
    Ok(())
}
