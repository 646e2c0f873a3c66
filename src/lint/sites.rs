//! On-premises sites: what they learn of a network, and what goes back to them.

use crate::topology::network::Network;
use crate::topology::record::Id;
use ipnet::{IpNet, Ipv4Net};

use super::ask::AskedWay;
use super::networks::CUSTOMERS;
use super::{Asker, Linter};
use crate::graph::{Cause, HopKind, ResourceKind};
use crate::inventory::attachments::Sending;
use crate::rules::ranges::VIPS;
use crate::source::{Span, codes};
use crate::topology::hybrid::{LineOf, Site};
use crate::topology::routing::NextHop;

codes! {
    SENDER_NOT_ANNOUNCED = Warning "sender-not-announced" "EGR-159" {
        "a site that does not learn where Cloud Run sends from",
        "without all subnets, the range of a connector or of Direct VPC egress has to be listed, \
         or answers are lost",
        "networks:
  prod: {subnets: {run: {region: europe-west1, range: 10.0.0.0/24}}}
onprem:
  office: {network: prod, region: europe-west1, ranges: [192.168.0.0/16], learns: [10.9.0.0/24]}
services:
  web: {region: europe-west1, vpc_access: {network: prod, subnet: run}}
",
    }
    SITE_AT_GOOGLE = Warning "site-at-google" "ING-166" {
        "a site with addresses that are Google's",
        "what a site sends to Google APIs comes from private addresses or from public ones that \
         are not Google's",
        "networks:
  prod: {}
onprem:
  office: {network: prod, region: europe-west1, ranges: [35.235.240.0/24]}
",
    }
    ANSWER_IN_ANOTHER_REGION = Warning "answer-in-another-region" "ING-165" {
        "a line to Google APIs in a region that no answer goes back by",
        "what Google answers goes back by a line of the region that the request came in by",
        "networks:
  prod: {routing_mode: global}
onprem:
  office:
    network: prod
    ranges: [192.168.0.0/16]
    lines:
      tokyo:
        region: asia-northeast1
        learns: [199.36.153.8/30]
        announces: []
      osaka: {region: asia-northeast2}
",
    }
    SPOKE_NOT_LEARNED = Warning "spoke-not-learned" "EGR-164" {
        "a site that does not learn where another spoke of its hub sends from",
        "a site learns of the subnets of other spokes if the spoke of its lines takes them, or if \
         its Cloud Router announces them otherwise",
        "networks:
  routing: {}
  prod: {subnets: {run: {region: europe-west1, range: 10.0.0.0/24}}}
onprem:
  office: {network: routing, region: europe-west1, ranges: [192.168.0.0/16]}
ncc_hubs:
  core: {}
ncc_spokes:
  prod: {hub: core, network: prod}
  office: {hub: core, site: office}
services:
  web: {region: europe-west1, vpc_access: {network: prod, subnet: run}}
",
    }
    CLASSIC_WITHOUT_ROUTE = Warning "classic-without-route" "EGR-085" {
        "a Classic VPN without a route",
        "only static routes lead into a Classic VPN tunnel",
        "networks:
  prod: {}
onprem:
  office: {network: prod, region: europe-west1, ranges: [192.168.0.0/16], lines: classic-vpn}
",
    }
}

/// What `learns` calls the subnets that a Cloud Router sees.
const ALL_SUBNETS: &str = "all-subnets";

const fn v4(a: u8, b: u8, c: u8, d: u8, length: u8) -> IpNet {
    IpNet::V4(Ipv4Net::new_assert(std::net::Ipv4Addr::new(a, b, c, d), length))
}

/// Ranges that the documents name as Google's own, besides those of customers: health checks and
/// proxies, Google APIs, Cloud DNS, connectors, IAP.
const GOOGLES: [IpNet; 8] = [
    v4(34, 126, 0, 0, 18),
    v4(35, 191, 0, 0, 16),
    v4(35, 199, 192, 0, 18),
    v4(35, 235, 240, 0, 20),
    v4(107, 178, 230, 64, 26),
    v4(108, 170, 220, 0, 23),
    v4(130, 211, 0, 0, 22),
    v4(199, 36, 153, 0, 24),
];

