//! On-premises sites: what they learn of a network.

use std::net::IpAddr;

use ipnet::IpNet;

use super::Checker;
use super::load_balancers::MISSING_REGION;
use crate::source::codes;
use crate::topology::hybrid::{LineOf, Lines};
use crate::topology::record::Spanned;

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
    SITE_WITHOUT_LINES = Error "site-without-lines" "EGR-158" {
        "a site whose lines are none",
        "a site is reached over lines",
        "networks:
  prod: {}
onprem:
  office: {network: prod, ranges: [192.168.0.0/16], lines: {}}
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
}

/// What `learns` calls the subnets that a Cloud Router sees.
const ALL_SUBNETS: &str = "all-subnets";

impl Checker<'_, '_> {
    pub(super) fn sites(&mut self) {
        let topology = self.topology;
        for (id, entry) in &topology.onprem {
            let site = &entry.value;
            let resource = format!("onprem/{id}");
            let lines = site.each_line();
            for line in &lines {
                self.line(line, &resource);
            }
            self.learns(site.learns.as_deref().unwrap_or_default(), &resource);
            if let Some(Lines::Named(named)) = &site.lines {
                for line in named.values() {
                    self.learns(line.learns.as_deref().unwrap_or_default(), &resource);
                }
            }
            if let Some(Lines::Named(named)) = &site.lines
                && named.is_empty()
            {
                let message = format!("{resource} has no line");
                let finding = SITE_WITHOUT_LINES.finding(message).at(entry.key_span);
                self.report(finding.help("name one, or leave `lines` out").resource(&resource));
            }
        }
    }

    fn line(&mut self, line: &LineOf<'_>, resource: &str) {
        let called = match line.name {
            Some(name) => format!("the line `{name}` of {resource}"),
            None => resource.to_owned(),
        };
        if line.region.is_empty() {
            let message = format!("{called} is in no region");
            let finding = MISSING_REGION.finding(message).at(line.region_at);
            self.report(finding.help("add `region`").resource(resource));
        }
        if line.is_dynamic()
            && let Some(first) = line.local.first().or(line.remote.first())
        {
            let message = format!("{called} has selectors, and is no Classic VPN tunnel");
            let finding = SELECTORS_WITH_BGP.finding(message).at(first.span);
            let help = "leave them out, or set `kind: classic-vpn`";
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
}

/// The range that something announced is.
fn range_of(text: &str) -> Option<IpNet> {
    text.parse::<IpNet>().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}
