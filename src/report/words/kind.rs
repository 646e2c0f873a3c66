//! What kinds of hops are called, as Google's documentation or Connectivity Tests call them.
//!
//! A new kind does not compile until it has a noun, and until it is decided whether a path in short
//! shows it and what it means that a request gets past it.

use crate::graph::{HopKind as K, ResourceKind};

/// The words for a kind of hop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KindWords {
    /// Its noun, as it stands within a sentence.
    pub noun: &'static str,
    /// Whether a path in short shows it.
    pub chain: Chain,
    /// What it means that a request gets past it.
    pub admits: Admits,
}

/// Whether a path in short shows a hop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chain {
    /// It does.
    Shown,
    /// Every request passes such places, or only finds its path there: shown only if it stops
    /// something.
    Passed,
}

/// What it means that a request gets past a hop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admits {
    /// Something was checked, with this result.
    Checked(&'static str),
    /// Nothing was: it leads on.
    Leads,
}

use Admits::{Checked, Leads};
use Chain::{Passed, Shown};

/// The words for a kind of hop at a kind of resource.
pub fn kind(kind: K, of: ResourceKind) -> KindWords {
    let (noun, chain, admits) = match kind {
        K::AllowList => ("allow list", Shown, Checked("admitted")),
        K::Api => ("Google API", Passed, Leads),
        K::Backend => ("backend service", Passed, Leads),
        K::BackendBucket => ("backend bucket", Passed, Leads),
        K::BlockedTraffic => ("always blocked traffic", Passed, Checked("not blocked")),
        K::Cache => ("Cloud CDN cache", Shown, Leads),
        K::CloudNat => ("Cloud NAT", Shown, Leads),
        K::Connection => ("connection to the published service", Passed, Leads),
        K::ConnectionState => ("connection state", Passed, Checked("known")),
        K::Connector => ("VPC connector", Shown, Leads),
        K::ConnectorRules => ("connector firewall rules", Shown, Checked("allowed")),
        K::ConnectorState => ("connector state", Passed, Checked("running")),
        K::DefaultUrl => ("default URL", Passed, Checked("enabled")),
        K::Destination => ("destination", Passed, Leads),
        K::DirectVpcEgress => ("Direct VPC egress", Shown, Leads),
        K::Dns => ("DNS", Passed, Checked("resolved")),
        K::DomainMapping => ("domain mapping", Passed, Leads),
        K::EdgeSecurityPolicy => ("edge security policy", Shown, Checked("allowed")),
        K::EgressFirewall => ("egress firewall rules", Passed, Checked("allowed")),
        K::EgressSetting => ("egress setting", Shown, Leads),
        K::EndpointGroup => ("endpoint group", Passed, Leads),
        K::EqualRoutes => ("equal-cost routes", Shown, Leads),
        K::External => ("external party", Passed, Leads),
        K::ExternalAddress => ("external IP address", Shown, Leads),
        K::ExternalIpv6 => ("external IPv6 address", Shown, Leads),
        K::Forwarded => ("network that is not described", Passed, Leads),
        K::FrontEnd => ("forwarding rule", Passed, Leads),
        K::GoogleRoute => ("route to Google APIs", Passed, Leads),
        K::HierarchicalSecurityPolicy => {
            ("hierarchical security policy", Shown, Checked("allowed"))
        }
        K::HybridNat => ("Hybrid NAT", Shown, Leads),
        K::HybridRoutes => ("routes from on-premises", Passed, Leads),
        K::HybridWay => ("hybrid connectivity", Shown, Leads),
        K::Iap => ("IAP", Shown, Checked("allowed")),
        K::IapAgent => ("IAP service agent", Shown, Leads),
        K::IapException => ("IAP exception", Passed, Leads),
        K::IngressFirewall => ("ingress firewall rules", Passed, Checked("allowed")),
        K::IngressSetting => ("ingress setting", Shown, Checked("allowed")),
        K::InsideNetwork => ("VPC network", Passed, Leads),
        K::Internet => ("internet", Passed, Leads),
        K::InternetGateway => ("internet gateway", Passed, Leads),
        K::InvokerIam => ("invoker IAM", Shown, Checked("allowed")),
        K::IpForwarding => ("IP forwarding", Shown, Checked("enabled")),
        K::KnownIssue => ("known issue", Passed, Leads),
        K::Line => ("VPN tunnel or VLAN attachment", Shown, Leads),
        K::Lines => ("VPN tunnels and VLAN attachments", Passed, Leads),
        K::MetadataServer => ("metadata server", Passed, Leads),
        K::Names => ("host name", Passed, Leads),
        K::Nat64 => ("NAT64", Shown, Leads),
        K::NatProtocol => ("Cloud NAT protocols", Passed, Checked("supported")),
        K::NatRules => ("NAT rules", Shown, Leads),
        K::NccHub => ("Network Connectivity Center hub", Shown, Leads),
        K::NextHop => ("next hop", Shown, Leads),
        K::NoEndpoint => ("internal IP address", Shown, Leads),
        K::NoRoute => ("routes", Shown, Leads),
        K::Onprem => ("on-premises network", Shown, Leads),
        K::Perimeter => ("VPC Service Controls perimeter", Shown, Checked("allowed")),
        K::PolicyOrder => ("order of security policies", Passed, Leads),
        K::PolicyRoute => ("policy-based route", Shown, Leads),
        K::PolicyRoutes => ("policy-based routes", Passed, Leads),
        K::PolicyScope => ("scope of the hierarchical security policy", Passed, Leads),
        K::Port => ("port", Passed, Checked("listening")),
        K::PrivateGoogleAccess => ("Private Google Access", Shown, Checked("on")),
        K::PrivateNat => ("Private NAT", Shown, Leads),
        K::PrivateServicesAccess => ("private services access", Shown, Leads),
        K::PrivateSet => ("private ranges", Passed, Leads),
        K::ProducerGlobalAccess => ("global access of the producer", Passed, Checked("allowed")),
        K::ProducerPort => ("port of the producer", Passed, Checked("single")),
        K::ProxySubnet => ("proxy-only subnet", Shown, Leads),
        K::PscConnection => ("Private Service Connect connection", Passed, Checked("accepted")),
        K::PscEndpoint => ("Private Service Connect endpoint", Shown, Leads),
        K::PscNeg => ("Private Service Connect NEG", Shown, Leads),
        K::PscPropagation => ("Private Service Connect propagation", Shown, Checked("on")),
        K::Redirect => ("URL redirect", Shown, Leads),
        K::RedisInstance => ("Memorystore instance", Passed, Leads),
        K::RedisPort => ("port", Passed, Checked("listening")),
        K::ReservedPaths => ("reserved paths and methods", Passed, Checked("not reserved")),
        K::RestrictedApis => ("APIs of the VIP", Shown, Checked("supported")),
        K::ReturnRoute => ("return route", Passed, Checked("found")),
        K::Revision => ("revision", Passed, Leads),
        K::Route if of == ResourceKind::LoadBalancer => ("path rule", Passed, Leads),
        K::Route => ("route", Passed, Leads),
        K::RoutingMode => ("dynamic routing mode", Passed, Leads),
        K::SecurityPolicy => ("security policy", Shown, Checked("allowed")),
        K::ServerlessNeg => ("serverless NEG", Passed, Leads),
        K::ServiceAttachment => ("service attachment", Shown, Leads),
        K::SharedPool => ("Google's shared pool", Shown, Leads),
        K::SiteFirewall => ("on-premises firewall", Shown, Checked("allowed")),
        K::SiteInternet => ("on-premises internet access", Shown, Leads),
        K::SiteRoutes => ("on-premises routes", Passed, Leads),
        K::SourceTranslation => ("source translation", Shown, Leads),
        K::SqlInstance => ("Cloud SQL instance", Passed, Leads),
        K::SqlPort => ("port", Passed, Checked("listening")),
        K::Subnet => ("subnet", Shown, Leads),
        K::Subnets => ("subnets", Passed, Leads),
        K::TaggedRoutes => ("routes by network tag", Passed, Leads),
        K::Tls => ("Google Front End", Passed, Leads),
        K::TrafficSelectors => ("traffic selectors", Shown, Checked("matched")),
        K::UrlMap => ("URL map", Passed, Leads),
        K::UrlMask => ("URL mask", Shown, Leads),
        K::Vm => ("VM instance", Passed, Leads),
        K::VpcAccess => ("VPC access", Shown, Leads),
        K::WorkerPool => ("worker pool", Passed, Leads),
        K::WorkerPools => ("worker pools", Shown, Leads),
    };
    KindWords { noun, chain, admits }
}

