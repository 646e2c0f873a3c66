//! A trace for people: one request, step by step, and what its caller sees.

use std::io::{self, Write};

use super::hops;
use super::layout::{STRONG, paragraph, styled};
use super::page::Page;
use super::words::capital;
use crate::graph::HopKind;
use crate::graph::names::shown;
use crate::question::answer::{Path, TraceAnswer};
use crate::walk::StepAction;

/// Writes the walks of one request: several, if the platform chooses.
pub fn write(out: &mut dyn Write, page: Page<'_>, trace: &TraceAnswer<'_>) -> io::Result<()> {
    for walk in &trace.walks {
        self::walk(out, page, walk, trace.walks.len() > 1)?;
    }
    if trace.more {
        writeln!(out)?;
        paragraph(out, "", "", "Not every combination of what the platform can pick is shown.")?;
    }
    Ok(())
}

fn walk(
    out: &mut dyn Write,
    page: Page<'_>,
    walk: &Path,
    is_one_of_several: bool,
) -> io::Result<()> {
    let words = page.words;
    // What never gets anywhere is on its way to a name.
    let arrives = walk.hops.last().is_some_and(|hop| hop.action == Some(StepAction::Deliver));
    let host = walk.requests.single.as_ref().map(|request| shown(&request.host));
    let to = host.filter(|_| !arrives).unwrap_or_else(|| words.destination(&walk.to));
    let from = words.sender(&walk.from);
    let under = match words.under(&walk.choices).as_str() {
        "" => String::new(),
        under if is_one_of_several => format!(", if {under}"),
        under => format!(", only if {under}"),
    };
    writeln!(out)?;
    paragraph(out, "", "  ", &styled(STRONG, format!("{from} → {to}{under}")))?;
    if let Some(command) = words.command(walk) {
        writeln!(out, "  {command}")?;
    }
    // Where names are looked up on the path, a hop tells of it.
    if let Some(resolved) = &walk.resolved
        && !walk.hops.iter().any(|hop| hop.kind == HopKind::Dns)
    {
        let rule = resolved.rule.map_or_else(String::new, |rule| format!(" [{rule}]"));
        paragraph(out, "  ", "    ", &format!("{}{rule}", words.resolved(resolved)))?;
    }
    writeln!(out)?;
    hops::list(out, page, walk, &walk.hops, "  ")?;
    writeln!(out)?;
    if !walk.reply.is_empty() {
        writeln!(out, "  The reply:")?;
        hops::list(out, page, walk, &walk.reply, "  ")?;
        writeln!(out)?;
    }
    let by = walk.entry.map_or_else(String::new, |entry| format!(", by {}", words.entry(entry)));
    paragraph(out, "  ", "  ", &format!("{}{by}", capital(&words.seen_by_caller(walk))))?;
    if walk.hops.iter().any(|hop| hop.past && hop.stops.is_some()) {
        let all = "Everything that stops it is listed: past each gate the request was followed as if it had been admitted.";
        paragraph(out, "  ", "  ", all)?;
    }
    Ok(())
}
