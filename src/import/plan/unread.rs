//! What a plan holds besides: named in findings, by type, with what it could do to the answers.

use indexmap::IndexMap;

use crate::source::Finding;
use crate::topology::iam::ACCESSOR;

use super::cursor::Read;
use super::document::Resource;
use super::{NOT_READ, Reader, attribute, domain_mapping, iam, project, service};

/// How many addresses a finding names.
const SHOWN: usize = 3;

/// What resources that are not read could do to the answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Open or close a way.
    Ways,
    /// Send requests.
    Sends,
    /// Nothing.
    Nothing,
}

/// What types of resources do, by the longest prefix of their names; [`Effect::Ways`] if none fits.
const EFFECTS: &[(&str, Effect)] = &[
    ("google_artifact_registry_", Effect::Nothing),
    ("google_bigquery_", Effect::Nothing),
    ("google_bigtable_", Effect::Nothing),
    ("google_billing_", Effect::Nothing),
    ("google_binary_authorization_", Effect::Nothing),
    ("google_certificate_manager_", Effect::Nothing),
    ("google_cloud_asset_", Effect::Nothing),
    ("google_cloud_identity_", Effect::Ways),
    ("google_cloud_run_v2_job", Effect::Sends),
    ("google_cloud_run_v2_worker_pool", Effect::Sends),
    ("google_cloud_scheduler_", Effect::Sends),
    ("google_cloud_tasks_", Effect::Sends),
    ("google_cloudbuild_", Effect::Nothing),
    ("google_clouddeploy_", Effect::Nothing),
    ("google_compute_attached_disk", Effect::Nothing),
    ("google_compute_disk", Effect::Nothing),
    ("google_compute_health_check", Effect::Nothing),
    ("google_compute_image", Effect::Nothing),
    ("google_compute_instance", Effect::Sends),
    ("google_compute_managed_ssl_certificate", Effect::Nothing),
    ("google_compute_project_metadata", Effect::Nothing),
    ("google_compute_region_disk", Effect::Nothing),
    ("google_compute_region_health_check", Effect::Nothing),
    ("google_compute_region_ssl_certificate", Effect::Nothing),
    ("google_compute_region_ssl_policy", Effect::Nothing),
    ("google_compute_resource_policy", Effect::Nothing),
    ("google_compute_snapshot", Effect::Nothing),
    ("google_compute_ssl_certificate", Effect::Nothing),
    ("google_compute_ssl_policy", Effect::Nothing),
    ("google_container_", Effect::Sends),
    ("google_container_registry", Effect::Nothing),
    ("google_data_catalog_", Effect::Nothing),
    ("google_dialogflow_", Effect::Sends),
    ("google_document_ai_", Effect::Nothing),
    ("google_essential_contacts_", Effect::Nothing),
    ("google_eventarc_", Effect::Sends),
    ("google_filestore_", Effect::Nothing),
    ("google_firestore_", Effect::Nothing),
    ("google_folder", Effect::Nothing),
    ("google_folder_access_approval", Effect::Nothing),
    ("google_folder_iam_", Effect::Ways),
    ("google_folder_iam_audit_config", Effect::Nothing),
    ("google_folder_organization_policy", Effect::Ways),
    ("google_healthcare_", Effect::Nothing),
    ("google_kms_", Effect::Nothing),
    ("google_logging_", Effect::Nothing),
    ("google_monitoring_", Effect::Nothing),
    ("google_monitoring_notification_channel", Effect::Sends),
    ("google_monitoring_uptime_check_config", Effect::Sends),
    ("google_organization_iam_audit_config", Effect::Nothing),
    ("google_project_iam_audit_config", Effect::Nothing),
    ("google_project_service", Effect::Nothing),
    ("google_project_service_identity", Effect::Nothing),
    ("google_pubsub_", Effect::Nothing),
    ("google_pubsub_subscription", Effect::Sends),
    ("google_pubsub_subscription_iam_", Effect::Nothing),
    ("google_redis_", Effect::Nothing),
    ("google_scc_", Effect::Nothing),
    ("google_secret_manager_", Effect::Nothing),
    ("google_service_account_key", Effect::Nothing),
    ("google_sourcerepo_", Effect::Nothing),
    ("google_spanner_", Effect::Nothing),
    ("google_sql_", Effect::Nothing),
    ("google_storage_", Effect::Nothing),
    ("google_tags_", Effect::Nothing),
    ("google_workflows_", Effect::Sends),
];

