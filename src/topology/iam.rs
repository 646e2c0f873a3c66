//! Who may do what: bindings, deny policies, principal access boundaries.

use super::record::{Defaulted, Field, Setting, Spanned, record};
use super::shorthand::shorthand;
use crate::source::Span;

/// The role that a binding without a role grants.
pub const INVOKER: &str = "roles/run.invoker";

/// Roles that contain `run.routes.invoke` (ING-055, ING-056).
pub const INVOKING_ROLES: &[&str] = &[
    "roles/owner",
    "roles/editor",
    "roles/run.admin",
    "roles/run.developer",
    "roles/run.editor",
    "roles/run.invoker",
    "roles/run.servicesInvoker",
    "roles/run.sourceDeveloper",
    "roles/run.serviceAgent",
    "roles/cloudfunctions.admin",
    "roles/cloudfunctions.editor",
    "roles/cloudfunctions.developer",
    "roles/firebase.admin",
    "roles/firebase.developAdmin",
    "roles/iam.dataScientist",
    "roles/iam.devOps",
    "roles/iam.mlEngineer",
    "roles/dialogflow.serviceAgent",
    "roles/aiplatform.serviceAgent",
    "roles/monitoring.notificationServiceAgent",
];

/// The role that lets a user pass IAP (ING-143).
pub const ACCESSOR: &str = "roles/iap.httpsResourceAccessor";

record! {
    /// An IAM binding in full.
    pub struct FullBinding {
        /// The role; `roles/run.invoker` under `invokers`, `roles/iap.httpsResourceAccessor` under
        /// `accessors`.
        pub role: Option<Field<String>>,
        /// The members.
        pub members: Vec<Field<String>>,
        /// A condition in CEL (ING-067).
        pub condition: Option<Spanned<String>>,
        /// Access levels of which one must hold; IAP only (ING-068, ING-143).
        pub access_levels: Vec<Spanned<String>>,
    }
}

shorthand! {
    /// An IAM binding: a member alone, or members with a role and a condition.
    pub struct Binding(FullBinding) or Field<String> = |member, span| FullBinding {
        role: None,
        members: vec![member],
        condition: None,
        access_levels: Vec::new(),
        span,
    }
}

record! {
    /// A deny policy (ING-059).
    pub struct DenyPolicy: resource "deny_policy" {
        /// What it is attached to: `organization`, `folder/ID` or `project/ID`.
        pub at: Spanned<String>,
        /// The denied permissions; `run.googleapis.com/routes.invoke` and
        /// `run.googleapis.com/routes.*` concern invocation.
        pub permissions: Vec<Spanned<String>>,
        /// Whom it denies: IAM member strings, or `principalSet://goog/public:all` (ING-061).
        pub principals: Vec<Field<String>>,
        /// Whom it spares.
        pub exception_principals: Vec<Field<String>>,
        /// Permissions that it spares.
        pub exception_permissions: Vec<Spanned<String>>,
        /// A condition on resource tags; it denies unless the condition is known to be false
        /// (ING-060).
        pub condition: Option<Spanned<String>>,
    }
}

record! {
    /// A principal access boundary: its principals may use nothing but the resources named
    /// (ING-058).
    pub struct AccessBoundary: resource "access_boundary" {
        /// Whom it binds.
        pub principals: Vec<Field<String>>,
        /// What they may use: `organization`, `folder/ID` or `project/ID`.
        pub resources: Vec<Spanned<String>>,
    }
}

record! {
    /// Identity-Aware Proxy on a service or a backend.
    pub struct Iap {
        /// Whether it is on.
        pub enabled: Option<Field<bool>> = true,
        /// Who may pass (`roles/iap.httpsResourceAccessor`, ING-143).
        pub accessors: Vec<Binding>,
        /// Whether OPTIONS requests pass without a login (ING-149).
        pub allow_http_options: Option<Field<bool>> = false,
        /// Whether a usable OAuth client exists. Without one every request is answered 502
        /// (ING-216).
        pub oauth_client: Option<Field<bool>> = true,
    }
}

shorthand! {
    /// Identity-Aware Proxy: on, off, or in full.
    pub struct IapSetting(Iap) or Field<bool> = |enabled, span| Iap {
        enabled: Some(enabled),
        accessors: Vec::new(),
        allow_http_options: None,
        oauth_client: None,
        span,
    }
}

/// What it is if it is absent, and whether it is on in any case.
impl Defaulted for Option<IapSetting> {
    type Default = bool;
    type Held<'f> = Setting<'f, bool>;

    fn held(&self, default: bool) -> Setting<'_, bool> {
        match self {
            Some(iap) => iap.enabled(),
            None => Setting { field: None, default },
        }
    }

    fn given(default: bool) -> Self {
        Some(IapSetting::short(Field::given(default, Span::none()), Span::none()))
    }
}

impl DenyPolicy {
    /// Whether it denies the permission to invoke a service (ING-059).
    pub fn denies_invocation(&self) -> bool {
        let concerns = |permission: &str| {
            matches!(
                permission,
                "run.googleapis.com/routes.invoke"
                    | "run.googleapis.com/routes.*"
                    | "run.googleapis.com/*"
            )
        };
        self.permissions.iter().any(|permission| concerns(&permission.value))
            && !self.exception_permissions.iter().any(|permission| concerns(&permission.value))
    }
}
