//! What names resolve to inside networks and on sites (EGR-116 to EGR-129, EGR-136).

use crate::graph::{Answerer, RuleName};
use crate::graph::{Gap, GapKind, HopKind, Touches};
use std::net::IpAddr;

use ipnet::IpNet;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::VIPS;
use super::name_server::NameServer;
use crate::graph::Placeholders;
use crate::graph::compile::{Core, Memo, Place, rule};
use crate::graph::expression::{Atom, ExpressionId, TextField, TextMatch};
use crate::graph::hop::{Body, Cause, HopId, ListRule, ResourceId, RuleVerdict};
use crate::graph::resolver::{Layer, NameAnswer, NameRule, Resolver, Versions, closest};
use crate::rules::RuleId;
use crate::source::Span;
use crate::topology::condition::TextTest;
use crate::topology::dns::Zone;
use crate::topology::hybrid::Site;
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

/// Who asks for names: whose answers it gets, the versions of IP that it has, and its region, if it
/// has one that is known.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in crate::graph::compile) struct Querier {
    pub view: DnsView,
    pub versions: Versions,
    pub region: Option<Box<str>>,
}

impl Querier {
    /// Who asks the internet's name servers.
    pub(in crate::graph::compile) fn public(versions: Versions) -> Self {
        Querier { view: DnsView::Public, versions, region: None }
    }
}

/// The most networks that answer one query in turn (EGR-128, EGR-248).
const HOPS: usize = 3;

/// The most aliases that are followed one after the other; a longer chain leads in a circle.
const ALIASES: usize = 16;

/// What names resolve to, for each who asks once.
#[derive(Default)]
pub(in crate::graph::compile) struct Resolvers {
    views: Memo<Querier, (u32, ExpressionId)>,
}

/// Whom a network's names are worked out for, and how many networks asked each other before.
#[derive(Clone, Copy)]
struct Asking<'a> {
    versions: Versions,
    region: Option<&'a str>,
    depth: usize,
}

/// A name as it is written. What it stands for, if it is an alias, is sought when all names of the
/// network are known.
struct PrivateName {
    rule: NameRule,
    alias: Option<String>,
}

/// The names that a network sees privately.
struct Private {
    /// Those of response policies.
    policies: Vec<PrivateName>,
    /// Those that response policies let pass by.
    bypassed: Vec<String>,
    /// Those of private zones.
    zones: Vec<PrivateName>,
}

impl Private {
    /// What speaks of a name, and whether a response policy does.
    fn speaking(&self, name: &str) -> Option<(&PrivateName, bool)> {
        let of = |written: &'_ [PrivateName]| {
            let found = closest(written.iter().map(|own| &own.rule), name)?;
            written.iter().position(|own| std::ptr::eq(&own.rule, found))
        };
        // The rule with the longest name decides, be it one that lets the name pass by.
        let specific = |name: &str| (!name.starts_with('.'), name.len());
        let passes = |at: &usize| {
            let own = &self.policies[*at].rule;
            let passing = |name: &String| NameRule { name: name.clone(), ..own.clone() };
            let mut passing = self.bypassed.iter().filter(|own| passing(own).covers(name));
            passing.any(|passing| specific(passing) >= specific(&own.name))
        };
        let policy = of(&self.policies).filter(|at| !passes(at));
        let policy = policy.map(|at| (&self.policies[at], true));
        policy.or_else(|| of(&self.zones).map(|at| (&self.zones[at], false)))
    }
}

