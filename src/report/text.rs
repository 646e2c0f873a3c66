//! Answers for people.

use std::io::{self, Write};

use super::layout::{BAD, DOUBT, FAINT, GOOD, STRONG, and, count, paragraph, styled};
use super::{Detail, Places, exposure, findings, hops, json, trace};
use crate::question::answer::{
    Answer, Assumed, EgressAddress, GuardState, Outcome, OutcomeKind, Path, Principals, Verdict,
};

/// How many paths of a group are shown unless everything is asked for.
const SHOWN: usize = 100;
/// How many names of a list are shown unless everything is asked for.
const NAMES: usize = 6;

/// Writes an answer.
pub fn answer(
    out: &mut dyn Write,
    places: Places<'_>,
    answer: &Answer,
    detail: Detail,
) -> io::Result<()> {
    verdict(out, answer)?;
    if answer.question.kind == "trace" {
        trace::write(out, places, &answer.paths, detail)?;
    } else {
        paths(out, places, &answer.paths, detail)?;
    }
    egress(out, &answer.egress_addresses)?;
    if let Some(table) = &answer.exposure {
        exposure::write(out, table, detail)?;
    }
    assumptions(out, places, &answer.assumptions)?;
    completeness(out, places, answer)?;
    if detail.explain || detail.time {
        writeln!(out, "\nConditions on time were decided at {}.", answer.at)?;
    }
    if !answer.findings.is_empty() {
        writeln!(out)?;
        findings::write(out, places.files, &answer.findings)?;
    }
    Ok(())
}

/// The answer in a sentence, which begins with the verdict.
fn verdict(out: &mut dyn Write, answer: &Answer) -> io::Result<()> {
    let Some(verdict) = answer.verdict else {
        return if answer.summary.is_empty() {
            Ok(())
        } else {
            paragraph(out, "", "", &answer.summary)
        };
    };
    let style = match verdict {
        Verdict::Depends => DOUBT,
        Verdict::Yes | Verdict::No => STRONG,
    };
    let word = verdict.as_str();
    let sentence = match answer.summary.get(..word.len()) {
        Some(start) if start.eq_ignore_ascii_case(word) => {
            answer.summary.get(word.len()..).unwrap_or_default().to_owned()
        }
        _ if answer.summary.is_empty() => String::new(),
        _ => format!(": {}", answer.summary),
    };
    paragraph(out, "", "", &format!("{}{sentence}", styled(style, word)))
}

/// Paths, grouped by how far they are guarded, then by how they end.
fn paths(out: &mut dyn Write, places: Places<'_>, all: &[Path], detail: Detail) -> io::Result<()> {
    let guards =
        [Some(GuardState::Unguarded), Some(GuardState::NameOnly), Some(GuardState::Guarded), None];
    let kinds = [OutcomeKind::Delivered, OutcomeKind::Refused, OutcomeKind::Dropped];
    for kind in kinds {
        for guard in guards {
            let is_own = |path: &&Path| {
                path.outcome.kind == kind && path.guard.as_ref().map(|guard| guard.state) == guard
            };
            let group: Vec<&Path> = all.iter().filter(is_own).collect();
            if group.is_empty() {
                continue;
            }
            let (title, style) = heading(kind, guard);
            writeln!(out, "\n{} ({})", styled(style, title), group.len())?;
            let shown = if detail.explain { group.len() } else { SHOWN };
            for path in group.iter().take(shown) {
                self::path(out, places, path, detail)?;
            }
            if group.len() > shown {
                let rest = count(group.len() - shown, "more path");
                writeln!(out, "\n  … and {rest}; `--explain` shows all")?;
            }
        }
    }
    Ok(())
}

fn heading(kind: OutcomeKind, guard: Option<GuardState>) -> (&'static str, anstyle::Style) {
    match (kind, guard) {
        (OutcomeKind::Delivered, Some(GuardState::Unguarded)) => ("Not guarded", BAD),
        (OutcomeKind::Delivered, Some(GuardState::NameOnly)) => ("Guarded in name only", DOUBT),
        (OutcomeKind::Delivered, Some(GuardState::Guarded)) => ("Guarded", GOOD),
        (OutcomeKind::Delivered, None) => ("Delivered", STRONG),
        (OutcomeKind::Refused, _) => ("Refused", STRONG),
        (OutcomeKind::Dropped, _) => ("Dropped", STRONG),
    }
}

