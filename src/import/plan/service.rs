//! Cloud Run services, of both versions of the API.

use std::sync::Arc;

use crate::source::{Span, code};
use crate::topology::iam::{Iap, IapSetting};
use crate::topology::record::{Field, Map, Spanned};
use crate::topology::service::{Ingress, Service};
use crate::topology::unread::Skipped;

use super::attribute::{self, AttributePath};
use super::code::{IGNORED_ANNOTATION, KNOWN_AFTER_APPLY};
use super::cursor::{Attribute, Read};
use super::document::PlanResource;
use super::{Deployed, PlanReader, flag, names, not_known};

/// The type of services of the first version of the API.
pub const V1: &str = "google_cloud_run_service";
/// The type of services of the second.
pub const V2: &str = "google_cloud_run_v2_service";
/// Both.
pub const KINDS: &[&str] = &[V1, V2];

/// Where the settings of a service stand.
struct Settings<'a> {
    ingress: (Attribute<'a>, AttributePath),
    url_disabled: (Attribute<'a>, AttributePath),
    invoker_disabled: (Attribute<'a>, AttributePath),
    iap: (Attribute<'a>, AttributePath),
    service_account: AttributePath,
}

impl<'a> Settings<'a> {
    fn new(resource: &PlanResource<'a>) -> Self {
        use attribute as a;
        if resource.kind == V2 {
            let get = |path| (resource.root.get(path), path);
            return Self {
                ingress: get(a::INGRESS),
                url_disabled: get(a::DEFAULT_URI_DISABLED),
                invoker_disabled: get(a::INVOKER_IAM_DISABLED),
                iap: get(a::IAP_ENABLED),
                service_account: a::SERVICE_ACCOUNT,
            };
        }
        let get = |effective, path| (annotation(resource, effective, path), path);
        Self {
            ingress: get(a::V1_INGRESS_IN_EFFECT, a::V1_INGRESS),
            url_disabled: get(a::V1_URL_DISABLED_IN_EFFECT, a::V1_URL_DISABLED),
            invoker_disabled: get(a::V1_INVOKER_DISABLED_IN_EFFECT, a::V1_INVOKER_DISABLED),
            iap: get(a::V1_IAP_IN_EFFECT, a::V1_IAP),
            service_account: a::V1_SERVICE_ACCOUNT,
        }
    }
}

/// An annotation of a service: as it will be in effect if the plan says it, else as it is written.
fn annotation<'a>(
    resource: &PlanResource<'a>,
    effective: AttributePath,
    written: AttributePath,
) -> Attribute<'a> {
    let effective = resource.root.get_exactly(effective);
    let written = resource.root.get_exactly(written);
    match (effective, written) {
        (Attribute::Known(_), _) => effective,
        (Attribute::Prior(_), Attribute::Prior(_)) => effective,
        (Attribute::Prior(_), Attribute::Unset) => {
            // What was in effect stays, unless the annotations are planned without it.
            match resource.root.get_exactly(attribute::V1_ANNOTATIONS) {
                Attribute::Known(_) => written,
                _ => effective,
            }
        }
        _ => written,
    }
}

impl<'a> PlanReader<'_, 'a, '_> {
    /// Adds the services.
    pub fn read_services(&mut self) {
        let resources = self.resources(KINDS);
        let ids = names::ids(resources.iter().map(|(_, resource)| *resource));
        for ((at, resource), id) in resources.into_iter().zip(ids) {
            self.keep_address("service", &id, resource);
            let service = self.service(at, resource, &id);
            self.imported.topology.services.insert(id, resource.span, service);
        }
    }

    fn service(&mut self, at: usize, resource: &PlanResource<'a>, id: &Arc<str>) -> Service {
        let settings = Settings::new(resource);
        let home = self.home(resource);
        let location = self.location(resource);
        let name = self.name(resource, id);
        let (attribute, path) = settings.ingress;
        let ingress = self.setting(
            resource,
            path,
            unspecified(attribute.text(), "INGRESS_TRAFFIC_UNSPECIFIED"),
            "an ingress setting",
            Ingress::from_word,
        );
        let (attribute, path) = settings.url_disabled;
        let default_url = flag(resource, path, attribute.flag(), |disabled| !disabled);
        let (attribute, path) = settings.invoker_disabled;
        let invoker_check = flag(resource, path, attribute.flag(), |disabled| !disabled);
        let (attribute, path) = settings.iap;
        let iap = flag(resource, path, attribute.flag(), |enabled| enabled).map(|enabled| {
            IapSetting(Iap {
                span: enabled.span,
                enabled: Some(enabled),
                accessors: Vec::new(),
                allow_http_options: None,
                oauth_client: None,
            })
        });
        self.report_ignored(resource);
        self.report_regions(resource, id);
        self.services.push(Deployed {
            at,
            id: Arc::clone(id),
            name: name.as_ref().map(|(name, _)| *name),
            location: location.text,
            project: home.said.then(|| home.id.clone()),
        });
        Service {
            project: Some(Field::given(home.id, home.span)),
            region: location.field,
            name: name.map(|(name, span)| Spanned::new(name.to_owned(), span)),
            ingress,
            default_url,
            traffic_tags: self.traffic_tags(resource, id),
            invoker_check,
            invokers: Vec::new(),
            iam: Vec::new(),
            iap,
            custom_audiences: self.audiences(resource, id),
            service_account: self.service_account(resource, settings.service_account),
            vpc_access: self.vpc_access(resource),
            cloud_sql: Vec::new(),
            labels: Map::new(),
            span: resource.span,
        }
    }

    fn name(&mut self, resource: &PlanResource<'a>, id: &str) -> Option<(&'a str, Span)> {
        match resource.root.text(attribute::NAME) {
            Read::Known(name, span) => Some((name, span)),
            Read::Unset | Read::Unknown(_) => {
                let address = &resource.address;
                let message = format!("the name of `{address}` is not known; `{id}` stands for it");
                let finding = KNOWN_AFTER_APPLY.finding(message).at(resource.span);
                self.findings.push(finding.address(address.as_ref()));
                None
            }
        }
    }

    fn location(&self, resource: &PlanResource<'a>) -> Location<'a> {
        match resource.root.text(attribute::LOCATION) {
            Read::Known(text, span) => {
                Location { text: Some(text), field: Field::given(text.to_owned(), span) }
            }
            Read::Unknown(why) => {
                Location { text: None, field: not_known(resource, attribute::LOCATION, why) }
            }
            Read::Unset => {
                let expression = self.plan.configuration.provider(resource, "region");
                let constant = expression.and_then(|node| node.get("constant_value"));
                let given = constant.and_then(|node| Some((node.as_str()?, node.span)));
                let references = expression.and_then(|node| node.get("references")?.as_list());
                let variable = references
                    .unwrap_or_default()
                    .iter()
                    .find_map(|node| node.as_str()?.strip_prefix("var."))
                    .and_then(|name| self.plan.variable(name));
                match given.or(variable) {
                    Some((text, span)) => {
                        Location { text: Some(text), field: Field::given(text.to_owned(), span) }
                    }
                    None => {
                        let why = "not in the plan";
                        let path = attribute::LOCATION;
                        let field = super::assumed(resource, path, why, Vec::new());
                        Location { text: None, field }
                    }
                }
            }
        }
    }

    fn traffic_tags(&mut self, resource: &PlanResource<'a>, id: &Arc<str>) -> Vec<Spanned<String>> {
        let mut tags = Vec::new();
        let mut hidden = false;
        match resource.root.list(attribute::TRAFFIC) {
            Read::Known(targets, _) => {
                for target in targets {
                    match target.text(attribute::TAG) {
                        Read::Known(tag, span) => tags.push(Spanned::new(tag.to_owned(), span)),
                        Read::Unset => {}
                        Read::Unknown(_) => hidden = true,
                    }
                }
            }
            Read::Unset => {}
            Read::Unknown(_) => hidden = true,
        }
        if hidden {
            let what = Skipped::TrafficTagsOf(Arc::clone(&resource.address));
            self.skip_way_in(what, vec![Arc::clone(id)], resource.span);
        }
        tags
    }

    fn audiences(&mut self, resource: &PlanResource<'a>, id: &Arc<str>) -> Vec<Spanned<String>> {
        let mut audiences = Vec::new();
        let mut hidden = false;
        if resource.kind == V2 {
            match resource.root.list(attribute::CUSTOM_AUDIENCES) {
                Read::Known(items, _) => {
                    for item in items {
                        match item.here().text() {
                            Read::Known(text, span) => {
                                audiences.push(Spanned::new(text.to_owned(), span));
                            }
                            Read::Unset => {}
                            Read::Unknown(_) => hidden = true,
                        }
                    }
                }
                Read::Unset => {}
                Read::Unknown(_) => hidden = true,
            }
        } else {
            let effective = attribute::V1_AUDIENCES_IN_EFFECT;
            match annotation(resource, effective, attribute::V1_AUDIENCES).text() {
                Read::Known(text, span) => match serde_json::from_str::<Vec<String>>(text) {
                    Ok(list) => {
                        audiences.extend(list.into_iter().map(|text| Spanned::new(text, span)));
                    }
                    Err(_) => {
                        let message = "the custom audiences are not a JSON list of texts";
                        let finding = code::INVALID_VALUE.warning(message).at(span);
                        self.findings.push(finding.address(resource.address.as_ref()));
                        hidden = true;
                    }
                },
                Read::Unset => {}
                Read::Unknown(_) => hidden = true,
            }
        }
        if hidden {
            // A token for one of them is taken for one of another audience.
            let what = Skipped::AudiencesOf(Arc::clone(&resource.address));
            self.skip_way_in(what, vec![Arc::clone(id)], resource.span);
        }
        audiences
    }

    fn service_account(
        &self,
        resource: &PlanResource<'a>,
        path: AttributePath,
    ) -> Option<Field<String>> {
        match resource.root.text(path) {
            Read::Known(email, span) => Some(Field::given(email.to_owned(), span)),
            Read::Unset => None,
            Read::Unknown(why) => {
                let accounts = self.accounts(resource, why.expression);
                Some(accounts.field(resource, path, why.text, String::clone))
            }
        }
    }

    /// Reports the ingress setting of a revision, which does nothing.
    fn report_ignored(&mut self, resource: &PlanResource<'a>) {
        let path = attribute::V1_INGRESS_ON_TEMPLATE;
        if resource.kind == V1
            && let Read::Known(_, span) = resource.root.text(path)
        {
            let message = "an ingress setting on the template does nothing";
            let finding = IGNORED_ANNOTATION.finding(message).at(span);
            let finding = finding.address(resource.address.as_ref());
            let help = "set the annotation `run.googleapis.com/ingress` on the service's metadata";
            self.findings.push(finding.help(help));
        }
    }

    fn report_regions(&mut self, resource: &PlanResource<'a>, id: &Arc<str>) {
        if resource.kind == V2
            && !matches!(resource.root.list(attribute::MULTI_REGION), Read::Unset)
        {
            // It has a URL in each.
            let what = Skipped::RegionsOf(Arc::clone(&resource.address));
            self.skip_way_in(what, vec![Arc::clone(id)], resource.span);
        }
    }
}

struct Location<'a> {
    text: Option<&'a str>,
    field: Field<String>,
}

/// Takes the word for no choice as no choice.
pub fn unspecified<'a>(read: Read<'a, &'a str>, word: &str) -> Read<'a, &'a str> {
    match read {
        Read::Known(text, _) if text == word => Read::Unset,
        read => read,
    }
}
