//! Security policies where they are attached: to backends, buckets and the hierarchy.

use super::Checker;
use crate::inventory::relations::is_external;
use crate::source::Span;
use crate::source::codes;
use crate::topology::load_balancer::{Backend, LoadBalancer};
use crate::topology::record::Field;
use crate::topology::record::each;
use crate::topology::security_policy::{Action, PolicyType, SecurityPolicy};

codes! {
    POLICY_SCOPE = Error "policy-scope" "ING-138" {
        "a security policy of another scope than the load balancer",
        "a regional load balancer takes a policy of its region, a global one a global policy",
        "services:
  web: {region: europe-west1}
backends:
  web: {services: [web], security_policy: edge}
security_policies:
  edge: {rules: [{priority: 1, action: deny(403), source_ranges: [192.0.2.0/24]}]}
load_balancers:
  edge: {kind: regional-external, region: europe-west1, url_map: {default: web}}
",
    }
    POLICY_TYPE = Error "policy-type" "ING-117" {
        "a security policy of the wrong type",
        "`security_policy` and the hierarchy take policies of type `backend`, \
         `edge_security_policy` those of type `edge`",
        "services:
  web: {region: europe-west1}
backends:
  web: {services: [web], security_policy: edge}
security_policies:
  edge: {type: edge, rules: [{priority: 1, action: deny(403), source_ranges: [192.0.2.0/24]}]}
",
    }
    GOTO_NEXT = Error "goto-next" "ING-136" {
        "`goto_next` in a policy of a backend",
        "only policies of the organization, a folder or a project leave a decision to the next \
         level",
        "services:
  web: {region: europe-west1}
backends:
  web: {services: [web], security_policy: edge}
security_policies:
  edge: {rules: [{priority: 1, action: goto_next, source_ranges: [192.0.2.0/24]}]}
",
    }
}

impl Checker<'_, '_> {
    pub(super) fn attached_to(&mut self) {
        let topology = self.topology;
        for (id, entry) in &topology.backends {
            let resource = format!("backend/{id}");
            self.attached(id, &entry.value, &resource);
        }
        for (id, entry) in &topology.backend_buckets {
            let resource = format!("backend_bucket/{id}");
            if let Some(field) = &entry.value.edge_security_policy {
                self.attached_edge(field, &resource);
            }
        }
        self.hierarchy_types();
    }

    fn attached(&mut self, id: &str, backend: &Backend, resource: &str) {
        let topology = self.topology;
        if let Some(field) = &backend.edge_security_policy {
            self.attached_edge(field, resource);
        }
        let Some(field) = &backend.security_policy else { return };
        let fronts: Vec<(&str, &LoadBalancer)> = self.relations.fronts(topology, id).collect();
        for (name, at) in each(field) {
            let Some(policy) = topology.security_policies.get(name) else { continue };
            self.policy_type(name, policy, PolicyType::Backend, at, resource);
            self.no_goto_next(name, policy, at, resource);
            for (front, load_balancer) in &fronts {
                self.policy_scope(name, policy, at, front, load_balancer, resource);
            }
        }
    }

    fn attached_edge(&mut self, field: &Field<String>, resource: &str) {
        let topology = self.topology;
        for (name, at) in each(field) {
            let Some(policy) = topology.security_policies.get(name) else { continue };
            self.policy_type(name, policy, PolicyType::Edge, at, resource);
            self.no_goto_next(name, policy, at, resource);
            if let Some(region) = &policy.region {
                let message =
                    format!("security_policy/{name} is regional, edge policies are global");
                let finding = POLICY_SCOPE.finding(message).at(at);
                self.report(finding.also(region.span, "its region").resource(resource));
            }
        }
    }

    fn policy_scope(
        &mut self,
        name: &str,
        policy: &SecurityPolicy,
        at: Span,
        front: &str,
        load_balancer: &LoadBalancer,
        resource: &str,
    ) {
        let kind = &load_balancer.kind;
        let own = load_balancer.region.as_ref().and_then(Field::known);
        let message = match (&policy.region, kind.value.is_regional()) {
            (None, true) => {
                format!("security_policy/{name} is global, load_balancer/{front} regional")
            }
            (Some(_), false) if is_external(load_balancer) => {
                format!("security_policy/{name} is regional, load_balancer/{front} global")
            }
            (Some(region), true) if own.is_some_and(|own| *own != region.value) => format!(
                "security_policy/{name} is in `{}`, load_balancer/{front} in `{}`",
                region.value,
                own.map_or("", String::as_str)
            ),
            _ => return,
        };
        let place = match (&policy.region, &load_balancer.region) {
            (Some(region), _) => (region.span, "the policy's region"),
            (None, Some(region)) => (region.span, "the load balancer's region"),
            (None, None) => (kind.span, "its kind"),
        };
        let help = match own {
            Some(own) if kind.value.is_regional() => {
                format!("take a policy with `region: {own}`")
            }
            _ => "take a policy without `region`".to_owned(),
        };
        let finding = POLICY_SCOPE.finding(message).at(at).also(place.0, place.1);
        self.report(finding.help(help).resource(resource));
    }

    fn policy_type(
        &mut self,
        name: &str,
        policy: &SecurityPolicy,
        wanted: PolicyType,
        at: Span,
        resource: &str,
    ) {
        let kind = policy.r#type();
        if kind == wanted {
            return;
        }
        let message = format!("security_policy/{name} is of type `{kind}`, not `{wanted}`");
        let mut finding = POLICY_TYPE.finding(message).at(at);
        if let Some(kind) = &policy.r#type {
            finding = finding.also(kind.span, "its type");
        }
        if kind == PolicyType::Edge {
            finding = finding.help("attach it as `edge_security_policy`");
        } else if wanted == PolicyType::Edge && kind == PolicyType::Backend {
            finding = finding.help("attach it as `security_policy`");
        }
        self.report(finding.resource(resource));
    }

    fn no_goto_next(&mut self, name: &str, policy: &SecurityPolicy, at: Span, resource: &str) {
        let rule = policy.rules.iter().find(|rule| rule.action.value == Action::GoToNext);
        if let Some(rule) = rule {
            let message = format!(
                "a rule of security_policy/{name} goes to the next level, but there is none"
            );
            let finding = GOTO_NEXT.finding(message).at(rule.action.span);
            self.report(finding.also(at, "attached here").resource(resource));
        }
    }

    fn hierarchy_types(&mut self) {
        let topology = self.topology;
        let organization = topology.organization.iter();
        let organization =
            organization.map(|each| ("organization".to_owned(), &each.security_policies));
        let folders = topology.folders.iter();
        let folders =
            folders.map(|(id, entry)| (format!("folder/{id}"), &entry.value.security_policies));
        let projects = topology.projects.iter();
        let projects =
            projects.map(|(id, entry)| (format!("project/{id}"), &entry.value.security_policies));
        for (resource, policies) in organization.chain(folders).chain(projects) {
            for name in policies {
                let Some(policy) = topology.security_policies.get(&name.value) else { continue };
                self.policy_type(&name.value, policy, PolicyType::Backend, name.span, &resource);
                if let Some(region) = &policy.region {
                    let message =
                        format!("security_policy/{} is regional, the hierarchy global", name.value);
                    let finding = POLICY_SCOPE.finding(message).at(name.span);
                    self.report(finding.also(region.span, "its region").resource(&resource));
                }
            }
        }
    }
}
