//! Sources by services, as a table.

use std::collections::HashMap;
use std::io::{self, Write};

use super::layout::{FAINT, STRONG, WIDTH, count, paragraph, styled};
use super::{Detail, text};
use crate::question::answer::{Cell, CellState, Exposure, ExposureRow};

/// From how many services on those that fare alike share a row.
const GROUPED: usize = 40;
/// How many services are followed by their ways in.
const WAYS: usize = 20;
/// Up to how many services a source has no column of its own for, if there is no room for all.
const FEW: usize = 3;
/// How wide a cell is.
const CELL: usize = 10;
/// How many groups of sources are told of in words.
const TOLD: usize = 40;
/// How wide the first column may be.
const LABEL: usize = 40;

/// Writes the table, then who is behind its columns, then by which ways they get in.
///
/// If the table is wider than the page, sources that get in almost nowhere are told in words.
pub fn write(out: &mut dyn Write, table: &Exposure<'_>, detail: Detail) -> io::Result<()> {
    let names = columns(table);
    let fares: Vec<Fare> = table.rows.iter().map(Fare::new).collect();
    let mut shown: Vec<usize> = (0..names.len()).collect();
    if shown.iter().filter_map(|at| names.get(*at)).map(|name| name.len() + 2).sum::<usize>()
        > WIDTH - LABEL
    {
        shown.retain(|at| admitted(&fares, *at).nth(FEW).is_some());
    }
    // In a wide estate the rest is told in words, not in tables below each other.
    if fares.len() > GROUPED && !detail.explain {
        let mut used = LABEL;
        shown.retain(|at| {
            used += names.get(*at).map_or(0, |name| name.len().max(CELL) + 2);
            used <= WIDTH
        });
    }
    let rows = rows(&fares, &shown, detail);
    if !shown.is_empty() {
        grid(out, &names, &shown, &rows)?;
    }
    rest(out, &fares, &names, &shown, detail)?;
    if fares.iter().any(|fare| fare.cells.iter().any(|shade| shade.assumed)) {
        writeln!(out, "\n* rests on an assumption")?;
    }
    let with_members = table.sources.iter().zip(&names);
    let legend: Vec<_> =
        with_members.filter(|(group, name)| group.members != [(*name).clone()]).collect();
    if !legend.is_empty() {
        writeln!(out, "\n{}", styled(STRONG, "Sources"))?;
        let most = if detail.explain { usize::MAX } else { TOLD };
        for (group, name) in legend.iter().take(most) {
            paragraph(out, &format!("  {name}: "), "    ", &text::names(&group.members, detail))?;
        }
        let more = legend.len().saturating_sub(most);
        if more > 0 {
            writeln!(out, "  and {}; `--explain` shows all", count(more, "other group"))?;
        }
    }
    ways(out, table, &names, detail)
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
        format!("{}{mark}", self.state.as_str())
    }
}

/// A row without its ways in.
struct Fare {
    service: String,
    cells: Vec<Shade>,
}

impl Fare {
    fn new(row: ExposureRow) -> Self {
        let shade =
            |cell: &Cell| Shade { state: cell.exposure, assumed: !cell.assumptions.is_empty() };
        let cells = row.cells.iter().map(shade).collect();
        Fare { service: row.service, cells }
    }
}

/// The services at which a source gets in, with how.
fn admitted(fares: &[Fare], at: usize) -> impl Iterator<Item = (&str, Shade)> {
    fares
        .iter()
        .filter_map(move |row| Some((row.service.as_str(), *row.cells.get(at)?)))
        .filter(|(_, cell)| cell.state != CellState::Refused)
}

