//! How paths end.

use super::Words;
use super::step::request;
use crate::graph::{Cause, ResourceKind};
use crate::question::answer::{Destination, GuardState, OutcomeKind, Path, PathHop, PathOutcome};
use crate::topology::firewall::Protocol;
use crate::walk::StepAction;

/// Ports on which HTTP is spoken.
const HTTP: [u16; 5] = [80, 443, 8000, 8080, 8443];

/// What is spoken at the end of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaks {
    /// HTTP: there is a status.
    Http,
    /// Something else over TCP: there is a connection.
    Tcp,
    /// There is no connection.
    Packets,
}

impl Words<'_> {
    /// What is spoken at the end of a path.
    pub fn speaks(self, path: &Path) -> Speaks {
        let request = request(path);
        let kind = match &path.to {
            Destination::Resource(id) => Some(self.resource_kind(*id)),
            Destination::Named(_) | Destination::Elsewhere => None,
        };
        match (kind, request) {
            (_, Some(request)) if request.protocol != Protocol::Tcp => Speaks::Packets,
            (Some(ResourceKind::SqlInstance | ResourceKind::RedisInstance), _) => Speaks::Tcp,
            (
                Some(
                    ResourceKind::Vm
                    | ResourceKind::WorkerPool
                    | ResourceKind::External
                    | ResourceKind::Internet
                    | ResourceKind::Onprem
                    | ResourceKind::Peering
                    | ResourceKind::NccSpoke,
                ),
                Some(request),
            ) if !HTTP.contains(&request.port) => Speaks::Tcp,
            _ => Speaks::Http,
        }
    }

    /// The status that the caller sees, if HTTP is spoken.
    pub fn http_status(self, path: &Path) -> Option<u16> {
        match path.outcome.kind {
            OutcomeKind::Delivered if self.speaks(path) != Speaks::Http => None,
            _ => path.outcome.http_status,
        }
    }

    /// How a path ends: `delivered 200`, `refused 404 INGRESS_NOT_ALLOWED`, `request times out
    /// (NO_ROUTE)`.
    pub fn ending(self, path: &Path) -> String {
        let outcome = &path.outcome;
        match outcome.kind {
            OutcomeKind::Delivered => match (self.speaks(path), outcome.http_status) {
                (Speaks::Http, Some(status)) => format!("delivered {status}"),
                (Speaks::Http, None) => "delivered".into(),
                (Speaks::Tcp, _) => "connected".into(),
                (Speaks::Packets, _) => "arrived".into(),
            },
            OutcomeKind::ArrivedUnanswered => format!("arrived{}", self.lost(path)),
            _ => ending(outcome),
        }
    }

    /// That the reply is lost and where, behind where the request arrived.
    fn lost(self, path: &Path) -> String {
        let lost = reply_lost(path.outcome.cause);
        match self.lost_at(path) {
            Some(place) => format!("{lost} at {place}"),
            None => lost,
        }
    }

    /// How a path ends, for a table that tells its cause beside it.
    pub fn short_ending(self, path: &Path) -> String {
        let status = path.outcome.http_status;
        let status = status.map_or_else(String::new, |status| format!(" {status}"));
        match path.outcome.kind {
            OutcomeKind::Delivered => self.ending(path),
            OutcomeKind::ArrivedUnanswered => "reply is lost".into(),
            OutcomeKind::Redirected => format!("redirected{status}"),
            OutcomeKind::Refused => format!("refused{status}"),
            OutcomeKind::Dropped => "not answered".into(),
            OutcomeKind::Aborted => "not sent".into(),
        }
    }

    /// What the caller sees of a path, as a sentence without its full stop.
    pub fn seen_by_caller(self, path: &Path) -> String {
        let outcome = &path.outcome;
        let to = self.destination(&path.to);
        match outcome.kind {
            OutcomeKind::Delivered => match self.speaks(path) {
                Speaks::Http if outcome.http_status.is_none() => {
                    format!("sent to {to}; what answers there is not known")
                }
                Speaks::Http | Speaks::Tcp => format!("{} to {to}", self.ending(path)),
                Speaks::Packets => format!("arrived at {to}"),
            },
            OutcomeKind::ArrivedUnanswered => format!("arrived at {to}{}", self.lost(path)),
            OutcomeKind::Redirected => ending(outcome),
            OutcomeKind::Refused | OutcomeKind::Dropped | OutcomeKind::Aborted => {
                let the = match outcome.kind {
                    OutcomeKind::Aborted => "the ",
                    OutcomeKind::Dropped if unanswered(outcome.cause) == TIMES_OUT => "the ",
                    _ => "",
                };
                match self.stopped_at(path) {
                    Some(place) => format!("{the}{} at {place}", ending(outcome)),
                    None => format!("{the}{}", ending(outcome)),
                }
            }
        }
    }

    /// Where the caller's answer comes from: the first hop that stops the request.
    pub fn stopped_at(self, path: &Path) -> Option<String> {
        let stops = |hop: &&PathHop| match hop.action {
            Some(action) => action.stops(),
            None => hop.stops.as_ref().is_some_and(|stops| stops.all),
        };
        path.hops.iter().find(stops).map(|hop| self.place(hop))
    }

    /// Where a reply is lost.
    fn lost_at(self, path: &Path) -> Option<String> {
        let loses = |hop: &&PathHop| hop.action == Some(StepAction::LoseReply);
        path.hops.iter().find(loses).map(|hop| self.place(hop))
    }
}

