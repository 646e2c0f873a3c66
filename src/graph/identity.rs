//! Who a caller is: principals and credentials as enumerated classes.
//!
//! A principal class stands for all identities that no rule of the topology tells apart. What a
//! caller *holds* (an ID token for one audience, a user's gcloud token, nothing) is a credential
//! class: both together decide what Cloud Run and IAP see.

use hashbrown::HashMap;
use rustc_hash::FxBuildHasher;

use super::names::Names;
use crate::topology::Topology;
use crate::topology::record::Id;
use crate::topology::service::Service;

/// A class of identities.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Principal {
    /// Nobody: no usable credential is sent.
    Anonymous,
    /// A Google account or service account that the topology does not name.
    AnyAccount,
    /// A user, `user:alice@example.com` or `alice@example.com` in lower case.
    User(Box<str>),
    /// A service account.
    ServiceAccount(Box<str>),
    /// A member of a group whose members the topology does not list.
    GroupMember(Box<str>),
    /// An account of a domain, other than the named ones.
    DomainMember(Box<str>),
    /// IAP's service agent of a project; it acts only through IAP.
    IapAgent(Box<str>),
}

impl Principal {
    /// The name in answers: `anonymous`, `any account`, or the IAM member string.
    pub fn name(&self) -> String {
        match self {
            Principal::Anonymous => "anonymous".into(),
            Principal::AnyAccount => "any account".into(),
            Principal::User(email) => format!("user:{email}"),
            Principal::ServiceAccount(email) => format!("serviceAccount:{email}"),
            Principal::GroupMember(email) => format!("group:{email}"),
            Principal::DomainMember(domain) => format!("domain:{domain}"),
            Principal::IapAgent(email) => format!("serviceAccount:{email}"),
        }
    }

    /// Whether this is a person (who can sign in with a browser, and has gcloud's own tokens)
    /// rather than a program.
    pub fn is_person(&self) -> bool {
        matches!(
            self,
            Principal::AnyAccount
                | Principal::User(_)
                | Principal::GroupMember(_)
                | Principal::DomainMember(_)
        )
    }
}

/// What a caller sends to prove who it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Credential {
    /// Nothing.
    None,
    /// Something that Google does not accept: expired, malformed, an OAuth access token, or a
    /// token of another issuer (ING-076, ING-078, ING-079).
    Invalid,
    /// A user's own ID token from gcloud, accepted by every service that the user may invoke
    /// (ING-070).
    UserToken,
    /// A browser session signed in at IAP (ING-147).
    IapLogin,
    /// An ID token whose audience IAP accepts (ING-148).
    IapToken,
    /// What IAP's agent sends (ING-150); nobody else can.
    IapAgentToken,
    /// An ID token whose audience nothing in the topology accepts.
    OtherAudience,
    /// An ID token for the run.app URL of a service.
    ServiceAudience(Id<Service>),
    /// An ID token for a custom audience.
    Audience(Box<str>),
}

/// The enumerations of principals and credentials of one topology.
#[derive(Debug, Clone)]
pub struct Identities {
    principals: Vec<Principal>,
    principal_index: HashMap<Principal, u32, FxBuildHasher>,
    credentials: Vec<Credential>,
    credential_index: HashMap<Credential, u32, FxBuildHasher>,
}

impl Default for Identities {
    fn default() -> Self {
        let mut identities = Identities {
            principals: Vec::new(),
            principal_index: HashMap::default(),
            credentials: Vec::new(),
            credential_index: HashMap::default(),
        };
        identities.principal(Principal::Anonymous);
        identities.principal(Principal::AnyAccount);
        for credential in [
            Credential::None,
            Credential::Invalid,
            Credential::UserToken,
            Credential::IapLogin,
            Credential::IapToken,
            Credential::IapAgentToken,
            Credential::OtherAudience,
        ] {
            identities.credential(credential);
        }
        identities
    }
}

impl Identities {
    /// The class index of anonymous callers.
    pub const ANONYMOUS: u32 = 0;
    /// The class index of accounts that the topology does not name.
    pub const ANY_ACCOUNT: u32 = 1;
    /// The class index of no credential.
    pub const NONE: u32 = 0;
    /// The class index of a credential that is not accepted.
    pub const INVALID: u32 = 1;
    /// The class index of a user's gcloud token.
    pub const USER_TOKEN: u32 = 2;
    /// The class index of a session at IAP.
    pub const IAP_LOGIN: u32 = 3;
    /// The class index of an ID token for IAP.
    pub const IAP_TOKEN: u32 = 4;
    /// The class index of what IAP's agent sends.
    pub const IAP_AGENT_TOKEN: u32 = 5;
    /// The class index of an ID token for an audience that nothing accepts.
    pub const OTHER_AUDIENCE: u32 = 6;

    /// The index of a principal, new or known.
    pub fn principal(&mut self, principal: Principal) -> u32 {
        let next = self.principals.len() as u32;
        *self.principal_index.entry(principal).or_insert_with_key(|principal| {
            self.principals.push(principal.clone());
            next
        })
    }

    /// The index of a credential, new or known.
    pub fn credential(&mut self, credential: Credential) -> u32 {
        let next = self.credentials.len() as u32;
        *self.credential_index.entry(credential).or_insert_with_key(|credential| {
            self.credentials.push(credential.clone());
            next
        })
    }

    /// The index of a principal, if the topology knows it.
    pub fn find_principal(&self, principal: &Principal) -> Option<u32> {
        self.principal_index.get(principal).copied()
    }

    /// The index of a credential, if the topology knows it.
    pub fn find_credential(&self, credential: &Credential) -> Option<u32> {
        self.credential_index.get(credential).copied()
    }

    /// The class of an ID token for an audience: a custom one, or the run.app URL of a service,
    /// whose path does not count (ING-073).
    pub fn audience(&self, audience: &str, names: &Names, topology: &Topology) -> u32 {
        if let Some(class) = self.find_credential(&Credential::Audience(audience.into())) {
            return class;
        }
        let rest = audience.strip_prefix("https://");
        let host = rest.map(|rest| rest.split(['/', '?']).next().unwrap_or(rest));
        let service = host
            .map(|host| names.canonical(host))
            .and_then(|host| names.service_of(&host))
            .and_then(|id| topology.services.id_of(id));
        service
            .and_then(|service| self.find_credential(&Credential::ServiceAudience(service)))
            .unwrap_or(Self::OTHER_AUDIENCE)
    }

    /// All principals, by index.
    pub fn principals(&self) -> &[Principal] {
        &self.principals
    }

    /// All credentials, by index.
    pub fn credentials(&self) -> &[Credential] {
        &self.credentials
    }
}
