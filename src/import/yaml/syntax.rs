//! What is wrong with a text that is no YAML.

use serde_yaml::granit_parser::{ErrorKind, ScanError};

use crate::import::yaml::Limits;
use crate::import::yaml::reader::offset;
use crate::source::{FileId, Finding, Span, code};

/// The finding for an error of the parser.
pub(super) fn finding(error: &ScanError, text: &str, file: FileId, limits: Limits) -> Finding {
    let at = error.marker().byte_offset().unwrap_or(text.len());
    let span = visible(text, at, file);
    if matches!(error.kind(), ErrorKind::RecursionLimitExceeded) {
        return too_deep(span, limits);
    }
    let (message, help) = explain(error);
    let span = tab(error.kind(), text, span).unwrap_or(span);
    let finding = code::SYNTAX.finding(message).at(span);
    if help.is_empty() { finding } else { finding.help(help) }
}

/// The tabs before the place, which the parser points behind, or else the first in the indentation
/// of a later line: of text without quotes it points to the beginning.
fn tab(kind: &ErrorKind, text: &str, span: Span) -> Option<Span> {
    let points_behind = match kind {
        ErrorKind::TabInIndentation
        | ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation => true,
        ErrorKind::TabInPlainScalar => false,
        _ => return None,
    };
    let place = span.start as usize;
    let before = text.get(..place).filter(|_| points_behind).unwrap_or_default();
    let before = before.trim_end_matches(' ');
    let start = before.trim_end_matches('\t').len();
    if start < before.len() {
        return Some(Span::new(span.file, offset(start), offset(before.len())));
    }
    let mut line_start = place;
    for line in text.get(place..)?.split_inclusive('\n') {
        let indented = line.trim_start_matches(' ');
        let start = line_start + line.len() - indented.len();
        let tabs = indented.len() - indented.trim_start_matches('\t').len();
        if line_start > place && tabs > 0 {
            return Some(Span::new(span.file, offset(start), offset(start + tabs)));
        }
        line_start += line.len();
    }
    None
}

/// The finding for lists and maps too deep inside each other.
pub(super) fn too_deep(span: Span, limits: Limits) -> Finding {
    let message = format!("lists and maps are more than {} deep inside each other", limits.depth);
    code::TOO_DEEP.finding(message).at(span)
}

/// The word at a place, or one character if no word begins there.
fn visible(text: &str, at: usize, file: FileId) -> Span {
    let start = text.floor_char_boundary(at);
    let rest = text.get(start..).unwrap_or_default();
    let word =
        rest.find(|c: char| c.is_whitespace() || matches!(c, ',' | ':' | '[' | ']' | '{' | '}'));
    let length = match (word, rest.chars().next()) {
        (_, None | Some('\n' | '\r')) => 0,
        (Some(0), Some(first)) => first.len_utf8(),
        (Some(length), _) => length,
        (None, _) => rest.len(),
    };
    Span::new(file, offset(start), offset(start + length))
}

fn explain(error: &ScanError) -> (String, String) {
    use ErrorKind as E;
    let say = |message: &str, help: &str| (message.to_owned(), help.to_owned());
    match error.kind() {
        E::UnclosedFlowCollection { open } => {
            (format!("`{open}` is not closed"), format!("add `{}` at the end", closing(*open)))
        }
        E::MismatchedFlowCollectionEnd { open, close } => {
            (format!("`{open}` is closed by `{close}`"), format!("write `{}`", closing(*open)))
        }
        E::MisplacedFlowCollectionEnd => say("this bracket closes nothing", "remove it"),
        E::UnclosedQuotedScalar => say(
            "the quotes that begin here are not closed",
            "write a quote of the same kind at the end, and `''` for one inside single quotes",
        ),
        E::UnexpectedEofFlowSequence
        | E::UnexpectedEofFlowMapping
        | E::UnexpectedEofImplicitFlowMapping
        | E::UnexpectedEof => say("the file ends before a list or map is closed", ""),
        E::TabInIndentation
        | E::TabNotAllowed
        | E::TabInBlockIndentation
        | E::TabAtBlockScalarStart
        | E::TabInPlainScalar => say("a tab in the indentation", "indent with spaces"),
        E::MappingValueNotAllowed | E::InvalidColonPlacement => say(
            "`:` where no key can be",
            "put text that contains `: ` in quotes, and indent the keys of a map alike",
        ),
        E::ExpectedBlockMappingKey
        | E::InvalidIndentation
        | E::SimpleKeyExpected
        | E::InvalidSimpleKey
        | E::MappingKeyNotAllowed => say(
            "expected a key",
            "a key is followed by `: `, and the keys of a map are indented alike",
        ),
        E::ExpectedBlockSequenceEntry
        | E::BlockSequenceEntryNotAllowed
        | E::InvalidBlockEntryWhitespace => say(
            "expected an item of a list",
            "an item begins with `- `, and the items of a list are indented alike",
        ),
        E::BlockEntryInFlowCollection | E::PlainScalarStartsWithDashFlowIndicator => say(
            "`-` inside brackets",
            "separate items with `,`, and put text that is `-` in quotes",
        ),
        E::ExpectedFlowMappingSeparator => say("expected `,` or `}`", ""),
        E::ExpectedFlowSequenceSeparator => say("expected `,` or `]`", ""),
        E::ExpectedNodeContent => say("expected a value", ""),
        E::ExpectedDocumentStart | E::InvalidDocumentEnd => {
            say("text after the end of the document", "check the indentation and the brackets")
        }
        E::InvalidTrailingSingleQuotedScalar | E::InvalidTrailingDoubleQuotedScalar => say(
            "text after the closing quote",
            "put all of it in the quotes, with `''` for a quote inside single quotes",
        ),
        E::InvalidQuotedScalarIndent | E::InvalidFlowScalarIndent | E::InvalidBlockScalarIndent => {
            say("text that is indented less than it must be", "indent it more than its key")
        }
        E::UnknownQuotedScalarEscape
        | E::InvalidQuotedScalarHexEscape
        | E::InvalidLowSurrogateHexEscape
        | E::InvalidLowSurrogate
        | E::MissingLowSurrogate
        | E::UnpairedLowSurrogate
        | E::InvalidUnicodeEscape => say(
            "`\\` begins no escape that YAML knows",
            "write `\\\\` for a backslash, or use single quotes",
        ),
        E::UnexpectedCharacter { character } => {
            let shown = character.escape_debug();
            (
                format!("unexpected character `{shown}`"),
                "put text that begins with it in quotes".to_owned(),
            )
        }
        E::CommentNotSeparated | E::CommentInterceptedScalar => {
            say("a comment where text goes on", "put text that contains `#` in quotes")
        }
        E::UnknownAnchor => say(
            "an alias of nothing",
            "name a value with `&` before it is repeated with `*`, or put text that begins with `*` in quotes",
        ),
        E::BomInsideDocument => say("a byte order mark inside the text", "remove it"),
        _ => (format!("not YAML: {}", error.info()), String::new()),
    }
}

fn closing(open: char) -> char {
    match open {
        '[' => ']',
        '{' => '}',
        other => other,
    }
}
