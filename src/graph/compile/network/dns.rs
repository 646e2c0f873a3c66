//! What names resolve to inside networks and on sites (EGR-116 to EGR-129, EGR-136).

use crate::graph::{Answerer, RuleName};
use crate::graph::{Gap, GapKind, HopKind, Touches};
use std::net::IpAddr;

use ipnet::IpNet;

use super::VIPS;
use crate::graph::Placeholders;
use crate::graph::compile::{Core, Memo, Place, rule};
use crate::graph::expression::{Atom, ExpressionId, TextField, TextMatch};
use crate::graph::hop::{Body, Cause, HopId, ListRule, ResourceId, RuleVerdict};
use crate::graph::resolver::{Layer, NameAnswer, NameRule, Resolver, Versions};
use crate::rules::RuleId;
use crate::rules::ranges::CLOUD_DNS;
use crate::source::Span;
use crate::topology::condition::TextTest;
use crate::topology::dns::Zone;
use crate::topology::hybrid::{LineOf, Site};
use crate::topology::network::Network;
use crate::topology::record::{Id, Spanned};

/// Whose answers a sender gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::graph::compile) enum DnsView {
    /// The internet's.
    Public,
    /// Those of a network.
    Network(Id<Network>),
    /// Those of a site's own resolvers.
    Site(Id<Site>),
}

/// The most networks that answer one query in turn (EGR-128).
const HOPS: usize = 3;

/// What names resolve to, for each view once.
#[derive(Default)]
pub(in crate::graph::compile) struct Resolvers {
    views: Memo<(DnsView, Versions), (u32, ExpressionId)>,
}

impl Resolvers {
    /// What senders with a view can send by name, and the hop that tells them of names that do not
    /// exist. The index is that of the resolver in the graph.
    pub(in crate::graph::compile) fn by_name(
        &mut self,
        core: &mut Core<'_>,
        (view, versions): (DnsView, Versions),
        resource: ResourceId,
        at: Span,
        next: HopId,
    ) -> (HopId, ExpressionId, u32) {
        let (resolver, requests) = self.resolver(core, view, versions);
        let answering = core.resolvers[resolver as usize].clone();
        if answering.layers.len() < 2 {
            // The public layer alone, which refuses nothing.
            return (next, requests, resolver);
        }
        let rules = self.answers(core, &answering);
        let list = core.list(rules, RuleVerdict::Pass);
        let place = Place::new(resource, HopKind::Dns, RuleId::egr(116), at);
        (core.hop(place, Body::Gate { list, next }), requests, resolver)
    }

