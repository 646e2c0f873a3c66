//! Identity-Aware Proxy: who passes it, and whether its agent may invoke.

use super::Linter;
use crate::source::{Span, codes};
use crate::topology::iam::Iap;
use crate::topology::organization::Project;
use crate::topology::record::Field;
use crate::topology::record::Id;
use crate::topology::service::Service;

codes! {
    IAP_AGENT = Warning "iap-agent-not-invoker" "ING-141" {
        "IAP whose agent may not invoke the service",
        "behind IAP the service is called by IAP's service agent, which needs roles/run.invoker",
        "projects:
  shop: {number: 123456789012}
services:
  web: {region: europe-west1, iap: {accessors: [user:alice@example.com]}}
",
    }
    IAP_OPEN = Warning "iap-open" "ING-143" {
        "IAP that everybody passes",
        "IAP lets its accessors pass, and allUsers is everybody",
        "services:
  web: {region: europe-west1, invokers: [allUsers], iap: {accessors: [allUsers]}}
",
    }
    IAP_WITHOUT_ACCESSORS = Note "iap-without-accessors" "ING-143" {
        "IAP that nobody passes",
        "IAP lets only its accessors pass",
        "services:
  web: {region: europe-west1, invokers: [allUsers], iap: true}
",
    }
}

impl Linter<'_, '_> {
    pub(super) fn iap(&mut self) {
        let topology = self.topology;
        for (index, (id, entry)) in topology.services.ids().zip(&topology.services) {
            let service = &entry.value;
            let resource = format!("service/{id}");
            if let Some(iap) = service.iap.as_ref().filter(|_| service.iap().is(true)) {
                self.accessors(iap, &resource);
                if let Some(project) = topology.service_project(index) {
                    self.agent(index, id, service, project, iap.span, &resource);
                }
            }
        }
        for (id, entry) in &topology.backends {
            let backend = &entry.value;
            let resource = format!("backend/{id}");
            let Some(iap) = backend.iap.as_ref().filter(|_| backend.iap().is(true)) else {
                continue;
            };
            self.accessors(iap, &resource);
            let project = topology.backend_project(backend);
            for neg in &backend.services {
                let Some(name) = neg.service.as_ref().and_then(Field::known) else { continue };
                let Some(index) = topology.services.id_of(name) else { continue };
                let (_, entry) = topology.services.at(index);
                let service = &entry.value;
                if let Some(project) = project {
                    self.agent(index, name, service, project, iap.span, &resource);
                }
            }
        }
    }

    fn agent(
        &mut self,
        index: Id<Service>,
        name: &str,
        service: &Service,
        project: Id<Project>,
        at: Span,
        resource: &str,
    ) {
        let topology = self.topology;
        if !self.relations.is_private(topology, index, service) {
            return;
        }
        let agent = topology.iap_agent(project);
        if self.relations.account_invokes(topology, index, service, &agent) {
            return;
        }
        if topology.project_number(project).is_none() {
            // Without the number the agent has no name to compare with.
            let members = service.invokers.iter().chain(&service.iam);
            let mut members = members.flat_map(|binding| &binding.members);
            let is_agent = |name: &String| name.contains("@gcp-sa-iap.");
            if members.any(|member| member.known().is_some_and(is_agent)) {
                return;
            }
        }
        let project_name = topology.project_id(project);
        let message =
            format!("the agent of IAP in project/{project_name} is no invoker of service/{name}");
        let finding = IAP_AGENT.finding(message).at(at);
        let number = topology.project_number(project);
        let number = number.map_or("PROJECT_NUMBER".to_owned(), |number| number.to_string());
        let help = format!(
            "add `serviceAccount:service-{number}@gcp-sa-iap.iam.gserviceaccount.com` to the \
             invokers of service/{name}"
        );
        self.report(finding.help(help).resource(resource));
    }

    fn accessors(&mut self, iap: &Iap, resource: &str) {
        let everybody = iap.accessors.iter().find_map(|binding| {
            let mut members = binding.members.iter();
            members.find(|member| member.known().is_some_and(|member| member == "allUsers"))
        });
        if let Some(member) = everybody {
            let message = format!("everybody passes IAP on {resource}");
            let finding = IAP_OPEN.finding(message).at(member.span);
            self.report(finding.help("name the accessors").resource(resource));
        }
        if iap.accessors.is_empty() && !iap.span.is_none() {
            let message = format!("nobody passes IAP on {resource}");
            let finding = IAP_WITHOUT_ACCESSORS.finding(message).at(iap.span);
            self.report(finding.help("name the `accessors`").resource(resource));
        }
    }
}