/// How a path ends, where it does not matter what is spoken.
fn ending(outcome: &PathOutcome) -> String {
    let status = outcome.http_status.map_or_else(String::new, |status| format!(" {status}"));
    let cause = outcome.cause.map_or("", |cause| cause.name());
    let bracketed = if cause.is_empty() { String::new() } else { format!(" ({cause})") };
    match outcome.kind {
        OutcomeKind::Delivered => format!("delivered{status}"),
        OutcomeKind::ArrivedUnanswered => format!("arrived{}", reply_lost(outcome.cause)),
        OutcomeKind::Redirected => match &outcome.location {
            Some(location) => format!("redirected{status} to {location}"),
            None => format!("redirected{status} to a challenge page"),
        },
        OutcomeKind::Refused => format!("refused{status} {cause}"),
        OutcomeKind::Dropped => format!("{}{bracketed}", unanswered(outcome.cause)),
        OutcomeKind::Aborted => format!("request is not sent{bracketed}"),
    }
}

/// What becomes of a request that nothing answers.
fn unanswered(cause: Option<Cause>) -> &'static str {
    match cause {
        Some(Cause::DnsNxdomain | Cause::DnsNodata | Cause::DnsServfail) => {
            "the name does not resolve"
        }
        Some(Cause::PortNotListening) => "nothing listens on the port",
        _ => TIMES_OUT,
    }
}

/// What becomes of a request to which no answer comes.
const TIMES_OUT: &str = "request times out";

/// That the reply is lost, behind where the request arrived.
fn reply_lost(cause: Option<Cause>) -> String {
    format!(", but the reply is lost: {}", cause.map_or("", |cause| cause.name()))
}

/// The title of the paths of a group.
pub fn group_title(kind: OutcomeKind, guard: Option<GuardState>) -> &'static str {
    match (kind, guard) {
        (OutcomeKind::Delivered, None) => "Delivered",
        (OutcomeKind::Delivered, Some(GuardState::Unguarded)) => "Not guarded",
        (OutcomeKind::Delivered, Some(GuardState::NameOnly)) => "Guarded in name only",
        (OutcomeKind::Delivered, Some(GuardState::Guarded)) => "Guarded",
        (OutcomeKind::ArrivedUnanswered, None) => "Arrived, but the reply is lost",
        (OutcomeKind::ArrivedUnanswered, Some(GuardState::Unguarded)) => {
            "Not guarded, but the reply is lost"
        }
        (OutcomeKind::ArrivedUnanswered, Some(GuardState::NameOnly)) => {
            "Guarded in name only, but the reply is lost"
        }
        (OutcomeKind::ArrivedUnanswered, Some(GuardState::Guarded)) => {
            "Guarded, but the reply is lost"
        }
        (OutcomeKind::Redirected, _) => "Redirected",
        (OutcomeKind::Refused, _) => "Refused",
        (OutcomeKind::Dropped, _) => "Not answered",
        (OutcomeKind::Aborted, _) => "Not sent",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(kind: OutcomeKind, cause: Option<Cause>, http_status: Option<u16>) -> PathOutcome {
        PathOutcome { kind, cause, http_status, location: None }
    }

    #[test]
    fn endings_are_told_apart() {
        let refused = outcome(OutcomeKind::Refused, Some(Cause::IngressNotAllowed), Some(404));
        assert_eq!(ending(&refused), "refused 404 INGRESS_NOT_ALLOWED");
        let dropped = outcome(OutcomeKind::Dropped, Some(Cause::NoRoute), None);
        assert_eq!(ending(&dropped), "request times out (NO_ROUTE)");
        let unnamed = outcome(OutcomeKind::Dropped, Some(Cause::DnsNxdomain), None);
        assert_eq!(ending(&unnamed), "the name does not resolve (DNS_NXDOMAIN)");
        let lost = outcome(OutcomeKind::ArrivedUnanswered, Some(Cause::NoRoute), None);
        assert_eq!(ending(&lost), "arrived, but the reply is lost: NO_ROUTE");
        let aborted = outcome(OutcomeKind::Aborted, Some(Cause::MismatchedIpVersion), None);
        assert_eq!(ending(&aborted), "request is not sent (MISMATCHED_IP_VERSION)");
        let redirected = PathOutcome {
            location: Some("https://www.example.com/".into()),
            ..outcome(OutcomeKind::Redirected, Some(Cause::Redirected), Some(301))
        };
        assert_eq!(ending(&redirected), "redirected 301 to https://www.example.com/");
    }

    #[test]
    fn groups_with_different_content_have_different_titles() {
        let mut titles = std::collections::BTreeSet::new();
        let states = [None].into_iter().chain(GuardState::ALL.iter().copied().map(Some));
        for guard in states {
            for kind in [OutcomeKind::Delivered, OutcomeKind::ArrivedUnanswered] {
                assert!(titles.insert(group_title(kind, guard)), "{kind} {guard:?}");
            }
        }
        for kind in OutcomeKind::ALL.iter().filter(|kind| !kind.is_arrival()) {
            assert!(titles.insert(group_title(*kind, None)), "{kind}");
        }
    }
}
