//! Application Load Balancers: front ends, URL maps, backends.

use std::collections::HashSet;
use std::net::IpAddr;

use super::iam::IapSetting;
use super::network::SubnetPurpose;
use super::record::{Field, Map, Setting, Spanned, keyword, record};
use super::shorthand::shorthand;
use crate::source::Span;

keyword! {
    /// The kind of Application Load Balancer (ING-083).
    pub enum LoadBalancerKind {
        /// Global external.
        GlobalExternal = "global-external",
        /// Classic.
        Classic = "classic",
        /// Regional external.
        RegionalExternal = "regional-external",
        /// Regional internal.
        RegionalInternal = "regional-internal",
        /// Cross-region internal.
        CrossRegionInternal = "cross-region-internal",
        /// A proxy or passthrough Network Load Balancer, which cannot lead to Cloud Run (ING-040).
        Network = "network",
    }
}

impl LoadBalancerKind {
    /// Whether it has an address inside a VPC network.
    pub fn is_internal(self) -> bool {
        matches!(self, Self::RegionalInternal | Self::CrossRegionInternal)
    }

    /// What its proxies need a subnet for, if they are in a network (ING-112, EGR-253).
    pub fn proxies(self) -> Option<SubnetPurpose> {
        match self {
            Self::RegionalExternal | Self::RegionalInternal => Some(SubnetPurpose::RegionalProxies),
            Self::CrossRegionInternal => Some(SubnetPurpose::GlobalProxies),
            Self::GlobalExternal | Self::Classic | Self::Network => None,
        }
    }

    /// Whether it lives in one region.
    pub fn is_regional(self) -> bool {
        matches!(self, Self::RegionalExternal | Self::RegionalInternal)
    }
}

keyword! {
    /// What a front end speaks.
    pub enum Protocol {
        /// HTTP.
        Http = "http" | "HTTP",
        /// HTTPS.
        Https = "https" | "HTTPS",
    }
}

record! {
    /// A forwarding rule with its target proxy.
    pub struct FrontEnd {
        /// The address; the load balancer's if absent.
        pub address: Option<Field<IpAddr>>,
        /// The ports; 443 for HTTPS, 80 for HTTP if empty.
        pub ports: Vec<Spanned<u16>>,
        /// The protocol; HTTPS if there are certificates, else HTTP.
        pub protocol: Option<Spanned<Protocol>>,
        /// The names on its certificates. They refuse nobody.
        pub certificates: Vec<Spanned<String>>,
        /// Answers every request with a redirect to HTTPS.
        pub redirect_to_https: Option<Spanned<bool>> = false,
        /// Its own URL map; the load balancer's if absent.
        pub url_map: Option<UrlMap>,
        /// The region, for a cross-region internal load balancer.
        pub region: Option<Spanned<String>>,
        /// Whether clients of other regions reach it (ING-109); the load balancer's if absent.
        pub global_access: Option<Field<bool>>,
    }
}

record! {
    /// A redirect.
    pub struct Redirect {
        /// Redirect to HTTPS.
        pub https: Option<Spanned<bool>> = false,
        /// The host of the location; the request's if absent.
        pub host: Option<Spanned<String>>,
        /// The path of the location; the request's if absent.
        pub path: Option<Spanned<String>>,
        /// What replaces the matched prefix of the path.
        pub prefix: Option<Spanned<String>>,
        /// Drops the query.
        pub strip_query: Option<Spanned<bool>> = false,
        /// The status: 301, 302, 303, 307 or 308.
        pub status: Option<Spanned<u16>> = 301,
    }
}

record! {
    /// A URL rewrite before the backend sees the request.
    pub struct UrlRewrite {
        /// The host that the backend sees.
        pub host: Option<Spanned<String>>,
        /// What replaces the matched prefix of the path.
        pub path_prefix: Option<Spanned<String>>,
    }
}

record! {
    /// One of several backends that share a route's requests.
    pub struct WeightedBackend {
        /// The backend.
        pub backend: Field<String>,
        /// Its share; 0 sends it nothing.
        pub weight: Spanned<u32>,
    }
}

