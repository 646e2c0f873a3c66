//! Principals and credentials, and what the hierarchy's bindings grant them.

use std::collections::HashSet;

use super::condition::Context;
use super::{Core, Memo};
use crate::graph::expression::{Atom, ExpressionId};
use crate::graph::identity::{Credential, Identities, Principal};
use crate::topology::cel::Dialect;
use crate::topology::iam::{ACCESSOR, Binding, INVOKING_ROLES};
use crate::topology::known;
use crate::topology::organization::Project;
use crate::topology::record::{Field, Id};
use crate::topology::service::Service;

/// Whom a set of bindings lets in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Access {
    /// Callers whoever they are (allUsers).
    pub everybody: ExpressionId,
    /// Callers with an identity.
    pub identified: ExpressionId,
}

/// What IAM lets pass.
#[derive(Default)]
pub(super) struct Grants {
    /// Inherited access by project.
    inherited: Memo<(Id<Project>, Right), Access>,
}

impl Core<'_> {
    /// Makes a class of every identity that the topology names.
    pub(super) fn collect_identities(&mut self) {
        let topology = self.topology;
        let mut members: Vec<String> = Vec::new();
        let mut add = |bindings: &[Binding]| {
            for binding in bindings {
                for member in &binding.members {
                    members.extend(member.known().cloned());
                    members.extend(member.candidates().iter().map(|each| each.value.clone()));
                }
            }
        };
        if let Some(organization) = &topology.organization {
            add(&organization.iam);
        }
        topology.folders.values().for_each(|folder| add(&folder.iam));
        topology.projects.values().for_each(|project| add(&project.iam));
        for service in topology.services.values() {
            add(&service.invokers);
            add(&service.iam);
            if let Some(iap) = &service.iap {
                add(&iap.accessors);
            }
        }
        for backend in topology.backends.values() {
            if let Some(iap) = &backend.iap {
                add(&iap.accessors);
            }
        }
        let named = |fields: &[Field<String>], members: &mut Vec<String>| {
            members.extend(fields.iter().filter_map(|field| field.known().cloned()));
        };
        for policy in topology.deny_policies.values() {
            named(&policy.principals, &mut members);
            named(&policy.exception_principals, &mut members);
        }
        for boundary in topology.access_boundaries.values() {
            named(&boundary.principals, &mut members);
        }
        for user in topology.users.values() {
            members.extend(user.identities.iter().map(|identity| identity.value.clone()));
        }
        for group in topology.groups.values() {
            members.extend(group.members.iter().map(|member| member.value.clone()));
        }
        let agents: HashSet<String> =
            topology.projects.ids().map(|project| self.inventory.iap_agent(project)).collect();
        let mut principals: Vec<Principal> =
            members.iter().filter_map(|member| self.named_principal(member, &agents)).collect();
        principals.extend(agents.iter().map(|agent| Principal::IapAgent(agent.as_str().into())));
        let workloads = self.inventory.workloads().map(|workload| workload.account.as_str());
        let products = topology.products.values().filter_map(|own| known(&own.service_account));
        let vms = topology.vms.values().filter_map(|own| known(&own.service_account));
        let accounts: Vec<&str> = workloads.chain(products).chain(vms).collect();
        for account in accounts {
            let member =
                format!("serviceAccount:{}", account.trim_start_matches("serviceAccount:"));
            principals.extend(self.named_principal(&member, &agents));
        }
        // Kind by kind, so that sets of a kind are one range of classes.
        principals.sort_by_cached_key(|principal| (rank(principal), principal.name()));
        for principal in principals {
            self.identities.principal(principal);
        }
        for service in topology.services.ids() {
            self.identities.credential(Credential::ServiceAudience(service));
        }
        for service in topology.services.values() {
            for audience in &service.custom_audiences {
                self.identities.credential(Credential::Audience(audience.value.as_str().into()));
            }
        }
    }

    /// The class of a service account by its e-mail address.
    pub(super) fn account(&mut self, email: &str) -> u32 {
        let email = email.strip_prefix("serviceAccount:").unwrap_or(email).to_ascii_lowercase();
        let agent = Principal::IapAgent(email.as_str().into());
        match self.identities.find_principal(&agent) {
            Some(index) => index,
            None => self.identities.principal(Principal::ServiceAccount(email.into())),
        }
    }

    fn named_principal(&self, member: &str, agents: &HashSet<String>) -> Option<Principal> {
        let (kind, name) = member.split_once(':')?;
        let name = name.to_ascii_lowercase();
        Some(match kind {
            "user" => Principal::User(name.into()),
            "serviceAccount" if agents.contains(&name) => Principal::IapAgent(name.into()),
            "serviceAccount" => Principal::ServiceAccount(name.into()),
            "group" if !self.topology.groups.contains(&name) => Principal::GroupMember(name.into()),
            "domain" => Principal::DomainMember(name.into()),
            _ => return None,
        })
    }

    /// The classes that a member stands for, besides allUsers. Federated identities and deleted
    /// members stand for nobody (ING-183).
    pub(super) fn classes(&self, member: &str) -> Vec<u32> {
        let mut classes = Vec::new();
        self.add_classes(member, &mut classes, 0);
        classes.sort_unstable();
        classes.dedup();
        classes
    }

    fn add_classes(&self, member: &str, classes: &mut Vec<u32>, depth: u32) {
        if member == "allAuthenticatedUsers" {
            // Federated identities are no class, so that they stay outside (ING-062).
            classes.extend(1..self.identities.principals().len() as u32);
            return;
        }
        if matches!(member, "allUsers" | "principalSet://goog/public:all") {
            classes.extend(0..self.identities.principals().len() as u32);
            return;
        }
        let Some((kind, name)) = member.split_once(':') else { return };
        let name = name.to_ascii_lowercase();
        let find = |principal: Principal| self.identities.find_principal(&principal);
        match kind {
            "user" => classes.extend(find(Principal::User(name.into()))),
            "serviceAccount" => {
                classes.extend(find(Principal::ServiceAccount(name.as_str().into())));
                classes.extend(find(Principal::IapAgent(name.into())));
            }
            "domain" => {
                classes.extend(find(Principal::DomainMember(name.as_str().into())));
                let of_domain = |principal: &Principal| match principal {
                    Principal::User(email) => {
                        email.rsplit_once('@').is_some_and(|(_, domain)| domain == name)
                    }
                    _ => false,
                };
                let principals = self.identities.principals().iter().enumerate();
                classes.extend(
                    principals
                        .filter(|(_, principal)| of_domain(principal))
                        .map(|(index, _)| index as u32),
                );
            }
            "group" => match self.topology.groups.get(&name) {
                Some(group) if depth < 16 => {
                    for member in &group.members {
                        self.add_classes(&member.value, classes, depth + 1);
                    }
                }
                Some(_) => {}
                None => classes.extend(find(Principal::GroupMember(name.into()))),
            },
            _ => {}
        }
    }

    /// The requests that callers of these classes can send: an identity goes with a credential
    /// that it can hold, and no identity with none or one that nobody accepts.
    pub(super) fn held_by(&mut self, classes: &[u32]) -> ExpressionId {
        let mut persons = Vec::new();
        let mut programs = Vec::new();
        let mut mixed = Vec::new();
        let mut anonymous = false;
        for &class in classes {
            match &self.identities.principals()[class as usize] {
                Principal::Anonymous => anonymous = true,
                Principal::User(_) => persons.push(class),
                Principal::ServiceAccount(_) => programs.push(class),
                Principal::AnyAccount | Principal::GroupMember(_) | Principal::DomainMember(_) => {
                    mixed.push(class)
                }
                Principal::IapAgent(_) => {}
            }
        }
        let last = self.identities.credentials().len() as u32 - 1;
        let ways: [(Vec<u32>, Vec<(u32, u32)>); 4] = [
            (
                if anonymous { vec![Identities::ANONYMOUS] } else { Vec::new() },
                vec![(Identities::NONE, Identities::INVALID)],
            ),
            (
                persons,
                vec![
                    (Identities::USER_TOKEN, Identities::IAP_TOKEN),
                    (Identities::OTHER_AUDIENCE, Identities::OTHER_AUDIENCE),
                ],
            ),
            (
                programs,
                vec![
                    (Identities::IAP_TOKEN, Identities::IAP_TOKEN),
                    (Identities::OTHER_AUDIENCE, last),
                ],
            ),
            (
                mixed,
                vec![
                    (Identities::USER_TOKEN, Identities::IAP_TOKEN),
                    (Identities::OTHER_AUDIENCE, last),
                ],
            ),
        ];
        let mut parts = Vec::new();
        for (classes, credentials) in ways {
            let principal = self.expressions.atom(Atom::Principal(classes.into()));
            let credential = self.expressions.atom(Atom::Credential(credentials.into()));
            parts.push(self.expressions.all([principal, credential]));
        }
        self.expressions.any(parts)
    }

    /// Every class but Google's own agents.
    pub(super) fn all_classes(&self) -> Vec<u32> {
        (0..self.identities.principals().len() as u32)
            .filter(|&class| {
                !matches!(self.identities.principals()[class as usize], Principal::IapAgent(_))
            })
            .collect()
    }
}

