//! Cloud Run services: their names, and the gates before a revision.

use crate::graph::{HopKind, ResourceKind};
use std::rc::Rc;

use super::identity::{Access, Right};
use super::{Core, Grants, Memo, Place, rule};
use crate::graph::Placeholders;
use crate::graph::expression::{Atom, ExpressionId, Origin, OriginSet, TextField, TextMatch};
use crate::graph::hop::{Body, Cause, Entry, FieldChange, HopId, ListId, ListRule, RuleVerdict};
use crate::graph::identity::Identities;
use crate::inventory::WorkloadId;
use crate::rules::RuleId;
use crate::source::Span;
use crate::topology::condition::TextTest;
use crate::topology::iam::INVOKER;
use crate::topology::load_balancer::LoadBalancer;
use crate::topology::network::Network;
use crate::topology::organization::{Perimeter, Project};
use crate::topology::record::{ById, Id, Spanned};
use crate::topology::service::{Ingress, Service};

/// Services: what is before each.
#[derive(Default)]
pub(super) struct Services {
    pub grants: Grants,
    /// Where each service is entered behind a load balancer.
    pub behind: ById<Service, HopId>,
    /// What counts as internal, by project.
    internal: Memo<Id<Project>, Rc<[(OriginSet, u16)]>>,
    /// The external load balancers that services of a project may admit.
    external: Memo<Option<Id<Project>>, ExpressionId>,
    /// Rows of the name switch of Google's front end.
    pub front_end_names: Vec<(Box<str>, HopId)>,
}

impl Services {
    /// Every service: what is behind its names, and behind load balancers.
    pub(super) fn build_services(&mut self, core: &mut Core<'_>) {
        let services = &core.topology.services;
        self.behind = ById::new(services, |service| self.build_service(core, service));
        self.build_domain_mappings(core);
    }

    /// Makes a service's hops, and says where it is entered behind a load balancer.
    fn build_service(&mut self, core: &mut Core<'_>, of: Id<Service>) -> HopId {
        let (id, entry) = core.topology.services.at(of);
        let service = &entry.value;
        let resource = core.resource(ResourceKind::Service, id);
        let at = entry.key_span;

        let revision = Place::new(resource, HopKind::Revision, RuleId::ing(9), at);
        let revision = core.deliver(revision, resource);
        let invoker = self.grants.invoker_gate(core, of, id, service, revision);
        let identified = self.grants.service_iap(core, of, id, service, invoker);
        let ingress = self.ingress_gate(core, of, id, service, identified);

        let reserved = self.reserved_paths(core, false);
        let place = Place::new(resource, HopKind::ReservedPaths, RuleId::ing(214), at);
        let behind = core.hop(place, Body::Gate { list: reserved, next: ingress });

        let reserved = self.reserved_paths(core, true);
        let direct = core.hop(place, Body::Gate { list: reserved, next: ingress });
        self.name_service(core, of, resource, direct, at);
        behind
    }