record! {
    /// Where a route leads, in full: to one backend, to several by weight, or to a redirect.
    pub struct FullRoute {
        /// The backend, or `backend_bucket/ID`.
        pub backend: Option<Field<String>>,
        /// Several backends by weight.
        pub weighted_backends: Vec<WeightedBackend>,
        /// A redirect.
        pub redirect: Option<Redirect>,
        /// A rewrite of the URL.
        pub rewrite: Option<UrlRewrite>,
    }
}

shorthand! {
    /// Where a route leads: a backend by its id, or in full.
    pub struct Route(FullRoute) or Field<String> = |backend, span| FullRoute {
        backend: Some(backend),
        weighted_backends: Vec::new(),
        redirect: None,
        rewrite: None,
        span,
    }
}

record! {
    /// A match on a header.
    pub struct HeaderMatch {
        /// The header's name.
        pub name: Spanned<String>,
        /// The whole value.
        pub exact: Option<Spanned<String>>,
        /// How the value begins.
        pub prefix: Option<Spanned<String>>,
        /// How the value ends.
        pub suffix: Option<Spanned<String>>,
        /// A regular expression (RE2) for the whole value.
        pub regex: Option<Spanned<String>>,
        /// Whether the header must be there (true) or must not (false).
        pub present: Option<Spanned<bool>>,
        /// Turns the match round.
        pub invert: Option<Spanned<bool>> = false,
    }
}

record! {
    /// A match on a query parameter.
    pub struct QueryMatch {
        /// The parameter's name.
        pub name: Spanned<String>,
        /// The whole value.
        pub exact: Option<Spanned<String>>,
        /// A regular expression (RE2) for the whole value.
        pub regex: Option<Spanned<String>>,
        /// The parameter must be there.
        pub present: Option<Spanned<bool>>,
    }
}

record! {
    /// A match of a route rule: all its parts must hold (ING-100).
    pub struct RouteMatch {
        /// The whole path.
        pub path: Option<Spanned<String>>,
        /// How the path begins.
        pub prefix: Option<Spanned<String>>,
        /// A regular expression (RE2) for the whole path.
        pub regex: Option<Spanned<String>>,
        /// Compares `path` and `prefix` without regard to case.
        pub ignore_case: Option<Spanned<bool>> = false,
        /// Matches on headers.
        pub headers: Vec<HeaderMatch>,
        /// Matches on query parameters.
        pub query: Vec<QueryMatch>,
    }
}

record! {
    /// A route rule (ING-100).
    pub struct RouteRule {
        /// Its priority; lower is first.
        pub priority: Spanned<u32>,
        /// The matches, of which one is enough; every request if empty.
        pub matches: Vec<RouteMatch>,
        /// Where it leads.
        pub route: Route,
    }
}

record! {
    /// A path matcher: path rules or route rules, not both (ING-100).
    pub struct PathMatcher {
        /// Where requests go that no rule matches; the URL map's default if absent.
        pub default: Option<Route>,
        /// Path patterns and where they lead (ING-098, ING-099).
        pub paths: Map<Route>,
        /// Route rules.
        pub routes: Vec<RouteRule>,
    }
}

record! {
    /// A host rule in full: a path matcher by name, or its content inline.
    pub struct FullHostRule {
        /// The path matcher.
        pub path_matcher: Option<Spanned<String>>,
        /// Where requests go that no rule matches.
        pub default: Option<Route>,
        /// Path patterns and where they lead.
        pub paths: Map<Route>,
        /// Route rules.
        pub routes: Vec<RouteRule>,
    }
}

shorthand! {
    /// A host rule: a path matcher by name, or in full.
    pub struct HostRule(FullHostRule) or Spanned<String> = |name, span| FullHostRule {
        path_matcher: Some(name),
        default: None,
        paths: Map::default(),
        routes: Vec::new(),
        span,
    }
}

record! {
    /// A URL map (ING-096 to ING-101).
    pub struct UrlMap {
        /// Where requests go whose host no rule matches.
        pub default: Option<Route>,
        /// Host patterns and their rules.
        pub hosts: Map<HostRule>,
        /// Path matchers by name.
        pub path_matchers: Map<PathMatcher>,
    }
}

impl Route {
    /// What it names, with what it may be: backends and `backend_bucket/ID`.
    pub fn targets(&self) -> impl Iterator<Item = (&str, Span)> {
        let weighted = self.weighted_backends.iter().map(|weighted| &weighted.backend);
        self.backend.iter().chain(weighted).flat_map(|field| {
            let known = field.known().map(|name| (name.as_str(), field.span));
            let candidates = field.candidates().iter();
            known.into_iter().chain(candidates.map(|each| (each.value.as_str(), each.span)))
        })
    }
}

