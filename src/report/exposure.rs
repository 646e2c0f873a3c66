//! Sources by services, as a table.

use std::collections::HashMap;
use std::io::{self, Write};

use super::Detail;
use super::layout::{FAINT, STRONG, WIDTH, count, paragraph, styled};
use super::page::Page;
use super::words::Words;
use crate::question::answer::{Cell, CellState, ExposureAnswer, ExposureRow, SourceClass};

/// From how many services on those that fare alike share a row.
const GROUPED: usize = 40;
/// How many services are followed by the entries by which they are reached.
const ENTRIES: usize = 20;
/// Up to how many services a source has no column of its own for, if there is no room for all.
const FEW: usize = 3;
/// How wide a cell is.
const CELL: usize = 10;
/// How many groups of sources are told of in words.
const TOLD: usize = 40;
/// How wide the first column may be.
const LABEL: usize = 40;

/// Writes the table, then who is behind its columns, then by which entries they get in.
///
/// If the table is wider than the page, sources that get in almost nowhere are told in words.
pub fn write(out: &mut dyn Write, page: Page<'_>, table: &ExposureAnswer<'_>) -> io::Result<()> {
    let (words, detail) = (page.words, page.detail);
    let names = columns(words, table);
    let services: Vec<ServiceRow> =
        table.rows.iter().map(|row| ServiceRow::new(words, &row)).collect();
    let mut shown: Vec<usize> = (0..names.len()).collect();
    if shown.iter().filter_map(|at| names.get(*at)).map(|name| name.len() + 2).sum::<usize>()
        > WIDTH - LABEL
    {
        shown.retain(|at| admitted(&services, *at).nth(FEW).is_some());
    }
    // In a wide estate the rest is told in words, not in tables below each other.
    if services.len() > GROUPED && !detail.explain {
        let mut used = LABEL;
        shown.retain(|at| {
            used += names.get(*at).map_or(0, |name| name.len().max(CELL) + 2);
            used <= WIDTH
        });
    }
    let rows = rows(&services, &shown, detail);
    if !shown.is_empty() {
        grid(out, &names, &shown, &rows)?;
    }
    rest(out, &services, &names, &shown, detail)?;
    if services.iter().any(|row| row.cells.iter().any(|shade| shade.assumed)) {
        writeln!(out, "\n* rests on an assumption")?;
    }
    let legend: Vec<_> =
        table.sources.iter().zip(&names).filter(|(group, _)| group.members.len() != 1).collect();
    if !legend.is_empty() {
        writeln!(out, "\n{}", styled(STRONG, "Sources"))?;
        let most = if detail.explain { usize::MAX } else { TOLD };
        for (group, name) in legend.iter().take(most) {
            let members: Vec<String> = group.members.iter().map(|own| words.sender(own)).collect();
            paragraph(out, &format!("  {name}: "), "    ", &page.names(&members))?;
        }
        let more = legend.len().saturating_sub(most);
        if more > 0 {
            writeln!(out, "  and {}; `--explain` shows all", count(more, "other group"))?;
        }
    }
    entries(out, page, table, &names)
}

/// What the table shows of a cell.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Shade {
    state: CellState,
    assumed: bool,
}

impl Shade {
    fn word(self) -> String {
        let mark = if self.assumed { "*" } else { "" };
        format!("{}{mark}", self.state.name())
    }
}

/// A row without its entries.
struct ServiceRow {
    service: String,
    cells: Vec<Shade>,
}

impl ServiceRow {
    fn new(words: Words<'_>, row: &ExposureRow) -> Self {
        let shade =
            |cell: &Cell| Shade { state: cell.exposure, assumed: !cell.assumptions.is_empty() };
        let cells = row.cells.iter().map(shade).collect();
        ServiceRow { service: words.resource(row.service), cells }
    }
}

/// The services at which a source gets in, with how.
fn admitted(services: &[ServiceRow], at: usize) -> impl Iterator<Item = (&str, Shade)> {
    services
        .iter()
        .filter_map(move |row| Some((row.service.as_str(), *row.cells.get(at)?)))
        .filter(|(_, cell)| cell.state != CellState::Refused)
}

