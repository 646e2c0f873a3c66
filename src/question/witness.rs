//! One request in full, and the command that sends it.

use std::net::IpAddr;

use super::Model;
use super::answer::Witness;
use crate::graph::identity::Credential;
use crate::graph::names::HashForm;
use crate::graph::{Graph, Placeholders, Request};

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

pub fn credential_words(model: &Model, credential: &Credential) -> String {
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
    if request.method == "HEAD" {
        // It waits for no body.
        command.push_str(" --head");
    } else if request.method != "GET" {
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
    headers(model, request, &mut command);
    let default = if request.https { 443 } else { 80 };
    let port = if request.port == default { String::new() } else { format!(":{}", request.port) };
    if witness.path.contains("/.") {
        // Else a command takes `.` and `..` for steps.
        command.push_str(" --path-as-is");
    }
    let over_ipv6 =
        [Placeholders::GOOGLE_FRONT_END_IPV6, Placeholders::ELSEWHERE_IPV6].map(IpAddr::V6);
    if over_ipv6.contains(&request.destination) {
        command.push_str(" -6");
    }
    let path = sendable(&witness.path);
    if let Some(url) = looked_up(model, request) {
        command.push_str(&format!(" {url}{}", quoted(&path)));
        return command;
    }
    if request.https && !graph.names.is_certified(request.destination, &request.host) {
        command.push_str(" -k");
    }
    let bare = request.host.trim_matches(['[', ']']);
    if let Some(address) = witness.destination_ip.as_ref().filter(|address| *address != bare) {
        if bare.parse::<IpAddr>().is_ok() {
            // One address as the host, another to connect to.
            let to = if address.contains(':') { format!("[{address}]") } else { address.clone() };
            let port = request.port;
            command.push_str(&format!(" --connect-to {}:{port}:{to}:{port}", request.host));
        } else {
            command.push_str(&format!(" --resolve {}:{}:{address}", request.host, request.port));
        }
    }
    let url = format!("{}://{}{port}{}", witness.scheme, request.host, path);
    // Brackets of an address are no pattern.
    if url.contains(['[', ']', '{', '}']) {
        command.push_str(" -g");
    }
    command.push(' ');
    command.push_str(&quoted(&url));
    command
}

/// What a command sends by itself, where the request may have it.
pub const SENT: [(&str, &str); 2] = [("accept", "*/*"), ("user-agent", "curl/8.5.0")];

/// Whether a character stands in a URL as it is, for any command and any shell.
pub fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-._~/=&".contains(c)
}

/// The headers of a request, as options of the command.
fn headers(model: &Model, request: &Request, command: &mut String) {
    for (name, value) in &request.headers {
        match value.as_str() {
            // What it sends by itself whatever its version.
            "*/*" if name == "accept" => {}
            "" => command.push_str(&format!(" -H {}", quoted(&format!("{name};")))),
            value => command.push_str(&format!(" -H {}", quoted(&format!("{name}: {value}")))),
        }
    }
    for (name, _) in SENT {
        let asked = model.graph.asked_headers.contains(name);
        if asked && !request.headers.contains_key(name) {
            command.push_str(&format!(" -H '{name}:'"));
        }
    }
}

/// The URL of a service whose names are not known, as a command that looks it up.
fn looked_up(model: &Model, request: &Request) -> Option<String> {
    let names = &model.graph.names;
    let form = HashForm::parse(&request.host).filter(HashForm::is_open)?;
    let untagged = format!("{}-{}-{}.a.run.app", form.name, form.hash, form.code);
    let service = names.service_of(&untagged)?;
    let region = model
        .topology
        .services
        .get(service)
        .and_then(|service| service.region.known().cloned())
        .unwrap_or_default();
    let url = format!(
        "gcloud run services describe {service} --region {region} --format 'value(status.url)'"
    );
    Some(match form.tag {
        None => format!("\"$({url})\""),
        // What is behind `https://`.
        Some(tag) => format!("\"https://{tag}---$({url} | cut -c 9-)\""),
    })
}

/// A path with what no request can have as it is, such as a space, percent-encoded.
fn sendable(path: &str) -> String {
    let byte = |byte: u8| match byte {
        b'!'..=b'~' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    path.bytes().map(byte).collect()
}

fn quoted(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/@%+=,".contains(&byte);
    if !text.is_empty() && text.bytes().all(plain) {
        return text.into();
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}
