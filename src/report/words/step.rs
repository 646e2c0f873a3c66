//! What happens at a hop, as a step of a Connectivity Test says it.

use super::kind::{Admits, is_itself, kind};
use super::note::line_noun;
use super::{Words, answerer, capital, credential};
use crate::graph::names::shown;
use crate::graph::{HopKind, NameAnswer, Origin, Reply, Request, ResourceId, ResourceKind};
use crate::question::answer::{Note, Path, PathHop, Resolved, Stops};
use crate::walk::{Changed, CurrentField, CurrentValue, StepAction, StepNote as Walked};

/// Everything that a hop does to a request.
pub const ACTIONS: [StepAction; 10] = [
    StepAction::Admit,
    StepAction::Refuse,
    StepAction::Redirect,
    StepAction::Route,
    StepAction::Rewrite,
    StepAction::Choose,
    StepAction::Deliver,
    StepAction::Drop,
    StepAction::Abort,
    StepAction::LoseReply,
];

impl Words<'_> {
    /// A hop within a sentence: `ingress setting of service/web`, `security_policy/edge`.
    pub fn place(self, hop: &PathHop) -> String {
        let resource = self.graph().resource(hop.resource);
        if is_itself(hop.kind, resource.kind) && hop.kind != HopKind::UrlMap {
            return resource.to_string();
        }
        let noun = kind(hop.kind, resource.kind).noun;
        if resource.id.is_empty() { noun.into() } else { format!("{noun} of {resource}") }
    }

    /// A hop at the beginning of a line: `Ingress setting of service/web`, `Security policy edge`.
    fn subject(self, hop: &PathHop) -> String {
        let resource = self.graph().resource(hop.resource);
        let noun = capital(kind(hop.kind, resource.kind).noun);
        if let Some(line) = self.line_of(hop) {
            return format!("{line} of {resource}");
        }
        // What is Google's, for whoever sends.
        if resource.id.is_empty() || hop.kind == HopKind::SharedPool {
            noun
        } else if is_itself(hop.kind, resource.kind) {
            format!("{noun} {}", resource.id)
        } else {
            format!("{noun} of {resource}")
        }
    }

    /// The line of a site that a hop is: `VPN tunnel tokyo`.
    pub fn line_of(self, hop: &PathHop) -> Option<String> {
        let id = &self.graph().resource(hop.resource).id;
        let site = self.model.topology.onprem.get(id).filter(|_| hop.kind == HopKind::Line)?;
        let line = site.each_line().into_iter().find(|line| line.name_at == hop.at)?;
        let name = line.name.map_or_else(String::new, |name| format!(" {name}"));
        Some(format!("{}{name}", line_noun(line.kind)))
    }

    /// Where a hop leads, as seen from it.
    fn target(self, hop: &PathHop, next: &PathHop) -> String {
        let resource = self.graph().resource(next.resource);
        if next.resource == hop.resource || resource.id.is_empty() {
            match (hop.kind, next.kind) {
                (HopKind::UrlMap, HopKind::UrlMap) => "path matcher".into(),
                (HopKind::Tls, HopKind::Tls) => "redirect to HTTPS".into(),
                _ => kind(next.kind, resource.kind).noun.into(),
            }
        } else {
            resource.to_string()
        }
    }

    /// What happens at one of some hops of a path.
    pub fn step(self, path: &Path, hops: &[PathHop], at: usize) -> String {
        let Some(hop) = hops.get(at) else { return String::new() };
        let next = hops.get(at + 1);
        let mut text = self.happens(path, hop, next, at);
        for changed in &hop.changes {
            let start = if text.contains(": ") || text.contains(" → ") { "; " } else { ": " };
            text.push_str(&format!("{start}{}", self.changed(changed)));
        }
        if let Some(stops) = &hop.stops
            && !hop.action.is_some_and(StepAction::stops)
            && hop.action != Some(StepAction::LoseReply)
        {
            text.push_str(&format!("; {}", stopping(stops)));
        }
        text
    }

    fn happens(self, path: &Path, hop: &PathHop, next: Option<&PathHop>, at: usize) -> String {
        let subject = self.subject(hop);
        let Some(action) = hop.action else { return subject };
        let (note, by) = (self.note(hop), self.by(hop));
        let is_reply = matches!(hop.note, Note::Reply(_));
        let causes = match &hop.stops {
            Some(stops) => format!(" ({})", names(stops)),
            None => String::new(),
        };
        match action {
            _ if is_reply && (action.stops() || action == StepAction::LoseReply) => {
                format!("{subject}: the reply is lost{causes}")
            }
            StepAction::Deliver => format!("arrived at {}", self.resource(hop.resource)),
            StepAction::Admit | StepAction::Route | StepAction::Drop
                if hop.kind == HopKind::Dns =>
            {
                match (&path.resolved, note.as_str()) {
                    (Some(resolved), _) => format!("{}{causes}", self.resolved(resolved)),
                    (None, "") => format!("{subject}{causes}"),
                    (None, note) => format!("{subject}: {note}{causes}"),
                }
            }
            StepAction::Admit | StepAction::Rewrite if is_reply => match &hop.note {
                Note::Reply(Reply::Translation) => subject,
                _ => format!("{subject}: {note}"),
            },
            StepAction::Admit => match kind(hop.kind, self.resource_kind(hop.resource)).admits {
                Admits::Checked(result) => format!("{subject}: {result}{by}"),
                Admits::Leads => self.leads(path, hop, next, at),
            },
            StepAction::Route => self.routes(path, hop, next, at),
            StepAction::Rewrite if hop.changes.is_empty() => self.leads(path, hop, next, at),
            StepAction::Rewrite => subject,
            StepAction::Choose => format!("{subject}: {note}"),
            StepAction::Refuse => format!("{subject}: refused{by}{causes}"),
            StepAction::Redirect => format!("{subject}: redirected{by}"),
            StepAction::Drop => format!("{subject}: dropped{by}{causes}"),
            StepAction::Abort => format!("{subject}: not sent{causes}"),
            StepAction::LoseReply => format!("{subject}: the reply is lost{causes}"),
        }
    }

    /// That a hop leads on.
    fn leads(self, path: &Path, hop: &PathHop, next: Option<&PathHop>, at: usize) -> String {
        let subject = self.subject(hop);
        let entry = self.graph().hop(hop.id).entry;
        let subject = match (hop.kind, entry) {
            (HopKind::FrontEnd, _) => match self.port(path, at) {
                Some(port) => format!("{subject}:{port}"),
                None => subject,
            },
            (HopKind::Route, Some(entry)) => {
                let entry = self.entry(entry);
                let rule = entry.split_once(' ').map_or(entry.as_str(), |(_, rule)| rule);
                format!("Path rule {rule}")
            }
            _ => subject,
        };
        match next {
            Some(next) => format!("{subject} → {}", self.target(hop, next)),
            None => subject,
        }
    }

    /// That a switch sends a request on.
    fn routes(self, path: &Path, hop: &PathHop, next: Option<&PathHop>, at: usize) -> String {
        let matched = match &hop.note {
            Note::NextHop { range, resource, kind } => {
                return self.route(hop, range, *resource, *kind);
            }
            Note::Reply(reply) => {
                let subject = self.subject(hop);
                return match reply {
                    Reply::Route => format!("{subject} → {}", self.note(hop)),
                    _ => format!("{subject}: {}", self.note(hop)),
                };
            }
            Note::Walked(note, _) => self.matched(note),
            Note::ImpliedRule => None,
        };
        let Some(matched) = matched else { return self.leads(path, hop, next, at) };
        let to = next.map_or_else(String::new, |next| format!(" → {}", self.target(hop, next)));
        match hop.kind {
            HopKind::Destination => match request(path) {
                Some(request) => format!("Destination {}{to}", self.address(request.destination)),
                None => format!("Destination {matched}{to}"),
            },
            HopKind::Names => match request(path) {
                Some(request) if hop.note == Note::Walked(Walked::AnyOtherHost, None) => {
                    format!("Host {}: not known", shown(&request.host))
                }
                Some(request) => format!("Host {}{to}", shown(&request.host)),
                None => format!("{}{to}", capital(&matched)),
            },
            _ => format!("{}: {matched}{to}", self.subject(hop)),
        }
    }

    /// A route with its next hop: `Route default (0.0.0.0/0) → internet gateway`.
    fn route(
        self,
        hop: &PathHop,
        range: &Walked,
        resource: ResourceId,
        own: Option<HopKind>,
    ) -> String {
        let resource = self.graph().resource(resource);
        let words = self.matched(range).unwrap_or_default();
        let everything = matches!(range, Walked::Destination(range) if range.prefix_len() == 0);
        if own == Some(HopKind::NoRoute) {
            return format!("Routes of {}: none matches", self.resource(hop.resource));
        }
        let to = match own {
            Some(own) => kind(own, resource.kind).noun.to_owned(),
            None => resource.to_string(),
        };
        match resource.kind {
            ResourceKind::Route => format!("Route {} ({words})", resource.id),
            _ if everything && own == Some(HopKind::InternetGateway) => {
                format!("Route default ({words}) → {to}")
            }
            _ => format!("Route {words} → {to}"),
        }
    }

    /// The port at a hop of a path: that of the request, unless a proxy has connected to another.
    fn port(self, path: &Path, at: usize) -> Option<u16> {
        let changes = path.hops.iter().take(at).flat_map(|hop| &hop.changes);
        let mut changed = changes.filter_map(|changed| match changed.after {
            CurrentValue::Port(port) => Some(port),
            _ => None,
        });
        changed.next_back().or(request(path).map(|request| request.port))
    }

    /// What a name resolves to: `DNS: api.partner.example is 198.51.100.20 (public)`.
    pub fn resolved(self, resolved: &Resolved) -> String {
        let Resolved { name, answer, by, .. } = resolved;
        let (words, by) = (self.answer(answer), answerer(by));
        let name = shown(name);
        match answer {
            NameAnswer::Addresses(_) | NameAnswer::Unknown => {
                format!("DNS: {name} is {words} ({by})")
            }
            NameAnswer::Nonexistent | NameAnswer::NoAddress | NameAnswer::Unanswered => {
                format!("DNS: {name} does not resolve: {words} ({by})")
            }
        }
    }

    /// A field that a hop changes: `source address: 10.0.0.1 → 203.0.113.10`.
    fn changed(self, changed: &Changed) -> String {
        let (before, after) = self.change(changed);
        match changed.field {
            CurrentField::Origin => format!("comes from {after} now (before: {before})"),
            field => format!("{} {before} → {after}", field.name()),
        }
    }

    /// The values of a field that a hop changes: before, and after.
    pub fn change(self, changed: &Changed) -> (String, String) {
        let words = |value: &CurrentValue| match value {
            CurrentValue::Origin(origin) => self.origin(*origin),
            CurrentValue::Class(class) if changed.field == CurrentField::Principal => {
                let all = self.graph().identities.principals();
                all.get(*class as usize).map_or_else(String::new, |own| own.name())
            }
            CurrentValue::Class(class) => {
                let all = self.graph().identities.credentials();
                let own = all.get(*class as usize);
                own.map_or_else(String::new, |own| credential(self.model, own))
            }
            CurrentValue::Address(address) => self.address(*address),
            CurrentValue::Text(text) => text.to_string(),
            CurrentValue::Port(port) => port.to_string(),
        };
        (words(&changed.before), words(&changed.after))
    }

    /// Where a leg of a path comes from.
    fn origin(self, origin: Origin) -> String {
        let topology = &self.model.topology;
        match origin {
            Origin::Internet => "the internet".into(),
            Origin::Serverless => "Cloud Run".into(),
            Origin::Network(id) => format!("network/{}", topology.networks.key(id)),
            Origin::AnyNetwork => "a network".into(),
            Origin::Product(id) => format!("Google products of {}", topology.projects.key(id)),
            Origin::LoadBalancer { id, .. } => {
                format!("load_balancer/{}", topology.load_balancers.key(id))
            }
        }
    }
}

/// The request that a path shows.
pub fn request(path: &Path) -> Option<&Request> {
    let witness = path.requests.witness.as_ref().map(|witness| &*witness.request);
    witness.or(path.requests.single.as_deref())
}

/// The causes of what a gate stops.
fn names(stops: &Stops) -> String {
    let names: Vec<&str> = stops.causes.iter().map(|cause| cause.name()).collect();
    names.join(", ")
}

/// What a gate stops: `stops some requests (IAP_DENIED)`.
pub fn stopping(stops: &Stops) -> String {
    let which = if stops.all { "all" } else { "some" };
    format!("stops {which} requests ({})", names(stops))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_has_its_name_once() {
        let names: std::collections::BTreeSet<_> =
            ACTIONS.iter().map(|action| action.name()).collect();
        assert_eq!(names.len(), ACTIONS.len());
        // A new one must be added above.
        for action in ACTIONS {
            match action {
                StepAction::Admit
                | StepAction::Refuse
                | StepAction::Redirect
                | StepAction::Route => {}
                StepAction::Rewrite
                | StepAction::Choose
                | StepAction::Deliver
                | StepAction::Drop => {}
                StepAction::Abort | StepAction::LoseReply => {}
            }
        }
    }
}