/// Writes the columns that are shown, as many beside each other as fit.
fn grid(
    out: &mut dyn Write,
    names: &[String],
    shown: &[usize],
    rows: &[TableRow<'_>],
) -> io::Result<()> {
    let label = rows.iter().map(|row| row.label.chars().count()).max().unwrap_or(0).min(LABEL);
    let columns: Vec<(usize, &str, usize)> = shown
        .iter()
        .filter_map(|&at| {
            let name = names.get(at)?;
            let cells = rows.iter().filter_map(|row| row.cells.get(at));
            let widest = cells.map(|cell| cell.word().chars().count()).max().unwrap_or_default();
            Some((at, name.as_str(), widest.max(name.chars().count())))
        })
        .collect();
    let widths: Vec<usize> = columns.iter().map(|(_, _, width)| *width).collect();
    for part in parts(&widths, label) {
        let part = columns.get(part).unwrap_or_default();
        writeln!(out)?;
        let mut head = " ".repeat(label);
        for (_, name, width) in part {
            head.push_str(&format!("  {name:<width$}"));
        }
        writeln!(out, "{}", styled(STRONG, head.trim_end()))?;
        for row in rows {
            let mut line = format!("{:<label$}", row.label);
            if row.label.chars().count() > label {
                writeln!(out, "{}", row.label)?;
                line = " ".repeat(label);
            }
            for (at, _, width) in part {
                let word = row.cells.get(*at).map(|cell| cell.word()).unwrap_or_default();
                line.push_str(&format!("  {word:<width$}"));
            }
            writeln!(out, "{}", line.trim_end())?;
        }
    }
    Ok(())
}

/// Tells of the sources that have no column where they get in.
fn rest(
    out: &mut dyn Write,
    services: &[ServiceRow],
    names: &[String],
    shown: &[usize],
    detail: Detail,
) -> io::Result<()> {
    let (mut several, mut few, mut nowhere) = (Vec::new(), Vec::new(), Vec::new());
    for (at, name) in names.iter().enumerate().filter(|(at, _)| !shown.contains(at)) {
        let services: Vec<(&str, Shade)> = admitted(services, at).collect();
        if services.is_empty() {
            nowhere.push(name.clone());
        } else if services.len() <= FEW || detail.explain || services.len() <= GROUPED {
            let each =
                services.iter().map(|(service, cell)| format!("{service} ({})", cell.word()));
            few.push((name, each.collect::<Vec<_>>().join(", ")));
        } else {
            let states = [CellState::Open, CellState::AnyAccount, CellState::Named];
            let each = states.into_iter().filter_map(|state| {
                let at = services.iter().filter(|(_, cell)| cell.state == state).count();
                (at > 0).then(|| format!("{} at {}", state.name(), count(at, "service")))
            });
            several.push((name, each.collect::<Vec<_>>().join(", ")));
        }
    }
    let parts =
        [("Sources without a column", several), ("Sources that get in at few services only", few)];
    for (title, sources) in parts {
        if sources.is_empty() {
            continue;
        }
        writeln!(out, "\n{}", styled(STRONG, title))?;
        let most = if detail.explain { usize::MAX } else { TOLD };
        for (name, services) in sources.iter().take(most) {
            paragraph(out, &format!("  {name}: "), "    ", services)?;
        }
        let more = sources.len().saturating_sub(most);
        if more > 0 {
            writeln!(out, "  and {}; `--explain` shows all", count(more, "other group"))?;
        }
    }
    if !nowhere.is_empty() {
        writeln!(out, "\n{}", styled(STRONG, "Sources that get in nowhere"))?;
        paragraph(out, "  ", "  ", &super::page::names(&nowhere, detail))?;
    }
    Ok(())
}

/// The names of the columns: the only member of a group, else its class, numbered if several
/// groups are of one class.
fn columns(words: Words<'_>, table: &ExposureAnswer<'_>) -> Vec<String> {
    let mut of_class: HashMap<SourceClass, usize> = HashMap::new();
    for group in &table.sources {
        *of_class.entry(group.class).or_default() += 1;
    }
    let mut seen: HashMap<SourceClass, usize> = HashMap::new();
    table
        .sources
        .iter()
        .map(|group| match group.members.as_slice() {
            [only] => words.sender(only),
            _ if of_class.get(&group.class) == Some(&1) => group.class.name().to_owned(),
            _ => {
                let number = seen.entry(group.class).or_default();
                *number += 1;
                format!("{} {number}", group.class)
            }
        })
        .collect()
}

struct TableRow<'a> {
    label: String,
    cells: &'a [Shade],
}

