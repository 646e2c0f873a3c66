//! What a plan holds besides: named in findings, by type, with what it could do to the answers.

use std::sync::Arc;

use indexmap::IndexMap;

use crate::topology::iam::ACCESSOR;
use crate::topology::unread::{Family, Skipped};

use super::code::NOT_READ;
use super::cursor::Read;
use super::document::PlanResource;
use super::{PlanReader, attribute, domain_mapping, iam, project, service};

/// How many addresses a finding names.
const SHOWN: usize = 3;

/// What resources of a type could do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnreadEffect {
    /// What they are about.
    pub family: Family,
    /// Whether they could open a path.
    pub opens: bool,
    /// Whether they could close one.
    pub closes: bool,
}

/// They grant or lead on, and refuse nothing.
const fn opens(family: Family) -> Option<UnreadEffect> {
    Some(UnreadEffect { family, opens: true, closes: false })
}

/// They refuse, and grant nothing.
const fn closes(family: Family) -> Option<UnreadEffect> {
    Some(UnreadEffect { family, opens: false, closes: true })
}

/// They do either.
const fn both(family: Family) -> Option<UnreadEffect> {
    Some(UnreadEffect { family, opens: true, closes: true })
}

/// They cannot touch traffic at all.
const NOTHING: Option<UnreadEffect> = None;

