//! The attributes that are read, all of them.
//!
//! Plans hold secrets in plain text. A [`AttributePath`] can be made in this file only, and the rest of the
//! reader gets at a resource's values through paths only, so what has no constant here is never
//! looked at.

use std::fmt;

/// Where an attribute stands in a resource, or in one of its blocks. A step into a block that is
/// given at most once leads into its only instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttributePath(&'static [&'static str]);

impl AttributePath {
    /// The keys on the way.
    pub(super) fn steps(self) -> &'static [&'static str] {
        self.0
    }
}

impl fmt::Display for AttributePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, step) in self.0.iter().enumerate() {
            match (at, step.contains('.')) {
                (_, true) => write!(f, "[\"{step}\"]")?,
                (0, false) => f.write_str(step)?,
                (_, false) => write!(f, ".{step}")?,
            }
        }
        Ok(())
    }
}

macro_rules! paths {
    ($($name:ident = $($step:literal)/+;)*) => {
        $(pub const $name: AttributePath = AttributePath(&[$($step),+]);)*

        /// Every path, for the test that none leads to a secret.
        #[cfg(test)]
        pub const ALL: &[AttributePath] = &[$($name),*];
    };
}

// Several kinds of resources.
paths! {
    NAME = "name";
    LOCATION = "location";
    PROJECT = "project";
    TRAFFIC = "traffic";
    TAG = "tag";
    ROLE = "role";
    MEMBER = "member";
    MEMBERS = "members";
    CONDITION = "condition";
    CONDITION_EXPRESSION = "condition" / "expression";
    BINDING = "binding";
    POLICY_DATA = "policy_data";
    SERVICE = "service";
    ROUTE_NAME = "spec" / "route_name";
    PROJECT_ID = "project_id";
    ACCOUNT_ID = "account_id";
    EMAIL = "email";

    // google_cloud_run_v2_service
    INGRESS = "ingress";
    DEFAULT_URI_DISABLED = "default_uri_disabled";
    INVOKER_IAM_DISABLED = "invoker_iam_disabled";
    IAP_ENABLED = "iap_enabled";
    CUSTOM_AUDIENCES = "custom_audiences";
    MULTI_REGION = "multi_region_settings";
    SERVICE_ACCOUNT = "template" / "service_account";
    VPC_ACCESS = "template" / "vpc_access";
    CONNECTOR = "template" / "vpc_access" / "connector";
    EGRESS = "template" / "vpc_access" / "egress";
    INTERFACES = "template" / "vpc_access" / "network_interfaces";
    NETWORK = "network";
    SUBNETWORK = "subnetwork";
    TAGS = "tags";

    // google_cloud_run_service
    V1_NAMESPACE = "metadata" / "namespace";
    V1_SERVICE_ACCOUNT = "template" / "spec" / "service_account_name";
    V1_ANNOTATIONS = "metadata" / "annotations";
    V1_INGRESS = "metadata" / "annotations" / "run.googleapis.com/ingress";
    V1_INGRESS_IN_EFFECT = "metadata" / "effective_annotations" / "run.googleapis.com/ingress";
    V1_INGRESS_ON_TEMPLATE =
        "template" / "metadata" / "annotations" / "run.googleapis.com/ingress";
    V1_URL_DISABLED = "metadata" / "annotations" / "run.googleapis.com/default-url-disabled";
    V1_URL_DISABLED_IN_EFFECT =
        "metadata" / "effective_annotations" / "run.googleapis.com/default-url-disabled";
    V1_INVOKER_DISABLED = "metadata" / "annotations" / "run.googleapis.com/invoker-iam-disabled";
    V1_INVOKER_DISABLED_IN_EFFECT =
        "metadata" / "effective_annotations" / "run.googleapis.com/invoker-iam-disabled";
    V1_IAP = "metadata" / "annotations" / "run.googleapis.com/iap-enabled";
    V1_IAP_IN_EFFECT = "metadata" / "effective_annotations" / "run.googleapis.com/iap-enabled";
    V1_AUDIENCES = "metadata" / "annotations" / "run.googleapis.com/custom-audiences";
    V1_AUDIENCES_IN_EFFECT =
        "metadata" / "effective_annotations" / "run.googleapis.com/custom-audiences";
    V1_CONNECTOR =
        "template" / "metadata" / "annotations" / "run.googleapis.com/vpc-access-connector";
    V1_EGRESS = "template" / "metadata" / "annotations" / "run.googleapis.com/vpc-access-egress";
    V1_INTERFACES =
        "template" / "metadata" / "annotations" / "run.googleapis.com/network-interfaces";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_path_leads_to_a_secret() {
        for path in ALL {
            let text = path.to_string();
            for secret in ["env", "containers", "value", "secret", "password", "key", "labels"] {
                assert!(!path.steps().contains(&secret), "{text}");
            }
        }
    }

    #[test]
    fn a_path_reads_like_terraform() {
        assert_eq!(CONNECTOR.to_string(), "template.vpc_access.connector");
        let ingress = "metadata.annotations[\"run.googleapis.com/ingress\"]";
        assert_eq!(V1_INGRESS.to_string(), ingress);
    }
}
