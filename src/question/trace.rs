//! `trace`: one request, step by step, and what its caller sees.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use super::answer::{
    self, Answer, AnswerBody as Answered, AnswerHead, AskedQuestion, Chosen, Destination, Found,
    GuardHop, Needed, Path, Principals, QuestionKind, Requests, Sender, Verdict,
};
use super::model::{Only, on_some_network};
use super::selector::{self, SelectedSender};
use super::verdict::Counting;
use super::{
    AskError, Model, RequestFilter, Scope, completeness, paths, requests, steps, verdict, witness,
};
use crate::graph::HopKind;
use crate::graph::identity::{Credential, Identities, Principal};
use crate::graph::{
    AssumptionId, Atom, ChoiceId, Expression, ExpressionId, HopId, NameAnswer, Outcome,
    Placeholders, Request, ResourceId, Source,
};
use crate::sets::Set;
use crate::solve::{Flow, Layout, Mode, Reaching, Solver};
use crate::source::codes;
use crate::topology::firewall::Protocol;
use crate::topology::url::Url;
use crate::walk::{WalkTrace as Walked, Walker};

codes! {
    CANNOT_BE_SENT = Warning "cannot-be-sent" {
        "a request that its source cannot send",
        "The request was followed all the same, but the source has other addresses or identities.",
        "",
    }
}

/// How it is asked.
#[derive(Debug, Clone, Default)]
pub struct Parameters {
    /// Who sends.
    pub from: String,
    /// To which URL.
    pub url: String,
    /// Who it is: an IAM member string; anonymous if absent.
    pub principal: Option<String>,
    /// The audience of its ID token; the right one for the service if absent.
    pub audience: Option<String>,
    /// From which address.
    pub source_ip: Option<IpAddr>,
    /// The address to connect to, instead of what the host resolves to.
    pub connect_to: Option<IpAddr>,
    /// The method; GET if absent.
    pub method: Option<String>,
    /// Headers.
    pub headers: Vec<(String, String)>,
    /// The region of the source (ISO 3166-1 alpha-2).
    pub region: Option<String>,
    /// Free properties that it has, or does not have, by name (`waf/sqli-v33-stable`); those that
    /// are not named it does not have.
    pub conditions: Vec<(String, bool)>,
}

/// How many walks are shown at most.
const WALKS: usize = 16;

/// Asks it.
pub fn ask<'m>(model: &'m Model, parameters: &Parameters) -> Result<Answer<'m>, AskError> {
    let graph = &model.graph;
    let sources = selector::sources(model, std::slice::from_ref(&parameters.from))?;
    let from = match sources.as_slice() {
        [one] => one.clone(),
        _ => return Err(several(&parameters.from)),
    };
    let walker = Walker::new(graph);
    let mut request = request(model, parameters, &from)?;
    present(model, &walker, &from, parameters, &mut request)?;
    let source = &graph.sources[from.source];
    let name = name(model, source, parameters);
    // By each version of IP that the name has an address of.
    let mut requests = vec![request.clone()];
    if let Some(name) = &name
        && parameters.source_ip.is_none()
    {
        requests.extend(other_version(model, &from, name, &request));
    }
    let only: Vec<Only> = requests
        .iter()
        .map(|request| Only { request: Box::new(request.clone()), destination: name.is_none() })
        .collect();
    let solved = solve(model, &from, &only, name.as_deref(), parameters.source_ip)?;
    let mut resolved = None;
    let mut has_address = true;
    if parameters.connect_to.is_none()
        && let Some(url) = Url::parse(&parameters.url)
    {
        let resolver = &graph.resolvers[source.resolver as usize];
        let name = graph.names.canonical(&url.host);
        resolved = steps::resolved(graph, resolver, &name);
        let answer = resolver.resolve(&name).map(|rule| &rule.answer);
        has_address = answer.is_none_or(|answer| matches!(answer, NameAnswer::Addresses(_)));
    }
    let mut traces: Vec<(Request, Walked)> = Vec::new();
    for request in &requests {
        traces.extend(branches(&walker, source, request));
    }
    let more = traces.len() > WALKS;
    let mut consulted: Vec<AssumptionId> = traces
        .iter()
        .flat_map(|(_, trace)| trace.consulted.iter().map(|(assumption, _)| *assumption))
        .collect();
    consulted.extend(&solved.consulted);
    let walks: Vec<Path> = traces
        .iter()
        .take(WALKS)
        .map(|(request, trace)| {
            let mut path = path(model, &from, request, trace);
            path.resolved.clone_from(&resolved);
            path
        })
        .collect();
    let mut findings = Vec::new();
    // That a name has no address is told by the trace itself.
    if has_address && !solved.can_send {
        let name = from.name(graph);
        findings.push(CANNOT_BE_SENT.finding(format!("`{name}` cannot send this request")).help(
            "its address, region or identity is not one of that source; see `portolan show`",
        ));
    }
    let to: Vec<ResourceId> = solved.found.pairs.iter().map(|pair| pair.to).collect();
    let selectors = [parameters.from.clone()];
    let scope = Scope {
        from: &sources,
        selectors: Some(&selectors),
        // What arrives whatever is assumed is bound for nothing else.
        to: (solved.found.verdict == Verdict::Yes).then_some(&to[..]),
        passing: solved.passing,
        host: Some(&request.host),
        by_name: parameters.connect_to.is_none(),
        ..Scope::default()
    };
    let completeness = completeness(model, &scope);
    let head = AnswerHead {
        model,
        layout: solved.layout,
        question: asked(parameters),
        completeness,
        assumptions: verdict::show(&consulted, &solved.found.flips),
        findings,
        at: model.at,
    };
    let paths = walks.clone().into();
    let body = answer::TraceAnswer { found: solved.found, walks, more, paths };
    Ok(Answer { head, body: Answered::Trace(body) })
}

