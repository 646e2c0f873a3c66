//! Tests of findings about a topology, errors among them: the example of every code, further cases, the runnable examples, and no panics.

mod cases;
mod codes;
mod filter_cases;
mod hybrid_cases;
mod network_cases;
mod properties;
mod psc_cases;
mod topologies;
mod unreached;

use super::{CODES, of_text};
use crate::import::yaml;
use crate::source::testing::shown;
use crate::source::{CodeInfo, Files, Findings, code as reading};
use crate::topology::Topology;
use crate::topology::record::{Decode, Decoder};
use crate::{lint::unreached as solved, validate};

/// The codes that a text can show without being solved.
fn all() -> impl Iterator<Item = &'static CodeInfo> {
    let solved = |info: &&CodeInfo| !solved::CODES.contains(info);
    reading::CODES.iter().chain(validate::CODES).chain(CODES.iter().filter(solved))
}

/// One of them.
fn code(code: &str) -> Option<&'static CodeInfo> {
    all().find(|info| info.code == code)
}

/// All findings about a text: of reading it, and of the checks if it can be decoded.
fn found(text: &str) -> (Files, Findings) {
    let mut files = Files::new();
    let mut findings = Findings::new();
    let node = yaml::read(&mut files, "topology.yaml", text.as_bytes(), &mut findings);
    let topology =
        node.and_then(|node| Topology::decode(&node, &mut Decoder::new(&files, &mut findings)));
    if let Some(mut topology) = topology {
        topology.complete();
        validate::check(&topology, &mut findings);
        of_text(&topology, &[], &mut findings);
    }
    (files, findings)
}

/// The findings of one code about a text, as text without severity and code.
fn about(code: &str, text: &str) -> String {
    let (files, findings) = found(text);
    let of_code: Findings = findings.into_iter().filter(|finding| finding.code == code).collect();
    let lines = shown(&files, &of_code);
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
