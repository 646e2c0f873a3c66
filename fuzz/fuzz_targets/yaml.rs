//! Any bytes are read or refused, within the limits, and every place lies in the text.

#![no_main]

use libfuzzer_sys::fuzz_target;
use portolan::internals::import::yaml;
use portolan::internals::source::tree::Node;
use portolan::internals::source::{Files, Findings, Span};

fn check(span: Span, files: &Files) {
    assert!(files.source(span.file).get(span.range()).is_some(), "{span:?}");
    assert!(files.line_column(span).is_some(), "{span:?}");
    assert!(files.excerpt(span).is_some(), "{span:?}");
}

fn visit(node: &Node, files: &Files) {
    check(node.span, files);
    for item in node.as_list().unwrap_or_default() {
        visit(item, files);
    }
    for (key, value) in node.as_map().unwrap_or_default() {
        check(key.span, files);
        visit(value, files);
    }
}

fuzz_target!(|bytes: &[u8]| {
    let limits = yaml::Limits { nodes: 10_000, aliased: 1_000, ..yaml::Limits::default() };
    let (mut files, mut findings) = (Files::new(), Findings::new());
    let node = yaml::read_within(limits, &mut files, "fuzz.yaml", bytes, &mut findings);
    assert!(node.is_some() || findings.has_errors());
    for label in findings.iter().flat_map(|finding| &finding.labels) {
        check(label.span, &files);
    }
    if let Some(node) = node {
        visit(&node, &files);
    }
});