    /// The resolver of a view for senders that have these versions of IP, and the requests that go
    /// where it says.
    pub(in crate::graph::compile) fn resolver(
        &mut self,
        core: &mut Core<'_>,
        view: DnsView,
        versions: Versions,
    ) -> (u32, ExpressionId) {
        if let Some(&known) = self.views.get(&(view, versions)) {
            return known;
        }
        let before = core.gaps.len();
        let mut layers = match view {
            DnsView::Public => Vec::new(),
            DnsView::Network(network) => self.network_layers(core, network, versions, 0),
            DnsView::Site(site) => self.site_layers(core, site, RuleId::ing(168)),
        };
        // What is not known on the way to an answer touches those who ask this resolver.
        let resolver = core.resolvers.len() as u32;
        for gap in &mut core.gaps[before..] {
            gap.touches = Touches::Resolver(resolver);
        }
        layers.push(self.public_layer(core));
        let dns64 = matches!(view, DnsView::Network(network) if self.has_dns64(core, network));
        let mut resolver = Resolver { versions, dns64, layers: Vec::new() };
        for rule in layers.iter_mut().flat_map(|layer| &mut layer.rules) {
            if let NameAnswer::Addresses(ranges) = &mut rule.answer {
                *ranges = resolver.tried(ranges);
            }
        }
        resolver.layers = layers;
        let rules = self.matches(core, &resolver);
        // Where names lead is what this is about; what else is sent to an address under a name
        // that is not its own is left alone.
        let mut led: Vec<IpNet> = VIPS.to_vec();
        led.extend(google_front_end());
        for (_, rule) in &rules {
            if let NameAnswer::Addresses(ranges) = &rule.answer {
                led.extend(ranges);
            }
        }
        let endpoints = core.topology.psc_endpoints.values();
        led.extend(endpoints.filter_map(|own| own.address.known()).map(|own| IpNet::from(*own)));
        led.sort_unstable();
        led.dedup();
        let led = core.expressions.atom(Atom::Destination(led.into()));
        let mut astray = Vec::new();
        for (when, rule) in rules {
            let (ranges, where_led) = match &rule.answer {
                NameAnswer::Addresses(ranges) => (ranges.clone(), led),
                // What has no address is sent nowhere but where it would lead elsewhere.
                NameAnswer::Nonexistent | NameAnswer::Unanswered => {
                    let public = versions.tried(&self.public_addresses_of(core, &rule));
                    (public, core.expressions.always())
                }
                NameAnswer::Unknown => continue,
            };
            let there = core.expressions.atom(Atom::Destination(ranges.into()));
            let elsewhere = core.expressions.not(there);
            astray.push(core.expressions.all([when, where_led, elsewhere]));
        }
        let astray = core.expressions.any(astray);
        let requests = core.expressions.not(astray);
        core.resolvers.push(resolver);
        let made = (core.resolvers.len() as u32 - 1, requests);
        self.views.insert((view, versions), made);
        made
    }

    /// Where the internet's name servers lead the names that a rule speaks of.
    fn public_addresses_of(&self, core: &Core<'_>, rule: &NameRule) -> Vec<IpNet> {
        let google = [".run.app", ".googleapis.com"];
        let mut ranges: Vec<IpNet> = core
            .names
            .hosts()
            .filter(|host| rule.covers(host))
            .flat_map(|host| core.names.addresses(host))
            .map(IpNet::from)
            .collect();
        if google.iter().any(|suffix| rule.name.ends_with(suffix)) {
            ranges.extend(google_front_end());
        }
        ranges.sort_unstable();
        ranges.dedup();
        ranges
    }

    /// The rules of a resolver, each with the hosts that it decides.
    fn matches(
        &mut self,
        core: &mut Core<'_>,
        resolver: &Resolver,
    ) -> Vec<(ExpressionId, NameRule)> {
        let mut decided = Vec::new();
        let mut earlier: Vec<ExpressionId> = Vec::new();
        for layer in &resolver.layers {
            let mut own = Vec::new();
            let before = core.expressions.any(earlier.iter().copied());
            let fresh = core.expressions.not(before);
            for rule in &layer.rules {
                let host = self.host_rule(core, &rule.name);
                own.push(host);
                let inner: Vec<ExpressionId> = layer
                    .rules
                    .iter()
                    .filter(|other| other.is_inside(rule))
                    .map(|other| self.host_rule(core, &other.name))
                    .collect();
                let inner = core.expressions.any(inner);
                let outer = core.expressions.not(inner);
                decided.push((core.expressions.all([host, outer, fresh]), rule.clone()));
            }
            earlier.extend(own);
        }
        decided
    }

