//! Replies as packets: a reply leaves the machine, proxy or line that its request came to last, and
//! is routed by the tables of that place (EGR-080, EGR-088, EGR-091, EGR-251).
//!
//! A reply is decided by what its request has on arrival: the address that it came from, the
//! protocol, and its [`Leg`]. So the ways of replies from a place are one list of rules, in the
//! fields of the request, in a gate that loses the replies that do not get back. Places whose
//! replies all get back have no such gate.

use std::cmp::Reverse;
use std::net::IpAddr;

use ipnet::IpNet;

use super::always::METADATA_SERVER;
use super::route::{Row, Way, chosen};
use super::{Class, EVERY_IPV4, EVERY_IPV6, NetworkSender, is_private};
use crate::graph::compile::{Core, Networks, Place, Senders, rule};
use crate::graph::expression::{Atom, Expression, ExpressionId, in_ranges};
use crate::graph::hop::{
    AssumptionKind, Body, Branch, Cause, ChoiceKind, HopId, ListRule, RuleName, RuleVerdict,
    Waypoint,
};
use crate::graph::{HopKind, ResourceKind, Versions};
use crate::rules::RuleId;
use crate::topology::firewall::Direction;
use crate::topology::hybrid::Site;
use crate::topology::network::{Network, Passthrough, Vm};
use crate::topology::record::{Field, Id};

/// The ports from which clients send, and which replies therefore go to: what Linux takes if nothing
/// else is set (`ip_local_port_range` of the kernel's networking documentation, read 2026-12-01).
const EPHEMERAL: (u16, u16) = (32_768, 60_999);

/// Where the sender of a packet sits, whose address it has, and which machines passed it on.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(in crate::graph::compile) struct Leg {
    pub home: SenderPlace,
    /// The machines that passed it on without putting their own address in front, in order of their
    /// ids, with the load balancer that picked them, if one did.
    pub passed: Vec<(Id<Vm>, Option<Id<Passthrough>>)>,
}

/// Where an address is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(in crate::graph::compile) enum SenderPlace {
    /// In a network.
    Network(Id<Network>),
    /// In a site.
    Site(Id<Site>),
    /// On the internet.
    Internet,
}

impl Leg {
    /// A leg that begins.
    pub(super) fn from(home: SenderPlace) -> Self {
        Leg { home, passed: Vec::new() }
    }

    /// The leg behind a machine that passes it on.
    pub(super) fn past(&self, machine: Id<Vm>, by: Option<Id<Passthrough>>) -> Self {
        let mut passed = self.passed.clone();
        if !self.has_passed(machine) {
            passed.push((machine, by));
        }
        passed.sort_unstable();
        Leg { home: self.home, passed }
    }

    fn has_passed(&self, machine: Id<Vm>) -> bool {
        self.passed.iter().any(|(own, _)| *own == machine)
    }
}

/// What becomes of some replies.
#[derive(Debug, Clone, PartialEq, Eq)]
struct ReplyFate {
    /// Which: in the fields of the request.
    when: ExpressionId,
    /// Why they are lost; nothing if they get back.
    lost: Option<Cause>,
    /// The documented behaviour.
    rule: RuleId,
    /// What they pass.
    by: Vec<Waypoint>,
}

/// A reply on its way.
#[derive(Clone)]
struct Returning<'l> {
    /// The network that it was sent in.
    from: Id<Network>,
    leg: &'l Leg,
    /// Where the sender's address can be.
    home: &'l [IpNet],
    /// The addresses of the machine that answers as its external one: that is put in front at the
    /// gateway.
    sent_from: Vec<IpAddr>,
    /// Which replies.
    when: ExpressionId,
    by: Vec<Waypoint>,
    /// The machines that it has passed.
    visited: Vec<Id<Vm>>,
}

/// Which of equal routes is taken, and how many there are at most.
struct Ties {
    pick: usize,
    most: usize,
}