impl Resolvers {
    /// What senders with a view can send by name, and the hop that tells them of names that do not
    /// exist. The index is that of the resolver in the graph.
    pub(in crate::graph::compile) fn by_name(
        &mut self,
        core: &mut Core<'_>,
        querier: &Querier,
        resource: ResourceId,
        at: Span,
        next: HopId,
    ) -> (HopId, ExpressionId, u32) {
        let (resolver, requests) = self.resolver(core, querier);
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

    /// The resolver for who asks, and the requests that go where it says.
    pub(in crate::graph::compile) fn resolver(
        &mut self,
        core: &mut Core<'_>,
        querier: &Querier,
    ) -> (u32, ExpressionId) {
        let Querier { view, versions, .. } = *querier;
        // The region counts where another network answers.
        let regional = match view {
            DnsView::Network(network) => {
                let zones = &core.inventory.network(network).zones;
                zones.iter().any(|zone| core.topology.zones[*zone].peering.is_some())
            }
            DnsView::Public | DnsView::Site(_) => false,
        };
        let region = querier.region.clone().filter(|_| regional);
        let querier = Querier { region, ..*querier };
        if let Some(&known) = self.views.get(&querier) {
            return known;
        }
        let before = core.gaps.len();
        let mut layers = match view {
            DnsView::Public => Vec::new(),
            DnsView::Network(network) => {
                let asking = Asking { versions, region: querier.region.as_deref(), depth: 0 };
                self.network_layers(core, network, asking)
            }
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
                NameAnswer::Nonexistent | NameAnswer::NoAddress | NameAnswer::Unanswered => {
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
        self.views.insert(querier, made);
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
        if name == "." {
            // Every name: a text that is an address is none.
            let digits = ('0'..='9').map(|digit| digit.to_string());
            let ends = digits.chain(["]".into()]).map(|end| atom(core, TextTest::Suffix(end)));
            let ends: Vec<ExpressionId> = ends.collect();
            let address = core.expressions.any(ends);
            return core.expressions.not(address);
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
        let nodata = core.drop(Cause::DnsNodata);
        let servfail = core.drop(Cause::DnsServfail);
        self.matches(core, resolver)
            .into_iter()
            .map(|(when, name)| {
                let then = match &name.answer {
                    NameAnswer::Nonexistent => nxdomain,
                    NameAnswer::NoAddress => nodata,
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
    pub(super) fn public_layer(&self, core: &Core<'_>) -> Layer {
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
        asking: Asking<'_>,
    ) -> Vec<Layer> {
        let topology = core.topology;
        let here = core.inventory.network(network);
        // Alternative name servers get every query, and what they say is final (EGR-119).
        for &policy in &here.dns_policies {
            let (id, entry) = topology.dns_policies.at(policy);
            let policy = &entry.value;
            let servers = &policy.alternative_name_servers;
            if servers.is_empty() {
                continue;
            }
            return match self.answering(core, network, servers, policy.private_routing()) {
                NameServer::Site(site) => self.site_layers(core, site, RuleId::egr(119)),
                NameServer::Unknown => {
                    // The internet's answers are taken; theirs may lead elsewhere, or nowhere.
                    let what = GapKind::NameServers((&**id).into());
                    core.gaps.push(Gap::both(what, entry.key_span, Touches::Names));
                    Vec::new()
                }
                NameServer::Unreached => {
                    let (name, answer) = (below(""), NameAnswer::Unanswered);
                    let (by, at) = (Answerer::DnsPolicy((&**id).into()), entry.key_span);
                    let rule = NameRule { name, answer, by, rule: RuleId::egr(247), at };
                    vec![Layer { rules: vec![rule] }]
                }
            };
        }
        let mut private = Private { policies: Vec::new(), bypassed: Vec::new(), zones: Vec::new() };
        for &policy in &here.response_policies {
            let (id, entry) = topology.response_policies.at(policy);
            for (name, values) in &entry.value.rules {
                let name = owner(name, "");
                let bypass = values.value.iter().any(|value| value.value == "bypass");
                if bypass {
                    private.bypassed.push(name);
                    continue;
                }
                let by = Answerer::ResponsePolicy((&**id).into());
                let (rule, at) = (RuleId::egr(122), values.key_span);
                let (answer, alias) = as_written(&values.value);
                let rule = NameRule { name, answer, by, rule, at };
                private.policies.push(PrivateName { rule, alias });
            }
        }
        private.zones = self.zone_rules(core, network, asking);
        let mut zones = self.followed(core, &private, &private.zones);
        let mut policies = self.followed(core, &private, &private.policies);
        let bypassed = private.bypassed;
        self.add_other_version(core, &mut policies, asking.versions, &zones, &bypassed);
        // A name that a rule lets pass by is answered by the zones, whatever wider rules say.
        for name in bypassed {
            let public = self.public_layer(core);
            let passed = closest(&zones, &name).or_else(|| closest(&public.rules, &name));
            let passed = passed.cloned();
            let passed = passed.unwrap_or_else(|| NameRule {
                name: name.clone(),
                answer: self.public_answer(core, &name),
                by: Answerer::Public,
                rule: RuleId::egr(122),
                at: Span::none(),
            });
            policies.push(NameRule { name, rule: RuleId::egr(122), ..passed });
        }
        // Two zones of one name are an error; the first is taken.
        let mut seen = std::collections::HashSet::new();
        zones.retain(|rule| seen.insert(rule.name.clone()));
        let layers = [policies, zones].into_iter().filter(|rules| !rules.is_empty());
        layers.map(|rules| Layer { rules }).collect()
    }

    /// The names of the private zones that a network sees (EGR-120, EGR-126, EGR-129).
    fn zone_rules(
        &mut self,
        core: &mut Core<'_>,
        network: Id<Network>,
        asking: Asking<'_>,
    ) -> Vec<PrivateName> {
        let topology = core.topology;
        let here = core.inventory.network(network).zones.iter();
        let zones: Vec<(&str, &Zone, Span)> = here
            .map(|zone| topology.zones.at(*zone))
            .map(|(id, entry)| (&**id, &entry.value, entry.key_span))
            .collect();
        let domains: Vec<String> =
            zones.iter().map(|(_, zone, _)| clean(&zone.domain.value)).collect();
        let mut rules: Vec<PrivateName> = Vec::new();
        for (at, (id, zone, span)) in zones.iter().enumerate() {
            let domain = &domains[at];
            // A zone below takes its names out of this one.
            let elsewhere = |name: &str| {
                let name = name.trim_start_matches('.');
                let longer = |other: &&String| other.len() > domain.len();
                domains.iter().filter(longer).any(|other| is_in(name, other))
            };
            let by = Answerer::Zone((*id).into());
            let answers = if let Some(peer) = &zone.peering {
                let Some(peer) = topology.networks.id_of(&peer.value) else { continue };
                self.peering_rules(core, peer, domain, asking)
            } else if !zone.forwarding.is_empty() {
                self.forwarding_rules(core, network, (id, zone, *span), asking)
            } else {
                let own = self.records(zone, (domain, *span), &by, elsewhere);
                rules.extend(own);
                continue;
            };
            let own = answers.into_iter().filter(|rule| !elsewhere(&rule.name));
            rules.extend(own.map(|rule| PrivateName { rule, alias: None }));
        }
        rules
    }

    /// What a zone of records answers, each name in its domain (EGR-120, EGR-126, EGR-245).
    fn records(
        &self,
        zone: &Zone,
        (domain, span): (&str, Span),
        by: &Answerer,
        elsewhere: impl Fn(&str) -> bool,
    ) -> Vec<PrivateName> {
        let mut rules: Vec<PrivateName> = Vec::new();
        let of = |name: String, answer: NameAnswer, alias: Option<String>, at| {
            // A wildcard record stands for names at any depth.
            let wildcard = name.starts_with('.') && answer != NameAnswer::Nonexistent;
            let rule = RuleId::egr(if wildcard { 126 } else { 120 });
            PrivateName { rule: NameRule { name, answer, by: by.clone(), rule, at }, alias }
        };
        let has = |rules: &[PrivateName], name: &str| {
            rules.iter().any(|written| written.rule.name == name)
        };
        if !domain.is_empty() {
            rules.push(of(domain.to_string(), NameAnswer::NoAddress, None, span));
        }
        rules.push(of(below(domain), NameAnswer::Nonexistent, None, span));
        for (name, values) in &zone.records {
            let name = owner(name, domain);
            if name.is_empty() || elsewhere(&name) {
                continue;
            }
            // The names between this one and the zone exist, without addresses, and no wildcard
            // further up stands for what is below them.
            let exact = name.trim_start_matches('.');
            let parents =
                std::iter::successors(Some(exact), |own| own.split_once('.').map(|it| it.1));
            let parents = parents.skip(usize::from(!name.starts_with('.')));
            for parent in parents.take_while(|own| own.len() > domain.len()) {
                let around = below(parent);
                for (own, answer) in
                    [(parent.to_string(), NameAnswer::NoAddress), (around, NameAnswer::Nonexistent)]
                {
                    if !has(&rules, &own) {
                        rules.push(of(own, answer, None, span));
                    }
                }
            }
            // A name that exists is closer to what is below it than a wildcard further up.
            let around = below(&name);
            if !name.starts_with('.') && name != domain && !has(&rules, &around) {
                rules.push(of(around, NameAnswer::Nonexistent, None, span));
            }
            rules.retain(|written| written.rule.name != name);
            let (answer, alias) = as_written(&values.value);
            rules.push(of(name, answer, alias, values.key_span));
        }
        rules
    }

    /// What another network answers in a domain: by its own order, at last the internet's (EGR-128).
    fn peering_rules(
        &mut self,
        core: &mut Core<'_>,
        peer: Id<Network>,
        domain: &str,
        asking: Asking<'_>,
    ) -> Vec<NameRule> {
        let depth = asking.depth + 1;
        if depth >= HOPS {
            return Vec::new();
        }
        let mut layers = self.network_layers(core, peer, Asking { depth, ..asking });
        layers.push(self.public_layer(core));
        let known = layered(layers);
        let all = below(domain);
        let mut rules: Vec<NameRule> = known
            .iter()
            .filter(|rule| is_in(rule.name.trim_start_matches('.'), domain))
            .cloned()
            .collect();
        // What a wider name of that network says counts for all of the domain.
        let whole = |name: &str, wider: Option<&NameRule>| match wider {
            Some(rule) => NameRule { name: name.into(), ..rule.clone() },
            None => NameRule {
                name: name.into(),
                answer: NameAnswer::Unknown,
                by: Answerer::Public,
                rule: RuleId::egr(128),
                at: Span::none(),
            },
        };
        if !rules.iter().any(|rule| rule.name == all) {
            let probe = whole(&all, None);
            let wider = known.iter().filter(|rule| probe.is_inside(rule));
            let wider = wider.max_by_key(|rule| rule.name.len());
            rules.push(whole(&all, wider));
        }
        if !domain.is_empty() && !rules.iter().any(|rule| rule.name == domain) {
            rules.push(whole(domain, closest(&known, domain)));
        }
        for rule in &mut rules {
            if rule.rule != RuleId::egr(248) {
                rule.rule = RuleId::egr(128);
            }
        }
        rules
    }

    /// What the servers of a forwarding zone answer (EGR-121, EGR-247).
    fn forwarding_rules(
        &mut self,
        core: &mut Core<'_>,
        network: Id<Network>,
        (id, zone, span): (&str, &Zone, Span),
        asking: Asking<'_>,
    ) -> Vec<NameRule> {
        let domain = clean(&zone.domain.value);
        let by = Answerer::Zone(id.into());
        let all = |answer: NameAnswer, number| {
            let names = [domain.clone(), below(&domain)].into_iter().filter(|own| !own.is_empty());
            let of = move |name| {
                let (answer, by, rule) = (answer.clone(), by.clone(), RuleId::egr(number));
                NameRule { name, answer, by, rule, at: span }
            };
            names.map(of).collect::<Vec<NameRule>>()
        };
        // Where another network asks, this one has to be where the client is (EGR-248).
        let from_afar = asking.depth > 0 && !self.is_present(core, network, asking.region);
        if from_afar {
            return all(NameAnswer::Unanswered, 248);
        }
        match self.answering(core, network, &zone.forwarding, zone.private_routing()) {
            NameServer::Unreached => all(NameAnswer::Unanswered, 121),
            NameServer::Unknown => {
                core.gaps.push(Gap::both(GapKind::ZoneServers(id.into()), span, Touches::Names));
                all(NameAnswer::Unknown, 121)
            }
            NameServer::Site(site) => {
                let mut rules = all(NameAnswer::Unknown, 121);
                for own in site_rules(&core.topology.onprem[site], &domain) {
                    rules.retain(|rule| rule.name != own.name);
                    let by = Answerer::Zone(id.into());
                    rules.push(NameRule { by, rule: RuleId::egr(121), ..own });
                }
                rules
            }
        }
    }

    /// The names with what their aliases stand for.
    fn followed(
        &self,
        core: &Core<'_>,
        private: &Private,
        written: &[PrivateName],
    ) -> Vec<NameRule> {
        let follow = |own: &PrivateName| {
            let Some(alias) = &own.alias else { return own.rule.clone() };
            let of_policy = matches!(own.rule.by, Answerer::ResponsePolicy(_));
            let (answer, rule) = self.target(core, private, alias, of_policy);
            NameRule { answer, rule: rule.unwrap_or(own.rule.rule), ..own.rule.clone() }
        };
        written.iter().map(follow).collect()
    }

    /// What the target of an alias resolves to, with the rule that decides it where that is not the
    /// alias's own. The day decides where the target is sought (EGR-244).
    fn target(
        &self,
        core: &Core<'_>,
        private: &Private,
        alias: &str,
        mut of_policy: bool,
    ) -> (NameAnswer, Option<RuleId>) {
        let anew = core.at >= aliases_are_resolved_anew();
        let dated = Some(RuleId::egr(244));
        let mut name = alias;
        for _ in 0..ALIASES {
            if of_policy && !anew {
                return (NameAnswer::NoAddress, dated);
            }
            match private.speaking(name) {
                None if anew => return (self.publicly(core, name), dated),
                None => return (NameAnswer::NoAddress, dated),
                Some((PrivateName { alias: Some(next), .. }, by_policy)) => {
                    name = next;
                    of_policy = by_policy;
                }
                Some((PrivateName { rule, .. }, _)) => {
                    // What a zone leaves to the internet's name servers, they answer.
                    let public = rule.answer == NameAnswer::Unknown && rule.by == Answerer::Public;
                    let answer =
                        if public { self.publicly(core, name) } else { rule.answer.clone() };
                    return (answer, None);
                }
            }
        }
        // The names stand for each other (EGR-245).
        (NameAnswer::NoAddress, Some(RuleId::egr(245)))
    }

    /// What the internet's name servers answer to a name.
    fn publicly(&self, core: &Core<'_>, name: &str) -> NameAnswer {
        let public = self.public_layer(core);
        let google = closest(&public.rules, name).map(|rule| rule.answer.clone());
        google.unwrap_or_else(|| self.public_answer(core, name))
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

/// The names that a site's resolvers answer, in a domain.
fn site_rules(site: &Site, domain: &str) -> Vec<NameRule> {
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
        .filter(|rule| is_in(rule.name.trim_start_matches('.'), domain))
        .collect()
}

/// A domain in the form of hosts: lower case, without the dot at its end.
fn clean(domain: &str) -> String {
    domain.trim_end_matches('.').to_ascii_lowercase()
}

/// What stands for all names below a domain.
fn below(domain: &str) -> String {
    format!(".{domain}")
}

/// Whether a name is that of a domain or below it.
fn is_in(name: &str, domain: &str) -> bool {
    domain.is_empty() || name == domain || name.ends_with(&below(domain))
}

/// The addresses of a record, or the name that it stands for.
fn as_written(values: &[Spanned<String>]) -> (NameAnswer, Option<String>) {
    let addresses = values.iter().filter_map(|value| value.value.parse::<IpAddr>().ok());
    let addresses: Vec<IpNet> = addresses.map(IpNet::from).collect();
    let mut names = values.iter().filter(|value| value.value.parse::<IpAddr>().is_err());
    let alias = names.next().map(|value| clean(&value.value));
    (NameAnswer::Addresses(addresses), alias)
}

/// From when each name of a chain of aliases goes through the whole order (EGR-244).
fn aliases_are_resolved_anew() -> Timestamp {
    let day = jiff::civil::date(2027, 1, 5).at(0, 0, 0, 0);
    TimeZone::UTC.to_timestamp(day).unwrap_or(Timestamp::MAX)
}

/// The full name of a record: `@` is the domain itself, `*` all below it; a name that already ends
/// in the domain is full.
fn owner(name: &str, domain: &str) -> String {
    let name = clean(name);
    let full = match name.as_str() {
        "@" | "" => domain.to_string(),
        "*" => format!("*.{domain}"),
        name if domain.is_empty() => name.to_string(),
        name if name == domain || name.ends_with(&format!(".{domain}")) => name.to_string(),
        name => format!("{name}.{domain}"),
    };
    match full.strip_prefix("*.") {
        Some(rest) => format!(".{rest}"),
        None => full,
    }
}