    fn host_rule(&mut self, core: &mut Core<'_>, name: &str) -> ExpressionId {
        let atom = |core: &mut Core<'_>, test| {
            let matched = TextMatch { test, ignore_case: false };
            core.expressions.atom(Atom::Text(TextField::Host, matched))
        };
        if !name.starts_with('.') {
            return atom(core, TextTest::Equals(name.into()));
        }
        // Something has to stand before the dot.
        let ends = atom(core, TextTest::Suffix(name.into()));
        let bare = atom(core, TextTest::Equals(name.into()));
        let more = core.expressions.not(bare);
        core.expressions.all([ends, more])
    }

    /// The answers as rules of a gate, for those who read the path.
    fn answers(&mut self, core: &mut Core<'_>, resolver: &Resolver) -> Vec<ListRule> {
        let nxdomain = core.drop(Cause::DnsNxdomain);
        let servfail = core.drop(Cause::DnsServfail);
        self.matches(core, resolver)
            .into_iter()
            .map(|(when, name)| {
                let then = match &name.answer {
                    NameAnswer::Nonexistent => nxdomain,
                    NameAnswer::Unanswered => servfail,
                    NameAnswer::Unknown | NameAnswer::Addresses(_) => RuleVerdict::Pass,
                };
                let (by, answer) = (name.by.clone(), name.answer.clone());
                let made = rule(when, then, name.at, Some(name.rule));
                ListRule { name: RuleName::Name { by, answer }, ..made }
            })
            .collect()
    }

    /// What the internet's name servers answer, as far as it matters: all run.app names and Google
    /// APIs lead to Google's front end (EGR-015, EGR-123, EGR-124).
    pub(super) fn public_layer(&mut self, core: &mut Core<'_>) -> Layer {
        let google = NameAnswer::Addresses(google_front_end().to_vec());
        let of = |name: &str, answer: NameAnswer, number| NameRule {
            name: name.into(),
            answer,
            by: Answerer::Public,
            rule: RuleId::egr(number),
            at: Span::none(),
        };
        let mut rules = vec![
            of(".run.app", google.clone(), 15),
            of(".googleapis.com", google.clone(), 15),
            of("private.googleapis.com", NameAnswer::Addresses(vec![VIPS[0], VIPS[2]]), 123),
            of("restricted.googleapis.com", NameAnswer::Addresses(vec![VIPS[1], VIPS[3]]), 124),
        ];
        for (id, entry) in &core.topology.domain_mappings {
            let mapping = &entry.value;
            let host = mapping.host.as_ref().map_or(&**id, |host| &host.value).to_ascii_lowercase();
            rules.push(of(&host, google.clone(), 15));
        }
        Layer { rules }
    }

    /// The layers of a network before the public one (EGR-118).
    fn network_layers(
        &mut self,
        core: &mut Core<'_>,
        network: Id<Network>,
        versions: Versions,
        depth: usize,
    ) -> Vec<Layer> {
        let topology = core.topology;
        let here = core.inventory.network(network);
        // Alternative name servers get every query, and what they say is final (EGR-119).
        for &policy in &here.dns_policies {
            let (id, entry) = topology.dns_policies.at(policy);
            let policy = &entry.value;
            if policy.alternative_name_servers.is_empty() {
                continue;
            }
            let servers = policy.alternative_name_servers.iter().map(|server| server.value);
            let site = servers.filter_map(|server| self.site_of(core, server, network)).next();
            let Some(site) = site else {
                // The internet's answers are taken; theirs may lead elsewhere, or nowhere.
                let what = GapKind::NameServers((&**id).into());
                core.gaps.push(Gap::both(what, entry.key_span, Touches::Names));
                return Vec::new();
            };
            return self.site_layers(core, site, RuleId::egr(119));
        }
        let mut layers = Vec::new();
        let mut policy_rules = Vec::new();
        let mut bypassed = Vec::new();
        for &policy in &here.response_policies {
            let (id, entry) = topology.response_policies.at(policy);
            for (name, values) in &entry.value.rules {
                let name = owner(name, "");
                let bypass = values.value.iter().any(|value| value.value == "bypass");
                if bypass {
                    bypassed.push(name);
                    continue;
                }
                let answer = self.record_answer(core, &values.value, network, depth);
                policy_rules.push(NameRule {
                    name,
                    answer,
                    by: Answerer::ResponsePolicy((&**id).into()),
                    rule: RuleId::egr(122),
                    at: values.key_span,
                });
            }
        }
        let zones = self.zone_rules(core, network, versions, depth);
        self.add_other_version(core, &mut policy_rules, versions, &zones, &bypassed);
        // A name that a rule lets pass by is answered by the zones, whatever wider rules say.
        for name in bypassed {
            let passed = zones
                .iter()
                .filter(|rule| rule.covers(&name))
                .max_by_key(|rule| (!rule.name.starts_with('.'), rule.name.len()));
            let public = self.public_layer(core);
            let passed = passed.or_else(|| public.rules.iter().find(|rule| rule.covers(&name)));
            let passed = passed.cloned();
            let passed = passed.unwrap_or_else(|| NameRule {
                name: name.clone(),
                answer: self.public_answer(core, &name),
                by: Answerer::Public,
                rule: RuleId::egr(122),
                at: Span::none(),
            });
            policy_rules.push(NameRule { name, rule: RuleId::egr(122), ..passed });
        }
        if !policy_rules.is_empty() {
            layers.push(Layer { rules: policy_rules });
        }
        if !zones.is_empty() {
            layers.push(Layer { rules: zones });
        }
        layers
    }

    /// The names of the private zones that a network sees (EGR-120, EGR-126, EGR-129).
    fn zone_rules(
        &mut self,
        core: &mut Core<'_>,
        network: Id<Network>,
        versions: Versions,
        depth: usize,
    ) -> Vec<NameRule> {
        let topology = core.topology;
        let here = core.inventory.network(network).zones.iter();
        let zones: Vec<(&str, &Zone, Span)> = here
            .map(|zone| topology.zones.at(*zone))
            .map(|(id, entry)| (&**id, &entry.value, entry.key_span))
            .collect();
        let domains: Vec<String> =
            zones.iter().map(|(_, zone, _)| clean(&zone.domain.value)).collect();
        let mut rules: Vec<NameRule> = Vec::new();
        for (at, (id, zone, span)) in zones.iter().enumerate() {
            let domain = &domains[at];
            // A zone below takes its names out of this one.
            let elsewhere = |name: &str| {
                domains.iter().any(|other| {
                    other.len() > domain.len()
                        && (name == other || name.ends_with(&format!(".{other}")))
                })
            };
            let by = Answerer::Zone((*id).into());
            let of = |name: String, answer: NameAnswer, at| {
                // A wildcard record stands for names at any depth.
                let wildcard = name.starts_with('.') && answer != NameAnswer::Nonexistent;
                let rule = RuleId::egr(if wildcard { 126 } else { 120 });
                NameRule { name, answer, by: by.clone(), rule, at }
            };
            if let Some(peer) = &zone.peering {
                let Some(peer) = topology.networks.id_of(&peer.value) else { continue };
                if depth + 1 >= HOPS {
                    continue;
                }
                let inner = self.network_layers(core, peer, versions, depth + 1);
                for rule in layered(inner) {
                    let name = rule.name.trim_start_matches('.');
                    if name == domain || name.ends_with(&format!(".{domain}")) {
                        rules.push(NameRule { rule: RuleId::egr(128), ..rule });
                    }
                }
                continue;
            }
            if !zone.forwarding.is_empty() {
                let servers = zone.forwarding.iter().map(|server| server.value);
                let site = servers.filter_map(|server| self.site_of(core, server, network)).next();
                let known = site.map(|site| &topology.onprem[site]);
                if known.is_some_and(|site| !answers_queries(site)) {
                    for name in [domain.clone(), format!(".{domain}")] {
                        let rule = of(name, NameAnswer::Unanswered, *span);
                        rules.push(NameRule { rule: RuleId::egr(121), ..rule });
                    }
                    continue;
                }
                match known {
                    Some(site) => {
                        let own = site_rules(site, domain).into_iter();
                        rules.extend(own.map(|rule| NameRule {
                            by: by.clone(),
                            rule: RuleId::egr(121),
                            ..rule
                        }));
                    }
                    None => {
                        let what = GapKind::ZoneServers((*id).into());
                        core.gaps.push(Gap::both(what, *span, Touches::Names));
                    }
                }
                let unknown = of(format!(".{domain}"), NameAnswer::Unknown, *span);
                rules.push(NameRule { rule: RuleId::egr(121), ..unknown });
                continue;
            }
            rules.push(of(domain.clone(), NameAnswer::Nonexistent, *span));
            rules.push(of(format!(".{domain}"), NameAnswer::Nonexistent, *span));
            for (name, values) in &zone.records {
                let name = owner(name, domain);
                if elsewhere(name.trim_start_matches('.')) {
                    continue;
                }
                let answer = self.record_answer(core, &values.value, network, depth);
                // The names between this one and the zone exist, without addresses, and no
                // wildcard further up stands for what is below them.
                let mut between = name.trim_start_matches('.');
                while let Some((_, parent)) = between.split_once('.') {
                    if parent.len() <= domain.len() {
                        break;
                    }
                    for name in [parent.to_string(), format!(".{parent}")] {
                        if !rules.iter().any(|rule| rule.name == name && rule.by == by) {
                            rules.push(of(name, NameAnswer::Nonexistent, *span));
                        }
                    }
                    between = parent;
                }
                // A name that exists is closer to what is below it than a wildcard further up.
                let below = format!(".{name}");
                let known = rules.iter().any(|rule| rule.name == below && rule.by == by);
                if !name.starts_with('.') && name != *domain && !known {
                    rules.push(of(below, NameAnswer::Nonexistent, *span));
                }
                rules.retain(|rule| rule.name != name || rule.by != by);
                rules.push(of(name, answer, values.key_span));
            }
        }
        // Two zones of one name are an error; the first is taken.
        let mut seen = std::collections::HashSet::new();
        rules.retain(|rule| seen.insert(rule.name.clone()));
        rules
    }

    /// The addresses of a record; a name stands for what it resolves to.
    fn record_answer(
        &mut self,
        core: &mut Core<'_>,
        values: &[Spanned<String>],
        network: Id<Network>,
        depth: usize,
    ) -> NameAnswer {
        let mut ranges = Vec::new();
        for value in values {
            if let Ok(address) = value.value.parse::<IpAddr>() {
                ranges.push(address.into());
                continue;
            }
            let name = clean(&value.value);
            let inner = match name.as_str() {
                "private.googleapis.com" => NameAnswer::Addresses(vec![VIPS[0], VIPS[2]]),
                "restricted.googleapis.com" => NameAnswer::Addresses(vec![VIPS[1], VIPS[3]]),
                name if depth < 2 * HOPS => self.alias(core, name, network, depth),
                _ => NameAnswer::Nonexistent,
            };
            match inner {
                NameAnswer::Addresses(more) => ranges.extend(more),
                other => return other,
            }
        }
        NameAnswer::Addresses(ranges)
    }

    fn alias(
        &mut self,
        core: &mut Core<'_>,
        name: &str,
        network: Id<Network>,
        depth: usize,
    ) -> NameAnswer {
        let topology = core.topology;
        // Records of the zones that the network sees, else what the internet says.
        let zones = || core.inventory.network(network).zones.iter().map(|id| &topology.zones[*id]);
        for zone in zones() {
            let domain = clean(&zone.domain.value);
            for (own, values) in &zone.records {
                if owner(own, &domain) == name {
                    return self.record_answer(core, &values.value, network, depth + HOPS);
                }
            }
        }
        // The closest zone that the network sees is final for what is in it (EGR-120).
        let closest = zones()
            .filter(|zone| {
                let domain = clean(&zone.domain.value);
                name == domain || name.ends_with(&format!(".{domain}"))
            })
            .map(|zone| {
                let wildcard = zone.records.iter().any(|(own, _)| own.starts_with('*'));
                let final_here = zone.forwarding.is_empty() && zone.peering.is_none() && !wildcard;
                (clean(&zone.domain.value).len(), final_here)
            })
            // Of several zones of one domain all have to be final.
            .max_by_key(|(length, final_here)| (*length, !final_here));
        let within = closest.is_some_and(|(_, final_here)| final_here);
        if within { NameAnswer::Nonexistent } else { self.public_answer(core, name) }
    }

    /// What a site's own resolvers answer before the internet's.
    fn site_layers(&mut self, core: &mut Core<'_>, site: Id<Site>, rule: RuleId) -> Vec<Layer> {
        let (id, entry) = core.topology.onprem.at(site);
        let rules: Vec<NameRule> = site_rules(&entry.value, "")
            .into_iter()
            .map(|own| NameRule { by: Answerer::Site((&**id).into()), rule, ..own })
            .collect();
        if rules.is_empty() { Vec::new() } else { vec![Layer { rules }] }
    }

    /// The site that an address belongs to.
    fn site_of(&self, core: &Core<'_>, address: IpAddr, network: Id<Network>) -> Option<Id<Site>> {
        let topology = core.topology;
        let mut sites: Vec<(bool, Id<Site>)> = topology
            .onprem
            .with_ids()
            .filter(|(_, site)| site.ranges.iter().any(|range| range.value.contains(&address)))
            .map(|(id, site)| (topology.networks.id_of(&site.network.value) != Some(network), id))
            .collect();
        // Sites of the network's own lines first.
        sites.sort_unstable();
        sites.first().map(|(_, site)| *site)
    }
}

