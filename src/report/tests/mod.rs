//! What answers say: a change of words is seen as a change of a snapshot (`src/report/snapshots`;
//! `INSTA_UPDATE=always cargo test --lib report` writes them).

mod completeness;
mod json;
mod text;
mod topologies;

use indexmap::IndexMap;
use jiff::Timestamp;

use super::{Detail, Places};
use crate::graph::Options;
use crate::import::yaml;
use crate::question::answer::Answer;
use crate::question::{AskError, Model};
use crate::source::testing::shown;
use crate::source::{Files, Findings};
use crate::topology::Topology;
use crate::topology::record::{Decode as _, Decoder};

/// A topology that was read and compiled, with its files.
struct Asked {
    files: Files,
    model: Model,
}

impl Asked {
    /// A text without errors, compiled.
    fn new(text: &str) -> Self {
        let mut files = Files::new();
        let mut findings = Findings::new();
        let node = yaml::read(&mut files, "topology.yaml", text.as_bytes(), &mut findings);
        let topology =
            node.and_then(|node| Topology::decode(&node, &mut Decoder::new(&files, &mut findings)));
        let mut topology = topology.expect("a topology");
        topology.complete();
        crate::validate::check(&topology, &mut findings);
        assert!(!findings.has_errors(), "{}", shown(&files, &findings));
        let options = Options::at(Timestamp::UNIX_EPOCH);
        let model = Model::new(topology, options).expect("nothing is assumed");
        Asked { files, model }
    }

    /// The answer as text without colour.
    fn text(&self, answer: &Answer<'_>, detail: Detail) -> String {
        let addresses = IndexMap::new();
        let places = Places { files: &self.files, addresses: &addresses };
        let mut out = Vec::new();
        let mut plain = anstream::StripStream::new(&mut out);
        super::text::answer(&mut plain, places, answer, detail).expect("a vector takes all");
        String::from_utf8(out).expect("an answer is text")
    }

    /// The answer as JSON.
    fn json(&self, answer: &Answer<'_>) -> serde_json::Value {
        let addresses = IndexMap::new();
        let places = Places { files: &self.files, addresses: &addresses };
        let mut out = Vec::new();
        super::json::answer(&mut out, places, answer).expect("a vector takes all");
        serde_json::from_slice(&out).expect("it is JSON")
    }
}

/// Names as a question takes them.
fn names<const N: usize>(all: [&str; N]) -> Vec<String> {
    all.map(str::to_owned).to_vec()
}

/// A question that can be asked.
fn asked<'a>(answer: Result<Answer<'a>, AskError>) -> Answer<'a> {
    answer.expect("it can be asked")
}