    /// The run.app names of a service (ING-043 to ING-046).
    fn name_service(
        &mut self,
        core: &mut Core<'_>,
        of: Id<Service>,
        resource: crate::graph::ResourceId,
        next: HopId,
        at: Span,
    ) {
        let topology = core.topology;
        let (id, entry) = topology.services.at(of);
        let service = &entry.value;
        let what = format!("the default URL of service/{id}");
        let enabled = core.whether(service.default_url(), &what);
        let span = service.default_url.as_ref().map_or(at, |field| field.span);
        let off = core.refuse(Cause::DefaultUrlDisabled, 404);
        let mut rules = vec![rule(enabled, RuleVerdict::Pass, span, None)];
        if enabled != core.expressions.always() && !topology.networks.is_empty() {
            let networks = topology.networks.ids().collect();
            let inside = OriginSet { networks, ..OriginSet::default() };
            let inside = core.expressions.atom(Atom::Origin(inside));
            let closed = core.disputed("disabled-url-closed-inside-vpc");
            let open = core.expressions.not(closed);
            let open = core.expressions.all([open, inside]);
            rules.push(rule(open, RuleVerdict::Pass, span, Some(RuleId::ing(46))));
        }
        let disabled = core.expressions.not(enabled);
        rules.push(rule(disabled, off, span, Some(RuleId::ing(46))));
        let never = core.expressions.never();
        rules.retain(|rule| rule.when != never);
        let list = core.list(rules, off);

        let name = core.inventory.service_name(of).to_ascii_lowercase();
        let project = core.inventory.service_project(of);
        let region = service.region.known().map(String::as_str);
        let hash = project
            .and_then(|project| topology.projects[project].hash.as_ref())
            .map(|hash| hash.value.to_ascii_lowercase());

        let mut tags: Vec<Option<&Spanned<String>>> = vec![None];
        tags.extend(service.traffic_tags.iter().map(Some));
        for tag in tags {
            let entry = match tag {
                None => Entry::RunApp,
                Some(tag) => Entry::RunAppTag(tag.value.as_str().into()),
            };
            let entry = core.entry(entry);
            let number = if tag.is_none() { 45 } else { 44 };
            let place = Place::new(resource, HopKind::DefaultUrl, RuleId::ing(number), span);
            let hop = core.hop(place.entered_by(entry), Body::Gate { list, next });
            let label = match tag {
                None => name.clone(),
                Some(tag) => format!("{}---{name}", tag.value.to_ascii_lowercase()),
            };
            let mut hosts = Vec::new();
            let number = project.and_then(|project| core.inventory.project_number(project));
            if let (Some(number), Some(region)) = (number, region) {
                let first = format!("{label}-{number}");
                // A DNS label has at most 63 characters (ING-043).
                if first.len() <= 63 {
                    hosts.push(format!("{first}.{region}.run.app"));
                }
            }
            let unknown = project.map_or("", |project| topology.project_id(project));
            let hash = hash.as_deref().ok_or(unknown);
            hosts.push(core.names.declare_hash_form(&label, hash, region));
            core.names.declare_alike(&hosts);
            for host in hosts {
                if tag.is_none() {
                    core.names.declare_run_app(id, &host);
                }
                core.names.declare_address(&host, Placeholders::GOOGLE_FRONT_END.into());
                self.front_end_names.push((host.into(), hop));
            }
        }
    }

    /// Domain mappings: Google's front end again, without load balancer (ING-049).
    fn build_domain_mappings(&mut self, core: &mut Core<'_>) {
        let topology = core.topology;
        for (id, entry) in &topology.domain_mappings {
            let mapping = &entry.value;
            let host = mapping.host.as_ref().map_or(&**id, |host| &host.value).to_ascii_lowercase();
            let resource = core.resource(ResourceKind::DomainMapping, id);
            let label = core.entry(Entry::DomainMapping(host.as_str().into()));
            let what = format!("the service of domain_mapping/{id}");
            let services =
                core.alternatives(Some(&mapping.service), None, &[], &what, String::clone);
            let mut ways = Vec::new();
            for (when, service) in services {
                let Some(service) = topology.services.id_of(&service) else { continue };
                // To the same gates as a load balancer leads: `/healthz` alone is peculiar to
                // run.app names (ING-214).
                let next = self.behind[service];
                let place =
                    Place::new(resource, HopKind::DomainMapping, RuleId::ing(49), entry.key_span)
                        .entered_by(label);
                let pass = core.list(Vec::new(), RuleVerdict::Pass);
                let gate = core.hop(place, Body::Gate { list: pass, next });
                ways.push((when, self.products_are_outside(core, place, gate)));
            }
            let Some(hop) = core.first_match(
                Place::new(resource, HopKind::DomainMapping, RuleId::ing(49), entry.key_span),
                ways,
            ) else {
                continue;
            };
            core.names.declare_address(&host, Placeholders::GOOGLE_FRONT_END.into());
            self.front_end_names.push((host.into(), hop));
        }
    }

    /// Google products count as internal only on run.app names (ING-015, ING-036).
    fn products_are_outside(&mut self, core: &mut Core<'_>, place: Place, next: HopId) -> HopId {
        if core.topology.products.is_empty() {
            return next;
        }
        let product_projects = core.topology.projects.ids().collect();
        let set = OriginSet { product_projects, ..OriginSet::default() };
        let product = core.expressions.atom(Atom::Origin(set));
        let refused = core.disputed("products-need-run-app");
        let product = core.expressions.all([product, refused]);
        let place =
            Place { kind: HopKind::DomainMapping, rule: RuleId::ing(36), entry: None, ..place };
        let changes = vec![FieldChange::Origin(Origin::Internet)].into();
        let outside = core.hop(place, Body::Rewrite { changes, next });
        let branches = vec![(product, outside)].into();
        core.hop(
            place,
            Body::Switch(crate::graph::Switch::FirstMatch { branches, otherwise: next }),
        )
    }

