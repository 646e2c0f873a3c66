//! The command that sends a request, as nearly as one can.

use std::net::IpAddr;

use super::Words;
use super::outcome::Speaks;
use crate::graph::identity::{Credential, Principal};
use crate::graph::names::HashForm;
use crate::graph::{Placeholder, Placeholders, Request, ResourceKind};
use crate::question::Model;
use crate::question::answer::{Destination, Path, Sender, Witness};
use crate::topology::firewall::Protocol;
use crate::topology::private_access::SqlEngine;

/// What `curl` sends by itself.
const SENT: [&str; 2] = ["accept", "user-agent"];

/// What a caller sends to prove who it is.
pub fn credential(model: &Model, credential: &Credential) -> String {
    match credential {
        Credential::None => "none".into(),
        Credential::Invalid => "a token that Google does not accept".into(),
        Credential::UserToken => "the user's own ID token from gcloud".into(),
        Credential::IapLogin => "a session signed in at IAP".into(),
        Credential::IapToken => "an ID token for IAP".into(),
        Credential::IapAgentToken => "the token of the IAP service agent".into(),
        Credential::OtherAudience => "an ID token for another audience".into(),
        Credential::ServiceAudience(service) => {
            format!("an ID token for service/{}", model.topology.services.key(*service))
        }
        Credential::Audience(audience) => format!("an ID token for the audience `{audience}`"),
    }
}