impl<'t> Networks<'t> {
    /// A place whose reply has to find its way from `from` to where the request came from.
    pub(super) fn answering(
        &mut self,
        core: &mut Core<'t>,
        from: &NetworkSender,
        leg: &Leg,
        next: HopId,
    ) -> HopId {
        let mut home = self.home_ranges(core, leg.home);
        let versions = match from.class {
            Class::Machine { external, .. } if leg.home == SenderPlace::Internet => {
                Versions { v4: external.is_some(), v6: from.external_ipv6 && from.versions().v6 }
            }
            _ => from.versions(),
        };
        home.retain(|range| versions.has(range));
        let sent_from: Vec<IpAddr> = match leg.home {
            SenderPlace::Internet => from.addresses().collect(),
            _ => Vec::new(),
        };
        self.gate_of_replies(core, from, next, |this, core, ties| {
            let start = Returning::new(core, from, leg, &home, sent_from.clone());
            let mut replies = Vec::new();
            this.route_reply(core, from, start, ties, &mut replies);
            replies
        })
    }

    /// A place from which replies go straight to the sender's network, whatever the tables say:
    /// managed services and endpoints know the addresses of their `network` alone (EGR-150).
    pub(super) fn answering_directly(
        &mut self,
        core: &mut Core<'t>,
        from: &NetworkSender,
        leg: &Leg,
        next: HopId,
    ) -> HopId {
        let known = match leg.home {
            SenderPlace::Network(network) => network == from.network,
            // Lines have gates of their own.
            SenderPlace::Site(_) | SenderPlace::Internet => true,
        };
        self.gate_of_replies(core, from, next, |_, core, _| {
            let start = Returning::new(core, from, leg, &[], Vec::new());
            let mut replies = Vec::new();
            match known {
                true => core.arrive(start, &mut replies),
                false => replies.push(start.lost(Cause::NoRoute)),
            }
            replies
        })
    }

