//! What a scalar without quotes means: the core schema of YAML 1.2.

use crate::source::tree::Value;

/// The value of a scalar without quotes, or nothing if it is a text.
pub(super) fn resolve(text: &str) -> Option<Value> {
    match text.as_bytes() {
        [] => Some(Value::Null),
        [b'0'..=b'9' | b'+' | b'-' | b'.', ..] => number(text),
        [b'~' | b'n' | b'N' | b't' | b'T' | b'f' | b'F', ..] => match text {
            "~" | "null" | "Null" | "NULL" => Some(Value::Null),
            "true" | "True" | "TRUE" => Some(Value::Bool(true)),
            "false" | "False" | "FALSE" => Some(Value::Bool(false)),
            _ => None,
        },
        _ => None,
    }
}

fn number(text: &str) -> Option<Value> {
    if let Some(digits) = text.strip_prefix("0x") {
        return radix(digits, 16);
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return radix(digits, 8);
    }
    let (negative, digits) = match text.as_bytes() {
        [b'-', ..] => (true, text.get(1..)?),
        [b'+', ..] => (false, text.get(1..)?),
        _ => (false, text),
    };
    match digits {
        ".inf" | ".Inf" | ".INF" if negative => return Some(Value::Float(f64::NEG_INFINITY)),
        ".inf" | ".Inf" | ".INF" => return Some(Value::Float(f64::INFINITY)),
        ".nan" | ".NaN" | ".NAN" if digits == text => return Some(Value::Float(f64::NAN)),
        _ => {}
    }
    if digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.is_empty() {
        return text.parse().map(Value::Integer).or_else(|_| text.parse().map(Value::Float)).ok();
    }
    // Rust also takes `inf`, `nan` and `infinity`; with digits only, it takes what YAML takes.
    let looks =
        |byte: u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+' | b'-');
    if !digits.bytes().all(looks) || digits.starts_with(['+', '-']) {
        return None;
    }
    text.parse().map(Value::Float).ok()
}

fn radix(digits: &str, radix: u32) -> Option<Value> {
    if digits.starts_with(['+', '-']) {
        return None;
    }
    i64::from_str_radix(digits, radix).map(Value::Integer).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_numbers_are_those_of_the_core_schema() {
        let integer = |value| Some(Value::Integer(value));
        let float = |value| Some(Value::Float(value));
        for (text, expected) in [
            ("", Some(Value::Null)),
            ("~", Some(Value::Null)),
            ("null", Some(Value::Null)),
            ("true", Some(Value::Bool(true))),
            ("FALSE", Some(Value::Bool(false))),
            ("0", integer(0)),
            ("-12", integer(-12)),
            ("+7", integer(7)),
            ("0x1F", integer(31)),
            ("0o17", integer(15)),
            ("123456789012", integer(123_456_789_012)),
            ("1.5", float(1.5)),
            (".5", float(0.5)),
            ("1.", float(1.0)),
            ("-1e3", float(-1000.0)),
            ("-.inf", float(f64::NEG_INFINITY)),
            ("18446744073709551616", float(18_446_744_073_709_551_616.0)),
        ] {
            assert_eq!(resolve(text), expected, "{text}");
        }
        assert!(matches!(resolve(".nan"), Some(Value::Float(number)) if number.is_nan()));
    }

    #[test]
    fn the_rest_is_text() {
        for text in [
            "yes",
            "no",
            "on",
            "off",
            "nul",
            "tRue",
            "-",
            "+",
            ".",
            "..",
            "--1",
            "+-1",
            "1_000",
            "0x",
            "0x-1",
            "inf",
            "nan",
            "-inf",
            "1e",
            "e3",
            "10.0.0.1",
            "10.0.0.0/8",
            "::1",
            "2026-01-02",
            "1:30",
            "-.nan",
            "infinity",
            "5m",
        ] {
            assert_eq!(resolve(text), None, "{text}");
        }
    }
}