/// How a path ends, in words.
pub fn ending(outcome: &Outcome, kind: OutcomeKind) -> String {
    let mut text = match kind {
        OutcomeKind::Delivered => "delivered".to_owned(),
        OutcomeKind::Refused => "refused".to_owned(),
        OutcomeKind::Dropped => "no answer".to_owned(),
    };
    if let Some(status) = outcome.http_status {
        text.push_str(&format!(" {status}"));
    }
    if let Some(cause) = outcome.cause {
        text.push_str(&format!(" {cause}"));
    }
    if let Some(location) = &outcome.location {
        text.push_str(&format!(" to {location}"));
    }
    text
}

fn path(out: &mut dyn Write, places: Places<'_>, path: &Path, detail: Detail) -> io::Result<()> {
    let by = if path.entry.is_empty() { String::new() } else { format!(" by {}", path.entry) };
    let sometimes = if path.sometimes { ", if Google so chooses" } else { "" };
    let title = format!("{} → {}{by}", path.from, path.to);
    let ending = ending(&path.outcome, path.outcome.kind);
    writeln!(out)?;
    paragraph(out, "  ", "    ", &format!("{}: {ending}{sometimes}", styled(STRONG, title)))?;

    let who = principals(&path.principals, detail);
    if path.outcome.kind == OutcomeKind::Delivered {
        item(out, "who", &who)?;
    } else if path.outcome.kind == OutcomeKind::Refused {
        item(out, "refuses", &who)?;
    }
    item(out, "requests", &path.requests.text)?;
    if let Some(witness) = &path.requests.witness {
        if !witness.conditions.is_empty() {
            item(out, "if", &and(&witness.conditions))?;
        }
        // Not wrapped: it is there to be copied.
        if !witness.curl.is_empty() {
            line(out, "try", &witness.curl)?;
        }
        if detail.explain {
            item(out, "from", &sender(witness))?;
        }
    }
    item(out, "way", &hops::chain(places, path))?;
    for hop in path
        .hops
        .iter()
        .filter(|hop| path.outcome.kind != OutcomeKind::Delivered && hop.stops.is_some())
    {
        let Some(stops) = &hop.stops else { continue };
        let which = if stops.all { "all" } else { "some" };
        let at = places.at(hop.at, &hop.resource);
        let at = at.map_or_else(String::new, |at| format!(", {at}"));
        let note = if hop.note.is_empty() { String::new() } else { format!(" ({})", hop.note) };
        let text = format!(
            "{which} at {} of {}{note}: {} [{}]{at}",
            hops::words(&hop.kind),
            hop.resource,
            stops.causes.join(", "),
            hop.rule,
        );
        item(out, "stops", &text)?;
    }
    if let Some(guard) = &path.guard {
        item(out, guard.state.as_str(), &guard.why)?;
        for remedy in &guard.remedies {
            let breaks = if remedy.breaks.is_empty() {
                "; breaks nothing that works now".to_owned()
            } else {
                format!("; breaks {}", names(&remedy.breaks, detail))
            };
            item(out, "close", &format!("{}{breaks}", remedy.change))?;
        }
    }
    if detail.explain && !path.guards.is_empty() {
        item(out, "guards", &path.guards.join(", "))?;
    }
    if !path.assumptions.is_empty() {
        item(out, "assumes", &names(&path.assumptions, detail))?;
    }
    if detail.explain {
        hops::list(out, places, &path.hops, "    ", detail)?;
    }
    Ok(())
}

/// Who sends a witness, in words.
fn sender(witness: &crate::question::answer::Witness) -> String {
    let mut text = witness.source_ip.clone();
    if let Some(region) = &witness.region {
        text.push_str(&format!(" in {region}"));
    }
    if let Some(asn) = witness.asn {
        text.push_str(&format!(", AS{asn}"));
    }
    text.push_str(&format!(", as {}", witness.principal));
    if !witness.credential.is_empty() {
        text.push_str(&format!(" with {}", witness.credential));
    }
    if let Some(address) = &witness.destination_ip {
        text.push_str(&format!(", to {address}"));
    }
    text
}