/// Writes the columns that are shown, as many beside each other as fit.
fn grid(
    out: &mut dyn Write,
    names: &[String],
    shown: &[usize],
    rows: &[Row<'_>],
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
    fares: &[Fare],
    names: &[String],
    shown: &[usize],
    detail: Detail,
) -> io::Result<()> {
    let (mut several, mut few, mut nowhere) = (Vec::new(), Vec::new(), Vec::new());
    for (at, name) in names.iter().enumerate().filter(|(at, _)| !shown.contains(at)) {
        let services: Vec<(&str, Shade)> = admitted(fares, at).collect();
        if services.is_empty() {
            nowhere.push(name.clone());
        } else if services.len() <= FEW || detail.explain || fares.len() <= GROUPED {
            let each =
                services.iter().map(|(service, cell)| format!("{service} ({})", cell.word()));
            few.push((name, each.collect::<Vec<_>>().join(", ")));
        } else {
            let states = [CellState::Open, CellState::AnyAccount, CellState::Named];
            let each = states.into_iter().filter_map(|state| {
                let at = services.iter().filter(|(_, cell)| cell.state == state).count();
                (at > 0).then(|| format!("{} at {}", state.as_str(), count(at, "service")))
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
        paragraph(out, "  ", "  ", &text::names(&nowhere, detail))?;
    }
    Ok(())
}

/// The names of the columns: the only member of a group, else its class, numbered if several
/// groups are of one class.
fn columns(table: &Exposure<'_>) -> Vec<String> {
    let mut of_class: HashMap<&str, usize> = HashMap::new();
    for group in &table.sources {
        *of_class.entry(group.class).or_default() += 1;
    }
    let mut seen: HashMap<&str, usize> = HashMap::new();
    table
        .sources
        .iter()
        .map(|group| match group.members.as_slice() {
            [only] => only.clone(),
            _ if of_class.get(group.class) == Some(&1) => group.class.to_owned(),
            _ => {
                let number = seen.entry(group.class).or_default();
                *number += 1;
                format!("{} {number}", group.class)
            }
        })
        .collect()
}

struct Row<'a> {
    label: String,
    cells: &'a [Shade],
}

/// One row a service; in a wide estate, one row for all services that fare alike.
fn rows<'a>(fares: &'a [Fare], shown: &[usize], detail: Detail) -> Vec<Row<'a>> {
    if detail.explain || fares.len() <= GROUPED {
        let row = |own: &'a Fare| Row { label: own.service.clone(), cells: &own.cells };
        return fares.iter().map(row).collect();
    }
    let mut groups: Vec<(&Fare, usize)> = Vec::new();
    let mut known: HashMap<Vec<Shade>, usize> = HashMap::new();
    for row in fares {
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
            Row { label: format!("{}{like}", row.service), cells: &row.cells }
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

/// By which ways who gets in; with all details, also what keeps the others out.
fn ways(
    out: &mut dyn Write,
    table: &Exposure<'_>,
    names: &[String],
    detail: Detail,
) -> io::Result<()> {
    if table.rows.iter().len() > WAYS && !detail.explain {
        return writeln!(
            out,
            "\n{}",
            styled(FAINT, "`--explain` shows the ways in, service by service.")
        );
    }
    writeln!(out, "\n{}", styled(STRONG, "Ways in"))?;
    let mut some = false;
    for row in table.rows.iter() {
        for (cell, name) in row.cells.iter().zip(names) {
            if cell.exposure == CellState::Refused && !detail.explain {
                continue;
            }
            some = true;
            let mut line = format!("{} from {name}: {}", row.service, cell.exposure.as_str());
            if !cell.named.is_empty() {
                line.push_str(&format!(", {}", text::names(&cell.named, detail)));
            }
            if !cell.by.is_empty() {
                line.push_str(&format!(", by {}", cell.by.join("; ")));
            }
            if !cell.assumptions.is_empty() {
                line.push_str(&format!(" (assumes {})", cell.assumptions.join(", ")));
            }
            paragraph(out, "  ", "    ", &line)?;
        }
    }
    if some { Ok(()) } else { writeln!(out, "  none") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::question::answer::SourceGroup;

    fn cell(exposure: CellState) -> Cell {
        let by = vec!["run.app".to_owned()];
        Cell { exposure, by, named: Vec::new(), assumptions: Vec::new() }
    }

    fn table(services: usize, sources: usize) -> Exposure<'static> {
        exposure((0..services).map(|at| row(at, sources)).collect(), sources)
    }

    fn row(at: usize, sources: usize) -> ExposureRow {
        let state = if at == 0 { CellState::Open } else { CellState::Refused };
        ExposureRow { service: format!("service/s{at}"), cells: vec![cell(state); sources] }
    }

    fn exposure(rows: Vec<ExposureRow>, sources: usize) -> Exposure<'static> {
        let group = |at| SourceGroup {
            class: "users",
            members: vec![format!("user/of-a-long-name-{at}"), format!("user/other-{at}")],
        };
        Exposure { sources: (0..sources).map(group).collect(), rows: rows.into() }
    }

    fn shown(table: &Exposure<'_>, detail: Detail) -> String {
        let mut out = Vec::new();
        let mut plain = anstream::StripStream::new(&mut out);
        write(&mut plain, table, detail).expect("a vector takes everything");
        String::from_utf8(out).expect("a table is text")
    }

    #[test]
    fn a_small_table_has_a_row_a_service_and_says_by_which_ways() {
        assert_eq!(
            shown(&table(2, 1), Detail::default()),
            "
            users
service/s0  open
service/s1  refused

Sources
  users: user/of-a-long-name-0 and user/other-0

Ways in
  service/s0 from users: open, by run.app
"
        );
    }

    #[test]
    fn a_wide_estate_is_grouped_and_wrapped() {
        let mut wide: Vec<ExposureRow> = (0..500).map(|at| row(at, 30)).collect();
        for row in wide.iter_mut().take(200) {
            row.cells[1] = cell(CellState::Named);
            row.cells[2] = cell(CellState::Named);
        }
        let wide = exposure(wide, 30);
        let text = shown(&wide, Detail::default());
        assert!(text.contains("\nservice/s0 and 199 others    named only  named only\n"), "{text}");
        assert!(text.contains("\nservice/s200 and 299 others  refused     refused\n"), "{text}");
        assert!(text.contains("  users 30: service/s0 (open)\n"), "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
        let full = shown(&wide, Detail { explain: true, time: false });
        assert!(full.contains("service/s499"));
    }
}
