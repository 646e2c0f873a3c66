//! Sets of requests in words, and one of them in full.

use std::net::IpAddr;

use super::Model;
use super::answer::{Principals, Witness};
use crate::graph::identity::{Credential, Principal};
use crate::graph::names::{HashForm, shown};
use crate::graph::{Graph, Request};
use crate::sets::{AxisValues, Set, TextPiece, address};
use crate::solve::Solver;

/// How many values of one field are written out.
const SHOWN: usize = 4;

/// Who sends the requests of a set.
pub fn principals(solver: &mut Solver<'_>, requests: Set) -> Principals {
    let axis = solver.layout.principal;
    let classes: Vec<u32> = match solver.sets.axis_values(requests, axis) {
        AxisValues::All => (0..solver.graph.identities.principals().len() as u32).collect(),
        AxisValues::Values(classes) => classes,
        _ => Vec::new(),
    };
    let mut principals = Principals::default();
    for class in classes {
        match &solver.graph.identities.principals()[class as usize] {
            Principal::Anonymous => principals.anonymous = true,
            Principal::AnyAccount => principals.any_account = true,
            other => principals.named.push(other.name()),
        }
    }
    if principals.any_account {
        // Whoever is named is an account as well.
        principals.named.clear();
    }
    principals
}

/// What tells the requests of a set from others, field by field.
pub fn words(model: &Model, solver: &mut Solver<'_>, set: Set) -> String {
    let graph = &model.graph;
    let layout = std::sync::Arc::clone(&solver.layout);
    let support = solver.sets.support(set);
    let mut clauses: Vec<String> = Vec::new();
    let mut tell = |solver: &mut Solver<'_>, axis, name: &str, suffix: bool| {
        if support.contains(&axis)
            && let Some(text) = field_words(graph, solver, set, axis, suffix)
        {
            clauses.push(format!("{name} {text}"));
        }
    };
    tell(solver, layout.host, "host", true);
    tell(solver, layout.path, "path", false);
    tell(solver, layout.query, "query", false);
    tell(solver, layout.method, "method", false);
    for (name, axis) in &layout.headers {
        tell(solver, *axis, &format!("header {name}"), false);
    }
    for (name, (_, axis)) in &layout.address_headers {
        tell(solver, *axis, &format!("header {name}"), false);
    }
    tell(solver, layout.source, "from", false);
    tell(solver, layout.region, "region", false);
    tell(solver, layout.asn, "AS", false);
    for (at, axis) in layout.conditions.iter().enumerate() {
        if support.contains(axis)
            && let AxisValues::Flag(holds) = solver.sets.axis_values(set, *axis)
        {
            let text = &graph.conditions[at].text;
            clauses.push(if holds { text.clone() } else { negated(text) });
        }
    }
    if clauses.is_empty() { "every request".into() } else { clauses.join("; ") }
}

/// The contrary of a condition in words.
fn negated(text: &str) -> String {
    for (verb, contrary) in [
        ("matches ", "does not match "),
        ("is ", "is not "),
        ("has ", "does not have "),
        ("meets ", "does not meet "),
    ] {
        if let Some(rest) = text.strip_prefix(verb) {
            return format!("{contrary}{rest}");
        }
    }
    format!("not: {text}")
}

fn field_words(
    graph: &Graph,
    solver: &mut Solver<'_>,
    set: Set,
    axis: crate::sets::Axis,
    suffix: bool,
) -> Option<String> {
    let values = solver.sets.axis_values(set, axis);
    let layout = &solver.layout;
    Some(match values {
        AxisValues::All | AxisValues::Nothing | AxisValues::Flag(_) => return None,
        AxisValues::Addresses(ranges) => addresses(graph, &ranges),
        AxisValues::Numbers(ranges) => {
            let all: Vec<String> = ranges
                .iter()
                .map(
                    |(low, high)| {
                        if low == high { low.to_string() } else { format!("{low}-{high}") }
                    },
                )
                .collect();
            list(&all)
        }
        AxisValues::Values(values) if axis == layout.region => {
            let named = |values: &[u32]| -> Vec<String> {
                values
                    .iter()
                    .filter(|value| **value != 0)
                    .map(|value| layout.regions[*value as usize].to_string())
                    .collect()
            };
            if values.contains(&0) {
                let missing: Vec<u32> = (0..layout.regions.len() as u32)
                    .filter(|value| !values.contains(value))
                    .collect();
                format!("any but {}", list(&named(&missing)))
            } else {
                list(&named(&values))
            }
        }
        AxisValues::Values(values) => {
            list(&values.iter().map(ToString::to_string).collect::<Vec<_>>())
        }
        AxisValues::Text(pieces) => {
            let pieces: Vec<String> =
                pieces.iter().map(|piece| text_piece(solver, piece, suffix)).collect();
            list(&pieces)
        }
        AxisValues::TextExcept(pieces) => {
            let pieces: Vec<String> =
                pieces.iter().map(|piece| text_piece(solver, piece, suffix)).collect();
            format!("any but {}", list(&pieces))
        }
    })
}

