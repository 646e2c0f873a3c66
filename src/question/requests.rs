//! The requests that a question is about, as a set.

use ipnet::IpNet;

use super::model::{Only, on_some_network};
use super::selector::SelectedSender;
use super::{AskError, Model, RequestFilter};
use crate::graph::{ConditionId, Graph, NameAnswer, Source};
use crate::sets::{Axis, Set};
use crate::solve::{Current, Solver, protocol_index};
use crate::topology::firewall::Protocol;

/// The requests that a question is about: what the source sends, restricted by the filter.
pub fn asked(
    model: &Model,
    solver: &mut Solver<'_>,
    from: &SelectedSender,
    filter: &RequestFilter,
) -> Result<Set, AskError> {
    let source = &model.graph.sources[from.source];
    let mut set = solver.sent(source);
    let restriction = filtered(model, solver, filter)?;
    set = solver.sets.and(set, restriction);
    if let Some(class) = from.principal {
        let only = solver.sets.one_of(solver.layout.principal, &[class]);
        set = solver.sets.and(set, only.unwrap_or(Set::EMPTY));
    }
    Ok(set)
}

/// Refuses a filter that keeps no request of any of the sources: what is asked of none would be
/// answered `no`.
pub fn sendable(
    model: &Model,
    solver: &mut Solver<'_>,
    from: &[SelectedSender],
    filter: &RequestFilter,
) -> Result<(), AskError> {
    let names = || {
        let names: Vec<String> =
            from.iter().map(|each| format!("`{}`", each.name(&model.graph))).collect();
        names.join(", ")
    };
    if let Some(range) = filter.source_ip {
        on_some_network(range)?;
        let axis = solver.layout.source;
        let wanted = solver.ranges(axis, &[range]);
        let can_be = from.iter().any(|each| {
            let sent = solver.sent(&model.graph.sources[each.source]);
            solver.sets.intersects(sent, wanted)
        });
        if !can_be {
            return Err(AskError {
                message: format!("{} cannot send from `{range}`", names()),
                help: Some("`portolan show` prints the addresses of a source".into()),
            });
        }
    }
    if filter.shown().is_empty() {
        return Ok(());
    }
    for each in from {
        let asked = asked(model, solver, each, filter)?;
        if !solver.sets.is_empty(asked) {
            return Ok(());
        }
    }
    Err(AskError {
        message: format!("{} sends no request that the question is about", names()),
        help: Some(
            "what restricts it asks for what the source never sends, or excludes itself; \
             `portolan show` prints what a source sends"
                .into(),
        ),
    })
}

/// The requests that a filter keeps, whoever sends them.
pub(super) fn filtered(
    model: &Model,
    solver: &mut Solver<'_>,
    filter: &RequestFilter,
) -> Result<Set, AskError> {
    let layout = std::sync::Arc::clone(&solver.layout);
    filter.validate()?;
    let mut parts: Vec<Set> = Vec::new();
    let mut add = |set: Result<Set, crate::sets::Undeclared>| parts.push(set.unwrap_or(Set::EMPTY));
    if let Some(host) = &filter.host {
        add(solver.sets.exact(layout.host, &model.graph.names.canonical(host)));
    }
    if let Some(path) = &filter.path {
        add(match path.strip_suffix('*') {
            Some("") => Ok(Set::FULL),
            Some(prefix) => solver.sets.prefix(layout.path, prefix),
            None => solver.sets.exact(layout.path, path),
        });
    }
    let protocol = filter.protocol.unwrap_or(Protocol::Tcp);
    if filter.only.is_none() {
        add(solver.sets.one_of(layout.protocol, &[protocol_index(protocol)]));
    }
    if let Some(port) = filter.port {
        add(solver.sets.number_ranges(layout.port, &[(port.into(), port.into())]));
    }
    if let Some(method) = &filter.method {
        add(solver.sets.exact(layout.method, &method.to_ascii_uppercase()));
    }
    if let Some(range) = filter.source_ip {
        on_some_network(range)?;
        let set = solver.ranges(layout.source, &[range]);
        add(Ok(set));
    }
    if let Some(region) = &filter.region {
        let region = region.to_uppercase();
        let index = layout.regions.iter().position(|each| **each == *region).unwrap_or(0);
        add(solver.sets.one_of(layout.region, &[index as u32]));
    }
    for (name, holds) in &filter.conditions {
        let at = condition(&model.graph, name)?;
        let has = solver.sets.flag(layout.conditions[at.0 as usize]);
        add(if *holds { has } else { has.map(|has| solver.sets.not(has)) });
    }
    if let Some(Only { request, destination }) = &filter.only {
        let kept = |axis: &Axis| {
            layout.assumptions.binary_search(axis).is_err()
                && layout.choices.binary_search(axis).is_err()
                && (*destination || *axis != layout.destination)
        };
        let axes: Vec<Axis> = layout.space.axes().filter(kept).collect();
        add(Ok(solver.sets.alike(&layout.point(request), &axes)));
    }
    if let Some(principal) = &filter.principal {
        let class = principal_class(&model.graph, principal)?;
        add(solver.sets.one_of(layout.principal, &[class]));
    }
    Ok(solver.sets.and_all(&parts))
}

