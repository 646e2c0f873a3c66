//! Values that the topology does not say, where no builder takes every value that they could have.
//!
//! One entry a field: what is taken instead, so what the true value could do, and to whom. Fields
//! of which builders try every value (settings, switches, candidates) are assumptions and not here.

use super::Core;
use super::gap::named;
use crate::graph::{Gap, GapKind, Resource, ResourceKind, Touches, Unsaid};
use crate::source::Span;
use crate::topology::firewall::FirewallAction;
use crate::topology::iam::Binding;
use crate::topology::load_balancer::Route;
use crate::topology::network::{NatKind, Network};
use crate::topology::organization::Project;
use crate::topology::record::{Field, Id};

/// What the true value could do.
#[derive(Clone, Copy)]
pub(super) enum Could {
    Open,
    Close,
    Both,
}

impl Could {
    /// What a rule with an action could do that is followed for less than it may be for.
    pub(super) fn by_more(action: FirewallAction) -> Self {
        match action {
            FirewallAction::Allow => Could::Open,
            FirewallAction::Deny => Could::Close,
            FirewallAction::GoToNext => Could::Both,
        }
    }

    /// What one could do that is followed for more than it may be for.
    pub(super) fn by_less(action: FirewallAction) -> Self {
        match Could::by_more(action) {
            Could::Open => Could::Close,
            Could::Close => Could::Open,
            Could::Both => Could::Both,
        }
    }

    /// The gap of that.
    pub(super) fn gap(self, what: GapKind, at: Span, touches: Touches) -> Gap {
        match self {
            Could::Open => Gap::opens(what, at, touches),
            Could::Close => Gap::closes(what, at, touches),
            Could::Both => Gap::both(what, at, touches),
        }
    }
}

/// Whether it is known which values a field may have.
fn is_open<T>(field: &Field<T>) -> bool {
    field.unknown().is_some_and(|unknown| unknown.candidates.is_empty())
}

