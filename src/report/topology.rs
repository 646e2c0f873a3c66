//! A topology as it was understood: as YAML that can be read again, and as JSON.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::layout::{FAINT, WIDTH, styled, visible};
use super::{ENGINE_VERSION, FORMAT_VERSION};
use crate::rules;
use crate::source::flow;
use crate::topology::record::{Shown, ShownEntry, ValueSource};

/// Writes a topology as YAML, with a comment at every value that is not written or not known.
pub fn text(out: &mut dyn Write, topology: &Shown) -> io::Result<()> {
    for entry in topology.entries() {
        self::entry(out, entry, 0)?;
    }
    Ok(())
}

/// Writes a topology as JSON, with the paths of what is a default or not known.
pub fn json(out: &mut dyn Write, topology: &Shown) -> io::Result<()> {
    let (mut defaults, mut unknowns) = (Vec::new(), Vec::new());
    collect(topology, "", &mut |path, entry| match entry.source {
        ValueSource::Written => {}
        ValueSource::Default => defaults.push(path.to_owned()),
        ValueSource::Unknown => unknowns.push(path.to_owned()),
    });
    let value = json!({
        "format_version": FORMAT_VERSION,
        "engine_version": ENGINE_VERSION,
        "rules_version": rules::VERSION,
        "topology": topology.to_json(),
        "defaults": defaults,
        "unknowns": unknowns,
    });
    serde_json::to_writer_pretty(&mut *out, &value)?;
    writeln!(out)
}

fn collect(shown: &Shown, path: &str, tell: &mut impl FnMut(&str, &ShownEntry)) {
    match shown {
        Shown::Scalar(_) => {}
        Shown::List(items) => {
            for (at, item) in items.iter().enumerate() {
                collect(item, &format!("{path}[{at}]"), tell);
            }
        }
        Shown::Map(entries) => {
            for entry in entries {
                let path = match path {
                    "" => entry.key.clone(),
                    path => format!("{path}.{}", entry.key),
                };
                tell(&path, entry);
                if entry.source == ValueSource::Written {
                    collect(&entry.value, &path, tell);
                }
            }
        }
    }
}

fn entry(out: &mut dyn Write, entry: &ShownEntry, depth: usize) -> io::Result<()> {
    let key = format!("{}{}:", "  ".repeat(depth), flow::text(&entry.key));
    let note = match entry.source {
        ValueSource::Written => String::new(),
        ValueSource::Default => format!("  {}", styled(FAINT, "# default")),
        ValueSource::Unknown => format!("  {}", styled(FAINT, "# not known")),
    };
    if let Some(line) = one_line(entry, visible(&key) + visible(&note)) {
        return writeln!(out, "{key} {line}{note}");
    }
    writeln!(out, "{key}{note}")?;
    match &entry.value {
        Shown::Map(entries) => {
            entries.iter().try_for_each(|entry| self::entry(out, entry, depth + 1))
        }
        Shown::List(items) => items.iter().try_for_each(|item| self::item(out, item, depth + 1)),
        Shown::Scalar(_) => Ok(()),
    }
}

fn item(out: &mut dyn Write, item: &Shown, depth: usize) -> io::Result<()> {
    let indent = "  ".repeat(depth);
    let entries = match item {
        Shown::Map(entries) if has_defaults(item) || flow(item).len() + indent.len() > WIDTH => {
            entries
        }
        _ => return writeln!(out, "{indent}- {}", flow(item)),
    };
    // The first key stands behind the dash, the others below it.
    let mut lines = Vec::new();
    for entry in entries {
        self::entry(&mut lines, entry, depth + 1)?;
    }
    let lines = String::from_utf8_lossy(&lines);
    let rest = lines.strip_prefix(&format!("{indent}  ")).unwrap_or(&lines);
    write!(out, "{indent}- {rest}")
}

/// A value that fits on a line and has no defaults inside: scalars, short lists, what is not known.
fn one_line(entry: &ShownEntry, used: usize) -> Option<String> {
    let fits = |text: &String| used + 1 + text.chars().count() <= WIDTH;
    match &entry.value {
        Shown::Scalar(_) => Some(flow(&entry.value)),
        Shown::List(items) => {
            let is_plain = items.iter().all(|item| matches!(item, Shown::Scalar(_)));
            Some(flow(&entry.value)).filter(|text| is_plain && fits(text))
        }
        Shown::Map(entries) if entries.is_empty() => Some("{}".to_owned()),
        Shown::Map(_) if entry.source == ValueSource::Unknown => Some(flow(&entry.value)),
        Shown::Map(_) => None,
    }
}

fn has_defaults(shown: &Shown) -> bool {
    match shown {
        Shown::Scalar(_) => false,
        Shown::List(items) => items.iter().any(has_defaults),
        Shown::Map(entries) => entries
            .iter()
            .any(|entry| entry.source != ValueSource::Written || has_defaults(&entry.value)),
    }
}

/// A value in flow style, on one line.
fn flow(shown: &Shown) -> String {
    match shown {
        Shown::Scalar(Value::String(text)) => flow::text(text),
        Shown::Scalar(value) => value.to_string(),
        Shown::List(items) => {
            format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", "))
        }
        Shown::Map(entries) => {
            let each =
                |entry: &ShownEntry| format!("{}: {}", flow::text(&entry.key), flow(&entry.value));
            format!("{{{}}}", entries.iter().map(each).collect::<Vec<_>>().join(", "))
        }
    }
}
