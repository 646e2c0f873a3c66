//! Gaps: what the graph does not follow, and which requests each could touch.

use std::sync::Arc;

use super::network::Attachment;
use super::{Core, Networks};
use crate::graph::{
    Gap, GapKind, HopId, HopKind, PerimeterEdge, PerimeterSides, Resource, ResourceKind, Touches,
    Unsaid,
};
use crate::inventory::{Inventory, Workload, WorkloadId};
use crate::source::Span;
use crate::topology::Topology;
use crate::topology::hybrid::Site;
use crate::topology::network::{Network, Vm};
use crate::topology::organization::{Perimeter, Project};
use crate::topology::record::{ById, Id};
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

impl Core<'_> {
    /// The gaps that no single hop tells of.
    pub(super) fn find_gaps(&mut self, unread: Vec<Unread>) {
        for mut unread in unread {
            unread.services = unread.services.iter().flat_map(|name| self.called(name)).collect();
            self.gaps.extend(Gap::not_read(unread));
        }
        self.find_unsaid();
        self.find_edges();
        self.find_managed_perimeters();
    }

    /// The ids of the services that an id or a name stands for; itself if there are none.
    fn called(&self, name: &Arc<str>) -> Vec<Arc<str>> {
        let services = &self.topology.services;
        if services.contains(name) {
            return vec![Arc::clone(name)];
        }
        let named = self.inventory.services_named(name);
        let ids: Vec<Arc<str>> = named.map(|service| Arc::clone(services.at(service).0)).collect();
        if ids.is_empty() { vec![Arc::clone(name)] } else { ids }
    }

    /// Each gap once. A value that some builder asked for in vain, and of which no gap tells, could
    /// do anything.
    pub(super) fn take_gaps(&mut self) -> Vec<Gap> {
        let explained: hashbrown::HashSet<Span> = self.gaps.iter().map(|gap| gap.at).collect();
        for (of, why, at) in std::mem::take(&mut self.asked_in_vain) {
            if !explained.contains(&at) {
                let what = GapKind::Unsaid { what: Unsaid::Other, of, why };
                self.gaps.push(Gap::both(what, at, Touches::Everything));
            }
        }
        let mut seen = hashbrown::HashSet::new();
        let gaps = std::mem::take(&mut self.gaps);
        gaps.into_iter().filter(|gap| seen.insert(gap.clone())).collect()
    }

    /// The edges of perimeters that restrict something (ING-194, EGR-173 to EGR-175). They are
    /// not asked: one may refuse, and what it lets in counts as internal. One without restricted services restricts nothing: it is a bridge, or waits for them.
    fn find_edges(&mut self) {
        for (id, entry) in &self.topology.perimeters {
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
            let senders = sorted(senders(self.inventory, perimeter));
            let services = sorted(services(self.inventory, perimeter));
            let edge = PerimeterEdge { senders, services, invocations, apis };
            let what = GapKind::PerimeterEdge((&**id).into());
            let touches = Touches::Edge(edge.into());
            // What it allows is internal, too, for a service that takes only that (ING-012).
            self.gaps.push(Gap::both(what, entry.key_span, touches));
        }
    }
}

impl Core<'_> {
    /// VPC Service Controls on private services access: it may keep managed services from what they
    /// need.
    fn find_managed_perimeters(&mut self) {
        let topology = self.topology;
        for (id, entry) in &topology.private_connections {
            let Some(field) = &entry.value.vpc_service_controls else { continue };
            if field.known() == Some(&false) {
                continue;
            }
            let network = entry.value.network.value.as_str();
            let of = |own: Option<&str>| own == Some(network);
            let databases = topology.sql_instances.iter();
            let databases = databases
                .filter(|(_, own)| of(own.value.network.as_ref().map(|own| own.value.as_str())))
                .map(|(id, _)| named(ResourceKind::SqlInstance, id));
            let caches = topology.redis_instances.iter();
            let caches = caches
                .filter(|(_, own)| of(Some(&own.value.network.value)))
                .map(|(id, _)| named(ResourceKind::RedisInstance, id));
            let touches = Touches::To(databases.chain(caches).collect());
            let what = GapKind::ManagedPerimeter((&**id).into());
            self.gaps.push(Gap::closes(what, field.span, touches));
        }
    }
}