/// The verdict of one request that is fixed in every field, over all assumptions and choices; no if
/// its source cannot send it.
pub fn verdict_of(model: &Model, from: &str, request: &Request) -> Result<Found, AskError> {
    let sources = selector::sources(model, &[from.to_string()])?;
    let [from] = sources.as_slice() else { return Err(several(from)) };
    let only = Only { request: Box::new(request.clone()), destination: true };
    let solved = solve(model, from, &[only], None, None)?;
    let nothing = || Found::of(Verdict::No, Vec::new(), Vec::new());
    Ok(if solved.can_send { solved.found } else { nothing() })
}

fn several(from: &str) -> AskError {
    AskError {
        message: format!("`{from}` is more than one source"),
        help: Some("name one, such as `internet` or `service/NAME`".into()),
    }
}

/// The same request by the other version of IP, if the name has an address of it that the source
/// tries.
fn other_version(
    model: &Model,
    from: &SelectedSender,
    name: &str,
    request: &Request,
) -> Option<Request> {
    let graph = &model.graph;
    let resolver = &graph.resolvers[graph.sources[from.source].resolver as usize];
    let addresses = match resolver.resolve(name).map(|rule| &rule.answer) {
        Some(NameAnswer::Addresses(ranges)) => resolver.tried(ranges),
        Some(_) => return None,
        // What is not named has addresses of both, of which nothing is known.
        None if graph.names.addresses(name).is_empty() => return None,
        None => resolver.tried(&graph.public_addresses(name)),
    };
    let is_v4 = request.destination.is_ipv4();
    let other = addresses.iter().find(|range| range.addr().is_ipv4() != is_v4)?;
    let destination = other.addr();
    let source = default_address(model, from, destination);
    (source.is_ipv4() != is_v4).then(|| Request { source, destination, ..request.clone() })
}

/// A single request, solved.
struct SolvedRequest {
    layout: Arc<Layout>,
    found: Found,
    consulted: Vec<AssumptionId>,
    /// Whether the source can send it.
    can_send: bool,
    /// The hops that it can pass, whatever is assumed and chosen, past every gate; none if it goes in
    /// circles.
    passing: Option<Vec<HopId>>,
}

