//! Who leads to whom: load balancers to backends to services, and who may invoke what.

use crate::topology::network::Network;
use crate::topology::organization::Project;
use crate::topology::record::Id;
use std::collections::{BTreeSet, HashMap, HashSet};

use crate::inventory::gateways::GatewayPart;
use crate::source::Span;
use crate::topology::Topology;
use crate::topology::iam::{Binding, INVOKER, INVOKING_ROLES};
use crate::topology::load_balancer::{Backend, LoadBalancer, LoadBalancerKind, PscNeg, Route};
use crate::topology::network::{EndpointType, Nat, NatKind};
use crate::topology::private_access::ServiceAttachment;
use crate::topology::record::ById;
use crate::topology::record::Field;
use crate::topology::record::every;
use crate::topology::security_policy::{Action, SecurityPolicy};
use crate::topology::service::{Ingress, Service, VpcAccess};

pub(crate) struct Relations<'t> {
    /// The load balancers whose URL maps lead to a backend, by the backend's id.
    pub balancers: HashMap<&'t str, Vec<Id<LoadBalancer>>>,
    /// The backends with a NEG for a service, by the service's index.
    pub backends: ById<Service, Vec<Id<Backend>>>,
    /// The members that invoke every service of a project, by the project's index.
    inherited: ById<Project, HashSet<&'t str>>,
    /// The gateways of a network, by the network's index.
    nats: HashMap<Id<Network>, Vec<Id<Nat>>>,
    /// The projects that share a network, with its owner, by the network's index.
    pub sharing: ById<Network, BTreeSet<Id<Project>>>,
    /// Whether a NEG has a URL mask, which may lead to any service.
    pub masked: bool,
    /// The services that a product calls by name; `None` if one calls a URL.
    pub called: Option<HashSet<Id<Service>>>,
    /// The projects that own a network.
    pub owners: HashSet<Id<Project>>,
}

/// Where something sends from inside a network.
pub(crate) struct Seat {
    pub network: Id<Network>,
    pub region: String,
    /// The subnet, if it is in one.
    pub subnet: Option<String>,
}

impl<'t> Relations<'t> {
    pub(crate) fn new(topology: &'t Topology) -> Self {
        let mut balancers: HashMap<&'t str, Vec<Id<LoadBalancer>>> = HashMap::new();
        for (index, load_balancer) in topology.load_balancers.with_ids() {
            let mut targets: Vec<&str> = Vec::new();
            for map in load_balancer.url_maps() {
                let routes = map.routes(true).into_iter();
                targets.extend(routes.flat_map(Route::targets).map(|(target, _)| target));
            }
            targets.sort_unstable();
            targets.dedup();
            for target in targets {
                balancers.entry(target).or_default().push(index);
            }
        }
        let mut backends: ById<Service, Vec<Id<Backend>>> =
            ById::new(&topology.services, |_| Vec::new());
        for (index, backend) in topology.backends.with_ids() {
            for neg in &backend.services {
                for (id, _) in every(&neg.service) {
                    let Some(service) = topology.services.id_of(id) else { continue };
                    if !backends[service].contains(&index) {
                        backends[service].push(index);
                    }
                }
            }
        }
        let mut nats: HashMap<Id<Network>, Vec<Id<Nat>>> = HashMap::new();
        for (index, nat) in topology.nats.with_ids() {
            if let Some(network) = topology.nat_network(nat) {
                nats.entry(network).or_default().push(index);
            }
        }
        let sharing = ById::new(&topology.networks, |network| {
            topology.sharing_projects(network).chain(topology.network_project(network)).collect()
        });
        let inherited = ById::new(&topology.projects, |project| inherited(topology, project));
        let mut negs = topology.backends.values().flat_map(|backend| &backend.services);
        let masked = negs.any(|neg| neg.url_mask.is_some());
        let mut called = Some(HashSet::new());
        for product in topology.products.values() {
            if product.url.is_some() {
                called = None;
            }
            if let Some(called) = &mut called {
                let names = every(&product.service);
                called.extend(names.filter_map(|(id, _)| topology.services.id_of(id)));
            }
        }
        let networks = topology.networks.ids();
        let owners = networks.filter_map(|network| topology.network_project(network)).collect();
        Relations { balancers, backends, inherited, nats, sharing, masked, called, owners }
    }

    /// The networks of each project: its own, and those that are shared with it.
    pub(crate) fn networks_by_project(&self) -> HashMap<Id<Project>, Vec<Id<Network>>> {
        let mut networks: HashMap<Id<Project>, Vec<Id<Network>>> = HashMap::new();
        for (network, projects) in self.sharing.iter() {
            for project in projects {
                networks.entry(*project).or_default().push(network);
            }
        }
        networks
    }