fn text_piece(solver: &Solver<'_>, piece: &TextPiece, suffix: bool) -> String {
    match piece {
        TextPiece::Absent => "absent".into(),
        TextPiece::Exact(text) if text.is_empty() => "empty".into(),
        TextPiece::Exact(text) if suffix => shown(text),
        TextPiece::Exact(text) => text.clone(),
        TextPiece::Prefix(text) if text.is_empty() => "any".into(),
        TextPiece::Prefix(text) if suffix => format!("*{text}"),
        TextPiece::Prefix(text) => format!("{text}*"),
        TextPiece::Between { from, until } => match until {
            Some(until) => format!("from {from:?} to before {until:?}"),
            None => format!("from {from:?} on"),
        },
        TextPiece::Matching { within, holds, fails } => {
            let mut words: Vec<String> =
                within.iter().map(|piece| text_piece(solver, piece, suffix)).collect();
            if words.is_empty() {
                words.push("any".into());
            }
            let space = &solver.layout.space;
            let mut text = list(&words);
            for pattern in holds {
                text.push_str(&format!(" like `{}`", space.pattern(*pattern).regex));
            }
            for pattern in fails {
                text.push_str(&format!(" not like `{}`", space.pattern(*pattern).regex));
            }
            text
        }
    }
}

fn addresses(graph: &Graph, ranges: &[(u128, u128)]) -> String {
    let total = ranges.len();
    // Most of the space: what is left out says more.
    let covers =
        |low: u128, high: u128| ranges.iter().any(|(from, until)| *from <= low && high <= *until);
    let some = address::number(IpAddr::from([1, 0, 0, 0]));
    let public = total > SHOWN && covers(some, some);
    if public {
        return "public addresses".into();
    }
    let mut pieces = Vec::new();
    for (low, high) in ranges {
        let (low, high) = (address::address(*low), address::address(*high));
        if low == high {
            pieces.push(match graph.placeholders.label(low) {
                Some(label) => label.to_string(),
                None => low.to_string(),
            });
        } else {
            let subnets: Vec<String> = match (low, high) {
                (IpAddr::V4(low), IpAddr::V4(high)) => {
                    ipnet::Ipv4Subnets::new(low, high, 0).map(|net| net.to_string()).collect()
                }
                (IpAddr::V6(low), IpAddr::V6(high)) => {
                    ipnet::Ipv6Subnets::new(low, high, 0).map(|net| net.to_string()).collect()
                }
                _ => vec![format!("{low}-{high}")],
            };
            if subnets.len() > 3 {
                pieces.push(format!("{low}-{high}"));
            } else {
                pieces.extend(subnets);
            }
        }
    }
    list(&pieces)
}

fn list(pieces: &[String]) -> String {
    if pieces.len() <= SHOWN + 1 {
        return pieces.join(", ");
    }
    format!("{} and {} more", pieces[..SHOWN].join(", "), pieces.len() - SHOWN)
}

/// One request of a set: HTTPS on 443, GET, the path `/`, if the set has such ones.
pub fn plain_request(solver: &mut Solver<'_>, requests: Set) -> Option<Request> {
    let layout = std::sync::Arc::clone(&solver.layout);
    let mut set = requests;
    let mut wishes: Vec<Set> = Vec::new();
    wishes.extend(solver.sets.flag(layout.https).ok());
    wishes.extend(solver.sets.number_ranges(layout.port, &[(443, 443)]).ok());
    wishes.extend(solver.sets.number_ranges(layout.port, &[(80, 80)]).ok());
    wishes.extend(solver.sets.exact(layout.method, "GET").ok());
    wishes.extend(solver.sets.exact(layout.method, "POST").ok());
    for wish in wishes {
        let narrower = solver.sets.and(set, wish);
        if !solver.sets.is_empty(narrower) {
            set = narrower;
        }
    }
    let point = solver.sets.witness(set)?;
    let request = layout.request(&point);
    // Rather a host that leads to the address than any that the set has, and rather a name that
    // is known than one whose hash is not.
    let graph = solver.graph;
    let known = graph.names.service_of(&request.host).and_then(|id| graph.names.run_app(id));
    let hosts = graph.names.hosts_at(request.destination).iter().rev().map(String::as_str);
    for host in known.into_iter().chain(hosts) {
        let Ok(named) = solver.sets.exact(layout.host, host) else { continue };
        let narrower = solver.sets.and(set, named);
        if !solver.sets.is_empty(narrower) {
            return solver.sets.witness(narrower).map(|point| layout.request(&point));
        }
    }
    Some(request)
}

