//! Network Connectivity Center: what the spokes of a hub tell each other, and the ways between
//! them (EGR-164).

use crate::graph::{HopKind, ResourceKind};
use ipnet::IpNet;

use super::route::{Row, Through, Way};
use super::{Client, NetworkSender};
use crate::graph::compile::{Core, Networks, Place, rule};
use crate::graph::expression::Atom;
use crate::graph::hop::{Body, Cause, HopId, RuleVerdict, Switch};
use crate::rules::RuleId;
use crate::topology::hybrid::{NccHub, NccSpoke, Site};
use crate::topology::network::Network;
use crate::topology::record::Id;

impl<'t> Networks<'t> {
    /// The routes that a network has from the hubs that it, or one of its lines, is a spoke of:
    /// the subnets of other spokes, and what their sites announce. Dynamic routes hold in a region
    /// as the network of the lines says; in any region if none is given.
    pub(super) fn by_hubs(
        &mut self,
        core: &mut Core<'t>,
        network: Id<Network>,
        region: Option<&str>,
    ) -> Vec<Row> {
        let (topology, inventory) = (core.topology, core.inventory);
        let mut rows = Vec::new();
        for &own in &inventory.network(network).spokes {
            let Some(hub) = inventory.hub_of(own) else { continue };
            let own = &topology.ncc_spokes[own];
            for &id in inventory.spokes_of(hub) {
                let other = &topology.ncc_spokes[id];
                if !inventory.exchange(hub, own, other) {
                    continue;
                }
                match inventory.spoke_network(id) {
                    Some(peer) if peer == network => {}
                    Some(peer) if other.network.is_some() => {
                        rows.extend(self.subnets_of_spoke(core, other, peer, hub));
                    }
                    // Lines tell networks only; from line to line it is site-to-site transfer.
                    Some(peer) if own.network.is_some() => {
                        rows.extend(core.sites_of_spoke(id, peer, hub, region));
                    }
                    Some(_) => {}
                    None => {
                        let ranges = other.ranges.iter().map(|range| range.value);
                        let exported = ranges.filter(|range| other.exports(range));
                        let way = Way::ForeignSpoke(id);
                        rows.extend(exported.map(|range| Row::subnet(range, way.clone(), false)));
                    }
                }
            }
        }
        rows
    }

    /// The subnets that a network gives to its hub; its endpoints for published services apart.
    fn subnets_of_spoke(
        &mut self,
        core: &mut Core<'t>,
        spoke: &NccSpoke,
        network: Id<Network>,
        hub: Id<NccHub>,
    ) -> Vec<Row> {
        let mut rows = Vec::new();
        for row in self.own_subnets(core, network) {
            if spoke.exports(&row.range) {
                let way = match row.way {
                    Way::Network { network, .. } => Way::Hub { network, hub },
                    way => way,
                };
                rows.push(Row::subnet(row.range, way, false));
            }
        }
        for endpoint in &core.inventory.network(network).psc_endpoints {
            let endpoint = &core.topology.psc_endpoints[*endpoint];
            let published = endpoint.target.value.contains('/');
            let Some(address) = endpoint.address.known().filter(|_| published) else { continue };
            let range = IpNet::from(*address);
            if rows.iter().any(|row| row.range.contains(address)) {
                rows.retain(|row| row.range != range);
                rows.push(Row::subnet(range, Way::HubEndpoint { network, hub }, false));
            }
        }
        rows
    }

    /// What a site learns by the hubs that its lines are spokes of: the subnets that they take
    /// from other spokes, and what other sites announce where data is passed on between sites.
    pub(super) fn learned_by_hubs(&mut self, core: &mut Core<'t>, site: Id<Site>) -> Vec<IpNet> {
        let (topology, inventory) = (core.topology, core.inventory);
        let passes_on = |spoke: &NccSpoke| spoke.site_to_site();
        let mut ranges = Vec::new();
        for id in topology.ncc_spokes.ids() {
            let Some(hub) = inventory.hub_of(id) else { continue };
            if inventory.spoke_site(id) != Some(site) {
                continue;
            }
            let own = &topology.ncc_spokes[id];
            let takes =
                |range: &IpNet| own.import_ranges.iter().any(|taken| taken.value.contains(range));
            for &id in inventory.spokes_of(hub) {
                let other = &topology.ncc_spokes[id];
                if !inventory.exchange(hub, own, other) {
                    continue;
                }
                if let Some(to) = inventory.spoke_site(id).filter(|to| *to != site) {
                    if passes_on(own) && passes_on(other) {
                        let announced = core.announced(to, None).into_iter();
                        ranges.extend(announced.map(|(range, _)| range));
                    }
                } else if let Some(network) =
                    inventory.spoke_network(id).filter(|_| other.network.is_some())
                {
                    let rows = self.subnets_of_spoke(core, other, network, hub).into_iter();
                    ranges.extend(rows.map(|row| row.range).filter(takes));
                } else {
                    let elsewhere = other.ranges.iter().map(|range| range.value);
                    ranges.extend(elsewhere.filter(|range| other.exports(range) && takes(range)));
                }
            }
        }
        // Spokes of lines exchange routes of IPv4 alone.
        ranges.retain(|range| range.addr().is_ipv4());
        ranges
    }

