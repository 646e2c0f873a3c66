//! What settings make likely, and the engine decides.

use std::net::IpAddr;

use hashbrown::HashSet;
use ipnet::IpNet;
use rustc_hash::FxBuildHasher;

use super::{Asker, Linter, private_access, products, services};
use crate::graph::{Entry, Placeholders, ResourceId, ResourceKind};
use crate::inventory::attachments::{GOOGLE, google_ways};
use crate::inventory::expressions::ReadExpressions;
use crate::inventory::relations::Relations;
use crate::sets::Set;
use crate::source::{CodeInfo, Finding, Findings};

impl<'m> Asker<'m, '_> {
    /// Reports what settings make likely, where the engine says the same.
    pub(super) fn confirmed(&mut self) {
        let mut likely = Findings::new();
        let mut linter = Linter {
            topology: self.topology,
            relations: Relations::new(self.topology),
            seats: std::rc::Rc::clone(&self.seats),
            expressions: ReadExpressions::default(),
            findings: &mut likely,
        };
        linter.products();
        linter.google_access();
        linter.openings();
        let mut entered = None;
        for finding in likely {
            if self.confirms(&finding, &mut entered) {
                self.report(finding);
            }
        }
    }

    fn confirms(
        &mut self,
        finding: &Finding,
        entered: &mut Option<HashSet<ResourceId, FxBuildHasher>>,
    ) -> bool {
        let is = |info: &CodeInfo| info.code == finding.code;
        let Some(name) = &finding.resource else { return false };
        if is(&services::NO_WAY_IN) {
            let id = name.split_once('/').map_or("", |(_, id)| id);
            let Some(service) = self.engine.resource(ResourceKind::Service, id) else {
                return true;
            };
            let end = self.engine.ends(vec![service]);
            return !entered.get_or_insert_with(|| self.engine.entered()).contains(&service)
                && self.engine.is_complete_for_all(end);
        }
        if is(&services::OPEN_TO_THE_INTERNET) {
            return self.is_open_to_anybody(name);
        }
        let Some(source) = self.engine.source(name) else { return true };
        if products::CODES.iter().any(is) {
            let services = self.engine.services();
            // What documents do not settle is worth a warning where it is not sure to work.
            if is(&products::PRODUCT_BY_DOMAIN) {
                let ways = self.engine.ways(source, services);
                let arriving = ways.iter().filter(|way| self.engine.is_delivered(way));
                let sets: Vec<Set> = arriving.map(|way| way.requests).collect();
                return !self.engine.is_sure(&sets);
            }
            // Which perimeters are shared is looked up beside the engine, which leaves them out.
            if is(&products::PRODUCT_OF_OTHER_PROJECT) {
                let ways = self.engine.ways(source, services);
                return !ways.iter().any(|way| self.engine.is_delivered(way));
            }
            return self.engine.never(source, services);
        }
        debug_assert!(private_access::CODES.iter().any(is), "{}", finding.code);
        let addresses = self.names_of_google(name);
        self.engine.never_at_google(source, &addresses)
    }

    /// Where names of Google lead for a sender: where zones say, else anywhere.
    fn names_of_google(&self, sender: &str) -> Vec<IpNet> {
        let sending = self.seats.all().iter().find(|own| own.resource == sender);
        let led = sending.map(|own| google_ways(self.topology, own.seat.network));
        let led = led.unwrap_or_default();
        if !led.is_empty() {
            return led;
        }
        let front_end = IpAddr::V4(Placeholders::GOOGLE_FRONT_END).into();
        GOOGLE.into_iter().chain([front_end]).collect()
    }

    /// Whether somebody on the internet who does not say who it is enters a service by its URL,
    /// whatever is assumed.
    fn is_open_to_anybody(&mut self, service: &str) -> bool {
        let id = service.split_once('/').map_or("", |(_, id)| id);
        let Some(end) = self.engine.resource(ResourceKind::Service, id) else { return false };
        let Some(internet) = self.engine.source("internet") else { return false };
        let end = self.engine.ends(vec![end]);
        let anybody = self.engine.anonymous();
        let mut sets: Vec<Set> = Vec::new();
        for way in self.engine.ways(internet, end).iter() {
            let entry = way.entry.map(|entry| self.engine.graph.entry(entry));
            if matches!(entry, Some(Entry::RunApp)) && self.engine.is_delivered(way) {
                sets.push(self.engine.solver.sets.and(way.requests, anybody));
            }
        }
        self.engine.is_sure(&sets)
    }
}
