//! Whether a law holds, and how often it had something to say.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};
use std::net::IpAddr;

use portolan::internals::graph::{
    Answerer, AssumptionKind, Body, Branch, Graph, Placeholder, Request, RuleName,
};
use portolan::internals::walk::{Step, WalkTrace, Walker};

use super::{Changed, Direction, LAWS, Law, Named, Touch};
use crate::alike::{renamed_of, translated, uniform};
use crate::case::Case;
use crate::generate::Generated;
use crate::random::Random;
use crate::run::Failure;

/// Requests of one topology that a law is asked about: that it may move, that come by what it
/// changes, and others.
const MOVABLE: usize = 8;
const NEAR: usize = 8;
const FAR: usize = 3;

/// A request, and how it went before anything was changed.
pub struct Known {
    source: String,
    request: Request,
    trace: WalkTrace,
}

/// How often a law was asked.
#[derive(Debug, Default, Clone, Copy)]
pub struct Count {
    topologies: usize,
    requests: usize,
    /// Requests that came by what it changed.
    met: usize,
    /// Requests that fared otherwise.
    moved: usize,
}

/// How often each law was asked.
#[derive(Debug, Default)]
pub struct Tally(BTreeMap<String, Count>);

impl Tally {
    fn add(&mut self, name: &str, count: Count) {
        let own = self.0.entry(name.to_owned()).or_default();
        own.topologies += count.topologies;
        own.requests += count.requests;
        own.met += count.met;
        own.moved += count.moved;
    }

    pub fn with(mut self, other: Tally) -> Tally {
        other.0.iter().for_each(|(name, count)| self.add(name, *count));
        self
    }

    /// The laws in an order of which those come first that were asked least until now.
    pub fn order(&self, seed: u64) -> Vec<usize> {
        let mut random = Random::new(seed);
        let need = |law: &Law| {
            let count = self.0.get(&law.name).copied().unwrap_or_default();
            match law.direction {
                Direction::Same => count.met,
                _ => count.met.min(8 * count.moved),
            }
        };
        let mut order: Vec<usize> = (0..LAWS.len()).collect();
        random.shuffle(&mut order);
        order.sort_by_key(|at| (need(&LAWS[*at]) + 1).ilog2());
        order
    }

    /// The laws that were asked about fewer requests than `least` that they had to do with.
    pub fn idle(&self, least: usize) -> Vec<String> {
        self.those(|_, count| count.met < least)
    }

    /// The laws that let something move, of which nothing moved.
    pub fn unmoved(&self) -> Vec<String> {
        self.those(|law, count| law.direction != Direction::Same && count.moved == 0)
    }

    fn those(&self, fits: impl Fn(&Law, Count) -> bool) -> Vec<String> {
        LAWS.iter()
            .map(|law| (law, self.0.get(&law.name).copied().unwrap_or_default()))
            .filter(|(law, count)| fits(law, *count))
            .map(|(law, count)| format!("{}: {count}", law.name))
            .collect()
    }
}

impl Display for Count {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Count { topologies, requests, met, moved } = self;
        write!(f, "{topologies} topologies, {requests} requests, {met} met, {moved} moved")
    }
}

impl Display for Tally {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|(name, count)| writeln!(f, "  {name}: {count}"))
    }
}

/// The requests, each with its way.
pub fn known(case: &Case, requests: Vec<(String, Request)>) -> Vec<Known> {
    let walker = Walker::new(&case.graph);
    let mut known = Vec::new();
    for (source, mut request) in requests {
        let Some(from) = case.source(&source) else { continue };
        uniform(&mut request, case);
        let trace = walker.walk_from(from, &request);
        if trace.looped.is_none() {
            known.push(Known { source, request, trace });
        }
    }
    known
}

