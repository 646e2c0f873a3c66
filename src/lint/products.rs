//! What stands in the way of Google products that call services.

use crate::topology::record::Id;
use std::collections::HashMap;

use super::Linter;
use crate::inventory::relations::stands_for;
use crate::source::{Finding, Span, codes};
use crate::topology::organization::Product;
use crate::topology::record::Field;
use crate::topology::service::{Ingress, Service};
use crate::topology::url::Url;

codes! {
    PRODUCT_CUT_OFF = Warning "product-cut-off" "ING-047" {
        "a product that calls a URL that is off",
        "products call the run.app URL, which does not answer if the default URL is off",
        "services:
  web: {region: europe-west1, default_url: false}
products:
  orders: {kind: pubsub, service: web, service_account: push@shop.iam.gserviceaccount.com}
",
    }
    PRODUCT_WITHOUT_TOKEN = Warning "product-without-token" "ING-174" {
        "a product that calls a private service without a token",
        "a product without a service account sends no token, and is answered 403",
        "services:
  web: {region: europe-west1}
products:
  orders: {kind: pubsub, service: web}
",
    }
    PRODUCT_NOT_INVOKER = Warning "product-not-invoker" "ING-172" {
        "a product whose account may not invoke the service",
        "the account whose token a product sends needs roles/run.invoker",
        "services:
  web: {region: europe-west1}
products:
  orders: {kind: pubsub, service: web, service_account: push@shop.iam.gserviceaccount.com}
",
    }
    PRODUCT_OF_OTHER_PROJECT = Warning "product-of-other-project" "ING-182" {
        "a product of another project before an internal service",
        "products count as internal only in the service's project or in a perimeter with it",
        "projects: {shop: {}, tools: {}}
services:
  web: {project: shop, region: europe-west1, ingress: internal, invokers: [allUsers]}
products:
  nightly: {kind: scheduler, project: tools, service: web}
",
    }
    PRODUCT_BY_DOMAIN = Warning "product-by-domain" "ING-036" {
        "a product that calls an internal service by its own domain",
        "products count as internal only at the run.app URL, not at a mapped domain",
        "services:
  web: {region: europe-west1, ingress: internal, invokers: [allUsers]}
domain_mappings:
  www.example.com: {service: web}
products:
  orders: {kind: pubsub, url: \"https://www.example.com/push\"}
",
    }
    PRODUCT_BEFORE_IAP = Warning "product-before-iap" "ING-145" {
        "a product that calls a service behind IAP",
        "IAP intercepts first, and does not take the tokens of products that are not its accessors",
        "services:
  web:
    region: europe-west1
    invokers: [allUsers]
    iap: {accessors: [user:alice@example.com]}
products:
  orders: {kind: pubsub, service: web, service_account: push@shop.iam.gserviceaccount.com}
",
    }
}

impl Linter<'_, '_> {
    pub(super) fn products(&mut self) {
        let topology = self.topology;
        if topology.products.is_empty() {
            return;
        }
        let mut mapped: HashMap<String, Id<Service>> = HashMap::new();
        for (id, entry) in &topology.domain_mappings {
            let host = entry.value.host.as_ref().map_or(&**id, |host| &host.value);
            let service = entry.value.service.known();
            if let Some(index) = service.and_then(|name| topology.services.id_of(name)) {
                mapped.insert(host.to_ascii_lowercase(), index);
            }
        }
        let run_app = self.run_app_names();
        for (id, entry) in &topology.products {
            let product = &entry.value;
            let resource = format!("product/{id}");
            if let Some(field) = &product.service {
                let index = field.known().and_then(|name| topology.services.id_of(name));
                if let Some(index) = index {
                    self.call(product, index, field.span, true, &resource);
                }
            } else if let Some(url) = &product.url {
                let Some(Url { host, .. }) = Url::parse(&url.value) else { continue };
                if let Some(index) = run_app.get(&host) {
                    self.call(product, *index, url.span, true, &resource);
                } else if let Some(index) = mapped.get(&host) {
                    self.call(product, *index, url.span, false, &resource);
                }
            }
        }
    }

    /// The deterministic run.app names of services.
    fn run_app_names(&self) -> HashMap<String, Id<Service>> {
        let topology = self.topology;
        let names = topology.services.with_ids();
        names
            .filter_map(|(index, service)| {
                let number = topology.project_number(topology.service_project(index)?)?;
                let region = service.region.known()?;
                let name = topology.service_name(index).to_ascii_lowercase();
                Some((format!("{name}-{number}.{region}.run.app"), index))
            })
            .collect()
    }

    /// What stands in the way of a product that calls a service.
    fn call(
        &mut self,
        product: &Product,
        index: Id<Service>,
        at: Span,
        run_app: bool,
        resource: &str,
    ) {
        let topology = self.topology;
        let (id, entry) = topology.services.at(index);
        let service = &entry.value;
        if let Some(url) = service.default_url.as_ref().filter(|_| run_app)
            && url.known() == Some(&false)
        {
            let message = format!("{resource} calls the run.app URL of service/{id}, which is off");
            let finding = PRODUCT_CUT_OFF.finding(message).at(at).also(url.span, "off");
            let help = "turn it on, and set `ingress` so that only internal sources use it";
            self.report(finding.help(help).resource(resource));
        }
        let internal = matches!(
            service.ingress().known(),
            Some(Ingress::Internal | Ingress::InternalAndLoadBalancing)
        );
        let setting = service.ingress.as_ref().map_or(entry.key_span, |ingress| ingress.span);
        if internal && !run_app {
            let message = format!("{resource} calls service/{id} by its own domain, from outside");
            let finding = PRODUCT_BY_DOMAIN.finding(message).at(at);
            let finding = finding.also(setting, "admits internal sources only");
            self.report(finding.help(format!("write `service: {id}`")).resource(resource));
        }
        // At the domain of a service it comes from outside, whatever its project.
        if internal && run_app && self.outside(product, index) {
            let message = format!("{resource} is outside of the project of service/{id}");
            let place = product.project.as_ref().map_or(at, |project| project.span);
            let finding = PRODUCT_OF_OTHER_PROJECT.finding(message).at(place);
            let finding = finding.also(setting, "admits internal sources only");
            let help = "move it there, or put both projects into one perimeter";
            self.report(finding.help(help).resource(resource));
        }
        self.token(product, index, id, service, at, resource);
    }

    /// Whether a product is for certain in another project than the service, and no perimeter
    /// has both.
    fn outside(&self, product: &Product, index: Id<Service>) -> bool {
        let topology = self.topology;
        let own = topology.project(product.project.as_ref());
        match (own, topology.service_project(index)) {
            (Some(own), Some(theirs)) => {
                own != theirs && !topology.share_perimeter([own, theirs], |_| true)
            }
            _ => false,
        }
    }

    fn token(
        &mut self,
        product: &Product,
        index: Id<Service>,
        id: &str,
        service: &Service,
        at: Span,
        resource: &str,
    ) {
        let topology = self.topology;
        let account = product.service_account.as_ref();
        let email = account
            .and_then(Field::known)
            .map(|email| email.strip_prefix("serviceAccount:").unwrap_or(email));
        if let Some(iap) = service.iap.as_ref().filter(|_| service.iap().is(true)) {
            let known = iap.accessors.iter().flat_map(|binding| &binding.members);
            let passes = |member: &Field<String>| match (member.known(), email) {
                (Some(member), _) if member == "allUsers" => true,
                (Some(member), Some(email)) => stands_for(topology, member, email, 0),
                (None, _) => true,
                _ => false,
            };
            if !known.into_iter().any(passes) {
                let message = format!("IAP on service/{id} refuses {resource}");
                let finding = PRODUCT_BEFORE_IAP.finding(message).at(at);
                let finding = finding.also(iap.span, "IAP");
                self.report(finding.resource(resource));
            }
            return;
        }
        if !self.relations.is_private(topology, index, service) || !service.invoker_check().is(true)
        {
            return;
        }
        let finding: Finding = match (account, email) {
            (None, _) => PRODUCT_WITHOUT_TOKEN
                .finding(format!("{resource} sends no token, but service/{id} is private"))
                .at(at)
                .help("give it a `service_account` that is an invoker"),
            (Some(account), Some(email))
                if !self.relations.account_invokes(topology, index, service, email)
                    && !self.conditional(service, email) =>
            {
                PRODUCT_NOT_INVOKER
                    .finding(format!("the account of {resource} is no invoker of service/{id}"))
                    .at(account.span)
                    .help(format!("add `serviceAccount:{email}` to the invokers of service/{id}"))
            }
            _ => return,
        };
        self.report(finding.resource(resource));
    }

    /// Whether an account may invoke a service under a condition, or by a role of one's own.
    fn conditional(&self, service: &Service, email: &str) -> bool {
        let mut members =
            service.invokers.iter().chain(&service.iam).flat_map(|each| &each.members);
        members.any(|member| {
            member.known().is_some_and(|member| stands_for(self.topology, member, email, 0))
        })
    }
}
