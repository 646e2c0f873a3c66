//! Values written on one line, as YAML that is read back as the same.

use std::fmt::{Display, Formatter, Result, Write as _};

use super::tree::{Node, Value};

/// Words that are no text in some version of YAML.
const RESERVED: &[&str] = &["true", "false", "null", "yes", "no", "on", "off", "y", "n"];

/// A text as YAML: plain where that surely is the text again, else in quotes as JSON has them.
pub fn text(text: &str) -> String {
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
    if is_plain || is_address || is_member { text.to_owned() } else { quoted(text) }
}

/// A text in quotes, as YAML and JSON have them; what does not print is escaped.
pub fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            c if c.is_control() || "\u{2028}\u{2029}\u{feff}\u{fffe}\u{ffff}".contains(c) => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

impl Display for Node {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match &self.value {
            Value::Null => f.write_str("null"),
            Value::Bool(value) => write!(f, "{value}"),
            Value::Integer(value) => write!(f, "{value}"),
            Value::Float(value) if value.is_nan() => f.write_str(".nan"),
            Value::Float(value) if value.is_infinite() => {
                f.write_str(if *value < 0.0 { "-.inf" } else { ".inf" })
            }
            // With the mark of a fraction, so that it is no whole number.
            Value::Float(value) => write!(f, "{value:?}"),
            Value::Text(own) => f.write_str(&text(&own.text)),
            Value::List(items) => {
                f.write_str("[")?;
                for (at, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if at > 0 { ", " } else { "" })?;
                }
                f.write_str("]")
            }
            Value::Map(entries) => {
                f.write_str("{")?;
                for (at, (key, node)) in entries.iter().enumerate() {
                    let comma = if at > 0 { ", " } else { "" };
                    write!(f, "{comma}{}: {node}", text(&key.text))?;
                }
                f.write_str("}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_yaml_would_take_for_something_else_are_quoted() {
        for plain in ["web", "10.0.0.0/24", "user:ana@example.com", "deny(403)", "/api"] {
            assert_eq!(text(plain), plain);
        }
        for quoted in ["", "1.5", "no", "*", "a: b", "2001:db8::/32", "a #b", "~", "10"] {
            assert_eq!(text(quoted), format!("\"{quoted}\""));
        }
        assert_eq!(text("a\"\\\n\u{1}\u{85}é"), r#""a\"\\\n\u0001\u0085é""#);
    }
}