    fn gate_of_replies(
        &mut self,
        core: &mut Core<'t>,
        from: &NetworkSender,
        next: HopId,
        replies: impl Fn(&mut Self, &mut Core<'t>, &mut Ties) -> Vec<ReplyFate>,
    ) -> HopId {
        let never = core.expressions.never();
        let mut ways: Vec<Vec<ReplyFate>> = Vec::new();
        let mut ties = Ties { pick: 0, most: 1 };
        while ties.pick < ties.most {
            let mut way = replies(self, core, &mut ties);
            way.retain(|reply| reply.when != never);
            if !ways.contains(&way) {
                ways.push(way);
            }
            ties.pick += 1;
        }
        let place = Place::new(from.resource, HopKind::ReturnRoute, RuleId::egr(80), from.at);
        let mut hops = Vec::new();
        for way in ways {
            let hop = core.gate_of_way(place, way, next);
            if !hops.contains(&hop) {
                hops.push(hop);
            }
        }
        match hops.as_slice() {
            [] => next,
            [only] => *only,
            several => {
                let words = (1..=several.len() as u32).map(Branch::Number).collect();
                let choice =
                    core.choice(ChoiceKind::Route, place.resource, place.kind.name(), words);
                core.hop(place, Body::Choice { choice, branches: hops.into() })
            }
        }
    }

    /// Where addresses of a home can be.
    fn home_ranges(&mut self, core: &mut Core<'t>, home: SenderPlace) -> Vec<IpNet> {
        match home {
            SenderPlace::Network(network) => {
                self.own_subnets(core, network).into_iter().map(|row| row.range).collect()
            }
            SenderPlace::Site(site) => {
                core.topology.onprem[site].ranges.iter().map(|range| range.value).collect()
            }
            SenderPlace::Internet => vec![EVERY_IPV4, EVERY_IPV6],
        }
    }

    /// By policy-based routes, then by the route table of a place.
    fn route_reply(
        &mut self,
        core: &mut Core<'t>,
        from: &NetworkSender,
        reply: Returning<'_>,
        ties: &mut Ties,
        replies: &mut Vec<ReplyFate>,
    ) {
        let mut rest = reply.when;
        let routes = core.policy_routes_of(from);
        for (matched, at) in core.policy_routes_taken(from, &routes) {
            let (name, entry) = core.topology.policy_routes.at(routes[at]);
            let route = &entry.value;
            let matched = core.of_reply(matched, &reply.sent_from);
            let when = core.expressions.all([rest, matched]);
            let unmatched = core.expressions.not(matched);
            rest = core.expressions.all([rest, unmatched]);
            let resource = core.resource(ResourceKind::PolicyRoute, name);
            let by = Waypoint {
                resource,
                kind: HopKind::PolicyRoute,
                rule: RuleId::egr(88),
                at: entry.key_span,
            };
            let next = Returning { when, ..reply.clone() }.past(by);
            match self.senders.static_way(core, &route.next_hop.value, from.network) {
                None => self.route_reply_by_table(core, from, next, ties, replies),
                Some(way) => self.lead_reply(core, next, &way, ties, replies),
            }
        }
        let reply = Returning { when: rest, ..reply };
        self.route_reply_by_table(core, from, reply, ties, replies);
    }

    fn route_reply_by_table(
        &mut self,
        core: &mut Core<'t>,
        from: &NetworkSender,
        reply: Returning<'_>,
        ties: &mut Ties,
        replies: &mut Vec<ReplyFate>,
    ) {
        if reply.when == core.expressions.never() {
            return;
        }
        let mut rows = chosen(self.table(core, from.network, &from.region, &from.tags));
        rows.sort_by_key(|(range, _)| Reverse(range.prefix_len()));
        if reply.leg.home == SenderPlace::Internet {
            // Nobody there has a private address, or one of Google's for networks.
            rows.retain(|(range, rows)| {
                let within = rows.iter().any(|row| row.subnet) && matches!(range, IpNet::V6(_));
                !is_private(range) && !within && *range != METADATA_SERVER
            });
        }
        // Addresses of the home that no longer range so far has taken.
        let mut open = reply.home.to_vec();
        for (range, rows) in &rows {
            if !open.iter().any(|own| own.contains(range) || range.contains(own)) {
                continue;
            }
            open.retain(|own| !range.contains(own));
            let there = core.expressions.atom(Atom::Source([*range].into()));
            for (when, contenders) in core.contenders(rows, &from.region) {
                let contenders = || contenders.iter().map(|at| &rows[*at]);
                let best = contenders().map(|row| (!row.local, row.rank)).min();
                let best: Vec<&Row> =
                    contenders().filter(|row| Some((!row.local, row.rank)) == best).collect();
                ties.most = ties.most.max(best.len());
                let Some(row) = best.get(ties.pick % best.len().max(1)) else { continue };
                let when = core.expressions.all([reply.when, there, when]);
                let mut next = Returning { when, ..reply.clone() };
                if let Some(route) = row.route {
                    let (id, entry) = core.topology.routes.at(route);
                    let resource = core.resource(ResourceKind::Route, id);
                    let (kind, rule) = (HopKind::Route, RuleId::egr(83));
                    next = next.past(Waypoint { resource, kind, rule, at: entry.key_span });
                }
                // Of several sites that announce a range, another may be taken than the sender's.
                if let (Way::Site { uplinks, .. }, SenderPlace::Site(home)) =
                    (&row.way, reply.leg.home)
                    && uplinks.iter().any(|uplink| uplink.site != home)
                {
                    let place =
                        Place::new(from.resource, HopKind::ReturnRoute, RuleId::egr(241), from.at);
                    let there = core.gets_to(place, uplinks, &from.region, home);
                    let elsewhere = core.expressions.not(there);
                    replies.push(next.part(core, elsewhere).lost(Cause::NoRoute));
                    next = next.part(core, there);
                }
                self.lead_reply(core, next, &row.way, ties, replies);
            }
        }
        if !open.is_empty() {
            replies.push(reply.lost(Cause::NoRoute));
        }
    }

    /// By the next hop of a route.
    fn lead_reply(
        &mut self,
        core: &mut Core<'t>,
        reply: Returning<'_>,
        way: &Way,
        ties: &mut Ties,
        replies: &mut Vec<ReplyFate>,
    ) {
        let home = reply.leg.home;
        match way {
            Way::Network { network, .. }
            | Way::Hub { network, .. }
            | Way::HubEndpoint { network, .. } => match home == SenderPlace::Network(*network) {
                true => core.arrive(reply, replies),
                false => replies.push(reply.lost(Cause::UnknownInternalAddress)),
            },
            // The gateway that translated its request knows it.
            Way::Translation if matches!(home, SenderPlace::Network(_)) => {
                core.arrive(reply, replies)
            }
            Way::Site { uplinks, .. } => {
                match uplinks.iter().any(|uplink| home == SenderPlace::Site(uplink.site)) {
                    true => core.arrive(reply, replies),
                    false => replies.push(reply.lost(Cause::NoRoute)),
                }
            }
            // As the external address that its request was sent to; what others pass on has none.
            Way::Internet => match (home, reply.visited.is_empty()) {
                (SenderPlace::Internet, true) => core.arrive(reply, replies),
                (SenderPlace::Internet, false) => {
                    replies.push(reply.lost(Cause::NoExternalAddress))
                }
                _ => replies.push(reply.lost(Cause::NoRoute)),
            },
            Way::Machine(machine) => self.pass_reply(core, *machine, reply, ties, replies),
            Way::Passthrough(of) => {
                // Both directions of a connection go to one machine, if they pick from the same
                // ones (EGR-250).
                let machines = core.machines_behind(*of);
                let alike = |by: &Option<Id<Passthrough>>| {
                    by.is_some_and(|by| core.machines_behind(by) == machines)
                };
                let seen = reply.leg.passed.iter().find(|(machine, by)| {
                    machines.contains(machine) && (machines.len() == 1 || alike(by))
                });
                if seen.is_none() {
                    ties.most = ties.most.max(machines.len());
                }
                let picked = machines.get(ties.pick % machines.len().max(1));
                match seen.map(|(machine, _)| machine).or(picked) {
                    Some(machine) => self.pass_reply(core, *machine, reply, ties, replies),
                    None => replies.push(reply.lost(Cause::RouteNextHopResourceNotFound)),
                }
            }
            Way::Nowhere => replies.push(reply.lost(Cause::RouteNextHopResourceNotFound)),
            Way::Managed(_)
            | Way::Apis(_)
            | Way::Metadata
            | Way::Translation
            | Way::ForeignPeer(_)
            | Way::ForeignSpoke(_) => replies.push(reply.lost(Cause::NoRoute)),
        }
    }

    /// Through a machine that passes packets on.
    fn pass_reply(
        &mut self,
        core: &mut Core<'t>,
        of: Id<Vm>,
        reply: Returning<'_>,
        ties: &mut Ties,
        replies: &mut Vec<ReplyFate>,
    ) {
        let Some(machine) = self.senders.machine(core, of) else {
            replies.push(reply.lost(Cause::RouteNextHopResourceNotFound));
            return;
        };
        let by = Waypoint {
            resource: machine.resource,
            kind: HopKind::IpForwarding,
            rule: RuleId::egr(86),
            at: machine.at,
        };
        let mut reply = reply.past(by);
        if reply.visited.contains(&of) {
            replies.push(reply.lost(Cause::RoutingLoop));
            return;
        }
        if !reply.leg.has_passed(of) {
            // To it and its firewall the reply is the first packet of a connection (EGR-250).
            let allowed = self.senders.lets_in_reply(core, &machine, &reply.sent_from);
            let refused = core.expressions.not(allowed);
            replies.push(reply.part(core, refused).lost(Cause::FirewallRule));
            if !core.topology.vms[of].can_ip_forward() {
                replies.push(reply.lost(Cause::ForeignIpDisallowed));
                return;
            }
            let stateful = core.is_stateful(of);
            let translates = core.translates(of);
            let stopped = core.expressions.any([stateful, translates]);
            replies.push(reply.part(core, stopped).lost(Cause::NoConnectionState));
        }
        reply.visited.push(of);
        self.route_reply(core, &machine, reply, ties, replies);
    }
}

impl<'l> Returning<'l> {
    /// Every reply, as it leaves a place.
    fn new(
        core: &mut Core<'_>,
        from: &NetworkSender,
        leg: &'l Leg,
        home: &'l [IpNet],
        sent_from: Vec<IpAddr>,
    ) -> Self {
        let when = core.expressions.always();
        let (by, visited) = (Vec::new(), Vec::new());
        Returning { from: from.network, leg, home, sent_from, when, by, visited }
    }