impl Core<'_> {
    /// A gap for a field if its value is not known, where candidates are not tried.
    fn unsaid<T>(
        &mut self,
        field: Option<&Field<T>>,
        could: Could,
        what: Unsaid,
        of: &str,
        touches: impl FnOnce() -> Touches,
    ) {
        let Some((field, unknown)) = field.and_then(|field| Some((field, field.unknown()?))) else {
            return;
        };
        let what = GapKind::Unsaid { what, of: of.into(), why: unknown.text.as_ref().into() };
        self.gaps.push(could.gap(what, field.span, touches()));
    }

    /// The same where candidates are tried, so that only a field without any is a gap.
    fn open<T>(
        &mut self,
        field: Option<&Field<T>>,
        could: Could,
        what: Unsaid,
        of: &str,
        touches: impl FnOnce() -> Touches,
    ) {
        self.unsaid(field.filter(|field| is_open(field)), could, what, of, touches);
    }

    /// A gap for a project that is not known; a single candidate is taken.
    fn unsaid_project(
        &mut self,
        project: Option<&Field<String>>,
        could: Could,
        of: &str,
        touches: impl FnOnce() -> Touches,
    ) {
        let unknown = project.filter(|project| self.inventory.project(Some(project)).is_none());
        self.unsaid(unknown, could, Unsaid::Project, of, touches);
    }

    /// Every field of the topology whose value is not known and that no builder looks after.
    pub(super) fn find_unsaid(&mut self) {
        self.unsaid_identities();
        self.unsaid_workloads();
        self.unsaid_load_balancers();
        self.unsaid_networks();
        self.unsaid_routes();
        self.unsaid_endpoints();
    }

    /// A grant that is not known is taken for none: it could open. So could an exception from a
    /// denial; the denial itself, and a boundary, could close.
    fn unsaid_identities(&mut self) {
        let topology = self.topology;
        for (id, entry) in &topology.services {
            let seat = [named(ResourceKind::Service, id)];
            let of = format!("service/{id}");
            self.unsaid_bindings(&entry.value.invokers, &of, &seat);
            self.unsaid_bindings(&entry.value.iam, &of, &seat);
            if let Some(iap) = &entry.value.iap {
                let seat = [named(ResourceKind::Iap, id)];
                self.unsaid_bindings(&iap.accessors, &format!("iap/{id}"), &seat);
                self.federated(&iap.accessors, &format!("iap/{id}"), &seat);
            }
        }
        for (id, entry) in &topology.backends {
            if let Some(iap) = &entry.value.iap {
                let seat = [named(ResourceKind::Iap, id)];
                self.unsaid_bindings(&iap.accessors, &format!("iap/{id}"), &seat);
                self.federated(&iap.accessors, &format!("iap/{id}"), &seat);
            }
        }
        let mut levels: Vec<(String, &[Binding])> = Vec::new();
        levels.extend(
            topology.projects.iter().map(|(id, own)| (format!("project/{id}"), &*own.value.iam)),
        );
        levels.extend(
            topology.folders.iter().map(|(id, own)| (format!("folder/{id}"), &*own.value.iam)),
        );
        levels.extend(topology.organization.iter().map(|own| ("organization".into(), &*own.iam)));
        for (level, bindings) in levels {
            let unknown = |field: &Field<String>| field.known().is_none();
            let is_asked = |binding: &Binding| {
                binding.members.iter().any(|member| unknown(member) || is_federated(member))
                    || binding.role.as_ref().is_some_and(unknown)
            };
            // What is below is asked for only where it matters.
            if bindings.iter().any(is_asked) {
                let seats = self.seats(&level);
                self.unsaid_bindings(bindings, &level, &seats);
                let behind_iap: Vec<Resource> =
                    seats.into_iter().filter(|seat| seat.kind == ResourceKind::Iap).collect();
                self.federated(bindings, &level, &behind_iap);
            }
        }
        for (id, entry) in &topology.deny_policies {
            let policy = &entry.value;
            if !policy.denies_invocation() {
                continue;
            }
            let of = format!("deny_policy/{id}");
            let seats = self.seats(&policy.at.value);
            let touches = || Touches::Entering(seats.clone().into());
            for field in &policy.principals {
                self.open(Some(field), Could::Close, Unsaid::Principal, &of, touches);
                self.of_nobody(field, Could::Close, &of, touches);
            }
            for field in &policy.exception_principals {
                self.unsaid(Some(field), Could::Open, Unsaid::Exception, &of, touches);
                self.of_nobody(field, Could::Open, &of, touches);
            }
        }
        for (id, entry) in &topology.access_boundaries {
            let of = format!("access_boundary/{id}");
            // Whoever it binds may use nothing elsewhere.
            let seats = self.seats("organization");
            let touches = || Touches::Entering(seats.clone().into());
            for field in &entry.value.principals {
                self.unsaid(Some(field), Could::Close, Unsaid::Principal, &of, touches);
                self.of_nobody(field, Could::Close, &of, touches);
            }
        }
    }

    fn unsaid_bindings(&mut self, bindings: &[Binding], of: &str, seats: &[Resource]) {
        let touches = || Touches::Entering(seats.into());
        for binding in bindings {
            self.open(binding.role.as_ref(), Could::Open, Unsaid::Role, of, touches);
            for member in &binding.members {
                self.open(Some(member), Could::Open, Unsaid::Member, of, touches);
            }
        }
    }

    /// Federated identities pass IAP (ING-082), and none of them is a class.
    fn federated(&mut self, bindings: &[Binding], of: &str, seats: &[Resource]) {
        for member in bindings.iter().flat_map(|binding| &binding.members) {
            if is_federated(member) {
                let member_text = member.known().map_or("", String::as_str);
                let what = GapKind::Identity { of: of.into(), member: member_text.into() };
                self.gaps.push(Gap::opens(what, member.span, Touches::Entering(seats.into())));
            }
        }
    }

    /// Principals of deny policies and boundaries in the form that names identities of Google's;
    /// federated ones are not asked for on invocation (ING-191).
    fn of_nobody(
        &mut self,
        field: &Field<String>,
        could: Could,
        of: &str,
        touches: impl FnOnce() -> Touches,
    ) {
        let Some(member) = field.known() else { return };
        let own = ["principal://goog/", "principalSet://goog/"];
        if own.iter().any(|prefix| member.starts_with(prefix))
            && member != "principalSet://goog/public:all"
        {
            let what = GapKind::Identity { of: of.into(), member: member.as_str().into() };
            self.gaps.push(could.gap(what, field.span, touches()));
        }
    }

    /// Where identities are asked for below a level of the hierarchy. What has a project that is
    /// not known may be below any.
    fn seats(&self, level: &str) -> Vec<Resource> {
        let (topology, inventory) = (self.topology, self.inventory);
        let is_below = |project: Option<Id<Project>>| {
            let above = |project| inventory.hierarchy(project);
            project.is_none_or(|project| above(project).iter().any(|own| own == level))
        };
        let mut seats = Vec::new();
        for service in topology.services.ids() {
            let id = topology.services.key(service);
            if is_below(inventory.service_project(service)) {
                seats.push(named(ResourceKind::Service, id));
                seats.push(named(ResourceKind::Iap, id));
            }
        }
        for (id, entry) in &topology.backends {
            if entry.value.iap.is_some() && is_below(inventory.backend_project(&entry.value)) {
                seats.push(named(ResourceKind::Iap, id));
            }
        }
        seats
    }

    /// Who sends as whom, and from which project.
    fn unsaid_workloads(&mut self) {
        let topology = self.topology;
        let sent = |resource: &Resource| Touches::Senders([resource.clone()].into());
        for (id, entry) in &topology.services {
            let service = &entry.value;
            let (own, of) = (named(ResourceKind::Service, id), format!("service/{id}"));
            // What is granted, denied and counted as internal by the project is not followed.
            self.unsaid_project(service.project.as_ref(), Could::Both, &of, || {
                Touches::Entering([own.clone()].into())
            });
            self.unsaid_project(service.project.as_ref(), Could::Both, &of, || sent(&own));
            // It is taken to run as the default account.
            self.unsaid(
                service.service_account.as_ref(),
                Could::Both,
                Unsaid::Account,
                &of,
                || sent(&own),
            );
        }
        let jobs = topology.jobs.iter().map(|(id, own)| {
            (ResourceKind::Job, id, &own.value.project, &own.value.service_account)
        });
        let pools = topology.worker_pools.iter().map(|(id, own)| {
            (ResourceKind::WorkerPool, id, &own.value.project, &own.value.service_account)
        });
        for (kind, id, project, account) in jobs.chain(pools) {
            let (own, of) = (named(kind, id), format!("{kind}/{id}"));
            self.unsaid_project(project.as_ref(), Could::Both, &of, || sent(&own));
            self.unsaid(account.as_ref(), Could::Both, Unsaid::Account, &of, || sent(&own));
        }
        for (id, entry) in &topology.vms {
            let vm = &entry.value;
            let (own, of) = (named(ResourceKind::Vm, id), format!("vm/{id}"));
            // It is no target of rules for accounts, and sends as nobody.
            self.unsaid(vm.service_account.as_ref(), Could::Both, Unsaid::Account, &of, || {
                sent(&own)
            });
            let network = topology.networks.id_of(&vm.network.value);
            let near = || by_network(network);
            self.unsaid(vm.service_account.as_ref(), Could::Both, Unsaid::Account, &of, near);
            // Some address of its subnet stands for it.
            for address in [&vm.address, &vm.ipv6_address].into_iter().flatten() {
                self.unsaid(Some(address), Could::Both, Unsaid::Address, &of, near);
            }
        }
        for (id, entry) in &topology.products {
            let product = &entry.value;
            let (own, of) = (named(ResourceKind::Product, id), format!("product/{id}"));
            // Without a project it is left out, so what it could send is not followed.
            self.unsaid_project(product.project.as_ref(), Could::Open, &of, || sent(&own));
            self.unsaid(
                product.service_account.as_ref(),
                Could::Both,
                Unsaid::Account,
                &of,
                || sent(&own),
            );
            self.open(product.service.as_ref(), Could::Open, Unsaid::Service, &of, || sent(&own));
        }
        for (id, entry) in &topology.domain_mappings {
            // It is left out: a way in that may lead to any service.
            let of = format!("domain_mapping/{id}");
            let touches = || Touches::ToAny(&[ResourceKind::Service]);
            self.open(Some(&entry.value.service), Could::Open, Unsaid::Service, &of, touches);
        }
    }

    /// What is behind load balancers.
    fn unsaid_load_balancers(&mut self) {
        let topology = self.topology;
        for (id, entry) in &topology.load_balancers {
            let load_balancer = &entry.value;
            let (own, of) = (named(ResourceKind::LoadBalancer, id), format!("load_balancer/{id}"));
            // Clients of every region are taken to be near.
            self.unsaid(load_balancer.region.as_ref(), Could::Close, Unsaid::Region, &of, || {
                Touches::Passing([own.clone()].into())
            });
            // Whether it is one of the service's own project decides what some admit.
            self.unsaid_project(load_balancer.project.as_ref(), Could::Both, &of, || {
                Touches::Passing([own.clone()].into())
            });
            let routes: Vec<&Route> =
                load_balancer.url_maps().flat_map(|map| map.routes(true)).collect();
            for route in routes {
                // The route leads nowhere, and may lead anywhere.
                let on = || Touches::LeadingOn([own.clone()].into());
                self.open(route.backend.as_ref(), Could::Open, Unsaid::Backend, &of, on);
                // One of several: besides, the others get less than all.
                for each in route.weighted_backends.iter().filter(|each| each.weight.value > 0) {
                    self.open(Some(&each.backend), Could::Both, Unsaid::WeightedBackend, &of, on);
                }
            }
        }
        for (id, entry) in &topology.backends {
            let backend = &entry.value;
            let (own, of) = (named(ResourceKind::Backend, id), format!("backend/{id}"));
            let passing = || Touches::Passing([own.clone()].into());
            let on = || Touches::LeadingOn([own.clone()].into());
            // None is taken to stand there, so one could close.
            self.open(backend.security_policy.as_ref(), Could::Close, Unsaid::Policy, &of, passing);
            self.open(
                backend.edge_security_policy.as_ref(),
                Could::Close,
                Unsaid::EdgePolicy,
                &of,
                passing,
            );
            // Policies of the hierarchy, and IAP's agent.
            self.unsaid_project(backend.project.as_ref(), Could::Both, &of, passing);
            for neg in &backend.services {
                // It is left out: one of several, or the only one.
                self.open(neg.service.as_ref(), Could::Both, Unsaid::Service, &of, on);
                if neg.url_mask.is_some() {
                    // A mask is taken to lead to the services of every region and project.
                    self.unsaid(neg.region.as_ref(), Could::Close, Unsaid::Region, &of, passing);
                    self.unsaid_project(neg.project.as_ref(), Could::Close, &of, passing);
                }
            }
        }
        for (id, entry) in &topology.backend_buckets {
            let (own, of) =
                (named(ResourceKind::BackendBucket, id), format!("backend_bucket/{id}"));
            let policy = entry.value.edge_security_policy.as_ref();
            self.open(policy, Could::Close, Unsaid::EdgePolicy, &of, || {
                Touches::Passing([own.clone()].into())
            });
        }
    }

    /// Networks, subnets, connectors, gateways.
    fn unsaid_networks(&mut self) {
        let topology = self.topology;
        for at in topology.networks.ids() {
            let (id, entry) = topology.networks.at(at);
            let network = &entry.value;
            let of = format!("network/{id}");
            let here = || Touches::Networks([at].into());
            // Policies of the hierarchy, and whom services take for internal.
            self.unsaid_project(network.project.as_ref(), Could::Both, &of, here);
            // A default route of which nothing is known is taken to exist.
            for route in [&network.default_route, &network.default_ipv6_route].into_iter().flatten()
            {
                if route.known().is_none() {
                    let what = GapKind::DefaultRoute((&**id).into());
                    self.gaps.push(Gap::closes(what, route.span, here()));
                }
            }
            // What is in a subnet without a known range is not followed.
            for (name, own) in &network.subnets {
                let subnet = &own.value;
                let ranges = subnet.range.iter().chain(&subnet.ipv6_range);
                let Some(field) = ranges.clone().find(|range| range.known().is_none()) else {
                    continue;
                };
                let (network, subnet, ipv6) =
                    ((&**id).into(), (&**name).into(), subnet.ipv6_range.is_some());
                let what = GapKind::SubnetRanges { network, subnet, ipv6 };
                self.gaps.push(Gap::both(what, field.span, here()));
            }
        }
        for at in topology.connectors.ids() {
            let (id, entry) = topology.connectors.at(at);
            let connector = &entry.value;
            let of = format!("connector/{id}");
            let network = self.inventory.connector(at).network;
            let here = || by_network(network);
            // Rules for its ranges match nothing; those that it brings depend on its project.
            self.unsaid(connector.range.as_ref(), Could::Both, Unsaid::Range, &of, here);
            self.unsaid_project(connector.project.as_ref(), Could::Both, &of, here);
            // Routes and firewalls of its region and network do not know it.
            self.unsaid(connector.region.as_ref(), Could::Both, Unsaid::Region, &of, here);
        }
        for (id, entry) in &topology.nats {
            let nat = &entry.value;
            let of = format!("nat/{id}");
            let network = nat.network.known().and_then(|name| topology.networks.id_of(name));
            let here = || by_network(network);
            let open = nat.network.known().is_none()
                || nat.region.known().is_none()
                || nat.subnets.iter().any(|each| each.subnet.known().is_none());
            if open {
                // It is taken to serve nobody, and may be a way out for anybody. A private one
                // changes the address of what has a way already.
                let private = nat.kind() == NatKind::Private;
                let could = if private { Could::Both } else { Could::Open };
                let what = GapKind::NatRanges((&**id).into());
                self.gaps.push(could.gap(what, entry.key_span, here()));
            }
            // Its addresses are those that are written, or Google's if none are.
            self.unsaid(nat.automatic.as_ref(), Could::Both, Unsaid::Addresses, &of, here);
            for address in &nat.drain_addresses {
                self.unsaid(Some(address), Could::Close, Unsaid::DrainAddresses, &of, here);
            }
        }
    }

    /// A route to a destination that is not known is left out: it could lead on what has no way,
    /// or take what another leads. Peers may import it.
    fn unsaid_routes(&mut self) {
        let topology = self.topology;
        for (id, entry) in &topology.routes {
            let route = &entry.value;
            let mut networks = Vec::new();
            if let Some(network) = topology.networks.id_of(&route.network.value) {
                networks.push(network);
                for (_, other) in self.inventory.active_peerings(network) {
                    networks.extend(topology.networks.id_of(&other.network.value));
                }
            }
            let of = format!("route/{id}");
            self.unsaid(Some(&route.destination), Could::Both, Unsaid::Destination, &of, || {
                Touches::Networks(networks.into())
            });
        }
    }

    /// What listens at an address that is not known is left out: it could be a way, or take what
    /// another listens for. Hubs and peerings carry it to other networks.
    fn unsaid_endpoints(&mut self) {
        let topology = self.topology;
        let anywhere = || Touches::AnyNetwork;
        for (id, entry) in &topology.passthrough_load_balancers {
            let of = format!("passthrough_load_balancer/{id}");
            self.unsaid(Some(&entry.value.address), Could::Both, Unsaid::Address, &of, anywhere);
        }
        for (id, entry) in &topology.psc_endpoints {
            let of = format!("psc_endpoint/{id}");
            self.unsaid(Some(&entry.value.address), Could::Both, Unsaid::Address, &of, anywhere);
        }
        for (id, entry) in &topology.sql_instances {
            let (own, of) = (named(ResourceKind::SqlInstance, id), format!("sql_instance/{id}"));
            let there = || Touches::To([own.clone()].into());
            for address in
                [&entry.value.private_address, &entry.value.public_address].into_iter().flatten()
            {
                self.unsaid(Some(address), Could::Open, Unsaid::Address, &of, there);
            }
        }
        for (id, entry) in &topology.redis_instances {
            let (own, of) =
                (named(ResourceKind::RedisInstance, id), format!("redis_instance/{id}"));
            let there = || Touches::To([own.clone()].into());
            self.unsaid(Some(&entry.value.address), Could::Open, Unsaid::Address, &of, there);
        }
    }
}

/// What comes by a network; by any, if it is not known which.
fn by_network(network: Option<Id<Network>>) -> Touches {
    network.map_or(Touches::AnyNetwork, |network| Touches::Networks([network].into()))
}

/// Whether a member is a federated identity.
fn is_federated(member: &Field<String>) -> bool {
    let federated = ["principal://iam.googleapis.com/", "principalSet://iam.googleapis.com/"];
    member.known().is_some_and(|member| federated.iter().any(|prefix| member.starts_with(prefix)))
}
