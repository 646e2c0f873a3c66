//! Projects, folders, the organization; identities; perimeters.

use ipnet::IpNet;

use super::iam::Binding;
use super::record::{Field, Map, Spanned, keyword, record};

record! {
    /// The organization above all folders and projects.
    pub struct Organization {
        /// The domains of its accounts. Without them nobody is taken for a stranger (ING-146).
        pub domains: Vec<Spanned<String>>,
        /// IAM bindings on the organization; every service inherits them (ING-057).
        pub iam: Vec<Binding>,
        /// Hierarchical security policies, in order (ING-136).
        pub security_policies: Vec<Spanned<String>>,
    }
}

record! {
    /// A folder of projects.
    pub struct Folder: resource "folder" {
        /// The folder above; the organization if absent.
        pub parent: Option<Spanned<String>>,
        /// IAM bindings on the folder; its services inherit them (ING-057).
        pub iam: Vec<Binding>,
        /// Hierarchical security policies, in order (ING-136).
        pub security_policies: Vec<Spanned<String>>,
    }
}

record! {
    /// A Google Cloud project.
    pub struct Project: resource "project" {
        /// The project number; part of deterministic URLs and of service agents' names.
        pub number: Option<Field<u64>>,
        /// The folder above; the organization if absent.
        pub folder: Option<Spanned<String>>,
        /// The ten characters that end the hash form of the project's run.app names.
        pub hash: Option<Spanned<String>>,
        /// IAM bindings on the project; its services inherit them (ING-057).
        pub iam: Vec<Binding>,
        /// Security policies on the project, in order (ING-136).
        pub security_policies: Vec<Spanned<String>>,
        /// Whether it may send to TCP port 25 of external addresses (EGR-110).
        pub external_port_25: Option<Field<bool>> = false,
        /// Free labels, for selectors.
        pub labels: Map<Spanned<String>>,
    }
}

record! {
    /// A VPC Service Controls perimeter. Only its membership is modelled, since that widens the
    /// ingress setting `internal` (ING-012, ING-015, ING-202).
    pub struct Perimeter: resource "perimeter" {
        /// The projects inside.
        pub projects: Vec<Spanned<String>>,
        /// The restricted services, such as `run.googleapis.com`.
        pub restricted_services: Vec<Spanned<String>>,
    }
}

record! {
    /// A Google group whose members are known. A group that is not listed has unknown members.
    pub struct Group: resource "group" {
        /// Its members, as IAM member strings; groups may be nested.
        pub members: Vec<Spanned<String>>,
    }
}

record! {
    /// A condition on a caller's context, for IAP (ING-143).
    pub struct AccessLevel: resource "access_level" {
        /// The caller's address lies in one of these ranges.
        pub addresses: Vec<Spanned<IpNet>>,
        /// The caller is in one of these regions (ISO 3166-1 alpha-2).
        pub regions: Vec<Spanned<String>>,
        /// Properties of the device or session, each a condition that may or may not hold.
        pub requires: Vec<Spanned<String>>,
        /// Other access levels that must hold as well.
        pub levels: Vec<Spanned<String>>,
        /// Whether all of the above must hold, or any.
        pub combine: Option<Spanned<Combine>> = Combine::All,
    }
}

keyword! {
    /// How the parts of an access level combine.
    pub enum Combine {
        /// Every part must hold.
        All = "all" | "and",
        /// One part is enough.
        Any = "any" | "or",
    }
}

keyword! {
    /// Where a group of users sits.
    pub enum Place {
        /// Anywhere on the internet.
        Internet = "internet",
        /// In an office behind known public addresses.
        Office = "office",
        /// On an on-premises site, reaching Google Cloud by its private lines.
        OnPremises = "on-premises",
    }
}

record! {
    /// A named group of people or programs that send requests.
    pub struct User: resource "user" {
        /// Where they sit.
        pub at: Option<Spanned<Place>> = Place::Internet,
        /// The site, for users on premises.
        pub site: Option<Spanned<String>>,
        /// Their public addresses; any if absent.
        pub addresses: Vec<Spanned<IpNet>>,
        /// Their region (ISO 3166-1 alpha-2); any if absent.
        pub region: Option<Spanned<String>>,
        /// Who they can be: IAM member strings (`user:`, `serviceAccount:`, `group:`, `domain:`).
        pub identities: Vec<Spanned<String>>,
        /// Whether they send requests without an identity too; true if there are no identities.
        pub anonymous: Option<Spanned<bool>>,
        /// Free labels, for selectors.
        pub labels: Map<Spanned<String>>,
    }
}

keyword! {
    /// A Google product that calls services.
    pub enum ProductKind {
        /// Pub/Sub push subscription (ING-172).
        Pubsub = "pubsub",
        /// Eventarc trigger (ING-176).
        Eventarc = "eventarc",
        /// Cloud Scheduler job (ING-178).
        Scheduler = "scheduler",
        /// Cloud Tasks queue (ING-177).
        Tasks = "tasks",
        /// Workflows (ING-179).
        Workflows = "workflows",
        /// BigQuery remote function (ING-180).
        Bigquery = "bigquery",
        /// Uptime check or synthetic monitor (ING-181).
        UptimeCheck = "uptime-check",
        /// Dialogflow CX webhook (ING-015).
        Dialogflow = "dialogflow",
    }
}

record! {
    /// A Google product that calls a service.
    pub struct Product: resource "product" {
        /// Which product.
        pub kind: Spanned<ProductKind>,
        /// The project it runs in; the only project if absent.
        pub project: Option<Field<String>>,
        /// The service that it calls at its run.app URL. Give this or `url`.
        pub service: Option<Field<String>>,
        /// The URL that it calls. Give this or `service`.
        pub url: Option<Spanned<String>>,
        /// The path, with `service`.
        pub path: Option<Spanned<String>> = String::from("/"),
        /// The method; `POST` if absent, `GET` for an uptime check.
        pub method: Option<Spanned<String>>,
        /// The service account whose ID token it sends; no token if absent (ING-174).
        pub service_account: Option<Field<String>>,
        /// The token's audience; the URL called if absent (ING-172).
        pub audience: Option<Spanned<String>>,
        /// Free labels, for selectors.
        pub labels: Map<Spanned<String>>,
    }
}