    /// Into another spoke, which has to know the way back.
    pub(super) fn spoke_way(
        &mut self,
        core: &mut Core<'t>,
        sender: &NetworkSender,
        network: Id<Network>,
        hub: Id<NccHub>,
    ) -> HopId {
        let next = self.inside(core, network, client_of(sender));
        let next = self.known_by_hub(core, sender, network, next);
        let next = self.senders.private_nat(core, sender, Some(hub), next);
        core.by_hub(hub, next)
    }

    /// To the endpoints of another spoke, if the hub propagates them (EGR-164, EGR-170). What a
    /// private gateway translates does not get there (EGR-075).
    pub(super) fn endpoint_of_spoke(
        &mut self,
        core: &mut Core<'t>,
        sender: &NetworkSender,
        network: Id<Network>,
        hub: Id<NccHub>,
    ) -> HopId {
        let mut next = self.inside(core, network, client_of(sender));
        if let Some(gateway) = self.senders.private_gateway(core, sender, Some(hub)) {
            let (id, entry) = core.topology.nats.at(gateway);
            let unsupported = core.drop(Cause::PrivateNatToPscEndpointUnsupported);
            let list = core.list(Vec::new(), unsupported);
            let resource = core.resource(ResourceKind::Nat, id);
            let place = Place::new(resource, HopKind::PrivateNat, RuleId::egr(75), entry.key_span);
            next = core.hop(place, Body::Gate { list, next });
        }
        let next = core.propagated(hub, next);
        core.by_hub(hub, next)
    }

    /// A network answers only whom its hubs told it of: a spoke that does not give a range away
    /// gets no answer there.
    pub(super) fn known_by_hub(
        &mut self,
        core: &mut Core<'t>,
        sender: &NetworkSender,
        network: Id<Network>,
        next: HopId,
    ) -> HopId {
        let known = self.by_hubs(core, network, None).into_iter().map(|row| row.range).collect();
        let place = Place::new(sender.resource, HopKind::ReturnRoute, RuleId::egr(164), sender.at);
        let lost = core.lose_reply(Cause::NoRoute);
        core.only_from(place, known, lost, next)
    }

    /// Another spoke of a hub answers a site if it knows its ranges: those that the spokes of the
    /// site's lines give to the hub.
    pub(super) fn answered_over_hub(
        &mut self,
        core: &mut Core<'t>,
        place: Place,
        site: Id<Site>,
        (network, hub): (Id<Network>, Id<NccHub>),
        region: Option<&str>,
        next: HopId,
    ) -> HopId {
        let (mut near, mut far) = (Vec::new(), Vec::new());
        for row in self.by_hubs(core, network, region) {
            match row.way {
                Way::Site { uplinks, through: Through::Hub { hub: by, far: away, .. } }
                    if by == hub && uplinks.iter().any(|own| own.site == site) =>
                {
                    if away {
                        far.push(row.range)
                    } else {
                        near.push(row.range)
                    }
                }
                _ => {}
            }
        }
        let mut known = core.expressions.atom(Atom::Source(near.into()));
        if !far.is_empty() {
            let regional = core.disputed("hub-routes-follow-routing-mode");
            let everywhere = core.expressions.not(regional);
            let far = core.expressions.atom(Atom::Source(far.into()));
            let far = core.expressions.all([far, everywhere]);
            known = core.expressions.any([known, far]);
        }
        let lost = core.lose_reply(Cause::NoRoute);
        let list = core.list(vec![rule(known, RuleVerdict::Pass, place.at, None)], lost);
        let place = Place { kind: HopKind::ReturnRoute, rule: RuleId::egr(164), ..place };
        core.hop(place, Body::Gate { list, next })
    }
}