    /// Paths and methods that never reach a container (ING-214, ING-221).
    fn reserved_paths(&mut self, core: &mut Core<'_>, on_run_app: bool) -> ListId {
        let reserved = core.refuse(Cause::ReservedPath, 404);
        let mut tests = vec![
            (TextField::Path, TextTest::Equals("/eventlog".into())),
            (TextField::Path, TextTest::Prefix("/_ah/".into())),
        ];
        if on_run_app {
            tests.push((TextField::Path, TextTest::Equals("/healthz".into())));
        }
        let paths: Vec<ExpressionId> = tests
            .into_iter()
            .map(|(field, test)| {
                core.expressions.atom(Atom::Text(field, TextMatch { test, ignore_case: false }))
            })
            .collect();
        let methods: Vec<ExpressionId> = ["TRACE", "CONNECT"]
            .into_iter()
            .map(|method| {
                let test = TextTest::Equals(method.into());
                let matched = TextMatch { test, ignore_case: false };
                core.expressions.atom(Atom::Text(TextField::Method, matched))
            })
            .collect();
        let paths = core.expressions.any(paths);
        let methods = core.expressions.any(methods);
        let not_delivered = core.refuse(Cause::MethodNotDelivered, 405);
        let rules = vec![
            rule(paths, reserved, Span::none(), Some(RuleId::ing(214))),
            rule(methods, not_delivered, Span::none(), Some(RuleId::ing(221))),
        ];
        core.list(rules, RuleVerdict::Pass)
    }

    /// The ingress setting (ING-007, ING-009 to ING-017).
    fn ingress_gate(
        &mut self,
        core: &mut Core<'_>,
        of: Id<Service>,
        id: &str,
        service: &Service,
        next: HopId,
    ) -> HopId {
        let what = format!("the ingress setting of service/{id}");
        let alternatives = core.alternatives(
            service.ingress.as_ref(),
            Some(Ingress::All),
            &[Ingress::All, Ingress::Internal, Ingress::InternalAndLoadBalancing],
            &what,
            |ingress| ingress.to_string(),
        );
        let resource = core.resource(ResourceKind::Service, id);
        let at = service.ingress.as_ref().map_or(service.span.at_start(), |field| field.span);
        let number = match alternatives.as_slice() {
            [(_, Ingress::All)] => 10,
            [(_, Ingress::Internal)] => 16,
            [(_, Ingress::InternalAndLoadBalancing)] => 17,
            [(_, Ingress::None)] => 7,
            _ => 9,
        };
        let mut rules: Vec<ListRule> = Vec::new();
        for (when, ingress) in alternatives {
            if ingress == Ingress::All {
                let narrow = Ingress::InternalAndLoadBalancing;
                let admitted = self.admitted(core, of, narrow);
                let admitted: Vec<_> = admitted.into_iter().map(|(origin, _)| origin).collect();
                let admitted = core.expressions.any(admitted);
                core.narrowed.insert(resource, admitted);
            }
            for (admitted, number) in self.admitted(core, of, ingress) {
                let when = core.expressions.all([when, admitted]);
                rules.push(rule(when, RuleVerdict::Pass, at, Some(RuleId::ing(number))));
            }
        }
        let status = core.disputed_status("ingress-refusal-is-404", 404, 403);
        let refused = core.refuse(Cause::IngressNotAllowed, status);
        let list = core.list(rules, refused);
        let place = Place::new(resource, HopKind::IngressSetting, RuleId::ing(number), at);
        core.hop(place, Body::Gate { list, next })
    }

    /// What a setting admits, each part with the rule that says so.
    fn admitted(
        &mut self,
        core: &mut Core<'_>,
        service: Id<Service>,
        ingress: Ingress,
    ) -> Vec<(ExpressionId, u16)> {
        match ingress {
            Ingress::None => {
                let denies = core.disputed("ingress-none-denies-all");
                return vec![(core.expressions.not(denies), 7)];
            }
            Ingress::All => return vec![(core.expressions.always(), 10)],
            Ingress::Internal | Ingress::InternalAndLoadBalancing => {}
        }
        let mut admitted = Vec::new();
        if ingress == Ingress::InternalAndLoadBalancing {
            admitted.push((self.external_load_balancers(core, service), 17));
        }
        for (origins, number) in self.internal_origins(core, service) {
            admitted.push((core.expressions.atom(Atom::Origin(origins)), number));
        }
        admitted
    }