/// Solves a single request: over all assumptions and all choices of the platform. One that its
/// source cannot send is solved all the same, but for an address that it cannot have.
fn solve(
    model: &Model,
    from: &SelectedSender,
    only: &[Only],
    name: Option<&str>,
    source_ip: Option<IpAddr>,
) -> Result<SolvedRequest, AskError> {
    let graph = &model.graph;
    let source_ip = source_ip.map(Into::into);
    let filter = RequestFilter { source_ip, ..RequestFilter::default() };
    let mut extra = requests::extra(model, &filter);
    if let Some(name) = name {
        requests::led_to(model, name, &mut extra);
    }
    let layout = Arc::new(Layout::new(graph, &extra));
    let mut solver = Solver::within(graph, Arc::clone(&layout));
    let sources = std::slice::from_ref(from);
    requests::sendable(model, &mut solver, sources, &filter)?;
    let source = &graph.sources[from.source];
    let mut requests = Set::EMPTY;
    for only in only {
        let filter = RequestFilter { only: Some(only.clone()), ..filter.clone() };
        let one = requests::asked(model, &mut solver, from, &filter)?;
        requests = solver.sets.or(requests, one);
    }
    if let Some(name) = name {
        let there = requests::led_by(model, &mut solver, source, name);
        requests = solver.sets.and(requests, there);
    }
    let can_send = !solver.sets.is_empty(requests);
    if !can_send {
        for only in only.iter().take(1) {
            let only = Only { destination: true, ..only.clone() };
            let filter = RequestFilter { only: Some(only), ..filter.clone() };
            requests = requests::filtered(model, &mut solver, &filter)?;
        }
    }
    let mut delivered: Vec<verdict::Delivered> = Vec::new();
    let mut ended: Vec<Set> = Vec::new();
    let mut passing = Some(HashSet::<HopId>::new());
    let mut visitor = |solver: &mut Solver<'_>, flow: &Flow<'_>| {
        match &mut passing {
            Some(passing) if flow.outcome != graph.looped => passing.extend(flow.hops),
            _ => passing = None,
        }
        ended.push(flow.aimed);
        ended.extend(flow.refusals.iter().map(|refusal| refusal.requests));
        if let Outcome::Delivered { to } = graph.outcome(flow.outcome)
            && !solver.sets.is_empty(flow.passing)
        {
            delivered.push((0, *to, flow.passing));
        }
    };
    let everywhere = Reaching::everything(graph);
    solver.flow(source, requests, Mode::Blocked, everywhere, &mut visitor);
    let mut found = verdict::overall(&mut solver, &delivered, Counting::Surely);
    let mut to: Vec<ResourceId> = delivered.iter().map(|(_, to, _)| *to).collect();
    to.sort_unstable();
    to.dedup();
    verdict::add_pairs(&mut found, &mut solver, sources, &to, &delivered, Counting::Surely);
    let consulted = verdict::assumptions_in(&layout, &solver.sets, &ended);
    let passing = passing.map(|hops| hops.into_iter().collect());
    Ok(SolvedRequest { layout, found, consulted, can_send, passing })
}

/// One walk for each way in which the platform can choose, each with the request that has these
/// choices; one more than are shown, if there are more.
fn branches(walker: &Walker<'_>, source: &Source, request: &Request) -> Vec<(Request, Walked)> {
    let graph = walker.graph();
    let mut done: Vec<(Request, Walked)> = Vec::new();
    // The choices that are fixed so far, in the order in which walks meet them.
    let mut open: Vec<Vec<(ChoiceId, u32)>> = vec![Vec::new()];
    while let Some(fixed) = open.pop() {
        if done.len() > WALKS {
            break;
        }
        let mut request = request.clone();
        request.choices = vec![0; graph.choices.len()];
        for (choice, branch) in &fixed {
            request.choices[choice.0 as usize] = *branch;
        }
        let trace = walker.walk_past(source.start, source.origin, &request);
        let met: Vec<(ChoiceId, u32)> = trace.choices.clone();
        for at in (fixed.len()..met.len()).rev() {
            let (choice, taken) = met[at];
            let count = graph.choice(choice).branches.len() as u32;
            for branch in (taken + 1..count).rev() {
                let mut other = met[..at].to_vec();
                other.push((choice, branch));
                open.push(other);
            }
        }
        done.push((request, trace));
    }
    done
}

/// The name that decides where the request goes, if one does: no address is named, and the name has
/// one.
fn name(model: &Model, source: &Source, parameters: &Parameters) -> Option<String> {
    let graph = &model.graph;
    let host = Url::parse(&parameters.url)?.host;
    let literal: Option<IpAddr> = host.trim_matches(['[', ']']).parse().ok();
    let name = graph.names.canonical(&host);
    let resolver = &graph.resolvers[source.resolver as usize];
    let answer = resolver.resolve(&name).map(|rule| &rule.answer);
    let answered = !matches!(
        answer,
        Some(NameAnswer::Nonexistent | NameAnswer::NoAddress | NameAnswer::Unanswered)
    );
    (parameters.connect_to.is_none() && literal.is_none() && answered).then_some(name)
}