impl Words<'_> {
    /// Who sends a request: `anonymous`, `any account`, or an IAM member string.
    pub fn principal(self, request: &Request) -> String {
        let all = self.graph().identities.principals();
        all.get(request.principal as usize).map_or_else(String::new, Principal::name)
    }

    /// What it sends to prove that.
    pub fn credential(self, request: &Request) -> String {
        credential(self.model, self.credential_of(request))
    }

    /// A command that sends the witness of a path, by a client of the protocol that its end speaks;
    /// nothing if no command can.
    pub fn command(self, path: &Path) -> Option<String> {
        if self.speaks(path) == Speaks::Http {
            return self.curl(path);
        }
        let witness = self.sendable(path)?;
        let request = &witness.request;
        let to = self.reachable(witness)?;
        let port = request.port;
        match request.protocol {
            Protocol::Tcp => Some(self.client(path, &to, port)),
            Protocol::Udp if port == 53 => Some(format!("dig @{to} example.com")),
            Protocol::Udp => Some(format!("nc -vzu {to} {port}")),
            Protocol::Icmp => Some(format!("ping -c 1 {to}")),
            _ => None,
        }
    }

    /// The `curl` line of the witness of a path; nothing if its end does not speak HTTP, or if
    /// nobody can type it.
    pub fn curl(self, path: &Path) -> Option<String> {
        if self.speaks(path) != Speaks::Http {
            return None;
        }
        self.curl_line(self.sendable(path)?)
    }

    /// The witness of a path, if a person or a workload can send it: neither products nor IAP's
    /// agent take commands.
    fn sendable(self, path: &Path) -> Option<&Witness> {
        let witness = path.requests.witness.as_ref()?;
        let is_product = match &path.from {
            Sender::Resource(id) => self.resource_kind(*id) == ResourceKind::Product,
            Sender::Identity(_) => false,
        };
        let is_agent = self.credential_of(&witness.request) == &Credential::IapAgentToken;
        (!is_product && !is_agent).then_some(witness)
    }

    fn credential_of(&self, request: &Request) -> &Credential {
        let all = self.graph().identities.credentials();
        all.get(request.credential as usize).unwrap_or(&Credential::None)
    }

    /// What a client without HTTP connects to: the address, or a name that leads there.
    fn reachable(self, witness: &Witness) -> Option<String> {
        let request = &witness.request;
        if let Some(address) = witness.destination {
            return Some(address.to_string());
        }
        let leads = self.graph().names.addresses(&request.host).contains(&request.destination);
        leads.then(|| request.host.clone())
    }

    /// A client that connects over TCP to what does not speak HTTP.
    fn client(self, path: &Path, to: &str, port: u16) -> String {
        let topology = &self.model.topology;
        let end = match &path.to {
            Destination::Resource(id) => Some(self.graph().resource(*id)),
            Destination::Named(_) | Destination::Elsewhere => None,
        };
        let sql = end
            .filter(|end| end.kind == ResourceKind::SqlInstance)
            .and_then(|end| topology.sql_instances.get(&end.id))
            .map(|instance| instance.engine.value)
            .filter(|engine| engine.port() == port);
        let is_redis = end.is_some_and(|end| end.kind == ResourceKind::RedisInstance);
        match (sql, port) {
            (Some(SqlEngine::Postgres), _) => format!("psql 'host={to} port={port}'"),
            (Some(SqlEngine::Mysql), _) => format!("mysql -h {to} -P {port}"),
            (Some(SqlEngine::Sqlserver), _) => format!("sqlcmd -S tcp:{to},{port}"),
            (None, 6378) if is_redis => format!("redis-cli -h {to} -p {port} --tls PING"),
            (None, _) if is_redis => format!("redis-cli -h {to} -p {port} PING"),
            (None, 22) => format!("ssh {to}"),
            (None, 53) => format!("dig +tcp @{to} example.com"),
            (None, _) => format!("nc -vz {to} {port}"),
        }
    }

    fn curl_line(self, witness: &Witness) -> Option<String> {
        let names = &self.graph().names;
        let request = &*witness.request;
        let mut command = String::from("curl");
        if request.method == "HEAD" {
            // It waits for no body.
            command.push_str(" --head");
        } else if request.method != "GET" {
            command.push_str(&format!(" -X {}", request.method));
        }
        if let Some(token) = self.token(request) {
            command.push_str(&format!(" -H \"Authorization: Bearer {token}\""));
        }
        if self.credential_of(request) == &Credential::IapLogin {
            command.push_str(" --cookie \"$IAP_SESSION\"");
        }
        self.headers(witness, &mut command);
        if witness.path.contains("/.") {
            // Else a command takes `.` and `..` for steps.
            command.push_str(" --path-as-is");
        }
        let over_ipv6 =
            [Placeholders::GOOGLE_FRONT_END_IPV6, Placeholders::ELSEWHERE_IPV6].map(IpAddr::V6);
        if over_ipv6.contains(&request.destination) {
            command.push_str(" -6");
        }
        let path = encoded(&witness.path);
        if HashForm::parse(&request.host).is_some_and(|form| form.is_open()) {
            let url = self.looked_up(request)?;
            command.push_str(&format!(" {url}{}", quoted(&path)));
            return Some(command);
        }
        if request.https && !names.is_certified(request.destination, &request.host) {
            command.push_str(" -k");
        }
        let bare = request.host.trim_matches(['[', ']']);
        // Where it is sent is not known, and the host leads elsewhere.
        let leads = names.addresses(&request.host);
        let unknown = matches!(
            self.graph().placeholders.what(request.destination),
            Some(
                Placeholder::Of(..)
                    | Placeholder::OneOf(..)
                    | Placeholder::ExternalOf(_)
                    | Placeholder::PublicOf(_)
            )
        );
        if unknown && !leads.is_empty() && !leads.contains(&request.destination) {
            return None;
        }
        let elsewhere = |address: &IpAddr| address.to_string() != bare;
        if let Some(address) = witness.destination.filter(elsewhere) {
            let port = request.port;
            if bare.parse::<IpAddr>().is_ok() {
                // One address as the host, another to connect to.
                let to = match address {
                    IpAddr::V4(address) => address.to_string(),
                    IpAddr::V6(address) => format!("[{address}]"),
                };
                command.push_str(&format!(" --connect-to {}:{port}:{to}:{port}", request.host));
            } else {
                command.push_str(&format!(" --resolve {}:{port}:{address}", request.host));
            }
        }
        let (scheme, default) = if request.https { ("https", 443) } else { ("http", 80) };
        let port =
            if request.port == default { String::new() } else { format!(":{}", request.port) };
        let url = format!("{scheme}://{}{port}{path}", request.host);
        // Brackets of an address are no pattern.
        if url.contains(['[', ']', '{', '}']) {
            command.push_str(" -g");
        }
        command.push(' ');
        command.push_str(&quoted(&url));
        Some(command)
    }

    /// What stands behind `Bearer`.
    fn token(self, request: &Request) -> Option<String> {
        let print = "gcloud auth print-identity-token";
        let principal = self.graph().identities.principals().get(request.principal as usize);
        // Only an account of a workload gets tokens for an audience; people act as it.
        let as_account = match principal {
            Some(Principal::ServiceAccount(email)) => {
                format!(" --impersonate-service-account={email}")
            }
            _ => String::new(),
        };
        let of = |audience: &str| format!("$({print}{as_account} --audiences={audience})");
        match self.credential_of(request) {
            Credential::None | Credential::IapAgentToken | Credential::IapLogin => None,
            Credential::Invalid => Some("invalid".into()),
            Credential::UserToken => Some(format!("$({print})")),
            Credential::IapToken => Some("$IAP_ID_TOKEN".into()),
            Credential::OtherAudience => Some(of(self.audience.unwrap_or("https://other.invalid"))),
            Credential::ServiceAudience(service) => {
                let id = self.model.topology.services.key(*service);
                let host = self.graph().names.run_app(id).unwrap_or_default();
                Some(of(&format!("https://{host}")))
            }
            Credential::Audience(audience) => Some(of(audience)),
        }
    }

    /// The headers of a request, as options of the command.
    fn headers(self, witness: &Witness, command: &mut String) {
        for (name, value) in &witness.headers {
            match value.as_str() {
                // What it sends by itself whatever its version.
                "*/*" if name == "accept" => {}
                "" => command.push_str(&format!(" -H {}", quoted(&format!("{name};")))),
                value => command.push_str(&format!(" -H {}", quoted(&format!("{name}: {value}")))),
            }
        }
        for name in SENT {
            if self.graph().asked_headers.contains(name) && !witness.headers.contains_key(name) {
                command.push_str(&format!(" -H '{name}:'"));
            }
        }
    }

    /// The URL of a service whose names are not known, as a command that looks it up; nothing if its
    /// region is not known either.
    fn looked_up(self, request: &Request) -> Option<String> {
        let form = HashForm::parse(&request.host)?;
        let untagged = format!("{}-{}-{}.a.run.app", form.name, form.hash, form.code);
        let id = self.graph().names.service_of(&untagged)?;
        let service = self.model.topology.services.get(id)?;
        let name = service.name.as_ref().map_or(id, |name| name.value.as_str());
        let region = service.region.known()?;
        let url = format!(
            "gcloud run services describe {name} --region {region} --format 'value(status.url)'"
        );
        Some(match form.tag {
            None => format!("\"$({url})\""),
            // What is behind `https://`.
            Some(tag) => format!("\"https://{tag}---$({url} | cut -c 9-)\""),
        })
    }
}

/// A path with what no request can have as it is, such as a space, percent-encoded.
fn encoded(path: &str) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_shell_would_read_is_quoted() {
        assert_eq!(quoted("https://a.example/b?c=d"), "'https://a.example/b?c=d'");
        assert_eq!(quoted("https://a.example/"), "https://a.example/");
        assert_eq!(quoted("it's"), "'it'\\''s'");
        assert_eq!(quoted(""), "''");
        assert_eq!(encoded("/a b"), "/a%20b");
    }
}
