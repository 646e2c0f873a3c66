//! IAM on services: members, bindings and policies.

use std::fmt::Display;
use std::sync::Arc;

use serde_json::Value as Json;

use crate::source::tree::Node;
use crate::source::{Span, code};
use crate::topology::iam::{Binding, FullBinding, INVOKER, INVOKING_ROLES};
use crate::topology::record::{Field, Spanned};
use crate::topology::unread::{Family, Skipped};

use super::attribute::{self, AttributePath};
use super::code::OUTSIDE_PLAN;
use super::cursor::{AFTER_APPLY, Cursor, Read};
use super::document::PlanResource;
use super::unread::UnreadEffect;
use super::{PlanReader, assumed, distinct, not_known, service};

const MEMBERS: &[&str] =
    &["google_cloud_run_service_iam_member", "google_cloud_run_v2_service_iam_member"];
const BINDINGS: &[&str] =
    &["google_cloud_run_service_iam_binding", "google_cloud_run_v2_service_iam_binding"];
const POLICIES: &[&str] =
    &["google_cloud_run_service_iam_policy", "google_cloud_run_v2_service_iam_policy"];
/// The data source that policies are written with.
const POLICY_DATA: &str = "google_iam_policy";
/// The type of service accounts.
pub const ACCOUNT: &str = "google_service_account";

/// What a resource does that is left out: it grants, and unless it adds one member it takes away what it
/// does not say, a policy everything and a binding what its role has.
fn left_out(kind: &str) -> UnreadEffect {
    UnreadEffect { family: Family::Iam, opens: true, closes: !MEMBERS.contains(&kind) }
}

/// A role that does not let anybody invoke: what a binding comes to on a service that it is not for.
const NO_ROLE: &str = "roles/browser";

/// Of how many services the one that a resource is for is told apart, if it may be for any of them.
pub const MANY: usize = 50;

/// Whether resources of this type are read here.
pub fn reads(kind: &str) -> bool {
    [MEMBERS, BINDINGS, POLICIES].iter().any(|kinds| kinds.contains(&kind))
}

/// What is granted, before it is known to what service.
#[derive(Clone)]
struct Grant {
    role: Field<String>,
    members: Vec<Field<String>>,
    condition: BindingCondition,
    span: Span,
}

#[derive(Clone)]
enum BindingCondition {
    None,
    Is(Spanned<String>),
    Unknown,
}

/// The services that a resource is for, by their positions among the services.
pub enum Target {
    /// This one.
    One(usize),
    /// One of these, or none of them.
    Maybe(Vec<usize>),
    /// One that is not in the plan.
    Outside,
}

/// The service accounts of the plan that a value comes from.
pub struct Accounts {
    emails: Vec<Spanned<String>>,
    /// Whether the value comes from nothing else.
    whole: bool,
}

impl Accounts {
    /// The value of an attribute that comes from them.
    pub fn field(
        self,
        resource: &PlanResource<'_>,
        path: impl Display,
        why: &str,
        wrap: impl Fn(&String) -> String,
    ) -> Field<String> {
        let wrap = |email: &Spanned<String>| Spanned::new(wrap(&email.value), email.span);
        match self.emails.as_slice() {
            [email] if self.whole => {
                let email = wrap(email);
                Field::given(email.value, resource.span)
            }
            emails => {
                let candidates = if self.whole { emails } else { &[] };
                assumed(resource, path, why, candidates.iter().map(wrap).collect())
            }
        }
    }
}

impl<'a> PlanReader<'_, 'a, '_> {
    /// Adds the bindings to the services.
    pub fn read_bindings(&mut self) {
        let kinds = [MEMBERS, BINDINGS, POLICIES].concat();
        for (_, resource) in self.resources(&kinds) {
            let grants = if MEMBERS.contains(&resource.kind) {
                vec![self.grant(resource, resource.root, false)]
            } else if BINDINGS.contains(&resource.kind) {
                vec![self.grant(resource, resource.root, true)]
            } else {
                self.policy(resource)
            };
            let (path, target) = self.target_of_binding(resource);
            match target {
                Target::Outside => {
                    self.report_outside(resource, path, "binding", left_out(resource.kind))
                }
                Target::One(at) => {
                    for grant in grants {
                        self.attach(at, binding(resource, grant, None));
                    }
                }
                Target::Maybe(services) if services.len() > MANY => {
                    let what = Skipped::ServiceOf(Arc::clone(&resource.address));
                    let services = services.into_iter().filter_map(|at| self.services.get(at));
                    let services = services.map(|deployed| Arc::clone(&deployed.id)).collect();
                    self.skip(what, left_out(resource.kind), services, resource.span);
                }
                Target::Maybe(services) => {
                    let able = |grant: &&Grant| grant.role.known().is_none_or(|r| may_invoke(r));
                    for grant in grants.iter().filter(able) {
                        for &at in &services {
                            let Some(deployed) = self.services.get(at) else { continue };
                            let id = format!("{path}:{}", deployed.id);
                            self.attach(at, binding(resource, grant.clone(), Some(id)));
                        }
                    }
                }
            }
        }
    }