impl Linter<'_, '_> {
    pub(super) fn sites(&mut self) {
        let topology = self.topology;
        for (id, entry) in &topology.onprem {
            let site = &entry.value;
            let resource = format!("onprem/{id}");
            for line in site.each_line().iter().filter(|line| !line.is_dynamic()) {
                self.classic(line, id, &resource);
            }
            for range in &site.ranges {
                let of_google = CUSTOMERS.iter().chain(&GOOGLES);
                if of_google.into_iter().any(|own| own.contains(&range.value)) {
                    let message = format!("`{}` of {resource} is Google's", range.value);
                    let finding = SITE_AT_GOOGLE.finding(message).at(range.span);
                    let help = "take private addresses, or public ones of your own";
                    self.report(finding.help(help).resource(&resource));
                }
            }
        }
    }

    /// Whether a route leads into a Classic VPN tunnel.
    fn classic(&mut self, line: &LineOf<'_>, id: &str, resource: &str) {
        let leads = self.topology.routes.values().any(|route| match &route.next_hop.value {
            NextHop::Site { site, line: own } => {
                site == id && own.as_deref().is_none_or(|own| Some(own) == line.name)
            }
            _ => false,
        });
        if leads {
            return;
        }
        let called = match line.name {
            Some(name) => format!("the line `{name}` of {resource}"),
            None => resource.to_owned(),
        };
        let message = format!("no route leads to {called}");
        let finding = CLASSIC_WITHOUT_ROUTE.finding(message).at(line.at);
        let name = line.name.map(|name| format!("/{name}")).unwrap_or_default();
        let help = format!("add a route with `next_hop: onprem/{id}{name}`");
        self.report(finding.help(help).resource(resource));
    }
}

