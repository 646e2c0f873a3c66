//! Sites and their lines: what is sent to them, and whether the answer finds its way back (EGR-096,
//! EGR-136, EGR-158 to EGR-165).

use crate::graph::{Branch, ChoiceKind, Placeholder};
use crate::graph::{HopKind, ResourceKind};
use std::net::IpAddr;

use ipnet::IpNet;

use super::VIPS;
use crate::graph::compile::{Core, Networks, Place, rule};
use crate::graph::expression::{Atom, ExpressionId, Origin};
use crate::graph::hop::{Body, Cause, FieldChange, HopId, RuleVerdict, Switch};
use crate::rules::RuleId;
use crate::topology::hybrid::{LineId, LineOf, Site};
use crate::topology::network::RoutingMode;
use crate::topology::record::Id;
use crate::topology::routing::NextHop;

/// What `learns` calls the subnets that a Cloud Router sees.
const ALL_SUBNETS: &str = "all-subnets";

/// A line that may carry a packet.
#[derive(Clone)]
pub(super) struct Candidate {
    /// What it is called among several.
    pub name: String,
    /// Under which assumptions it is up.
    pub up: ExpressionId,
    /// Where it leads.
    pub hop: HopId,
}

impl<'t> Networks<'t> {
    /// Over one line: whether it is up, and what its selectors let through.
    pub(super) fn line_to_site(
        &mut self,
        core: &mut Core<'t>,
        site: Id<Site>,
        line: &LineOf<'_>,
    ) -> HopId {
        if let Some(&hop) = self.sites.lines.get(&(site, line.line)) {
            return hop;
        }
        let (id, entry) = core.topology.onprem.at(site);
        let resource = core.resource(ResourceKind::Onprem, id);
        let place = Place::new(resource, HopKind::Onprem, RuleId::egr(158), entry.key_span);
        let next = self.site_end(core, site, place);
        let next = core.selected(place, line, false, next);
        let hop = core.over(place, id, line, next);
        self.sites.lines.insert((site, line.line), hop);
        hop
    }

    /// What of a site is behind all its lines: the way back, its firewall, its ranges.
    fn site_end(&mut self, core: &mut Core<'t>, of: Id<Site>, place: Place) -> HopId {
        if let Some(&hop) = self.sites.ends.get(&of) {
            return hop;
        }
        let (id, entry) = core.topology.onprem.at(of);
        let site = &entry.value;
        let end = core.deliver(Place { rule: RuleId::egr(165), ..place }, place.resource);
        let beyond = self.beyond(core, place, id);
        let unsupported = core.drop(Cause::PrivateGoogleAccessViaVpnTunnelUnsupported);
        let list = core.always(unsupported, place.at, RuleId::ing(167));
        let place_of_vips = Place { rule: RuleId::egr(132), ..place };
        let next = core.end(place_of_vips, unsupported);
        let unsupported = core.hop(place_of_vips, Body::Gate { list, next });
        let mut ranges = self.parties_at(core, &site.ranges);
        ranges.extend(site.ranges.iter().map(|range| (range.value, end)));
        ranges.extend(VIPS.iter().map(|range| (*range, unsupported)));
        ranges.sort_by_key(|(range, _)| *range);
        ranges.dedup_by_key(|(range, _)| *range);
        let switch = Switch::Destination { ranges: ranges.into(), otherwise: beyond };
        let mut next = core.hop(place, Body::Switch(switch));
        if let Some(admits) = &site.admits {
            let at = admits.first().map_or(place.at, |first| first.span);
            let place = Place { kind: HopKind::SiteFirewall, rule: RuleId::egr(78), at, ..place };
            let ranges = admits.iter().map(|range| range.value).collect();
            let refused = core.drop(Cause::DestinationNotAdmitted);
            next = core.only_from(place, ranges, refused, next);
        }
        // The answer goes back only to what the site learned of (EGR-159, EGR-160).
        let place = Place { kind: HopKind::ReturnRoute, rule: RuleId::egr(159), ..place };
        let lines = site.each_line();
        let mut known = Vec::new();
        for line in &lines {
            let learned = self.learned(core, of, line);
            let mut parts = vec![core.expressions.atom(Atom::Source(learned.into()))];
            // A line that is down tells nothing; what goes over a single one is asked there.
            if lines.len() > 1 {
                parts.push(core.line_is_up(id, line));
            }
            let when = core.expressions.all(parts);
            if when != core.expressions.never() {
                known.push(rule(when, RuleVerdict::Pass, place.at, None));
            }
        }
        let unknown = core.lose_reply(Cause::NoAdvertisedRouteToGcpDestination);
        let list = core.list(known, unknown);
        let hop = core.hop(place, Body::Gate { list, next });
        self.sites.ends.insert(of, hop);
        hop
    }

