//! A topology, read and compiled.

use jiff::Timestamp;
use portolan::Model;
use portolan::internals::graph::{HopId, Options, Outcome, OutcomeId, Request, Source};
use portolan::internals::import::{Document, load};
use portolan::internals::walk::WalkTrace;

pub struct Case {
    pub model: Model,
}

impl std::ops::Deref for Case {
    type Target = Model;

    fn deref(&self) -> &Model {
        &self.model
    }
}

impl Case {
    pub fn read(text: &str) -> Result<Case, String> {
        // It is not validated: behaviour is defined for what Google's API would refuse, too.
        let reading = load([Document { name: "topology.yaml".into(), bytes: text.into() }]);
        if let Some(finding) = reading.findings.iter().next() {
            return Err(format!("the topology does not decode: {}", finding.message));
        }
        let topology = reading.topology.ok_or("the topology is empty")?;
        let at: Timestamp =
            "2026-11-23T00:00:00Z".parse().map_err(|error| format!("a time: {error}"))?;
        let model = Model::new(topology.into(), reading.places.into(), Options::at(at));
        Ok(Case { model: model.map_err(|error| error.message)? })
    }

    /// The source of that name.
    pub fn source(&self, name: &str) -> Option<&Source> {
        self.graph.sources.iter().find(|source| self.name(source) == name)
    }

    pub fn name(&self, source: &Source) -> String {
        self.graph.resource(source.resource).to_string()
    }

    /// An outcome in words that do not depend on indices.
    pub fn outcome(&self, id: Option<OutcomeId>) -> String {
        match id.map(|id| self.graph.outcome(id)) {
            None => "none".into(),
            Some(Outcome::Delivered { to }) => format!("delivered {}", self.graph.resource(*to)),
            Some(Outcome::Redirected { status, location }) => {
                format!("redirected {status} {}", location.as_deref().unwrap_or(""))
            }
            Some(Outcome::Refused { cause, status }) => format!("refused {cause} {status}"),
            Some(Outcome::Unanswered { cause }) => format!("unanswered {cause}"),
            Some(Outcome::Dropped { cause }) => format!("dropped {}", cause.name()),
            Some(Outcome::Aborted { cause }) => format!("aborted {}", cause.name()),
        }
    }

    pub fn hop(&self, id: HopId) -> String {
        let hop = self.graph.hop(id);
        format!("#{} {} {}", id.index(), self.graph.resource(hop.resource), hop.kind)
    }

    pub fn hops(&self, hops: impl IntoIterator<Item = HopId>) -> String {
        hops.into_iter().map(|hop| format!("    {}\n", self.hop(hop))).collect()
    }

    pub fn trace(&self, trace: &WalkTrace) -> String {
        let mut text = String::new();
        for step in &trace.steps {
            let (hop, action) = (self.hop(step.hop), step.action.name());
            text += &format!("    {hop}: {action} {:?}", step.note);
            if step.outcome.is_some() {
                text += &format!(" [{}]", self.outcome(step.outcome));
            }
            for changed in &step.changed {
                text += &format!(" {} := {:?}", changed.field.name(), changed.after);
            }
            text += "\n";
        }
        text + &format!("    outcome: {}\n", self.outcome(trace.outcome))
    }

    /// A request with names in place of indices.
    pub fn request(&self, request: &Request) -> String {
        let identities = &self.graph.identities;
        let principal = identities.principals().get(request.principal as usize);
        let credential = identities.credentials().get(request.credential as usize);
        format!("{request:?}\n    as {principal:?} with {credential:?}")
    }
}