impl Core<'_> {
    /// What the site of a spoke announces, as its hub passes it on: of IPv4 alone.
    fn sites_of_spoke(
        &mut self,
        spoke: Id<NccSpoke>,
        network: Id<Network>,
        hub: Id<NccHub>,
        region: Option<&str>,
    ) -> Vec<Row> {
        let Some(site) = self.inventory.spoke_site(spoke) else { return Vec::new() };
        let spoke = &self.topology.ncc_spokes[spoke];
        let near = self.announced(site, region);
        let mut far = if region.is_some() { self.announced(site, None) } else { Vec::new() };
        far.retain(|(range, _)| !near.iter().any(|(own, _)| own == range));
        let near = near.into_iter().map(|own| (own, false));
        near.chain(far.into_iter().map(|own| (own, true)))
            .filter(|((range, _), _)| range.addr().is_ipv4() && spoke.exports(range))
            .map(|((range, lines), far)| {
                let through = Through::Hub { network, hub, far };
                let uplinks = self.uplinks(site, &lines, &range);
                Row::dynamic(range, Way::Site { uplinks, through }, false)
            })
            .collect()
    }

    /// By the routes of a hub.
    pub(super) fn by_hub(&mut self, hub: Id<NccHub>, next: HopId) -> HopId {
        let (id, entry) = self.topology.ncc_hubs.at(hub);
        let resource = self.resource(ResourceKind::NccHub, id);
        let place = Place::new(resource, HopKind::NccHub, RuleId::egr(164), entry.key_span);
        let list = self.list(Vec::new(), RuleVerdict::Pass);
        self.hop(place, Body::Gate { list, next })
    }

    /// Past a hub that may or may not propagate endpoints.
    pub(super) fn propagated(&mut self, hub: Id<NccHub>, next: HopId) -> HopId {
        let (id, entry) = self.topology.ncc_hubs.at(hub);
        let what = format!("whether ncc_hub/{id} propagates endpoints");
        let setting = entry.value.propagate_psc();
        let at = setting.field.map_or(entry.key_span, |field| field.span);
        let propagates = self.whether(setting, &what);
        let missing = self.drop(Cause::PscTransitivityNotPropagated);
        let never = self.expressions.never();
        let rules = vec![rule(propagates, RuleVerdict::Pass, at, Some(RuleId::egr(170)))];
        let rules = rules.into_iter().filter(|rule| rule.when != never).collect();
        let list = self.list(rules, missing);
        let resource = self.resource(ResourceKind::NccHub, id);
        let place = Place::new(resource, HopKind::PscPropagation, RuleId::egr(164), at);
        self.hop(place, Body::Gate { list, next })
    }

    /// By lines of other regions, whose network keeps dynamic routes to its regions: that hubs
    /// pass them on everywhere all the same is said in one place only.
    pub(super) fn by_far_lines(&mut self, sender: &NetworkSender, next: HopId) -> HopId {
        let place = Place::new(sender.resource, HopKind::NoRoute, RuleId::egr(164), sender.at);
        let lost = self.drop(Cause::NoRoute);
        let otherwise = self.end(place, lost);
        let regional = self.disputed("hub-routes-follow-routing-mode");
        let everywhere = self.expressions.not(regional);
        if everywhere == self.expressions.never() {
            return otherwise;
        }
        let branches = vec![(everywhere, next)].into();
        let place = Place { kind: HopKind::RoutingMode, ..place };
        self.hop(place, Body::Switch(Switch::FirstMatch { branches, otherwise }))
    }

    /// The region of the subnet that a range of a network is, if it is one.
    pub(super) fn region_of_range(&self, network: Id<Network>, range: &IpNet) -> Option<String> {
        let subnet = self.topology.networks[network].subnets.values().find(|subnet| {
            subnet.ranges().any(|own| own == *range)
                || subnet.secondary.values().any(|own| own.value == *range)
        })?;
        Some(subnet.region.value.clone())
    }
}

/// A sender as what listens in another spoke sees it.
fn client_of(sender: &NetworkSender) -> Client {
    let region = sender.region.clone();
    let hybrid = matches!(sender.class, super::Class::Line { .. });
    let leg = Some(sender.leg.clone());
    Client { region, network: sender.network, peered: false, hybrid, leg }
}