impl<'m> Asker<'m, '_> {
    pub(super) fn sites(&mut self) {
        let topology = self.topology;
        for (id, entry) in &topology.onprem {
            let site = &entry.value;
            let resource = format!("onprem/{id}");
            let lines = site.each_line();
            self.answers_of_google(id, site, &lines, &resource);
            if let Some(network) = topology.networks.id_of(&site.network.value) {
                self.senders_not_announced(id, network, &lines, entry.key_span);
                self.spokes_not_learned(id, network);
            }
        }
    }

    /// Lines that tell a site of Google's virtual addresses, in a region without a way back.
    fn answers_of_google(&mut self, id: &str, site: &Site, lines: &[LineOf<'_>], resource: &str) {
        let topology = self.topology;
        let routes = topology.routes.values().filter_map(|route| match &route.next_hop.value {
            NextHop::Site { site: own, line } if own == id => Some(line.as_deref()),
            _ => None,
        });
        let mut back: Vec<&str> = routes
            .flat_map(|line| site.static_lines(line))
            .map(|at| lines[at.index()].region)
            .collect();
        let announcing = lines.iter().filter(|line| !line.announces.is_empty());
        back.extend(announcing.map(|line| line.region));
        // Without any way back it is another matter.
        if back.is_empty() {
            return;
        }
        for line in lines {
            let announced = VIPS.iter().any(|vip| announces(line, vip));
            if !announced || line.region.is_empty() || back.contains(&line.region) {
                continue;
            }
            let Some(source) = self.engine.source(resource) else { continue };
            let apis = self.engine.apis();
            let ways = self.engine.ways(source, apis);
            let by_line = |way: &&AskedWay| {
                line.name.is_none()
                    || way.hops.iter().any(|hop| {
                        let hop = self.engine.graph.hop(*hop);
                        hop.kind == HopKind::Line && hop.at == line.name_at
                    })
            };
            if ways.iter().filter(by_line).any(|way| self.engine.is_delivered(way)) {
                continue;
            }
            let message =
                format!("what Google answers to {resource} does not go back in `{}`", line.region);
            let finding = ANSWER_IN_ANOTHER_REGION.finding(message).at(line.region_at);
            let help = "let the site announce its ranges by a line of that region";
            self.report(finding.help(help).resource(resource));
        }
    }

    /// The range that what a sender sends to a site comes from, if the site does not know the way
    /// back to it.
    fn not_known(&mut self, sending: &Sending<'m>, site: &str) -> Option<IpNet> {
        let source = self.engine.source(&sending.resource)?;
        let end = self.engine.resource(ResourceKind::Onprem, site)?;
        let end = self.engine.ends(vec![end]);
        if !self.engine.never(source, end) {
            return None;
        }
        // Others may stop it on the way there, too.
        let ways = self.engine.stopped_ways(source, end);
        let unknown = Some(Cause::NoAdvertisedRouteToGcpDestination);
        let lost = ways.iter().find(|way| self.engine.loss(way) == unknown)?;
        match lost.address() {
            None => sending.range,
            Some(address) => {
                let networks = self.topology.networks.values();
                let subnets = networks.flat_map(|network| network.subnets.values());
                let mut ranges = subnets.filter_map(|subnet| subnet.ipv4());
                ranges.find(|range| range.contains(&address))
            }
        }
    }

    /// Senders in other spokes of a hub that a site, whose lines are a spoke, does not learn of.
    fn spokes_not_learned(&mut self, site: &str, network: Id<Network>) {
        let topology = self.topology;
        let seats = std::rc::Rc::clone(&self.seats);
        for (own_id, entry) in &topology.ncc_spokes {
            let own = &entry.value;
            let Some(named) = own.site.as_ref().filter(|own| own.value == site) else { continue };
            let Some(hub) = topology.ncc_hubs.id_of(&own.hub.value) else { continue };
            for (_, other) in topology.spokes_of(hub) {
                let there = other.network.as_ref();
                let there = there.and_then(|there| topology.networks.id_of(&there.value));
                let there = there.filter(|there| *there != network);
                let mut senders = there.into_iter().flat_map(|there| seats.of(there));
                let missed =
                    senders.find_map(|sending| Some((sending, self.not_known(sending, site)?)));
                let Some((sending, range)) = missed else { continue };
                let sender = &sending.resource;
                let message =
                    format!("onprem/{site} does not learn `{range}`, from which {sender} sends");
                let finding = SPOKE_NOT_LEARNED.finding(message).at(named.span);
                let finding = finding.also(sending.at, "sends from there");
                let help = format!("add `{range}` to `import_ranges` of ncc_spoke/{own_id}");
                self.report(finding.help(help).resource(format!("ncc_spoke/{own_id}")));
            }
        }
    }

    /// Senders in a site's network, and in those that are peered with it, to which it does not know
    /// the way back.
    fn senders_not_announced(
        &mut self,
        site: &str,
        network: Id<Network>,
        lines: &[LineOf<'_>],
        key: Span,
    ) {
        let seats = std::rc::Rc::clone(&self.seats);
        let mut missing: Vec<IpNet> = Vec::new();
        for sending in std::iter::once(network)
            .chain(seats.near(network))
            .flat_map(|network| seats.of(network))
        {
            let Some(range) = self.not_known(sending, site) else { continue };
            if missing.contains(&range) {
                continue;
            }
            missing.push(range);
            let near = lines.iter().find(|line| line.region == sending.seat.region);
            let learns = near.or(lines.first()).and_then(|line| line.learns?.first());
            let at = learns.map_or(key, |first| first.span);
            let sender = &sending.resource;
            let message =
                format!("onprem/{site} does not learn `{range}`, from which {sender} sends");
            let finding = SENDER_NOT_ANNOUNCED.finding(message).at(at);
            let finding = finding.also(sending.at, "sends from there");
            let help = format!("add `{range}` or `{ALL_SUBNETS}` to `learns`");
            self.report(finding.help(help).resource(format!("onprem/{site}")));
        }
    }
}

/// Whether a line announces a range to a site by itself.
fn announces(line: &LineOf<'_>, range: &IpNet) -> bool {
    let learned = line.learns.unwrap_or_default().iter();
    learned.filter_map(|each| each.value.parse::<IpNet>().ok()).any(|own| own.contains(range))
}