    fn target_of_binding(&self, resource: &PlanResource<'a>) -> (AttributePath, Target) {
        let path = match resource.kind.contains("_v2_") {
            true => attribute::NAME,
            false => attribute::SERVICE,
        };
        (path, self.target(resource, path))
    }

    fn attach(&mut self, at: usize, binding: FullBinding) {
        let id = self.services.get(at).map(|deployed| &deployed.id);
        let services = &mut self.imported.topology.services;
        let Some(service) = id.and_then(|id| services.get_mut(id)) else { return };
        let invokes =
            binding.role.as_ref().and_then(Field::known).is_some_and(|role| role == INVOKER);
        let bindings = if invokes { &mut service.invokers } else { &mut service.iam };
        bindings.push(Binding(binding));
    }

    /// The grant of a member or a binding, or of a block of a policy.
    fn grant(&self, resource: &PlanResource<'a>, cursor: Cursor<'a>, several: bool) -> Grant {
        let role = match cursor.text(attribute::ROLE) {
            Read::Known(role, span) => Field::given(role.to_owned(), span),
            Read::Unknown(why) => not_known(resource, attribute::ROLE, why),
            Read::Unset => assumed(resource, attribute::ROLE, "not in the plan", Vec::new()),
        };
        let members = if several {
            self.members(resource, cursor)
        } else {
            vec![match cursor.text(attribute::MEMBER) {
                Read::Known(member, span) => Field::given(member.to_owned(), span),
                Read::Unset => assumed(resource, attribute::MEMBER, "not in the plan", Vec::new()),
                Read::Unknown(why) => {
                    let accounts = self.accounts(resource, why.expression);
                    accounts.field(resource, attribute::MEMBER, why.text, account_member)
                }
            }]
        };
        let condition = match cursor.list(attribute::CONDITION) {
            Read::Unset => BindingCondition::None,
            Read::Unknown(_) => BindingCondition::Unknown,
            Read::Known(..) => match cursor.text(attribute::CONDITION_EXPRESSION) {
                Read::Known(text, span) => {
                    BindingCondition::Is(Spanned::new(text.to_owned(), span))
                }
                Read::Unset | Read::Unknown(_) => BindingCondition::Unknown,
            },
        };
        let span = role.span;
        Grant { role, members, condition, span }
    }

    fn members(&self, resource: &PlanResource<'a>, cursor: Cursor<'a>) -> Vec<Field<String>> {
        let path = attribute::MEMBERS;
        let items = match cursor.list(path) {
            Read::Known(items, _) => items,
            Read::Unset => return Vec::new(),
            Read::Unknown(why) => return vec![not_known(resource, path, why)],
        };
        let mut members = Vec::new();
        let mut unknown = Vec::new();
        for (at, item) in items.into_iter().enumerate() {
            match item.here().text() {
                Read::Known(member, span) => members.push(Field::given(member.to_owned(), span)),
                Read::Unset => {}
                Read::Unknown(why) => unknown.push((at, why)),
            }
        }
        let Some((_, why)) = unknown.first() else { return members };
        // The expression is that of the whole list, so its accounts are those of all its items.
        let accounts = self.accounts(resource, why.expression);
        let emails = distinct(accounts.emails.iter().map(|email| &email.value));
        if accounts.whole && emails.len() == unknown.len() {
            let member = |email| Field::given(account_member(email), resource.span);
            members.extend(emails.into_iter().map(member));
            return members;
        }
        members.extend(unknown.into_iter().map(|(at, why)| {
            let candidates = accounts.emails.iter().filter(|_| accounts.whole);
            let candidates = candidates
                .map(|email| Spanned::new(account_member(&email.value), email.span))
                .collect();
            assumed(resource, format!("{path}[{at}]"), why.text, candidates)
        }));
        members
    }

