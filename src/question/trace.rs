//! `trace`: one request, step by step, and what its caller sees.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr};

use super::answer::{self, Answer, Asked, OutcomeKind, Path, Principals, Requests, Verdict};
use super::model::on_some_network;
use super::selector::{self, From};
use super::{AskError, Model, paths, rows, steps, verdict, witness};
use crate::graph::HopKind;
use crate::graph::identity::{Credential, Identities, Principal};
use crate::graph::{
    AssumptionId, ConditionId, Expression, ExpressionId, NameAnswer, Outcome, Placeholders, Request,
};
use crate::source::Severity;
use crate::topology::check::CodeInfo;
use crate::topology::firewall::Protocol;
use crate::topology::url::Url;
use crate::walk::{Settled, Trace, Walker};

/// The request that was traced is not one of its source.
pub const CANNOT_BE_SENT: CodeInfo = CodeInfo {
    code: "cannot-be-sent",
    severity: Severity::Warning,
    title: "a request that its source cannot send",
    text: "The request was followed all the same, but the source has other addresses or identities.",
    example: "",
    rule: None,
};

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
    /// Free properties that it has (`waf/sqli-v33-stable`).
    pub conditions: Vec<String>,
}

/// Asks it.
pub fn ask<'m>(model: &'m Model, parameters: &Parameters) -> Result<Answer<'m>, AskError> {
    let graph = &model.graph;
    let sources = selector::sources(model, std::slice::from_ref(&parameters.from))?;
    let from = match sources.as_slice() {
        [one] => one.clone(),
        _ => {
            return Err(AskError {
                message: format!("`{}` is more than one source", parameters.from),
                help: Some("name one, such as `internet` or `service/NAME`".into()),
            });
        }
    };
    let walker = Walker::new(graph);
    let mut request = request(model, parameters, &from)?;
    present(model, &walker, &from, parameters, &mut request)?;
    let source = &graph.sources[from.source];
    let trace = walker.walk_past(source.start, source.origin, &request);
    let delivered = |trace: &Trace| trace.is_delivered(graph);
    let settled = walker.decide(source.start, source.origin, &request, delivered);
    let (found, flips) = match settled {
        Settled::Always(true) => (Verdict::Yes, Vec::new()),
        Settled::Always(false) => (Verdict::No, Vec::new()),
        Settled::Depends(flips) => (Verdict::Depends, flips),
    };
    let mut path = path(model, &from, &request, &trace);
    let mut has_address = true;
    if parameters.connect_to.is_none()
        && let Some(url) = Url::parse(&parameters.url)
    {
        let resolver = &graph.resolvers[source.resolver as usize];
        let name = graph.names.canonical(&url.host);
        path.resolved = steps::resolved(model, resolver, &name);
        let answer = resolver.resolve(&name).map(|rule| &rule.answer);
        has_address = answer.is_none_or(|answer| matches!(answer, NameAnswer::Addresses(_)));
    }
    let consulted: Vec<AssumptionId> = trace.consulted.iter().map(|(id, _)| *id).collect();
    let mut findings = Vec::new();
    // That a name has no address is told by the trace itself.
    if has_address && !walker.can_send(source, &request) {
        findings.push(
            CANNOT_BE_SENT.finding(format!("`{}` cannot send this request", from.name)).help(
                "its address, region or identity is not one of that source; see `portolan show`",
            ),
        );
    }
    Ok(Answer {
        question: asked(parameters),
        summary: summary(found, &path),
        verdict: Some(found),
        complete: graph.unmodelled.is_empty(),
        unmodelled: graph.unmodelled.clone(),
        paths: vec![path].into(),
        egress_addresses: Vec::new(),
        exposure: None,
        assumptions: verdict::show(graph, &consulted, &flips),
        findings,
        at: model.at,
    })
}

