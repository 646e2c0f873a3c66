//! On-premises sites: what they learn of a network.

use std::net::IpAddr;

use ipnet::IpNet;

use super::Checker;
use super::code::codes;
use crate::topology::network::{LineKind, RoutingMode};
use crate::topology::routing::NextHop;

codes! {
    INVALID_LEARNS = Error "invalid-learns" egr 159 {
        "something announced that is no range",
        "a Cloud Router announces ranges, or all subnets that it sees",
        "networks:
  prod: {}
onprem:
  office: {network: prod, region: europe-west1, ranges: [192.168.0.0/16], learns: [subnets]}
",
    }
    SENDER_NOT_ANNOUNCED = Warning "sender-not-announced" egr 159 {
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
    CLASSIC_WITHOUT_ROUTE = Warning "classic-without-route" egr 85 {
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

impl Checker<'_, '_> {
    pub(super) fn sites(&mut self) {
        let topology = self.topology;
        for (id, entry) in &topology.onprem {
            let site = &entry.value;
            let resource = format!("onprem/{id}");
            let classic = site.lines.as_ref().filter(|own| own.value == LineKind::ClassicVpn);
            let way = NextHop::Site(id.to_string());
            if let Some(lines) = classic
                && !topology.routes.values().any(|route| route.next_hop.value == way)
            {
                let message = format!("no route leads to {resource}");
                let finding = CLASSIC_WITHOUT_ROUTE.finding(message).at(lines.span);
                let help = format!("add a route with `next_hop: onprem/{id}`");
                self.report(finding.help(help).resource(&resource));
            }
            let Some(learns) = &site.learns else { continue };
            let mut ranges: Vec<IpNet> = Vec::new();
            for each in learns {
                let text = each.value.as_str();
                let range = text.parse::<IpNet>().ok();
                match range.or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from)) {
                    Some(range) => ranges.push(range),
                    None if text == ALL_SUBNETS => {}
                    None => {
                        let message = format!("`{text}` is nothing that a site learns");
                        let finding = INVALID_LEARNS.finding(message).at(each.span);
                        let help = format!("write a range, or `{ALL_SUBNETS}`");
                        self.report(finding.help(help).resource(&resource));
                    }
                }
            }
            let ranges = IpNet::aggregate(&ranges);
            let Some(network) = topology.networks.index_of(&site.network.value) else { continue };
            let mode = topology.networks.get_index(network);
            let mode = mode.and_then(|(_, entry)| entry.value.routing_mode.as_ref());
            let global = mode.is_some_and(|mode| mode.value == RoutingMode::Global);
            if learns.iter().any(|each| each.value == ALL_SUBNETS) {
                continue;
            }
            let at = learns.first().map_or(entry.key_span, |first| first.span);
            let mut missing: Vec<(IpNet, String, crate::source::Span)> = Vec::new();
            for sending in self.seats.of(network) {
                let Some(range) = sending.range else { continue };
                let near = global || sending.seat.region == site.region.value;
                if near
                    && !ranges.iter().any(|learned| learned.contains(&range))
                    && !missing.iter().any(|(other, _, _)| *other == range)
                {
                    missing.push((range, sending.resource.clone(), sending.at));
                }
            }
            for (range, sender, place) in missing {
                let message =
                    format!("{resource} does not learn `{range}`, from which {sender} sends");
                let finding = SENDER_NOT_ANNOUNCED.finding(message).at(at);
                let finding = finding.also(place, "sends from there");
                let help = format!("add `{range}` or `{ALL_SUBNETS}` to `learns`");
                self.report(finding.help(help).resource(&resource));
            }
        }
    }
}
