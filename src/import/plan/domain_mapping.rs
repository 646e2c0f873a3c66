//! Domain mappings.

use std::sync::Arc;

use crate::topology::record::{Field, Labels, Spanned};
use crate::topology::service::DomainMapping;
use crate::topology::unread::Skipped;

use super::cursor::{AFTER_APPLY, Read};
use super::document::PlanResource;
use super::iam::{MANY, Target};
use super::{PlanReader, WAY_IN, assumed, attribute, names};

/// The type of domain mappings.
pub const KIND: &str = "google_cloud_run_domain_mapping";

impl<'a> PlanReader<'_, 'a, '_> {
    /// Adds the domain mappings.
    pub fn read_domain_mappings(&mut self) {
        let resources = self.resources(&[KIND]);
        let ids = names::ids(resources.iter().map(|(_, resource)| *resource));
        for ((_, resource), id) in resources.into_iter().zip(ids) {
            let Some(mapping) = self.domain_mapping(resource) else { continue };
            self.keep_address("domain_mapping", &id, resource);
            self.imported.topology.domain_mappings.insert(id, resource.span, mapping);
        }
    }

    fn domain_mapping(&mut self, resource: &PlanResource<'a>) -> Option<DomainMapping> {
        let path = attribute::ROUTE_NAME;
        let service = match self.target(resource, path) {
            Target::Outside => {
                self.report_outside(resource, path, "domain mapping", WAY_IN);
                return None;
            }
            Target::One(at) => {
                let id = self.services.get(at)?.id.as_ref().to_owned();
                let span = match resource.root.text(path) {
                    Read::Known(_, span) => span,
                    Read::Unset | Read::Unknown(_) => resource.span,
                };
                Field::given(id, span)
            }
            Target::Maybe(services) if services.len() > MANY => {
                assumed(resource, path, AFTER_APPLY, Vec::new())
            }
            Target::Maybe(services) => {
                let services = services.into_iter().filter_map(|at| self.services.get(at));
                let candidates = services
                    .map(|each| Spanned::new(each.id.as_ref().to_owned(), resource.span))
                    .collect();
                assumed(resource, path, AFTER_APPLY, candidates)
            }
        };
        let Read::Known(host, span) = resource.root.text(attribute::NAME) else {
            let what = Skipped::HostOf(Arc::clone(&resource.address));
            let candidates = service.candidates().iter().map(|each| &each.value);
            let services = service.known().into_iter().chain(candidates);
            let services = services.map(|id| id.as_str().into()).collect();
            self.skip_way_in(what, services, resource.span);
            return None;
        };
        let host = Some(Spanned::new(host.to_owned(), span));
        Some(DomainMapping { host, service, labels: Labels::new(), span: resource.span })
    }
}