/// The request that the parameters describe, with no identity yet.
fn request(
    model: &Model,
    parameters: &Parameters,
    from: &SelectedSender,
) -> Result<Request, AskError> {
    let graph = &model.graph;
    let url = Url::parse(&parameters.url).ok_or_else(|| AskError {
        message: format!("`{}` is not a URL", parameters.url),
        help: Some("write it as `https://HOST/PATH`".into()),
    })?;
    let mut headers = BTreeMap::new();
    let mut named_host = None;
    for (name, value) in &parameters.headers {
        let name = name.to_ascii_lowercase();
        if name == "host" {
            named_host = Some(value.clone());
        } else {
            headers.insert(name, value.clone());
        }
    }
    let host = graph.names.canonical(named_host.as_deref().unwrap_or(&url.host));
    let destination = match parameters.connect_to {
        Some(address) => address,
        None => {
            let name = graph.names.canonical(&url.host);
            let resolver = &graph.resolvers[graph.sources[from.source].resolver as usize];
            let elsewhere = IpAddr::V4(Placeholders::ELSEWHERE);
            resolver.address(&name).unwrap_or_else(|| {
                // One of IPv4 stands in front.
                let tried = resolver.tried(&graph.public_addresses(&name));
                tried.first().map_or(elsewhere, |range| range.addr())
            })
        }
    };
    let literal: Option<IpAddr> = url.host.trim_matches(['[', ']']).parse().ok();
    for address in [parameters.connect_to, parameters.source_ip, literal].into_iter().flatten() {
        on_some_network(address.into())?;
    }
    let mut conditions = BTreeSet::new();
    for (name, holds) in &parameters.conditions {
        let condition = requests::condition(graph, name)?;
        if *holds {
            conditions.insert(condition);
        }
    }
    let assumptions: Vec<bool> =
        graph.assumptions.iter().map(|each| each.default.unwrap_or(false)).collect();
    let source = parameters.source_ip.unwrap_or_else(|| default_address(model, from, destination));
    let region = parameters.region.as_deref().unwrap_or_default().to_uppercase();
    let region = if region.is_empty() { default_region(model, from) } else { region };
    Ok(Request {
        source,
        destination,
        protocol: Protocol::Tcp,
        port: url.port,
        https: url.https,
        host,
        path: url.path,
        query: url.query,
        method: parameters.method.as_deref().unwrap_or("GET").to_ascii_uppercase(),
        headers,
        region,
        asn: 0,
        principal: Identities::ANONYMOUS,
        credential: Identities::NONE,
        conditions,
        assumptions,
        choices: Vec::new(),
    })
}

/// An address of a source: the first of those that it is restricted to, of the destination's
/// version if there is one, else some address on the internet.
fn default_address(model: &Model, from: &SelectedSender, destination: IpAddr) -> IpAddr {
    let graph = &model.graph;
    let source = &graph.sources[from.source];
    let mut found = None;
    conjuncts(model, source.requests, &mut |expression| {
        if let Expression::Atom(Atom::Source(ranges)) = expression {
            let of_version =
                ranges.iter().find(|range| range.addr().is_ipv4() == destination.is_ipv4());
            found = found.or(of_version.or(ranges.first()).map(|range| {
                let host = range.hosts().next();
                host.unwrap_or_else(|| range.network())
            }));
        }
    });
    found.unwrap_or(match destination {
        IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::new(203, 0, 113, 1)),
        IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1)),
    })
}

/// The region that a source is restricted to.
fn default_region(model: &Model, from: &SelectedSender) -> String {
    let source = &model.graph.sources[from.source];
    let mut found = String::new();
    conjuncts(model, source.requests, &mut |expression| {
        if let Expression::Atom(Atom::Region(regions)) = expression {
            found = regions.first().map(|region| region.to_string()).unwrap_or_default();
        }
    });
    found
}

/// What must hold of every request of an expression.
fn conjuncts(model: &Model, id: ExpressionId, visit: &mut impl FnMut(&Expression)) {
    let expression = model.graph.expressions.get(id);
    if let Expression::All(parts) = expression {
        for part in parts {
            conjuncts(model, *part, visit);
        }
    } else {
        visit(expression);
    }
}