/// What resources of a type could do.
pub fn effect(kind: &str) -> Effect {
    let fitting = EFFECTS.iter().filter(|(prefix, _)| kind.starts_with(prefix));
    let longest = fitting.max_by_key(|(prefix, _)| prefix.len());
    longest.map_or(Effect::Ways, |(_, effect)| *effect)
}

/// What a resource could do. Bindings of roles that have nothing to do with calls do nothing.
fn effect_of(resource: &Resource<'_>) -> Effect {
    let inherited = ["google_project_iam_", "google_folder_iam_", "google_organization_iam_"];
    let binds = resource.kind.ends_with("_iam_member") || resource.kind.ends_with("_iam_binding");
    if binds
        && inherited.iter().any(|prefix| resource.kind.starts_with(prefix))
        && let Read::Known(role, _) = resource.root.text(attribute::ROLE)
        && !iam::may_invoke(role)
        && role != ACCESSOR
        && !role.starts_with("roles/iam.")
        && !role.starts_with("roles/iap.")
    {
        return Effect::Nothing;
    }
    effect(resource.kind)
}

fn is_read(kind: &str) -> bool {
    service::KINDS.contains(&kind)
        || iam::reads(kind)
        || [domain_mapping::KIND, project::KIND, iam::ACCOUNT].contains(&kind)
}

impl<'a> Reader<'_, 'a, '_> {
    /// Reports what is not read, a finding for each type.
    pub fn report_unread(&mut self) {
        let mut google = IndexMap::<&str, Vec<&Resource<'a>>>::new();
        let mut foreign = IndexMap::<&str, Vec<&Resource<'a>>>::new();
        for resource in self.plan.resources.iter().filter(|each| !each.data && !is_read(each.kind))
        {
            let ours = resource.kind.starts_with("google_");
            let group = if ours { &mut google } else { &mut foreign };
            group.entry(resource.kind).or_default().push(resource);
        }
        for (kind, resources) in google {
            self.report_type(kind, &resources);
        }
        if let Some(first) = foreign.values().flatten().next() {
            let count = foreign.values().map(Vec::len).sum::<usize>();
            let types = shown(foreign.keys().copied(), foreign.len());
            let message = format!(
                "{count} {} of other providers {} not read: {types}",
                plural(count, "resource"),
                if count == 1 { "is" } else { "are" },
            );
            let finding = Finding::note(NOT_READ, message).at(first.span);
            self.findings.push(finding.remark("this is not about Google Cloud"));
        }
    }

    fn report_type(&mut self, kind: &str, resources: &[&Resource<'a>]) {
        let Some(first) = resources.first() else { return };
        let mut worst = Effect::Nothing;
        for resource in resources {
            let effect = effect_of(resource);
            if effect == Effect::Nothing {
                continue;
            }
            if worst != Effect::Ways {
                worst = effect;
            }
            self.unmodelled(format!("{} is not read", resource.address), resource.span);
        }
        let count = resources.len();
        let addresses = shown(resources.iter().map(|each| each.address.as_ref()), count);
        let message = format!(
            "{count} {} of type `{kind}` {} not read: {addresses}",
            plural(count, "resource"),
            if count == 1 { "is" } else { "are" },
        );
        let remark = match worst {
            Effect::Ways => "this could open or close a way, so answers are not complete",
            Effect::Sends => "this could send requests, so answers are not complete",
            Effect::Nothing => "this does not change who can reach what",
        };
        let finding = Finding::note(NOT_READ, message).at(first.span).remark(remark);
        self.findings.push(finding.address(first.address.as_ref()));
    }
}

fn shown<'t>(items: impl Iterator<Item = &'t str>, count: usize) -> String {
    let mut items: Vec<_> = items.take(SHOWN).map(|item| format!("`{item}`")).collect();
    if count > SHOWN {
        items.push(format!("and {} more", count - SHOWN));
    }
    items.join(", ")
}

fn plural(count: usize, noun: &str) -> String {
    if count == 1 { noun.to_owned() } else { format!("{noun}s") }
}