/// Whether a resource of this kind is what the hop is, rather than something that has it: `Security
/// policy edge`, but `Ingress setting of service/web`.
pub fn is_itself(kind: K, of: ResourceKind) -> bool {
    use ResourceKind as R;
    matches!(
        (kind, of),
        (K::Backend, R::Backend)
            | (K::BackendBucket, R::BackendBucket)
            | (K::CloudNat | K::HybridNat | K::PrivateNat | K::Nat64, R::Nat)
            | (K::Connector, R::Connector)
            | (K::DomainMapping, R::DomainMapping)
            | (K::SecurityPolicy | K::EdgeSecurityPolicy, R::SecurityPolicy)
            | (K::HierarchicalSecurityPolicy, R::SecurityPolicy)
            | (K::EndpointGroup, R::EndpointGroup)
            | (K::External, R::External)
            | (K::FrontEnd | K::UrlMap, R::LoadBalancer)
            | (K::Iap, R::Iap)
            | (K::InsideNetwork, R::Network)
            | (K::NccHub, R::NccHub)
            | (K::Onprem, R::Onprem)
            | (K::PolicyRoute, R::PolicyRoute)
            | (K::PscEndpoint, R::PscEndpoint)
            | (K::RedisInstance, R::RedisInstance)
            | (K::Route, R::Route)
            | (K::ServiceAttachment, R::ServiceAttachment)
            | (K::SqlInstance, R::SqlInstance)
            | (K::Vm, R::Vm)
            | (K::WorkerPool, R::WorkerPool)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nouns_are_words_of_their_own() {
        for hop in K::ALL {
            let words = kind(*hop, ResourceKind::Service);
            assert!(!words.noun.is_empty() && !words.noun.contains('_'), "{hop}");
        }
        assert_eq!(kind(K::Route, ResourceKind::LoadBalancer).noun, "path rule");
        assert!(!is_itself(K::IngressSetting, ResourceKind::Service));
    }
}