impl UrlMap {
    /// Its routes; without those of path matchers that no host rule names if they are to be
    /// `live`.
    pub fn routes(&self, live: bool) -> Vec<&Route> {
        let mut found: Vec<&Route> = self.default.iter().collect();
        let mut named: HashSet<&str> = HashSet::new();
        for rule in self.hosts.values() {
            found.extend(&rule.default);
            found.extend(rule.paths.values());
            found.extend(rule.routes.iter().map(|each| &each.route));
            named.extend(rule.path_matcher.iter().map(|name| name.value.as_str()));
        }
        for (name, entry) in &self.path_matchers {
            if live && !named.contains(&**name) {
                continue;
            }
            found.extend(&entry.value.default);
            found.extend(entry.value.paths.values());
            found.extend(entry.value.routes.iter().map(|each| &each.route));
        }
        found
    }
}

impl LoadBalancer {
    /// Whether clients of other regions reach a front end of it: as that says, or else as it does
    /// itself (ING-109).
    pub fn global_access_of<'t>(&'t self, front_end: Option<&'t FrontEnd>) -> Setting<'t, bool> {
        let said = front_end.and_then(|front_end| front_end.global_access.as_ref());
        Setting { field: said.or(self.global_access.as_ref()), default: false }
    }

    /// Its URL maps.
    pub fn url_maps(&self) -> impl Iterator<Item = &UrlMap> {
        let others = self.front_ends.iter().filter_map(|front_end| front_end.url_map.as_ref());
        std::iter::once(&self.url_map).chain(others)
    }

