//! Cases: a small topology, and what there is to say about it, word for word.
//!
//! A case without a text of its own is about the example of its code.

use crate::source::testing::{Case, case, example};

#[rustfmt::skip]
pub(super) const CASES: &[Case] = &[
    example("invalid-service-name", r##"
`Web_Site` is not a name that Cloud Run accepts
  ^ "Web_Site"
  help: take lower-case letters, digits and hyphens, with a letter first
  resource: service/web
"##),
    example("no-deterministic-url", r##"
the tag `a-tag-for-the-revision-that-is-to-come-after-this-one` of service/web has no deterministic URL
  ^ "a-tag-for-the-revision-that-is-to-come-after-this-one" `a-tag-for-the-revision-that-is-to-come-after-this-one---web-123456789012` has 72 characters
  note: ING-043: the URL with the project number exists only if its first label has at most 63 characters
  resource: service/web
"##),
    example("invalid-hash", r##"
`abc` is not the hash of a run.app URL
  ^ "abc"
  help: take the ten characters before the region in a URL like `web-abcdefghij-an.a.run.app`
  note: ING-043: the hash form of a run.app URL has ten lower-case letters and digits before the region
  resource: project/shop
"##),
    example("network-tags-without-effect", r##"
the network tags of service/web have no effect
  ^ "web"
  - "own" it sends by a connector
  note: EGR-045: network tags are part of Direct VPC egress; with a connector the packets are its own
  resource: service/web
"##),
    example("traffic-tags-without-url", r##"
the URLs of the traffic tags of service/web do not answer
  ^ "next"
  - "false" the default URL is off
  note: ING-044: the switch of the default URL is that of the tags' URLs as well
  resource: service/web
"##),
    example("invokers-not-checked", r##"
the invokers of service/web have no effect
  ^ "user:alice@example.com"
  - "false" the check is off
  help: leave the invokers out, or turn the check on
  note: ING-065: with the invoker check off, everybody may invoke, whatever the bindings say
  resource: service/web
"##),
    example("open-to-the-internet", r##"
everybody on the internet can invoke service/web
  ^ "allUsers"
  help: if that is not meant, narrow `ingress` or name the `invokers`
  note: ING-010: ingress `all`, the default, admits every source, and allUsers is everybody
  resource: service/web
"##),
    example("default-service-account", r##"
service/web runs as the Compute Engine default account
  ^ "web"
  help: give it a `service_account` of its own with the rights that it needs
  resource: service/web
"##),
    example("no-way-in", r##"
nothing in the topology can enter service/web
  ^ "internal"
  note: ING-016: ingress `internal` admits internal load balancers, networks of the project, of a shared perimeter or attached, and Google products
  resource: service/web
"##),
    example("missing-proxy-subnet", r##"
network/prod has no proxies for load_balancer/inside in `europe-west1`
  ^ "prod"
  help: add a subnet with `purpose: regional-managed-proxy`
  note: ING-112: an internal or regional external load balancer needs a proxy-only subnet in its network and region; without one nobody gets through
  resource: load_balancer/inside
"##),
    example("unknown-traffic-tag", r##"
service/web has no traffic tag `bleu`
  ^ "bleu"
  help: did you mean `blue`?
  note: ING-084: a NEG with a tag leads to the revision that has it
  resource: backend/web
"##),
    example("neg-not-used", r##"
only the first NEG of backend/web gets requests
  ^ "far"
  - "web" the first one
  note: ING-095: behind a cross-region internal load balancer with IAP only one serverless NEG gets requests
  resource: backend/web
"##),
    example("edge-policy-unsupported", r##"
backend/web has an edge security policy, which load_balancer/edge of kind `regional-external` does not evaluate
  ^ "edge"
  - "regional-external" its kind
  note: ING-138: edge security policies are available on global external and classic load balancers only
  resource: backend/web
"##),
    example("hierarchical-policy-unsupported", r##"
security_policy/all of the hierarchy does not guard backend/web behind load_balancer/edge
  ^ "regional-external"
  - "all" attached to the hierarchy
  note: ING-138: hierarchical security policies guard backends of global external and classic load balancers only
  resource: backend/web
"##),
    example("policy-on-cross-region", r##"
load_balancer/inside evaluates no security policy of its backends
  ^ "edge"
  - "cross-region-internal" its kind
  note: ING-119: security policies are supported on external load balancers and the regional internal one
  resource: backend/web
"##),
    example("unused-path-matcher", r##"
the path matcher `main` of load_balancer/edge is named by no host rule
  ^ "main"
  help: name it in `hosts`, as `"*": main` for every host
  note: ING-097: a path matcher applies to the hosts whose rules name it, and to no others
  resource: load_balancer/edge
"##),
    example("host-never-matches", r##"
the host rule `WWW.example.com` of load_balancer/edge never applies
  ^ "WWW.example.com"
  - "www.example.com" has the same hosts
  note: ING-096: the most exact pattern wins, whatever the order, and what a name cannot be never matches
  resource: load_balancer/edge
"##),
    example("path-never-matches", r##"
no path matches `/find?q=1`
  ^ "\"/find?q=1\""
  help: match parameters of the query by a route rule
  note: ING-099: path rules match the path of a URL, without query and fragment
  resource: load_balancer/edge
"##),
    example("policy-in-preview", r##"
security_policy/edge refuses in preview only
  ^ "true"
  help: set `preview: false` to enforce the rule
  note: ING-126: a rule in preview is logged, not enforced
  resource: security_policy/edge
"##),
    example("policy-refuses-nothing", r##"
security_policy/edge refuses nothing
  ^ "edge"
  note: ING-122: a policy without a rule that denies, redirects or limits lets everything pass
  resource: security_policy/edge
"##),
    example("policy-without-effect", r##"
security_policy/packets does not concern Cloud Run
  ^ "network"
  note: ING-116: policies of type `network` and `internal-service` guard other things than backends of Cloud Run
  resource: security_policy/packets
"##),
    example("role-without-effect", r##"
`roles/run.viewer` does not let anybody invoke
  ^ "roles/run.viewer"
  help: leave it out for `roles/run.invoker`
  note: ING-055: invocation needs a role with `run.routes.invoke`, passing IAP `roles/iap.httpsResourceAccessor`
  resource: service/web
"##),
    example("access-level-without-iap", r##"
a binding on service/web asks for an access level
  ^ "office"
  help: turn on `iap`, and ask for the level of its accessors
  note: ING-068: access levels are known to IAP only; a condition on them never grants invocation
  resource: service/web
"##),
    example("federated-invoker", r##"
a federated identity cannot invoke service/web
  ^ "\"principal://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/ci/subject/build\""
  help: bind a service account, and let the identity impersonate it
  note: ING-183: Cloud Run takes no tokens of federated identities: workloads impersonate a service account, and people of a workforce pool pass by IAP
  resource: service/web
"##),
    example("basic-role-on-account", r##"
the account of service/web has `roles/editor` on project/shop
  ^ "serviceAccount:web@shop.iam.gserviceaccount.com"
  help: bind the roles that it needs, where it needs them
  note: ING-055: owner and editor contain nearly everything, invocation of every service below as well
  resource: project/shop
"##),
    example("iap-agent-not-invoker", r##"
the agent of IAP in project/shop is no invoker of service/web
  ^ "{accessors: [user:alice@example.com]}"
  help: add `serviceAccount:service-123456789012@gcp-sa-iap.iam.gserviceaccount.com` to the invokers of service/web
  note: ING-141: behind IAP the service is called by IAP's service agent, which needs roles/run.invoker
  resource: service/web
"##),
    example("iap-open", r##"
everybody passes IAP on service/web
  ^ "allUsers"
  help: name the accessors
  note: ING-143: IAP lets its accessors pass, and allUsers is everybody
  resource: service/web
"##),
    example("iap-without-accessors", r##"
nobody passes IAP on service/web
  ^ "true"
  help: name the `accessors`
  note: ING-143: IAP lets only its accessors pass
  resource: service/web
"##),
    example("bypassed-policy", r##"
the run.app URL of service/web bypasses security_policy/edge
  ^ "all"
  - "edge" the guard
  help: set `ingress: internal-and-cloud-load-balancing`, or `default_url: false`
  note: ING-050: with ingress `all` and the default URL on, the run.app URL bypasses the load balancer and its security policy
  resource: service/web
"##),
    example("bypassed-iap", r##"
the run.app URL of service/web bypasses IAP
  ^ "all"
  - "{accessors: [user:alice@example.com]}" the guard
  help: set `ingress: internal-and-cloud-load-balancing`, or turn IAP on on the service instead
  note: ING-051: IAP on a backend guards only the path by the load balancer
  resource: service/web
"##),
    example("bypassed-by-mapping", r##"
the domain mapping of service/web bypasses the guards of its load balancer
  ^ "web"
  - "edge" a guard
  help: set `ingress: internal-and-cloud-load-balancing`, or remove the mapping
  note: ING-049: a domain mapping ends at Google's own front end: no security policy and no IAP of a load balancer is on its path
  resource: service/web
"##),
    example("unguarded-sibling", r##"
backend/api leads to service/web without security_policy/edge, which another backend has
  ^ "api"
  - "edge" the guard
  help: add `security_policy: edge`
  note: ING-104: security policy and IAP are per backend, so the weakest path counts
  resource: backend/api
"##),
    example("open-beside-load-balancer", r##"
service/web is open beside its load balancer
  ^ "all"
  - "web" leads here from the load balancer
  help: set `ingress: internal-and-cloud-load-balancing`, or `default_url: false`
  note: ING-010: ingress `all` admits every source, so the load balancer is not the only path in while the default URL is on
  resource: service/web
"##),
    example("public-behind-load-balancer", r##"
internal sources enter service/web without its load balancer
  ^ "allUsers"
  - "edge" the guard
  help: grant roles/run.invoker to its actual callers only (with IAP on the backend, IAP's service agent), or set `default_url: false`
  note: ING-052: internal sources still reach the run.app URL directly, where only IAM is left, and allUsers lets all of them in
  resource: service/web
"##),
    case("open-beside-load-balancer", r##"services:
  closed: {region: europe-west1, ingress: all, default_url: false}
  inner: {region: europe-west2, ingress: internal-and-cloud-load-balancing}
  guarded: {region: europe-west3, ingress: all}
backends:
  web: {services: [closed, inner]}
  guarded: {services: [guarded], security_policy: edge}
security_policies:
  edge: {rules: [{priority: 1, action: deny(403), source_ranges: [192.0.2.0/24]}]}
load_balancers:
  edge: {kind: global-external, url_map: {default: web, hosts: {a.example.com: {default: guarded}}}}
"##, ""),
    case("public-behind-load-balancer", r##"networks:
  prod: {subnets: {run: {region: europe-west1, range: 10.0.0.0/24, private_google_access: true}}}
services:
  private: {region: europe-west1, ingress: internal-and-cloud-load-balancing}
  closed: {region: europe-west2, ingress: internal-and-cloud-load-balancing, default_url: false, invokers: [allUsers]}
  checked: {region: europe-west3, ingress: internal-and-cloud-load-balancing, invoker_check: false}
backends:
  web: {services: [private, closed, checked], iap: {accessors: [user:alice@example.com]}}
load_balancers:
  edge: {kind: global-external, url_map: {default: web}}
"##, r##"
internal sources enter service/checked without its load balancer
  ^ "checked"
  - "{accessors: [user:alice@example.com]}" the guard
  help: grant roles/run.invoker to its actual callers only (with IAP on the backend, IAP's service agent), or set `default_url: false`
  note: ING-052: internal sources still reach the run.app URL directly, where only IAM is left, and allUsers lets all of them in
  resource: service/checked
"##),
    example("internal-but-open", r##"
service/web is behind an internal load balancer, but open to the internet
  ^ "web" the ingress setting is `all` if it is not given
  - "web" leads here from an internal load balancer
  help: set `ingress: internal`
  note: ING-010: ingress `all` admits every source, whatever stands in front of the service
  resource: service/web
"##),
    example("audience-of-custom-domain", r##"
`www.example.com` is no audience of service/web
  ^ "web"
  - "www.example.com" leads there
  help: add `https://www.example.com` to `custom_audiences`
  note: ING-072: behind a load balancer the audience of a token is the run.app URL or a custom audience; the host counts only if it is one
  resource: service/web
"##),
    example("nat-without-addresses", r##"
nat/one has no address for new connections
  ^ "false"
  help: add `addresses`
  note: EGR-058: a manual gateway without an active address drops new connections
  resource: nat/one
"##),
    example("nat-not-used", r##"
service/web does not send to the internet by nat/one
  ^ "own"
  - "one" serves where it is attached
  help: set `egress: all-traffic`
  note: EGR-076: with `private-ranges-only` what goes to the internet leaves by addresses that Google shares between customers, even beside a gateway
  resource: service/web
"##),
    example("all-traffic-without-nat", r##"
service/web has no path to the internet
  ^ "all-traffic"
  help: add a gateway to `nats` for network/prod in `europe-west1`, or set `egress: private-ranges-only`
  note: EGR-011: with `all-traffic` the internet is reached by a gateway that serves the subnet or connector; without one packets are dropped
  resource: service/web
"##),
    example("admitted-nat-not-used", r##"
external/billing admits nat/one, by which nothing sends
  ^ "nat/one"
  note: EGR-076: the internet sees the addresses of a gateway only if what sends is attached to its network, is served by it, and sends all traffic there
  resource: external/billing
"##),
    example("nat-address-not-admitted", r##"
external/billing admits some addresses of nat/one, but not `203.0.113.11`
  ^ "203.0.113.10"
  - "203.0.113.11" not admitted
  help: admit `nat/one`
  note: EGR-060: which address of a gateway a connection gets is Google's choice
  resource: external/billing
"##),
    example("admits-nobody", r##"
external/billing admits no address that anything sends from
  ^ "192.0.2.1"
  help: admit the addresses of a gateway, as `nat/ID`
  note: EGR-076: the internet sees the addresses of gateways and of machines, or those that Google shares between customers
  resource: external/billing
"##),
    example("product-cut-off", r##"
product/orders calls the run.app URL of service/web, which is off
  ^ "web"
  - "false" off
  help: turn it on, and set `ingress` so that only internal sources use it
  note: ING-047: products call the run.app URL, which does not answer if the default URL is off
  resource: product/orders
"##),
    example("product-without-token", r##"
product/orders sends no token, but service/web is private
  ^ "web"
  help: give it a `service_account` that is an invoker
  note: ING-174: a product without a service account sends no token, and is answered 403
  resource: product/orders
"##),
    example("product-not-invoker", r##"
the account of product/orders is no invoker of service/web
  ^ "push@shop.iam.gserviceaccount.com"
  help: add `serviceAccount:push@shop.iam.gserviceaccount.com` to the invokers of service/web
  note: ING-172: the account whose token a product sends needs roles/run.invoker
  resource: product/orders
"##),
    example("product-of-other-project", r##"
product/nightly is outside of the project of service/web
  ^ "tools"
  - "internal" admits internal sources only
  help: move it there, or put both projects into one perimeter
  note: ING-182: products count as internal only in the service's project or in a perimeter with it
  resource: product/nightly
"##),
    example("product-by-domain", r##"
product/orders calls service/web by its own domain, from outside
  ^ "\"https://www.example.com/push\""
  - "internal" admits internal sources only
  help: write `service: web`
  note: ING-036: products count as internal only at the run.app URL, not at a mapped domain
  resource: product/orders
"##),
    example("product-before-iap", r##"
IAP on service/web refuses product/orders
  ^ "web"
  - "{accessors: [user:alice@example.com]}" IAP
  note: ING-145: IAP intercepts first, and does not take the tokens of products that are not its accessors
  resource: product/orders
"##),
    example("unused-resource", r##"
backend/web is not used: no URL map leads to it
  ^ "web"
  resource: backend/web
"##),
    case("invalid-service-name", r##"services:
  Web: {region: a}
  web-: {region: a}
  w: {region: a}
"##, r##"
`Web` is not a name that Cloud Run accepts
  ^ "Web"
  help: give the name in URLs as `name`
  resource: service/Web
`web-` is not a name that Cloud Run accepts
  ^ "web-"
  help: give the name in URLs as `name`
  resource: service/web-
"##),
    case("no-deterministic-url", r##"projects: {shop: {number: 123456789012}}
services:
  web-web-web-web-web-web-web-web-web-web-web-web-web: {region: a}
"##, r##"
service/web-web-web-web-web-web-web-web-web-web-web-web-web has no deterministic URL
  ^ "web-web-web-web-web-web-web-web-web-web-web-web-web" `web-web-web-web-web-web-web-web-web-web-web-web-web-123456789012` has 64 characters
  note: ING-043: the URL with the project number exists only if its first label has at most 63 characters
  resource: service/web-web-web-web-web-web-web-web-web-web-web-web-web
"##),
    case("no-way-in", r##"services:
  web: {region: a, ingress: none}
  api: {region: a, ingress: internal-and-cloud-load-balancing}
  app: {region: a, ingress: internal}
products:
  orders: {kind: pubsub, service: app}
"##, r##"
nothing in the topology can enter service/web
  ^ "none"
  note: ING-016: ingress `internal` admits internal load balancers, networks of the project, of a shared perimeter or attached, and Google products
  resource: service/web
nothing in the topology can enter service/api
  ^ "internal-and-cloud-load-balancing"
  note: ING-016: ingress `internal` admits internal load balancers, networks of the project, of a shared perimeter or attached, and Google products
  resource: service/api
"##),
    case("open-to-the-internet", r##"services:
  web: {region: a, ingress: all, invoker_check: false}
  api: {region: a, default_url: false, invokers: [allUsers]}
  app: {region: a, ingress: internal, invokers: [allUsers]}
projects:
  shop: {iam: [{role: roles/run.invoker, members: [{unknown: later}]}]}
"##, r##"
everybody on the internet can invoke service/web
  ^ "web"
  - "all" admits every source
  help: if that is not meant, narrow `ingress` or name the `invokers`
  note: ING-010: ingress `all`, the default, admits every source, and allUsers is everybody
  resource: service/web
"##),
    case("open-to-the-internet", r##"organization: {iam: [{role: roles/run.invoker, members: [allUsers]}]}
services:
  web: {region: a}
"##, r##"
everybody on the internet can invoke service/web
  ^ "web"
  help: if that is not meant, narrow `ingress` or name the `invokers`
  note: ING-010: ingress `all`, the default, admits every source, and allUsers is everybody
  resource: service/web
"##),
    case("missing-proxy-subnet", r##"networks:
  prod: {subnets: {p: {region: a, range: 10.0.0.0/24, purpose: regional-managed-proxy}}}
load_balancers:
  one: {kind: regional-internal, network: prod, region: a, url_map: {default: {redirect: {https: true}}}}
  two: {kind: cross-region-internal, network: prod, url_map: {default: {redirect: {https: true}}}}
"##, r##"
network/prod has no proxies for load_balancer/two
  ^ "prod"
  help: add a subnet with `purpose: global-managed-proxy`
  note: ING-112: an internal or regional external load balancer needs a proxy-only subnet in its network and region; without one nobody gets through
  resource: load_balancer/two
"##),
    case("edge-policy-unsupported", r##"backend_buckets:
  assets: {edge_security_policy: edge}
security_policies:
  edge: {type: edge, rules: []}
load_balancers:
  one: {kind: regional-external, region: a, url_map: {default: backend_bucket/assets}}
"##, r##"
backend_bucket/assets has an edge security policy, which load_balancer/one of kind `regional-external` does not evaluate
  ^ "edge"
  - "regional-external" its kind
  note: ING-138: edge security policies are available on global external and classic load balancers only
  resource: backend_bucket/assets
"##),
    case("host-never-matches", r##"services:
  web: {region: europe-west1}
backends:
  web: {services: [web]}
load_balancers:
  edge:
    kind: global-external
    url_map:
      default: web
      hosts:
        a..example.com: {default: web}
        "*..example.com": {default: web}
        "*.example.com": {default: web}
        "*.example.com:8080": {default: web}
"##, r##"
no host name matches `a..example.com`
  ^ "a..example.com"
  note: ING-096: the most exact pattern wins, whatever the order, and what a name cannot be never matches
  resource: load_balancer/edge
no host name matches `*..example.com`
  ^ "\"*..example.com\""
  note: ING-096: the most exact pattern wins, whatever the order, and what a name cannot be never matches
  resource: load_balancer/edge
the host rule `*.example.com:8080` of load_balancer/edge never applies
  ^ "\"*.example.com:8080\""
  - "\"*.example.com\"" has the same hosts
  note: ING-096: the most exact pattern wins, whatever the order, and what a name cannot be never matches
  resource: load_balancer/edge
"##),
    case("policy-in-preview", r##"services:
  web: {region: a}
backends:
  web: {services: [web], security_policy: edge}
security_policies:
  edge:
    rules:
      - {priority: 1, action: deny(403), preview: true, source_ranges: [192.0.2.0/24]}
      - {priority: 2, action: throttle, source_ranges: [192.0.2.0/24]}
"##, r##"
"##),
    case("role-without-effect", r##"services:
  web:
    region: a
    invokers: [{role: projects/shop/roles/own, members: [user:alice@example.com]}]
    iap: {accessors: [{role: roles/run.invoker, members: [user:alice@example.com]}]}
"##, r##"
`roles/run.invoker` does not let anybody pass IAP
  ^ "roles/run.invoker"
  help: leave it out for `roles/iap.httpsResourceAccessor`
  note: ING-055: invocation needs a role with `run.routes.invoke`, passing IAP `roles/iap.httpsResourceAccessor`
  resource: service/web
"##),
    case("access-level-without-iap", r##"access_levels:
  office: {addresses: [203.0.113.0/24]}
services:
  web:
    region: a
    invokers:
      - members: [user:alice@example.com]
        condition: "'accessPolicies/1/accessLevels/office' in request.auth.access_levels"
    iap: {accessors: [{members: [user:alice@example.com], access_levels: [office]}]}
"##, r##"
a binding on service/web asks for an access level
  ^ "\"'accessPolicies/1/accessLevels/office' in request.auth.access_levels\""
  help: turn on `iap`, and ask for the level of its accessors
  note: ING-068: access levels are known to IAP only; a condition on them never grants invocation
  resource: service/web
"##),
    case("federated-invoker", r##"services:
  web: {region: a, invokers: ["principal://iam.googleapis.com/locations/global/workforcePools/staff/subject/alice"]}
"##, r##"
a federated identity cannot invoke service/web
  ^ "\"principal://iam.googleapis.com/locations/global/workforcePools/staff/subject/alice\""
  help: let its people pass by IAP
  note: ING-183: Cloud Run takes no tokens of federated identities: workloads impersonate a service account, and people of a workforce pool pass by IAP
  resource: service/web
"##),
    case("basic-role-on-account", r##"organization: {iam: [{role: roles/owner, members: [serviceAccount:123456789012-compute@developer.gserviceaccount.com]}]}
projects: {shop: {number: 123456789012}}
jobs:
  nightly: {region: a}
"##, r##"
the account of job/nightly has `roles/owner` on organization
  ^ "serviceAccount:123456789012-compute@developer.gserviceaccount.com"
  help: bind the roles that it needs, where it needs them
  note: ING-055: owner and editor contain nearly everything, invocation of every service below as well
  resource: organization
"##),
    case("iap-agent-not-invoker", r##"projects: {shop: {number: 123456789012}}
groups:
  agents@example.com: {members: [serviceAccount:service-123456789012@gcp-sa-iap.iam.gserviceaccount.com]}
services:
  one: {region: a, invokers: [group:agents@example.com]}
  two: {region: a, invokers: [allUsers]}
  three: {region: a, invokers: [{unknown: later}]}
  four: {region: b, invokers: [user:alice@example.com]}
backends:
  one: {services: [one, four], iap: {accessors: [user:alice@example.com]}}
  two: {services: [two], iap: {accessors: [user:alice@example.com]}}
  three: {services: [three], iap: {accessors: [user:alice@example.com]}}
"##, r##"
the agent of IAP in project/shop is no invoker of service/four
  ^ "{accessors: [user:alice@example.com]}"
  help: add `serviceAccount:service-123456789012@gcp-sa-iap.iam.gserviceaccount.com` to the invokers of service/four
  note: ING-141: behind IAP the service is called by IAP's service agent, which needs roles/run.invoker
  resource: backend/one
"##),
    case("bypassed-policy", r##"services:
  web: {region: a, invokers: [allUsers]}
  app: {region: b, ingress: {unknown: later, candidates: [all]}}
backends:
  web: {services: [web, app], security_policy: edge}
security_policies:
  edge: {rules: [{priority: 1, action: deny(403), source_ranges: [192.0.2.0/24]}]}
load_balancers:
  edge: {kind: global-external, url_map: {default: web}}
"##, r##"
the run.app URL of service/web bypasses security_policy/edge
  ^ "web" the ingress setting is `all` if it is not given
  - "edge" the guard
  help: set `ingress: internal-and-cloud-load-balancing`, or `default_url: false`
  note: ING-050: with ingress `all` and the default URL on, the run.app URL bypasses the load balancer and its security policy
  resource: service/web
"##),
    case("unguarded-sibling", r##"services:
  web: {region: a, ingress: internal-and-cloud-load-balancing, invokers: [allUsers]}
backends:
  one: {services: [web], iap: {accessors: [user:alice@example.com]}}
  two: {services: [web]}
  three: {services: [web]}
load_balancers:
  edge: {kind: global-external, url_map: {default: one, hosts: {www.example.com: {default: two}}}}
"##, r##"
backend/two leads to service/web without IAP, which another backend has
  ^ "two"
  - "{accessors: [user:alice@example.com]}" the guard
  help: add `iap`
  note: ING-104: security policy and IAP are per backend, so the weakest path counts
  resource: backend/two
"##),
    case("audience-of-custom-domain", r##"services:
  web:
    region: a
    invokers: [user:alice@example.com]
    custom_audiences: ["https://www.example.com"]
backends:
  web: {services: [web]}
load_balancers:
  edge: {kind: global-external, certificates: [www.example.com, api.example.com], url_map: {default: web}}
"##, r##"
`api.example.com` is no audience of service/web
  ^ "\"https://www.example.com\""
  - "api.example.com" leads there
  help: add `https://api.example.com` to `custom_audiences`
  note: ING-072: behind a load balancer the audience of a token is the run.app URL or a custom audience; the host counts only if it is one
  resource: service/web
"##),
    case("nat-without-addresses", r##"networks:
  prod: {}
nats:
  one: {network: prod, region: a, addresses: [203.0.113.1], drain_addresses: [203.0.113.1]}
"##, r##"
nat/one has no address for new connections
  ^ "one"
  help: add `addresses`
  note: EGR-058: a manual gateway without an active address drops new connections
  resource: nat/one
"##),
    case("admits-nobody", r##"networks:
  prod: {}
nats:
  one: {network: prod, region: a}
externals:
  billing: {hosts: [api.billing.example], admits: [192.0.2.1]}
"##, r##"
external/billing admits no address that anything sends from
  ^ "192.0.2.1"
  help: admit the addresses of a gateway, as `nat/ID`
  note: EGR-076: the internet sees the addresses of gateways and of machines, or those that Google shares between customers
  resource: external/billing
"##),
    case("product-cut-off", r##"projects: {shop: {number: 123456789012}}
services:
  web: {region: a, default_url: false, invokers: [allUsers]}
products:
  orders: {kind: pubsub, url: "https://web-123456789012.a.run.app/push"}
"##, r##"
product/orders calls the run.app URL of service/web, which is off
  ^ "\"https://web-123456789012.a.run.app/push\""
  - "false" off
  help: turn it on, and set `ingress` so that only internal sources use it
  note: ING-047: products call the run.app URL, which does not answer if the default URL is off
  resource: product/orders
"##),
    case("product-of-other-project", r##"projects: {shop: {}, tools: {}}
perimeters:
  core: {projects: [shop, tools], restricted_services: [run.googleapis.com]}
services:
  web: {project: shop, region: a, ingress: internal, invokers: [allUsers]}
products:
  nightly: {kind: scheduler, project: tools, service: web}
"##, r##"
"##),
    case("unused-resource", r##"networks:
  prod: {}
connectors:
  own: {network: prod, region: a, range: 10.8.0.0/28}
backend_buckets:
  assets: {}
security_policies:
  edge: {rules: [{priority: 1, action: allow, match: "evaluateAddressGroup('used', origin.ip)"}]}
address_groups:
  used: {ranges: [192.0.2.1]}
  unused: {ranges: [192.0.2.1]}
access_levels:
  used: {addresses: [192.0.2.1]}
  asked: {addresses: [192.0.2.1]}
  unused: {addresses: [192.0.2.1]}
services:
  web:
    region: a
    iap:
      accessors:
        - {members: [user:alice@example.com], access_levels: [used]}
        - members: [user:alice@example.com]
          condition: "'accessPolicies/1/accessLevels/asked' in request.auth.access_levels"
"##, r##"
connector/own is not used: nothing sends by it
  ^ "own"
  resource: connector/own
backend_bucket/assets is not used: no URL map leads to it
  ^ "assets"
  resource: backend_bucket/assets
security_policy/edge is not used: it is attached to nothing
  ^ "edge"
  resource: security_policy/edge
address_group/unused is not used: no rule asks for it
  ^ "unused"
  resource: address_group/unused
access_level/unused is not used: no binding asks for it
  ^ "unused"
  resource: access_level/unused
"##),
    case("edge-policy-unsupported", r##"services:
  web: {region: a}
security_policies:
  edge: {type: edge, region: a}
backends:
  web: {services: [web], edge_security_policy: edge}
load_balancers:
  site: {kind: regional-external, region: a, url_map: {default: web}}
"##, r##"
backend/web has an edge security policy, which load_balancer/site of kind `regional-external` does not evaluate
  ^ "edge"
  - "regional-external" its kind
  note: ING-138: edge security policies are available on global external and classic load balancers only
  resource: backend/web
"##),
    case("policy-refuses-nothing", r##"services:
  web: {region: a}
security_policies:
  packets: {type: network}
backends:
  web: {services: [web], security_policy: packets}
"##, r##"
security_policy/packets refuses nothing
  ^ "packets"
  note: ING-122: a policy without a rule that denies, redirects or limits lets everything pass
  resource: security_policy/packets
"##),
    case("unused-resource", r##"access_levels:
  office: {addresses: [203.0.113.0/24]}
jobs:
  nightly:
    region: a
    iam: [{role: roles/run.invoker, members: [user:alice@example.com], access_levels: [office]}]
"##, r##"

"##),
    case("product-of-other-project", r##"projects: {shop: {}, tools: {}}
services:
  web: {project: shop, region: a, ingress: internal, default_url: false, invokers: [allUsers]}
products:
  nightly: {kind: scheduler, project: tools, service: web}
"##, r##"
product/nightly is outside of the project of service/web
  ^ "tools"
  - "internal" admits internal sources only
  help: move it there, or put both projects into one perimeter
  note: ING-182: products count as internal only in the service's project or in a perimeter with it
  resource: product/nightly
"##),
    case("product-without-token", r##"projects: {shop: {}, tools: {}}
services:
  web: {project: shop, region: a, ingress: internal}
products:
  nightly: {kind: scheduler, project: tools, service: web}
"##, r##"
product/nightly sends no token, but service/web is private
  ^ "web"
  help: give it a `service_account` that is an invoker
  note: ING-174: a product without a service account sends no token, and is answered 403
  resource: product/nightly
"##),
    case("product-not-invoker", r##"services:
  web: {region: a, ingress: internal}
domain_mappings:
  www.example.com: {service: web}
products:
  orders: {kind: pubsub, url: "https://www.example.com/push", service_account: push@shop.iam.gserviceaccount.com}
"##, r##"
the account of product/orders is no invoker of service/web
  ^ "push@shop.iam.gserviceaccount.com"
  help: add `serviceAccount:push@shop.iam.gserviceaccount.com` to the invokers of service/web
  note: ING-172: the account whose token a product sends needs roles/run.invoker
  resource: product/orders
"##),
    case("product-before-iap", r##"services:
  web: {region: a, default_url: false, iap: {accessors: [user:alice@example.com]}}
products:
  orders: {kind: pubsub, service: web, service_account: push@shop.iam.gserviceaccount.com}
"##, r##"
IAP on service/web refuses product/orders
  ^ "web"
  - "{accessors: [user:alice@example.com]}" IAP
  note: ING-145: IAP intercepts first, and does not take the tokens of products that are not its accessors
  resource: product/orders
"##),
    case("product-of-other-project", r##"projects: {shop: {}, tools: {}}
services:
  web: {project: shop, region: a, ingress: internal}
domain_mappings:
  www.example.com: {project: shop, service: web}
products:
  nightly: {kind: scheduler, project: tools, url: "https://www.example.com/push"}
"##, r##"

"##),
];
