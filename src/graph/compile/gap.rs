//! Gaps: what the graph does not follow, and which requests each could touch.

use std::sync::Arc;

use super::Builder;
use super::network::Attachment;
use crate::graph::{
    Edge, Gap, GapKind, HopId, HopKind, Resource, ResourceKind, Sides, Touches, Unsaid,
};
use crate::source::Span;
use crate::topology::Topology;
use crate::topology::organization::Perimeter;
use crate::topology::record::Field;
use crate::topology::service::VpcAccess;
use crate::topology::unread::{Family, Unread};

/// Who may invoke or pass is asked here.
const BY_IDENTITY: &[HopKind] = &[HopKind::InvokerIam, HopKind::Iap];

/// Policies of Cloud Armor stand here.
const GUARDED: &[HopKind] = &[
    HopKind::Backend,
    HopKind::BackendBucket,
    HopKind::Cache,
    HopKind::SecurityPolicy,
    HopKind::EdgeSecurityPolicy,
    HopKind::HierarchicalSecurityPolicy,
];

impl Gap {
    /// What a reader skipped: which requests each family could touch.
    fn not_read(unread: Unread) -> Vec<Gap> {
        let Unread { what, family, opens, closes, services, at } = unread;
        let of_services =
            || services.iter().map(|id| named(ResourceKind::Service, id)).collect::<Box<[_]>>();
        let touches = match family {
            // A grant lets somebody pass gates that are known.
            Family::Iam if services.is_empty() => vec![Touches::PassingAny(BY_IDENTITY)],
            Family::Iam => vec![Touches::Entering(of_services())],
            Family::Impersonation => vec![Touches::PassingAny(BY_IDENTITY)],
            // Names, tags and audiences are ways into a service, whoever asks.
            Family::Services if services.is_empty() => vec![
                Touches::ToAny(&[ResourceKind::Service]),
                Touches::UnknownSenders(&[ResourceKind::Service]),
            ],
            Family::Services => vec![Touches::To(of_services())],
            // A load balancer may lead from anywhere to anything.
            Family::LoadBalancing => vec![Touches::Everything],
            Family::SecurityPolicies => vec![Touches::PassingAny(GUARDED)],
            // What is not in a network meets nothing of it.
            Family::Networks => {
                vec![Touches::AnyNetwork, Touches::UnknownSenders(&[ResourceKind::Network])]
            }
            Family::Firewall | Family::Routing | Family::Nat => vec![Touches::AnyNetwork],
            // A database may have a public address, too.
            Family::PrivateAccess => {
                vec![Touches::AnyNetwork, Touches::ToAny(&[ResourceKind::SqlInstance])]
            }
            Family::Dns => vec![Touches::Names],
            // A perimeter may be around whatever is behind Google's front end.
            Family::Perimeters => vec![Touches::ToAny(&[ResourceKind::Service, ResourceKind::Api])],
            // What a policy refuses is not deployed as it is planned.
            Family::OrganizationPolicies => vec![Touches::Everything],
            Family::Products => vec![Touches::UnknownSenders(&[ResourceKind::Product])],
            Family::Workloads => vec![Touches::UnknownSenders(&[ResourceKind::Job])],
            // Machines send, pass on what others send, and listen in their network and outside.
            Family::Machines => vec![
                Touches::AnyNetwork,
                Touches::ToAny(&[ResourceKind::Vm, ResourceKind::WorkerPool]),
                Touches::UnknownSenders(&[ResourceKind::Vm, ResourceKind::WorkerPool]),
            ],
            Family::Anything => vec![Touches::Everything],
        };
        let what = GapKind::NotRead(what, family);
        let gap = |touches| Gap { what: what.clone(), at, opens, closes, touches };
        touches.into_iter().map(gap).collect()
    }

    /// What readers skipped, for an input that is not compiled.
    pub fn of_unread(unread: &[Unread]) -> Vec<Gap> {
        unread.iter().cloned().flat_map(Gap::not_read).collect()
    }
}

/// A resource by its name, whether or not the graph has it.
pub(super) fn named(kind: ResourceKind, id: &str) -> Resource {
    Resource { kind, id: id.into() }
}

