//! The first line of every question's answer: it answers what was asked, with what it covers, what
//! it leaves out and what it rests on.

use super::principals::holder;
use super::verdict::incomplete;
use super::{Words, address::stability, in_prose};
use crate::graph::{Cause, ResourceId, ResourceKind};
use crate::question::answer::{
    Answer, AnswerBody, ArrivalSummary, AskedQuestion, BypassAnswer, CellState, Chosen,
    EgressAddress, EgressAnswer, EgressTarget, ExposureAnswer, Found, OutcomeKind, Path, Paths,
    ReachAnswer, TraceAnswer, Verdict,
};
use crate::report::layout::{and, count, or};

/// How many names a first line has.
const NAMED: usize = 3;
/// How many addresses a first line has.
const ADDRESSES: usize = 6;

/// The filters that restrict which requests a question is about.
const FILTERS: &[&str] =
    &["host", "path", "protocol", "port", "method", "as", "source_ip", "region", "conditions"];

/// The first line of an answer; it begins with the verdict, if the question has one.
pub fn summary(answer: &Answer<'_>) -> String {
    let words = Words::of(answer);
    let asked = &answer.head.question;
    let sentence = match &answer.body {
        AnswerBody::Reach(reach) => words.reach(asked, reach),
        AnswerBody::Bypass(bypass) => words.bypass(asked, bypass),
        AnswerBody::Egress(egress) => words.egress(asked, egress),
        AnswerBody::Trace(trace) => words.trace(trace),
        AnswerBody::Exposure(exposure) => words.exposure(exposure),
    };
    let filters = match &answer.body {
        AnswerBody::Reach(_) | AnswerBody::Bypass(_) => filters(asked, FILTERS),
        // The host is where it is sent.
        AnswerBody::Egress(_) => filters(asked, &FILTERS[1..]),
        AnswerBody::Trace(_) | AnswerBody::Exposure(_) => String::new(),
    };
    let sentence = match &answer.body {
        AnswerBody::Exposure(_) if !answer.head.assumptions.is_empty() => {
            format!("{sentence}; as far as what is assumed holds")
        }
        _ => sentence,
    };
    format!("{sentence}{filters}{}", incomplete(answer.verdict(), &answer.head.completeness))
}