/// Writes a named fact of a path, wrapped; nothing if it is empty.
pub fn item(out: &mut dyn Write, name: &str, text: &str) -> io::Result<()> {
    if text.is_empty() {
        return Ok(());
    }
    let first = format!("    {}", styled(FAINT, format!("{name:<11}")));
    paragraph(out, &first, &" ".repeat(15), text)
}

/// Writes a named fact of a path on one line.
fn line(out: &mut dyn Write, name: &str, text: &str) -> io::Result<()> {
    writeln!(out, "    {}{text}", styled(FAINT, format!("{name:<11}")))
}

/// Some names, and how many more there are.
pub fn names(all: &[String], detail: Detail) -> String {
    if detail.explain || all.len() <= NAMES + 1 {
        return and(all);
    }
    let (shown, rest) = all.split_at(NAMES);
    format!("{} and {} more", shown.join(", "), rest.len())
}

/// Who is concerned, in words.
pub fn principals(principals: &Principals, detail: Detail) -> String {
    let mut parts = Vec::new();
    match (principals.anonymous, principals.any_account) {
        (true, true) => return "anyone, with or without an account".to_owned(),
        (true, false) => parts.push("anyone without an account".to_owned()),
        (false, true) => parts.push("any Google account".to_owned()),
        (false, false) => {}
    }
    if !principals.named.is_empty() {
        parts.push(names(&principals.named, detail));
    }
    parts.join("; ")
}

fn egress(out: &mut dyn Write, addresses: &[EgressAddress]) -> io::Result<()> {
    if addresses.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{} ({})", styled(STRONG, "Seen as"), addresses.len())?;
    let width = addresses.iter().map(|own| own.address.chars().count()).max().unwrap_or_default();
    for EgressAddress { address, name, cause, stability, rule, to, sometimes } in addresses {
        let of = name.as_ref().map_or_else(String::new, |name| format!("{name}, "));
        let cause = if cause == stability { String::new() } else { format!(" {}", words(cause)) };
        let sometimes = if *sometimes { ", if Google so chooses" } else { "" };
        let to = if to.is_empty() { String::new() } else { format!(", by {}", and(to)) };
        let text = format!("{of}{}{cause}{sometimes}{to} [{rule}]", words(stability));
        let first = format!("  {address:<width$}  ");
        paragraph(out, &first, &" ".repeat(first.chars().count()), &text)?;
    }
    Ok(())
}

fn words(text: &str) -> String {
    text.replace('-', " ").replace("nat", "NAT")
}

fn assumptions(out: &mut dyn Write, places: Places<'_>, all: &[Assumed]) -> io::Result<()> {
    if all.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{} ({})", styled(STRONG, "Assumptions"), all.len())?;
    for Assumed { id, kind, text, default, at, flips } in all {
        let kind = json::assumption_kind(*kind);
        let flips = if *flips { ", the verdict depends on it" } else { "" };
        let at = places.at(*at, "");
        let at = at.map_or_else(String::new, |at| format!("  {at}"));
        writeln!(out, "  {} ({kind}{flips}){at}", styled(STRONG, id))?;
        paragraph(out, "    ", "    ", text)?;
        match default {
            Some(default) => {
                writeln!(out, "    taken as {default}; `--assume {id}={}` for the other", !default)?
            }
            None => writeln!(out, "    `--assume {id}=true|false` settles it")?,
        }
    }
    Ok(())
}

fn completeness(out: &mut dyn Write, places: Places<'_>, answer: &Answer) -> io::Result<()> {
    if answer.complete && answer.unmodelled.is_empty() {
        return writeln!(out, "\nComplete: nothing in the input is left out of account.");
    }
    let sentence = if answer.complete {
        "Complete, though the input holds what is not modelled:"
    } else {
        "Not complete: the input holds what is not modelled and could change the answer:"
    };
    writeln!(out, "\n{}", styled(DOUBT, sentence))?;
    for (text, span) in &answer.unmodelled {
        let at = places.at(*span, "").map_or_else(String::new, |at| format!("  {at}"));
        paragraph(out, "  - ", "    ", &format!("{text}{at}"))?;
    }
    Ok(())
}