    /// The external load balancers that a service behind them may admit (ING-017).
    fn external_load_balancers(
        &mut self,
        core: &mut Core<'_>,
        service: Id<Service>,
    ) -> ExpressionId {
        let project = core.inventory.service_project(service);
        if let Some(&known) = self.external.get(&project) {
            return known;
        }
        let admitted = self.external_to_project(core, project);
        self.external.insert(project, admitted);
        admitted
    }

    fn external_to_project(
        &mut self,
        core: &mut Core<'_>,
        project: Option<Id<Project>>,
    ) -> ExpressionId {
        let inventory = core.inventory;
        let external: Vec<(Id<LoadBalancer>, bool)> = core
            .topology
            .load_balancers
            .with_ids()
            .filter(|(_, each)| !each.kind.value.is_internal())
            .map(|(id, each)| (id, inventory.project(each.project.as_ref()) == project))
            .collect();
        let every = OriginSet { external_load_balancers: true, ..OriginSet::default() };
        let every = core.expressions.atom(Atom::Origin(every));
        if external.iter().all(|(_, own)| *own) {
            return every;
        }
        let own = external.iter().filter(|(_, own)| *own).map(|(id, _)| *id).collect();
        let own = OriginSet { load_balancers: own, ..OriginSet::default() };
        let own = core.expressions.atom(Atom::Origin(own));
        let any_project = core.disputed("any-project-external-load-balancer");
        let of_others = core.expressions.all([any_project, every]);
        core.expressions.any([own, of_others])
    }

    /// The origins that count as internal, each with the rule that says so.
    fn internal_origins(
        &mut self,
        core: &mut Core<'_>,
        service: Id<Service>,
    ) -> Vec<(OriginSet, u16)> {
        let set = OriginSet { internal_load_balancers: true, ..OriginSet::default() };
        let mut admitted = vec![(set, 11)];
        let inventory = core.inventory;
        let Some(project) = inventory.service_project(service) else { return admitted };
        let of_project = self.internal_to_project(core, project);
        let attached = inventory.workload(WorkloadId::Service(service)).network;
        if let Some(attached) = attached
            && inventory.network_project(attached) != Some(project)
        {
            let networks = [attached].into();
            admitted.push((OriginSet { networks, ..OriginSet::default() }, 14));
        }
        admitted.extend(of_project.iter().cloned());
        admitted
    }

    /// The origins that are internal to every service of a project.
    fn internal_to_project(
        &mut self,
        core: &mut Core<'_>,
        project: Id<Project>,
    ) -> Rc<[(OriginSet, u16)]> {
        if let Some(known) = self.internal.get(&project) {
            return Rc::clone(known);
        }
        let (topology, inventory) = (core.topology, core.inventory);
        let restricts_run = |perimeter: &Perimeter| {
            perimeter.restricted_services.iter().any(|name| name.value == "run.googleapis.com")
        };
        let mut same_project = Vec::new();
        let mut same_perimeter = Vec::new();
        for network in topology.networks.ids() {
            let Some(owner) = inventory.network_project(network) else { continue };
            if owner == project {
                same_project.push(network);
            } else if inventory.share_perimeter(
                // Of a Shared VPC, the perimeter has to hold every service project (EGR-146).
                inventory.sharing_projects(network).chain([owner, project]),
                restricts_run,
            ) {
                same_perimeter.push(network);
            }
        }
        let product_projects = topology
            .projects
            .ids()
            .filter(|&other| {
                other == project || inventory.share_perimeter([other, project], |_| true)
            })
            .collect();
        let networks = |networks: Vec<Id<Network>>| OriginSet {
            networks: networks.into(),
            ..OriginSet::default()
        };
        let mut admitted = Vec::new();
        if !same_project.is_empty() {
            admitted.push((networks(same_project), 13));
        }
        if !same_perimeter.is_empty() {
            admitted.push((networks(same_perimeter), 12));
        }
        admitted.push((OriginSet { product_projects, ..OriginSet::default() }, 15));
        let admitted: Rc<[(OriginSet, u16)]> = admitted.into();
        self.internal.insert(project, Rc::clone(&admitted));
        admitted
    }
}