    /// Through a site to the internet, as one of its own addresses (EGR-076).
    pub(super) fn beyond(&mut self, core: &mut Core<'t>, place: Place, id: &str) -> HopId {
        let address = core.placeholder(Placeholder::PublicOf(id.into()), false);
        let next = self.outside(core);
        let changes = vec![FieldChange::Origin(Origin::Internet), FieldChange::Source(address)];
        let place = Place { kind: HopKind::SiteInternet, rule: RuleId::egr(76), ..place };
        core.hop(place, Body::Rewrite { changes: changes.into(), next })
    }

    /// The ranges that a site learned of by a line (EGR-096, EGR-159).
    pub(super) fn learned(
        &mut self,
        core: &mut Core<'t>,
        of: Id<Site>,
        line: &LineOf<'_>,
    ) -> Vec<IpNet> {
        let (topology, inventory) = (core.topology, core.inventory);
        let site = &topology.onprem[of];
        let Some(network) = topology.networks.id_of(&site.network.value) else {
            return Vec::new();
        };
        let declared = &topology.networks[network];
        let global = core.is_global(site);
        let mut subnets: Vec<IpNet> = Vec::new();
        for subnet in declared.subnets.values() {
            if global || subnet.region.value == line.region {
                subnets.extend(subnet.ranges());
                subnets.extend(subnet.secondary.values().map(|range| range.value));
            }
        }
        for &connector in &inventory.network(network).connectors {
            if global || inventory.connector(connector).region == Some(line.region) {
                let range = topology.connectors[connector].range.as_ref();
                subnets.extend(range.and_then(|range| range.known()));
            }
        }
        // Addresses that no declared subnet holds are taken to be in one of the region.
        let endpoints: Vec<IpAddr> = self.addresses_in(core, network);
        let declared: Vec<IpNet> =
            declared.subnets.values().flat_map(|subnet| subnet.ranges()).collect();
        subnets.extend(
            endpoints
                .into_iter()
                .filter(|address| !declared.iter().any(|range| range.contains(address)))
                .map(IpNet::from),
        );
        let mut ranges = Vec::new();
        match line.learns {
            None => ranges = subnets,
            Some(learns) => {
                for each in learns {
                    match each.value.as_str() {
                        ALL_SUBNETS => ranges.extend(subnets.iter().copied()),
                        text => match (text.parse::<IpNet>(), text.parse::<IpAddr>()) {
                            (Ok(range), _) => ranges.push(range),
                            (_, Ok(address)) => ranges.push(address.into()),
                            // `check` has said that it is neither.
                            _ => {}
                        },
                    }
                }
            }
        }
        if line.is_dynamic() {
            ranges.extend(self.learned_by_hubs(core, of));
        }
        ranges
    }
}

