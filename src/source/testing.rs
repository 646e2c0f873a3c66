//! What tests of all stages share.

use std::fmt::Write as _;

use crate::source::{CodeInfo, Files, Findings};

/// The findings as text: code and message, then each underlined text, the help and the note.
pub fn shown(files: &Files, findings: &Findings) -> String {
    let mut text = String::new();
    for finding in findings.clone().into_sorted() {
        let _ = writeln!(text, "{}[{}]: {}", finding.severity, finding.code, finding.message);
        for label in &finding.labels {
            let mark = if label.primary { '^' } else { '-' };
            let underlined = files.text(label.span);
            let space = if label.text.is_empty() { "" } else { " " };
            let _ = writeln!(text, "  {mark} {underlined:?}{space}{}", label.text);
        }
        let extra =
            [("help", &finding.help), ("note", &finding.note), ("resource", &finding.resource)];
        for (name, value) in extra {
            if let Some(value) = value {
                let _ = writeln!(text, "  {name}: {value}");
            }
        }
    }
    text
}

/// A text, and what there is to say about it, word for word.
pub struct Case {
    /// The code of the findings that are looked at.
    pub code: &'static str,
    text: Option<&'static str>,
    expected: &'static str,
}

/// What the example of a code gives.
pub const fn example(code: &'static str, expected: &'static str) -> Case {
    Case { code, text: None, expected }
}

/// What another text gives.
pub const fn case(code: &'static str, text: &'static str, expected: &'static str) -> Case {
    Case { code, text: Some(text), expected }
}

/// Checks that the findings about each case are those that it says, where `all` are the codes that
/// `found` can give.
pub fn as_they_should_be<'c>(
    cases: impl IntoIterator<Item = &'c Case>,
    all: &[&'static CodeInfo],
    found: impl Fn(&str) -> (Files, Findings),
) {
    let mut wrong = String::new();
    for (at, case) in cases.into_iter().enumerate() {
        let code = case.code;
        let own = all.iter().find(|info| info.code == code).expect("a code that can be found");
        let (files, findings) = found(case.text.unwrap_or(own.example));
        let found = about(code, &files, findings);
        if found.trim_end() != case.expected.trim() {
            wrong += &format!("case {at}, {code}: expected\n{}\nfound\n{found}\n", case.expected);
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// The findings of one code, as text without severity and code.
fn about(code: &str, files: &Files, findings: Findings) -> String {
    let of_code: Findings = findings.into_iter().filter(|finding| finding.code == code).collect();
    let lines = shown(files, &of_code);
    let heads =
        [format!("error[{code}]: "), format!("warning[{code}]: "), format!("note[{code}]: ")];
    let mut plain = String::new();
    for line in lines.lines() {
        let head = heads.iter().find_map(|head| line.strip_prefix(head.as_str()));
        plain.push_str(head.unwrap_or(line));
        plain.push('\n');
    }
    plain
}
