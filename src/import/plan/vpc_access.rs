//! How a service sends into a VPC network. Networks and connectors are not read, so this says only
//! that it does, by which kind of attachment, and what it sends.

use serde_json::Value as Json;

use crate::source::code;
use crate::topology::record::{Field, Spanned};
use crate::topology::service::{Egress, VpcAccess};

use super::attribute::{self, AttributePath};
use super::cursor::{Read, Why};
use super::document::PlanResource;
use super::{PlanReader, assumed, not_known, service};

impl<'a> PlanReader<'_, 'a, '_> {
    /// What is known of a service's way into a network. That the network itself is not known is
    /// told where it is looked for.
    pub fn vpc_access(&mut self, resource: &PlanResource<'a>) -> Option<VpcAccess> {
        match resource.kind {
            service::V2 => self.v2_access(resource),
            _ => self.v1_access(resource),
        }
    }

    fn v2_access(&mut self, resource: &PlanResource<'a>) -> Option<VpcAccess> {
        let span = match resource.root.list(attribute::VPC_ACCESS) {
            Read::Known(..) => resource.span,
            Read::Unset => return None,
            Read::Unknown(why) => return Some(hidden(resource, attribute::VPC_ACCESS, why)),
        };
        let read = resource.root.text(attribute::CONNECTOR);
        let connector = outside(resource, attribute::CONNECTOR, read, "connector");
        let mut access = VpcAccess {
            connector,
            network: None,
            subnet: None,
            tags: Vec::new(),
            egress: self.egress(resource, attribute::EGRESS),
            span,
        };
        let interfaces = match resource.root.list(attribute::INTERFACES) {
            Read::Known(interfaces, _) => interfaces,
            Read::Unset => Vec::new(),
            Read::Unknown(why) => {
                access.network = Some(not_known(resource, attribute::INTERFACES, why));
                Vec::new()
            }
        };
        // There is at most one (EGR-001).
        if let Some(interface) = interfaces.first() {
            let path = |path: AttributePath| format!("{}.{path}", attribute::INTERFACES);
            let (network, subnet) = (attribute::NETWORK, attribute::SUBNETWORK);
            let read = interface.text(network);
            access.network = outside(resource, path(network), read, "network");
            let read = interface.text(subnet);
            access.subnet = outside(resource, path(subnet), read, "subnet");
            if let Read::Known(tags, _) = interface.list(attribute::TAGS) {
                let tags = tags.into_iter().filter_map(|tag| match tag.here().text() {
                    Read::Known(tag, span) => Some(Spanned::new(tag.to_owned(), span)),
                    Read::Unset | Read::Unknown(_) => None,
                });
                access.tags = tags.collect();
            }
        }
        attached(access)
    }

    fn v1_access(&mut self, resource: &PlanResource<'a>) -> Option<VpcAccess> {
        let path = attribute::V1_CONNECTOR;
        let connector = outside(resource, path, resource.root.text(path), "connector");
        let path = attribute::V1_INTERFACES;
        let mut access = VpcAccess {
            connector,
            network: None,
            subnet: None,
            tags: Vec::new(),
            egress: self.egress(resource, attribute::V1_EGRESS),
            span: resource.span,
        };
        match resource.root.text(path) {
            Read::Known(text, span) => {
                let interface = serde_json::from_str::<Json>(text).ok();
                let interface = interface.as_ref().and_then(|json| json.as_array()?.first());
                let Some(interface) = interface.and_then(Json::as_object) else {
                    let message = "the network interfaces are not a JSON list of objects";
                    let finding = code::INVALID_VALUE.warning(message).at(span);
                    self.findings.push(finding.address(resource.address.as_ref()));
                    let why = "not readable";
                    access.network = Some(assumed(resource, path, why, Vec::new()));
                    return attached(access);
                };
                let read = |key: &str| match interface.get(key).and_then(Json::as_str) {
                    None | Some("") => Read::Unset,
                    Some(text) => Read::Known(text, span),
                };
                access.network =
                    outside(resource, format!("{path}.network"), read("network"), "network");
                access.subnet =
                    outside(resource, format!("{path}.subnetwork"), read("subnetwork"), "subnet");
                access.tags = match interface.get("tags") {
                    Some(Json::String(tag)) => vec![Spanned::new(tag.clone(), span)],
                    Some(Json::Array(tags)) => {
                        let tags = tags.iter().filter_map(Json::as_str);
                        tags.map(|tag| Spanned::new(tag.to_owned(), span)).collect()
                    }
                    _ => Vec::new(),
                };
            }
            Read::Unset => {}
            Read::Unknown(why) => access.network = Some(not_known(resource, path, why)),
        }
        attached(access)
    }

    fn egress(
        &mut self,
        resource: &PlanResource<'a>,
        path: AttributePath,
    ) -> Option<Field<Egress>> {
        let read = service::unspecified(resource.root.text(path), "VPC_EGRESS_UNSPECIFIED");
        self.setting(resource, path, read, "an egress setting", Egress::from_word)
    }
}

/// A way into a network of which nothing is known.
fn hidden(resource: &PlanResource<'_>, path: AttributePath, why: Why<'_>) -> VpcAccess {
    VpcAccess {
        connector: None,
        network: Some(not_known(resource, path, why)),
        subnet: None,
        tags: Vec::new(),
        egress: Some(not_known(resource, format!("{path}.egress"), why)),
        span: resource.span,
    }
}

/// Nothing, if neither a connector nor a network is named.
fn attached(access: VpcAccess) -> Option<VpcAccess> {
    let named = access.connector.is_some() || access.network.is_some() || access.subnet.is_some();
    named.then_some(access)
}

/// The name of something that the topology does not have.
fn outside(
    resource: &PlanResource<'_>,
    path: impl std::fmt::Display,
    read: Read<'_, &str>,
    noun: &str,
) -> Option<Field<String>> {
    match read {
        Read::Unset => None,
        Read::Unknown(why) => Some(not_known(resource, path, why)),
        Read::Known(name, span) => {
            let why = format!("the {noun} `{name}`, which is not read");
            let field = assumed(resource, path, &why, Vec::new());
            Some(Field { span, ..field })
        }
    }
}