impl Words<'_> {
    fn reach(self, asked: &AskedQuestion, reach: &ReachAnswer<'_>) -> String {
        let ReachAnswer { found, arriving, causes, paths } = reach;
        let from = sources(asked);
        let to = or(asked.values("to"));
        let by = by_paths(arriving.paths);
        let past = passing(asked);
        let pairs = found.pairs.len() + found.others;
        let reached = found.pairs.iter().filter(|pair| pair.verdict != Verdict::No).count();
        let does = match pairs {
            0 | 1 => format!("{from} reaches {to}{past}{by}"),
            _ if reached == pairs => {
                format!("{from} reaches {}{past}{by}", and(asked.values("to")))
            }
            _ => {
                let of = "pairs of source and destination";
                format!("{reached} of the {pairs} {of} are connected{past}{by}")
            }
        };
        match found.verdict {
            Verdict::Yes => with_credential(arriving, &does),
            Verdict::Sometimes => format!("sometimes: {does}{}", self.only_by_choice(found, paths)),
            Verdict::Depends => format!("depends: {does}{}", self.only_under(found)),
            Verdict::No if has(paths, OutcomeKind::ArrivedUnanswered) => {
                let causes = in_brackets(causes);
                format!(
                    "no: requests of {from} arrive at {to}{past}, but the reply is lost{causes}"
                )
            }
            Verdict::No if causes.is_empty() => {
                format!("no: no path leads from {from} to {to}{past}")
            }
            Verdict::No => format!("no: {from} does not reach {to}{past}{}", in_brackets(causes)),
        }
    }

    fn bypass(self, asked: &AskedQuestion, bypass: &BypassAnswer<'_>) -> String {
        let BypassAnswer { guard, found, avoided, arriving, to, paths, .. } = bypass;
        let from = match asked.values("from") {
            [] => String::new(),
            [only] if only == "internet" => String::new(),
            several => format!(" from {}", or(several)),
        };
        let rest = self.not_asked(asked, &bypass.not_asked);
        if !bypass.attached {
            let nowhere = format!("{guard} is attached nowhere, so no path passes it");
            return match found.verdict {
                Verdict::Yes => format!("yes: {nowhere}{rest}"),
                Verdict::No => format!("no: nothing is reached{from}, and {nowhere}{rest}"),
                Verdict::Sometimes => {
                    format!("sometimes: {nowhere}{}{rest}", self.only_by_choice(found, paths))
                }
                Verdict::Depends => format!("depends: {nowhere}{}{rest}", self.only_under(found)),
            };
        }
        let group = self.group(asked, guard, to);
        let by = by_paths(arriving.paths);
        let who = match (avoided.as_slice(), to.len()) {
            ([one], 0 | 1) => self.resource(*one),
            ([one], all) => format!("{} (1 of the {all} {group})", self.resource(*one)),
            (several, all) if several.len() == all => format!("all {all} {group}"),
            (several, all) => format!("{} of the {all} {group}", several.len()),
        };
        let can = format!("{who} can be reached{from} without passing {guard}{by}");
        let sentence = match found.verdict {
            Verdict::Yes => with_credential(arriving, &can),
            Verdict::Sometimes => format!("sometimes: {can}{}", self.only_by_choice(found, paths)),
            Verdict::Depends => format!("depends: {can}{}", self.only_under(found)),
            Verdict::No => {
                let arrives = paths.heads().iter().any(|head| head.kind.is_arrival());
                let (some, none) = match to.as_slice() {
                    [one] => (self.resource(*one), format!("{} cannot", self.resource(*one))),
                    [_, _] => (format!("the 2 {group}"), format!("neither of the 2 {group} can")),
                    all => {
                        let some = format!("the {} {group}", all.len());
                        let none = format!("none of {some} can");
                        (some, none)
                    }
                };
                let in_name = match bypass.name_only {
                    true => "; some paths pass it in name only",
                    false => "",
                };
                if arrives {
                    let every = if to.len() == 1 && !bypass.name_only {
                        ": every path passes it"
                    } else {
                        ""
                    };
                    format!("no: {none} be reached{from} without passing {guard}{every}{in_name}")
                } else {
                    let from = sources(asked);
                    format!("no: {from} does not reach {some} at all")
                }
            }
        };
        format!("{sentence}{rest}")
    }

    /// What a bypass is asked about, behind its number: `services behind security_policy/edge`.
    fn group(self, asked: &AskedQuestion, guard: &str, to: &[ResourceId]) -> String {
        let services = to.iter().all(|to| self.resource_kind(*to) == ResourceKind::Service);
        let noun = if services { "services" } else { "destinations" };
        if asked.values("to").is_empty() {
            format!("{noun} behind {guard}")
        } else {
            format!("{noun} that were asked about")
        }
    }

    /// What the same sources enter and was not asked about.
    fn not_asked(self, asked: &AskedQuestion, left_out: &[ResourceId]) -> String {
        let from = sources(asked);
        let names = self.resources(left_out);
        match names.as_slice() {
            [] => String::new(),
            names if names.len() <= NAMED => {
                format!(" (not asked: {}, which {from} also reaches)", and(names))
            }
            names => {
                let shown = names[..NAMED].join(", ");
                let more = count(names.len() - NAMED, "other service");
                format!(" (not asked: {shown} and {more} that {from} also reaches)")
            }
        }
    }

    fn egress(self, asked: &AskedQuestion, egress: &EgressAnswer<'_>) -> String {
        let EgressAnswer { to, found, causes, addresses, paths } = egress;
        let from = asked.values("from").join(", ");
        let to = match to {
            EgressTarget::Anything => "the outside",
            EgressTarget::Named(name) => name,
        };
        let seen = self.all_seen(addresses);
        let Some(found) = found else {
            return if addresses.is_empty() {
                format!("nothing from {from} leaves Google Cloud{}", in_brackets(causes))
            } else {
                format!("{from} is seen as {seen}")
            };
        };
        let lost = has(paths, OutcomeKind::ArrivedUnanswered);
        match found.verdict {
            Verdict::Yes => format!("yes: {to} sees {from} as {seen}"),
            Verdict::Sometimes => {
                let only = self.only_by_choice(found, paths);
                format!("sometimes: {from} reaches {to}{only}; {to} sees it as {seen}")
            }
            Verdict::Depends => {
                format!("depends: {to} sees {from} as {seen}{}", self.only_under(found))
            }
            Verdict::No if lost && !addresses.is_empty() => {
                let causes = in_brackets(causes);
                format!("no: {from} arrives at {to} as {seen}, but the reply is lost{causes}")
            }
            Verdict::No if !addresses.is_empty() => {
                let does_not = match causes.as_slice() {
                    [Cause::DestinationNotAdmitted] => "admit it",
                    _ => "answer",
                };
                let causes = in_brackets(causes);
                format!("no: {to} sees {from} as {seen}, and does not {does_not}{causes}")
            }
            Verdict::No => {
                format!("no: nothing from {from} arrives at {to}{}", in_brackets(causes))
            }
        }
    }

    /// The addresses under which a sender is seen: `203.0.113.10 (nat/tokyo, static)`.
    fn all_seen(self, addresses: &[EgressAddress]) -> String {
        let Some(first) = addresses.first() else { return "nothing".into() };
        let label = |own: &EgressAddress| self.seen(&own.address);
        let mut labels: Vec<String> = addresses.iter().take(ADDRESSES).map(label).collect();
        let alike =
            |own: &EgressAddress| (own.owner, own.stability) == (first.owner, first.stability);
        let of = match first.owner.map(|owner| self.resource(owner)) {
            // What is told already, or not of all.
            Some(owner) if labels.iter().any(|label| label.contains(&owner)) => String::new(),
            Some(owner) if addresses.iter().all(alike) => {
                format!(" ({owner}, {})", stability(first.stability))
            }
            _ => String::new(),
        };
        let only = match addresses {
            [one] => self.only_if(&one.choices),
            several if several.iter().any(|own| !own.choices.is_empty()) => {
                "as the platform picks".into()
            }
            _ => String::new(),
        };
        if let Some(more @ 1..) = addresses.len().checked_sub(ADDRESSES) {
            labels.push(format!("{more} more"));
        }
        let only = if only.is_empty() { only } else { format!(", {only}") };
        format!("{}{of}{only}", or(&labels))
    }

    fn trace(self, trace: &TraceAnswer<'_>) -> String {
        let TraceAnswer { found, walks, .. } = trace;
        let Some(first) = walks.first() else { return found.verdict.name().into() };
        let seen = self.seen_by_caller(first);
        match found.verdict {
            Verdict::Yes => {
                // Wherever the platform sends it.
                let mut all: Vec<String> =
                    walks.iter().map(|walk| self.seen_by_caller(walk)).collect();
                all.dedup();
                format!("yes: {}", all.join(", or "))
            }
            Verdict::No => format!("no: {seen}"),
            Verdict::Sometimes => {
                let delivered = |walk: &&Path| walk.outcome.kind == OutcomeKind::Delivered;
                let good = walks.iter().find(delivered);
                let bad = walks.iter().find(|walk| !delivered(walk));
                match (good, bad) {
                    (Some(good), bad) => {
                        let only = match self.only_if(&good.choices).as_str() {
                            "" => ", depending on what the platform picks".into(),
                            only => format!(" {only}"),
                        };
                        let seen = self.seen_by_caller(good);
                        let bad = bad.map(|bad| format!("; else {}", self.seen_by_caller(bad)));
                        format!("sometimes: {seen}{only}{}", bad.unwrap_or_default())
                    }
                    (None, _) => format!("sometimes: {seen}, depending on what the platform picks"),
                }
            }
            Verdict::Depends => format!("depends on {}: by default, {seen}", self.flips(found)),
        }
    }

    fn exposure(self, exposure: &ExposureAnswer<'_>) -> String {
        let noun = if exposure.only_services { "service" } else { "destination" };
        let rows = exposure.rows.iter().len();
        let total = count(rows, noun);
        let Some(states) = &exposure.internet else {
            let sources = exposure.sources.iter().map(|group| group.members.len()).sum();
            return format!("{total} by {}", count(sources, "source"));
        };
        let at = |state| states.get(&state).copied().unwrap_or_default();
        let open = at(CellState::Open);
        format!(
            "of {total}, {open} {} open to anyone on the internet, {} to any Google account, {} to \
             named identities only, {} not reachable from the internet",
            if open == 1 { "is" } else { "are" },
            at(CellState::AnyAccount),
            at(CellState::Named),
            at(CellState::Refused),
        )
    }

    /// On which assumptions an answer rests that depends.
    fn only_under(self, found: &Found) -> String {
        match self.flips(found).as_str() {
            "" => ", but only under some assumptions".into(),
            flips => format!(", but only under some assumptions ({flips})"),
        }
    }

    /// On which choices an answer rests that holds only sometimes.
    fn only_by_choice(self, found: &Found, paths: &Paths<'_>) -> String {
        let arriving: Vec<usize> = paths
            .heads()
            .iter()
            .enumerate()
            .filter(|(_, head)| head.kind == OutcomeKind::Delivered)
            .map(|(at, _)| at)
            .take(2)
            .collect();
        let mut choices: Vec<Chosen> = Vec::new();
        if let [only] = arriving.as_slice() {
            let taken: Result<(), ()> = paths.each_of(&[*only], |path| {
                choices.clone_from(&path.choices);
                Ok(())
            });
            debug_assert_eq!(taken, Ok(()));
        }
        match (self.only_if(&choices).as_str(), found.choices.as_slice()) {
            ("", []) => ", depending on what the platform picks".into(),
            ("", _) => format!(", depending on {}", self.rests_on(found)),
            (only, _) => format!(", {only}"),
        }
    }
}