impl Core<'_> {
    pub(super) fn candidate(&mut self, id: &str, line: &LineOf<'_>, hop: HopId) -> Candidate {
        let up = self.line_is_up(id, line);
        Candidate { name: line.name.unwrap_or(id).to_string(), up, hop }
    }

    /// By one of some lines: of those that are up, any of the first group that has one. If all are
    /// down, the first says so itself.
    pub(super) fn by_a_line(&mut self, place: Place, groups: Vec<Vec<Candidate>>) -> HopId {
        let first = groups.iter().flatten().next().map(|candidate| candidate.hop);
        match (self.one_of_lines(place, groups), first) {
            (Some(hop), _) | (None, Some(hop)) => hop,
            (None, None) => self.no_line(place),
        }
    }

    /// The end of what has no line to go by.
    pub(super) fn no_line(&mut self, place: Place) -> HopId {
        let lost = self.drop(Cause::NoRoute);
        self.end(place, lost)
    }

    fn one_of_lines(&mut self, place: Place, mut groups: Vec<Vec<Candidate>>) -> Option<HopId> {
        let (never, always) = (self.expressions.never(), self.expressions.always());
        for group in &mut groups {
            group.retain(|candidate| candidate.up != never);
        }
        groups.retain(|group| !group.is_empty());
        let first = groups.first()?;
        let Some(open) = first.iter().position(|candidate| candidate.up != always) else {
            if let [only] = first.as_slice() {
                return Some(only.hop);
            }
            let names: Vec<&str> = first.iter().map(|candidate| &*candidate.name).collect();
            let at = format!("{} {}", place.kind, names.join(" "));
            let words = names.into_iter().map(|name| Branch::Line(name.into())).collect();
            let branches = first.iter().map(|candidate| candidate.hop).collect();
            let choice = self.choice(ChoiceKind::Line, place.resource, &at, words);
            return Some(self.hop(place, Body::Choice { choice, branches }));
        };
        let up = first[open].up;
        let mut with = groups.clone();
        with[0][open].up = always;
        let with = self.one_of_lines(place, with)?;
        groups[0].remove(open);
        let Some(otherwise) = self.one_of_lines(place, groups) else { return Some(with) };
        let branches = vec![(up, with)].into();
        Some(self.hop(place, Body::Switch(Switch::FirstMatch { branches, otherwise })))
    }

    fn line_is_up(&mut self, id: &str, line: &LineOf<'_>) -> ExpressionId {
        let what = match line.name {
            Some(name) => format!("whether the line {name} of {id} is up"),
            None => format!("whether the lines of {id} are up"),
        };
        self.whether(line.up, &what)
    }

    /// Over a line, named if it has a name, if it is up (EGR-085).
    pub(super) fn over(&mut self, place: Place, id: &str, line: &LineOf<'_>, next: HopId) -> HopId {
        let mut next = next;
        if line.name.is_some() {
            let pass = self.list(Vec::new(), RuleVerdict::Pass);
            let place =
                Place { kind: HopKind::Line, rule: RuleId::egr(158), at: line.name_at, ..place };
            next = self.hop(place, Body::Gate { list: pass, next });
        }
        let up = self.line_is_up(id, line);
        if up == self.expressions.always() {
            return next;
        }
        let down = self.drop(Cause::RouteNextHopVpnTunnelNotEstablished);
        let rules = vec![rule(up, RuleVerdict::Pass, place.at, None)];
        let never = self.expressions.never();
        let rules = rules.into_iter().filter(|rule| rule.when != never).collect();
        let list = self.list(rules, down);
        let place = Place { kind: HopKind::Lines, rule: RuleId::egr(85), ..place };
        self.hop(place, Body::Gate { list, next })
    }

    /// What the traffic selectors of a line let through; `arriving` from the site, what is local
    /// is the destination (EGR-161).
    pub(super) fn selected(
        &mut self,
        place: Place,
        line: &LineOf<'_>,
        arriving: bool,
        next: HopId,
    ) -> HopId {
        let mut rules = Vec::new();
        let selectors = [
            (line.local, arriving, Cause::VpnTunnelLocalSelectorMismatch),
            (line.remote, !arriving, Cause::VpnTunnelRemoteSelectorMismatch),
        ];
        for (selectors, destination, cause) in selectors {
            let Some(first) = selectors.first() else { continue };
            let ranges = selectors.iter().map(|range| range.value).collect();
            let inside = match destination {
                true => self.expressions.atom(Atom::Destination(ranges)),
                false => self.expressions.atom(Atom::Source(ranges)),
            };
            let outside = self.expressions.not(inside);
            let mismatch = self.drop(cause);
            rules.push(rule(outside, mismatch, first.span, None));
        }
        if rules.is_empty() {
            return next;
        }
        let list = self.list(rules, RuleVerdict::Pass);
        let place = Place { kind: HopKind::TrafficSelectors, rule: RuleId::egr(161), ..place };
        self.hop(place, Body::Gate { list, next })
    }

    /// Whether dynamic routes hold in every region of a site's network (EGR-096).
    fn is_global(&self, site: &Site) -> bool {
        let network = self.topology.networks.get(&site.network.value);
        network.is_some_and(|network| network.routing_mode() == RoutingMode::Global)
    }

    /// What a site announces by BGP, as its network knows it in a region, or in any: each range
    /// with the lines that lead there. Lines that are known to be down tell nothing while others
    /// are up.
    pub(super) fn announced(
        &self,
        site: Id<Site>,
        region: Option<&str>,
    ) -> Vec<(IpNet, Vec<LineId>)> {
        let site = &self.topology.onprem[site];
        let global = self.is_global(site);
        let lines = site.each_line();
        let holds = |line: &LineOf<'_>| {
            line.is_dynamic() && (global || region.is_none_or(|region| line.region == region))
        };
        let mut ranges: Vec<(IpNet, Vec<LineId>)> = Vec::new();
        for line in &lines {
            // Over a line that is down BGP tells of nothing.
            if !holds(line) || line.is_down() {
                continue;
            }
            for range in line.announces.iter().chain(line.custom_learned) {
                match ranges.iter_mut().find(|(known, _)| *known == range.value) {
                    Some((_, lines)) if lines.last() == Some(&line.line) => {}
                    Some((_, lines)) => lines.push(line.line),
                    None => ranges.push((range.value, vec![line.line])),
                }
            }
        }
        ranges
    }

    /// The destinations of static routes to a site, with the lines that they lead into.
    pub(super) fn static_routes_to(&self, site: &str) -> Vec<(IpNet, Vec<LineId>)> {
        let mut ranges = Vec::new();
        for route in self.topology.routes.values() {
            if let NextHop::Site { site: own, line } = &route.next_hop.value
                && own == site
                && let Some(range) = route.destination.known()
                && let Some(declared) = self.topology.onprem.get(site)
            {
                ranges.push((*range, declared.static_lines(line.as_deref())));
            }
        }
        ranges
    }

    /// A gate that only some ranges of senders pass.
    pub(super) fn only_from(
        &mut self,
        place: Place,
        ranges: Vec<IpNet>,
        otherwise: RuleVerdict,
        next: HopId,
    ) -> HopId {
        let from: ExpressionId = self.expressions.atom(Atom::Source(ranges.into()));
        let list = self.list(vec![rule(from, RuleVerdict::Pass, place.at, None)], otherwise);
        self.hop(place, Body::Gate { list, next })
    }
}
