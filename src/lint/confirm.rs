//! What settings make likely, and the engine decides.

use std::net::IpAddr;
use std::rc::Rc;

use hashbrown::{HashMap, HashSet};
use ipnet::IpNet;
use rustc_hash::FxBuildHasher;

use super::{Asker, Linter, private_access, products, services};
use crate::graph::{Entry, Placeholders, ResourceId, ResourceKind};
use crate::inventory::attachments::google_ways;
use crate::inventory::expressions::ReadExpressions;
use crate::rules::ranges::VIPS;
use crate::sets::Set;
use crate::source::{CodeInfo, Finding, Findings};
use crate::topology::network::Network;
use crate::topology::record::Id;

/// What several findings ask about, once it is known.
#[derive(Default)]
struct Confirming {
    /// Those that something enters.
    entered: Option<HashSet<ResourceId, FxBuildHasher>>,
    /// Those that are open to anybody.
    open: Option<HashSet<ResourceId, FxBuildHasher>>,
    /// Where names of Google lead in a network.
    google: HashMap<Id<Network>, Rc<[IpNet]>, FxBuildHasher>,
}

impl<'m> Asker<'m, '_> {
    /// Reports what settings make likely, where the engine says the same.
    pub(super) fn confirmed(&mut self) {
        let mut likely = Findings::new();
        let mut linter = Linter {
            topology: self.topology,
            relations: Rc::clone(&self.relations),
            seats: Rc::clone(&self.seats),
            expressions: ReadExpressions::default(),
            findings: &mut likely,
        };
        linter.products();
        linter.google_access();
        linter.openings();
        let mut found = Confirming::default();
        for finding in likely {
            if self.confirms(&finding, &mut found) {
                self.report(finding);
            }
        }
    }

    fn confirms(&mut self, finding: &Finding, found: &mut Confirming) -> bool {
        let is = |info: &CodeInfo| info.code == finding.code;
        let Some(name) = &finding.resource else { return false };
        if is(&services::NO_WAY_IN) {
            let id = name.split_once('/').map_or("", |(_, id)| id);
            let Some(service) = self.engine.resource(ResourceKind::Service, id) else {
                return true;
            };
            let entered = found.entered.get_or_insert_with(|| self.engine.entered());
            return !entered.contains(&service) && self.engine.is_complete_to(&[service]);
        }
        if is(&services::OPEN_TO_THE_INTERNET) {
            let id = name.split_once('/').map_or("", |(_, id)| id);
            let service = self.engine.resource(ResourceKind::Service, id);
            let open = found.open.get_or_insert_with(|| self.open_to_anybody());
            return service.is_some_and(|service| open.contains(&service));
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
        let addresses = self.names_of_google(name, found);
        self.engine.never_at_google(source, &addresses)
    }

    /// Where names of Google lead for a sender: where zones say, else anywhere.
    fn names_of_google(&self, sender: &str, found: &mut Confirming) -> Rc<[IpNet]> {
        let anywhere = || {
            let front_end = IpAddr::V4(Placeholders::GOOGLE_FRONT_END).into();
            VIPS.into_iter().chain([front_end]).collect()
        };
        let sending = self.seats.all().iter().find(|own| own.resource == sender);
        let Some(network) = sending.map(|own| own.seat.network) else { return anywhere() };
        let led = found.google.entry(network).or_insert_with(|| {
            let led = google_ways(self.topology, network);
            if led.is_empty() { anywhere() } else { led.into() }
        });
        Rc::clone(led)
    }

    /// The services that somebody on the internet who does not say who it is enters by their URLs,
    /// whatever is assumed.
    fn open_to_anybody(&mut self) -> HashSet<ResourceId, FxBuildHasher> {
        let Some(internet) = self.engine.source("internet") else { return HashSet::default() };
        let services = self.engine.services();
        let anybody = self.engine.anonymous();
        let mut sets: HashMap<ResourceId, Vec<Set>, FxBuildHasher> = HashMap::default();
        for way in self.engine.ways(internet, services).iter() {
            let entry = way.entry.map(|entry| self.engine.graph.entry(entry));
            if matches!(entry, Some(Entry::RunApp)) && self.engine.is_delivered(way) {
                let requests = self.engine.solver.sets.and(way.requests, anybody);
                sets.entry(way.to).or_default().push(requests);
            }
        }
        sets.into_iter().filter(|(_, sets)| self.engine.is_sure(sets)).map(|(to, _)| to).collect()
    }
}