/// Gives the request its identity, with the credential that its way asks for.
fn present(
    model: &Model,
    walker: &Walker<'_>,
    from: &SelectedSender,
    parameters: &Parameters,
    request: &mut Request,
) -> Result<(), AskError> {
    let graph = &model.graph;
    let own = match &from.sender {
        Sender::Identity(member) => Some(&**member),
        Sender::Resource(_) => None,
    };
    let Some(name) = parameters.principal.as_deref().or(own) else {
        // As the only one that it sends as, with what it presents.
        conjuncts(model, graph.sources[from.source].requests, &mut |expression| match expression {
            Expression::Atom(Atom::Principal(classes)) => {
                if let [only] = **classes {
                    request.principal = only;
                }
            }
            Expression::Atom(Atom::Credential(ranges)) => {
                if let [(only, last)] = **ranges
                    && only == last
                {
                    request.credential = only;
                }
            }
            _ => {}
        });
        return Ok(());
    };
    let class = requests::principal_class(graph, name)?;
    if class == Identities::ANONYMOUS {
        return Ok(());
    }
    request.principal = class;
    if let Some(audience) = &parameters.audience {
        request.credential = graph.identities.audience(audience, &graph.names, &model.topology);
        return Ok(());
    }
    let source = &graph.sources[from.source];
    let way = walker.walk_past(source.start, source.origin, request);
    let passes_iap = way.steps.iter().any(|step| graph.hop(step.hop).kind == HopKind::Iap);
    let service = way.steps.iter().find_map(|step| {
        let hop = graph.hop(step.hop);
        let resource = graph.resource(hop.resource);
        (hop.kind == HopKind::InvokerIam)
            .then(|| model.topology.services.id_of(&resource.id))
            .flatten()
    });
    let person =
        name.starts_with("user:") && graph.identities.principals()[class as usize].is_person();
    let token = service.and_then(|service| {
        graph.identities.find_credential(&Credential::ServiceAudience(service))
    });
    request.credential = match (passes_iap, person) {
        (true, true) => Identities::IAP_LOGIN,
        (true, false) => Identities::IAP_TOKEN,
        (false, true) => Identities::USER_TOKEN,
        (false, false) => token.unwrap_or(Identities::OTHER_AUDIENCE),
    };
    Ok(())
}

fn path(model: &Model, from: &SelectedSender, request: &Request, trace: &Walked) -> Path {
    let graph = &model.graph;
    let end = trace.steps.last().and_then(|step| step.outcome).map(|end| graph.outcome(end));
    let last = trace.steps.last().map(|step| graph.hop(step.hop).resource);
    let to = match (end, last) {
        (Some(Outcome::Delivered { to }), _) => Destination::Resource(*to),
        (_, Some(last)) => Destination::Resource(last),
        (_, None) => Destination::Elsewhere,
    };
    let ended = trace.outcome.unwrap_or(graph.looped);
    let mut outcome = answer::outcome(model, ended);
    outcome.location = outcome.location.map(|location| paths::filled(&location, request));
    let principal = &graph.identities.principals()[request.principal as usize];
    let principals = match principal {
        Principal::Anonymous => Principals { anonymous: true, ..Principals::default() },
        Principal::AnyAccount => Principals { any_account: true, ..Principals::default() },
        other => Principals { named: vec![other.name()], ..Principals::default() },
    };
    let mut guards: Vec<GuardHop> =
        trace.steps.iter().filter_map(|step| selector::guards(graph, step.hop)).collect();
    guards.dedup();
    let arrives = outcome.kind.is_arrival();
    let chosen =
        trace.choices.iter().filter(|(choice, _)| graph.choice(*choice).branches.len() > 1);
    Path {
        from: from.sender.clone(),
        to,
        entry: trace.entry,
        outcome,
        guards,
        guard: None,
        principals,
        hops: steps::of_walk(graph, trace, &[]),
        resolved: None,
        reply: if arrives { steps::of_reply(graph, trace) } else { Vec::new() },
        requests: Requests {
            clauses: Vec::new(),
            single: Some(Box::new(request.clone())),
            witness: Some(witness::show(graph, request)),
        },
        choices: chosen
            .map(|(choice, branch)| Chosen { choice: *choice, taken: vec![*branch] })
            .collect(),
        assumptions: trace
            .consulted
            .iter()
            .map(|(assumption, _)| Needed { assumption: *assumption, value: None })
            .collect(),
    }
}

fn asked(parameters: &Parameters) -> AskedQuestion {
    let mut list =
        vec![("from", vec![parameters.from.clone()]), ("url", vec![parameters.url.clone()])];
    list.extend(parameters.principal.iter().map(|name| ("as", vec![name.clone()])));
    list.extend(parameters.audience.iter().map(|audience| ("audience", vec![audience.clone()])));
    list.extend(parameters.source_ip.iter().map(|ip| ("source_ip", vec![ip.to_string()])));
    list.extend(parameters.connect_to.iter().map(|ip| ("connect_to", vec![ip.to_string()])));
    list.extend(parameters.method.iter().map(|method| ("method", vec![method.clone()])));
    list.extend(parameters.region.iter().map(|region| ("region", vec![region.clone()])));
    if !parameters.headers.is_empty() {
        let headers =
            parameters.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        list.push(("headers", headers));
    }
    if !parameters.conditions.is_empty() {
        let written = |(name, holds): &(String, bool)| match holds {
            true => name.clone(),
            false => format!("{name}=false"),
        };
        list.push(("conditions", parameters.conditions.iter().map(written).collect()));
    }
    AskedQuestion { kind: QuestionKind::Trace, parameters: list }
}