/// The condition of a name.
pub fn condition(graph: &Graph, name: &str) -> Result<ConditionId, AskError> {
    let index = graph.conditions.iter().position(|each| each.to_string() == name);
    index.map(|index| ConditionId(index as u32)).ok_or_else(|| {
        let known: Vec<String> = graph.conditions.iter().map(ToString::to_string).collect();
        AskError {
            message: format!("no rule asks for the condition `{name}`"),
            help: crate::source::nearest(name, known.iter().map(String::as_str))
                .map(|near| format!("did you mean `{near}`?")),
        }
    })
}

/// The class of `anonymous` or of an IAM member string.
pub fn principal_class(graph: &Graph, principal: &str) -> Result<u32, AskError> {
    if matches!(principal, "anonymous" | "allUsers") {
        return Ok(crate::graph::identity::Identities::ANONYMOUS);
    }
    if matches!(principal, "any account" | "allAuthenticatedUsers") {
        return Ok(crate::graph::identity::Identities::ANY_ACCOUNT);
    }
    super::selector::identity(graph, principal).ok_or_else(|| AskError {
        message: format!("`{principal}` is not a principal"),
        help: Some(
            "write `anonymous`, or a member such as `user:…`, `serviceAccount:…`, `group:…`".into(),
        ),
    })
}

/// What a filter asks of the axes, for the layout of a solver.
pub fn extra(model: &Model, filter: &RequestFilter) -> crate::solve::Extra {
    let mut extra = crate::solve::Extra::default();
    extra.hosts.extend(filter.host.iter().map(|host| model.graph.names.canonical(host)));
    match filter.path.as_deref().map(|path| (path, path.strip_suffix('*'))) {
        Some((_, Some(prefix))) => extra.path_prefixes.push(prefix.into()),
        Some((path, None)) => extra.paths.push(path.into()),
        None => {}
    }
    extra.methods.extend(filter.method.iter().map(|method| method.to_ascii_uppercase()));
    extra.ports.extend(filter.port);
    extra.ports.extend([80, 443]);
    extra.sources.extend(filter.source_ip);
    extra.regions.extend(filter.region.clone());
    extra
}

/// The addresses that a host leads to where a resolver answers; nothing if it answers none, of which
/// the gate of names tells.
fn led(graph: &Graph, resolver: u32, host: &str) -> Option<Vec<IpNet>> {
    let resolver = &graph.resolvers[resolver as usize];
    match resolver.resolve(host).map(|rule| &rule.answer) {
        Some(NameAnswer::Addresses(ranges)) => Some(ranges.clone()),
        Some(NameAnswer::Nonexistent | NameAnswer::NoAddress | NameAnswer::Unanswered) => None,
        Some(NameAnswer::Unknown) | None => Some(resolver.tried(&graph.public_addresses(host))),
    }
}

/// Adds what a host leads to to what a layout tells apart.
pub fn led_to(model: &Model, host: &str, extra: &mut crate::solve::Extra) {
    let graph = &model.graph;
    let host = graph.names.canonical(host);
    for resolver in 0..graph.resolvers.len() as u32 {
        extra.destinations.extend(led(graph, resolver, &host).into_iter().flatten());
    }
    extra.hosts.push(host);
}

/// The requests of a source that go where a host leads.
pub fn led_by(model: &Model, solver: &mut Solver<'_>, source: &Source, host: &str) -> Set {
    let graph = &model.graph;
    let host = graph.names.canonical(host);
    let there = |solver: &mut Solver<'_>, resolver: u32| match led(graph, resolver, &host) {
        Some(ranges) => solver.ranges(solver.layout.destination, &ranges),
        None => Set::FULL,
    };
    let usually = there(solver, source.resolver);
    let Some((when, other)) = source.other_resolver else { return usually };
    let otherwise = there(solver, other);
    let when = solver.express(when, &Current::start(source.origin));
    let (one, other) = (solver.sets.minus(usually, when), solver.sets.and(otherwise, when));
    solver.sets.or(one, other)
}