    /// The load balancers that lead to a backend.
    pub(crate) fn balancers_of(&self, backend: &str) -> &[Id<LoadBalancer>] {
        self.balancers.get(backend).map_or(&[], Vec::as_slice)
    }

    /// The load balancers that lead to a backend, in full.
    pub(crate) fn fronts<'a>(
        &'a self,
        topology: &'t Topology,
        backend: &str,
    ) -> impl Iterator<Item = (&'t str, &'t LoadBalancer)> + use<'a, 't> {
        self.balancers_of(backend).iter().map(|id| {
            let (id, entry) = topology.load_balancers.at(*id);
            (&**id, &entry.value)
        })
    }

    /// The first load balancer before a backend that is neither global external nor classic.
    pub(crate) fn not_global(
        &self,
        topology: &'t Topology,
        backend: &str,
    ) -> Option<(&'t str, &'t LoadBalancer)> {
        self.fronts(topology, backend).find(|(_, load_balancer)| {
            let kind = load_balancer.kind.value;
            kind.is_regional() || kind.is_internal()
        })
    }

    /// The backends with a NEG for a service to which a load balancer leads that `fits`.
    pub(crate) fn backends_of<'a>(
        &'a self,
        topology: &'t Topology,
        service: Id<Service>,
        fits: impl Fn(&LoadBalancer) -> bool + 'a,
    ) -> impl Iterator<Item = (&'t str, &'t Backend, Span)> + 'a
    where
        't: 'a,
    {
        let behind = &self.backends[service];
        behind.iter().filter_map(move |index| {
            let (id, entry) = topology.backends.at(*index);
            let leads = self.fronts(topology, id).any(|(_, load_balancer)| fits(load_balancer));
            leads.then_some((&**id, &entry.value, entry.key_span))
        })
    }

    /// The members that may invoke a service without a condition, as far as they are known.
    fn is_invoker(
        &self,
        topology: &Topology,
        index: Id<Service>,
        service: &Service,
        fits: impl Fn(&str) -> bool,
    ) -> bool {
        let own = |bindings: &[Binding], default: &str| {
            bindings.iter().any(|binding| {
                invokes(binding, default)
                    && binding.members.iter().filter_map(Field::known).any(|member| fits(member))
            })
        };
        own(&service.invokers, INVOKER)
            || own(&service.iam, "")
            || topology
                .service_project(index)
                .map(|project| &self.inherited[project])
                .is_some_and(|members| members.iter().any(|member| fits(member)))
    }

    /// Whether everybody may invoke a service for certain.
    pub(crate) fn is_public(
        &self,
        topology: &Topology,
        index: Id<Service>,
        service: &Service,
    ) -> bool {
        let checked = !service.invoker_check().is(false);
        !checked
            || self.is_invoker(topology, index, service, |member| member == "allUsers")
                && !is_denied_to_the_public(topology, index)
    }

    /// Whether a service is not open to everybody, for certain.
    pub(crate) fn is_private(
        &self,
        topology: &Topology,
        index: Id<Service>,
        service: &Service,
    ) -> bool {
        let mut bindings = service.invokers.iter().chain(&service.iam);
        let unknown = bindings.any(|binding| {
            binding.role.as_ref().is_some_and(|role| role.known().is_none())
                || binding.members.iter().any(|member| member.known().is_none())
        });
        !unknown && service.invoker_check().is(true) && !self.is_public(topology, index, service)
    }

    /// Whether an account may invoke a service.
    pub(crate) fn account_invokes(
        &self,
        topology: &Topology,
        index: Id<Service>,
        service: &Service,
        email: &str,
    ) -> bool {
        self.is_invoker(topology, index, service, |member| {
            member == "allUsers" || stands_for(topology, member, email, 0)
        })
    }

    /// The gateways that translate for a seat.
    pub(crate) fn serving(&self, topology: &Topology, seat: &Seat) -> Vec<Id<Nat>> {
        let here = self.nats.get(&seat.network).map_or(&[][..], Vec::as_slice);
        let serves = |index: &&Id<Nat>| {
            let (_, entry) = topology.nats.at(**index);
            serves(&entry.value, seat)
        };
        here.iter().filter(serves).copied().collect()
    }
}

/// Whether a gateway of the seat's network translates for it on the way to the internet (EGR-054
/// to EGR-057, EGR-067).
fn serves(nat: &Nat, seat: &Seat) -> bool {
    let for_machines = nat.endpoint_types().contains(&EndpointType::Vm);
    let for_range = nat.subnets.is_empty()
        || nat.subnets.iter().any(|subnet| {
            let named = subnet.subnet.known().is_none_or(|name| Some(name) == seat.subnet.as_ref());
            named && GatewayPart::Primary.is_of(subnet)
        });
    let public = nat.kind() == NatKind::Public;
    let here = nat.region.known().is_none_or(|region| *region == seat.region);
    public && here && for_machines && for_range
}