/// Where the names lead that Google's front end serves: an address of each version of IP.
fn google_front_end() -> [IpNet; 2] {
    [
        IpAddr::V4(Placeholders::GOOGLE_FRONT_END).into(),
        IpAddr::V6(Placeholders::GOOGLE_FRONT_END_IPV6).into(),
    ]
}

/// Rules of several layers as those of one: what an earlier layer speaks of is not in a later one.
fn layered(layers: Vec<Layer>) -> Vec<NameRule> {
    let mut rules: Vec<NameRule> = Vec::new();
    for layer in layers {
        let before = rules.len();
        for rule in layer.rules {
            let hidden =
                rules[..before].iter().any(|own| own.name == rule.name || rule.is_inside(own));
            if !hidden {
                rules.push(rule);
            }
        }
    }
    rules
}

/// Whether the resolvers of a site get queries that are forwarded to them, and know the way back
/// to where Cloud DNS asks from.
fn answers_queries(site: &Site) -> bool {
    let learned = |line: &LineOf<'_>| {
        let ranges = line.learns.unwrap_or_default().iter();
        let mut ranges = ranges.filter_map(|each| each.value.parse::<IpNet>().ok());
        ranges.any(|range| range.contains(&CLOUD_DNS))
    };
    site.each_line().iter().any(|line| !line.is_down() && learned(line))
}