impl Grants {
    /// Whom bindings give a right. `id` names them in assumptions.
    pub(super) fn access(
        &mut self,
        core: &mut Core<'_>,
        bindings: &[Binding],
        default_role: &str,
        right: Right,
        id: &str,
    ) -> Access {
        let access_levels = right == Right::PassIap;
        let mut everybody = Vec::new();
        let mut identified = Vec::new();
        for binding in bindings {
            let roles = core.alternatives(
                binding.role.as_ref(),
                Some(default_role.to_string()),
                &[],
                &format!("the role of a binding on {id}"),
                |role| role.clone(),
            );
            let granting: Vec<ExpressionId> =
                roles.iter().filter(|(_, role)| right.is_in(role)).map(|(when, _)| *when).collect();
            let granting = core.expressions.any(granting);
            let role = match &binding.role {
                None => default_role,
                Some(role) => role.known().map_or("binding", String::as_str),
            };
            // The same expression of two bindings of a role is one: it has one truth.
            let name = format!("{id}/{role}");
            let context = Context { id: &name, at: binding.span, user_headers: &[], access_levels };
            let mut conditions = vec![granting];
            if let Some(text) = &binding.condition {
                // An expression that cannot be read was reported; it grants nothing.
                let condition = match core.parse(&text.value, Dialect::IamCondition) {
                    Ok(condition) => core.express(&condition, &context),
                    Err(()) => core.expressions.never(),
                };
                conditions.push(condition);
            }
            if !binding.access_levels.is_empty() {
                let levels: Vec<ExpressionId> = binding
                    .access_levels
                    .iter()
                    .map(|level| core.express_access_level(&level.value, &context, 0))
                    .collect();
                conditions.push(core.expressions.any(levels));
            }
            let condition = core.expressions.all(conditions);
            for member in &binding.members {
                let what = format!("a member of a binding on {id}");
                for (when, member) in
                    core.alternatives(Some(member), None, &[], &what, String::clone)
                {
                    let when = core.expressions.all([when, condition]);
                    if member == "allUsers" {
                        everybody.push(when);
                    } else {
                        let classes = core.classes(&member);
                        let of_class = core.expressions.atom(Atom::Principal(classes.into()));
                        identified.push(core.expressions.all([when, of_class]));
                    }
                }
            }
        }
        let everybody = core.expressions.any(everybody);
        let identified = core.expressions.any(identified);
        Access { everybody, identified }
    }

