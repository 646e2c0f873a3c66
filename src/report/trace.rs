//! A trace for people: one request, step by step, and what its sender sees.

use std::io::{self, Write};

use super::layout::{STRONG, paragraph, styled};
use super::{Detail, Places, hops, text};
use crate::question::answer::{OutcomeKind, Paths};

/// Writes traces.
pub fn write(
    out: &mut dyn Write,
    places: Places<'_>,
    paths: &Paths<'_>,
    detail: Detail,
) -> io::Result<()> {
    paths.each(|path| {
        writeln!(out, "\n{}", styled(STRONG, format!("{} → {}", path.from, path.to)))?;
        if let Some(witness) = &path.requests.witness
            && !witness.curl.is_empty()
        {
            writeln!(out, "  {}", witness.curl)?;
        }
        if let Some(own) = &path.resolved {
            let rule = own.rule.map_or_else(String::new, |rule| format!(" [{rule}]"));
            let by = if own.by.is_empty() { String::new() } else { format!(", by {}", own.by) };
            paragraph(out, "  ", "    ", &format!("{} is {}{by}{rule}", own.name, own.answer))?;
        }
        writeln!(out)?;
        hops::list(out, places, &path.hops, "  ", detail)?;
        writeln!(out)?;
        if !path.reply.is_empty() {
            writeln!(out, "  The answer comes back:")?;
            hops::list(out, places, &path.reply, "  ", detail)?;
            writeln!(out)?;
        }
        let sometimes = if path.sometimes { ", if Google so chooses" } else { "" };
        let status = path.outcome.http_status;
        let sees = match (path.outcome.kind, status) {
            (OutcomeKind::Aborted, _) => "an error of its own".to_owned(),
            (OutcomeKind::Dropped, _) | (_, None) => "no answer".to_owned(),
            (_, Some(status)) => status.to_string(),
        };
        let ending = text::ending(&path.outcome, path.outcome.kind);
        let by = if path.entry.is_empty() { String::new() } else { format!(" by {}", path.entry) };
        let sees = match path.outcome.kind {
            OutcomeKind::Delivered => format!("{}{by}: {ending}{sometimes}", path.to),
            _ => format!("{ending}{by}{sometimes}; the sender sees {sees}"),
        };
        paragraph(out, "  ", "  ", &sees)?;
        let stops: Vec<_> = path.hops.iter().filter(|hop| hop.stops.is_some()).collect();
        if stops.len() > 1 {
            let all = "Everything in the way is listed: past each gate the request was followed on as if it had been admitted.";
            paragraph(out, "  ", "  ", all)?;
        }
        Ok(())
    })
}
