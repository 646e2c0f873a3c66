//! Findings for people: what is the matter, the text underlined, what to do.

use std::io::{self, Write};
use std::ops::Range;

use annotate_snippets::{
    Annotation, AnnotationKind, Element, Group, Level, Origin, Renderer, Snippet,
    normalize_untrusted_str,
};

use super::layout::{BAD, DOUBT, GOOD, STRONG, WIDTH, count, paragraph, styled, wrap};
use crate::source::{Excerpt, FileId, Files, Finding, Label, Severity};

/// From which length on a line is cut around what is underlined.
const LONG: usize = 400;
/// From how many lines on between the first and the last label each is shown by itself.
const FAR: usize = 1000;
/// How much of a long line is kept on either side.
const AROUND: usize = 40;

/// Writes findings, one below the other, each with an empty line behind it.
pub fn write(out: &mut dyn Write, files: &Files, findings: &[Finding]) -> io::Result<()> {
    let renderer = Renderer::styled().term_width(WIDTH);
    for finding in findings {
        if finding.labels.is_empty() && finding.address.is_none() && finding.resource.is_none() {
            placeless(out, finding)?;
        } else {
            writeln!(out, "{}", renderer.render(&[group(files, finding)]))?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// Writes a message in the style of findings, without a place.
pub fn message(
    out: &mut dyn Write,
    severity: Severity,
    text: &str,
    help: Option<&str>,
) -> io::Result<()> {
    let mut finding = Finding::new("", severity, text);
    finding.help = help.map(str::to_owned);
    placeless(out, &finding)
}

/// Writes a finding that points at nothing.
fn placeless(out: &mut dyn Write, finding: &Finding) -> io::Result<()> {
    let style = match finding.severity {
        Severity::Error => BAD,
        Severity::Warning => DOUBT,
        Severity::Note => GOOD,
    };
    let code = match finding.code {
        "" => String::new(),
        code => format!("[{code}]"),
    };
    let word = styled(style, format!("{}{code}", finding.severity));
    paragraph(out, "", "  ", &format!("{word}: {}", normalize_untrusted_str(&finding.message)))?;
    for (word, text) in [("help", &finding.help), ("note", &finding.note)] {
        if let Some(text) = text {
            let first = format!("  {}: ", styled(STRONG, word));
            paragraph(out, &first, "        ", &normalize_untrusted_str(text))?;
        }
    }
    Ok(())
}

/// `2 errors, 1 warning`, or nothing if there are no findings.
pub fn tally(findings: &[Finding]) -> Option<String> {
    let number = |severity| findings.iter().filter(|own| own.severity == severity).count();
    let parts: Vec<_> = [Severity::Error, Severity::Warning, Severity::Note]
        .into_iter()
        .map(|severity| (number(severity), severity))
        .filter(|(number, _)| *number > 0)
        .map(|(number, severity)| count(number, severity.as_str()))
        .collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// That some lints were not run.
pub fn not_run(lints: usize) -> String {
    let (lints, verbs) =
        (count(lints, "lint"), if lints == 1 { ("asks", "was") } else { ("ask", "were") });
    format!("{lints} that {} the engine {} not run because of errors", verbs.0, verbs.1)
}

fn group<'a>(files: &'a Files, finding: &'a Finding) -> Group<'a> {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let mut title = level.primary_title(&finding.message);
    if !finding.code.is_empty() {
        title = title.id(finding.code);
    }
    let mut elements: Vec<Element<'a>> = Vec::new();
    for file in files_of(&finding.labels) {
        snippets(files, file, &finding.labels, &mut elements);
    }
    if finding.labels.is_empty()
        && let Some(place) = finding.address.as_ref().or(finding.resource.as_ref())
    {
        elements.push(Origin::path(place.as_str()).into());
    }
    let extra = [(Level::HELP, &finding.help), (Level::NOTE, &finding.note)];
    for (level, text) in extra {
        if let Some(text) = text {
            let text = wrap(&normalize_untrusted_str(text), WIDTH - 14).join("\n");
            elements.push(level.message(text).into());
        }
    }
    Group::with_title(title).elements(elements)
}

/// The files that labels point into, the first label's first.
fn files_of(labels: &[Label]) -> Vec<FileId> {
    let mut files = Vec::new();
    for label in labels.iter().filter(|label| label.primary).chain(labels) {
        if !files.contains(&label.span.file) {
            files.push(label.span.file);
        }
    }
    files
}

/// The lines of a file that labels point at, as one snippet, or as one for each label if they stand
/// far apart or a line is too long to be shown.
fn snippets<'a>(
    files: &'a Files,
    file: FileId,
    labels: &'a [Label],
    elements: &mut Vec<Element<'a>>,
) {
    let own: Vec<&Label> = labels.iter().filter(|label| label.span.file == file).collect();
    let is_long = own.iter().any(|label| {
        files.excerpt(label.span).is_some_and(|own| {
            first_line(own.text, 0..0).len() > LONG || own.text.lines().any(|l| l.len() > LONG)
        })
    });
    if is_long {
        own.into_iter().for_each(|label| cut_snippet(files, label, elements));
    } else if excerpt(files, &own).is_some_and(|(_, all)| all.text.lines().nth(FAR).is_some()) {
        own.into_iter().for_each(|label| elements.extend(snippet(files, &[label])));
    } else {
        elements.extend(snippet(files, &own));
    }
}

/// The lines from the first to the last of some labels of a file, and where the first begins.
fn excerpt<'a>(files: &'a Files, labels: &[&Label]) -> Option<(usize, Excerpt<'a>)> {
    let whole = labels.iter().map(|label| label.span).reduce(|all, span| all.to(span))?;
    let excerpt = files.excerpt(whole)?;
    Some((whole.start as usize - excerpt.range.start, excerpt))
}

/// Some labels of a file in one snippet.
fn snippet<'a>(files: &'a Files, labels: &[&'a Label]) -> Option<Element<'a>> {
    let (base, excerpt) = excerpt(files, labels)?;
    let annotations = labels.iter().map(|label| {
        let range = label.span.start as usize - base..label.span.end as usize - base;
        annotation(label, underlined(excerpt.text, range))
    });
    let snippet = Snippet::source(excerpt.text)
        .line_start(excerpt.first_line as usize)
        .path(excerpt.name)
        .annotations(annotations);
    Some(snippet.into())
}

/// One label with what stands near it on its line.
fn cut_snippet<'a>(files: &'a Files, label: &'a Label, elements: &mut Vec<Element<'a>>) {
    let Some(excerpt) = files.excerpt(label.span) else { return };
    let Some(place) = files.line_column(label.span) else { return };
    let range = underlined(excerpt.text, excerpt.range.clone());
    let cut = window(excerpt.text, &range);
    let text = excerpt.text.get(cut.clone()).unwrap_or_default();
    let range = range.start - cut.start..range.end.min(cut.end).max(range.start) - cut.start;
    let (line, column) = (place.line as usize, place.column as usize);
    elements.push(Origin::path(excerpt.name).line(line).char_column(column).into());
    let snippet = Snippet::source(text).line_start(line).annotation(annotation(label, range));
    elements.push(snippet.into());
}

fn annotation(label: &Label, range: Range<usize>) -> Annotation<'_> {
    let kind = if label.primary { AnnotationKind::Primary } else { AnnotationKind::Context };
    let annotation = kind.span(range);
    if label.text.is_empty() { annotation } else { annotation.label(label.text.as_str()) }
}

/// What to underline of a place: no more than its first line.
fn underlined(text: &str, range: Range<usize>) -> Range<usize> {
    let line = first_line(text, range.clone());
    range.start..range.start + line.len()
}

/// The part of a range up to the end of its first line.
fn first_line(text: &str, range: Range<usize>) -> &str {
    let part = text.get(range).unwrap_or_default();
    part.split(['\n', '\r']).next().unwrap_or_default().trim_end()
}

/// The bytes around a range that are shown of a long line.
fn window(text: &str, range: &Range<usize>) -> Range<usize> {
    let boundary = |mut at: usize| {
        while at < text.len() && !text.is_char_boundary(at) {
            at += 1;
        }
        at.min(text.len())
    };
    let start = boundary(range.start.saturating_sub(AROUND));
    let line = text.get(..range.start).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    let end = boundary(range.end.min(range.start + 2 * AROUND) + AROUND);
    let line_end = text.get(range.start..).and_then(|rest| rest.find('\n'));
    start.max(line)..end.min(line_end.map_or(text.len(), |at| range.start + at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Span;

    #[test]
    fn labels_that_stand_far_apart_are_shown_each_by_itself() {
        let mut files = Files::new();
        let text = format!("first: 1\n{}last: 2\n", "x: 0\n".repeat(2 * FAR));
        let end = text.len() as u32;
        let file = files.add("t.yaml", text);
        let finding = Finding::warning("w", "far")
            .label(Span::new(file, 0, 5), "here")
            .label(Span::new(file, end - 8, end - 4), "and there");
        let mut out = Vec::new();
        let mut plain = anstream::StripStream::new(&mut out);
        write(&mut plain, &files, &[finding]).expect("a vector takes everything");
        let shown = String::from_utf8(out).expect("findings are text");
        assert!(shown.contains("   1 | first: 1\n"), "{shown}");
        assert!(shown.contains("::: t.yaml:2002:1\n"), "{shown}");
        assert!(shown.contains("2002 | last: 2\n"), "{shown}");
        assert!(shown.lines().count() < 12, "{shown}");
    }

    fn shown(files: &Files, finding: Finding) -> String {
        let mut out = Vec::new();
        let mut stripped = anstream::StripStream::new(&mut out);
        write(&mut stripped, files, &[finding]).expect("a vector takes everything");
        String::from_utf8(out).expect("findings are text")
    }

    #[test]
    fn a_finding_underlines_and_helps() {
        let mut files = Files::new();
        let file = files.add("topology.yaml", "portolan: 1\nservices:\n  web: {regoin: x}\n");
        let finding = Finding::error("unknown-key", "unknown key `regoin` in a service")
            .at(Span::new(file, 30, 36))
            .help("did you mean `region`?")
            .remark("a note");
        assert_eq!(
            shown(&files, finding),
            "\
error[unknown-key]: unknown key `regoin` in a service
 --> topology.yaml:3:9
  |
3 |   web: {regoin: x}
  |         ^^^^^^
  |
  = help: did you mean `region`?
  = note: a note

"
        );
    }

    #[test]
    fn a_long_line_is_cut_around_the_place() {
        let mut files = Files::new();
        let text = format!("{{{} \"here\": 1, {}}}", "x".repeat(3000), "y".repeat(3000));
        let at = u32::try_from(text.find("\"here").unwrap_or_default()).unwrap_or_default();
        let file = files.add("plan.json", text);
        let finding = Finding::warning("w", "m").label(Span::new(file, at, at + 6), "this");
        let shown = shown(&files, finding);
        assert!(shown.contains("plan.json:1:3003"), "{shown}");
        assert!(shown.contains("^^^^^^ this"), "{shown}");
        assert!(shown.lines().all(|line| line.len() < 200), "{shown}");
    }

    #[test]
    fn two_files_are_both_shown() {
        let mut files = Files::new();
        let (a, b) = (files.add("a.yaml", "web: 1"), files.add("b.yaml", "web: 2"));
        let finding = Finding::error("declared-twice", "`service/web` is declared twice")
            .label(Span::new(b, 0, 3), "declared again here")
            .also(Span::new(a, 0, 3), "first declared here");
        let shown = shown(&files, finding);
        assert!(shown.contains("--> b.yaml:1:1") && shown.contains("::: a.yaml:1:1"), "{shown}");
    }

    #[test]
    fn findings_are_counted_by_severity() {
        let findings =
            [Finding::error("e", "m"), Finding::warning("w", "m"), Finding::error("e", "n")];
        assert_eq!(tally(&findings).as_deref(), Some("2 errors, 1 warning"));
        assert_eq!(tally(&[]), None);
    }
}
