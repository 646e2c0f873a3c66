//! What settings make likely, and the engine decides.

use std::net::IpAddr;
use std::rc::Rc;

use hashbrown::{HashMap, HashSet};
use ipnet::IpNet;
use rustc_hash::FxBuildHasher;

use super::{Asker, Linter, peerings, private_access, products, psc_negs, services};
use crate::graph::{Cause, Entry, Placeholders, ResourceId, ResourceKind};
use crate::inventory::attachments::google_ways;
use crate::inventory::expressions::ReadExpressions;
use crate::rules::ranges::VIPS;
use crate::sets::Set;
use crate::source::{CodeInfo, Finding, Findings};
use crate::topology::network::Network;
use crate::topology::record::{Id, each};

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
        linter.peers();
        linter.services_in_networks();
        linter.producers();
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
            let Some(service) = self.named(name) else {
                return self.engine.is_complete_without(ResourceKind::Service);
            };
            let entered = found.entered.get_or_insert_with(|| self.engine.entered());
            return !entered.contains(&service) && self.engine.is_complete_to(&[service]);
        }
        if is(&services::OPEN_TO_THE_INTERNET) {
            let service = self.named(name);
            let open = found.open.get_or_insert_with(|| self.open_to_anybody());
            return service.is_some_and(|service| open.contains(&service));
        }
        if let Some(cause) = shut_for(finding) {
            let Some(own) = self.named(name) else { return false };
            let at = self.engine.shut_for(own, cause);
            // A backend has gates for each of its NEGs.
            let neg = finding.labels.first().filter(|_| name.starts_with("backend/"));
            return at.iter().any(|at| neg.is_none_or(|neg| at.to(neg.span) == *at));
        }
        if peerings::OF_USERS.iter().any(|info| is(info)) {
            return match self.named(name) {
                Some(own) => self.engine.is_used_by_nobody(own),
                None => self.lacks(name),
            };
        }
        if is(&private_access::NO_PRIVATE_CONNECTION) || is(&private_access::SQL_AUTHORIZES_NOBODY)
        {
            let addresses = self.addresses_of(name, is(&private_access::NO_PRIVATE_CONNECTION));
            return match self.named(name) {
                Some(own) => self.engine.never_at_addresses(own, &addresses),
                None => self.lacks(name),
            };
        }
        // Of a sender that the graph does not have no answer is known.
        let Some(source) = self.engine.source(name) else { return false };
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

    /// What the graph has by a name, `service/web`.
    fn named(&self, name: &str) -> Option<ResourceId> {
        let (kind, id) = name.split_once('/')?;
        self.engine.resource(ResourceKind::from_name(kind)?, id)
    }

    /// Whether nothing gets to something that the graph does not have.
    fn lacks(&self, name: &str) -> bool {
        let kind = name.split_once('/').and_then(|(kind, _)| ResourceKind::from_name(kind));
        kind.is_some_and(|kind| self.engine.is_complete_without(kind))
    }

    /// The private addresses of a managed service, or its public one.
    fn addresses_of(&self, name: &str, private: bool) -> Vec<IpNet> {
        let topology = self.topology;
        let Some((kind, id)) = name.split_once('/') else { return Vec::new() };
        let field = match kind {
            "sql_instance" => topology.sql_instances.get(id).and_then(|own| {
                if private { own.private_address.as_ref() } else { own.public_address.as_ref() }
            }),
            _ => topology.redis_instances.get(id).map(|own| &own.address),
        };
        let known = field.into_iter().flat_map(each);
        known.map(|(address, _)| IpNet::from(*address)).collect()
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

/// The cause for which a gate has to be shut where a finding says that a connection is refused.
fn shut_for(finding: &Finding) -> Option<Cause> {
    let causes = [
        (&private_access::ENDPOINT_NOT_ACCEPTED, Cause::PscConnectionNotAccepted),
        (&psc_negs::PSC_NEG_NOT_ACCEPTED, Cause::PscConnectionNotAccepted),
        (&psc_negs::PSC_NEG_WITHOUT_GLOBAL_ACCESS, Cause::PscNegProducerEndpointNoGlobalAccess),
        (&psc_negs::PSC_NEG_PORTS, Cause::PscNegProducerForwardingRuleMultiplePorts),
    ];
    let mut causes = causes.into_iter();
    causes.find(|(info, _)| info.code == finding.code).map(|(_, cause)| cause)
}
