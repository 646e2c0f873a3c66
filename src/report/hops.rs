//! The hops of a path: as a chain on one line, or each on a line of its own.

use std::io::{self, Write};

use super::layout::{FAINT, paragraph, styled};
use super::{Detail, Places};
use crate::question::answer::{Hop, OutcomeKind, Path};
use crate::rules;

/// The way of a path in short: its source, its entry, what can refuse, its end.
///
/// `internet → run.app → ingress setting all → invoker iam allUsers → service/web`
pub fn chain(places: Places<'_>, path: &Path) -> String {
    let mut parts = vec![path.from.clone()];
    if !path.entry.is_empty() && path.entry != path.to {
        parts.push(path.entry.clone());
    }
    for hop in &path.hops {
        let stops = hop.stops.as_ref().is_some_and(|stops| stops.all);
        let is_on_the_entry = path.entry.starts_with(hop.resource.as_str());
        let passing = PASSING.contains(&hop.kind.as_str()) || is_on_the_entry;
        if !stops && (passing || hop.past) {
            continue;
        }
        let mut part = place(places, hop, path);
        if stops {
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

/// Kinds of places that every request passes, or where it only finds its way: a chain leaves them
/// out unless they refuse.
const PASSING: &[&str] = &[
    "tls",
    "names",
    "front_end",
    "url_map",
    "route",
    "backend",
    "serverless_neg",
    "policy_order",
    "reserved_paths",
    "default_url",
    "domain_mapping",
    "destination",
    "internet",
    "revision",
    "external",
    "vm",
    "dns",
    "internet_gateway",
    "nat_protocol",
    "inside_network",
    "site_routes",
    "hybrid_routes",
    "return_route",
    "google_route",
    "port",
    "known_issue",
    "psc_connection",
    "producer_port",
    "producer_global_access",
    "connection",
    "blocked_traffic",
    "metadata_server",
    "worker_pool",
    "connector_state",
    "api",
    "ingress_firewall",
    "egress_firewall",
];

/// The longest text of the input that a chain repeats.
const SHORT: usize = 40;

/// What a hop is called in a chain: by its resource, or, at the ends of the path, by its kind; with
/// the note, or what the input says there.
fn place(places: Places<'_>, hop: &Hop, path: &Path) -> String {
    let (kind, _) = hop.resource.split_once('/').unwrap_or((&hop.resource, ""));
    if hop.resource != path.to && hop.resource != path.from {
        let is_named_so = kind == hop.kind || matches!(hop.action.as_str(), "rewrite" | "choose");
        return if is_named_so {
            hop.resource.clone()
        } else {
            format!("{} of {}", words(&hop.kind), hop.resource)
        };
    }
    let written = places.files.text(hop.at).trim_matches(['"', '\'', ' ', '[', ']']);
    let said = if hop.note.is_empty() { written } else { &hop.note };
    if said.is_empty() || said.len() > SHORT || said.contains('\n') || said == "no rule matches" {
        words(&hop.kind)
    } else {
        format!("{} {said}", words(&hop.kind))
    }
}

/// The words for a kind of hop or a class: `ingress_setting` is `ingress setting`.
pub fn words(kind: &str) -> String {
    let word = |word: &str| match word {
        "iam" | "iap" | "nat" | "neg" | "psc" | "tls" | "url" | "vpc" => word.to_uppercase(),
        "ipv6" => "IPv6".to_owned(),
        _ => word.to_owned(),
    };
    kind.split('_').map(word).collect::<Vec<_>>().join(" ")
}

/// The note of a hop behind its name; nothing where it only says that nothing was said.
pub fn note(hop: &Hop) -> String {
    match hop.note.as_str() {
        "" | "no rule matches" => String::new(),
        note => format!(" ({note})"),
    }
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
        "abort" => "aborts",
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
    let refused = hops.iter().position(|hop| hop.past);
    for (index, hop) in hops.iter().enumerate() {
        if refused == Some(index) {
            writeln!(out, "{indent}past this, as if it had been admitted:")?;
        }
        let number = format!("{indent}{:>width$}. ", index + 1);
        let rest = " ".repeat(number.chars().count());
        let mut text = format!("{}: {} {}", hop.resource, words(&hop.kind), verb(&hop.action));
        text.push_str(&note(hop));
        for changed in &hop.changes {
            let (before, after) = (&changed.before, &changed.after);
            text.push_str(&format!("; {}: {before} → {after}", changed.field));
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