/// The names that a site's resolvers answer, in a domain.
fn site_rules(site: &Site, domain: &str) -> Vec<NameRule> {
    let inside =
        |name: &str| domain.is_empty() || name == domain || name.ends_with(&format!(".{domain}"));
    site.names
        .iter()
        .map(|(name, values)| {
            let ranges: Vec<IpNet> =
                values.value.iter().map(|address| address.value.into()).collect();
            NameRule {
                name: owner(name, ""),
                answer: NameAnswer::Addresses(ranges),
                by: Answerer::default(),
                rule: RuleId::egr(136),
                at: values.key_span,
            }
        })
        .filter(|rule| inside(rule.name.trim_start_matches('.')))
        .collect()
}

/// A domain in the form of hosts: lower case, without the dot at its end.
fn clean(domain: &str) -> String {
    domain.trim_end_matches('.').to_ascii_lowercase()
}

/// The full name of a record: `@` is the domain itself, `*` all below it; a name that already ends
/// in the domain is full.
fn owner(name: &str, domain: &str) -> String {
    let name = clean(name);
    let full = match name.as_str() {
        "@" | "" => domain.to_string(),
        name if domain.is_empty() => name.to_string(),
        name if name == domain || name.ends_with(&format!(".{domain}")) => name.to_string(),
        name => format!("{name}.{domain}"),
    };
    match full.strip_prefix("*.") {
        Some(rest) => format!(".{rest}"),
        None => full,
    }
}