impl Builder<'_> {
    /// The gaps that no single hop tells of.
    pub(super) fn find_gaps(&mut self, unread: Vec<Unread>) {
        for mut unread in unread {
            unread.services = unread.services.iter().flat_map(|name| self.called(name)).collect();
            self.gaps.extend(Gap::not_read(unread));
        }
        self.find_unsaid();
        self.find_edges();
    }

    /// The ids of the services that an id or a name stands for; itself if there are none.
    fn called(&self, name: &Arc<str>) -> Vec<Arc<str>> {
        let services = &self.topology.services;
        if services.contains(name) {
            return vec![Arc::clone(name)];
        }
        let named = (0..services.len()).filter(|at| self.topology.service_name(*at) == &**name);
        let ids = named.filter_map(|at| services.get_index(at).map(|(id, _)| (**id).into()));
        let ids: Vec<Arc<str>> = ids.collect();
        if ids.is_empty() { vec![Arc::clone(name)] } else { ids }
    }

    /// Each gap once. A value that some builder asked for in vain, and of which no gap tells, could
    /// do anything.
    pub(super) fn take_gaps(&mut self) -> Vec<Gap> {
        let told: hashbrown::HashSet<Span> = self.gaps.iter().map(|gap| gap.at).collect();
        for (of, why, at) in std::mem::take(&mut self.asked_in_vain) {
            if !told.contains(&at) {
                let what = GapKind::Unsaid { what: Unsaid::Other, of, why };
                self.gaps.push(Gap::both(what, at, Touches::Everything));
            }
        }
        let mut seen = hashbrown::HashSet::new();
        let gaps = std::mem::take(&mut self.gaps);
        gaps.into_iter().filter(|gap| seen.insert(gap.clone())).collect()
    }

    /// The hops by which each network is entered or passed.
    pub(super) fn doors(&self) -> Vec<Vec<HopId>> {
        let topology = self.topology;
        let mut doors: Vec<Vec<HopId>> = vec![Vec::new(); topology.networks.len()];
        let mut add = |network: Option<usize>, hop: HopId| {
            if let Some(doors) = network.and_then(|network| doors.get_mut(network)) {
                doors.push(hop);
            }
        };
        for hop in self.hops.node_indices() {
            let resource = &self.resources[self.hops[hop].resource.0 as usize];
            if resource.kind == ResourceKind::Network {
                add(topology.networks.index_of(&resource.id), hop);
            }
        }
        let of_machine = |index: usize| {
            let (_, entry) = topology.vms.get_index(index)?;
            topology.networks.index_of(&entry.value.network.value)
        };
        let of_site = |index: usize| {
            let (_, entry) = topology.onprem.get_index(index)?;
            topology.networks.index_of(&entry.value.network.value)
        };
        for (attachment, &hop) in &self.attachments {
            let network = match attachment {
                Attachment::Direct { network, .. } | Attachment::Anyone { network, .. } => {
                    Some(*network)
                }
                Attachment::Machine { index, .. } => of_machine(*index),
                Attachment::Connector(index) => topology
                    .connectors
                    .get_index(*index)
                    .and_then(|(_, entry)| topology.connector_network(&entry.value))
                    .map(|(network, _)| network),
            };
            add(network, hop);
        }
        for (&(network, _), &hop) in &self.insides {
            add(Some(network), hop);
        }
        for (&network, &hop) in &self.leaving {
            add(Some(network), hop);
        }
        for (&index, &hop) in self.machine_ends.iter().chain(&self.passing_machines) {
            add(of_machine(index), hop);
        }
        for (&index, &hop) in &self.worker_pool_ends {
            let pool = topology.worker_pools.get_index(index);
            let access = pool.and_then(|(_, entry)| entry.value.vpc_access.as_ref());
            add(access.and_then(|access| topology.attached_network(access)), hop);
        }
        for (&(site, _), &hop) in self.arrivals.iter().chain(&self.site_lines) {
            add(of_site(site), hop);
        }
        for (&site, &hop) in &self.site_ends {
            add(of_site(site), hop);
        }
        doors.iter_mut().for_each(|doors| {
            doors.sort_unstable();
            doors.dedup();
        });
        doors
    }

    /// The edges of perimeters that restrict something (ING-194, EGR-173 to EGR-175). They are
    /// not asked: one may refuse, and what it lets in counts as internal. One without restricted services restricts nothing: it is a bridge, or waits for them.
    fn find_edges(&mut self) {
        let topology = self.topology;
        for (id, entry) in &topology.perimeters {
            let perimeter = &entry.value;
            if perimeter.restricted_services.is_empty() {
                continue;
            }
            let apis: Box<[Box<str>]> = perimeter
                .restricted_services
                .iter()
                .map(|name| name.value.as_str().into())
                .collect();
            let invocations = apis.iter().any(|api| &**api == "run.googleapis.com");
            let senders = sorted(senders(topology, perimeter));
            let services = sorted(services(topology, perimeter));
            let edge = Edge { senders, services, invocations, apis };
            let what = GapKind::PerimeterEdge((&**id).into());
            let touches = Touches::Edge(edge.into());
            // What it allows is internal, too, for a service that takes only that (ING-012).
            self.gaps.push(Gap::both(what, entry.key_span, touches));
        }
    }
}

