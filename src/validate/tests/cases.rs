//! Cases: a small topology, and what there is to say about it, word for word.
//!
//! A case without a text of its own is about the example of its code.

use crate::source::testing::{Case, case, example};

#[rustfmt::skip]
pub(super) const CASES: &[Case] = &[
    example("unresolved-reference", r##"
there is no service `wbe`
  ^ "wbe"
  help: did you mean `web`?
  resource: backend/web
"##),
    example("ambiguous-reference", r##"
the subnet `run` is in `prod` and `test`
  ^ "run"
  help: write one of `prod/run` and `test/run`
  resource: service/web
"##),
    example("ambiguous-project", r##"
service/web names no project, and there are several
  ^ "web"
  help: add `project` with one of `shop` and `tools`
  resource: service/web
"##),
    example("cycle", r##"
the folder `prod` contains itself
  ^ "all"
  resource: folder/prod
the folder `all` contains itself
  ^ "prod"
  resource: folder/all
"##),
    example("invalid-admits", r##"
`service/web` is neither an address nor a gateway
  ^ "service/web"
  help: write `nat/ID`, an address, a range, or `*`
  resource: external/billing
"##),
    example("invalid-node", r##"
`service/web` is not a place in the hierarchy
  ^ "service/web"
  help: write `organization`, `folder/ID` or `project/ID`
  resource: deny_policy/none
"##),
    example("duplicate-project-number", r##"
project/tools has the number of project/shop
  ^ "123456789012"
  - "123456789012" also here
  resource: project/tools
"##),
    example("duplicate-service", r##"
service/site has the name of service/web, in the same project and region
  ^ "web"
  - "web" also here
  resource: service/site
"##),
    example("duplicate-connector", r##"
connector/two has the name of connector/one, in the same project and region
  ^ "one"
  - "one" also here
  resource: connector/two
"##),
    example("duplicate-host", r##"
the host `WWW.example.com` is mapped twice
  ^ "WWW.example.com"
  - "www.example.com" also here
  note: ING-049: a host is mapped to one service
  resource: domain_mapping/other
"##),
    example("duplicate-front-end", r##"
load_balancer/two and load_balancer/one both listen at `203.0.113.80` on port 80
  ^ "203.0.113.80"
  - "203.0.113.80" also here
  resource: load_balancer/two
"##),
    example("connector-and-direct", r##"
service/web has a connector and Direct VPC egress
  ^ "own"
  - "run" Direct VPC egress
  help: leave one of them out
  note: EGR-001: a revision sends by a connector or directly into a subnet, not both
  resource: service/web
"##),
    example("empty-vpc-access", r##"
service/web has access to no network
  ^ "{tags: [web]}"
  help: name a `connector`, or a `network` and a `subnet`
  note: EGR-001: access to a VPC network goes by a connector or a subnet
  resource: service/web
"##),
    example("egress-without-attachment", r##"
service/web has an egress setting, but no attachment
  ^ "all-traffic"
  help: name a `connector`, or a `network` and a `subnet`
  note: EGR-003: an egress setting without connector or Direct VPC makes the deployment fail
  resource: service/web
"##),
    example("connector-region", r##"
service/web is in `europe-west1`, connector/own in `europe-west3`
  ^ "own"
  note: EGR-023: a connector is in the region of what uses it
  resource: service/web
"##),
    example("subnet-region", r##"
service/web is in `europe-west1`, the subnet `run` in `europe-west3`
  ^ "run"
  note: EGR-041: the subnet of Direct VPC egress is in the region of what uses it
  resource: service/web
"##),
    example("subnet-purpose", r##"
the subnet `proxies` is not for service/web
  ^ "proxies"
  - "regional-managed-proxy" what it is for
  note: EGR-040: Direct VPC egress goes into an ordinary subnet
  resource: service/web
"##),
    example("network-not-shared", r##"
network/hub is of project/hub, and not shared with project/shop
  ^ "run"
  - "hub" its project
  help: add `shop` to `shared_with` of network/hub
  note: EGR-041: what is in a network is of its project, or of one that the host project shares it with
  resource: service/web
"##),
    example("network-load-balancer", r##"
load_balancer/edge cannot lead to Cloud Run
  ^ "network"
  - "web" leads to backend/web
  help: give it the kind of an Application Load Balancer
  note: ING-040: serverless NEGs stand behind Application Load Balancers only
  resource: load_balancer/edge
"##),
    example("missing-network", r##"
load_balancer/inside is `regional-internal`, but in no network
  ^ "regional-internal"
  help: add `network`
  resource: load_balancer/inside
"##),
    example("missing-region", r##"
load_balancer/edge is `regional-external`, but in no region
  ^ "regional-external"
  help: add `region`
  resource: load_balancer/edge
"##),
    example("cross-project-on-classic", r##"
load_balancer/edge is in project/hub, backend/web in project/shop
  ^ "web"
  - "classic" its kind
  help: make it `global-external`
  note: ING-090: a classic load balancer does not refer to backends of other projects
  resource: load_balancer/edge
"##),
    example("cross-project-without-shared-vpc", r##"
load_balancer/edge is in project/hub, backend/web in project/shop
  ^ "web"
  help: share a network between `hub` and `shop`
  note: ING-089: regional and internal load balancers refer to backends of other projects only where both projects share a VPC network
  resource: load_balancer/edge
"##),
    example("neg-target", r##"
a NEG of backend/web has a service and a URL mask
  ^ "\"example.com/<service>\""
  help: leave one of them out
  note: ING-084: a serverless NEG has a service, or a URL mask that names it
  resource: backend/web
"##),
    example("invalid-url-mask", r##"
`https://example.com/<name>` is not a URL mask
  ^ "\"https://example.com/<name>\""
  help: leave the scheme out
  note: ING-085: a URL mask is a host and a path with `<service>`, and with `<tag>` if need be, in place of the names
  resource: backend/web
"##),
    example("neg-region", r##"
the NEG is in `europe-west3`, service/web in `europe-west1`
  ^ "europe-west3"
  - "europe-west1" the service's region
  help: leave it out
  note: ING-088: a serverless NEG is in the project and region of its service
  resource: backend/web
"##),
    example("neg-project", r##"
backend/web is in project/hub, service/web in project/shop
  ^ "hub"
  help: write `shop`
  note: ING-088: backend service and serverless NEG are in the project of the service; a URL map of another project refers to the backend service
  resource: backend/web
"##),
    example("duplicate-neg-region", r##"
backend/web has two NEGs in `europe-west1`
  ^ "api"
  - "web" the other one
  help: make a backend of each
  note: ING-091: a backend service has at most one serverless NEG in a region
  resource: backend/web
"##),
    example("regional-needs-one-neg", r##"
backend/web has several NEGs behind a regional load balancer
  ^ "far"
  - "regional-external" load_balancer/edge
  help: leave one of them
  note: ING-091: a backend of a regional load balancer has one serverless NEG, in the load balancer's region
  resource: backend/web
"##),
    example("regional-neg-region", r##"
the NEG of backend/web is in `europe-west3`, load_balancer/edge in `europe-west1`
  ^ "web"
  - "europe-west1" the load balancer's region
  note: ING-091: a backend of a regional load balancer has one serverless NEG, in the load balancer's region
  resource: backend/web
"##),
    example("cdn-with-iap", r##"
backend/web has Cloud CDN and IAP
  ^ "true"
  - "true" IAP
  help: turn one of them off
  note: ING-105: Cloud CDN is incompatible with IAP on the same backend service
  resource: backend/web
"##),
    example("cdn-unsupported", r##"
backend/web has Cloud CDN, which load_balancer/edge of kind `regional-external` does not have
  ^ "true"
  - "regional-external" its kind
  note: ING-106: Cloud CDN is available on global external and classic load balancers only
  resource: backend/web
"##),
    example("policy-scope", r##"
security_policy/edge is global, load_balancer/edge regional
  ^ "edge"
  - "europe-west1" the load balancer's region
  help: take a policy with `region: europe-west1`
  note: ING-138: a regional load balancer takes a policy of its region, a global one a global policy
  resource: backend/web
"##),
    example("policy-type", r##"
security_policy/edge is of type `edge`, not `backend`
  ^ "edge"
  - "edge" its type
  help: attach it as `edge_security_policy`
  note: ING-117: `security_policy` and the hierarchy take policies of type `backend`, `edge_security_policy` those of type `edge`
  resource: backend/web
"##),
    example("goto-next", r##"
a rule of security_policy/edge goes to the next level, but there is none
  ^ "goto_next"
  - "edge" attached here
  note: ING-136: only policies of the organization, a folder or a project leave a decision to the next level
  resource: backend/web
"##),
    example("invalid-host-pattern", r##"
`www.*.com` is not a host pattern
  ^ "\"www.*.com\""
  help: a `*` stands only at the beginning
  note: ING-096: a host pattern is a name or a name that begins with `*`, which only `-` or `.` can follow
  resource: load_balancer/edge
"##),
    example("invalid-path-pattern", r##"
`/api*` is not a path pattern
  ^ "/api*"
  help: write `/api/*` for what is below, and `/api` for itself
  note: ING-099: a path pattern begins with `/`, and has a `*` only as its end, after a `/`
  resource: load_balancer/edge
"##),
    example("paths-and-routes", r##"
a path matcher of load_balancer/edge has path rules and route rules
  ^ "{priority: 1, route: web}"
  - "/*" a path rule
  help: write the path rules as route rules
  note: ING-100: a path matcher has path rules or route rules, not both
  resource: load_balancer/edge
"##),
    example("matcher-and-content", r##"
the rule names the path matcher `main` and has rules of its own
  ^ "main"
  - "/*" a rule of its own
  help: leave one of them out
  resource: load_balancer/edge
"##),
    example("routes-on-classic", r##"
load_balancer/edge is classic, but has route rules
  ^ "{priority: 1, route: web}"
  - "classic" its kind
  help: make it `global-external`
  note: ING-101: a classic load balancer has simple path rules only
  resource: load_balancer/edge
"##),
    example("duplicate-route-priority", r##"
two route rules have the priority 1
  ^ "1"
  - "1" the other one
  note: ING-100: route rules are evaluated by ascending priority, from 0 to 2147483647, which each has for itself
  resource: load_balancer/edge
"##),
    example("route-priority-range", r##"
the priority 4000000000 is too large
  ^ "4000000000"
  note: ING-100: route rules are evaluated by ascending priority, from 0 to 2147483647
  resource: load_balancer/edge
"##),
    example("invalid-route-match", r##"
a match has several conditions on the path
  ^ "/b"
  - "/a" the other one
  help: leave one of them
  note: ING-100: a match has one of path, prefix and regular expression, and one condition for each header and parameter
  resource: load_balancer/edge
"##),
    example("invalid-regex", r##"
`/(a` is not a regular expression
  ^ "\"/(a\"" unclosed group
  resource: load_balancer/edge
"##),
    example("redirect-status", r##"
300 is not the status of a redirect
  ^ "300"
  help: take 301, 302, 303, 307 or 308
  resource: load_balancer/edge
"##),
    example("redirect-target", r##"
a redirect has a path and a prefix
  ^ "/b"
  - "/a" the path
  help: leave one of them out
  resource: load_balancer/edge
"##),
    example("route-target", r##"
a route of load_balancer/edge has several targets
  ^ "{backend: web, redirect: {https: true}}"
  help: give it one of `backend`, `weighted_backends` and `redirect`
  resource: load_balancer/edge
"##),
    example("zero-weights", r##"
all weights of a route of load_balancer/edge are zero
  ^ "0"
  resource: load_balancer/edge
"##),
    example("duplicate-priority", r##"
two rules of security_policy/edge have the priority 1000
  ^ "1000"
  - "1000" the other one
  note: ING-123: the priority of a rule is unique in its policy
  resource: security_policy/edge
"##),
    example("priority-range", r##"
the priority 3000000000 is too large
  ^ "3000000000"
  note: ING-123: priorities go from 0, the first, to 2147483647, the default rule
  resource: security_policy/edge
"##),
    example("default-rule", r##"
the default rule of security_policy/edge does not match everything
  ^ "192.0.2.0/24"
  help: write `source_ranges: ["*"]`, or give the rule another priority
  note: ING-123: the rule with the priority 2147483647 is the default rule, which matches `*`
  resource: security_policy/edge
"##),
    example("rule-match", r##"
the rule 1000 does not say what it matches
  ^ "{priority: 1000, action: deny(403)}"
  help: add `match` or `source_ranges`
  note: ING-127: a rule matches by an expression or by source ranges
  resource: security_policy/edge
"##),
    example("too-many-ranges", r##"
the rule 1000 has 11 source ranges
  ^ "10.0.0.11"
  help: spread them over several rules, or over an address group
  note: ING-127: a rule has at most 10 source ranges
  resource: security_policy/edge
"##),
    example("too-many-subexpressions", r##"
the expression of the rule 1000 has 6 subexpressions
  ^ "request.path == '/a' || request.path == '/b' || request.path == '/c' ||\n          request.path == '/d' || request.path == '/e' || request.path == '/f'"
  help: spread them over several rules
  note: ING-128: an expression of a rule has at most 5 subexpressions
  resource: security_policy/edge
"##),
    example("invalid-expression", r##"
`origin.region` is not an attribute of security policy rules
  ^ "origin.region"
  help: security policy rules have origin.ip, origin.user_ip, origin.region_code, origin.asn, origin.tls_ja3_fingerprint, origin.tls_ja4_fingerprint, request.headers, request.method, request.path, request.scheme, request.query, token.recaptcha_action.score, token.recaptcha_session.score, token.recaptcha_exemption.valid
  resource: security_policy/edge
"##),
    example("redirect-action", r##"
the rule 1000 of security_policy/edge cannot redirect
  ^ "redirect"
  - "edge" an edge policy
  note: ING-124: only global policies of type `backend` redirect
  resource: security_policy/edge
"##),
    example("invalid-member", r##"
`alice@example.com` is not an IAM member
  ^ "alice@example.com"
  help: write `user:alice@example.com` or `group:alice@example.com`
  resource: service/web
"##),
    example("missing-role", r##"
a binding on project/shop has no role
  ^ "{members: [user:alice@example.com]}"
  help: add `role`
  resource: project/shop
"##),
    example("condition-not-allowed", r##"
a binding of `allUsers` has a condition
  ^ "\"request.path == '/a'\""
  - "allUsers" the member
  help: make a binding of its own
  note: ING-066: bindings of allUsers, of allAuthenticatedUsers and of basic roles have no condition; Google refuses a policy with one, so that a plan with one cannot be applied
  resource: service/web
"##),
    example("public-job", r##"
`allUsers` cannot be bound on job/nightly
  ^ "allUsers"
  note: ING-217: allUsers and allAuthenticatedUsers cannot be bound on a job
  resource: job/nightly
"##),
    example("invalid-permission", r##"
`run.routes.invoke` is not a permission that can be denied
  ^ "run.routes.invoke"
  help: write `run.googleapis.com/routes.invoke`
  note: ING-059: deny policies name permissions as `SERVICE.googleapis.com/RESOURCE.VERB`
  resource: deny_policy/none
"##),
    example("denied-member", r##"
`allUsers` is for bindings
  ^ "allUsers"
  help: write `principalSet://goog/public:all`
  note: ING-061: a deny policy says everybody as `principalSet://goog/public:all`
  resource: deny_policy/none
"##),
    example("iap-twice", r##"
IAP is on backend/web and on service/web behind it
  ^ "true"
  - "true" IAP on the service
  help: turn one of them off
  note: ING-139: IAP on the service cannot be combined with IAP on a load balancer in front of it
  resource: backend/web
"##),
    example("connector-range", r##"
connector/own has neither a range nor a subnet
  ^ "own"
  help: add `range` or `subnet`
  note: EGR-022: a connector has a /28 of its own or a subnet
  resource: connector/own
"##),
    example("connector-size", r##"
`10.8.0.0/24` is not a /28
  ^ "10.8.0.0/24"
  help: write `10.8.0.0/28`
  note: EGR-022: a connector needs a /28
  resource: connector/own
"##),
    example("overlapping-ranges", r##"
the subnet `run` and the subnet `vms` of network/prod overlap: `10.0.0.0/16` contains `10.0.1.0/24`
  ^ "10.0.1.0/24"
  - "10.0.0.0/16" the wider range
  note: EGR-022: nothing else may use the range of a subnet or connector in its network
  resource: network/prod
"##),
    example("nat-overlap", r##"
nat/one serves all subnets, so nat/two cannot exist beside it
  ^ "two"
  - "one" serves all subnets
  help: name the `subnets` of nat/one and of nat/two
  note: EGR-056: beside a gateway for all subnets there is no other in its network and region
  resource: nat/two
"##),
    example("external-nowhere", r##"
external/billing has neither a host nor an address
  ^ "billing"
  help: add `hosts` or `addresses`
  resource: external/billing
"##),
    example("user-without-site", r##"
user/staff is on premises, but at no site
  ^ "on-premises"
  help: add `site`
  resource: user/staff
"##),
    example("product-target", r##"
product/orders calls nothing
  ^ "orders"
  help: add `service` or `url`
  resource: product/orders
"##),
    example("invalid-url", r##"
`www.example.com/push` is not a URL
  ^ "www.example.com/push"
  help: write `https://www.example.com/push`
  resource: product/orders
"##),
    case("unresolved-reference", r##"organization: {security_policies: [none]}
folders:
  prod: {parent: all, security_policies: [none]}
projects:
  shop: {folder: prd, security_policies: [none]}
networks:
  prod: {project: shpo, shared_with: [tools], subnets: {run: {region: a, range: 10.0.0.0/24}}}
connectors:
  one: {project: none, network: prd, region: a, range: 10.8.0.0/28}
  two: {subnet: rnu}
  three: {subnet: prod/rnu}
  four: {subnet: test/run}
nats:
  one: {project: none, network: prod, region: a, subnets: [rn]}
  two: {network: prd, region: a}
vms:
  one: {project: none, network: prod, subnet: vms}
  two: {network: prd, subnet: vms}
onprem:
  office: {network: prd, region: a}
users:
  staff: {at: on-premises, site: ofice}
"##, r##"
there is no security policy `none`
  ^ "none"
  help: nothing is declared as a security policy
  resource: organization
there is no folder `all`
  ^ "all"
  help: declared are `prod`
  resource: folder/prod
there is no security policy `none`
  ^ "none"
  help: nothing is declared as a security policy
  resource: folder/prod
there is no folder `prd`
  ^ "prd"
  help: did you mean `prod`?
  resource: project/shop
there is no security policy `none`
  ^ "none"
  help: nothing is declared as a security policy
  resource: project/shop
there is no project `shpo`
  ^ "shpo"
  help: did you mean `shop`?
  resource: network/prod
there is no project `tools`
  ^ "tools"
  help: declared are `shop`
  resource: network/prod
there is no project `none`
  ^ "none"
  help: declared are `shop`
  resource: connector/one
there is no network `prd`
  ^ "prd"
  help: did you mean `prod`?
  resource: connector/one
no network has a subnet `rnu`
  ^ "rnu"
  help: did you mean `run`?
  resource: connector/two
network/prod has no subnet `rnu`
  ^ "prod/rnu"
  help: did you mean `run`?
  resource: connector/three
there is no network `test`
  ^ "test/run"
  help: declared are `prod`
  resource: connector/four
there is no project `none`
  ^ "none"
  help: declared are `shop`
  resource: nat/one
network/prod has no subnet `rn`
  ^ "rn"
  help: did you mean `run`?
  resource: nat/one
there is no network `prd`
  ^ "prd"
  help: did you mean `prod`?
  resource: nat/two
there is no project `none`
  ^ "none"
  help: declared are `shop`
  resource: vm/one
network/prod has no subnet `vms`
  ^ "vms"
  help: declared are `run`
  resource: vm/one
there is no network `prd`
  ^ "prd"
  help: did you mean `prod`?
  resource: vm/two
there is no network `prd`
  ^ "prd"
  help: did you mean `prod`?
  resource: onprem/office
there is no on-premises site `ofice`
  ^ "ofice"
  help: did you mean `office`?
  resource: user/staff
"##),
    case("unresolved-reference", r##"projects: {shop: {}}
networks:
  prod: {subnets: {run: {region: a, range: 10.0.0.0/24}}}
services:
  web: {project: none, region: a, vpc_access: {connector: own}}
  api: {region: a, vpc_access: {network: prod}}
  app: {region: a, vpc_access: {network: prod, subnet: {unknown: later, candidates: [run, rum]}}}
jobs:
  job: {project: none, region: a, vpc_access: {network: test, subnet: run}}
domain_mappings:
  www.example.com: {service: wbe}
products:
  orders: {kind: pubsub, project: none, service: webb}
externals:
  billing: {hosts: [api.billing.example], admits: [nat/one, 192.0.2.1, 192.0.2.0/24, "*"]}
"##, r##"
there is no project `none`
  ^ "none"
  help: declared are `shop`
  resource: service/web
there is no connector `own`
  ^ "own"
  help: nothing is declared as a connector
  resource: service/web
network/prod has no subnet `prod`
  ^ "prod"
  help: declared are `run`
  resource: service/api
network/prod has no subnet `rum`
  ^ "rum"
  help: did you mean `run`?
  resource: service/app
there is no project `none`
  ^ "none"
  help: declared are `shop`
  resource: job/job
there is no network `test`
  ^ "test"
  help: declared are `prod`
  resource: job/job
there is no service `wbe`
  ^ "wbe"
  help: did you mean `web`?
  resource: domain_mapping/www.example.com
there is no project `none`
  ^ "none"
  help: declared are `shop`
  resource: product/orders
there is no service `webb`
  ^ "webb"
  help: did you mean `web`?
  resource: product/orders
there is no gateway `one`
  ^ "nat/one"
  help: nothing is declared as a gateway
  resource: external/billing
"##),
    case("unresolved-reference", r##"services:
  web: {region: a}
backends:
  web: {services: [{service: web, project: none}], security_policy: none, edge_security_policy: edge, project: none}
  none: {services: [web], security_policy: ""}
backend_buckets:
  assets: {edge_security_policy: none}
security_policies:
  ege: {project: none, rules: []}
load_balancers:
  edge:
    kind: global-external
    project: none
    network: prod
    url_map:
      default: backend_bucket/asets
      hosts:
        one.example.com: mian
        two.example.com: {default: wbe, paths: {/*: x}, routes: [{priority: 1, route: {weighted_backends: [{backend: y, weight: 1}]}}]}
      path_matchers:
        main: {default: z}
"##, r##"
there is no project `none`
  ^ "none"
  help: nothing is declared as a project
  resource: backend/web
there is no security policy `none`
  ^ "none"
  help: declared are `ege`
  resource: backend/web
there is no security policy `edge`
  ^ "edge"
  help: did you mean `ege`?
  resource: backend/web
there is no project `none`
  ^ "none"
  help: nothing is declared as a project
  resource: backend/web
there is no security policy `none`
  ^ "none"
  help: declared are `ege`
  resource: backend_bucket/assets
there is no project `none`
  ^ "none"
  help: nothing is declared as a project
  resource: security_policy/ege
there is no project `none`
  ^ "none"
  help: nothing is declared as a project
  resource: load_balancer/edge
there is no network `prod`
  ^ "prod"
  help: nothing is declared as a network
  resource: load_balancer/edge
there is no backend bucket `asets`
  ^ "backend_bucket/asets"
  help: did you mean `assets`?
  resource: load_balancer/edge
there is no path matcher `mian`
  ^ "mian"
  help: did you mean `main`?
  resource: load_balancer/edge
there is no backend `wbe`
  ^ "wbe"
  help: did you mean `web`?
  resource: load_balancer/edge
there is no backend `x`
  ^ "x"
  help: declared are `web` and `none`
  resource: load_balancer/edge
there is no backend `y`
  ^ "y"
  help: declared are `web` and `none`
  resource: load_balancer/edge
there is no backend `z`
  ^ "z"
  help: declared are `web` and `none`
  resource: load_balancer/edge
"##),
    case("unresolved-reference", r##"projects: {shop: {}}
perimeters:
  core: {projects: [shp]}
deny_policies:
  none: {at: folder/prod, permissions: [run.googleapis.com/routes.invoke], principals: ["principalSet://goog/public:all"]}
access_boundaries:
  none: {principals: [user:alice@example.com], resources: [project/none, organization]}
access_levels:
  office: {levels: [home]}
services:
  web: {region: a, iap: {accessors: [{members: [user:alice@example.com], access_levels: [ofice]}]}}
"##, r##"
there is no project `shp`
  ^ "shp"
  help: did you mean `shop`?
  resource: perimeter/core
there is no folder `prod`
  ^ "folder/prod"
  help: nothing is declared as a folder
  resource: deny_policy/none
there is no project `none`
  ^ "project/none"
  help: declared are `shop`
  resource: access_boundary/none
there is no access level `home`
  ^ "home"
  help: declared are `office`
  resource: access_level/office
there is no access level `ofice`
  ^ "ofice"
  help: did you mean `office`?
  resource: service/web
"##),
    case("ambiguous-project", r##"projects: {shop: {}, tools: {}}
networks:
  prod: {}
jobs:
  nightly: {region: a}
products:
  orders: {kind: pubsub, url: "https://example.com"}
load_balancers:
  edge: {kind: global-external, url_map: {default: {redirect: {https: true}}}}
  inside: {kind: regional-internal, network: prod, region: a, url_map: {default: {redirect: {https: true}}}}
backends:
  web: {services: [{url_mask: example.com/<service>, region: a}]}
"##, r##"
network/prod names no project, and there are several
  ^ "prod"
  help: add `project` with one of `shop` and `tools`
  resource: network/prod
job/nightly names no project, and there are several
  ^ "nightly"
  help: add `project` with one of `shop` and `tools`
  resource: job/nightly
product/orders names no project, and there are several
  ^ "orders"
  help: add `project` with one of `shop` and `tools`
  resource: product/orders
load_balancer/edge names no project, and there are several
  ^ "edge"
  help: add `project` with one of `shop` and `tools`
  resource: load_balancer/edge
backend/web names no project, and there are several
  ^ "web"
  help: add `project` with one of `shop` and `tools`
  resource: backend/web
"##),
    case("cycle", r##"access_levels:
  one: {levels: [two]}
  two: {levels: [three]}
  three: {levels: [one, three]}
groups:
  a@example.com: {members: [group:b@example.com]}
  b@example.com: {members: [group:a@example.com]}
"##, r##"
the access level `one` contains itself
  ^ "two"
  resource: access_level/one
the access level `two` contains itself
  ^ "three"
  resource: access_level/two
the access level `three` contains itself
  ^ "one"
  resource: access_level/three
the group `a@example.com` contains itself
  ^ "group:b@example.com"
  resource: group/a@example.com
the group `b@example.com` contains itself
  ^ "group:a@example.com"
  resource: group/b@example.com
"##),
    case("duplicate-front-end", r##"networks:
  prod: {}
  test: {}
load_balancers:
  one: {kind: global-external, url_map: {default: {redirect: {https: true}}}, address: 203.0.113.80, front_ends: [{ports: [80, 8080]}, {ports: [8080]}]}
  two: {kind: global-external, url_map: {default: {redirect: {https: true}}}, address: 203.0.113.80, certificates: [www.example.com]}
  three: {kind: regional-internal, region: a, network: prod, url_map: {default: {redirect: {https: true}}}, address: 10.0.0.1}
  four: {kind: regional-internal, region: a, network: test, url_map: {default: {redirect: {https: true}}}, address: 10.0.0.1}
"##, r##"
load_balancer/one listens twice at `203.0.113.80` on port 8080
  ^ "{ports: [8080]}"
  - "{ports: [80, 8080]}" also here
  resource: load_balancer/one
"##),
    case("connector-region", r##"networks:
  prod: {subnets: {own: {region: b, range: 10.8.0.0/28}}}
connectors:
  own: {network: prod, region: a, subnet: own}
"##, r##"
connector/own is in another region than its subnet `own`
  ^ "a"
  - "b" the subnet's region
  note: EGR-023: a connector is in the region of what uses it
  resource: connector/own
"##),
    case("network-not-shared", r##"projects: {shop: {}, hub: {}}
networks:
  hub: {project: hub, shared_with: [shop], subnets: {run: {region: a, range: 10.0.0.0/24}}}
services:
  web: {project: shop, region: a, vpc_access: {network: hub, subnet: run}}
"##, r##"
"##),
    case("missing-network", r##"connectors:
  own: {region: a, range: 10.8.0.0/28}
"##, r##"
connector/own is in no network
  ^ "own"
  help: add `network`
  resource: connector/own
"##),
    case("missing-region", r##"networks:
  prod: {}
connectors:
  own: {network: prod, range: 10.8.0.0/28}
backends:
  web: {services: [{url_mask: example.com/<service>}]}
"##, r##"
connector/own is in no region
  ^ "own"
  help: add `region`
  resource: connector/own
a NEG of backend/web has a URL mask, but no region
  ^ "example.com/<service>"
  help: add `region`
  resource: backend/web
"##),
    case("cross-project-without-shared-vpc", r##"projects: {shop: {}, hub: {}}
networks:
  hub: {project: hub, shared_with: [shop]}
services:
  web: {project: shop, region: a}
backends:
  web: {services: [web]}
load_balancers:
  edge: {project: hub, kind: regional-external, region: a, url_map: {default: web}}
"##, r##"
"##),
    case("neg-target", r##"backends:
  web: {services: [{region: a}]}
"##, r##"
a NEG of backend/web has no service
  ^ "{region: a}"
  help: add `service` or `url_mask`
  note: ING-084: a serverless NEG has a service, or a URL mask that names it
  resource: backend/web
"##),
    case("invalid-url-mask", r##"backends:
  one: {services: [{url_mask: example.com/app, region: a}]}
  two: {services: [{url_mask: <tag>.<tag>.example.com/<service>, region: a}]}
  three: {services: [{url_mask: "example.com/<service>?q", region: a}]}
  four: {services: [{url_mask: <tag>.example.com/<service>, region: a}]}
"##, r##"
`example.com/app` is not a URL mask
  ^ "example.com/app"
  help: write `<service>` once, where the name of the service stands
  note: ING-085: a URL mask is a host and a path with `<service>`, and with `<tag>` if need be, in place of the names
  resource: backend/one
`<tag>.<tag>.example.com/<service>` is not a URL mask
  ^ "<tag>.<tag>.example.com/<service>"
  help: write `<tag>` at most once
  note: ING-085: a URL mask is a host and a path with `<service>`, and with `<tag>` if need be, in place of the names
  resource: backend/two
`example.com/<service>?q` is not a URL mask
  ^ "\"example.com/<service>?q\""
  help: besides `<service>` and `<tag>` it is a host and a path
  note: ING-085: a URL mask is a host and a path with `<service>`, and with `<tag>` if need be, in place of the names
  resource: backend/three
"##),
    case("neg-project", r##"projects: {shop: {}, hub: {}}
services:
  web: {project: shop, region: a}
backends:
  web: {services: [{service: web, project: hub}]}
"##, r##"
the NEG is in project/hub, service/web in project/shop
  ^ "hub"
  help: write `shop`
  note: ING-088: backend service and serverless NEG are in the project of the service; a URL map of another project refers to the backend service
  resource: backend/web
"##),
    case("policy-scope", r##"projects:
  shop: {security_policies: [near]}
services:
  web: {region: a}
backends:
  web: {services: [web], security_policy: far}
  app: {services: [web], security_policy: near, edge_security_policy: edge}
security_policies:
  near: {region: a, rules: []}
  far: {region: b, rules: []}
  edge: {type: edge, region: a, rules: []}
load_balancers:
  one: {kind: regional-external, region: a, url_map: {default: web}}
  two: {kind: global-external, url_map: {default: app}}
"##, r##"
security_policy/near is regional, the hierarchy global
  ^ "near"
  - "a" its region
  note: ING-138: a regional load balancer takes a policy of its region, a global one a global policy
  resource: project/shop
security_policy/far is in `b`, load_balancer/one in `a`
  ^ "far"
  - "b" the policy's region
  help: take a policy with `region: a`
  note: ING-138: a regional load balancer takes a policy of its region, a global one a global policy
  resource: backend/web
security_policy/near is regional, load_balancer/two global
  ^ "near"
  - "a" the policy's region
  help: take a policy without `region`
  note: ING-138: a regional load balancer takes a policy of its region, a global one a global policy
  resource: backend/app
security_policy/edge is regional, edge policies are global
  ^ "edge"
  - "a" its region
  note: ING-138: a regional load balancer takes a policy of its region, a global one a global policy
  resource: backend/app
"##),
    case("policy-type", r##"organization: {security_policies: [edge]}
services:
  web: {region: a}
backends:
  web: {services: [web], security_policy: packets, edge_security_policy: whole}
security_policies:
  edge: {type: edge, rules: []}
  whole: {rules: []}
  packets: {type: network, rules: []}
"##, r##"
security_policy/edge is of type `edge`, not `backend`
  ^ "edge"
  - "edge" its type
  help: attach it as `edge_security_policy`
  note: ING-117: `security_policy` and the hierarchy take policies of type `backend`, `edge_security_policy` those of type `edge`
  resource: organization
security_policy/packets is of type `network`, not `backend`
  ^ "packets"
  - "network" its type
  note: ING-117: `security_policy` and the hierarchy take policies of type `backend`, `edge_security_policy` those of type `edge`
  resource: backend/web
security_policy/whole is of type `backend`, not `edge`
  ^ "whole"
  help: attach it as `security_policy`
  note: ING-117: `security_policy` and the hierarchy take policies of type `backend`, `edge_security_policy` those of type `edge`
  resource: backend/web
"##),
    case("invalid-host-pattern", r##"services:
  web: {region: europe-west1}
backends:
  web: {services: [web]}
load_balancers:
  edge:
    kind: global-external
    url_map:
      default: web
      hosts:
        "*": {default: web}
        "*.example.com": {default: web}
        "*-a.example.com:8080": {default: web}
        "*example.com": {default: web}
        "https://example.com": {default: web}
        "example.com:http": {default: web}
        "ex_ample.com": {default: web}
"##, r##"
`*example.com` is not a host pattern
  ^ "\"*example.com\""
  help: only `-` or `.` can follow the `*`
  note: ING-096: a host pattern is a name or a name that begins with `*`, which only `-` or `.` can follow
  resource: load_balancer/edge
`https://example.com` is not a host pattern
  ^ "\"https://example.com\""
  help: leave scheme and path out
  note: ING-096: a host pattern is a name or a name that begins with `*`, which only `-` or `.` can follow
  resource: load_balancer/edge
`example.com:http` is not a host pattern
  ^ "\"example.com:http\""
  help: what follows the `:` is a port
  note: ING-096: a host pattern is a name or a name that begins with `*`, which only `-` or `.` can follow
  resource: load_balancer/edge
`ex_ample.com` is not a host pattern
  ^ "\"ex_ample.com\""
  help: a host name has letters, digits, `-` and `.`
  note: ING-096: a host pattern is a name or a name that begins with `*`, which only `-` or `.` can follow
  resource: load_balancer/edge
"##),
    case("invalid-path-pattern", r##"services:
  web: {region: europe-west1}
backends:
  web: {services: [web]}
load_balancers:
  edge:
    kind: global-external
    url_map:
      default: web
      hosts:
        www.example.com: {paths: {api: web, /a/*/b: web, /a/*: web, /*: web, /: web}}
"##, r##"
`api` is not a path pattern
  ^ "api"
  help: write `/api`
  note: ING-099: a path pattern begins with `/`, and has a `*` only as its end, after a `/`
  resource: load_balancer/edge
`/a/*/b` is not a path pattern
  ^ "/a/*/b"
  help: a `*` stands only at the end
  note: ING-099: a path pattern begins with `/`, and has a `*` only as its end, after a `/`
  resource: load_balancer/edge
"##),
    case("routes-on-classic", r##"services:
  web: {region: europe-west1}
backends:
  web: {services: [web]}
load_balancers:
  edge:
    kind: classic
    url_map:
      default: {weighted_backends: [{backend: web, weight: 1}]}
"##, r##"
load_balancer/edge is classic, but has weights
  ^ "1"
  - "classic" its kind
  help: make it `global-external`
  note: ING-101: a classic load balancer has simple path rules only
  resource: load_balancer/edge
"##),
    case("invalid-route-match", r##"services:
  web: {region: europe-west1}
backends:
  web: {services: [web]}
load_balancers:
  edge:
    kind: global-external
    url_map:
      default: web
      hosts:
        www.example.com:
          routes:
            - priority: 1
              route: web
              matches:
                - {prefix: api, headers: [{name: x, exact: a, suffix: b}, {name: y}, {name: z, present: false}]}
                - {query: [{name: q, exact: a, regex: b}]}
"##, r##"
`api` does not begin with `/`
  ^ "api"
  help: write `/api`
  note: ING-100: a match has one of path, prefix and regular expression, and one condition for each header and parameter
  resource: load_balancer/edge
a match has several conditions on the header `x`
  ^ "b"
  - "a" the other one
  help: leave one of them
  note: ING-100: a match has one of path, prefix and regular expression, and one condition for each header and parameter
  resource: load_balancer/edge
nothing is asked of the header `y`
  ^ "y"
  help: add `present: true`
  note: ING-100: a match has one of path, prefix and regular expression, and one condition for each header and parameter
  resource: load_balancer/edge
a match has several conditions on `q`
  ^ "b"
  - "a" the other one
  help: leave one of them
  note: ING-100: a match has one of path, prefix and regular expression, and one condition for each header and parameter
  resource: load_balancer/edge
"##),
    case("invalid-regex", r##"services:
  web: {region: europe-west1}
backends:
  web: {services: [web]}
load_balancers:
  edge:
    kind: global-external
    url_map:
      default: web
      hosts:
        www.example.com:
          routes: [{priority: 1, route: web, matches: [{headers: [{name: x, regex: "*"}], query: [{name: q, regex: "[a"}]}]}]
"##, r##"
`*` is not a regular expression
  ^ "\"*\"" repetition operator missing expression
  resource: load_balancer/edge
`[a` is not a regular expression
  ^ "\"[a\"" unclosed character class
  resource: load_balancer/edge
"##),
    case("route-target", r##"services:
  web: {region: europe-west1}
backends:
  web: {services: [web]}
load_balancers:
  edge:
    kind: global-external
    url_map:
      default: {rewrite: {host: a.example.com}}
"##, r##"
a route of load_balancer/edge leads nowhere
  ^ "{rewrite: {host: a.example.com}}"
  help: give it one of `backend`, `weighted_backends` and `redirect`
  resource: load_balancer/edge
"##),
    case("default-rule", r##"security_policies:
  one: {rules: [{priority: 2147483647, action: allow, match: "origin.asn == 1"}]}
  two: {rules: [{priority: 2147483647, action: allow}]}
  three: {rules: [{priority: 2147483647, action: allow, match: "true"}]}
"##, r##"
the default rule of security_policy/one does not match everything
  ^ "\"origin.asn == 1\""
  help: write `source_ranges: ["*"]`, or give the rule another priority
  note: ING-123: the rule with the priority 2147483647 is the default rule, which matches `*`
  resource: security_policy/one
"##),
    case("rule-match", r##"security_policies:
  edge: {rules: [{priority: 1, action: allow, match: "origin.asn == 1", source_ranges: [192.0.2.1]}]}
"##, r##"
the rule 1 has an expression and source ranges
  ^ "192.0.2.1"
  - "\"origin.asn == 1\"" the expression
  help: leave one of them out, or ask for the ranges by `inIpRange`
  note: ING-127: a rule matches by an expression or by source ranges
  resource: security_policy/edge
"##),
    case("redirect-action", r##"security_policies:
  near: {region: a, rules: [{priority: 1, action: redirect, source_ranges: [192.0.2.1]}]}
  far: {rules: [{priority: 1, action: redirect, source_ranges: [192.0.2.1]}]}
"##, r##"
the rule 1 of security_policy/near cannot redirect
  ^ "redirect"
  - "a" a regional policy
  note: ING-124: only global policies of type `backend` redirect
  resource: security_policy/near
"##),
    case("invalid-expression", r##"security_policies:
  edge:
    rules:
      - {priority: 1, action: allow, match: request.path = '/a'}
      - {priority: 2, action: allow, match: 'request.path == "/a" && origin.ip'}
      - {priority: 3, action: allow, match: "request.path == \"/a\" && origin.ip"}
      - priority: 4
        action: allow
        match: >-
          request.path == '/a' &&
          origin.ip
      - {priority: 5, action: allow, match: {unknown: later, candidates: ["origin.asn == 1", "origin.asm == 1"]}}
services:
  web: {region: a, invokers: [{members: [user:alice@example.com], condition: "request.pth == '/a'"}]}
"##, r##"
`=` is not an operator
  ^ "="
  help: write `==`
  resource: security_policy/edge
`origin.ip` is an address, not a condition
  ^ "origin.ip"
  resource: security_policy/edge
`origin.ip` is an address, not a condition
  ^ "\"request.path == \\\"/a\\\" && origin.ip\""
  resource: security_policy/edge
`origin.ip` is an address, not a condition
  ^ "request.path == '/a' &&\n          origin.ip"
  resource: security_policy/edge
`origin.asm` is not an attribute of security policy rules
  ^ "origin.asm"
  help: did you mean `origin.asn`?
  resource: security_policy/edge
`request.pth` is not an attribute of IAM conditions
  ^ "request.pth"
  help: did you mean `request.path`?
  resource: service/web
"##),
    case("invalid-member", r##"services:
  web:
    region: a
    invokers: [alUsers, web@shop.iam.gserviceaccount.com, group:staff, domain:a@example.com, usr:alice@example.com, robot:x, nobody]
    iap: {accessors: ["principal://x", "principalSet://y", domain:example.com, allAuthenticatedUsers, "deleted:user:x"]}
users:
  staff: {identities: [alice@example.com]}
groups:
  a@example.com: {members: [bob@example.com]}
deny_policies:
  none: {at: organization, permissions: [run.googleapis.com/routes.*], principals: [alice]}
access_boundaries:
  none: {principals: [alice], resources: [organization]}
"##, r##"
`alUsers` is not an IAM member
  ^ "alUsers"
  help: did you mean `allUsers`?
  resource: service/web
`web@shop.iam.gserviceaccount.com` is not an IAM member
  ^ "web@shop.iam.gserviceaccount.com"
  help: write `serviceAccount:web@shop.iam.gserviceaccount.com`
  resource: service/web
`group:staff` is not an IAM member
  ^ "group:staff"
  help: write an address, like `group:name@example.com`
  resource: service/web
`domain:a@example.com` is not an IAM member
  ^ "domain:a@example.com"
  help: write a domain, like `domain:example.com`
  resource: service/web
`usr:alice@example.com` is not an IAM member
  ^ "usr:alice@example.com"
  help: did you mean `user:alice@example.com`?
  resource: service/web
`robot:x` is not an IAM member
  ^ "robot:x"
  help: members begin with `user:`, `serviceAccount:`, `group:` or `domain:`
  resource: service/web
`nobody` is not an IAM member
  ^ "nobody"
  help: write what kind of member it is, like `user:` or `group:`
  resource: service/web
`alice@example.com` is not an IAM member
  ^ "alice@example.com"
  help: write `user:alice@example.com` or `group:alice@example.com`
  resource: user/staff
`bob@example.com` is not an IAM member
  ^ "bob@example.com"
  help: write `user:bob@example.com` or `group:bob@example.com`
  resource: group/a@example.com
`alice` is not an IAM member
  ^ "alice"
  help: write what kind of member it is, like `user:` or `group:`
  resource: deny_policy/none
`alice` is not an IAM member
  ^ "alice"
  help: write what kind of member it is, like `user:` or `group:`
  resource: access_boundary/none
"##),
    case("condition-not-allowed", r##"projects:
  shop:
    iam: [{role: roles/editor, members: [user:alice@example.com], condition: "request.path == '/a'"}]
services:
  web: {region: a}
"##, r##"
a binding of `roles/editor` has a condition
  ^ "\"request.path == '/a'\""
  note: ING-066: bindings of allUsers, of allAuthenticatedUsers and of basic roles have no condition; Google refuses a policy with one, so that a plan with one cannot be applied
  resource: project/shop
"##),
    case("invalid-permission", r##"deny_policies:
  none: {at: organization, permissions: [run.googleapis.com/routes.*, run.googleapis.com/*, everything], principals: ["principalSet://goog/public:all"]}
"##, r##"
`everything` is not a permission that can be denied
  ^ "everything"
  help: write it like `run.googleapis.com/routes.invoke`
  note: ING-059: deny policies name permissions as `SERVICE.googleapis.com/RESOURCE.VERB`
  resource: deny_policy/none
"##),
    case("connector-range", r##"networks:
  prod: {subnets: {own: {region: a, range: 10.9.0.0/28}}}
connectors:
  own: {network: prod, region: a, range: 10.8.0.0/28, subnet: own}
"##, r##"
connector/own has a range of its own and a subnet
  ^ "10.8.0.0/28"
  - "own" the subnet
  help: leave one of them out
  note: EGR-022: a connector has a /28 of its own or a subnet
  resource: connector/own
"##),
    case("connector-size", r##"networks:
  prod: {subnets: {own: {region: a, range: 10.8.0.0/24}}}
connectors:
  own: {subnet: own}
"##, r##"
the subnet `own` of connector/own is not a /28
  ^ "own"
  - "10.8.0.0/24" its range
  note: EGR-022: a connector needs a /28
  resource: connector/own
"##),
    case("overlapping-ranges", r##"networks:
  prod: {subnets: {run: {region: a, range: 10.8.0.0/24}, other: {region: a, range: 10.9.0.0/24}}}
  test: {subnets: {run: {region: a, range: 10.8.0.0/24}}}
connectors:
  own: {network: prod, region: a, range: 10.8.0.16/28}
"##, r##"
the subnet `run` and connector/own of network/prod overlap: `10.8.0.0/24` contains `10.8.0.16/28`
  ^ "10.8.0.16/28"
  - "10.8.0.0/24" the wider range
  note: EGR-022: nothing else may use the range of a subnet or connector in its network
  resource: network/prod
"##),
    case("nat-overlap", r##"networks:
  prod: {subnets: {one: {region: a, range: 10.0.0.0/24}, two: {region: a, range: 10.0.1.0/24}}}
nats:
  one: {network: prod, region: a, subnets: [one]}
  two: {network: prod, region: a, subnets: [one, two]}
  three: {network: prod, region: b}
  four: {network: prod, region: b, endpoint_types: [managed-proxy]}
"##, r##"
nat/one and nat/two both serve the subnet `one`
  ^ "one"
  - "one" also here
  note: EGR-056: beside a gateway for all subnets there is no other in its network and region
  resource: nat/two
"##),
    case("product-target", r##"services:
  web: {region: a, invokers: [allUsers]}
products:
  orders: {kind: pubsub, service: web, url: "https://www.example.com"}
"##, r##"
product/orders has a service and a URL
  ^ "\"https://www.example.com\""
  - "web" the service
  help: leave one of them out
  resource: product/orders
"##),
    case("invalid-url", r##"products:
  one: {kind: pubsub, url: "ftp://example.com"}
  two: {kind: pubsub, url: "https://example.com:x/"}
  three: {kind: pubsub, url: "https://example.com:8080/a?b"}
"##, r##"
`ftp://example.com` is not a URL
  ^ "\"ftp://example.com\""
  help: write a URL like `https://www.example.com/push`
  resource: product/one
`https://example.com:x/` is not a URL
  ^ "\"https://example.com:x/\""
  help: write a URL like `https://www.example.com/push`
  resource: product/two
"##),
    case("policy-scope", r##"services:
  web: {region: a}
security_policies:
  edge: {type: edge, region: a}
backends:
  web: {services: [web], edge_security_policy: edge}
load_balancers:
  site: {kind: regional-external, region: a, url_map: {default: web}}
"##, r##"
security_policy/edge is regional, edge policies are global
  ^ "edge"
  - "a" its region
  note: ING-138: a regional load balancer takes a policy of its region, a global one a global policy
  resource: backend/web
"##),
];
