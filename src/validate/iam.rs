//! Bindings, members, deny policies.

use super::Checker;
use crate::inventory::bindings::{Bound, Purpose, bindings};
use crate::source::Span;
use crate::source::codes;
use crate::topology::cel::Dialect;
use crate::topology::iam::Binding;
use crate::topology::record::{Spanned, each};

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
}

const BASIC_ROLES: &[&str] = &["roles/owner", "roles/editor", "roles/viewer"];

impl<'t> Checker<'t, '_> {
    pub(super) fn iam(&mut self) {
        let topology = self.topology;
        for bound in bindings(topology) {
            self.binding(&bound);
        }
        for (id, entry) in &topology.jobs {
            let resource = format!("job/{id}");
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
    }

    fn binding(&mut self, bound: &Bound<'t>) {
        let topology = self.topology;
        let Bound { binding, purpose, resource } = bound;
        for (name, at) in binding.members.iter().flat_map(each) {
            self.member(name, at, resource);
        }
        if binding.role.is_none() && *purpose == Purpose::Any {
            let message = format!("a binding on {resource} has no role");
            let finding = MISSING_ROLE.finding(message).at(binding.span);
            self.report(finding.help("add `role`").resource(resource));
        }
        for level in &binding.access_levels {
            self.refer("access level", &topology.access_levels, level, level.span, resource);
        }
        self.condition(binding, bound.role(), resource);
        if let Some(text) = &binding.condition {
            self.expression(&text.value, text.span, Dialect::IamCondition, resource);
        }
    }

    fn condition(&mut self, binding: &Binding, role: Option<&str>, resource: &str) {
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
