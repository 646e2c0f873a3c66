//! What the library answers.

use std::net::IpAddr;

use jiff::Timestamp;
use portolan::internals::graph::{Outcome, Request, Source};
use portolan::internals::solve::{Extra, Layout, Solver};
use portolan::internals::walk::{WalkTrace, Walker};
use portolan::{Description, Model, Premises, Protocol, Trace};

use crate::random::Random;

pub struct Engine {
    model: Model,
}

/// A walk, in words.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Walk {
    /// Kinds of hops, with what they belong to.
    pub steps: Vec<(String, String, String)>,
    /// `delivered vm/db`, `dropped CAUSE`, ...
    pub end: String,
}

impl Engine {
    /// Nothing if the topology has errors.
    pub fn read(text: &str, at: Timestamp) -> Result<Engine, String> {
        let loaded = Description::new().text("topology.yaml", text).load();
        let errors = || {
            let found = loaded.findings().iter();
            found.map(|own| format!("{}: {}", own.code, own.message)).collect::<Vec<_>>().join("; ")
        };
        if !loaded.is_usable() {
            return Err(errors());
        }
        let model = loaded.compile_with(Premises::new().at(at));
        model.map(|model| Engine { model }).map_err(|error| error.to_string())
    }

    fn source(&self, name: &str) -> Option<&Source> {
        let graph = &self.model.graph;
        graph.sources.iter().find(|own| graph.resource(own.resource).to_string() == name)
    }

    /// Walks to an address, under random assumptions and choices. None if the sender cannot send
    /// such a request.
    pub fn walks(
        &self,
        random: &mut Random,
        (sender, source_address): (&str, Option<IpAddr>),
        (to, protocol, port): (IpAddr, &str, u16),
        count: usize,
    ) -> Vec<Walk> {
        let graph = &self.model.graph;
        let Some(source) = self.source(sender) else { return Vec::new() };
        let mut extra = Extra { destinations: vec![to.into()], ..Extra::default() };
        extra.sources.extend(source_address.map(ipnet::IpNet::from));
        let mut solver = Solver::within(graph, Layout::new(graph, &extra).into());
        let sent = solver.sent(source);
        let there = solver.destination(to);
        let sent = solver.sets.and(sent, there);
        let Some(point) = solver.sets.witness(sent) else { return Vec::new() };
        let mut first = solver.layout.request(&point);
        first.destination = to;
        if let Some(address) = source_address {
            first.source = address;
        }
        first.protocol = match protocol {
            "udp" => Protocol::Udp,
            _ => Protocol::Tcp,
        };
        first.port = port;
        first.https = port == 443;
        let walker = Walker::new(graph);
        let mut walks = Vec::new();
        for _ in 0..count {
            let mut request: Request = first.clone();
            request.assumptions = graph.assumptions.iter().map(|_| random.percent(50)).collect();
            let branches = graph.choices.iter().map(|each| each.branches.len());
            request.choices = branches.map(|most| random.below(most.max(1)) as u32).collect();
            if walker.can_send(source, &request) {
                walks.push(self.walk(&walker.walk_from(source, &request)));
            }
        }
        walks.sort();
        walks.dedup();
        walks
    }

    fn walk(&self, trace: &WalkTrace) -> Walk {
        let graph = &self.model.graph;
        let step = |step: &portolan::internals::walk::Step| {
            let hop = graph.hop(step.hop);
            let words = format!("{:?} {:?}", step.note, step.action);
            (graph.resource(hop.resource).to_string(), format!("{:?}", hop.kind), words)
        };
        let steps: Vec<_> = trace.steps.iter().map(step).collect();
        let end = match trace.outcome.map(|id| graph.outcome(id)) {
            None => "looped".into(),
            Some(Outcome::Delivered { to }) => format!("delivered {}", graph.resource(*to)),
            Some(Outcome::Unanswered { cause }) => format!("unanswered {cause:?}"),
            Some(Outcome::Dropped { cause }) => format!("dropped {}", cause.name()),
            Some(Outcome::Aborted { cause }) => format!("aborted {}", cause.name()),
            Some(other) => format!("{other:?}"),
        };
        Walk { steps, end }
    }

    /// What a name means to a workload: the answer, and who gives it.
    pub fn resolved(&self, sender: &str, name: &str) -> Option<(String, String)> {
        let answer = Trace::from(sender).url(format!("https://{name}/")).ask(&self.model).ok()?;
        let json: serde_json::Value = serde_json::from_str(&answer.to_json()).ok()?;
        let resolved = &json["paths"][0]["resolved"];
        let text = |key: &str| resolved[key].as_str().unwrap_or_default().to_owned();
        Some((text("answer"), text("by")))
    }
}

impl Walk {
    pub fn text(&self) -> String {
        let steps: String = self
            .steps
            .iter()
            .map(|(resource, kind, words)| format!("    {resource} {kind} {words}\n"))
            .collect();
        format!("  engine: {}\n{steps}", self.end)
    }
}
