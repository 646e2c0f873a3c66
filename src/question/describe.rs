//! Sets of requests in words, and one of them in full.

use std::net::IpAddr;
use std::sync::Arc;

use hashbrown::HashMap;
use rustc_hash::FxBuildHasher;

use super::Model;
use super::answer::{Principals, Witness};
use crate::graph::identity::{Credential, Principal};
use crate::graph::names::{HashForm, shown};
use crate::graph::{Graph, Request};
use crate::sets::{Axis, AxisValues, Set, Sets, TextPiece, address};
use crate::solve::Layout;

/// How many values of one field are written out.
const SHOWN: usize = 4;

/// Who sends the requests of a set.
pub fn principals(graph: &Graph, layout: &Layout, sets: &mut Sets, set: Set) -> Principals {
    let all = graph.identities.principals();
    let classes: Vec<u32> = match sets.axis_values(set, layout.principal) {
        AxisValues::All => (0..all.len() as u32).collect(),
        AxisValues::Values(classes) => classes,
        _ => Vec::new(),
    };
    let mut principals = Principals::default();
    let mut named: Vec<&Principal> = Vec::new();
    for class in classes {
        match &all[class as usize] {
            Principal::Anonymous => principals.anonymous = true,
            Principal::AnyAccount => principals.any_account = true,
            other => named.push(other),
        }
    }
    // Whoever is named is an account as well.
    if !principals.any_account {
        principals.named = named.into_iter().map(Principal::name).collect();
    }
    principals
}

/// Puts sets into words. It has sets of its own, for what it makes of them, and remembers what the
/// values of a field are called, which many paths share.
pub struct Describer<'m> {
    model: &'m Model,
    /// The axes.
    pub layout: Arc<Layout>,
    /// The sets.
    pub sets: Sets,
    fields: HashMap<(Axis, Set), Option<String>, FxBuildHasher>,
    senders: HashMap<Set, Principals, FxBuildHasher>,
}

impl<'m> Describer<'m> {
    /// One that knows no sets yet.
    pub fn new(model: &'m Model, layout: Arc<Layout>) -> Self {
        let sets = Sets::new(Arc::clone(&layout.space));
        let (fields, senders) = (HashMap::default(), HashMap::default());
        Describer { model, layout, sets, fields, senders }
    }

    /// Who sends the requests of a set.
    pub fn principals(&mut self, set: Set) -> Principals {
        let own = self.sets.onto(set, self.layout.principal);
        if let Some(known) = self.senders.get(&own) {
            return known.clone();
        }
        let principals = principals(&self.model.graph, &self.layout, &mut self.sets, own);
        self.senders.insert(own, principals.clone());
        principals
    }

    /// What tells the requests of a set from others, field by field.
    pub fn words(&mut self, set: Set) -> String {
        let layout = Arc::clone(&self.layout);
        let support = self.sets.support(set);
        let mut clauses: Vec<String> = Vec::new();
        let mut tell = |axis: Axis, name: &str| {
            if support.contains(&axis)
                && let Some(text) = self.field(set, axis)
            {
                clauses.push(format!("{name} {text}"));
            }
        };
        tell(layout.host, "host");
        tell(layout.path, "path");
        tell(layout.query, "query");
        tell(layout.method, "method");
        for (name, axis) in &layout.headers {
            tell(*axis, &format!("header {name}"));
        }
        for (name, (_, axis)) in &layout.address_headers {
            tell(*axis, &format!("header {name}"));
        }
        tell(layout.source, "from");
        tell(layout.region, "region");
        tell(layout.asn, "AS");
        for axis in support {
            if let Ok(at) = layout.conditions.binary_search(&axis)
                && let AxisValues::Flag(holds) = self.sets.axis_values(set, axis)
            {
                let text = &self.model.graph.conditions[at].text;
                clauses.push(if holds { text.clone() } else { negated(text) });
            }
        }
        if clauses.is_empty() { "every request".into() } else { clauses.join("; ") }
    }

    /// One request of a set: HTTPS on 443, GET, the path `/`, if the set has such ones.
    pub fn plain_request(&mut self, requests: Set) -> Option<Request> {
        let layout = Arc::clone(&self.layout);
        let sets = &mut self.sets;
        let mut set = requests;
        let mut wishes: Vec<Set> = Vec::new();
        wishes.extend(sets.one_of(layout.protocol, &[0]).ok());
        wishes.extend(sets.flag(layout.https).ok());
        wishes.extend(sets.number_ranges(layout.port, &[(443, 443)]).ok());
        wishes.extend(sets.number_ranges(layout.port, &[(80, 80)]).ok());
        wishes.extend(sets.exact(layout.method, "GET").ok());
        wishes.extend(sets.exact(layout.method, "POST").ok());
        for wish in wishes {
            let narrower = sets.and(set, wish);
            if !sets.is_empty(narrower) {
                set = narrower;
            }
        }
        let point = sets.witness(set)?;
        let request = layout.request(&point);
        // Rather a host that leads to the address than any that the set has, and rather a name that
        // is known than one whose hash is not.
        let graph = &self.model.graph;
        let known = graph.names.service_of(&request.host).and_then(|id| graph.names.run_app(id));
        let hosts = graph.names.hosts_at(request.destination).iter().rev().map(String::as_str);
        for host in known.into_iter().chain(hosts) {
            let Ok(named) = sets.exact(layout.host, host) else { continue };
            let narrower = sets.and(set, named);
            if !sets.is_empty(narrower) {
                return sets.witness(narrower).map(|point| layout.request(&point));
            }
        }
        Some(request)
    }

    /// The values of one field in words; nothing if every value occurs.
    fn field(&mut self, set: Set, axis: Axis) -> Option<String> {
        let own = self.sets.onto(set, axis);
        if let Some(known) = self.fields.get(&(axis, own)) {
            return known.clone();
        }
        let values = self.sets.axis_values(own, axis);
        let text = field_words(&self.model.graph, &self.layout, values, axis);
        self.fields.insert((axis, own), text.clone());
        text
    }
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

fn field_words(graph: &Graph, layout: &Layout, values: AxisValues, axis: Axis) -> Option<String> {
    let suffix = axis == layout.host;
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
                pieces.iter().map(|piece| text_piece(layout, piece, suffix)).collect();
            list(&pieces)
        }
        AxisValues::TextExcept(pieces) => {
            let pieces: Vec<String> =
                pieces.iter().map(|piece| text_piece(layout, piece, suffix)).collect();
            format!("any but {}", list(&pieces))
        }
    })
}

fn text_piece(layout: &Layout, piece: &TextPiece, suffix: bool) -> String {
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
                within.iter().map(|piece| text_piece(layout, piece, suffix)).collect();
            if words.is_empty() {
                words.push("any".into());
            }
            let space = &layout.space;
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
    let mut witness = Witness {
        source_ip: source_ip(graph, request),
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

/// The address that a request comes from, or what is known of it.
pub fn source_ip(graph: &Graph, request: &Request) -> String {
    match graph.placeholders.label(request.source) {
        Some(label) => label.to_string(),
        None => request.source.to_string(),
    }
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
