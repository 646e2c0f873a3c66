//! The hops of a path: as a chain on one line, or each on a line of its own.

use std::io::{self, Write};

use super::layout::{FAINT, paragraph, styled};
use super::{Detail, Places};
use crate::question::answer::{Hop, OutcomeKind, Path};
use crate::rules;

/// The way of a path in short: its source, its entry, what can refuse, its end.
///
/// `internet → run.app → ingress setting all → invoker iam allUsers → service/web`
pub fn chain(path: &Path) -> String {
    let mut parts = vec![path.from.clone()];
    if !path.entry.is_empty() && path.entry != path.to {
        parts.push(path.entry.clone());
    }
    for hop in &path.hops {
        let is_gate = matches!(hop.action.as_str(), "admit" | "refuse" | "redirect" | "drop");
        let is_elsewhere = hop.resource != path.from
            && hop.resource != path.to
            && !path.entry.starts_with(hop.resource.as_str())
            && !ANYWHERE.contains(&hop.resource.as_str());
        if !is_gate && !is_elsewhere {
            continue;
        }
        let mut part = place(hop, path);
        if hop.stops.as_ref().is_some_and(|stops| stops.all) {
            part.push_str(" (refuses)");
        }
        if parts.last() != Some(&part) {
            parts.push(part);
        }
    }
    let end = match path.outcome.kind {
        OutcomeKind::Delivered => path.to.clone(),
        kind => super::text::ending(&path.outcome, kind),
    };
    if parts.last() != Some(&end) {
        parts.push(end);
    }
    parts.join(" → ")
}

/// Resources that stand for the world as a whole: passing them says nothing.
const ANYWHERE: &[&str] = &["internet", "google"];

/// What a hop is called in a chain: by its resource, or, at the ends of the path, by its kind.
fn place(hop: &Hop, path: &Path) -> String {
    let at_an_end = hop.resource == path.to || hop.resource == path.from;
    let (kind, _) = hop.resource.split_once('/').unwrap_or((&hop.resource, ""));
    let mut text = if at_an_end {
        words(&hop.kind)
    } else if kind == hop.kind || hop.action == "rewrite" || hop.action == "choose" {
        return hop.resource.clone();
    } else {
        format!("{} of {}", words(&hop.kind), hop.resource)
    };
    if !hop.note.is_empty() && hop.note.len() <= 30 {
        text = format!("{text} {}", hop.note);
    }
    text
}

/// The words for a kind of hop or a class: `ingress_setting` is `ingress setting`.
pub fn words(kind: &str) -> String {
    kind.replace('_', " ").replace("iam", "IAM").replace("iap", "IAP")
}

/// What an action is in a sentence.
fn verb(action: &str) -> &str {
    match action {
        "admit" => "admits",
        "refuse" => "refuses",
        "redirect" => "redirects",
        "route" => "routes",
        "rewrite" => "rewrites",
        "choose" => "chooses",
        "deliver" => "delivers",
        "drop" => "drops",
        other => other,
    }
}

/// Writes every hop on a line of its own, numbered, with its place and the rule it rests on.
pub fn list(
    out: &mut dyn Write,
    places: Places<'_>,
    hops: &[Hop],
    indent: &str,
    detail: Detail,
) -> io::Result<()> {
    let width = hops.len().to_string().len();
    for (index, hop) in hops.iter().enumerate() {
        let number = format!("{indent}{:>width$}. ", index + 1);
        let rest = " ".repeat(number.chars().count());
        let mut text = format!("{}: {} {}", hop.resource, words(&hop.kind), verb(&hop.action));
        if !hop.note.is_empty() {
            text.push_str(&format!(" ({})", hop.note));
        }
        if let Some(stops) = &hop.stops {
            let which = if stops.all { "everything that arrives" } else { "some of what arrives" };
            text.push_str(&format!(", stops {which}: {}", stops.causes.join(", ")));
        }
        paragraph(out, &number, &rest, &text)?;
        let title = match rules::rule(hop.rule) {
            Some(rule) if detail.explain => format!("{} {}", hop.rule, rule.title),
            _ => hop.rule.to_string(),
        };
        let at = places.at(hop.at, &hop.resource);
        let at = at.map_or_else(String::new, |at| format!("  {at}"));
        writeln!(out, "{rest}{}", styled(FAINT, format!("{title}{at}")))?;
    }
    Ok(())
}