    fn policy(&mut self, resource: &PlanResource<'a>) -> Vec<Grant> {
        let path = attribute::POLICY_DATA;
        let unreadable = |why: &str| {
            let member = assumed(resource, path, why, Vec::new());
            let role = assumed(resource, format!("{path}.role"), why, Vec::new());
            let condition = BindingCondition::None;
            vec![Grant { role, members: vec![member], condition, span: resource.span }]
        };
        match resource.root.text(path) {
            Read::Known(text, span) => parse_policy(text, span).unwrap_or_else(|| {
                let message = "the policy data is not an IAM policy in JSON";
                let finding = code::INVALID_VALUE.warning(message).at(span);
                self.findings.push(finding.address(resource.address.as_ref()));
                unreadable("not readable")
            }),
            Read::Unset => Vec::new(),
            Read::Unknown(why) => {
                let data = self.plan.referents(resource, why.expression, &[POLICY_DATA]);
                let [at] = data.resources.as_slice() else { return unreadable(why.text) };
                let Some(data) = self.plan.resources.get(*at) else {
                    return unreadable(why.text);
                };
                match data.root.list(attribute::BINDING) {
                    Read::Known(blocks, _) => {
                        blocks.into_iter().map(|block| self.grant(data, block, true)).collect()
                    }
                    Read::Unset => Vec::new(),
                    Read::Unknown(why) => unreadable(why.text),
                }
            }
        }
    }

    /// The service that an attribute names.
    pub fn target(&self, resource: &PlanResource<'a>, path: AttributePath) -> Target {
        let (text, expression) = match resource.root.text(path) {
            Read::Known(text, _) => (text, resource.root.expression(path)),
            Read::Unset => return Target::Outside,
            Read::Unknown(why) => return self.referred(resource, why.expression),
        };
        let name = ServiceName::parse(text);
        let location = name.location.or(resource.root.text(attribute::LOCATION).known());
        let own = self.said_project(resource).map(|project| project.value);
        let project = name.project.map(str::to_owned).or(own);
        let agrees = |at: &&usize| {
            self.services.get(**at).is_some_and(|deployed| {
                let location = location.zip(deployed.location);
                let project = project.as_ref().zip(deployed.project.as_ref());
                location.is_none_or(|(a, b)| a == b) && project.is_none_or(|(a, b)| a == b)
            })
        };
        let found = self.services.called(name.name).iter().filter(agrees);
        let found: Vec<_> = found.copied().collect();
        match found.as_slice() {
            [] => Target::Outside,
            [at] => Target::One(*at),
            _ => {
                let referents = self.plan.referents(resource, expression, service::KINDS);
                let referred = self.services.of(&referents.resources);
                let mut narrowed = found.iter().filter(|at| referred.contains(at));
                match (narrowed.next(), narrowed.next()) {
                    (Some(at), None) => Target::One(*at),
                    _ => Target::Maybe(found),
                }
            }
        }
    }

    /// The service that an expression of unknown value refers to.
    fn referred(&self, resource: &PlanResource<'a>, expression: Option<&'a Node>) -> Target {
        let referents = self.plan.referents(resource, expression, service::KINDS);
        let referred = self.services.of(&referents.resources);
        match referred.as_slice() {
            [at] => Target::One(*at),
            [] if referents.whole => Target::Outside,
            [] => Target::Maybe((0..self.services.list.len()).collect()),
            _ => Target::Maybe(referred),
        }
    }

    /// Reports a resource that is for a service outside the plan.
    pub fn report_outside(
        &mut self,
        resource: &PlanResource<'a>,
        path: AttributePath,
        noun: &str,
        effect: UnreadEffect,
    ) {
        let address = resource.address.as_ref();
        // Another input may have it.
        let name =
            resource.root.text(path).known().map(|text| ServiceName::parse(text).name.into());
        let what = Skipped::Resource {
            kind: resource.kind.into(),
            address: Arc::clone(&resource.address),
        };
        self.skip(what, effect, name.into_iter().collect(), resource.span);
        let (message, span) = match resource.root.text(path) {
            Read::Known(name, span) => (
                format!("{noun} `{address}` is for service `{name}`, which is not in the plan"),
                span,
            ),
            Read::Unset | Read::Unknown(_) => (
                format!("{noun} `{address}` is for a service that is not in the plan"),
                resource.span,
            ),
        };
        let finding = OUTSIDE_PLAN.finding(message).at(span).address(address);
        self.findings.push(finding.help("it is left out: plan the service together with it"));
    }

    /// The service accounts that an expression refers to.
    pub fn accounts(&self, resource: &PlanResource<'a>, expression: Option<&'a Node>) -> Accounts {
        let referents = self.plan.referents(resource, expression, &[ACCOUNT]);
        let all = referents.resources.len();
        let accounts = referents.resources.iter().filter_map(|at| self.plan.resources.get(*at));
        let emails: Vec<_> = accounts.filter_map(|account| self.email(account)).collect();
        Accounts { whole: referents.whole && emails.len() == all, emails }
    }

