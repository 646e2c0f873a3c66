//! Bindings, members, deny policies.

use super::Checker;
use crate::source::Span;
use crate::source::codes;
use crate::topology::cel::Dialect;
use crate::topology::iam::{ACCESSOR, Binding, INVOKER, INVOKING_ROLES};
use crate::topology::record::{Field, Spanned};
use crate::topology::record::{each, every};

codes! {
    INVALID_MEMBER = Error "invalid-member" {
        "a member that is none",
        "Members are `allUsers`, `allAuthenticatedUsers`, `user:EMAIL`, `serviceAccount:EMAIL`, \
         `group:EMAIL`, `domain:DOMAIN`, and identities as `principal://…` and `principalSet://…`.",
        "services:
  web: {region: europe-west1, invokers: [alice@example.com]}
",
    }
    MISSING_ROLE = Error "missing-role" {
        "a binding without a role",
        "Only under `invokers` and `accessors` may the role be left out.",
        "projects:
  shop: {iam: [{members: [user:alice@example.com]}]}
",
    }
    ROLE_WITHOUT_EFFECT = Warning "role-without-effect" "ING-055" {
        "a role that does not let anybody pass",
        "invocation needs a role with `run.routes.invoke`, passing IAP \
         `roles/iap.httpsResourceAccessor`",
        "services:
  web:
    region: europe-west1
    invokers: [{role: roles/run.viewer, members: [user:alice@example.com]}]
",
    }
    CONDITION_NOT_ALLOWED = Error "condition-not-allowed" "ING-066" {
        "a condition where none is possible",
        "bindings of allUsers, of allAuthenticatedUsers and of basic roles have no condition; \
         Google refuses a policy with one, so that a plan with one cannot be applied",
        "services:
  web:
    region: europe-west1
    invokers: [{members: [allUsers], condition: \"request.path == '/a'\"}]
",
    }
    ACCESS_LEVEL_WITHOUT_IAP = Warning "access-level-without-iap" "ING-068" {
        "an access level that never holds",
        "access levels are known to IAP only; a condition on them never grants invocation",
        "access_levels:
  office: {addresses: [203.0.113.0/24]}
services:
  web:
    region: europe-west1
    invokers: [{members: [user:alice@example.com], access_levels: [office]}]
",
    }
    FEDERATED_INVOKER = Warning "federated-invoker" "ING-183" {
        "a federated identity as an invoker",
        "Cloud Run takes no tokens of federated identities: workloads impersonate a service \
         account, and people of a workforce pool pass by IAP",
        "services:
  web:
    region: europe-west1
    invokers: [\"principal://iam.googleapis.com/projects/1/locations/global/\
workloadIdentityPools/ci/subject/build\"]
",
    }
    PUBLIC_JOB = Error "public-job" "ING-217" {
        "everybody bound on a job",
        "allUsers and allAuthenticatedUsers cannot be bound on a job",
        "jobs:
  nightly:
    region: europe-west1
    iam: [{role: roles/run.invoker, members: [allUsers]}]
",
    }
    INVALID_PERMISSION = Error "invalid-permission" "ING-059" {
        "a permission in another form",
        "deny policies name permissions as `SERVICE.googleapis.com/RESOURCE.VERB`",
        "services:
  web: {region: europe-west1}
deny_policies:
  none:
    at: organization
    permissions: [run.routes.invoke]
    principals: [\"principalSet://goog/public:all\"]
",
    }
    DENIED_MEMBER = Error "denied-member" "ING-061" {
        "everybody denied in the words of a binding",
        "a deny policy says everybody as `principalSet://goog/public:all`",
        "services:
  web: {region: europe-west1}
deny_policies:
  none:
    at: organization
    permissions: [run.googleapis.com/routes.invoke]
    principals: [allUsers]
",
    }
    BASIC_ROLE = Warning "basic-role-on-account" "ING-055" {
        "a basic role for the account of a service",
        "owner and editor contain nearly everything, invocation of every service below as well",
        "projects:
  shop:
    iam: [{role: roles/editor, members: [serviceAccount:web@shop.iam.gserviceaccount.com]}]
services:
  web:
    region: europe-west1
    service_account: web@shop.iam.gserviceaccount.com
",
    }
}

const BASIC_ROLES: &[&str] = &["roles/owner", "roles/editor", "roles/viewer"];

/// What a binding is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    /// Under `invokers`.
    Invocation,
    /// Under `accessors`.
    Iap,
    /// Under `iam`, of anything.
    Any,
}

impl<'t> Checker<'t, '_> {
    pub(super) fn iam(&mut self) {
        let topology = self.topology;
        if let Some(organization) = &topology.organization {
            self.bindings(&organization.iam, Purpose::Any, "organization");
        }
        for (id, entry) in &topology.folders {
            self.bindings(&entry.value.iam, Purpose::Any, &format!("folder/{id}"));
        }
        for (id, entry) in &topology.projects {
            self.bindings(&entry.value.iam, Purpose::Any, &format!("project/{id}"));
        }
        for (id, entry) in &topology.services {
            let resource = format!("service/{id}");
            self.bindings(&entry.value.invokers, Purpose::Invocation, &resource);
            self.bindings(&entry.value.iam, Purpose::Any, &resource);
            if let Some(iap) = &entry.value.iap {
                self.bindings(&iap.accessors, Purpose::Iap, &resource);
            }
        }
        for (id, entry) in &topology.backends {
            if let Some(iap) = &entry.value.iap {
                self.bindings(&iap.accessors, Purpose::Iap, &format!("backend/{id}"));
            }
        }
        for (id, entry) in &topology.jobs {
            let resource = format!("job/{id}");
            self.bindings(&entry.value.iam, Purpose::Any, &resource);
            for member in entry.value.iam.iter().flat_map(|binding| &binding.members) {
                for (name, at) in each(member) {
                    if matches!(name.as_str(), "allUsers" | "allAuthenticatedUsers") {
                        let message = format!("`{name}` cannot be bound on {resource}");
                        let finding = PUBLIC_JOB.finding(message).at(at);
                        self.report(finding.resource(&resource));
                    }
                }
            }
        }
        for (id, entry) in &topology.groups {
            for member in &entry.value.members {
                self.member(&member.value, member.span, &format!("group/{id}"));
            }
        }
        for (id, entry) in &topology.users {
            for identity in &entry.value.identities {
                self.member(&identity.value, identity.span, &format!("user/{id}"));
            }
        }
        self.deny_policies();
        self.basic_roles();
    }

    fn bindings(&mut self, bindings: &'t [Binding], purpose: Purpose, resource: &str) {
        for binding in bindings {
            self.binding(binding, purpose, resource);
        }
    }

    fn binding(&mut self, binding: &'t Binding, purpose: Purpose, resource: &str) {
        let topology = self.topology;
        for (name, at) in binding.members.iter().flat_map(each) {
            self.member(name, at, resource);
        }
        let role = match (&binding.role, purpose) {
            (Some(role), _) => role.known().map(String::as_str),
            (None, Purpose::Invocation) => Some(INVOKER),
            (None, Purpose::Iap) => Some(ACCESSOR),
            (None, Purpose::Any) => {
                let message = format!("a binding on {resource} has no role");
                let finding = MISSING_ROLE.finding(message).at(binding.span);
                self.report(finding.help("add `role`").resource(resource));
                None
            }
        };
        for level in &binding.access_levels {
            self.refer("access level", &topology.access_levels, level, level.span, resource);
        }
        self.role_effect(binding, purpose, resource);
        self.condition(binding, role, purpose, resource);
        let invokes =
            purpose != Purpose::Iap && role.is_some_and(|role| INVOKING_ROLES.contains(&role));
        if invokes && purpose == Purpose::Invocation {
            self.federated(binding, resource);
        }
    }

    fn role_effect(&mut self, binding: &Binding, purpose: Purpose, resource: &str) {
        for (role, at) in every(&binding.role) {
            let (fits, wanted) = match purpose {
                // Roles of one's own may contain the permission.
                Purpose::Invocation => (
                    INVOKING_ROLES.contains(&role.as_str()) || !role.starts_with("roles/"),
                    INVOKER,
                ),
                Purpose::Iap => (role == ACCESSOR || !role.starts_with("roles/"), ACCESSOR),
                Purpose::Any => return,
            };
            if !fits {
                let what = if purpose == Purpose::Iap { "pass IAP" } else { "invoke" };
                let message = format!("`{role}` does not let anybody {what}");
                let finding = ROLE_WITHOUT_EFFECT.finding(message).at(at);
                let help = format!("leave it out for `{wanted}`");
                self.report(finding.help(help).resource(resource));
            }
        }
    }

    fn condition(
        &mut self,
        binding: &'t Binding,
        role: Option<&str>,
        purpose: Purpose,
        resource: &str,
    ) {
        let place = match (&binding.condition, binding.access_levels.first()) {
            (Some(text), _) => text.span,
            (None, Some(level)) => level.span,
            (None, None) => return,
        };
        let everybody = binding
            .members
            .iter()
            .flat_map(each)
            .find(|(name, _)| matches!(name.as_str(), "allUsers" | "allAuthenticatedUsers"));
        if let Some((name, at)) = everybody {
            let message = format!("a binding of `{name}` has a condition");
            let finding = CONDITION_NOT_ALLOWED.finding(message).at(place);
            let finding = finding.also(at, "the member");
            self.report(finding.help("make a binding of its own").resource(resource));
        } else if let Some(role) = role.filter(|role| BASIC_ROLES.contains(role)) {
            let message = format!("a binding of `{role}` has a condition");
            let finding = CONDITION_NOT_ALLOWED.finding(message).at(place);
            self.report(finding.resource(resource));
        }
        let mut levels = binding.access_levels.first().map(|level| level.span);
        if let Some(text) = &binding.condition
            && self.expression(&text.value, text.span, Dialect::IamCondition, resource)
            && self
                .expressions
                .ask(&text.value, Dialect::IamCondition, |read| !read.access_levels.is_empty())
                == Some(true)
        {
            levels = levels.or(Some(text.span));
        }
        let invokes = role.is_some_and(|role| INVOKING_ROLES.contains(&role));
        if let Some(at) = levels
            && purpose != Purpose::Iap
            && invokes
        {
            let message = format!("a binding on {resource} asks for an access level");
            let finding = ACCESS_LEVEL_WITHOUT_IAP.finding(message).at(at);
            let help = "turn on `iap`, and ask for the level of its accessors";
            self.report(finding.help(help).resource(resource));
        }
    }

    fn federated(&mut self, binding: &Binding, resource: &str) {
        for (name, at) in binding.members.iter().flat_map(each) {
            if !name.contains("://iam.googleapis.com/") {
                continue;
            }
            let message = format!("a federated identity cannot invoke {resource}");
            let finding = FEDERATED_INVOKER.finding(message).at(at);
            let help = if name.contains("/workforcePools/") {
                "let its people pass by IAP"
            } else {
                "bind a service account, and let the identity impersonate it"
            };
            self.report(finding.help(help).resource(resource));
        }
    }

    fn member(&mut self, name: &str, at: Span, resource: &str) {
        let Some(help) = wrong_member(name) else { return };
        let message = format!("`{name}` is not an IAM member");
        self.report(INVALID_MEMBER.finding(message).at(at).help(help).resource(resource));
    }

    fn deny_policies(&mut self) {
        let topology = self.topology;
        for (id, entry) in &topology.deny_policies {
            let policy = &entry.value;
            let resource = format!("deny_policy/{id}");
            for permission in policy.permissions.iter().chain(&policy.exception_permissions) {
                self.permission(permission, &resource);
            }
            for (name, at) in
                policy.principals.iter().chain(&policy.exception_principals).flat_map(each)
            {
                if name == "allUsers" {
                    let message = "`allUsers` is for bindings".to_owned();
                    let finding = DENIED_MEMBER.finding(message).at(at);
                    let help = "write `principalSet://goog/public:all`";
                    self.report(finding.help(help).resource(&resource));
                } else {
                    self.member(name, at, &resource);
                }
            }
            if let Some(text) = &policy.condition {
                self.expression(&text.value, text.span, Dialect::IamCondition, &resource);
            }
        }
        for (id, entry) in &topology.access_boundaries {
            for (name, at) in entry.value.principals.iter().flat_map(each) {
                self.member(name, at, &format!("access_boundary/{id}"));
            }
        }
    }

    fn permission(&mut self, permission: &Spanned<String>, resource: &str) {
        let text = permission.value.as_str();
        let fits = text.split_once('/').is_some_and(|(service, rest)| {
            service.ends_with(".googleapis.com") && (rest == "*" || rest.contains('.'))
        });
        if fits {
            return;
        }
        let message = format!("`{text}` is not a permission that can be denied");
        let mut finding = INVALID_PERMISSION.finding(message).at(permission.span);
        finding = finding.help("write it like `run.googleapis.com/routes.invoke`");
        if let Some((service, rest)) = text.split_once('.')
            && !text.contains('/')
            && rest.contains('.')
        {
            finding = finding.help(format!("write `{service}.googleapis.com/{rest}`"));
        }
        self.report(finding.resource(resource));
    }

    /// Basic roles of the accounts that services, jobs and worker pools run as.
    fn basic_roles(&mut self) {
        let topology = self.topology;
        let mut runs: std::collections::HashMap<String, String> = std::collections::HashMap::new();
        for (index, (id, _)) in topology.services.iter().enumerate() {
            let account = topology.service_account(index).to_ascii_lowercase();
            runs.entry(account).or_insert_with(|| format!("service/{id}"));
        }
        for (index, (id, _)) in topology.jobs.iter().enumerate() {
            let account = topology.job_account(index).to_ascii_lowercase();
            runs.entry(account).or_insert_with(|| format!("job/{id}"));
        }
        for (index, (id, _)) in topology.worker_pools.iter().enumerate() {
            let account = topology.worker_pool_account(index).to_ascii_lowercase();
            runs.entry(account).or_insert_with(|| format!("worker_pool/{id}"));
        }
        let organization = topology.organization.iter();
        let organization = organization.map(|each| ("organization".to_owned(), &each.iam));
        let folders = topology.folders.iter();
        let folders = folders.map(|(id, entry)| (format!("folder/{id}"), &entry.value.iam));
        let projects = topology.projects.iter();
        let projects = projects.map(|(id, entry)| (format!("project/{id}"), &entry.value.iam));
        for (resource, bindings) in organization.chain(folders).chain(projects) {
            for binding in bindings {
                let Some(role) = binding.role.as_ref().and_then(Field::known) else { continue };
                if !matches!(role.as_str(), "roles/owner" | "roles/editor") {
                    continue;
                }
                for (name, at) in binding.members.iter().flat_map(each) {
                    let Some(email) = name.strip_prefix("serviceAccount:") else { continue };
                    let Some(who) = runs.get(&email.to_ascii_lowercase()) else { continue };
                    let message = format!("the account of {who} has `{role}` on {resource}");
                    let finding = BASIC_ROLE.finding(message).at(at);
                    let help = "bind the roles that it needs, where it needs them";
                    self.report(finding.help(help).resource(&resource));
                }
            }
        }
    }
}

/// Why a text is no member.
fn wrong_member(name: &str) -> Option<String> {
    if matches!(name, "allUsers" | "allAuthenticatedUsers") {
        return None;
    }
    if name.starts_with("principal://") || name.starts_with("principalSet://") {
        return None;
    }
    let Some((kind, rest)) = name.split_once(':') else {
        let words = ["allUsers", "allAuthenticatedUsers"];
        if let Some(near) = crate::source::nearest(name, words) {
            return Some(format!("did you mean `{near}`?"));
        }
        return Some(match name {
            _ if name.ends_with(".gserviceaccount.com") => format!("write `serviceAccount:{name}`"),
            _ if name.contains('@') => format!("write `user:{name}` or `group:{name}`"),
            _ => "write what kind of member it is, like `user:` or `group:`".to_owned(),
        });
    };
    let mail = || {
        let whole = rest.split_once('@').is_some_and(|(user, host)| {
            !user.is_empty() && !host.is_empty() && !host.contains('@')
        });
        if whole { None } else { Some(format!("write an address, like `{kind}:name@example.com`")) }
    };
    match kind {
        "user" | "serviceAccount" | "group" => mail(),
        "domain" if rest.is_empty() || rest.contains('@') => {
            Some("write a domain, like `domain:example.com`".to_owned())
        }
        "domain" | "deleted" | "projectOwner" | "projectEditor" | "projectViewer" => None,
        _ => {
            let kinds = ["user", "serviceAccount", "group", "domain"];
            Some(match crate::source::nearest(kind, kinds) {
                Some(near) => format!("did you mean `{near}:{rest}`?"),
                None => {
                    "members begin with `user:`, `serviceAccount:`, `group:` or `domain:`".into()
                }
            })
        }
    }
}