    fn past(mut self, by: Waypoint) -> Self {
        self.by.push(by);
        self
    }

    /// Those of the replies for which something holds, too.
    fn part(&self, core: &mut Core<'_>, when: ExpressionId) -> Self {
        let when = core.expressions.all([self.when, when]);
        Returning { when, ..self.clone() }
    }

    fn lost(self, cause: Cause) -> ReplyFate {
        let number = match (cause, self.leg.home) {
            (Cause::NoConnectionState, _) => 250,
            (Cause::ForeignIpDisallowed, _) => 86,
            (Cause::FirewallRule, _) => 104,
            (Cause::NoRoute | Cause::NoExternalAddress, SenderPlace::Internet) => 251,
            (_, SenderPlace::Network(network)) if network != self.from => 91,
            _ => return self.ends(Some(cause)),
        };
        ReplyFate { rule: RuleId::egr(number), ..self.ends(Some(cause)) }
    }

    /// Lost, or back at the sender.
    fn ends(self, lost: Option<Cause>) -> ReplyFate {
        let rule = self.by.last().map_or(RuleId::egr(80), |by| by.rule);
        ReplyFate { when: self.when, lost, rule, by: self.by }
    }
}

impl Core<'_> {
    /// Back at the sender. What saw the request but not its reply does not let the rest of a TCP
    /// connection through if it keeps state (EGR-250).
    fn arrive(&mut self, reply: Returning<'_>, replies: &mut Vec<ReplyFate>) {
        let tcp = self.tcp();
        for &(machine, _) in &reply.leg.passed {
            if !reply.visited.contains(&machine) {
                let stateful = self.is_stateful(machine);
                let stopped = self.expressions.all([tcp, stateful]);
                let (id, entry) = self.topology.vms.at(machine);
                let past = Waypoint {
                    resource: self.resource(ResourceKind::Vm, id),
                    kind: HopKind::ConnectionState,
                    rule: RuleId::egr(250),
                    at: entry.key_span,
                };
                let lost = reply.part(self, stopped).past(past);
                replies.push(lost.lost(Cause::NoConnectionState));
            }
        }
        replies.push(reply.ends(None));
    }

