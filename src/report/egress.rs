//! The addresses under which a sender is seen, and the table of all destinations.

use std::io::{self, Write};

use super::hops;
use super::layout::{FAINT, STRONG, and, paragraph, styled};
use super::page::Page;
use crate::question::answer::{Chosen, Destination, EgressAddress, EgressAnswer, Path};

/// Writes every destination in short: how requests end there, as which address they arrive, by
/// which path.
pub fn destinations(
    out: &mut dyn Write,
    page: Page<'_>,
    egress: &EgressAnswer<'_>,
) -> io::Result<()> {
    let words = page.words;
    let mut rows: Vec<AddressLine> = Vec::new();
    egress.paths.each(|path| {
        let seen = egress.addresses.iter().filter(|own| sees(path, own));
        let seen = seen.map(|own| words.seen(&own.address));
        let row = AddressLine {
            to: words.destination(&path.to),
            ends: words.short_ending(path),
            seen: seen.chain(path.outcome.cause.map(|cause| cause.to_string())).collect(),
            only: words.only_if(&path.choices),
            path: hops::chain(page, path),
        };
        // What differs by the choices of the platform alone is one line.
        let alike = |known: &&mut AddressLine| {
            (&known.to, &known.ends, &known.path) == (&row.to, &row.ends, &row.path)
        };
        match rows.iter_mut().find(alike) {
            Some(known) => {
                let new: Vec<String> =
                    row.seen.into_iter().filter(|seen| !known.seen.contains(seen)).collect();
                known.seen.extend(new);
                known.only.clear();
            }
            None => rows.push(row),
        }
        Ok::<(), io::Error>(())
    })?;
    if rows.is_empty() {
        return Ok(());
    }
    let width = |cell: fn(&AddressLine) -> &String, title: &str| {
        let cells = rows.iter().map(|row| cell(row).chars().count());
        cells.max().unwrap_or_default().max(title.len())
    };
    let (to, end) = (width(|row| &row.to, "destination"), width(|row| &row.ends, "ends"));
    let head = format!("  {:<to$}  {:<end$}  seen as, or cause", "destination", "ends");
    writeln!(out, "\n{}", styled(STRONG, head))?;
    for row in &rows {
        let first = format!("  {:<to$}  {:<end$}  ", row.to, row.ends);
        let rest = " ".repeat(to + end + 6);
        let only = if row.only.is_empty() { String::new() } else { format!(", {}", row.only) };
        let seen = if row.seen.is_empty() { "-".to_owned() } else { row.seen.join(", ") };
        paragraph(out, &first, &rest, &format!("{seen}{only}"))?;
        paragraph(out, "      ", "      ", &styled(FAINT, &row.path))?;
    }
    Ok(())
}

/// A line of the table.
struct AddressLine {
    to: String,
    ends: String,
    seen: Vec<String>,
    only: String,
    path: String,
}

/// Whether the end of a path sees an address: it is one of those that arrive there, under choices
/// that agree with those of the path.
fn sees(path: &Path, own: &EgressAddress) -> bool {
    let arrives = match &path.to {
        Destination::Resource(id) => path.outcome.kind.is_arrival() && own.to.contains(id),
        Destination::Named(_) | Destination::Elsewhere => false,
    };
    let agrees = |one: &Chosen| {
        let other = path.choices.iter().find(|other| other.choice == one.choice);
        other.is_none_or(|other| other.taken.iter().any(|at| one.taken.contains(at)))
    };
    arrives && own.choices.iter().all(agrees)
}

/// Writes the addresses under which a sender is seen.
pub fn addresses(out: &mut dyn Write, page: Page<'_>, all: &[EgressAddress]) -> io::Result<()> {
    if all.is_empty() {
        return Ok(());
    }
    let words = page.words;
    writeln!(out, "\n{} ({})", styled(STRONG, "Seen as"), all.len())?;
    let labels: Vec<String> = all.iter().map(|own| words.seen(&own.address)).collect();
    let width = labels.iter().map(|label| label.chars().count()).max().unwrap_or_default();
    for (own, label) in all.iter().zip(&labels) {
        let only = match words.only_if(&own.choices).as_str() {
            "" => String::new(),
            only => format!(", {only}"),
        };
        let to = match words.resources(&own.to).as_slice() {
            [] => String::new(),
            to => format!("; seen by {}", and(to)),
        };
        let text = format!("{}{only}{to} [{}]", words.origin_of(own), own.rule);
        let first = format!("  {label:<width$}  ");
        paragraph(out, &first, &" ".repeat(first.chars().count()), &text)?;
    }
    Ok(())
}

/// Whether an answer is the table of all destinations.
pub fn is_table(egress: &EgressAnswer<'_>) -> bool {
    egress.found.is_none()
}