    fn email(&self, account: &PlanResource<'a>) -> Option<Spanned<String>> {
        if let Read::Known(email, span) = account.root.text(attribute::EMAIL) {
            return Some(Spanned::new(email.to_owned(), span));
        }
        let id = account.root.text(attribute::ACCOUNT_ID).known()?;
        let project = self.said_project(account)?.value;
        let email = format!("{id}@{project}.iam.gserviceaccount.com");
        Some(Spanned::new(email, account.span))
    }
}

/// The binding on a service; `maybe` is what is not known if it may be for another service.
fn binding(resource: &PlanResource<'_>, grant: Grant, maybe: Option<String>) -> FullBinding {
    let Grant { mut role, members, condition, span } = grant;
    let condition = match condition {
        BindingCondition::None => None,
        BindingCondition::Is(text) => Some(text),
        BindingCondition::Unknown => {
            role = perhaps(resource, role, attribute::CONDITION);
            None
        }
    };
    if let Some(what) = maybe {
        role = perhaps(resource, role, what);
    }
    FullBinding { role: Some(role), members, condition, access_levels: Vec::new(), span }
}

fn account_member(email: &String) -> String {
    format!("serviceAccount:{email}")
}

/// Whether a role may hold `run.routes.invoke`: custom roles may.
pub fn may_invoke(role: &str) -> bool {
    INVOKING_ROLES.contains(&role) || !role.starts_with("roles/")
}

/// A role of which one thing more is not known: whether it is granted at all.
fn perhaps(resource: &PlanResource<'_>, role: Field<String>, what: impl Display) -> Field<String> {
    let Some(known) = role.known() else { return role };
    if !may_invoke(known) {
        return role;
    }
    let candidates = [known, NO_ROLE].map(|each| Spanned::new(each.to_owned(), role.span));
    assumed(resource, what, AFTER_APPLY, candidates.into())
}

fn parse_policy(text: &str, span: Span) -> Option<Vec<Grant>> {
    let policy: Json = serde_json::from_str(text).ok()?;
    let policy = policy.as_object()?;
    let Some(bindings) = policy.get("bindings") else { return Some(Vec::new()) };
    let grant = |binding: &Json| {
        let role = binding.get("role")?.as_str()?;
        let members = binding.get("members").and_then(Json::as_array).map(Vec::as_slice);
        let members = members.unwrap_or_default().iter().filter_map(Json::as_str);
        let condition = match binding.get("condition") {
            None | Some(Json::Null) => BindingCondition::None,
            Some(condition) => match condition.get("expression").and_then(Json::as_str) {
                Some(text) => BindingCondition::Is(Spanned::new(text.to_owned(), span)),
                None => BindingCondition::Unknown,
            },
        };
        let members = members.map(|member| Field::given(member.to_owned(), span)).collect();
        Some(Grant { role: Field::given(role.to_owned(), span), members, condition, span })
    };
    bindings.as_array()?.iter().map(grant).collect()
}

/// A service as IAM resources name it.
#[derive(Debug, PartialEq, Eq)]
struct ServiceName<'t> {
    name: &'t str,
    location: Option<&'t str>,
    project: Option<&'t str>,
}

impl<'t> ServiceName<'t> {
    /// Reads `S`, `P/L/S`, or a path such as `v1/projects/P/locations/L/services/S`.
    fn parse(text: &'t str) -> Self {
        let parts: Vec<_> = text.split('/').collect();
        if let [project, location, name] = parts.as_slice()
            && !["projects", "locations", "namespaces"].contains(project)
        {
            return Self { name, location: Some(location), project: Some(project) };
        }
        let after = |words: &[&str]| {
            let at = parts.iter().position(|part| words.contains(part))?;
            parts.get(at + 1).copied()
        };
        Self {
            name: after(&["services"]).or(parts.last().copied()).unwrap_or_default(),
            location: after(&["locations"]),
            project: after(&["projects", "namespaces"]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_are_named_in_several_forms() {
        let all = ServiceName { name: "s", location: Some("l"), project: Some("p") };
        for text in [
            "p/l/s",
            "projects/p/locations/l/services/s",
            "v1/projects/p/locations/l/services/s",
            "//run.googleapis.com/projects/p/locations/l/services/s",
            "locations/l/namespaces/p/services/s",
        ] {
            assert_eq!(ServiceName::parse(text), all, "{text}");
        }
        let located = ServiceName { name: "s", location: Some("l"), project: None };
        assert_eq!(ServiceName::parse("locations/l/services/s"), located);
        let bare = ServiceName { name: "s", location: None, project: None };
        assert_eq!(ServiceName::parse("s"), bare);
    }
}