    /// A gate for the replies from a place, unless all get back by its table alone.
    fn gate_of_way(&mut self, place: Place, replies: Vec<ReplyFate>, next: HopId) -> HopId {
        if replies.iter().all(|reply| reply.lost.is_none() && reply.by.is_empty()) {
            return next;
        }
        let rules = replies.into_iter().map(|reply| {
            let then = match reply.lost {
                None => RuleVerdict::Pass,
                Some(cause) => self.lose_reply(cause),
            };
            let cited = Some(reply.rule);
            ListRule {
                name: RuleName::Back(reply.by.into()),
                ..rule(reply.when, then, place.at, cited)
            }
        });
        let rules = rules.collect();
        // Nobody else sends from here: what is not of the home has no way back.
        let astray = self.lose_reply(Cause::NoRoute);
        let list = self.list(rules, astray);
        self.hop(place, Body::Gate { list, next })
    }

    /// The machines behind a passthrough load balancer.
    pub(super) fn machines_behind(&self, of: Id<Passthrough>) -> Vec<Id<Vm>> {
        let machines = self.topology.passthrough_load_balancers[of].machines.iter();
        let machines = machines.filter_map(|machine| self.topology.vms.id_of(&machine.value));
        let mut machines: Vec<Id<Vm>> = machines.collect();
        machines.sort_unstable();
        machines.dedup();
        machines
    }

    /// Whether a machine puts its own address in front of what it passes on (EGR-087).
    pub(super) fn translates(&mut self, of: Id<Vm>) -> ExpressionId {
        let field = self.topology.vms[of].translates.as_ref();
        self.unless_said(
            of,
            field,
            "translates",
            "puts its own address in front of what it passes on",
        )
    }