impl Core<'_> {
    /// The first of several ways under assumptions; `None` if there is none.
    pub(super) fn first_match(
        &mut self,
        place: Place,
        ways: Vec<(ExpressionId, HopId)>,
    ) -> Option<HopId> {
        let mut ways = ways;
        let (_, otherwise) = ways.pop()?;
        if ways.is_empty() {
            return Some(otherwise);
        }
        let branches = ways.into();
        Some(
            self.hop(place, Body::Switch(crate::graph::Switch::FirstMatch { branches, otherwise })),
        )
    }
}

impl Grants {
    /// Invoker IAM: authentication, then boundary, deny and allow (ING-054 to ING-082).
    fn invoker_gate(
        &mut self,
        core: &mut Core<'_>,
        of: Id<Service>,
        id: &str,
        service: &Service,
        next: HopId,
    ) -> HopId {
        let topology = core.topology;
        let resource = core.resource(ResourceKind::Service, id);
        let name = format!("service/{id}");
        let what = format!("the invoker check of {name}");
        let checked = core.whether(service.invoker_check(), &what);
        let unchecked = core.expressions.not(checked);

        let right = Right::Invoke;
        let mut grants = vec![self.access(core, &service.invokers, INVOKER, right, &name)];
        grants.push(self.access(core, &service.iam, "", right, &format!("{name}/iam")));
        let never = core.expressions.never();
        let mut denied = Access { everybody: never, identified: never };
        let mut out_of_bounds = never;
        if let Some(project) = core.inventory.service_project(of) {
            grants.push(self.inherited_access(core, project, Right::Invoke));
            if !topology.deny_policies.is_empty() {
                denied = self.denied(core, project);
            }
            if !topology.access_boundaries.is_empty() {
                out_of_bounds = self.out_of_bounds(core, project);
            }
        }
        let granted = self.either(core, &grants);
        let accepted = self.accepted_credentials(core, of);

        let at = service
            .invokers
            .first()
            .map(|binding| binding.span)
            .or_else(|| service.invoker_check.as_ref().map(|field| field.span))
            .unwrap_or_else(|| service.span.at_start());
        let status = core.disputed_status("unpermitted-caller-is-403", 403, 401);
        let permission_denied = core.refuse(Cause::IamPermissionDenied, status);
        let deny = core.refuse(Cause::IamDenyPolicy, 403);
        let unauthenticated = core.refuse(Cause::IamUnauthenticated, 403);
        let status = core.disputed_status("invalid-token-is-401", 401, 403);
        let invalid = core.refuse(Cause::IamInvalidToken, status);

        let identified =
            |core: &mut Core<'_>, who: ExpressionId| core.expressions.all([who, accepted]);
        let kept_out = identified(core, out_of_bounds);
        let denied_identified = identified(core, denied.identified);
        let denied = core.expressions.any([denied.everybody, denied_identified]);
        let granted_identified = identified(core, granted.identified);
        let no_credential = core.expressions.atom(Atom::Credential(
            vec![
                (Identities::NONE, Identities::NONE),
                (Identities::IAP_LOGIN, Identities::IAP_LOGIN),
            ]
            .into(),
        ));
        let not_accepted = core.expressions.not(accepted);
        // IAP's agent without the right: IAP answers with a page of its own (ING-142).
        let agent = core.expressions.atom(Atom::Credential(
            vec![(Identities::IAP_AGENT_TOKEN, Identities::IAP_AGENT_TOKEN)].into(),
        ));
        let not_set_up = core.refuse(Cause::IapMisconfigured, 403);
        let always = core.expressions.always();
        let rules = vec![
            rule(unchecked, RuleVerdict::Pass, at, Some(RuleId::ing(64))),
            rule(kept_out, permission_denied, at, Some(RuleId::ing(58))),
            rule(denied, deny, at, Some(RuleId::ing(59))),
            rule(granted.everybody, RuleVerdict::Pass, at, Some(RuleId::ing(62))),
            rule(granted_identified, RuleVerdict::Pass, at, Some(RuleId::ing(54))),
            rule(no_credential, unauthenticated, at, Some(RuleId::ing(75))),
            rule(not_accepted, invalid, at, Some(RuleId::ing(76))),
            rule(agent, not_set_up, at, Some(RuleId::ing(142))),
            rule(always, permission_denied, at, Some(RuleId::ing(77))),
        ];
        let rules = rules.into_iter().filter(|rule| rule.when != never).collect();
        let list = core.list(rules, permission_denied);
        let place = Place::new(resource, HopKind::InvokerIam, RuleId::ing(54), at);
        core.hop(place, Body::Gate { list, next })
    }
}