/// Some laws on one topology: in an order, until so many had something to say.
pub fn hold(
    made: &Generated,
    case: &Case,
    known: &[Known],
    (order, most): (Vec<usize>, usize),
    random: &mut Random,
) -> Result<Tally, Failure> {
    let mut tally = Tally::default();
    let mut asked = 0;
    for at in order {
        let law = &LAWS[at];
        if asked == most {
            break;
        }
        if law.needs_order && made.order_matters {
            continue;
        }
        if let Some(changed) = law.change(&made.document, random) {
            let count = ask(law, &changed, case, known, random)?;
            tally.add(&law.name, count);
            for kind in &changed.kinds {
                tally.add(&format!("{} {kind}", law.name), count);
            }
            asked += usize::from(count.met > 0);
        }
    }
    Ok(tally)
}

fn ask(
    law: &Law,
    changed: &Changed,
    case: &Case,
    known: &[Known],
    random: &mut Random,
) -> Result<Count, Failure> {
    let near: Vec<&Known> = known
        .iter()
        .filter(|one| comes_by(&case.graph, &one.source, &one.trace, &changed.near))
        .collect();
    if near.is_empty() {
        return Ok(Count::default());
    }
    // Those that a change may move first, then others that come by, then any.
    let movable: Vec<&Known> = near
        .iter()
        .copied()
        .filter(|one| match law.direction {
            Direction::More => ends_at(&case.graph, &one.trace, &changed.near),
            Direction::Less => one.trace.is_delivered(&case.graph),
            Direction::Same => false,
        })
        .collect();
    let all: Vec<&Known> = known.iter().collect();
    let mut asked = random.some(&movable, MOVABLE.min(movable.len()), MOVABLE);
    asked.extend(random.some(&near, NEAR.min(near.len()), NEAR));
    asked.extend(random.some(&all, 0, FAR));
    let text = changed.document.to_string();
    let fail = |one: Option<&Known>, message: String| Failure {
        source: one.map(|one| one.source.clone()).unwrap_or_default(),
        request: one.map(|one| one.request.clone()),
        message: format!("law `{}`: {message}\n{text}", law.name),
    };
    let other = Case::read(&text).map_err(|message| fail(None, message))?;
    let rename = |text: &str| renamed_of(text, &|id| changed.ids.contains(id));
    let walker = Walker::new(&other.graph);
    let mut count = Count { topologies: 1, ..Count::default() };
    for one in asked {
        if law.direction == Direction::Same && by_number(&case.graph, &one.trace) {
            continue;
        }
        if law.by_place && by_place(&case.graph, one) {
            continue;
        }
        let Some(source) = other.source(&rename(&one.source)) else {
            return Err(fail(Some(one), "the source is gone".into()));
        };
        let Some(request) = translated(&one.request, case, &other, rename) else {
            return Err(fail(Some(one), "the request has no translation".into()));
        };
        let after = walker.walk_from(source, &request);
        let (was, is) = (one.trace.is_delivered(&case.graph), after.is_delivered(&other.graph));
        let told = || (told(case, &one.trace), told(&other, &after));
        let wrong = match law.direction {
            Direction::More => was && !is,
            Direction::Less => is && !was,
            Direction::Same => {
                let (was, is) = told();
                rename(&was) != is
            }
        };
        if wrong {
            let (was, is) = told();
            let traces = format!("{}{}", case.trace(&one.trace), other.trace(&after));
            let message = format!("{:?}: {was} became {is}\n{traces}", law.direction);
            return Err(fail(Some(one), message));
        }
        count.requests += 1;
        count.met +=
            usize::from(comes_by(&other.graph, &rename(&one.source), &after, &changed.touched));
        count.moved += usize::from(was != is);
    }
    Ok(count)
}

/// How a request ends, and as whom it arrives.
fn told(case: &Case, trace: &WalkTrace) -> String {
    let address = match case.graph.placeholders.what(trace.source_address) {
        Some(what) => format!("{what:?}"),
        // One that stands for nothing, whichever.
        None => match trace.source_address {
            IpAddr::V4(address) if address.octets()[0] == 0 => "nowhere".into(),
            address => address.to_string(),
        },
    };
    format!("{} from {address}", case.outcome(trace.outcome))
}