/// What types of resources could do, by the longest prefix of their names; anything if none fits.
/// What no line is sure to be about nothing else is left to the last line of its family, or to
/// [`UNHEARD_OF`].
#[rustfmt::skip]
const EFFECTS: &[(&str, Option<UnreadEffect>)] = &[
    // Who may invoke and pass IAP. Members grant; a binding takes its role away from others as well,
    // and a policy whatever it does not say.
    ("google_project_iam_", opens(Family::Iam)),
    ("google_project_iam_binding", both(Family::Iam)),
    ("google_project_iam_policy", both(Family::Iam)),
    ("google_folder_iam_", opens(Family::Iam)),
    ("google_folder_iam_binding", both(Family::Iam)),
    ("google_folder_iam_policy", both(Family::Iam)),
    ("google_organization_iam_", opens(Family::Iam)),
    ("google_organization_iam_binding", both(Family::Iam)),
    ("google_organization_iam_policy", both(Family::Iam)),
    ("google_project_iam_custom_role", both(Family::Iam)),
    ("google_organization_iam_custom_role", both(Family::Iam)),
    ("google_project_iam_audit_config", NOTHING),
    ("google_folder_iam_audit_config", NOTHING),
    ("google_organization_iam_audit_config", NOTHING),
    ("google_iap_", both(Family::Iam)),
    ("google_iam_deny_policy", closes(Family::Iam)),
    ("google_iam_principal_access_boundary_policy", closes(Family::Iam)),
    ("google_iam_projects_policy_binding", closes(Family::Iam)),
    ("google_iam_folders_policy_binding", closes(Family::Iam)),
    ("google_iam_organizations_policy_binding", closes(Family::Iam)),
    ("google_cloud_identity_", opens(Family::Iam)),
    ("google_privileged_access_manager_", opens(Family::Iam)),
    ("google_project_default_service_accounts", both(Family::Iam)),

    // Who may act as somebody else.
    ("google_service_account_iam_", opens(Family::Impersonation)),
    ("google_service_account_key", NOTHING),
    ("google_iam_workload_identity_pool", opens(Family::Impersonation)),
    ("google_iam_workforce_pool", opens(Family::Impersonation)),

    // Ways in. They lead on to services, and refuse nothing that gets in otherwise.
    ("google_compute_backend_", both(Family::LoadBalancing)),
    ("google_compute_region_backend_service", both(Family::LoadBalancing)),
    ("google_compute_url_map", opens(Family::LoadBalancing)),
    ("google_compute_region_url_map", opens(Family::LoadBalancing)),
    ("google_compute_target_", opens(Family::LoadBalancing)),
    ("google_compute_region_target_", opens(Family::LoadBalancing)),
    ("google_compute_forwarding_rule", opens(Family::LoadBalancing)),
    ("google_compute_global_forwarding_rule", opens(Family::LoadBalancing)),
    ("google_compute_network_endpoint", opens(Family::LoadBalancing)),
    ("google_compute_region_network_endpoint", opens(Family::LoadBalancing)),
    ("google_compute_global_network_endpoint", opens(Family::LoadBalancing)),
    ("google_compute_instance_group", opens(Family::LoadBalancing)),
    ("google_compute_region_instance_group", opens(Family::LoadBalancing)),
    ("google_compute_backend_bucket_signed_url_key", NOTHING),
    ("google_compute_backend_service_signed_url_key", NOTHING),
    ("google_compute_health_check", NOTHING),
    ("google_compute_http_health_check", NOTHING),
    ("google_compute_https_health_check", NOTHING),
    ("google_compute_region_health_", NOTHING),
    ("google_compute_managed_ssl_certificate", NOTHING),
    ("google_compute_ssl_certificate", NOTHING),
    ("google_compute_region_ssl_certificate", NOTHING),
    ("google_compute_ssl_policy", NOTHING),
    ("google_compute_region_ssl_policy", NOTHING),
    ("google_certificate_manager_", NOTHING),
    ("google_network_services_", both(Family::LoadBalancing)),
    ("google_api_gateway_", opens(Family::LoadBalancing)),
    ("google_apigee_", opens(Family::LoadBalancing)),
    ("google_endpoints_service", opens(Family::LoadBalancing)),
    ("google_firebase_hosting_", opens(Family::LoadBalancing)),

    // A rule that allows skips those behind it, so these could do either.
    ("google_compute_security_policy", both(Family::SecurityPolicies)),
    ("google_compute_region_security_policy", both(Family::SecurityPolicies)),
    ("google_compute_organization_security_policy", both(Family::SecurityPolicies)),
    ("google_compute_network_edge_security_service", both(Family::SecurityPolicies)),
    ("google_network_security_address_group", both(Family::SecurityPolicies)),
    ("google_network_security_authz_policy", closes(Family::SecurityPolicies)),
    ("google_network_security_authorization_policy", closes(Family::SecurityPolicies)),
    ("google_network_security_server_tls_policy", closes(Family::SecurityPolicies)),
    ("google_network_security_", both(Family::Firewall)),
    ("google_recaptcha_enterprise_", NOTHING),

    ("google_compute_network", both(Family::Networks)),
    ("google_compute_subnetwork", both(Family::Networks)),
    ("google_compute_subnetwork_iam_", NOTHING),
    ("google_compute_shared_vpc_", both(Family::Networks)),
    ("google_vpc_access_connector", both(Family::Networks)),
    // An address by itself is reserved and no more.
    ("google_compute_address", NOTHING),
    ("google_compute_global_address", NOTHING),
    ("google_compute_public_", NOTHING),

    ("google_compute_firewall", both(Family::Firewall)),
    ("google_compute_network_firewall_policy", both(Family::Firewall)),
    ("google_compute_region_network_firewall_policy", both(Family::Firewall)),
    ("google_compute_organization_firewall_", both(Family::Firewall)),
    // Secure tags choose whom firewall rules are for.
    ("google_tags_", both(Family::Firewall)),
    // Bound to projects and services they decide conditions of policies of every kind.
    ("google_tags_tag_binding", both(Family::Anything)),
    ("google_tags_location_tag_binding", both(Family::Anything)),

    ("google_compute_route", both(Family::Routing)),
    ("google_compute_router", both(Family::Routing)),
    ("google_compute_network_peering", both(Family::Routing)),
    ("google_compute_vpn_", both(Family::Routing)),
    ("google_compute_ha_vpn_", both(Family::Routing)),
    ("google_compute_external_vpn_", both(Family::Routing)),
    ("google_compute_interconnect", both(Family::Routing)),
    ("google_network_connectivity_", both(Family::Routing)),
    ("google_network_management_connectivity_test", NOTHING),
    ("google_compute_router_nat", both(Family::Nat)),

    ("google_dns_", both(Family::Dns)),
    ("google_dns_managed_zone_iam_", NOTHING),
    ("google_service_directory_", both(Family::Dns)),

    ("google_compute_service_attachment", both(Family::PrivateAccess)),
    ("google_service_networking_", both(Family::PrivateAccess)),
    ("google_network_connectivity_service_connection_policy", both(Family::PrivateAccess)),
    ("google_sql_database_instance", both(Family::PrivateAccess)),
    ("google_sql_", NOTHING),
    ("google_redis_", both(Family::PrivateAccess)),
    ("google_memcache_", both(Family::PrivateAccess)),
    ("google_alloydb_", both(Family::PrivateAccess)),
    ("google_filestore_", both(Family::PrivateAccess)),

    // A perimeter refuses at its edge, and makes internal what is inside (ING-202).
    ("google_access_context_manager_", both(Family::Perimeters)),
    // What a policy refuses is not deployed.
    ("google_org_policy_", closes(Family::OrganizationPolicies)),
    ("google_project_organization_policy", closes(Family::OrganizationPolicies)),
    ("google_folder_organization_policy", closes(Family::OrganizationPolicies)),
    ("google_organization_policy", closes(Family::OrganizationPolicies)),
    // It decides what is deployed, too.
    ("google_binary_authorization_", closes(Family::OrganizationPolicies)),

    // Who sends requests: they open ways for themselves and close nobody else's.
    ("google_cloud_scheduler_", opens(Family::Products)),
    ("google_cloud_tasks_", opens(Family::Products)),
    ("google_cloud_tasks_queue_iam_", NOTHING),
    ("google_eventarc_", opens(Family::Products)),
    ("google_pubsub_", NOTHING),
    ("google_pubsub_subscription", opens(Family::Products)),
    ("google_pubsub_subscription_iam_", NOTHING),
    ("google_workflows_", opens(Family::Products)),
    ("google_dialogflow_", opens(Family::Products)),
    ("google_bigquery_routine", opens(Family::Products)),
    ("google_bigquery_connection", opens(Family::Products)),
    ("google_monitoring_", NOTHING),
    ("google_monitoring_notification_channel", opens(Family::Products)),
    ("google_monitoring_uptime_check_config", opens(Family::Products)),
    // Functions of the second generation are services, with names of their own.
    ("google_cloudfunctions2_function", opens(Family::Services)),
    ("google_cloudfunctions_function", opens(Family::Workloads)),
    ("google_cloudfunctions_function_iam_", NOTHING),
    ("google_cloud_run_v2_job", opens(Family::Workloads)),
    ("google_cloud_run_v2_job_iam_", NOTHING),
    ("google_cloud_run_v2_worker_pool", both(Family::Machines)),
    ("google_cloud_run_v2_worker_pool_iam_", NOTHING),
    // Machines send, listen and pass on.
    ("google_compute_instance", both(Family::Machines)),
    ("google_compute_instance_iam_", NOTHING),
    ("google_compute_region_instance_template", both(Family::Machines)),
    ("google_compute_autoscaler", NOTHING),
    ("google_compute_region_autoscaler", NOTHING),
    ("google_container_", both(Family::Machines)),
    ("google_container_analysis_", NOTHING),
    ("google_container_registry", NOTHING),
    ("google_gke_", both(Family::Machines)),
    ("google_composer_", both(Family::Machines)),
    ("google_dataflow_", both(Family::Machines)),
    ("google_dataproc_", both(Family::Machines)),
    ("google_notebooks_", both(Family::Machines)),
    ("google_workbench_", both(Family::Machines)),
    ("google_app_engine_", both(Family::Machines)),

    // What holds data, keys and logs, builds, and bills.
    ("google_apikeys_", NOTHING),
    ("google_artifact_registry_", NOTHING),
    ("google_bigquery_", NOTHING),
    ("google_bigtable_", NOTHING),
    ("google_billing_", NOTHING),
    ("google_cloud_asset_", NOTHING),
    ("google_cloud_quotas_", NOTHING),
    ("google_cloudbuild_", NOTHING),
    ("google_clouddeploy_", NOTHING),
    ("google_compute_attached_disk", NOTHING),
    ("google_compute_disk", NOTHING),
    ("google_compute_image", NOTHING),
    ("google_compute_project_metadata", NOTHING),
    ("google_compute_region_disk", NOTHING),
    ("google_compute_resource_policy", NOTHING),
    ("google_compute_snapshot", NOTHING),
    ("google_data_catalog_", NOTHING),
    ("google_data_loss_prevention_", NOTHING),
    ("google_document_ai_", NOTHING),
    ("google_essential_contacts_", NOTHING),
    ("google_firestore_", NOTHING),
    ("google_folder", NOTHING),
    ("google_healthcare_", NOTHING),
    ("google_kms_", NOTHING),
    ("google_logging_", NOTHING),
    ("google_os_config_", NOTHING),
    ("google_os_login_", NOTHING),
    ("google_organization_access_approval", NOTHING),
    ("google_project_access_approval", NOTHING),
    ("google_project_service", NOTHING),
    ("google_project_usage_export_bucket", NOTHING),
    ("google_scc_", NOTHING),
    ("google_secret_manager_", NOTHING),
    ("google_secure_source_manager_", NOTHING),
    ("google_sourcerepo_", NOTHING),
    ("google_spanner_", NOTHING),
    ("google_storage_", NOTHING),
];

