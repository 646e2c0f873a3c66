//! On-premises sites: what they learn of a network.

use std::net::IpAddr;

use ipnet::IpNet;

use super::Checker;
use super::load_balancers::MISSING_REGION;
use super::networks::CUSTOMERS;
use crate::inventory::attachments::GOOGLE;
use crate::source::Span;
use crate::source::codes;
use crate::topology::hybrid::{ALL_SUBNETS, LineOf, Lines, Site};
use crate::topology::network::RoutingMode;
use crate::topology::record::Spanned;
use crate::topology::routing::NextHop;

codes! {
    INVALID_LEARNS = Error "invalid-learns" "EGR-159" {
        "something announced that is no range",
        "a Cloud Router announces ranges, or all subnets that it sees",
        "networks:
  prod: {}
onprem:
  office: {network: prod, region: europe-west1, ranges: [192.168.0.0/16], learns: [subnets]}
",
    }
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
    SITE_WITHOUT_LINES = Error "site-without-lines" "EGR-158" {
        "a site whose lines are none",
        "a site is reached over lines",
        "networks:
  prod: {}
onprem:
  office: {network: prod, ranges: [192.168.0.0/16], lines: {}}
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
    SELECTORS_WITH_BGP = Error "selectors-with-bgp" "EGR-161" {
        "traffic selectors of a line with BGP",
        "HA VPN and Interconnect carry what routes lead into them; only Classic VPN has selectors",
        "networks:
  prod: {}
onprem:
  office:
    network: prod
    ranges: [192.168.0.0/16]
    lines: {tokyo: {region: europe-west1, local_selectors: [10.0.0.0/24]}}
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

const fn v4(a: u8, b: u8, c: u8, d: u8, length: u8) -> IpNet {
    IpNet::V4(ipnet::Ipv4Net::new_assert(std::net::Ipv4Addr::new(a, b, c, d), length))
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

impl<'t> Checker<'t, '_> {
    pub(super) fn sites(&mut self) {
        let topology = self.topology;
        for (id, entry) in &topology.onprem {
            let site = &entry.value;
            let resource = format!("onprem/{id}");
            let lines = site.each_line();
            let network = topology.networks.index_of(&site.network.value);
            for line in &lines {
                self.line(line, id, &resource);
            }
            self.learns(site.learns.as_deref().unwrap_or_default(), &resource);
            if let Some(Lines::Named(named)) = &site.lines {
                for line in named.values() {
                    self.learns(line.learns.as_deref().unwrap_or_default(), &resource);
                }
            }
            self.answers_of_google(id, site, &lines, &resource);
            if let Some(Lines::Named(named)) = &site.lines
                && named.is_empty()
            {
                let message = format!("{resource} has no line");
                let finding = SITE_WITHOUT_LINES.finding(message).at(entry.key_span);
                self.report(finding.help("name one, or leave `lines` out").resource(&resource));
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
            if let Some(network) = network {
                self.senders_not_announced(network, &lines, entry.key_span, &resource);
                self.spokes_not_learned(id, network, &lines);
            }
        }
    }

    fn line(&mut self, line: &LineOf<'_>, id: &str, resource: &str) {
        let called = match line.name {
            Some(name) => format!("the line `{name}` of {resource}"),
            None => resource.to_owned(),
        };
        if line.region.is_empty() {
            let message = format!("{called} is in no region");
            let finding = MISSING_REGION.finding(message).at(line.region_at);
            self.report(finding.help("add `region`").resource(resource));
        }
        if line.is_dynamic() {
            if let Some(first) = line.local.first().or(line.remote.first()) {
                let message = format!("{called} has selectors, and is no Classic VPN tunnel");
                let finding = SELECTORS_WITH_BGP.finding(message).at(first.span);
                let help = "leave them out, or set `kind: classic-vpn`";
                self.report(finding.help(help).resource(resource));
            }
            return;
        }
        let leads = self.topology.routes.values().any(|route| match &route.next_hop.value {
            NextHop::Site { site, line: own } => {
                site == id && own.as_deref().is_none_or(|own| Some(own) == line.name)
            }
            _ => false,
        });
        if !leads {
            let message = format!("no route leads to {called}");
            let finding = CLASSIC_WITHOUT_ROUTE.finding(message).at(line.at);
            let name = line.name.map(|name| format!("/{name}")).unwrap_or_default();
            let help = format!("add a route with `next_hop: onprem/{id}{name}`");
            self.report(finding.help(help).resource(resource));
        }
    }

    /// What is announced to a site: ranges, or all subnets.
    fn learns(&mut self, learns: &[Spanned<String>], resource: &str) {
        for each in learns {
            let text = each.value.as_str();
            if range_of(text).is_none() && text != ALL_SUBNETS {
                let message = format!("`{text}` is nothing that a site learns");
                let finding = INVALID_LEARNS.finding(message).at(each.span);
                let help = format!("write a range, or `{ALL_SUBNETS}`");
                self.report(finding.help(help).resource(resource));
            }
        }
    }

    /// Lines that tell a site of Google's virtual addresses, in a region without a way back.
    fn answers_of_google(&mut self, id: &str, site: &Site, lines: &[LineOf<'_>], resource: &str) {
        let routes =
            self.topology.routes.values().filter_map(|route| match &route.next_hop.value {
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
            let told = GOOGLE.iter().any(|vip| tells(line, vip));
            if !told || line.region.is_empty() || back.contains(&line.region) {
                continue;
            }
            let message =
                format!("what Google answers to {resource} does not go back in `{}`", line.region);
            let finding = ANSWER_IN_ANOTHER_REGION.finding(message).at(line.region_at);
            let help = "let the site announce its ranges by a line of that region";
            self.report(finding.help(help).resource(resource));
        }
    }

    /// Senders in other spokes of a hub that a site, whose lines are a spoke, does not learn of.
    fn spokes_not_learned(&mut self, site: &str, network: usize, lines: &[LineOf<'_>]) {
        let topology = self.topology;
        let mut found = Vec::new();
        for (own_id, entry) in &topology.ncc_spokes {
            let own = &entry.value;
            let Some(named) = own.site.as_ref().filter(|own| own.value == site) else { continue };
            let Some(hub) = topology.ncc_hubs.index_of(&own.hub.value) else { continue };
            for (_, other) in topology.spokes_of(hub) {
                let Some(there) = other.network.as_ref() else { continue };
                let there = topology.networks.index_of(&there.value);
                let there = there.filter(|there| *there != network);
                let senders = there.into_iter().flat_map(|there| self.seats.of(there));
                let missed =
                    senders.filter(|_| topology.exchange(hub, own, other)).find(|sending| {
                        sending.range.is_some_and(|range| {
                            other.exports(&range)
                                && !own.import_ranges.iter().any(|own| own.value.contains(&range))
                                && !lines.iter().any(|line| tells(line, &range))
                        })
                    });
                let Some(sending) = missed else { continue };
                let Some(range) = sending.range else { continue };
                let sender = &sending.resource;
                let message =
                    format!("onprem/{site} does not learn `{range}`, from which {sender} sends");
                let finding = SPOKE_NOT_LEARNED.finding(message).at(named.span);
                let finding = finding.also(sending.at, "sends from there");
                let help = format!("add `{range}` to `import_ranges` of ncc_spoke/{own_id}");
                found.push(finding.help(help).resource(format!("ncc_spoke/{own_id}")));
            }
        }
        found.into_iter().for_each(|finding| self.report(finding));
    }

    /// Senders that no line of a site tells it of, where one could.
    fn senders_not_announced(
        &mut self,
        network: usize,
        lines: &[LineOf<'_>],
        key: Span,
        resource: &str,
    ) {
        let topology = self.topology;
        let entry = topology.networks.get_index(network).map(|(_, entry)| &entry.value);
        let global = entry.is_some_and(|own| own.routing_mode() == RoutingMode::Global);
        let mut missing: Vec<(IpNet, String, Span, Span)> = Vec::new();
        for sending in self.seats.of(network) {
            let Some(range) = sending.range else { continue };
            let near: Vec<&LineOf<'_>> =
                lines.iter().filter(|line| global || sending.seat.region == line.region).collect();
            let told = near.iter().any(|line| {
                let learned = line.learned();
                let told: Vec<IpNet> = learned.iter().filter_map(|each| range_of(each)).collect();
                learned.contains(&ALL_SUBNETS)
                    || IpNet::aggregate(&told).iter().any(|own| own.contains(&range))
            });
            let Some(first) = near.first().filter(|_| !told) else { continue };
            if missing.iter().any(|(other, ..)| *other == range) {
                continue;
            }
            let learns = first.learns.and_then(<[_]>::first).map_or(key, |first| first.span);
            missing.push((range, sending.resource.clone(), sending.at, learns));
        }
        for (range, sender, place, at) in missing {
            let message = format!("{resource} does not learn `{range}`, from which {sender} sends");
            let finding = SENDER_NOT_ANNOUNCED.finding(message).at(at);
            let finding = finding.also(place, "sends from there");
            let help = format!("add `{range}` or `{ALL_SUBNETS}` to `learns`");
            self.report(finding.help(help).resource(resource));
        }
    }
}

/// Whether a line tells a site of a range by itself.
fn tells(line: &LineOf<'_>, range: &IpNet) -> bool {
    let told = line.learns.unwrap_or_default().iter();
    told.filter_map(|each| range_of(&each.value)).any(|own| own.contains(range))
}

/// The range that something announced is.
fn range_of(text: &str) -> Option<IpNet> {
    text.parse::<IpNet>().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}
