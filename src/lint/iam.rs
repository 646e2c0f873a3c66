//! Bindings that let nobody pass, or more than is needed.

use std::collections::HashMap;

use super::Linter;
use crate::inventory::bindings::{Bound, Purpose, above, bindings};
use crate::source::codes;
use crate::topology::cel::Dialect;
use crate::topology::iam::{ACCESSOR, INVOKER, INVOKING_ROLES};
use crate::topology::record::{Field, each, every};

codes! {
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

impl<'t> Linter<'t, '_> {
    pub(super) fn iam(&mut self) {
        for bound in bindings(self.topology) {
            self.role_effect(&bound);
            let invokes = bound.role().is_some_and(|role| INVOKING_ROLES.contains(&role));
            if invokes && bound.purpose != Purpose::Iap {
                self.levels(&bound);
            }
            if invokes && bound.purpose == Purpose::Invocation {
                self.federated(&bound);
            }
        }
        self.basic_roles();
    }

    fn role_effect(&mut self, bound: &Bound<'_>) {
        for (role, at) in every(&bound.binding.role) {
            // Roles of one's own may contain the permission.
            let own = !role.starts_with("roles/");
            let (fits, wanted, what) = match bound.purpose {
                Purpose::Invocation => (INVOKING_ROLES.contains(&role.as_str()), INVOKER, "invoke"),
                Purpose::Iap => (role == ACCESSOR, ACCESSOR, "pass IAP"),
                Purpose::Any => return,
            };
            if !fits && !own {
                let message = format!("`{role}` does not let anybody {what}");
                let finding = ROLE_WITHOUT_EFFECT.finding(message).at(at);
                let help = format!("leave it out for `{wanted}`");
                self.report(finding.help(help).resource(&bound.resource));
            }
        }
    }

    /// Access levels, named or in a condition, that never hold.
    fn levels(&mut self, bound: &Bound<'t>) {
        let Bound { binding, resource, .. } = bound;
        let named = binding.access_levels.first().map(|level| level.span);
        let asked = binding.condition.as_ref().filter(|text| {
            let asks = self
                .expressions
                .ask(&text.value, Dialect::IamCondition, |read| !read.access_levels.is_empty());
            asks == Some(true)
        });
        if let Some(at) = named.or(asked.map(|text| text.span)) {
            let message = format!("a binding on {resource} asks for an access level");
            let finding = ACCESS_LEVEL_WITHOUT_IAP.finding(message).at(at);
            let help = "turn on `iap`, and ask for the level of its accessors";
            self.report(finding.help(help).resource(resource));
        }
    }

    fn federated(&mut self, bound: &Bound<'_>) {
        let Bound { binding, resource, .. } = bound;
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

    /// Basic roles of the accounts that services, jobs and worker pools run as.
    fn basic_roles(&mut self) {
        let topology = self.topology;
        let mut runs: HashMap<String, String> = HashMap::new();
        for (index, (id, _)) in topology.services.ids().zip(&topology.services) {
            let account = topology.service_account(index).to_ascii_lowercase();
            runs.entry(account).or_insert_with(|| format!("service/{id}"));
        }
        for (index, (id, _)) in topology.jobs.ids().zip(&topology.jobs) {
            let account = topology.job_account(index).to_ascii_lowercase();
            runs.entry(account).or_insert_with(|| format!("job/{id}"));
        }
        for (index, (id, _)) in topology.worker_pools.ids().zip(&topology.worker_pools) {
            let account = topology.worker_pool_account(index).to_ascii_lowercase();
            runs.entry(account).or_insert_with(|| format!("worker_pool/{id}"));
        }
        for Bound { binding, resource, .. } in above(topology) {
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