    /// Whom the bindings on a project and above it give a right (ING-057, ING-143).
    pub(super) fn inherited_access(
        &mut self,
        core: &mut Core<'_>,
        project: Id<Project>,
        right: Right,
    ) -> Access {
        if let Some(access) = self.inherited.get(&(project, right)) {
            return *access;
        }
        let topology = core.topology;
        let mut parts = Vec::new();
        let (id, entry) = topology.projects.at(project);
        parts.push(self.access(core, &entry.value.iam, "", right, &format!("project/{id}")));
        for folder in core.inventory.folders_above(project) {
            if let Some(entry) = topology.folders.get(folder) {
                parts.push(self.access(core, &entry.iam, "", right, &format!("folder/{folder}")));
            }
        }
        if let Some(organization) = &topology.organization {
            parts.push(self.access(core, &organization.iam, "", right, "organization"));
        }
        let access = self.either(core, &parts);
        self.inherited.insert((project, right), access);
        access
    }

    /// The identities that are for certain of no account in the organization, if its domains are
    /// known: persons of other domains, and any other account.
    pub(super) fn outside_organization(&self, core: &Core<'_>) -> Vec<u32> {
        let organization = core.topology.organization.as_ref();
        let Some(domains) = organization.map(|own| &own.domains).filter(|own| !own.is_empty())
        else {
            return Vec::new();
        };
        let is_own =
            |domain: &str| domains.iter().any(|own| own.value.eq_ignore_ascii_case(domain));
        let principals = core.identities.principals().iter().enumerate();
        principals
            .filter(|(_, principal)| match principal {
                Principal::AnyAccount => true,
                Principal::User(email) => {
                    email.rsplit_once('@').is_some_and(|(_, domain)| !is_own(domain))
                }
                Principal::DomainMember(domain) => !is_own(domain),
                Principal::Anonymous
                | Principal::GroupMember(_)
                | Principal::ServiceAccount(_)
                | Principal::IapAgent(_) => false,
            })
            .map(|(class, _)| class as u32)
            .collect()
    }