/// On which side of a perimeter something is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Inside,
    Outside,
    Either,
}

impl Side {
    /// What is on both of these sides is on either.
    fn and(self, other: Side) -> Side {
        if self == other { self } else { Side::Either }
    }
}

/// The sides by who is on them.
fn sorted(sides: Vec<(Resource, Side)>) -> Sides {
    let of = |wanted: Side| -> Box<[Resource]> {
        let own = sides.iter().filter(|(_, side)| *side == wanted);
        let mut own: Vec<Resource> = own.map(|(resource, _)| resource.clone()).collect();
        own.sort_unstable();
        own.into()
    };
    Sides { inside: of(Side::Inside), either: of(Side::Either) }
}

/// The side of a project.
fn of_project(topology: &Topology, perimeter: &Perimeter, project: Option<usize>) -> Side {
    let Some(project) = project else { return Side::Either };
    let id = topology.project_id(project);
    let inside = perimeter.projects.iter().any(|each| each.value == id);
    if inside { Side::Inside } else { Side::Outside }
}

/// The side of every service: that of its project.
fn services(topology: &Topology, perimeter: &Perimeter) -> Vec<(Resource, Side)> {
    let side = |index| of_project(topology, perimeter, topology.service_project(index));
    let services = topology.services.keys().enumerate();
    services.map(|(index, id)| (named(ResourceKind::Service, id), side(index))).collect()
}

/// The side of everything that sends and has a project. The internet is outside.
fn senders(topology: &Topology, perimeter: &Perimeter) -> Vec<(Resource, Side)> {
    let of_project = |project| of_project(topology, perimeter, project);
    let of_network = |id: &str| {
        let network = topology.networks.index_of(id);
        of_project(network.and_then(|network| topology.network_project(network)))
    };
    // A client is where the project of its network is. One without a network has no origin
    // inside, or counts by its own project (ING-199, EGR-186).
    let of_workload = |project: Option<&Field<String>>, access: Option<&VpcAccess>| {
        let own = of_project(topology.project(project));
        match access.map(|access| topology.attached_network(access)) {
            Some(Some(network)) => own.and(of_project(topology.network_project(network))),
            Some(None) => Side::Either,
            None if own == Side::Outside => Side::Outside,
            None => Side::Either,
        }
    };
    // What comes by a line may be taken for its network, or for something outside.
    let by_line = |id: &str| match of_network(id) {
        Side::Outside => Side::Outside,
        Side::Inside | Side::Either => Side::Either,
    };
    let mut sides = Vec::new();
    for (id, entry) in &topology.services {
        let own = &entry.value;
        let side = of_workload(own.project.as_ref(), own.vpc_access.as_ref());
        sides.push((named(ResourceKind::Service, id), side));
    }
    for (id, entry) in &topology.jobs {
        let own = &entry.value;
        let side = of_workload(own.project.as_ref(), own.vpc_access.as_ref());
        sides.push((named(ResourceKind::Job, id), side));
    }
    for (id, entry) in &topology.worker_pools {
        let own = &entry.value;
        let side = of_workload(own.project.as_ref(), own.vpc_access.as_ref());
        sides.push((named(ResourceKind::WorkerPool, id), side));
    }
    for (id, entry) in &topology.vms {
        let own = &entry.value;
        let mut side = of_network(&own.network.value);
        if own.project.is_some() {
            side = side.and(of_project(topology.project(own.project.as_ref())));
        }
        sides.push((named(ResourceKind::Vm, id), side));
    }
    for id in topology.networks.keys() {
        sides.push((named(ResourceKind::Network, id), of_network(id)));
    }
    for (id, entry) in &topology.onprem {
        sides.push((named(ResourceKind::Onprem, id), by_line(&entry.value.network.value)));
    }
    for (id, entry) in &topology.users {
        let site = entry.value.site.as_ref().and_then(|site| topology.onprem.get(&site.value));
        if let Some(site) = site {
            sides.push((named(ResourceKind::User, id), by_line(&site.network.value)));
        }
    }
    for (id, entry) in &topology.products {
        let side = of_project(topology.project(entry.value.project.as_ref()));
        sides.push((named(ResourceKind::Product, id), side));
    }
    sides
}

/// A value that a builder asked for in vain: what, why it is not known, and where.
pub(super) type AskedInVain = (Box<str>, Box<str>, Span);
