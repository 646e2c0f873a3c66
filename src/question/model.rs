//! What questions are asked of.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use ipnet::IpNet;
use jiff::Timestamp;

use crate::graph::{Graph, Options, Placeholders, Request, compile};
use crate::inventory::Inventory;
use crate::rules;
use crate::source::{Places, nearest};
use crate::topology::Topology;
use crate::topology::firewall::Protocol;

/// A topology, compiled, with what the asker takes for granted: what questions are asked of.
///
/// [`Loaded::compile`](crate::Loaded::compile) makes one.
#[derive(Debug)]
pub struct Model {
    /// The topology.
    #[doc(hidden)]
    pub topology: Arc<Topology>,
    /// Where its facts stand.
    #[doc(hidden)]
    pub places: Arc<Places>,
    /// Its graph.
    #[doc(hidden)]
    pub graph: Graph,
    /// The time at which conditions on time were decided.
    pub at: Timestamp,
}

impl Model {
    /// Compiles a topology without errors. An id in `options.assumed` that no assumption has is an
    /// error.
    #[doc(hidden)]
    pub fn new(
        topology: Arc<Topology>,
        places: Arc<Places>,
        options: Options,
    ) -> Result<Self, AskError> {
        let at = options.at;
        let assumed = options.assumed.clone();
        let graph = compile(&Inventory::new(&topology), options);
        for (id, _) in &assumed {
            let known = || graph.assumptions.iter().map(|assumption| assumption.id.as_str());
            if known().any(|other| other == id) {
                continue;
            }
            // What the rulebook disputes may matter in one topology and not in another.
            let switches = || rules::switches().map(|dispute| dispute.id.as_str());
            if !switches().any(|other| other == id) {
                let with_value = |known: &str| {
                    known.strip_prefix(id.as_str()).is_some_and(|rest| rest.starts_with('='))
                };
                let help = match known().find(|known| with_value(known)) {
                    Some(whole) => Some(format!("write `--assume {whole}=true`")),
                    None => nearest(id, known().chain(switches()))
                        .map(|near| format!("did you mean `{near}`?")),
                };
                let message = match rules::dispute(id) {
                    Some(_) => format!("what sources do not settle as `{id}` is not modelled"),
                    None => format!("nothing is assumed under the id `{id}`"),
                };
                return Err(AskError { message, help });
            }
        }
        Ok(Model { topology, places, graph, at })
    }
}

/// Why a question cannot be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskError {
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

impl fmt::Display for AskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        self.help.iter().try_for_each(|help| write!(f, " ({help})"))
    }
}

impl Error for AskError {}

/// Refuses addresses that no packet has: the graph uses them for what has no known address.
pub(super) fn on_some_network(range: IpNet) -> Result<(), AskError> {
    if !Placeholders::reserves(range) && !range.addr().is_loopback() {
        return Ok(());
    }
    let what = if range.prefix_len() == range.max_prefix_len() {
        range.addr().to_string()
    } else {
        range.to_string()
    };
    Err(AskError {
        message: format!("no packet has an address of `{what}`"),
        help: Some(
            "0.0.0.0/8 is reserved, and loopback stays inside the container; name an address that \
             something can have"
                .into(),
        ),
    })
}

/// Restricts a question to some requests.
#[derive(Debug, Clone, Default)]
pub struct RequestFilter {
    /// The host.
    pub host: Option<String>,
    /// The path; a final `*` means every path that begins so.
    pub path: Option<String>,
    /// The protocol; TCP if absent, which HTTP stands on.
    pub protocol: Option<Protocol>,
    /// The port.
    pub port: Option<u16>,
    /// The method.
    pub method: Option<String>,
    /// Who sends it: `anonymous`, or an IAM member string.
    pub principal: Option<String>,
    /// Where it comes from.
    pub source_ip: Option<IpNet>,
    /// The region that it comes from (ISO 3166-1 alpha-2).
    pub region: Option<String>,
    /// Free properties that it has, or does not have, by name (`waf/sqli-v33-stable`).
    pub conditions: Vec<(String, bool)>,
    /// This very request, whatever is assumed and chosen.
    pub only: Option<Only>,
}

/// A request that is fixed in every field.
#[derive(Debug, Clone)]
pub struct Only {
    /// The request.
    pub request: Box<Request>,
    /// Whether that goes for the address it is sent to; if not, it goes where its host leads.
    pub destination: bool,
}

impl RequestFilter {
    /// Refuses values that no request has.
    pub fn validate(&self) -> Result<(), AskError> {
        let refuse =
            |message: String, help: &str| Err(AskError { message, help: Some(help.into()) });
        if let Some(host) = &self.host {
            let plain = |c: char| c.is_ascii_alphanumeric() || "-_.:[]".contains(c);
            let address = host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok();
            if host.is_empty() || !host.chars().all(plain) || host.contains(':') && !address {
                let message = format!("`{host}` is not a host");
                return refuse(
                    message,
                    "write the name alone, like `www.example.com`; `--port` takes the port",
                );
            }
        }
        if let Some(path) = &self.path {
            let plain = |c: char| ('!'..='~').contains(&c) && c != '?' && c != '#';
            let rest = path.strip_suffix('*').unwrap_or(path);
            if path != "*" && !rest.starts_with('/') || !rest.chars().all(plain) {
                let message = format!("`{path}` is not a path");
                return refuse(
                    message,
                    "write it with a `/` in front and without a query, like `/admin` or `/admin/*`",
                );
            }
        }
        if let Some(method) = &self.method
            && (method.is_empty() || !method.chars().all(|c| c.is_ascii_alphabetic()))
        {
            return refuse(format!("`{method}` is not a method"), "write one like `GET`");
        }
        if let Some(region) = &self.region
            && (region.len() != 2 || !region.chars().all(|c| c.is_ascii_alphabetic()))
        {
            let message = format!("`{region}` is not a region of senders");
            return refuse(message, "write the two letters of a country or area, like `JP`");
        }
        Ok(())
    }

    /// The filter as parameters of a question.
    pub fn shown(&self) -> Vec<(&'static str, Vec<String>)> {
        let mut shown = Vec::new();
        let mut add = |name: &'static str, value: Option<String>| {
            shown.extend(value.map(|value| (name, vec![value])));
        };
        add("host", self.host.clone());
        add("path", self.path.clone());
        add("protocol", self.protocol.map(|protocol| protocol.to_string()));
        add("port", self.port.map(|port| port.to_string()));
        add("method", self.method.clone());
        add("as", self.principal.clone());
        add("source_ip", self.source_ip.map(|range| range.to_string()));
        add("region", self.region.clone());
        if !self.conditions.is_empty() {
            let written = |(name, holds): &(String, bool)| match holds {
                true => name.clone(),
                false => format!("{name}=false"),
            };
            shown.push(("conditions", self.conditions.iter().map(written).collect()));
        }
        shown
    }
}
