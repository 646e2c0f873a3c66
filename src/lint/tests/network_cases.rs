//! Cases about networks: routes, firewalls, names, endpoints, addresses.

use crate::source::testing::{Case, case, example};

#[rustfmt::skip]
pub(super) const CASES: &[Case] = &[
    example("nat64-nobody", r##"
nat/out translates IPv6 for nobody
  ^ "true"
  note: EGR-018: NAT64 of a public gateway is for machines that have IPv6 alone; Cloud Run is none
  resource: nat/out
"##),
    case("nat64-nobody", r##"networks:
  prod: {subnets: {six: {region: a, ipv6_range: "2600:1900:4000:1::/64"}, inner: {region: a, range: 10.0.0.0/24, purpose: private-nat}}}
  data: {subnets: {both: {region: a, range: 10.0.0.0/24, ipv6_range: "2600:1900:4000:2::/64"}, far: {region: b, ipv6_range: "2600:1900:4000:3::/64"}}}
  some: {subnets: {both: {region: a, range: 10.0.0.0/24, ipv6_range: "2600:1900:4000:4::/64"}}}
vms:
  six: {network: some, subnet: both, stack_type: ipv6-only}
nats:
  fine: {network: prod, region: a, nat64: true}
  inside: {network: prod, region: a, kind: private, private_subnets: [inner], nat64: true}
  data: {network: data, region: a, nat64: true}
  some: {network: some, region: a, nat64: true}
  off: {network: data, region: c, nat64: false}
"##, r##"
nat/inside translates IPv6 for nobody
  ^ "true"
  note: EGR-018: NAT64 of a public gateway is for machines that have IPv6 alone; Cloud Run is none
  resource: nat/inside
nat/data translates IPv6 for nobody
  ^ "true"
  note: EGR-018: NAT64 of a public gateway is for machines that have IPv6 alone; Cloud Run is none
  resource: nat/data
"##),
    example("ipv6-past-response-policy", r##"
senders with IPv6 get past the rule for `*.run.app`
  ^ "\"*.run.app\""
  - "\"2600:1900:4000:1::/64\"" sends IPv6
  help: add an address of IPv6, such as `2600:2d00:2:2000::` or `2600:2d00:2:1000::`
  note: EGR-233: a rule with addresses of IPv4 alone leaves the public addresses of IPv6 to ordinary resolution
  resource: response_policy/google
"##),
    case("ipv6-past-response-policy", r##"networks:
  prod: {subnets: {run: {region: a, range: 10.0.0.0/26, ipv6_range: "fd20:1:2:4::/64"}}}
  data: {subnets: {run: {region: a, range: 10.0.0.0/26}}}
response_policies:
  prod: {networks: [prod], rules: {web.example: [10.0.0.9], "*.run.app": [199.36.153.8, "2600:2d00:2:2000::1"], "*.googleapis.com": [private.googleapis.com]}}
  data: {networks: [data], rules: {"*.run.app": [199.36.153.8]}}
"##, r##"
"##),
    case("shadowed-firewall-rule", r##"networks: {prod: {subnets: {run: {region: a, range: 10.0.0.0/26, ipv6_range: "fd20:1:2:4::/64"}}}}
firewall_rules:
  first: {network: prod, priority: 1, action: deny}
  second: {network: prod, priority: 2, action: allow, source_ranges: ["fd20:1:2:4::/64"]}
  third: {network: prod, priority: 3, action: allow, source_ranges: [10.0.0.0/26]}
"##, r##"
firewall_rule/third never decides: firewall_rule/first goes first
  ^ "third"
  - "first" covers all that it matches
  note: EGR-098: the first rule that matches decides: smaller priority first, and deny before allow
  resource: firewall_rule/third
"##),
    example("site-in-subnet", r##"
`10.0.1.0/24` of onprem/office is inside the subnet `run`
  ^ "10.0.1.0/24"
  - "10.0.0.0/16" goes first
  note: EGR-081: nothing more special than a subnet route takes its destinations, so that they are looked for in the network only
  resource: onprem/office
"##),
    example("small-subnet", r##"
the subnet `run` of service/web is smaller than a /26
  ^ "10.0.0.0/28"
  - "run" used by Direct VPC egress
  help: take a /26 or larger
  note: EGR-043: the subnet of Direct VPC egress is a /26 or larger; without a free address instances do not start
  resource: service/web
"##),
    example("docker-range", r##"
the subnet `run` of network/prod is in `172.17.0.0/16`
  ^ "172.17.0.0/24"
  help: take another range
  note: EGR-157: senders in 172.17.0.0/16 get no answer from Cloud SQL and Cloud Build, whose own networks use it
  resource: network/prod
"##),
    example("unreachable-range", r##"
what Cloud Run sends does not reach the subnet `vms` of network/prod
  ^ "192.168.1.0/24"
  help: take another range
  note: EGR-237: Cloud Run cannot reach private destinations in 192.168.1.0/24
  resource: network/prod
"##),
    example("public-range-missed", r##"
service/web does not send to `192.0.2.0/24` by its network
  ^ "run"
  - "192.0.2.0/24" the subnet `vms`
  help: set `egress: all-traffic`
  note: EGR-009: privately used public ranges are not private: `private-ranges-only` sends what goes there to the internet
  resource: service/web
"##),
    example("public-managed-range", r##"
service/web does not send to `192.0.2.0/24` by its network
  ^ "run"
  - "192.0.2.0/24" private_connection/google
  help: set `egress: all-traffic`
  note: EGR-151: with a public range for private services access `private-ranges-only` passes by the network and fails
  resource: service/web
"##),
    example("nat-rule-on-automatic", r##"
nat/tokyo has rules, but no addresses of its own
  ^ "{number: 1, match: \"destination.ip == '198.51.100.7'\", addresses: [203.0.113.11]}"
  help: add `addresses`
  note: EGR-063: a gateway with rules has addresses of its own
  resource: nat/tokyo
"##),
    example("nat-secondary-only", r##"
nat/out does not serve service/web
  ^ "secondary"
  - "run" sends from the primary range
  help: add `primary`
  note: EGR-057: what Cloud Run sends comes from the primary range, which secondary ranges alone do not serve
  resource: nat/out
"##),
    example("nat-for-other-endpoints", r##"
nat/out does not serve service/web
  ^ "managed-proxy"
  - "run" sends from there
  help: set `endpoint_types: [vm]`
  note: EGR-067: machines, connectors and Cloud Run are served by gateways for the endpoint type `vm`
  resource: nat/out
"##),
    example("next-hop-nobody", r##"
route/out leads to `10.0.0.9`, which nothing has
  ^ "10.0.0.9"
  help: add the machine that has it to `vms`, with its `address`
  note: EGR-085: packets on a route whose next hop does not exist are dropped
  resource: route/out
"##),
    example("next-hop-does-not-forward", r##"
route/out leads to vm/gateway, which does not pass packets on
  ^ "vm/gateway"
  - "gateway" the machine
  help: set `can_ip_forward: true` on vm/gateway
  note: EGR-086: a machine passes on packets of others only with `can_ip_forward`
  resource: route/out
"##),
    example("no-route-to-google", r##"
network/prod has no route to Google's virtual addresses
  ^ "false"
  help: add a route for `199.36.153.8/30` with `next_hop: internet`
  note: EGR-132: where the default route is gone or leads to a line or a machine, 199.36.153.8/30 or 199.36.153.4/30 needs a route to the internet gateway
  resource: network/prod
"##),
    example("regional-routes", r##"
service/web sends from `europe-west1`, where the routes of onprem/office do not hold
  ^ "run"
  - "europe-west3" they hold in `europe-west3`
  help: set `routing_mode: global` on network/prod
  note: EGR-096: with regional dynamic routing the routes of a line hold in its region only
  resource: service/web
"##),
    example("one-sided-peering", r##"
peering/out has no other side
  ^ "out"
  help: add one to `peerings` with `network: data` and `peer: prod`
  note: EGR-092: both sides have to configure a peering; one alone brings no routes
  resource: peering/out
"##),
    example("transitive-peering", r##"
passthrough_load_balancer/store is two peerings away from network/prod, its only users
  ^ "store"
  - "data" its network
  help: peer network/prod with network/data
  note: EGR-093: peering is not transitive: what a peer is peered with is not reached
  resource: passthrough_load_balancer/store
"##),
    example("endpoint-over-peering", r##"
psc_endpoint/orders is not reached from network/prod, and nothing else is there to use it
  ^ "orders"
  - "hub" reached from here only
  help: add an endpoint in network/prod
  note: EGR-170: an endpoint for a published service is not reached over a peering
  resource: psc_endpoint/orders
"##),
    example("managed-over-peering", r##"
sql_instance/orders is not reached from network/prod, and nothing else is there to use it
  ^ "orders"
  - "hub" reached from here only
  help: let the users send into its network, or give it an endpoint in theirs
  note: EGR-150: private services access is a peering of its own, and a network that is peered does not get through it
  resource: sql_instance/orders
"##),
    example("zone-over-peering", r##"
network/prod does not see zone/inside, and nothing else uses it
  ^ "hub"
  help: add `prod` to `networks` of zone/inside
  note: EGR-129: a peering does not share private zones: a network sees those that name it
  resource: zone/inside
"##),
    example("global-access-needed", r##"
passthrough_load_balancer/store is in `europe-west3`, and nothing there can be its client
  ^ "europe-west3"
  help: set `global_access: true` to let in what is in `europe-west1`
  note: ING-109: without global access the address serves clients of its own region only
  resource: passthrough_load_balancer/store
"##),
    example("sender-not-announced", r##"
onprem/office does not learn `10.0.0.0/24`, from which service/web sends
  ^ "10.9.0.0/24"
  - "run" sends from there
  help: add `10.0.0.0/24` or `all-subnets` to `learns`
  note: EGR-159: without all subnets, the range of a connector or of Direct VPC egress has to be listed, or answers are lost
  resource: onprem/office
"##),
    example("classic-without-route", r##"
no route leads to onprem/office
  ^ "classic-vpn"
  help: add a route with `next_hop: onprem/office`
  note: EGR-085: only static routes lead into a Classic VPN tunnel
  resource: onprem/office
"##),
    example("shadowed-firewall-rule", r##"
firewall_rule/web never decides: firewall_rule/closed goes first
  ^ "web"
  - "closed" covers all that it matches
  note: EGR-098: the first rule that matches decides: smaller priority first, and deny before allow
  resource: firewall_rule/web
"##),
    example("connector-not-served", r##"
nothing lets in what serves connector/own
  ^ "own"
  help: add a rule in project/hub that allows tcp:667, udp:665-666 and icmp from `35.199.224.0/19` to the tag `vpc-connector`
  note: EGR-031: for a connector in a service project the host project has to let in what serves it, from 35.199.224.0/19 to the tag `vpc-connector`
  resource: connector/own
"##),
    example("connector-open", r##"
the rule of connector/own admits it to every machine of its network
  ^ "own"
  help: add a deny rule with `source_tags: [vpc-connector]` and a priority below 1000, and allow what is needed before it
  note: EGR-030: a connector brings a rule that admits it to every machine; a deny of everything for its tag or range at a priority below 1000 restricts it
  resource: connector/own
"##),
    example("google-cut-off", r##"
firewall_rule/closed cuts service/web off from Google's APIs
  ^ "closed"
  - "run" sends from there
  help: allow tcp:443 to `199.36.153.8/30` at a smaller priority, and let names of Google lead there
  note: EGR-111: under a general egress deny 199.36.153.8/30 or 199.36.153.4/30 has to be allowed for tcp:443
  resource: firewall_rule/closed
"##),
    example("source-tag-of-cloud-run", r##"
whether firewall_rule/db knows service/web is not defined
  ^ "web"
  - "run" sends by Direct VPC egress
  help: add `10.0.0.0/24` to `source_ranges`
  note: EGR-046: tags and accounts of Cloud Run are not supported as sources of ingress rules; what they match is not defined
  resource: firewall_rule/db
"##),
    example("secure-tag-for-cloud-run", r##"
the rule 1 of firewall_policy/core does not hold for service/web
  ^ "web"
  - "run" sends into the network
  help: leave `target_secure_tags` out, or write a VPC rule with `target_tags`
  note: EGR-048: Cloud Run has no secure tags: a rule that targets some never matches it
  resource: firewall_policy/core
"##),
    example("thin-zone", r##"
`run.googleapis.com` does not exist for service/web
  ^ "googleapis.com"
  - "run" sends from a network of the zone
  help: add a record for `*` or for the name to zone/google
  note: EGR-120: the zone with the longest suffix answers alone: a name that it does not have does not exist, and public DNS is not asked
  resource: zone/google
"##),
    example("zones-passed-by", r##"
dns_policy/office passes by zone/inside in network/prod
  ^ "192.168.0.53"
  - "inside" not asked
  help: give those servers the same names, or forward only their own domains by a zone
  note: EGR-119: alternative name servers get every query: response policies and private zones are not asked
  resource: dns_policy/office
"##),
    example("connector-without-google-access", r##"
service/web does not reach Google APIs by its connector
  ^ "all-traffic"
  - "small" Private Google Access is off
  help: set `private_google_access: true` there
  note: EGR-035: by a connector, `all-traffic` reaches Google APIs and internal services only with Private Google Access on its subnet
  resource: service/web
"##),
    example("subnet-without-google-access", r##"
service/web does not reach Google APIs by its subnet
  ^ "all-traffic"
  - "run" Private Google Access is off
  help: set `private_google_access: true` there
  note: EGR-051: `all-traffic` to Google APIs or run.app needs Private Google Access on the subnet; the paths by virtual address or endpoint need it with either egress setting
  resource: service/web
"##),
    example("endpoint-not-accepted", r##"
service_attachment/store does not accept psc_endpoint/store
  ^ "service_attachment/store"
  - "store" the attachment
  help: add `network/prod` or its project to `accept`
  note: EGR-167: a service attachment accepts the projects and networks that it lists and does not refuse, or everybody
  resource: psc_endpoint/store
"##),
    example("published-without-subnet", r##"
service_attachment/store has no subnet for translation
  ^ "store"
  help: add `nat_subnets`
  note: EGR-168: consumers arrive with addresses of a subnet of purpose `private-service-connect`
  resource: service_attachment/store
"##),
    example("no-private-connection", r##"
network/prod has no path to sql_instance/orders
  ^ "prod"
  help: add the ranges of network/prod to `private_connections`
  note: EGR-149: private services access is a connection of the network with the ranges of the services
  resource: sql_instance/orders
"##),
    example("sql-authorizes-nobody", r##"
sql_instance/orders authorizes no address that anything sends from
  ^ "203.0.113.99/32"
  help: authorize the addresses of a gateway in `nats`
  note: EGR-154: the public address of an instance answers authorized addresses: those of gateways and machines, never those that Google shares between customers
  resource: sql_instance/orders
"##),
    example("admits-shared-pool", r##"
`34.64.0.0/10`, which external/billing admits, is of many customers of Google
  ^ "34.64.0.0/10"
  help: admit the addresses of a gateway, as `nat/ID`
  note: EGR-077: no address of the shared pool tells one customer from another: an allow list of it admits all of them
  resource: external/billing
"##),
    case("unused-resource", r##"networks:
  data: {}
  old: {}
firewall_policies: {core: {rules: []}}
zones: {inside: {domain: corp.example}}
response_policies: {names: {}}
dns_policies: {office: {}}
passthrough_load_balancers:
  store: {network: data, region: a, address: 10.1.0.9}
service_attachments: {store: {load_balancer: store}}
private_connections: {google: {network: data, ranges: [10.60.0.0/16]}}
"##, r##"
network/old is not used: nothing is in it
  ^ "old"
  resource: network/old
firewall_policy/core is not used: it is attached to nothing
  ^ "core"
  resource: firewall_policy/core
zone/inside is not used: no network is named
  ^ "inside"
  resource: zone/inside
response_policy/names is not used: no network is named
  ^ "names"
  resource: response_policy/names
dns_policy/office is not used: no network is named
  ^ "office"
  resource: dns_policy/office
service_attachment/store is not used: no endpoint and no NEG leads to it
  ^ "store"
  resource: service_attachment/store
private_connection/google is not used: no managed service is behind it
  ^ "google"
  resource: private_connection/google
"##),
    case("site-in-subnet", r##"networks:
  prod: {subnets: {run: {region: a, range: 10.0.0.0/24}}}
onprem:
  office: {network: prod, region: a, ranges: [10.0.0.0/8], announces: [0.0.0.0/0]}
"##, r##"
"##),
    case("small-subnet", r##"networks:
  prod: {subnets: {run: {region: a, range: 10.0.0.0/26}, small: {region: a, range: 10.0.1.0/28}}}
connectors:
  own: {network: prod, region: a, subnet: small}
services:
  web: {region: a, vpc_access: {network: prod, subnet: run}}
  api: {region: a, vpc_access: {connector: own}}
"##, r##"
"##),
    case("unreachable-range", r##"networks:
  prod: {subnets: {run: {region: a, range: 10.0.0.0/24}}}
  data: {subnets: {vms: {region: a, range: 192.168.1.0/24}}}
onprem:
  office: {network: prod, region: a, ranges: [192.168.0.0/16, 192.168.1.128/25]}
services:
  web: {region: a, vpc_access: {network: prod, subnet: run}}
"##, r##"
what Cloud Run sends does not reach `192.168.1.128/25` of onprem/office
  ^ "192.168.1.128/25"
  note: EGR-237: Cloud Run cannot reach private destinations in 192.168.1.0/24
  resource: onprem/office
"##),
    case("public-range-missed", r##"networks:
  prod: {subnets: {run: {region: a, range: 192.0.2.0/26}, vms: {region: a, range: 10.0.0.0/24}}}
services:
  web: {region: a, vpc_access: {network: prod, subnet: run}}
"##, r##"
"##),
    case("all-traffic-without-nat", r##"networks:
  prod:
    subnets:
      run: {region: a, range: 10.0.0.0/24}
      hand: {region: a, range: 10.0.1.0/24, purpose: private-nat}
nats:
  inside: {network: prod, region: a, kind: private, private_subnets: [hand]}
services:
  web: {region: a, vpc_access: {network: prod, subnet: run, egress: all-traffic}}
"##, r##"
service/web has no path to the internet
  ^ "all-traffic"
  help: add a gateway to `nats` for network/prod in `a`, or set `egress: private-ranges-only`
  note: EGR-011: with `all-traffic` the internet is reached by a gateway that serves the subnet or connector; without one packets are dropped
  resource: service/web
"##),
    case("nat-secondary-only", r##"networks:
  prod: {subnets: {run: {region: a, range: 10.0.0.0/24}}}
nats:
  out: {network: prod, region: a, subnets: [{subnet: run, ranges: [primary, secondary]}]}
services:
  web: {region: a, vpc_access: {network: prod, subnet: run, egress: all-traffic}}
"##, r##"
"##),
    case("next-hop-nobody", r##"networks:
  prod: {subnets: {run: {region: a, range: 10.0.0.0/24}}}
vms:
  one: {network: prod, subnet: run, address: 10.0.0.9, can_ip_forward: true}
routes:
  good: {network: prod, destination: 172.20.0.0/16, next_hop: 10.0.0.9}
  bad: {network: prod, destination: 172.21.0.0/16, next_hop: 10.0.0.8}
"##, r##"
route/bad leads to `10.0.0.8`, which nothing has
  ^ "10.0.0.8"
  help: add the machine that has it to `vms`, with its `address`
  note: EGR-085: packets on a route whose next hop does not exist are dropped
  resource: route/bad
"##),
    case("next-hop-does-not-forward", r##"networks:
  prod: {subnets: {run: {region: a, range: 10.0.0.0/24}}}
vms:
  one: {network: prod, subnet: run, can_ip_forward: true}
  two: {network: prod, subnet: run, can_ip_forward: false}
passthrough_load_balancers:
  both: {network: prod, region: a, address: 10.0.0.7, machines: [one, two]}
policy_routes:
  out: {network: prod, next_hop: load_balancer/both}
"##, r##"
policy_route/out leads to vm/two, which does not pass packets on
  ^ "load_balancer/both"
  - "false" the machine
  help: set `can_ip_forward: true` on vm/two
  note: EGR-086: a machine passes on packets of others only with `can_ip_forward`
  resource: policy_route/out
"##),
    case("no-route-to-google", r##"networks:
  gone: {default_route: false, subnets: {run: {region: a, range: 10.0.0.0/24}}}
  routed: {default_route: false, subnets: {run: {region: a, range: 10.0.0.0/24}}}
  site: {subnets: {run: {region: a, range: 10.0.0.0/24}}}
  zoned: {default_route: false, subnets: {run: {region: a, range: 10.0.0.0/24}}}
  endpoint: {default_route: false, subnets: {run: {region: a, range: 10.0.0.0/24}}}
routes:
  google: {network: routed, destination: 199.36.153.4/30, next_hop: internet}
psc_endpoints: {apis: {network: endpoint, address: 10.99.0.9, target: all-apis}}
onprem:
  office: {network: site, region: a, ranges: [192.168.0.0/16], announces: [0.0.0.0/0]}
zones:
  google: {domain: googleapis.com, networks: [zoned], records: {"*": [private.googleapis.com]}}
services:
  gone: {region: a, vpc_access: {network: gone, subnet: run}}
  routed: {region: a, vpc_access: {network: routed, subnet: run, egress: all-traffic}}
  site: {region: a, vpc_access: {network: site, subnet: run, egress: all-traffic}}
  zoned: {region: a, vpc_access: {network: zoned, subnet: run}}
  endpoint: {region: a, vpc_access: {network: endpoint, subnet: run, egress: all-traffic}}
"##, r##"
network/zoned has no route to Google's virtual addresses
  ^ "false"
  help: add a route for `199.36.153.8/30` with `next_hop: internet`
  note: EGR-132: where the default route is gone or leads to a line or a machine, 199.36.153.8/30 or 199.36.153.4/30 needs a route to the internet gateway
  resource: network/zoned
"##),
    case("regional-routes", r##"networks:
  prod: {routing_mode: global, subnets: {run: {region: a, range: 10.0.0.0/24}}}
  data: {subnets: {run: {region: a, range: 10.1.0.0/24}}}
onprem:
  one: {network: prod, region: b, ranges: [192.168.0.0/16]}
  two: {network: data, region: b, ranges: [192.168.0.0/16]}
  three: {network: data, region: a, ranges: [192.168.0.0/16]}
services:
  web: {region: a, vpc_access: {network: prod, subnet: run}}
  api: {region: a, vpc_access: {network: data, subnet: run}}
"##, r##"
service/api sends from `a`, where the routes of onprem/two do not hold
  ^ "run"
  - "b" they hold in `b`
  help: set `routing_mode: global` on network/data
  note: EGR-096: with regional dynamic routing the routes of a line hold in its region only
  resource: service/api
"##),
    case("one-sided-peering", r##"networks: {prod: {}, data: {}}
peerings:
  out: {network: prod, peer: data}
  back: {network: data, peer: prod}
"##, r##"
"##),
    case("transitive-peering", r##"networks:
  prod: {subnets: {run: {region: a, range: 10.0.0.0/24}}}
  hub: {subnets: {vms: {region: a, range: 10.1.0.0/24}}}
  data: {}
peerings:
  one: {network: prod, peer: hub}
  two: {network: hub, peer: prod}
  three: {network: hub, peer: data}
  four: {network: data, peer: hub}
vms: {app: {network: hub, subnet: vms}}
passthrough_load_balancers: {store: {network: data, region: a, address: 10.9.0.9}}
services:
  web: {region: a, vpc_access: {network: prod, subnet: run}}
"##, r##"
"##),
    case("endpoint-over-peering", r##"networks:
  prod: {subnets: {run: {region: a, range: 10.0.0.0/24}}}
  hub: {subnets: {psc: {region: a, range: 10.1.0.0/24}}}
peerings:
  out: {network: prod, peer: hub}
  back: {network: hub, peer: prod}
sql_instances: {orders: {region: a, engine: postgres}}
psc_endpoints:
  orders: {network: hub, region: a, address: 10.1.0.9, target: sql_instance/orders}
vms: {app: {network: hub, subnet: psc}}
services:
  web: {region: a, vpc_access: {network: prod, subnet: run}}
"##, r##"
"##),
    case("zone-over-peering", r##"networks:
  prod: {subnets: {run: {region: a, range: 10.0.0.0/24}}}
  hub: {}
peerings:
  out: {network: prod, peer: hub}
  back: {network: hub, peer: prod}
zones:
  inside: {domain: corp.example, networks: [hub], records: {db: [10.1.0.9]}}
  view: {domain: corp.example, networks: [prod], peering: hub}
services:
  web: {region: a, vpc_access: {network: prod, subnet: run}}
"##, r##"
"##),
    case("global-access-needed", r##"networks:
  prod: {subnets: {run: {region: a, range: 10.0.0.0/24}, far: {region: b, range: 10.0.1.0/24}}}
passthrough_load_balancers:
  near: {network: prod, region: a, address: 10.0.0.9}
  global: {network: prod, region: b, address: 10.0.1.9, global_access: true}
psc_endpoints:
  far: {network: prod, region: b, address: 10.0.1.8, target: sql_instance/orders}
sql_instances: {orders: {region: b, engine: postgres}}
load_balancers:
  inside: {kind: regional-internal, network: prod, region: b, address: 10.0.1.7, url_map: {}}
services:
  web: {region: a, vpc_access: {network: prod, subnet: run}}
"##, r##"
psc_endpoint/far is in `b`, and nothing there can be its client
  ^ "b"
  help: set `global_access: true` to let in what is in `a`
  note: ING-109: without global access the address serves clients of its own region only
  resource: psc_endpoint/far
load_balancer/inside is in `b`, and nothing there can be its client
  ^ "b"
  help: set `global_access: true` to let in what is in `a`
  note: ING-109: without global access the address serves clients of its own region only
  resource: load_balancer/inside
"##),
    case("sender-not-announced", r##"networks:
  prod: {subnets: {run: {region: a, range: 10.0.0.0/24}, far: {region: b, range: 10.0.1.0/24}}}
onprem:
  office: {network: prod, region: a, ranges: [192.168.0.0/16], learns: [10.0.0.0/16]}
  all: {network: prod, region: a, ranges: [192.168.0.0/16], learns: [all-subnets]}
  other: {network: prod, region: a, ranges: [192.168.0.0/16], learns: [199.36.153.8/30]}
services:
  web: {region: a, vpc_access: {network: prod, subnet: run}}
  api: {region: b, vpc_access: {network: prod, subnet: far}}
"##, r##"
onprem/other does not learn `10.0.0.0/24`, from which service/web sends
  ^ "199.36.153.8/30"
  - "run" sends from there
  help: add `10.0.0.0/24` or `all-subnets` to `learns`
  note: EGR-159: without all subnets, the range of a connector or of Direct VPC egress has to be listed, or answers are lost
  resource: onprem/other
"##),
    case("classic-without-route", r##"networks: {prod: {}}
onprem:
  office: {network: prod, region: a, ranges: [192.168.0.0/16], lines: classic-vpn}
routes:
  out: {network: prod, destination: 192.168.0.0/16, next_hop: onprem/office}
"##, r##"
"##),
    case("shadowed-firewall-rule", r##"networks: {prod: {}, data: {}}
firewall_rules:
  ssh: {network: prod, priority: 10, action: deny, source_ranges: [10.0.0.0/8], target_tags: [app, web], traffic: ["tcp:20-30"]}
  inner: {network: prod, priority: 20, action: allow, source_ranges: [10.1.0.0/16, 10.2.0.0/16], target_tags: [web], traffic: ["tcp:22"]}
  ports: {network: prod, priority: 20, action: allow, source_ranges: [10.1.0.0/16], target_tags: [web], traffic: ["tcp:22,80"]}
  target: {network: prod, priority: 20, action: allow, source_ranges: [10.1.0.0/16], target_tags: [db], traffic: ["tcp:22"]}
  all: {network: prod, priority: 20, action: allow, source_ranges: [10.1.0.0/16], traffic: ["tcp:22"]}
  source: {network: prod, priority: 20, action: allow, source_ranges: [0.0.0.0/0], target_tags: [web], traffic: ["tcp:22"]}
  egress: {network: prod, priority: 20, direction: egress, action: allow, source_ranges: [10.1.0.0/16], target_tags: [web], traffic: ["tcp:22"]}
  tagged: {network: prod, priority: 20, action: allow, source_tags: [a], target_tags: [web], traffic: ["tcp:22"]}
  other: {network: data, priority: 20, action: allow, source_ranges: [10.1.0.0/16], target_tags: [web], traffic: ["tcp:22"]}
  off: {network: data, priority: 10, action: deny, disabled: true}
  equal: {network: data, priority: 20, action: deny, source_ranges: [10.1.0.0/16], target_tags: [web], traffic: ["tcp:22"]}
"##, r##"
firewall_rule/inner never decides: firewall_rule/ssh goes first
  ^ "inner"
  - "ssh" covers all that it matches
  note: EGR-098: the first rule that matches decides: smaller priority first, and deny before allow
  resource: firewall_rule/inner
firewall_rule/other never decides: firewall_rule/equal goes first
  ^ "other"
  - "equal" covers all that it matches
  note: EGR-098: the first rule that matches decides: smaller priority first, and deny before allow
  resource: firewall_rule/other
"##),
    case("shadowed-firewall-rule", r##"networks: {prod: {}}
firewall_policies:
  core:
    attached_to: [network/prod]
    rules:
      - {priority: 1, action: goto_next, source_ranges: [10.0.0.0/8]}
      - {priority: 2, action: allow, source_ranges: [10.1.0.0/16], source_regions: [FR]}
      - {priority: 3, action: allow, source_ranges: [10.2.0.0/16], traffic: [icmp]}
      - {priority: 4, direction: egress, action: allow, destination_ranges: [10.2.0.0/16]}
"##, r##"
the rule 3 of firewall_policy/core never decides: the rule 1 of firewall_policy/core goes first
  ^ "{priority: 3, action: allow, source_ranges: [10.2.0.0/16], traffic: [icmp]}"
  - "{priority: 1, action: goto_next, source_ranges: [10.0.0.0/8]}" covers all that it matches
  note: EGR-098: the first rule that matches decides: smaller priority first, and deny before allow
  resource: firewall_policy/core
"##),
    case("connector-not-served", r##"projects: {shop: {}, hub: {}}
networks:
  hub: {project: hub, shared_with: [shop]}
connectors:
  own: {project: shop, network: hub, region: a, range: 10.8.0.0/28}
firewall_rules:
  serve: {network: hub, action: allow, source_ranges: [35.199.224.0/19], target_tags: [vpc-connector], traffic: ["tcp:667", "udp:665-666", icmp]}
  check: {network: hub, action: allow, source_ranges: [35.191.0.0/16, 130.211.0.0/22], target_tags: [vpc-connector], traffic: ["tcp:667"]}
"##, r##"
"##),
    case("connector-open", r##"networks:
  prod: {subnets: {vms: {region: a, range: 10.0.0.0/24}}}
connectors:
  own: {network: prod, region: a, range: 10.8.0.0/28}
vms: {app: {network: prod, subnet: vms}}
firewall_rules:
  closed: {network: prod, priority: 990, action: deny, source_tags: [vpc-connector]}
"##, r##"
"##),
    case("google-cut-off", r##"networks:
  one: {subnets: {run: {region: a, range: 10.0.0.0/24}}}
  two: {subnets: {run: {region: a, range: 10.0.0.0/24}}}
  three: {subnets: {run: {region: a, range: 10.0.0.0/24}}}
  four: {subnets: {run: {region: a, range: 10.0.0.0/24}}}
firewall_rules:
  one: {network: one, priority: 900, direction: egress, action: deny}
  google: {network: one, priority: 100, direction: egress, action: allow, destination_ranges: [199.36.153.8/30], traffic: ["tcp:443"]}
  two: {network: two, direction: egress, action: deny, target_tags: [web]}
  three: {network: three, direction: egress, action: deny, target_tags: [db]}
  four: {network: four, direction: egress, action: deny}
services:
  one: {region: a, vpc_access: {network: one, subnet: run, egress: all-traffic}}
  two: {region: a, vpc_access: {network: two, subnet: run, egress: all-traffic, tags: [web]}}
  three: {region: a, vpc_access: {network: three, subnet: run, egress: all-traffic, tags: [web]}}
  four: {region: a, vpc_access: {network: four, subnet: run}}
"##, r##"
firewall_rule/two cuts service/two off from Google's APIs
  ^ "two"
  - "run" sends from there
  help: allow tcp:443 to `199.36.153.8/30` at a smaller priority, and let names of Google lead there
  note: EGR-111: under a general egress deny 199.36.153.8/30 or 199.36.153.4/30 has to be allowed for tcp:443
  resource: firewall_rule/two
"##),
    case("source-tag-of-cloud-run", r##"networks:
  prod: {subnets: {run: {region: a, range: 10.0.0.0/24}}}
firewall_rules:
  both: {network: prod, action: allow, source_tags: [web], source_ranges: [10.0.0.0/16]}
  account: {network: prod, action: allow, source_service_accounts: [web@shop.iam.gserviceaccount.com]}
  other: {network: prod, action: allow, source_tags: [app]}
services:
  web:
    region: a
    service_account: web@shop.iam.gserviceaccount.com
    vpc_access: {network: prod, subnet: run, tags: [web]}
"##, r##"
whether firewall_rule/account knows service/web is not defined
  ^ "web@shop.iam.gserviceaccount.com"
  - "run" sends by Direct VPC egress
  help: add `10.0.0.0/24` to `source_ranges`
  note: EGR-046: tags and accounts of Cloud Run are not supported as sources of ingress rules; what they match is not defined
  resource: firewall_rule/account
"##),
    case("secure-tag-for-cloud-run", r##"networks:
  prod: {subnets: {run: {region: a, range: 10.0.0.0/24}}}
firewall_policies:
  core:
    attached_to: [network/prod]
    rules: [{priority: 1, direction: egress, action: deny, target_secure_tags: [app]}]
vms: {app: {network: prod, subnet: run, secure_tags: [app]}}
services:
  web: {region: a, vpc_access: {network: prod, subnet: run}}
"##, r##"
"##),
    case("thin-zone", r##"projects: {shop: {number: 123456789012}}
networks:
  prod: {subnets: {run: {region: a, range: 10.0.0.0/24}}}
  data: {subnets: {run: {region: a, range: 10.0.0.0/24}}}
  idle: {}
zones:
  all: {domain: googleapis.com, networks: [prod], records: {"*": [private.googleapis.com]}}
  run: {domain: run.app., networks: [prod], records: {web-123456789012.a: [199.36.153.8]}}
  region: {domain: run.app, networks: [data], records: {"*.a": [199.36.153.8]}}
  idle: {domain: googleapis.com, networks: [idle], records: {storage: [199.36.153.8]}}
services:
  web: {region: a, vpc_access: {network: prod, subnet: run}}
  api: {region: a, vpc_access: {network: data, subnet: run}}
"##, r##"
`api-123456789012.a.run.app` does not exist for service/web
  ^ "run.app."
  - "run" sends from a network of the zone
  help: add a record for `*` or for the name to zone/run
  note: EGR-120: the zone with the longest suffix answers alone: a name that it does not have does not exist, and public DNS is not asked
  resource: zone/run
"##),
    case("subnet-without-google-access", r##"networks:
  prod:
    subnets:
      off: {region: a, range: 10.0.0.0/24}
      on: {region: a, range: 10.0.1.0/24, private_google_access: true}
      nat: {region: b, range: 10.0.2.0/24}
  zoned: {subnets: {run: {region: a, range: 10.0.0.0/24}}}
nats: {out: {network: prod, region: b}}
zones:
  google: {domain: run.app, networks: [zoned], records: {"*": [199.36.153.8]}}
services:
  private: {region: a, vpc_access: {network: prod, subnet: off}}
  on: {region: a, vpc_access: {network: prod, subnet: on, egress: all-traffic}}
  nat: {region: b, vpc_access: {network: prod, subnet: nat, egress: all-traffic}}
  zoned: {region: a, vpc_access: {network: zoned, subnet: run}}
"##, r##"
service/zoned does not reach Google APIs by its subnet
  ^ "run"
  - "run" Private Google Access is off
  help: set `private_google_access: true` there
  note: EGR-051: `all-traffic` to Google APIs or run.app needs Private Google Access on the subnet; the paths by virtual address or endpoint need it with either egress setting
  resource: service/zoned
"##),
    case("connector-without-google-access", r##"networks: {prod: {}}
connectors:
  open: {network: prod, region: a, range: 10.8.0.0/28}
  off: {network: prod, region: a, range: 10.9.0.0/28, private_google_access: false}
services:
  open: {region: a, vpc_access: {connector: open, egress: all-traffic}}
  off: {region: a, vpc_access: {connector: off, egress: all-traffic}}
"##, r##"
service/off does not reach Google APIs by its connector
  ^ "all-traffic"
  - "false" Private Google Access is off
  help: set `private_google_access: true` there
  note: EGR-035: by a connector, `all-traffic` reaches Google APIs and internal services only with Private Google Access on its subnet
  resource: service/off
"##),
    case("endpoint-not-accepted", r##"projects: {shop: {}, data: {}}
networks:
  prod: {project: shop, subnets: {run: {region: a, range: 10.0.0.0/24}}}
  data: {project: data, subnets: {nat: {region: a, range: 10.1.0.0/24, purpose: private-service-connect}}}
passthrough_load_balancers: {store: {network: data, region: a, address: 10.9.0.9}}
service_attachments:
  listed: {load_balancer: store, nat_subnets: [data/nat], accept: [shop]}
  all: {load_balancer: store, nat_subnets: [data/nat], accept_automatic: true}
  refused: {load_balancer: store, nat_subnets: [data/nat], accept_automatic: true, reject: [network/prod]}
psc_endpoints:
  listed: {network: prod, region: a, address: 10.0.0.7, target: service_attachment/listed}
  all: {network: prod, region: a, address: 10.0.0.8, target: service_attachment/all}
  refused: {network: prod, region: a, address: 10.0.0.9, target: service_attachment/refused}
"##, r##"
service_attachment/refused does not accept psc_endpoint/refused
  ^ "service_attachment/refused"
  - "refused" the attachment
  help: name network/prod in `accept`, and neither it nor its project in `reject`
  note: EGR-167: a service attachment accepts the projects and networks that it lists and does not refuse, or everybody
  resource: psc_endpoint/refused
"##),
    case("published-without-subnet", r##"networks:
  data: {subnets: {vms: {region: a, range: 10.1.0.0/24}}}
passthrough_load_balancers: {store: {network: data, region: a, address: 10.1.0.9}}
service_attachments:
  store: {load_balancer: store, nat_subnets: [data/vms]}
"##, r##"
the subnet `data/vms` is not for service_attachment/store
  ^ "data/vms"
  - "vms" the subnet
  help: set `purpose: private-service-connect` on the subnet `vms`
  note: EGR-168: consumers arrive with addresses of a subnet of purpose `private-service-connect`
  resource: service_attachment/store
"##),
    case("no-private-connection", r##"networks: {prod: {}, data: {}}
private_connections: {google: {network: prod, ranges: [10.60.0.0/16]}}
sql_instances:
  inside: {region: a, engine: mysql, network: prod, private_address: 10.60.0.3}
  outside: {region: a, engine: mysql, network: prod, private_address: 10.61.0.3}
  open: {region: a, engine: mysql}
redis_instances:
  cache: {region: a, network: data, address: 10.62.0.3}
"##, r##"
`10.61.0.3` is in no range that network/prod uses for managed services
  ^ "10.61.0.3"
  - "10.60.0.0/16" such a range
  note: EGR-149: private services access is a connection of the network with the ranges of the services
  resource: sql_instance/outside
network/data has no path to redis_instance/cache
  ^ "data"
  help: add the ranges of network/data to `private_connections`
  note: EGR-149: private services access is a connection of the network with the ranges of the services
  resource: redis_instance/cache
"##),
    case("sql-authorizes-nobody", r##"networks: {prod: {}}
nats: {out: {network: prod, region: a, addresses: [203.0.113.10]}}
users: {staff: {addresses: [198.51.100.0/28]}}
sql_instances:
  nat: {region: a, engine: mysql, public_address: 198.51.100.50, authorized_networks: [203.0.113.0/24]}
  staff: {region: a, engine: mysql, public_address: 198.51.100.51, authorized_networks: [198.51.100.0/24]}
  all: {region: a, engine: mysql, public_address: 198.51.100.52, authorized_networks: [0.0.0.0/0]}
  none: {region: a, engine: mysql, public_address: 198.51.100.53}
"##, r##"
"##),
    case("admitted-nat-not-used", r##"networks:
  prod: {subnets: {run: {region: a, range: 10.0.0.0/24}}}
nats:
  one: {network: prod, region: a, addresses: [203.0.113.10]}
  two: {network: prod, region: b, addresses: [203.0.113.11]}
services:
  web: {region: a, vpc_access: {network: prod, subnet: run, egress: all-traffic}}
externals:
  both: {hosts: [a.example], admits: [203.0.113.0/24]}
  other: {hosts: [b.example], admits: [203.0.113.11]}
"##, r##"
external/other admits nat/two, by which nothing sends
  ^ "203.0.113.11"
  note: EGR-076: the internet sees the addresses of a gateway only if what sends is attached to its network, is served by it, and sends all traffic there
  resource: external/other
"##),
    case("admits-shared-pool", r##"externals:
  own: {hosts: [a.example], admits: [35.190.0.0/24, 8.8.0.0/16, "*"]}
"##, r##"
"##),
    case("public-range-missed", r##"networks: {prod: {subnets: {run: {region: a, range: 10.0.0.0/24, private_google_access: true}}}}
onprem:
  office: {network: prod, region: a, ranges: [192.168.0.0/16, 192.0.2.0/24]}
services:
  web: {region: a, vpc_access: {network: prod, subnet: run}}
  all: {region: a, vpc_access: {network: prod, subnet: run, egress: all-traffic}}
"##, r##"
service/web does not send to `192.0.2.0/24` by its network
  ^ "run"
  - "192.0.2.0/24" onprem/office
  help: set `egress: all-traffic`
  note: EGR-009: privately used public ranges are not private: `private-ranges-only` sends what goes there to the internet
  resource: service/web
"##),
    case("sender-not-announced", r##"networks: {prod: {subnets: {run: {region: a, range: 10.0.0.0/24}}}}
onprem:
  office: {network: prod, region: a, ranges: [192.168.0.0/16], learns: [10.0.0.0/25, 10.0.0.128/25]}
services:
  web: {region: a, vpc_access: {network: prod, subnet: run}}
"##, r##"
"##),
    case("no-route-to-google", r##"networks:
  other: {default_route: false, subnets: {run: {region: a, range: 10.0.0.0/24, private_google_access: true}}}
  halves: {subnets: {run: {region: a, range: 10.0.0.0/24, private_google_access: true}}}
routes:
  private: {network: other, destination: 199.36.153.8/30, next_hop: internet}
onprem:
  office: {network: halves, region: a, ranges: [192.168.0.0/16], announces: [0.0.0.0/1, 128.0.0.0/1]}
zones:
  google: {domain: googleapis.com, networks: [other], records: {"*": [restricted.googleapis.com]}}
services:
  other: {region: a, vpc_access: {network: other, subnet: run}}
  halves: {region: a, vpc_access: {network: halves, subnet: run, egress: all-traffic}}
"##, r##"
network/other has no route to Google's virtual addresses
  ^ "false"
  help: add a route for `199.36.153.4/30` with `next_hop: internet`
  note: EGR-132: where the default route is gone or leads to a line or a machine, 199.36.153.8/30 or 199.36.153.4/30 needs a route to the internet gateway
  resource: network/other
"##),
    case("thin-zone", r##"projects: {shop: {number: 123456789012}}
networks: {prod: {subnets: {run: {region: a, range: 10.0.0.0/24}}}}
zones:
  region: {domain: a.run.app, networks: [prod], records: {other-123456789012: [199.36.153.8]}}
  google: {domain: googleapis.com, networks: [prod], records: {storage: [199.36.153.8], run: [199.36.153.8]}}
services:
  web: {region: a, vpc_access: {network: prod, subnet: run}}
"##, r##"
`web-123456789012.a.run.app` does not exist for service/web
  ^ "a.run.app"
  - "run" sends from a network of the zone
  help: add a record for `*` or for the name to zone/region
  note: EGR-120: the zone with the longest suffix answers alone: a name that it does not have does not exist, and public DNS is not asked
  resource: zone/region
`iamcredentials.googleapis.com` does not exist for service/web
  ^ "googleapis.com"
  - "run" sends from a network of the zone
  help: add a record for `*` or for the name to zone/google
  note: EGR-120: the zone with the longest suffix answers alone: a name that it does not have does not exist, and public DNS is not asked
  resource: zone/google
"##),
    case("all-traffic-without-nat", r##"networks: {prod: {subnets: {run: {region: a, range: 10.0.0.0/24}}}}
onprem:
  office: {network: prod, region: a, ranges: [192.168.0.0/16], announces: [0.0.0.0/0]}
services:
  web: {region: a, vpc_access: {network: prod, subnet: run, egress: all-traffic}}
"##, r##"
"##),
    case("admits-nobody", r##"externals:
  all: {hosts: [a.example], admits: [0.0.0.0/0]}
  pool: {hosts: [b.example], admits: [34.0.0.0/8]}
services:
  web: {region: a}
"##, r##"
"##),
    case("admits-shared-pool", r##"externals:
  all: {hosts: [a.example], admits: [0.0.0.0/0]}
  wide: {hosts: [b.example], admits: [34.0.0.0/8]}
"##, r##"
`34.0.0.0/8`, which external/wide admits, is of many customers of Google
  ^ "34.0.0.0/8"
  help: admit the addresses of a gateway, as `nat/ID`
  note: EGR-077: no address of the shared pool tells one customer from another: an allow list of it admits all of them
  resource: external/wide
"##),
    case("public-range-missed", r##"networks: {prod: {subnets: {run: {region: a, range: 10.0.0.0/24}}}}
onprem: {office: {network: prod, region: a, ranges: [199.36.153.8/30, 198.51.100.0/24]}}
services:
  web: {region: a, vpc_access: {network: prod, subnet: run}}
"##, r##"
service/web does not send to `198.51.100.0/24` by its network
  ^ "run"
  - "198.51.100.0/24" onprem/office
  help: set `egress: all-traffic`
  note: EGR-009: privately used public ranges are not private: `private-ranges-only` sends what goes there to the internet
  resource: service/web
"##),
    example("equal-policy-routes", r##"
policy_route/skip and policy_route/inspect have the priority 1000, and packets in common
  ^ "skip"
  - "inspect" the other one
  help: give each a priority of its own
  note: EGR-243: which of two policy-based routes with one priority is taken is not documented
  resource: policy_route/skip
"##),
    case("equal-policy-routes", r##"networks: {prod: {subnets: {vms: {region: a, range: 10.0.0.0/24}}}, other: {}}
vms: {gateway: {network: prod, subnet: vms, can_ip_forward: true}}
passthrough_load_balancers: {gateways: {network: prod, region: a, address: 10.0.0.9, machines: [gateway]}}
policy_routes:
  tcp: {network: prod, priority: 5, protocol: tcp, next_hop: load_balancer/gateways}
  udp: {network: prod, priority: 5, protocol: udp, next_hop: default-routing}
  later: {network: prod, priority: 6, next_hop: default-routing}
  elsewhere: {network: other, priority: 5, next_hop: default-routing}
  near: {network: prod, priority: 7, source: [10.0.0.0/25], next_hop: load_balancer/gateways}
  far: {network: prod, priority: 7, source: [10.0.0.128/25], next_hop: default-routing}
  wide: {network: prod, priority: 7, source: [10.0.0.0/16], next_hop: default-routing}
"##, r##"
policy_route/wide and policy_route/near have the priority 7, and packets in common
  ^ "7"
  - "near" the other one
  help: give each a priority of its own
  note: EGR-243: which of two policy-based routes with one priority is taken is not documented
  resource: policy_route/wide
"##),
];