/// What a type could do that no line is about.
const UNHEARD_OF: Option<UnreadEffect> = both(Family::Anything);

/// What resources of a type could do; nothing if they cannot touch traffic.
pub fn effect(kind: &str) -> Option<UnreadEffect> {
    let fitting = EFFECTS.iter().filter(|(prefix, _)| kind.starts_with(prefix));
    let longest = fitting.max_by_key(|(prefix, _)| prefix.len());
    longest.map_or(UNHEARD_OF, |(_, effect)| *effect)
}

/// What a resource could do. Bindings of roles that have nothing to do with calls do nothing.
fn effect_of(resource: &PlanResource<'_>) -> Option<UnreadEffect> {
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
        return NOTHING;
    }
    effect(resource.kind)
}

fn is_read(kind: &str) -> bool {
    service::KINDS.contains(&kind)
        || iam::reads(kind)
        || [domain_mapping::KIND, project::KIND, iam::ACCOUNT].contains(&kind)
}

impl<'a> PlanReader<'_, 'a, '_> {
    /// Reports what is not read, a finding for each type.
    pub fn report_unread(&mut self) {
        let mut google = IndexMap::<&str, Vec<&PlanResource<'a>>>::new();
        let mut foreign = IndexMap::<&str, Vec<&PlanResource<'a>>>::new();
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
            let finding = NOT_READ.finding(message).at(first.span);
            self.findings.push(finding.remark("this is not about Google Cloud"));
        }
    }

    fn report_type(&mut self, kind: &str, resources: &[&PlanResource<'a>]) {
        let Some(first) = resources.first() else { return };
        let mut all: Option<UnreadEffect> = None;
        for resource in resources {
            let Some(effect) = effect_of(resource) else { continue };
            let UnreadEffect { family, opens, closes } = effect;
            let before = all.unwrap_or(UnreadEffect { family, opens: false, closes: false });
            let (any_opens, any_closes) = (before.opens || opens, before.closes || closes);
            all = Some(UnreadEffect { family, opens: any_opens, closes: any_closes });
            let address = Arc::clone(&resource.address);
            let what = Skipped::Resource { kind: kind.into(), address };
            self.skip(what, effect, Vec::new(), resource.span);
        }
        let count = resources.len();
        let addresses = shown(resources.iter().map(|each| each.address.as_ref()), count);
        let message = format!(
            "{count} {} of type `{kind}` {} not read: {addresses}",
            plural(count, "resource"),
            if count == 1 { "is" } else { "are" },
        );
        let sends =
            |family| matches!(family, Family::Products | Family::Workloads | Family::Machines);
        let remark = match all {
            Some(UnreadEffect { family, .. }) if sends(family) => {
                "this could send requests, so answers that it touches are not complete"
            }
            Some(UnreadEffect { opens: true, closes: true, .. }) => {
                "this could open or close a path, so answers that it touches are not complete"
            }
            Some(UnreadEffect { closes: true, .. }) => {
                "this could close a path, so answers that it touches are not complete"
            }
            Some(_) => "this could open a path, so answers that it touches are not complete",
            None => "this does not change who can reach what",
        };
        let finding = NOT_READ.finding(message).at(first.span).remark(remark);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_has_the_effect_of_the_line_that_fits_best() {
        let family = |kind: &str| effect(kind).map(|effect| effect.family);
        assert_eq!(family("google_compute_router_nat"), Some(Family::Nat));
        assert_eq!(family("google_compute_router_peer"), Some(Family::Routing));
        assert_eq!(family("google_compute_network"), Some(Family::Networks));
        assert_eq!(family("google_compute_network_endpoint_group"), Some(Family::LoadBalancing));
        assert_eq!(family("google_pubsub_topic"), None);
        assert_eq!(family("google_pubsub_subscription"), Some(Family::Products));
        assert_eq!(family("google_storage_bucket_iam_member"), None);
        assert_eq!(family("google_folder_iam_member"), Some(Family::Iam));
        assert_eq!(effect("google_folder_iam_binding"), both(Family::Iam));
        assert_eq!(effect("google_folder_iam_member"), opens(Family::Iam));
        assert_eq!(family("google_unheard_of"), Some(Family::Anything));
        assert_eq!(effect("google_org_policy_policy"), closes(Family::OrganizationPolicies));
    }

    #[test]
    fn no_line_stands_twice_and_each_does_something_or_nothing() {
        let mut prefixes: Vec<&str> = EFFECTS.iter().map(|(prefix, _)| *prefix).collect();
        prefixes.sort_unstable();
        assert!(prefixes.is_sorted_by(|a, b| a < b), "{prefixes:?}");
        for (prefix, effect) in EFFECTS {
            assert!(prefix.starts_with("google_"), "{prefix}");
            assert!(effect.is_none_or(|effect| effect.opens || effect.closes), "{prefix}");
        }
    }
}
