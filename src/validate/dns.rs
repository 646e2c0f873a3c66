//! Zones, response policies and server policies of Cloud DNS.

use std::collections::HashMap;
use std::net::IpAddr;

use super::Checker;
use crate::inventory::attachments::clean;
use crate::source::Span;
use crate::source::codes;
use crate::topology::dns::Zone;
use crate::topology::record::{Map, Spanned};

codes! {
    INVALID_RECORD = Error "invalid-record" {
        "a record that is neither an address nor a name",
        "A record has addresses, or one name that stands for them.",
        "networks:
  prod: {}
zones:
  inside: {domain: corp.example, networks: [prod], records: {db: [\"10.0.0.0/24\"]}}
",
    }
    NAME_BESIDE_OTHERS = Error "name-beside-others" {
        "a name beside other values of a record",
        "What one name stands for (CNAME) has no other values.",
        "networks:
  prod: {}
zones:
  inside: {domain: corp.example, networks: [prod], records: {db: [10.0.0.9, db.example]}}
",
    }
    BYPASS_BESIDE_OTHERS = Error "bypass-beside-others" "EGR-122" {
        "a rule that lets a name pass by and answers it",
        "a rule of a response policy answers a name or lets it pass by",
        "networks:
  prod: {}
response_policies:
  names: {networks: [prod], rules: {db.example: [bypass, 10.0.0.9]}}
",
    }
    ZONE_OF_SEVERAL_KINDS = Error "zone-of-several-kinds" {
        "a zone that answers in several manners",
        "A zone has records of its own, forwards queries, or takes the view of another network.",
        "networks:
  prod: {}
zones:
  inside:
    domain: corp.example
    networks: [prod]
    records: {db: [10.0.0.9]}
    forwarding: [192.168.0.53]
",
    }
    DUPLICATE_ZONE = Error "duplicate-zone" "EGR-129" {
        "two zones of one domain in a network",
        "a network sees one zone of a domain, one response policy and one server policy",
        "networks:
  prod: {}
zones:
  one: {domain: corp.example, networks: [prod], records: {db: [10.0.0.9]}}
  two: {domain: corp.example., networks: [prod], records: {app: [10.0.0.8]}}
",
    }
    ZONE_OF_ITSELF = Error "zone-of-itself" "EGR-128" {
        "a zone that takes the view of its own network",
        "a peering zone resolves in another network",
        "networks:
  prod: {}
zones:
  inside: {domain: corp.example, networks: [prod], peering: prod}
",
    }
}

impl<'t> Checker<'t, '_> {
    pub(super) fn dns(&mut self) {
        let topology = self.topology;
        let mut seen: HashMap<(&str, String), (&str, Span)> = HashMap::new();
        for (id, entry) in &topology.zones {
            let zone = &entry.value;
            let resource = format!("zone/{id}");
            self.records(&zone.records, &resource);
            self.kinds(zone, &resource);
            for network in &zone.networks {
                let place = (network.value.as_str(), clean(&zone.domain.value));
                self.once(&mut seen, place, id, zone.domain.span, "zone");
            }
        }
        let mut seen: HashMap<(&str, String), (&str, Span)> = HashMap::new();
        for (id, entry) in &topology.response_policies {
            let policy = &entry.value;
            self.records(&policy.rules, &format!("response_policy/{id}"));
            for network in &policy.networks {
                let place = (network.value.as_str(), String::new());
                self.once(&mut seen, place, id, network.span, "response_policy");
            }
        }
        let mut seen: HashMap<(&str, String), (&str, Span)> = HashMap::new();
        for (id, entry) in &topology.dns_policies {
            for network in &entry.value.networks {
                let place = (network.value.as_str(), String::new());
                self.once(&mut seen, place, id, network.span, "dns_policy");
            }
        }
    }

    fn once(
        &mut self,
        seen: &mut HashMap<(&'t str, String), (&'t str, Span)>,
        place: (&'t str, String),
        id: &'t str,
        at: Span,
        kind: &str,
    ) {
        let (network, domain) = place.clone();
        let Some((other, first)) = seen.insert(place, (id, at)) else { return };
        let what = if domain.is_empty() { String::new() } else { format!(" for `{domain}`") };
        let message = if other == id {
            format!("{kind}/{id} names network/{network} twice")
        } else {
            format!("network/{network} has {kind}/{other} and {kind}/{id}{what}")
        };
        let finding = DUPLICATE_ZONE.finding(message).at(at);
        self.report(finding.also(first, "also here").resource(format!("{kind}/{id}")));
    }

    /// The values of records and rules; `bypass` is for the rules of response policies only.
    fn records(&mut self, records: &Map<Vec<Spanned<String>>>, resource: &str) {
        let of_policy = resource.starts_with("response_policy");
        for (name, entry) in records {
            let values = &entry.value;
            let bypass = values.iter().find(|value| of_policy && value.value == "bypass");
            if let (Some(bypass), true) = (bypass, values.len() > 1) {
                let message = format!("`{name}` passes by {resource}, and is answered");
                let finding = BYPASS_BESIDE_OTHERS.finding(message).at(bypass.span);
                self.report(finding.help("leave one of them out").resource(resource));
                continue;
            }
            if values.is_empty() {
                let message = format!("`{name}` has no value");
                let finding = INVALID_RECORD.finding(message).at(entry.key_span);
                self.report(finding.help("write addresses or a name").resource(resource));
            }
            let address = |value: &Spanned<String>| value.value.parse::<IpAddr>().is_ok();
            for value in values.iter().filter(|value| !address(value)) {
                if !is_name(&value.value) {
                    let message = format!("`{}` is neither an address nor a name", value.value);
                    let finding = INVALID_RECORD.finding(message).at(value.span);
                    self.report(finding.resource(resource));
                } else if values.len() > 1 {
                    let message =
                        format!("`{name}` stands for `{}` and has other values", value.value);
                    let finding = NAME_BESIDE_OTHERS.finding(message).at(value.span);
                    self.report(finding.help("leave one of them out").resource(resource));
                    break;
                }
            }
        }
    }

    fn kinds(&mut self, zone: &Zone, resource: &str) {
        let records = zone.records.iter().next().map(|(_, entry)| entry.key_span);
        let forwarding = zone.forwarding.first().map(|server| server.span);
        let peering = zone.peering.as_ref().map(|peer| peer.span);
        let kinds: Vec<Span> = [records, forwarding, peering].into_iter().flatten().collect();
        if let [first, second, ..] = kinds.as_slice() {
            let message = format!("{resource} answers in several manners");
            let finding = ZONE_OF_SEVERAL_KINDS.finding(message).at(*second);
            let help = "leave all but one of `records`, `forwarding` and `peering` out";
            self.report(finding.also(*first, "another one").help(help).resource(resource));
        }
        if let Some(peer) = &zone.peering
            && zone.networks.iter().any(|own| own.value == peer.value)
        {
            let message = format!("{resource} takes the view of a network that it is for");
            let finding = ZONE_OF_ITSELF.finding(message).at(peer.span);
            self.report(finding.resource(resource));
        }
    }
}

/// Whether a text can be the name of a host.
fn is_name(text: &str) -> bool {
    let text = text.trim_end_matches('.');
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    !text.is_empty()
        && text.split('.').all(|label| !label.is_empty() && label.bytes().all(fits))
        && !text.split('.').all(|label| label.bytes().all(|byte| byte.is_ascii_digit()))
}
