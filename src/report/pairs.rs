//! One line for each pair of source and destination.

use std::collections::HashMap;
use std::io::{self, Write};

use super::layout::WIDTH;
use super::layout::{STRONG, count, styled, wrap};
use super::page::Page;
use crate::graph::ResourceId;
use crate::question::answer::{Destination, Found, OutcomeKind, Path, Paths, Sender, Verdict};
use crate::question::reach::EXPLAINED;

/// How many pairs are shown unless everything is asked for.
const SHOWN: usize = 100;

/// Writes every pair with its verdict, by which entry it works, or the first cause and its place.
pub fn write(
    out: &mut dyn Write,
    page: Page<'_>,
    found: &Found,
    paths: &Paths<'_>,
) -> io::Result<()> {
    let pairs = &found.pairs;
    let shown = if page.detail.explain { pairs.len() } else { pairs.len().min(SHOWN) };
    let mut first: HashMap<(Sender, ResourceId), (bool, String)> = HashMap::new();
    paths.each(|path| {
        let Destination::Resource(to) = &path.to else { return Ok(()) };
        let key = (path.from.clone(), *to);
        let arrives = path.outcome.kind == OutcomeKind::Delivered;
        // What arrives tells more than what does not.
        if first.get(&key).is_none_or(|(known, _)| arrives && !known) {
            first.insert(key, (arrives, why(page, path)));
        }
        Ok::<(), io::Error>(())
    })?;
    let rows: Vec<[String; 4]> = pairs[..shown]
        .iter()
        .map(|pair| {
            let key = (pair.from.clone(), pair.to);
            let why = match first.get(&key) {
                Some((_, why)) => why.clone(),
                None if pair.verdict != Verdict::No => String::new(),
                None if pairs.len() <= EXPLAINED => "no path".into(),
                None => "`--refused` says why".into(),
            };
            let (from, to) = (page.words.sender(&pair.from), page.words.resource(pair.to));
            [from, to, pair.verdict.name().into(), why]
        })
        .collect();
    let titles = ["from", "to", "verdict"];
    let width = |at: usize| {
        let cells = rows.iter().map(|row| row[at].chars().count());
        cells.max().unwrap_or_default().max(titles[at].len())
    };
    let [from, to, verdict] = [0, 1, 2].map(width);
    let head = format!("{:<from$}  {:<to$}  {:<verdict$}  by", titles[0], titles[1], titles[2]);
    writeln!(out, "\n{}", styled(STRONG, head))?;
    let left = WIDTH.saturating_sub(from + to + verdict + 6).max(20);
    for [a, b, c, why] in &rows {
        let mut start = format!("{a:<from$}  {b:<to$}  {c:<verdict$}  ");
        for line in wrap(why, left).iter().chain(why.is_empty().then_some(&String::new())) {
            writeln!(out, "{}", format!("{start}{line}").trim_end())?;
            start = " ".repeat(from + to + verdict + 6);
        }
    }
    if found.others > 0 {
        writeln!(out, "{} that nothing reaches", count(found.others, "more pair"))?;
    }
    if pairs.len() > shown {
        let rest = count(pairs.len() - shown, "more pair");
        writeln!(out, "… and {rest}; `--explain` shows all")?;
    }
    Ok(())
}

/// By which entry a path works, or what stops it and where.
fn why(page: Page<'_>, path: &Path) -> String {
    let words = page.words;
    if path.outcome.kind == OutcomeKind::Delivered {
        let entry = path.entry.map(|id| words.entry(id)).unwrap_or_default();
        return match words.only_if(&path.choices).as_str() {
            "" => entry,
            only => format!("{entry} {only}").trim().to_owned(),
        };
    }
    let cause = path.outcome.cause.map_or_else(|| words.ending(path), |cause| cause.name().into());
    match words.stopped_at(path) {
        Some(place) => format!("{cause} at {place}"),
        None => cause,
    }
}