impl<'t> Networks<'t> {
    /// The hops by which each network is entered or passed.
    pub(super) fn doors(&self, core: &Core<'t>) -> ById<Network, Vec<HopId>> {
        let (topology, inventory) = (core.topology, core.inventory);
        let mut doors: ById<Network, Vec<HopId>> = ById::new(&topology.networks, |_| Vec::new());
        let mut add = |network: Option<Id<Network>>, hop: HopId| {
            if let Some(network) = network {
                doors[network].push(hop);
            }
        };
        for hop in core.hops.node_indices() {
            let resource = core.named(core.hops[hop].resource);
            if resource.kind == ResourceKind::Network {
                add(topology.networks.id_of(&resource.id), hop);
            }
        }
        let of_machine =
            |machine: Id<Vm>| inventory.vm_subnet(machine).map(|subnet| subnet.network);
        let of_site = |site: Id<Site>| topology.networks.id_of(&topology.onprem[site].network);
        for (attachment, &hop) in &self.attachments {
            let network = match attachment {
                Attachment::Direct { subnet, .. } | Attachment::Anyone(subnet) => {
                    Some(subnet.network)
                }
                Attachment::Machine { machine, .. } => of_machine(*machine),
                Attachment::Connector(connector) => inventory.connector(*connector).network,
            };
            add(network, hop);
        }
        for (&(network, _), &hop) in &self.insides {
            add(Some(network), hop);
        }
        for (&network, &hop) in &self.leaving {
            add(Some(network), hop);
        }
        for (&machine, &hop) in self.machine_ends.iter().map(|((machine, _), hop)| (machine, hop)) {
            add(of_machine(machine), hop);
        }
        for (&(machine, ..), &hop) in &self.passing_machines {
            add(of_machine(machine), hop);
        }
        for (&(pool, _), &hop) in &self.worker_pool_ends {
            add(inventory.workload(WorkloadId::WorkerPool(pool)).network, hop);
        }
        for (&(site, _), &hop) in self.sites.arrivals.iter().chain(&self.sites.lines) {
            add(of_site(site), hop);
        }
        for (&site, &hop) in &self.sites.ends {
            add(of_site(site), hop);
        }
        for network in topology.networks.ids() {
            doors[network].sort_unstable();
            doors[network].dedup();
        }
        doors
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
fn sorted(sides: Vec<(Resource, Side)>) -> PerimeterSides {
    let of = |wanted: Side| -> Box<[Resource]> {
        let own = sides.iter().filter(|(_, side)| *side == wanted);
        let mut own: Vec<Resource> = own.map(|(resource, _)| resource.clone()).collect();
        own.sort_unstable();
        own.into()
    };
    PerimeterSides { inside: of(Side::Inside), either: of(Side::Either) }
}

/// The side of a project.
fn of_project(topology: &Topology, perimeter: &Perimeter, project: Option<Id<Project>>) -> Side {
    let Some(project) = project else { return Side::Either };
    let id = topology.projects.key(project);
    let inside = perimeter.projects.iter().any(|each| each.value == id);
    if inside { Side::Inside } else { Side::Outside }
}

/// The side of every service: that of its project.
fn services(inventory: &Inventory<'_>, perimeter: &Perimeter) -> Vec<(Resource, Side)> {
    let topology = inventory.topology;
    let side = |service| of_project(topology, perimeter, inventory.service_project(service));
    let named = |service| named(ResourceKind::Service, topology.services.key(service));
    topology.services.ids().map(|service| (named(service), side(service))).collect()
}

/// The side of everything that sends and has a project. The internet is outside.
fn senders(inventory: &Inventory<'_>, perimeter: &Perimeter) -> Vec<(Resource, Side)> {
    let topology = inventory.topology;
    let of_project = |project| of_project(topology, perimeter, project);
    let of_network = |id: &str| {
        let network = topology.networks.id_of(id);
        of_project(network.and_then(|network| inventory.network_project(network)))
    };
    // A client is where the project of its network is. One without a network has no origin
    // inside, or counts by its own project (ING-199, EGR-186).
    let of_workload = |workload: &Workload<'_>| {
        let own = of_project(workload.project);
        match (workload.access, workload.network) {
            (Some(_), Some(network)) => own.and(of_project(inventory.network_project(network))),
            (Some(_), None) => Side::Either,
            (None, _) if own == Side::Outside => Side::Outside,
            (None, _) => Side::Either,
        }
    };
    // What comes by a line may be taken for its network, or for something outside.
    let by_line = |id: &str| match of_network(id) {
        Side::Outside => Side::Outside,
        Side::Inside | Side::Either => Side::Either,
    };
    let mut sides = Vec::new();
    for workload in inventory.workloads() {
        sides.push((named(kind_of(workload.of), workload.id), of_workload(workload)));
    }
    for (id, entry) in &topology.vms {
        let own = &entry.value;
        let mut side = of_network(&own.network.value);
        if own.project.is_some() {
            side = side.and(of_project(inventory.project(own.project.as_ref())));
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
        let side = of_project(inventory.project(entry.value.project.as_ref()));
        sides.push((named(ResourceKind::Product, id), side));
    }
    sides
}

/// The kind of resource that a workload is.
pub(super) fn kind_of(workload: WorkloadId) -> ResourceKind {
    match workload {
        WorkloadId::Service(_) => ResourceKind::Service,
        WorkloadId::Job(_) => ResourceKind::Job,
        WorkloadId::WorkerPool(_) => ResourceKind::WorkerPool,
    }
}

/// A value that a builder asked for in vain: what, why it is not known, and where.
pub(super) type AskedInVain = (Box<str>, Box<str>, Span);