    /// What its routes name: backends and `backend_bucket/ID`.
    pub fn backends(&self) -> Vec<&str> {
        let routes = self.url_maps().flat_map(|map| map.routes(false));
        let mut names: Vec<&str> = routes.flat_map(Route::targets).map(|(name, _)| name).collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}

record! {
    /// An Application Load Balancer.
    pub struct LoadBalancer: resource "load_balancer" {
        /// The project; the network's, else the only project if absent.
        pub project: Option<Field<String>>,
        /// Its kind.
        pub kind: Spanned<LoadBalancerKind>,
        /// The network of its proxies, for an internal or a regional one (ING-112, EGR-253).
        pub network: Option<Field<String>>,
        /// The region, for a regional one.
        pub region: Option<Field<String>>,
        /// The address of its front ends.
        pub address: Option<Field<IpAddr>>,
        /// The names on its certificates; with some it has an HTTPS front end on 443, else HTTP
        /// on 80.
        pub certificates: Vec<Spanned<String>>,
        /// The front ends, if there is more to say than address and certificates.
        pub front_ends: Vec<FrontEnd>,
        /// Whether clients of other regions reach a regional internal one; false if absent
        /// (ING-109).
        pub global_access: Option<Field<bool>>,
        /// Where requests go.
        pub url_map: UrlMap,
        /// Free labels, for selectors.
        pub labels: Map<Spanned<String>>,
    }
}

record! {
    /// A serverless NEG in full (ING-084).
    pub struct FullNeg {
        /// The service.
        pub service: Option<Field<String>>,
        /// The traffic tag of the service.
        pub tag: Option<Spanned<String>>,
        /// A mask that takes service and tag from the URL (ING-085).
        pub url_mask: Option<Spanned<String>>,
        /// The region; the service's if absent.
        pub region: Option<Field<String>>,
        /// The project; the service's, else the backend's if absent.
        pub project: Option<Field<String>>,
    }
}

shorthand! {
    /// A serverless NEG: a service by its id, or in full.
    pub struct Neg(FullNeg) or Field<String> = |service, span| FullNeg {
        service: Some(service),
        tag: None,
        url_mask: None,
        region: None,
        project: None,
        span,
    }
}

record! {
    /// A Private Service Connect NEG in full (ING-162).
    pub struct FullPscNeg {
        /// What it leads to: `service_attachment/ID`, or a Google API by its name, such as
        /// `europe-west1-run.googleapis.com` (ING-218).
        pub target: Spanned<String>,
        /// The region; that of the published load balancer if absent.
        pub region: Option<Spanned<String>>,
        /// The network that the producer's lists see; the load balancer's if absent.
        pub network: Option<Spanned<String>>,
        /// Whether the producer accepted the connection; by the attachment's lists if absent.
        pub accepted: Option<Field<bool>>,
    }
}

shorthand! {
    /// A Private Service Connect NEG: what it leads to, or in full.
    pub struct PscNeg(FullPscNeg) or Spanned<String> = |target, span| FullPscNeg {
        target,
        region: None,
        network: None,
        accepted: None,
        span,
    }
}

keyword! {
    /// What is in a group of endpoints (ING-223).
    pub enum EndpointGroupKind {
        /// Machines of Compute Engine.
        InstanceGroup = "instance-group",
        /// Pods of GKE, or machines by address: a zonal NEG.
        Zonal = "zonal" | "gke" | "GCE_VM_IP_PORT",
        /// Servers of a site or of another cloud, by a line: a hybrid NEG.
        Hybrid = "hybrid" | "NON_GCP_PRIVATE_IP_PORT",
        /// App Engine: a serverless NEG.
        AppEngine = "app-engine",
        /// A function of the first generation: a serverless NEG.
        CloudFunction = "cloud-function",
        /// A host or an address on the internet: an internet NEG (ING-224).
        Internet = "internet" | "INTERNET_FQDN_PORT" | "INTERNET_IP_PORT",
    }
}

record! {
    /// What is behind a load balancer besides Cloud Run: an end that answers (ING-223). What it checks
    /// itself is not followed, except that an internet NEG may lead to something else that the
    /// topology has (ING-224).
    pub struct EndpointGroup: resource "endpoint_group" {
        /// What is in it.
        pub kind: Spanned<EndpointGroupKind>,
        /// Its region; none for an internet NEG of a global load balancer.
        pub region: Option<Spanned<String>>,
        /// The host of an internet NEG, as public name servers resolve it.
        pub host: Option<Spanned<String>>,
        /// The address of an internet NEG, if it has no host.
        pub address: Option<Spanned<IpAddr>>,
        /// The port of an internet NEG; 443 for a backend that speaks HTTPS if absent, else 80.
        pub port: Option<Spanned<u16>>,
        /// Free labels, for selectors.
        pub labels: Map<Spanned<String>>,
    }
}

record! {
    /// A backend service with its NEGs, all of one sort.
    pub struct Backend: resource "backend" {
        /// The project; that of its first service if absent.
        pub project: Option<Field<String>>,
        /// Its serverless NEGs, at most one a region (ING-091).
        pub services: Vec<Neg>,
        /// Its Private Service Connect NEGs, at most one a region (ING-162).
        pub psc_negs: Vec<PscNeg>,
        /// What else it leads to: groups of endpoints that are not Cloud Run (ING-223).
        pub endpoint_groups: Vec<Spanned<String>>,
        /// The `Host` header that it sends to its groups of endpoints, a custom request header; that of
        /// the request if absent (ING-224).
        pub host: Option<Spanned<String>>,
        /// What it speaks to a published service and to the internet: HTTP unless it is said. Google
        /// APIs are spoken to in HTTPS.
        pub protocol: Option<Spanned<Protocol>>,
        /// The backend security policy (ING-117).
        pub security_policy: Option<Field<String>>,
        /// The edge security policy (ING-117).
        pub edge_security_policy: Option<Field<String>>,
        /// Whether outlier detection takes a NEG that fails for unhealthy, so that another region
        /// stands in for it (ING-093, ING-094).
        pub outlier_detection: Option<Field<bool>> = false,
        /// Identity-Aware Proxy on this backend (ING-140).
        pub iap: Option<IapSetting> = false,
        /// Cloud CDN (ING-106).
        pub cdn: Option<Field<bool>> = false,
        /// Free labels, for selectors.
        pub labels: Map<Spanned<String>>,
    }
}

record! {
    /// A backend bucket.
    pub struct BackendBucket: resource "backend_bucket" {
        /// The bucket; the id if absent.
        pub bucket: Option<Spanned<String>>,
        /// The edge security policy.
        pub edge_security_policy: Option<Field<String>>,
        /// Free labels, for selectors.
        pub labels: Map<Spanned<String>>,
    }
}