    /// Whom at least one of several lets in.
    pub(super) fn either(&mut self, core: &mut Core<'_>, parts: &[Access]) -> Access {
        let everybody = core.expressions.any(parts.iter().map(|part| part.everybody));
        let identified = core.expressions.any(parts.iter().map(|part| part.identified));
        Access { everybody, identified }
    }

    /// The deny policies that concern invocation in a project: who is denied, whoever they are,
    /// and with an identity (ING-059 to ING-061).
    pub(super) fn denied(&mut self, core: &mut Core<'_>, project: Id<Project>) -> Access {
        let topology = core.topology;
        let above = core.inventory.hierarchy(project);
        let mut parts = Vec::new();
        for (id, entry) in &topology.deny_policies {
            let policy = &entry.value;
            if !above.contains(&policy.at.value) || !policy.denies_invocation() {
                continue;
            }
            let mut spared = Vec::new();
            for member in policy.exception_principals.iter().filter_map(Field::known) {
                spared.extend(core.classes(member));
            }
            spared.sort_unstable();
            spared.dedup();
            let spared = core.expressions.atom(Atom::Principal(spared.into()));
            let others = core.expressions.not(spared);
            // A condition asks for resource tags, which are not known: it fails closed.
            for member in policy.principals.iter() {
                let what = format!("a principal of deny_policy/{id}");
                for (when, member) in
                    core.alternatives(Some(member), None, &[], &what, String::clone)
                {
                    let when = core.expressions.all([when, others]);
                    if member == "principalSet://goog/public:all" {
                        let covers = core.disputed("public-set-covers-anonymous");
                        let everybody = core.expressions.all([when, covers]);
                        parts.push(Access { everybody, identified: when });
                    } else {
                        let classes = core.classes(&member);
                        let of_class = core.expressions.atom(Atom::Principal(classes.into()));
                        let identified = core.expressions.all([when, of_class]);
                        let everybody = core.expressions.never();
                        parts.push(Access { everybody, identified });
                    }
                }
            }
        }
        self.either(core, &parts)
    }

    /// Who is kept out of a project by a principal access boundary (ING-058).
    pub(super) fn out_of_bounds(
        &mut self,
        core: &mut Core<'_>,
        project: Id<Project>,
    ) -> ExpressionId {
        let topology = core.topology;
        let above = core.inventory.hierarchy(project);
        // Several boundaries of one principal add up to what it may use.
        let mut bound: Memo<u32, bool> = Memo::default();
        for boundary in topology.access_boundaries.values() {
            let inside = boundary.resources.iter().any(|resource| above.contains(&resource.value));
            for member in boundary.principals.iter().filter_map(Field::known) {
                for class in core.classes(member) {
                    *bound.entry(class).or_insert(false) |= inside;
                }
            }
        }
        let mut outside: Vec<u32> =
            bound.into_iter().filter(|(_, inside)| !inside).map(|(class, _)| class).collect();
        outside.sort_unstable();
        core.expressions.atom(Atom::Principal(outside.into()))
    }

    /// The credentials that a service accepts: a token for its URL or a custom audience
    /// (ING-070, ING-071), a user's own token, and what IAP's agent sends.
    pub(super) fn accepted_credentials(
        &mut self,
        core: &mut Core<'_>,
        service: Id<Service>,
    ) -> ExpressionId {
        let mut accepted = vec![Identities::USER_TOKEN, Identities::IAP_AGENT_TOKEN];
        accepted.extend(core.identities.find_credential(&Credential::ServiceAudience(service)));
        for audience in &core.topology.services[service].custom_audiences {
            let audience = Credential::Audience(audience.value.as_str().into());
            accepted.extend(core.identities.find_credential(&audience));
        }
        accepted.sort_unstable();
        let ranges: Vec<(u32, u32)> = accepted.into_iter().map(|each| (each, each)).collect();
        core.expressions.atom(Atom::Credential(ranges.into()))
    }
}

/// What a role may contain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Right {
    /// To invoke a service (ING-055).
    Invoke,
    /// To pass IAP (ING-143).
    PassIap,
}

impl Right {
    fn is_in(self, role: &str) -> bool {
        match self {
            Right::Invoke => INVOKING_ROLES.contains(&role),
            Right::PassIap => role == ACCESSOR,
        }
    }
}

fn rank(principal: &Principal) -> u8 {
    match principal {
        Principal::Anonymous => 0,
        Principal::AnyAccount => 1,
        Principal::GroupMember(_) => 2,
        Principal::DomainMember(_) => 3,
        Principal::User(_) => 4,
        Principal::ServiceAccount(_) => 5,
        Principal::IapAgent(_) => 6,
    }
}
