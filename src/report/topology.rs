//! A topology as it was understood: as YAML that can be read again, and as JSON.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::layout::{FAINT, WIDTH, styled, visible};
use super::{ENGINE_VERSION, FORMAT_VERSION};
use crate::rules;
use crate::topology::record::{Shown, ShownEntry, Source};

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
        Source::Written => {}
        Source::Default => defaults.push(path.to_owned()),
        Source::Unknown => unknowns.push(path.to_owned()),
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
                if entry.source == Source::Written {
                    collect(&entry.value, &path, tell);
                }
            }
        }
    }
}

fn entry(out: &mut dyn Write, entry: &ShownEntry, depth: usize) -> io::Result<()> {
    let key = format!("{}{}:", "  ".repeat(depth), scalar_text(&entry.key));
    let note = match entry.source {
        Source::Written => String::new(),
        Source::Default => format!("  {}", styled(FAINT, "# default")),
        Source::Unknown => format!("  {}", styled(FAINT, "# not known")),
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
        Shown::Map(_) if entry.source == Source::Unknown => Some(flow(&entry.value)),
        Shown::Map(_) => None,
    }
}

fn has_defaults(shown: &Shown) -> bool {
    match shown {
        Shown::Scalar(_) => false,
        Shown::List(items) => items.iter().any(has_defaults),
        Shown::Map(entries) => entries
            .iter()
            .any(|entry| entry.source != Source::Written || has_defaults(&entry.value)),
    }
}

/// A value in flow style, on one line.
fn flow(shown: &Shown) -> String {
    match shown {
        Shown::Scalar(Value::String(text)) => scalar_text(text),
        Shown::Scalar(value) => value.to_string(),
        Shown::List(items) => {
            format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", "))
        }
        Shown::Map(entries) => {
            let each =
                |entry: &ShownEntry| format!("{}: {}", scalar_text(&entry.key), flow(&entry.value));
            format!("{{{}}}", entries.iter().map(each).collect::<Vec<_>>().join(", "))
        }
    }
}

/// A text as YAML: plain where that surely is the text again, else in quotes as JSON has them.
fn scalar_text(text: &str) -> String {
    let is_plain = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_./@+()".contains(c))
        && !RESERVED.contains(&text.to_ascii_lowercase().as_str());
    let is_address = text.contains(['.', '/'])
        && text.chars().all(|c| c.is_ascii_digit() || c == '.' || c == '/')
        && text.matches('.').count() == 3;
    // A member such as `user:ana@example.com`: a colon inside a word is plain.
    let is_member = text.split_once(':').is_some_and(|(kind, name)| {
        [kind, name].iter().all(|part| {
            part.starts_with(|c: char| c.is_ascii_alphabetic())
                && part.chars().all(|c| c.is_ascii_alphanumeric() || "-_.@".contains(c))
        })
    });
    if is_plain || is_address || is_member {
        return text.to_owned();
    }
    Value::from(text).to_string()
}

/// Words that are no text in some version of YAML.
const RESERVED: &[&str] = &["true", "false", "null", "yes", "no", "on", "off", "y", "n"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_yaml_would_take_for_something_else_are_quoted() {
        for plain in ["web", "10.0.0.0/24", "user:ana@example.com", "deny(403)", "/api"] {
            assert_eq!(scalar_text(plain), plain);
        }
        for quoted in ["", "1.5", "no", "*", "a: b", "2001:db8::/32", "a #b", "~", "10"] {
            assert_eq!(scalar_text(quoted), format!("\"{quoted}\""));
        }
    }
}