/// One row a service; in a wide estate, one row for all services that fare alike.
fn rows<'a>(services: &'a [ServiceRow], shown: &[usize], detail: Detail) -> Vec<TableRow<'a>> {
    if detail.explain || services.len() <= GROUPED {
        let row = |own: &'a ServiceRow| TableRow { label: own.service.clone(), cells: &own.cells };
        return services.iter().map(row).collect();
    }
    let mut groups: Vec<(&ServiceRow, usize)> = Vec::new();
    let mut known: HashMap<Vec<Shade>, usize> = HashMap::new();
    for row in services {
        let key = shown.iter().filter_map(|at| row.cells.get(*at).copied()).collect();
        let next = groups.len();
        let at = *known.entry(key).or_insert(next);
        match groups.get_mut(at) {
            Some((_, more)) => *more += 1,
            None => groups.push((row, 0)),
        }
    }
    groups
        .into_iter()
        .map(|(row, more)| {
            let like =
                if more > 0 { format!(" and {}", count(more, "other")) } else { String::new() };
            TableRow { label: format!("{}{like}", row.service), cells: &row.cells }
        })
        .collect()
}

/// Which columns stand beside each other: as many as fit.
fn parts(widths: &[usize], label: usize) -> Vec<std::ops::Range<usize>> {
    let mut parts = Vec::new();
    let (mut start, mut used) = (0, label);
    for (at, width) in widths.iter().enumerate() {
        if used + width + 2 > WIDTH && at > start {
            parts.push(start..at);
            (start, used) = (at, label);
        }
        used += width + 2;
    }
    if start < widths.len() {
        parts.push(start..widths.len());
    }
    parts
}

/// By which entries who gets in; with all details, also what keeps the others out.
fn entries(
    out: &mut dyn Write,
    page: Page<'_>,
    table: &ExposureAnswer<'_>,
    names: &[String],
) -> io::Result<()> {
    let (words, explain) = (page.words, page.detail.explain);
    if table.rows.iter().len() > ENTRIES && !explain {
        let more = "`--explain` shows the entry paths, service by service.";
        return writeln!(out, "\n{}", styled(FAINT, more));
    }
    writeln!(out, "\n{}", styled(STRONG, "Entry paths"))?;
    let mut some = false;
    for row in table.rows.iter() {
        for (cell, name) in row.cells.iter().zip(names) {
            if cell.exposure == CellState::Refused && !explain {
                continue;
            }
            some = true;
            let service = words.resource(row.service);
            let mut line = format!("{service} from {name}: {}", cell.exposure);
            if !cell.named.is_empty() {
                line.push_str(&format!(", {}", page.names(&cell.named)));
            }
            let by = match cell.exposure {
                CellState::Refused => cell.causes.iter().map(ToString::to_string).collect(),
                _ => words.entries(&cell.entries),
            };
            if !by.is_empty() {
                line.push_str(&format!(", by {}", by.join("; ")));
            }
            if !cell.assumptions.is_empty() {
                let ids = cell.assumptions.iter().map(|id| &*words.graph().assumption(*id).id);
                let ids: Vec<&str> = ids.collect();
                line.push_str(&format!(" (assumes {})", ids.join(", ")));
            }
            paragraph(out, "  ", "    ", &line)?;
        }
    }
    if some { Ok(()) } else { writeln!(out, "  none") }
}