/// The sources of a question, as they stand in a sentence.
fn sources(asked: &AskedQuestion) -> String {
    let names: Vec<String> = asked.values("from").iter().map(|name| in_prose(name)).collect();
    and(&names)
}

/// ` by 2 paths`.
fn by_paths(paths: usize) -> String {
    match paths {
        0 => String::new(),
        1 => " by one path".into(),
        several => format!(" by {several} paths"),
    }
}

/// What a question asks of the paths themselves.
fn passing(asked: &AskedQuestion) -> String {
    let via = asked.values("via").first().map(|via| format!(" through {via}"));
    let avoid = asked.values("avoid").first().map(|avoid| format!(" without passing {avoid}"));
    format!("{}{}", via.unwrap_or_default(), avoid.unwrap_or_default())
}

/// To which requests a question is restricted, in brackets.
fn filters(asked: &AskedQuestion, names: &[&'static str]) -> String {
    let own = |name: &&'static str| {
        let values = asked.values(name);
        let noun = match *name {
            "as" => "caller",
            "source_ip" => "source IP",
            "conditions" => "condition",
            name => name,
        };
        (!values.is_empty()).then(|| format!("{noun} {}", values.join(", ")))
    };
    let all: Vec<String> = names.iter().filter_map(own).collect();
    if all.is_empty() { String::new() } else { format!(" (asked only for {})", all.join(", ")) }
}

/// Causes in brackets, behind a sentence.
fn in_brackets(causes: &[Cause]) -> String {
    let names: Vec<&str> = causes.iter().map(|cause| cause.name()).collect();
    if names.is_empty() { String::new() } else { format!(" ({})", names.join(", ")) }
}

/// Yes, with whose credential.
fn with_credential(arriving: &ArrivalSummary, does: &str) -> String {
    match holder(&arriving.who).filter(|_| arriving.others_not) {
        Some(who) => format!("yes, with a credential of {who}; anonymous: no: {does}"),
        None => format!("yes: {does}"),
    }
}

/// Whether some path ends so.
fn has(paths: &Paths<'_>, kind: OutcomeKind) -> bool {
    paths.heads().iter().any(|head| head.kind == kind)
}
