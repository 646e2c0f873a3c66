//! Names of services that Cloud Run does not take, or makes no URL of.

use super::Linter;
use crate::source::{Span, codes};
use crate::topology::organization::Project;
use crate::topology::record::Id;
use crate::topology::service::Service;

codes! {
    INVALID_SERVICE_NAME = Warning "invalid-service-name" {
        "a name that Cloud Run does not accept",
        "A name has at most 49 lower-case letters, digits and hyphens, begins with a letter and \
         does not end with a hyphen.",
        "services:
  web: {region: europe-west1, name: Web_Site}
",
    }
    NO_DETERMINISTIC_URL = Note "no-deterministic-url" "ING-043" {
        "a name too long for the deterministic URL",
        "the URL with the project number exists only if its first label has at most 63 characters",
        "projects:
  shop: {number: 123456789012}
services:
  web:
    region: europe-west1
    traffic_tags: [a-tag-for-the-revision-that-is-to-come-after-this-one]
",
    }
    INVALID_HASH = Warning "invalid-hash" "ING-043" {
        "a hash that is none",
        "the hash form of a run.app URL has ten lower-case letters and digits before the region",
        "projects:
  shop: {hash: abc}
",
    }
}

/// The longest label of a DNS name.
const LABEL: usize = 63;

impl Linter<'_, '_> {
    pub(super) fn names(&mut self) {
        let topology = self.topology;
        for (id, entry) in &topology.projects {
            if let Some(hash) = &entry.value.hash {
                let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
                if hash.len() != 10 || !hash.bytes().all(fits) {
                    let message = format!("`{}` is not the hash of a run.app URL", hash.value);
                    let help = "take the ten characters before the region in a URL like \
                                `web-abcdefghij-an.a.run.app`";
                    let finding = INVALID_HASH.finding(message).at(hash.span).help(help);
                    self.report(finding.resource(format!("project/{id}")));
                }
            }
        }
        for (index, (id, entry)) in topology.services.ids().zip(&topology.services) {
            let service = &entry.value;
            let name = topology.service_name(index);
            let at = service.name.as_ref().map_or(entry.key_span, |name| name.span);
            let resource = format!("service/{id}");
            if !is_service_name(name) {
                let message = format!("`{name}` is not a name that Cloud Run accepts");
                let help = match service.name {
                    Some(_) => "take lower-case letters, digits and hyphens, with a letter first",
                    None => "give the name in URLs as `name`",
                };
                let finding = INVALID_SERVICE_NAME.finding(message).at(at).help(help);
                self.report(finding.resource(&resource));
            }
            let project = topology.service_project(index);
            self.label_length(index, &resource, project, name, at);
        }
    }

    fn label_length(
        &mut self,
        index: Id<Service>,
        resource: &str,
        project: Option<Id<Project>>,
        name: &str,
        at: Span,
    ) {
        let topology = self.topology;
        let Some(number) = project.and_then(|project| topology.project_number(project)) else {
            return;
        };
        let (_, entry) = topology.services.at(index);
        let own = format!("{name}-{number}");
        if own.len() > LABEL {
            let message = format!("{resource} has no deterministic URL");
            let label = format!("`{own}` has {} characters", own.len());
            let finding = NO_DETERMINISTIC_URL.finding(message).label(at, label);
            return self.report(finding.resource(resource));
        }
        for tag in &entry.value.traffic_tags {
            let label = format!("{}---{own}", tag.value);
            if label.len() > LABEL {
                let message =
                    format!("the tag `{}` of {resource} has no deterministic URL", tag.value);
                let words = format!("`{label}` has {} characters", label.len());
                let finding = NO_DETERMINISTIC_URL.finding(message).label(tag.span, words);
                self.report(finding.resource(resource));
            }
        }
    }
}

fn is_service_name(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    name.len() <= 49
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && !name.ends_with('-')
        && name.bytes().all(fits)
}