    /// Whether a machine lets only those packets pass on whose connection it has seen from its
    /// beginning (EGR-250).
    fn is_stateful(&mut self, of: Id<Vm>) -> ExpressionId {
        let field = self.topology.vms[of].stateful.as_ref();
        self.unless_said(of, field, "stateful", "keeps the state of connections that it passes on")
    }

    /// A property of a machine that is assumed where the topology does not say it.
    fn unless_said(
        &mut self,
        of: Id<Vm>,
        field: Option<&Field<bool>>,
        name: &str,
        what: &str,
    ) -> ExpressionId {
        let (id, entry) = self.topology.vms.at(of);
        if field.is_some() {
            let text = format!("whether vm/{id} {what}");
            let values = self.alternatives(field, None, &[true, false], &text, bool::to_string);
            let on = values.into_iter().filter(|(_, on)| *on).map(|(when, _)| when);
            return self.expressions.any(on);
        }
        let assumption = self.assumption(
            format!("vm/{id}.{name}"),
            AssumptionKind::Unknown,
            || format!("vm/{id} {what}"),
            None,
            entry.key_span,
        );
        self.assumed((assumption, true))
    }

    /// What a condition of a packet asks of the request to which the packet is the reply.
    /// Replies are sent from where their requests were sent to, or from some known address.
    fn of_reply(&mut self, condition: ExpressionId, sent_from: &[IpAddr]) -> ExpressionId {
        match self.expressions.get(condition).clone() {
            Expression::True | Expression::False => condition,
            Expression::Not(inner) => {
                let inner = self.of_reply(inner, sent_from);
                self.expressions.not(inner)
            }
            Expression::All(parts) => {
                let parts: Vec<_> =
                    parts.iter().map(|part| self.of_reply(*part, sent_from)).collect();
                self.expressions.all(parts)
            }
            Expression::Any(parts) => {
                let parts: Vec<_> =
                    parts.iter().map(|part| self.of_reply(*part, sent_from)).collect();
                self.expressions.any(parts)
            }
            Expression::Atom(Atom::Source(ranges)) if sent_from.is_empty() => {
                self.expressions.atom(Atom::Destination(ranges))
            }
            Expression::Atom(Atom::Source(ranges)) => {
                match sent_from.iter().any(|own| in_ranges(&ranges, *own)) {
                    true => self.expressions.always(),
                    false => self.expressions.never(),
                }
            }
            Expression::Atom(Atom::Destination(ranges)) => {
                self.expressions.atom(Atom::Source(ranges))
            }
            Expression::Atom(Atom::Port(ranges)) => {
                let every = |range: &(u16, u16)| range.0 <= EPHEMERAL.0 && range.1 >= EPHEMERAL.1;
                match ranges.iter().any(every) {
                    true => self.expressions.always(),
                    false => self.expressions.never(),
                }
            }
            Expression::Atom(_) => condition,
        }
    }
}

impl Senders {
    /// Whether the firewall of a machine lets a reply in as the first packet of a connection.
    fn lets_in_reply(
        &mut self,
        core: &mut Core<'_>,
        machine: &NetworkSender,
        sent_from: &[IpAddr],
    ) -> ExpressionId {
        let Some(list) = self.rules_for(core, machine, Direction::Ingress, false) else {
            return core.expressions.always();
        };
        let list = core.rules_of(list).clone();
        let verdict = |core: &mut Core<'_>, verdict: RuleVerdict| match verdict {
            RuleVerdict::Pass => core.expressions.always(),
            RuleVerdict::Refuse(_) => core.expressions.never(),
        };
        let mut allowed = verdict(core, list.otherwise);
        for rule in list.rules.iter().rev() {
            let when = core.of_reply(rule.when, sent_from);
            let otherwise = core.expressions.not(when);
            let then = verdict(core, rule.then);
            let here = core.expressions.all([when, then]);
            let later = core.expressions.all([otherwise, allowed]);
            allowed = core.expressions.any([here, later]);
        }
        allowed
    }
}