/// Whether a member is an account, or a group or everybody who has it in.
pub(crate) fn stands_for(topology: &Topology, member: &str, email: &str, depth: usize) -> bool {
    if member == "allAuthenticatedUsers" {
        return true;
    }
    match member.split_once(':') {
        Some(("serviceAccount" | "user", name)) => name.eq_ignore_ascii_case(email),
        Some(("group", name)) if depth < 16 => {
            topology.groups.get(&name.to_ascii_lowercase()).is_some_and(|group| {
                let mut members = group.members.iter();
                members.any(|member| stands_for(topology, member, email, depth + 1))
            })
        }
        _ => false,
    }
}

/// The members of the bindings on a project and above that let invoke.
fn inherited(topology: &Topology, project: Id<Project>) -> HashSet<&str> {
    let mut bindings: Vec<&Binding> = topology.projects[project].iam.iter().collect();
    for folder in topology.folders_above(project) {
        bindings.extend(topology.folders.get(folder).into_iter().flat_map(|folder| &folder.iam));
    }
    bindings.extend(topology.organization.iter().flat_map(|organization| &organization.iam));
    let granting = bindings.into_iter().filter(|binding| invokes(binding, ""));
    granting
        .flat_map(|binding| &binding.members)
        .filter_map(|member| member.known().map(String::as_str))
        .collect()
}

/// Whether a binding lets its members invoke, without a condition.
pub(crate) fn invokes(binding: &Binding, default: &str) -> bool {
    let role = match &binding.role {
        Some(role) => role.known().map_or("", String::as_str),
        None => default,
    };
    INVOKING_ROLES.contains(&role)
        && binding.condition.is_none()
        && binding.access_levels.is_empty()
}

/// The published service that a NEG leads to.
pub(crate) fn attachment_of<'t>(
    topology: &'t Topology,
    neg: &'t PscNeg,
) -> Option<(&'t str, &'t ServiceAttachment)> {
    let id = neg.target.value.strip_prefix("service_attachment/")?;
    Some((id, topology.service_attachments.get(id)?))
}

/// Whether everybody reaches the run.app URL of a service, for certain.
pub(crate) fn run_app_is_open(service: &Service) -> bool {
    service.ingress().is(Ingress::All) && service.default_url().is(true)
}

pub(crate) fn is_external(load_balancer: &LoadBalancer) -> bool {
    let kind = load_balancer.kind.value;
    !kind.is_internal() && kind != LoadBalancerKind::Network
}

/// Where a service, job or worker pool sends from, if it is attached and that is known.
pub(crate) fn seat(topology: &Topology, access: &VpcAccess) -> Option<Seat> {
    if let Some(connector) = &access.connector {
        let connector = topology.connectors.get(connector.known()?)?;
        let (network, subnet) = topology.connector_network(connector)?;
        let region = topology.connector_region(connector)?.to_owned();
        return Some(Seat { network, region, subnet });
    }
    let (network, subnet) = topology.direct_subnet(access)?;
    let region = topology.subnet_region(network, &subnet)?.to_owned();
    Some(Seat { network, region, subnet: Some(subnet) })
}

/// Whether a deny policy may keep the whole public from a service (ING-061).
fn is_denied_to_the_public(topology: &Topology, service: Id<Service>) -> bool {
    let Some(project) = topology.service_project(service) else { return false };
    let above = topology.hierarchy(project);
    topology.deny_policies.values().any(|policy| {
        let mut principals = policy.principals.iter().filter_map(Field::known);
        above.contains(&policy.at.value)
            && policy.denies_invocation()
            && principals.any(|member| member == "principalSet://goog/public:all")
    })
}

/// The policies that are attached to a backend or bucket or to the hierarchy.
pub(crate) fn attached_policies(topology: &Topology) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    for backend in topology.backends.values() {
        names.extend(every(&backend.security_policy).map(|(name, _)| name.as_str()));
        names.extend(every(&backend.edge_security_policy).map(|(name, _)| name.as_str()));
    }
    for bucket in topology.backend_buckets.values() {
        names.extend(every(&bucket.edge_security_policy).map(|(name, _)| name.as_str()));
    }
    let organization = topology.organization.iter().flat_map(|each| &each.security_policies);
    let folders = topology.folders.values().flat_map(|each| &each.security_policies);
    let projects = topology.projects.values().flat_map(|each| &each.security_policies);
    names.extend(organization.chain(folders).chain(projects).map(|name| name.value.as_str()));
    names.sort_unstable();
    names.dedup();
    names
}

/// Whether a policy can refuse a request, for certain.
pub(crate) fn can_refuse(policy: &SecurityPolicy) -> bool {
    policy.rules.iter().any(|rule| {
        !matches!(rule.action.value, Action::Allow | Action::GoToNext) && rule.preview().is(false)
    })
}
