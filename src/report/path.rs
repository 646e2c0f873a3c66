//! Paths for people.

use std::io::{self, Write};

use super::hops;
use super::layout::{STRONG, and, paragraph, styled};
use super::page::{Page, item, line};
use super::words::{LeftOut, principals, stopping, why};
use crate::graph::Request;
use crate::question::answer::{Guard, GuardState, Path, Witness};

/// Writes one path: how it ends, who takes it, which requests, and what it passes. What no service
/// ever gets is left out.
pub fn write(
    out: &mut dyn Write,
    page: Page<'_>,
    path: &Path,
    left_out: &mut LeftOut,
) -> io::Result<()> {
    let words = page.words;
    let by = path.entry.map_or_else(String::new, |entry| format!(" by {}", words.entry(entry)));
    let title = format!("{} → {}{by}", words.sender(&path.from), words.destination(&path.to));
    let only = match words.only_if(&path.choices).as_str() {
        "" => String::new(),
        only => format!(", {only}"),
    };
    writeln!(out)?;
    let ending = words.ending(path);
    paragraph(out, "  ", "    ", &format!("{}: {ending}{only}", styled(STRONG, title)))?;

    item(out, "who", &principals(&path.principals).words(|all| page.names(all)))?;
    let requests = match page.detail.explain {
        true => words.requests(&path.requests),
        false => words.requests_but_reserved(path, left_out),
    };
    item(out, "requests", &requests)?;
    if let Some(witness) = &path.requests.witness {
        item(out, "if", &and(&words.conditions(&witness.request)))?;
        if let Some(command) = words.command(path) {
            line(out, "try", &command)?;
        }
        if page.detail.explain {
            item(out, "from", &sender(page, witness))?;
        }
    }
    item(out, "path", &hops::chain(page, path))?;
    if !path.outcome.kind.is_arrival() {
        for hop in &path.hops {
            let Some(stops) = &hop.stops else { continue };
            let note = match words.note(hop).as_str() {
                "" => String::new(),
                note => format!(" ({note})"),
            };
            let at = match page.at(hop.at, Some(hop.resource)).as_str() {
                "" => String::new(),
                at => format!(", {at}"),
            };
            let place = words.place(hop);
            item(out, "at", &format!("{place}{note}: {} [{}]{at}", stopping(stops), hop.rule))?;
        }
    }
    if let Some(guard) = path.guard.as_ref().filter(|_| path.outcome.kind.is_arrival()) {
        self::guard(out, page, guard)?;
    }
    if page.detail.explain {
        item(out, "guards", &words.guard_hops(&path.guards).join(", "))?;
    }
    let needed: Vec<String> = path.assumptions.iter().map(|own| words.needed(*own)).collect();
    item(out, "assumes", &page.names(&needed))?;
    if page.detail.explain {
        hops::list(out, page, path, &path.hops, "    ")?;
    }
    Ok(())
}

/// Writes how far a path is guarded, and what would close it.
fn guard(out: &mut dyn Write, page: Page<'_>, guard: &Guard) -> io::Result<()> {
    let name = match guard.state {
        GuardState::Guarded => "guarded",
        GuardState::NameOnly => "name only",
        GuardState::Unguarded => "unguarded",
    };
    item(out, name, why(guard))?;
    for remedy in &guard.remedies {
        let breaks = match page.words.breaks(remedy).as_slice() {
            [] => "; breaks nothing that works now".to_owned(),
            breaks => format!("; breaks {}", page.names(breaks)),
        };
        item(out, "close", &format!("{}{breaks}", page.words.remedy(&remedy.change)))?;
    }
    Ok(())
}

/// Who sends a witness.
fn sender(page: Page<'_>, witness: &Witness) -> String {
    let words = page.words;
    let request: &Request = &witness.request;
    let mut text = words.address(request.source);
    if !request.region.is_empty() {
        text.push_str(&format!(" in {}", request.region));
    }
    if request.asn != 0 {
        text.push_str(&format!(", AS{}", request.asn));
    }
    text.push_str(&format!(", as {}", words.principal(request)));
    let credential = words.credential(request);
    if credential != "none" {
        text.push_str(&format!(" with {credential}"));
    }
    if let Some(address) = witness.destination {
        text.push_str(&format!(", to {address}"));
    }
    text
}