/// A request in full.
pub fn show(model: &Model, request: &Request) -> Witness {
    let graph = &model.graph;
    let known = |address: IpAddr| match graph.placeholders.label(address) {
        Some(_) => None,
        None => Some(address.to_string()),
    };
    let scheme = if request.https { "https" } else { "http" };
    let path = match request.query.as_str() {
        "" => request.path.clone(),
        query => format!("{}?{query}", request.path),
    };
    let principal = &graph.identities.principals()[request.principal as usize];
    let credential = &graph.identities.credentials()[request.credential as usize];
    let source = match graph.placeholders.label(request.source) {
        Some(label) => label.to_string(),
        None => request.source.to_string(),
    };
    let mut witness = Witness {
        source_ip: source,
        destination_ip: known(request.destination),
        scheme,
        host: request.host.clone(),
        port: request.port,
        method: request.method.clone(),
        path,
        headers: request.headers.clone(),
        principal: principal.name(),
        credential: credential_words(model, credential),
        region: (!request.region.is_empty()).then(|| request.region.clone()),
        asn: (request.asn != 0).then_some(request.asn),
        conditions: request
            .conditions
            .iter()
            .map(|condition| graph.condition(*condition).name.clone())
            .collect(),
        curl: String::new(),
    };
    witness.curl = curl(model, request, credential, &witness);
    witness
}

fn credential_words(model: &Model, credential: &Credential) -> String {
    match credential {
        Credential::None => "none".into(),
        Credential::Invalid => "a token that Google does not accept".into(),
        Credential::UserToken => "the user's own ID token from gcloud".into(),
        Credential::IapLogin => "a session signed in at IAP".into(),
        Credential::IapToken => "an ID token for IAP".into(),
        Credential::IapAgentToken => "the token of IAP's agent".into(),
        Credential::OtherAudience => "an ID token for another audience".into(),
        Credential::ServiceAudience(index) => {
            let id = model.topology.services.get_index(*index as usize).map_or("", |(id, _)| id);
            format!("an ID token for service/{id}")
        }
        Credential::Audience(audience) => format!("an ID token for the audience `{audience}`"),
    }
}

/// A command that sends a request, as nearly as a command can.
fn curl(model: &Model, request: &Request, credential: &Credential, witness: &Witness) -> String {
    let graph = &model.graph;
    let mut command = String::from("curl");
    if request.method != "GET" {
        command.push_str(&format!(" -X {}", request.method));
    }
    let token = match credential {
        Credential::None | Credential::IapAgentToken => None,
        Credential::Invalid => Some("invalid".to_string()),
        Credential::UserToken => Some("$(gcloud auth print-identity-token)".into()),
        Credential::IapLogin => None,
        Credential::IapToken => Some("$IAP_ID_TOKEN".into()),
        Credential::OtherAudience => {
            Some("$(gcloud auth print-identity-token --audiences=https://other.invalid)".into())
        }
        Credential::ServiceAudience(index) => {
            let id = model.topology.services.get_index(*index as usize).map_or("", |(id, _)| id);
            let host = graph.names.run_app(id).unwrap_or_default();
            Some(format!("$(gcloud auth print-identity-token --audiences=https://{host})"))
        }
        Credential::Audience(audience) => {
            Some(format!("$(gcloud auth print-identity-token --audiences={audience})"))
        }
    };
    if let Some(token) = token {
        command.push_str(&format!(" -H \"Authorization: Bearer {token}\""));
    }
    if matches!(credential, Credential::IapLogin) {
        command.push_str(" --cookie \"$IAP_SESSION\"");
    }
    for (name, value) in &request.headers {
        command.push_str(&format!(" -H {}", quoted(&format!("{name}: {value}"))));
    }
    let default = if request.https { 443 } else { 80 };
    let port = if request.port == default { String::new() } else { format!(":{}", request.port) };
    let host_is_open = graph
        .names
        .service_of(&request.host)
        .filter(|_| HashForm::parse(&request.host).is_some_and(|form| form.is_open()));
    if let Some(service) = host_is_open {
        let region = model
            .topology
            .services
            .get(service)
            .and_then(|service| service.region.known().cloned())
            .unwrap_or_default();
        command.push_str(&format!(
            " \"$(gcloud run services describe {service} --region {region} --format 'value(status.url)'){}\"",
            witness.path
        ));
        return command;
    }
    if let Some(address) = &witness.destination_ip
        && *address != request.host
    {
        command.push_str(&format!(" --resolve {}:{}:{address}", request.host, request.port));
    }
    let url = format!("{}://{}{port}{}", witness.scheme, request.host, witness.path);
    command.push(' ');
    command.push_str(&quoted(&url));
    command
}

fn quoted(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/@%+=,".contains(&byte);
    if !text.is_empty() && text.bytes().all(plain) {
        return text.into();
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}