/// The request that the parameters describe, with no identity yet.
fn request(model: &Model, parameters: &Parameters, from: &From) -> Result<Request, AskError> {
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
    for name in &parameters.conditions {
        let index = graph.conditions.iter().position(|each| each.name == *name);
        let Some(index) = index else {
            let known = graph.conditions.iter().map(|each| each.name.as_str());
            return Err(AskError {
                message: format!("no rule asks for the condition `{name}`"),
                help: crate::source::nearest(name, known)
                    .map(|near| format!("did you mean `{near}`?")),
            });
        };
        conditions.insert(ConditionId(index as u32));
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
fn default_address(model: &Model, from: &From, destination: IpAddr) -> IpAddr {
    let graph = &model.graph;
    let source = &graph.sources[from.source];
    let mut found = None;
    conjuncts(model, source.requests, &mut |expression| {
        if let Expression::Atom(crate::graph::Atom::Source(ranges)) = expression {
            let of_version =
                ranges.iter().find(|range| range.addr().is_ipv4() == destination.is_ipv4());
            found = found.or(of_version.or(ranges.first()).map(|range| {
                let host = range.hosts().next();
                host.unwrap_or_else(|| range.network())
            }));
        }
    });
    found.unwrap_or(IpAddr::V4(Ipv4Addr::new(203, 0, 113, 1)))
}

/// The region that a source is restricted to.
fn default_region(model: &Model, from: &From) -> String {
    let source = &model.graph.sources[from.source];
    let mut found = String::new();
    conjuncts(model, source.requests, &mut |expression| {
        if let Expression::Atom(crate::graph::Atom::Region(regions)) = expression {
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
    from: &From,
    parameters: &Parameters,
    request: &mut Request,
) -> Result<(), AskError> {
    let graph = &model.graph;
    let Some(name) =
        parameters.principal.as_deref().or_else(|| from.principal.map(|_| from.name.as_str()))
    else {
        return Ok(());
    };
    let class = rows::principal_class(graph, name)?;
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
            .then(|| model.topology.services.index_of(&resource.id))
            .flatten()
    });
    let person =
        name.starts_with("user:") && graph.identities.principals()[class as usize].is_person();
    let token = service.and_then(|index| {
        graph.identities.find_credential(&Credential::ServiceAudience(index as u32))
    });
    request.credential = match (passes_iap, person) {
        (true, true) => Identities::IAP_LOGIN,
        (true, false) => Identities::IAP_TOKEN,
        (false, true) => Identities::USER_TOKEN,
        (false, false) => token.unwrap_or(Identities::OTHER_AUDIENCE),
    };
    Ok(())
}

fn path(model: &Model, from: &From, request: &Request, trace: &Trace) -> Path {
    let graph = &model.graph;
    let end = trace.end().map(|outcome| graph.outcome(outcome));
    let to = match end {
        Some(Outcome::Delivered { to }) => graph.resource(*to).to_string(),
        _ => trace
            .steps
            .last()
            .map(|step| graph.resource(graph.hop(step.hop).resource).to_string())
            .unwrap_or_default(),
    };
    let outcome = match trace.outcome {
        Some(outcome) => paths::outcome(graph, outcome),
        None if trace.looped.is_some() => paths::outcome(graph, graph.looped),
        None => answer::Outcome {
            kind: OutcomeKind::Dropped,
            cause: Some("NO_ROUTE"),
            http_status: None,
            location: None,
        },
    };
    let outcome = answer::Outcome {
        location: outcome.location.as_deref().map(|location| paths::filled(location, request)),
        ..outcome
    };
    let principal = &graph.identities.principals()[request.principal as usize];
    let principals = match principal {
        Principal::Anonymous => Principals { anonymous: true, ..Principals::default() },
        Principal::AnyAccount => Principals { any_account: true, ..Principals::default() },
        other => Principals { named: vec![other.name()], ..Principals::default() },
    };
    let mut guards: Vec<String> =
        trace.steps.iter().filter_map(|step| selector::guards(graph, step.hop)).collect();
    guards.dedup();
    let witness = witness::show(model, request);
    let delivered = outcome.kind == OutcomeKind::Delivered;
    let sometimes =
        trace.choices.iter().any(|(choice, _)| graph.choice(*choice).branches.len() > 1);
    Path {
        from: from.name.clone(),
        to,
        entry: trace.entry.map(|id| paths::entry(graph.entry(id))).unwrap_or_default(),
        outcome,
        guards,
        guard: None,
        principals,
        hops: steps::of_walk(model, trace, &[]),
        resolved: None,
        reply: if delivered { steps::of_reply(model, trace) } else { Vec::new() },
        requests: Requests {
            text: format!(
                "{} {}://{}{}",
                request.method, witness.scheme, request.host, witness.path
            ),
            witness: Some(witness),
        },
        sometimes,
        assumptions: trace
            .consulted
            .iter()
            .map(|(id, _)| graph.assumption(*id).id.clone())
            .collect(),
    }
}

fn asked(parameters: &Parameters) -> Asked {
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
        list.push(("header", headers));
    }
    if !parameters.conditions.is_empty() {
        list.push(("condition", parameters.conditions.clone()));
    }
    Asked { kind: "trace", parameters: list }
}

fn summary(found: Verdict, path: &Path) -> String {
    let seen = match (&path.outcome.kind, path.outcome.http_status, path.outcome.cause) {
        (OutcomeKind::Delivered, None, _) => {
            format!("it leaves for {}; what answers there is not known", path.to)
        }
        (OutcomeKind::Delivered, ..) => format!("delivered to {}", path.to),
        (OutcomeKind::Refused, Some(status), Some(cause)) => {
            format!("the caller sees HTTP {status} ({cause})")
        }
        (OutcomeKind::Aborted, _, Some(cause)) => format!("the caller cannot send it ({cause})"),
        (_, _, Some(cause)) => format!("the caller waits in vain ({cause})"),
        _ => "it does not arrive".into(),
    };
    match found {
        Verdict::Yes => format!("yes: {seen}"),
        Verdict::No => format!("no: {seen}"),
        Verdict::Depends => format!("depends: with the defaults assumed, {seen}"),
    }
}