/// Whether a request comes by a choice between things that only have numbers, which may be other
/// numbers after a change.
fn by_number(graph: &Graph, trace: &WalkTrace) -> bool {
    trace.choices.iter().any(|(id, _)| {
        graph.choice(*id).branches.iter().any(|branch| matches!(branch, Branch::Number(_)))
    })
}

/// Whether a request depends on something that is not known and has no name but its place.
fn by_place(graph: &Graph, one: &Known) -> bool {
    let disputed = |kind| kind == AssumptionKind::Disputed;
    let counted = |address| {
        let what = graph.placeholders.what(address);
        matches!(what, Some(Placeholder::NatAddress(..) | Placeholder::NatRuleAddress { .. }))
    };
    let chosen = one.trace.choices.iter().flat_map(|(id, _)| &graph.choice(*id).branches);
    let consulted = &one.trace.consulted;
    consulted.iter().any(|(id, _)| !disputed(graph.assumption(*id).kind))
        || chosen.into_iter().any(|branch| match branch {
            Branch::Address(address) => counted(*address),
            _ => false,
        })
        || counted(one.request.source)
        || counted(one.request.destination)
        || counted(one.trace.source_address)
}

/// Whether a request comes by one of some things.
fn comes_by(graph: &Graph, source: &str, trace: &WalkTrace, touched: &[Touch]) -> bool {
    let from =
        |touch: &Touch| matches!(touch, Touch::From(own) if source.starts_with(own.as_str()));
    touched.iter().any(from) || trace.steps.iter().any(|step| is_one_of(graph, step, touched))
}

/// Whether a request ends at one of some things without arriving.
fn ends_at(graph: &Graph, trace: &WalkTrace, touched: &[Touch]) -> bool {
    let last = trace.steps.last().filter(|step| step.action.stops());
    last.is_some_and(|step| is_one_of(graph, step, touched))
}

fn is_one_of(graph: &Graph, step: &Step, touched: &[Touch]) -> bool {
    let hop = graph.hop(step.hop);
    touched.iter().any(|touch| match touch {
        Touch::From(_) => false,
        Touch::Kind(kind) => hop.kind == *kind,
        Touch::Resource(wanted) => {
            graph.resource(hop.resource).to_string().starts_with(wanted.as_str())
        }
        Touch::Rule(named) => match &hop.body {
            Body::Gate { list, .. } => {
                let rules = &graph.list(*list).rules;
                let asked = step.rule.map_or(rules.len(), |at| at + 1);
                rules[..asked].iter().any(|rule| is_named(&rule.name, named))
            }
            _ => false,
        },
    })
}

/// Whether a rule has that name, or one that begins so.
fn is_named(name: &RuleName, wanted: &Named) -> bool {
    match (name, wanted) {
        (RuleName::FirewallPolicy { policy, priority }, Named::FirewallPolicy(id, own)) => {
            policy.starts_with(id.as_str()) && priority == own
        }
        (RuleName::FirewallPolicy { policy, .. }, Named::InFirewallPolicy(id)) => {
            policy.starts_with(id.as_str())
        }
        (RuleName::FirewallRule { id: own, .. }, Named::FirewallRule(id)) => {
            own.starts_with(id.as_str())
        }
        (RuleName::OfConnector { connector, .. }, Named::OfConnector(id)) => {
            connector.starts_with(id.as_str())
        }
        (
            RuleName::Name { by: Answerer::ResponsePolicy(policy), .. },
            Named::ResponsePolicy(id),
        ) => policy.starts_with(id.as_str()),
        (RuleName::Name { by: Answerer::Zone(zone), .. }, Named::Zone(id)) => {
            zone.starts_with(id.as_str())
        }
        (RuleName::Name { by: Answerer::Site(site), .. }, Named::Site(id)) => {
            site.starts_with(id.as_str())
        }
        _ => false,
    }
}
