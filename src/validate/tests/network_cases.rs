//! Cases about networks: routes, firewalls, names, endpoints, addresses.

use crate::source::testing::{Case, case, example};

#[rustfmt::skip]
pub(super) const CASES: &[Case] = &[
    example("ip-version", r##"
`10.0.1.0/24` is of IPv4, and this is for IPv6
  ^ "10.0.1.0/24"
  help: write it as `range`
  note: EGR-018: subnets and machines have a key for each version of IP, and connectors have IPv4 only
  resource: network/prod
"##),
    example("subnet-without-range", r##"
the subnet `run` has no range
  ^ "run"
  help: add `range` or `ipv6_range`
  resource: network/prod
"##),
    example("ipv6-range-size", r##"
`fd20:1:2::/48` is not a /64
  ^ "\"fd20:1:2::/48\""
  help: write `fd20:1:2::/64`
  note: EGR-018: the range of IPv6 of a subnet is a /64
  resource: network/prod
"##),
    example("stack-type", r##"
the subnet `run` is `dual-stack`, but has no `ipv6_range`
  ^ "dual-stack"
  help: add `ipv6_range`
  note: EGR-018: what is `dual-stack` has both versions of IP, and the others have one
  resource: network/prod
"##),
    example("ipv6-access-type", r##"
`fd20:1:2:3::/64` is no external range of IPv6
  ^ "\"fd20:1:2:3::/64\""
  - "external" its access type
  help: write `internal`
  note: EGR-018: internal ranges of IPv6 are of fd20::/20, external ones of the internet
  resource: network/prod
"##),
    example("sender-without-ipv4", r##"
the subnet `run` has no IPv4 for service/web
  ^ "run"
  help: take a dual-stack subnet
  note: EGR-018: Cloud Run and connectors send from subnets that have IPv4
  resource: service/web
"##),
    case("ip-version", r##"networks:
  prod:
    subnets:
      run: {region: a, range: "fd20:1:2:3::/64", ipv6_range: "fd20:1:2:4::/64", secondary: {pods: "fd20:1:2:5::/64"}}
connectors:
  own: {network: prod, region: a, range: "fd20:1:2:6::/64"}
vms:
  app: {network: prod, subnet: run, address: "fd20:1:2:4::9", ipv6_address: 10.0.0.9}
"##, r##"
`fd20:1:2:3::/64` is of IPv6, and this is for IPv4
  ^ "\"fd20:1:2:3::/64\""
  help: write it as `ipv6_range`
  note: EGR-018: subnets and machines have a key for each version of IP, and connectors have IPv4 only
  resource: network/prod
`fd20:1:2:5::/64` is of IPv6, and this is for IPv4
  ^ "\"fd20:1:2:5::/64\""
  help: write it as `ipv6_range`
  note: EGR-018: subnets and machines have a key for each version of IP, and connectors have IPv4 only
  resource: network/prod
`fd20:1:2:6::/64` is of IPv6, and this is for IPv4
  ^ "\"fd20:1:2:6::/64\""
  help: give it a /28 of IPv4
  note: EGR-018: subnets and machines have a key for each version of IP, and connectors have IPv4 only
  resource: connector/own
`fd20:1:2:4::9` is of IPv6, and this is for IPv4
  ^ "\"fd20:1:2:4::9\""
  help: write it as `ipv6_address`
  note: EGR-018: subnets and machines have a key for each version of IP, and connectors have IPv4 only
  resource: vm/app
`10.0.0.9` is of IPv4, and this is for IPv6
  ^ "10.0.0.9"
  help: write it as `address`
  note: EGR-018: subnets and machines have a key for each version of IP, and connectors have IPv4 only
  resource: vm/app
"##),
    case("stack-type", r##"networks:
  prod:
    subnets:
      four: {region: a, range: 10.0.0.0/24, ipv6_range: "fd20:1:2:3::/64", stack_type: ipv4-only}
      six: {region: a, ipv6_range: "fd20:1:2:4::/64", stack_type: IPV6_ONLY}
      plain: {region: a, range: 10.0.1.0/24}
  data: {}
vms:
  both: {network: prod, subnet: plain, stack_type: dual-stack}
  four: {network: prod, subnet: six, address: 10.0.0.9}
  kept: {network: prod, subnet: plain, ipv6_address: "fd20:1:2:4::9", stack_type: ipv4-only}
  fine: {network: prod, subnet: six}
peerings:
  there: {network: prod, peer: data, stack_type: ipv6-only}
  back: {network: data, peer: prod, stack_type: dual-stack}
"##, r##"
the subnet `four` is `ipv4-only`, but has `ipv6_range`
  ^ "ipv4-only"
  - "\"fd20:1:2:3::/64\"" its range
  help: write `dual-stack`
  note: EGR-018: what is `dual-stack` has both versions of IP, and the others have one
  resource: network/prod
the subnet `plain` of vm/both has no IPv6
  ^ "dual-stack"
  note: EGR-018: what is `dual-stack` has both versions of IP, and the others have one
  resource: vm/both
vm/four is `ipv6-only`, but has an address of IPv4
  ^ "10.0.0.9"
  note: EGR-018: what is `dual-stack` has both versions of IP, and the others have one
  resource: vm/four
vm/kept is `ipv4-only`, but has an address of IPv6
  ^ "\"fd20:1:2:4::9\""
  note: EGR-018: what is `dual-stack` has both versions of IP, and the others have one
  resource: vm/kept
peering/there cannot let IPv6 alone pass
  ^ "ipv6-only"
  help: write `dual-stack`
  note: EGR-018: what is `dual-stack` has both versions of IP, and the others have one
  resource: peering/there
"##),
    case("ipv6-access-type", r##"networks:
  prod:
    subnets:
      none: {region: a, range: 10.0.0.0/24, ipv6_access_type: internal}
      wrong: {region: a, range: 10.0.1.0/24, ipv6_range: "2600:1900:4000:1::/64", ipv6_access_type: INTERNAL}
      other: {region: a, range: 10.0.2.0/24, ipv6_range: "fd00:1:2:3::/64"}
      fine: {region: a, range: 10.0.3.0/24, ipv6_range: "2600:1900:4000:2::/64", ipv6_access_type: EXTERNAL}
"##, r##"
the subnet `none` has no IPv6 that could be internal
  ^ "internal"
  help: add `ipv6_range`
  note: EGR-018: internal ranges of IPv6 are of fd20::/20, external ones of the internet
  resource: network/prod
`2600:1900:4000:1::/64` is no internal range of IPv6
  ^ "\"2600:1900:4000:1::/64\""
  - "INTERNAL" its access type
  help: take a range of `fd20::/20`
  note: EGR-018: internal ranges of IPv6 are of fd20::/20, external ones of the internet
  resource: network/prod
`fd00:1:2:3::/64` is no internal range of IPv6
  ^ "\"fd00:1:2:3::/64\""
  help: take a range of `fd20::/20`
  note: EGR-018: internal ranges of IPv6 are of fd20::/20, external ones of the internet
  resource: network/prod
"##),
    case("sender-without-ipv4", r##"networks:
  prod:
    subnets:
      six: {region: a, ipv6_range: "fd20:1:2:3::/64"}
      dual: {region: a, range: 10.0.0.0/26, ipv6_range: "fd20:1:2:4::/64"}
connectors:
  own: {subnet: prod/six}
services:
  web: {region: a, vpc_access: {connector: own}}
  fine: {region: a, vpc_access: {network: prod, subnet: dual}}
"##, r##"
the subnet `six` has no IPv4 for service/web
  ^ "own"
  help: take a dual-stack subnet
  note: EGR-018: Cloud Run and connectors send from subnets that have IPv4
  resource: service/web
"##),
    case("address-outside-subnet", r##"networks:
  prod: {subnets: {run: {region: a, range: 10.0.0.0/24, ipv6_range: "fd20:1:2:3::/64"}}}
vms:
  app: {network: prod, subnet: run, ipv6_address: "fd20:1:2:4::9"}
passthrough_load_balancers:
  here: {network: prod, region: a, address: "fd20:1:2:3::9"}
"##, r##"
`fd20:1:2:4::9` is not of the subnet `run`
  ^ "\"fd20:1:2:4::9\""
  - "\"fd20:1:2:3::/64\"" its range
  help: take one of `fd20:1:2:3::/64`
  resource: vm/app
"##),
    example("invalid-target", r##"
`service/orders` is nothing that an endpoint leads to
  ^ "service/orders"
  help: write `all-apis`, `vpc-sc`, `service_attachment/ID`, `sql_instance/ID` or `external/ID`
  note: EGR-166: an endpoint leads to a bundle of Google APIs, a service attachment or a Cloud SQL instance
  resource: psc_endpoint/orders
"##),
    example("invalid-published", r##"
service_attachment/web publishes load_balancer/edge, which is not internal
  ^ "edge"
  - "global-external" its kind
  note: EGR-167: a service attachment publishes an internal load balancer
  resource: service_attachment/web
"##),
    example("overlapping-peers", r##"
network/prod and network/data cannot be peered: `10.0.0.0/16` and `10.0.1.0/24` overlap
  ^ "out"
  - "10.0.0.0/16" the subnet `run`
  - "10.0.1.0/24" the subnet `vms`
  note: EGR-092: networks with overlapping subnets cannot be peered
  resource: peering/out
"##),
    example("address-outside-subnet", r##"
`10.0.1.9` is not of the subnet `vms`
  ^ "10.0.1.9"
  - "10.0.0.0/24" its range
  help: take one of `10.0.0.0/24`
  resource: vm/app
"##),
    example("public-address", r##"
`203.0.113.9` is a public address, and redis_instance/cache needs an internal one
  ^ "203.0.113.9"
  resource: redis_instance/cache
"##),
    example("private-address", r##"
`10.0.0.9` is a private address, and nat/tokyo needs a public one
  ^ "10.0.0.9"
  resource: nat/tokyo
"##),
    example("api-endpoint-address", r##"
`10.0.0.9` is in the subnet `run`
  ^ "10.0.0.9"
  - "10.0.0.0/24" its range
  note: EGR-127: the address of an endpoint for Google APIs is outside all subnets of its network
  resource: psc_endpoint/apis
"##),
    example("nat-rule-number", r##"
the number 65001 of a rule is too large
  ^ "65001"
  note: EGR-061: a NAT rule has a number of its own from 0 to 65000
  resource: nat/tokyo
"##),
    example("private-nat-subnet", r##"
the subnet `vms` is not for nat/inside
  ^ "vms"
  - "vms" the subnet
  help: set `purpose: private-nat` on the subnet `vms`
  note: EGR-074: a private gateway takes addresses of subnets of purpose `private-nat`, a public one has addresses of the internet
  resource: nat/inside
"##),
    example("route-inside-subnet", r##"
`10.0.1.0/24` is inside the subnet `run` of network/prod
  ^ "10.0.1.0/24"
  - "10.0.0.0/16" its range
  note: EGR-081: a static route with the same or a longer prefix than a subnet route cannot be created
  resource: route/special
"##),
    example("route-priority", r##"
the priority 70000 of route/out is too large
  ^ "70000"
  note: EGR-083: the priority of a route is from 0 to 65535
  resource: route/out
"##),
    example("route-next-hop", r##"
route/out cannot lead to the normal routes
  ^ "default-routing"
  help: `default-routing` is for policy-based routes
  note: EGR-085: a static route leads to the internet gateway, or to a machine, load balancer or line of its own network
  resource: route/out
"##),
    example("policy-route-next-hop", r##"
policy_route/out cannot lead to `internet`
  ^ "internet"
  help: write `load_balancer/ID` or `default-routing`
  note: EGR-088: a policy-based route leads to an internal passthrough load balancer, or to the normal routes
  resource: policy_route/out
"##),
    example("peering-with-itself", r##"
peering/loop joins network/prod with itself
  ^ "prod"
  note: EGR-092: a peering joins two networks
  resource: peering/loop
"##),
    example("duplicate-peering", r##"
network/prod has two peerings with network/data
  ^ "two"
  - "one" the other one
  note: EGR-092: a network has one side of a peering with another network
  resource: peering/two
"##),
    example("invalid-learns", r##"
`subnets` is nothing that a site learns
  ^ "subnets"
  help: write a range, or `all-subnets`
  note: EGR-159: a Cloud Router announces ranges, or all subnets that it sees
  resource: onprem/office
"##),
    example("firewall-priority", r##"
the priority 70000 is too large
  ^ "70000"
  help: at most 65535 is possible
  note: EGR-098: the priority of a VPC firewall rule is from 0 to 65535, that of a policy's rule from 0 to 2147483547
  resource: firewall_rule/open
"##),
    example("duplicate-firewall-priority", r##"
two rules of firewall_policy/core have the priority 1
  ^ "1"
  - "1" the other one
  note: EGR-099: the rules of a firewall policy have priorities of their own
  resource: firewall_policy/core
"##),
    example("goto-next-in-rule", r##"
firewall_rule/on cannot leave the decision to others
  ^ "goto_next"
  help: write `allow` or `deny`
  note: EGR-099: only rules of firewall policies leave the decision to the next level
  resource: firewall_rule/on
"##),
    example("tags-and-accounts", r##"
firewall_rule/web names network tags and service accounts
  ^ "web@shop.iam.gserviceaccount.com"
  - "front" a network tag
  help: take either for both sides
  note: EGR-105: a VPC firewall rule names its endpoints by network tag or by service account, not both
  resource: firewall_rule/web
"##),
    example("source-of-egress", r##"
firewall_rule/web is for egress, and names other senders than its targets
  ^ "front"
  - "egress" egress
  help: name targets, or `source_ranges`
  note: EGR-098: the senders of an egress rule are its targets; only ingress rules name others
  resource: firewall_rule/web
"##),
    example("firewall-network-type", r##"
the rule 1 of firewall_policy/core has a type of senders for its destinations
  ^ "intra-vpc"
  help: write `internet` or `non-internet`
  note: EGR-259: an egress rule leads to the internet or not to it; `vpc-networks` names the networks of senders
  resource: firewall_policy/core
"##),
    case("firewall-network-type", r##"networks: {prod: {}, data: {}}
firewall_policies:
  core:
    attached_to: [network/prod]
    rules:
      - {priority: 1, action: allow, source_network_type: vpc-networks, source_ranges: [10.0.0.0/8]}
      - {priority: 2, action: allow, source_networks: [data], source_ranges: [10.0.0.0/8]}
      - {priority: 3, action: allow, source_network_type: vpc-networks, source_networks: [data]}
"##, r##"
the rule 1 of firewall_policy/core names no networks
  ^ "vpc-networks"
  help: add `source_networks`
  note: EGR-259: an egress rule leads to the internet or not to it; `vpc-networks` names the networks of senders
  resource: firewall_policy/core
the rule 2 of firewall_policy/core names networks without the type for that
  ^ "data"
  help: add `source_network_type: vpc-networks`
  note: EGR-259: an egress rule leads to the internet or not to it; `vpc-networks` names the networks of senders
  resource: firewall_policy/core
"##),
    example("destination-of-ingress", r##"
the rule 1 is for ingress, and names destinations
  ^ "api.example.com"
  help: set `direction: egress`
  note: EGR-115: the destinations of an ingress rule are its targets; only egress rules name others
  resource: firewall_policy/core
"##),
    example("invalid-record", r##"
`10.0.0.0/24` is neither an address nor a name
  ^ "\"10.0.0.0/24\""
  resource: zone/inside
"##),
    example("name-beside-others", r##"
`db` stands for `db.example` and has other values
  ^ "db.example"
  help: leave one of them out
  resource: zone/inside
"##),
    example("bypass-beside-others", r##"
`db.example` passes by response_policy/names, and is answered
  ^ "bypass"
  help: leave one of them out
  note: EGR-122: a rule of a response policy answers a name or lets it pass by
  resource: response_policy/names
"##),
    example("zone-of-several-kinds", r##"
zone/inside answers in several manners
  ^ "192.168.0.53"
  - "db" another one
  help: leave all but one of `records`, `forwarding` and `peering` out
  resource: zone/inside
"##),
    example("duplicate-zone", r##"
network/prod has zone/one and zone/two for `corp.example`
  ^ "corp.example."
  - "corp.example" also here
  note: EGR-129: a network sees one zone of a domain, one response policy and one server policy
  resource: zone/two
"##),
    example("zone-of-itself", r##"
zone/inside takes the view of a network that it is for
  ^ "prod"
  note: EGR-128: a peering zone resolves in another network
  resource: zone/inside
"##),
    example("endpoint-region", r##"
psc_endpoint/apis is for Google APIs, and has a region
  ^ "europe-west1"
  help: leave `region` out
  note: EGR-127: an endpoint for Google APIs is global, one for a published service is in a region
  resource: psc_endpoint/apis
"##),
    example("endpoint-in-another-region", r##"
psc_endpoint/orders is in another region than sql_instance/orders
  ^ "us-central1"
  - "sql_instance/orders" in europe-west1
  help: set `region: europe-west1`
  note: EGR-239: an endpoint for a published service is in the region of that
  resource: psc_endpoint/orders
"##),
    example("sql-without-network", r##"
sql_instance/orders has a private address, but is in no network
  ^ "10.60.0.3"
  help: add `network`
  note: EGR-153: a private address of an instance is one in a network
  resource: sql_instance/orders
"##),
    case("unresolved-reference", r##"networks:
  prod: {subnets: {run: {region: a, range: 10.0.0.0/24}}}
vms: {gateway: {network: prod, subnet: run}}
routes:
  one: {network: prd, destination: 172.16.0.0/16, next_hop: vm/gatway}
  two: {network: prod, destination: 172.17.0.0/16, next_hop: load_balancer/none}
policy_routes:
  one: {network: prod, next_hop: load_balancer/none}
peerings:
  one: {network: prod, peer: dta}
firewall_rules:
  one: {network: pord, action: allow}
firewall_policies:
  core: {attached_to: [network/pod, folder/none], rules: [{priority: 1, action: allow, networks: [prd]}]}
zones:
  one: {domain: corp.example, networks: [prd], peering: data}
response_policies:
  one: {networks: [prd]}
dns_policies:
  one: {networks: [prd], alternative_name_servers: [10.0.0.53]}
passthrough_load_balancers:
  store: {network: prod, region: a, address: 10.0.0.9, machines: [gatewy]}
nats:
  inside: {network: prod, region: a, kind: private, private_subnets: [rn]}
onprem:
  office: {network: prd, region: a, ranges: [192.168.0.0/16]}
"##, r##"
there is no network `prd`
  ^ "prd"
  help: did you mean `prod`?
  resource: route/one
there is no machine `gatway`
  ^ "vm/gatway"
  help: did you mean `gateway`?
  resource: route/one
there is no passthrough load balancer `none`
  ^ "load_balancer/none"
  help: declared are `store`
  resource: route/two
there is no passthrough load balancer `none`
  ^ "load_balancer/none"
  help: declared are `store`
  resource: policy_route/one
there is no network `dta`
  ^ "dta"
  help: declared are `prod`
  resource: peering/one
there is no network `pord`
  ^ "pord"
  help: did you mean `prod`?
  resource: firewall_rule/one
there is no network `pod`
  ^ "network/pod"
  help: did you mean `prod`?
  resource: firewall_policy/core
there is no folder `none`
  ^ "folder/none"
  help: nothing is declared as a folder
  resource: firewall_policy/core
there is no network `prd`
  ^ "prd"
  help: did you mean `prod`?
  resource: firewall_policy/core
there is no network `prd`
  ^ "prd"
  help: did you mean `prod`?
  resource: zone/one
there is no network `data`
  ^ "data"
  help: declared are `prod`
  resource: zone/one
there is no network `prd`
  ^ "prd"
  help: did you mean `prod`?
  resource: response_policy/one
there is no network `prd`
  ^ "prd"
  help: did you mean `prod`?
  resource: dns_policy/one
there is no machine `gatewy`
  ^ "gatewy"
  help: did you mean `gateway`?
  resource: passthrough_load_balancer/store
network/prod has no subnet `rn`
  ^ "rn"
  help: did you mean `run`?
  resource: nat/inside
there is no network `prd`
  ^ "prd"
  help: did you mean `prod`?
  resource: onprem/office
"##),
    case("unresolved-reference", r##"networks:
  prod: {subnets: {run: {region: a, range: 10.0.0.0/24}}}
psc_endpoints:
  one: {network: prd, region: a, address: 10.0.0.9, target: service_attachment/none}
  two: {network: prod, region: a, address: 10.0.0.8, target: sql_instance/orers}
service_attachments:
  store: {load_balancer: stor, nat_subnets: [prod/nat], accept: [project/none, network/prd, elsewhere]}
private_connections:
  google: {network: prd, ranges: [10.60.0.0/16]}
sql_instances:
  orders: {region: a, engine: mysql, network: prd, private_address: 10.60.0.3, project: none}
redis_instances:
  cache: {region: a, network: prd, address: 10.60.0.4}
"##, r##"
there is no network `prd`
  ^ "prd"
  help: did you mean `prod`?
  resource: psc_endpoint/one
there is no service attachment `none`
  ^ "service_attachment/none"
  help: declared are `store`
  resource: psc_endpoint/one
there is no Cloud SQL instance `orers`
  ^ "sql_instance/orers"
  help: did you mean `orders`?
  resource: psc_endpoint/two
there is no load balancer `stor`
  ^ "stor"
  help: nothing is declared as a load balancer
  resource: service_attachment/store
network/prod has no subnet `nat`
  ^ "prod/nat"
  help: declared are `run`
  resource: service_attachment/store
there is no project `none`
  ^ "project/none"
  help: nothing is declared as a project
  resource: service_attachment/store
there is no network `prd`
  ^ "network/prd"
  help: did you mean `prod`?
  resource: service_attachment/store
there is no network `prd`
  ^ "prd"
  help: did you mean `prod`?
  resource: private_connection/google
there is no network `prd`
  ^ "prd"
  help: did you mean `prod`?
  resource: sql_instance/orders
there is no project `none`
  ^ "none"
  help: nothing is declared as a project
  resource: sql_instance/orders
there is no network `prd`
  ^ "prd"
  help: did you mean `prod`?
  resource: redis_instance/cache
"##),
    case("ambiguous-project", r##"projects: {shop: {}, tools: {}}
networks: {prod: {project: shop}}
sql_instances: {orders: {region: a, engine: mysql}}
redis_instances: {cache: {region: a, network: prod, address: 10.60.0.4, project: shop}}
"##, r##"
sql_instance/orders names no project, and there are several
  ^ "orders"
  help: add `project` with one of `shop` and `tools`
  resource: sql_instance/orders
"##),
    case("invalid-node", r##"firewall_policies:
  core: {attached_to: [project/shop], rules: []}
"##, r##"
`project/shop` has no firewall policies
  ^ "project/shop"
  help: write `organization`, `folder/ID` or `network/ID`
  resource: firewall_policy/core
"##),
    case("invalid-published", r##"networks:
  data:
    subnets:
      nat: {region: a, range: 10.0.9.0/24, purpose: private-service-connect}
passthrough_load_balancers:
  store: {network: data, region: a, address: 10.1.0.9}
service_attachments:
  one: {load_balancer: store, nat_subnets: [data/nat]}
  two: {load_balancer: passthrough_load_balancer/store, nat_subnets: [data/nat]}
"##, r##"
"##),
    case("network-not-shared", r##"projects: {shop: {}, hub: {}}
networks:
  hub: {project: hub, subnets: {run: {region: a, range: 10.0.0.0/24}}}
connectors:
  own: {project: shop, network: hub, region: a, range: 10.8.0.0/28}
vms:
  app: {project: shop, network: hub, subnet: run}
sql_instances:
  orders: {project: shop, region: a, engine: mysql, network: hub, private_address: 10.60.0.3}
redis_instances:
  cache: {project: shop, region: a, network: hub, address: 10.60.0.4}
"##, r##"
network/hub is of project/hub, and not shared with project/shop
  ^ "hub"
  - "hub" its project
  help: add `shop` to `shared_with` of network/hub
  note: EGR-041: what is in a network is of its project, or of one that the host project shares it with
  resource: connector/own
network/hub is of project/hub, and not shared with project/shop
  ^ "hub"
  - "hub" its project
  help: add `shop` to `shared_with` of network/hub
  note: EGR-041: what is in a network is of its project, or of one that the host project shares it with
  resource: vm/app
network/hub is of project/hub, and not shared with project/shop
  ^ "hub"
  - "hub" its project
  help: add `shop` to `shared_with` of network/hub
  note: EGR-041: what is in a network is of its project, or of one that the host project shares it with
  resource: sql_instance/orders
network/hub is of project/hub, and not shared with project/shop
  ^ "hub"
  - "hub" its project
  help: add `shop` to `shared_with` of network/hub
  note: EGR-041: what is in a network is of its project, or of one that the host project shares it with
  resource: redis_instance/cache
"##),
    case("overlapping-ranges", r##"networks:
  prod:
    subnets:
      run: {region: a, range: 10.8.0.0/24, secondary: {pods: 10.9.0.0/16}}
      vms: {region: a, range: 10.9.1.0/24}
  test: {subnets: {run: {region: a, range: 10.8.0.0/24}}}
"##, r##"
the range `pods` of the subnet `run` and the subnet `vms` of network/prod overlap: `10.9.0.0/16` contains `10.9.1.0/24`
  ^ "10.9.1.0/24"
  - "10.9.0.0/16" the wider range
  note: EGR-022: nothing else may use the range of a subnet or connector in its network
  resource: network/prod
"##),
    case("overlapping-peers", r##"networks:
  prod: {subnets: {one: {region: a, range: 10.0.0.0/24}, two: {region: a, range: 10.0.4.0/24}}}
  data: {subnets: {one: {region: a, range: 10.0.1.0/24}, two: {region: a, range: 10.0.5.0/24}}}
peerings:
  out: {network: prod, peer: data}
  back: {network: data, peer: prod}
"##, r##"
"##),
    case("address-outside-subnet", r##"networks:
  prod:
    subnets:
      run: {region: a, range: 10.0.0.0/24}
      far: {region: b, range: 10.0.1.0/24}
      proxies: {region: a, range: 10.0.2.0/24, purpose: regional-managed-proxy}
  open: {}
vms:
  app: {network: prod, subnet: run, address: "fd00::1"}
passthrough_load_balancers:
  here: {network: prod, region: a, address: 10.0.0.9}
  far: {network: prod, region: a, address: 10.0.1.9}
  proxies: {network: prod, region: a, address: 10.0.2.9}
  nowhere: {network: prod, region: a, address: 10.7.0.9}
  open: {network: open, region: a, address: 10.7.0.9}
"##, r##"
`fd00::1` is not of the subnet `run`
  ^ "\"fd00::1\""
  - "10.0.0.0/24" its range
  help: the range is of IPv4, the address of IPv6
  resource: vm/app
`10.0.1.9` is of the subnet `far`, which is not for passthrough_load_balancer/far
  ^ "10.0.1.9"
  - "b" what it is for
  resource: passthrough_load_balancer/far
`10.0.2.9` is of the subnet `proxies`, which is not for passthrough_load_balancer/proxies
  ^ "10.0.2.9"
  - "regional-managed-proxy" what it is for
  resource: passthrough_load_balancer/proxies
"##),
    case("public-address", r##"networks:
  prod: {subnets: {run: {region: a, range: 192.0.2.0/24}}}
passthrough_load_balancers:
  own: {network: prod, region: a, address: 192.0.2.9}
  store: {network: prod, region: a, address: 203.0.113.9}
psc_endpoints:
  apis: {network: prod, address: 203.0.113.8, target: vpc-sc}
"##, r##"
`203.0.113.9` is a public address, and passthrough_load_balancer/store needs an internal one
  ^ "203.0.113.9"
  resource: passthrough_load_balancer/store
`203.0.113.8` is a public address, and psc_endpoint/apis needs an internal one
  ^ "203.0.113.8"
  resource: psc_endpoint/apis
"##),
    case("private-address", r##"networks:
  prod: {subnets: {run: {region: a, range: 10.0.0.0/24}}}
vms:
  app: {network: prod, subnet: run, external_address: 10.0.0.5}
sql_instances:
  orders: {region: a, engine: mysql, public_address: 192.168.0.5}
load_balancers:
  edge: {kind: global-external, address: 172.16.0.5, url_map: {}}
"##, r##"
`10.0.0.5` is a private address, and vm/app needs a public one
  ^ "10.0.0.5"
  resource: vm/app
`192.168.0.5` is a private address, and sql_instance/orders needs a public one
  ^ "192.168.0.5"
  resource: sql_instance/orders
`172.16.0.5` is a private address, and load_balancer/edge needs a public one
  ^ "172.16.0.5"
  resource: load_balancer/edge
"##),
    case("nat-rule-number", r##"networks: {prod: {}}
nats:
  out:
    network: prod
    region: a
    addresses: [203.0.113.10]
    rules:
      - {number: 7, match: "destination.ip == '198.51.100.7'", addresses: [203.0.113.11]}
      - {number: 7, match: "destination.ip == '198.51.100.8'", addresses: [203.0.113.12]}
"##, r##"
two rules of nat/out have the number 7
  ^ "7"
  - "7" the other one
  note: EGR-061: a NAT rule has a number of its own from 0 to 65000
  resource: nat/out
"##),
    case("invalid-expression", r##"networks: {prod: {}}
nats:
  out:
    network: prod
    region: a
    addresses: [203.0.113.10]
    rules:
      - {number: 1, match: "destination.port == 7", addresses: [203.0.113.11]}
"##, r##"
`destination.port` is not an attribute of NAT rules
  ^ "destination.port"
  help: NAT rules have destination.ip, source.ip, nexthop.hub, nexthop.is_hybrid
  resource: nat/out
"##),
    case("private-nat-subnet", r##"networks:
  prod: {subnets: {hand: {region: a, range: 10.0.0.0/24, purpose: private-nat}}}
nats:
  good: {network: prod, region: a, kind: private, private_subnets: [hand]}
  none: {network: prod, region: a, kind: private}
  public: {network: prod, region: b, private_subnets: [hand]}
  both: {network: prod, region: c, kind: private, private_subnets: [hand], addresses: [203.0.113.10]}
"##, r##"
nat/none has no subnet to take addresses of
  ^ "private"
  help: add `private_subnets`
  note: EGR-074: a private gateway takes addresses of subnets of purpose `private-nat`, a public one has addresses of the internet
  resource: nat/none
nat/public is public, but takes addresses of a subnet
  ^ "hand"
  help: set `kind: private`
  note: EGR-074: a private gateway takes addresses of subnets of purpose `private-nat`, a public one has addresses of the internet
  resource: nat/public
nat/both is private, but has addresses of the internet
  ^ "203.0.113.10"
  - "private" its kind
  note: EGR-074: a private gateway takes addresses of subnets of purpose `private-nat`, a public one has addresses of the internet
  resource: nat/both
"##),
    case("route-inside-subnet", r##"networks:
  prod: {subnets: {run: {region: a, range: 10.0.0.0/24}}}
  data: {subnets: {vms: {region: a, range: 10.1.0.0/24}}}
peerings:
  out: {network: prod, peer: data}
  back: {network: data, peer: prod}
routes:
  wide: {network: prod, destination: 10.0.0.0/8, next_hop: internet}
  peer: {network: prod, destination: 10.1.0.0/25, next_hop: internet}
"##, r##"
`10.1.0.0/25` is inside the subnet `vms` of network/data
  ^ "10.1.0.0/25"
  - "10.1.0.0/24" its range
  note: EGR-081: a static route with the same or a longer prefix than a subnet route cannot be created
  resource: route/peer
"##),
    case("route-next-hop", r##"networks:
  prod: {subnets: {run: {region: a, range: 10.0.0.0/24}}}
  data: {subnets: {vms: {region: a, range: 10.1.0.0/24}}}
vms: {gateway: {network: data, subnet: vms, can_ip_forward: true}}
onprem: {office: {network: data, region: a, ranges: [192.168.0.0/16]}}
routes:
  vm: {network: prod, destination: 172.20.0.0/16, next_hop: vm/gateway}
  site: {network: prod, destination: 172.21.0.0/16, next_hop: onprem/office}
  good: {network: data, destination: 172.21.0.0/16, next_hop: onprem/office}
"##, r##"
route/vm cannot lead to vm/gateway
  ^ "vm/gateway"
  help: that is in network/data
  note: EGR-085: a static route leads to the internet gateway, or to a machine, load balancer or line of its own network
  resource: route/vm
route/site cannot lead to the lines of onprem/office
  ^ "onprem/office"
  help: that is in network/data
  note: EGR-085: a static route leads to the internet gateway, or to a machine, load balancer or line of its own network
  resource: route/site
"##),
    case("firewall-priority", r##"networks: {prod: {}}
firewall_rules: {last: {network: prod, priority: 65535, action: deny}}
firewall_policies:
  core: {attached_to: [network/prod], rules: [{priority: 2147483548, action: deny}]}
"##, r##"
the priority 2147483548 is too large
  ^ "2147483548"
  help: at most 2147483547 is possible
  note: EGR-098: the priority of a VPC firewall rule is from 0 to 65535, that of a policy's rule from 0 to 2147483547
  resource: firewall_policy/core
"##),
    case("tags-and-accounts", r##"networks: {prod: {}}
firewall_rules:
  tags: {network: prod, action: allow, source_tags: [a], target_tags: [b]}
  accounts: {network: prod, action: allow, source_service_accounts: [a@b.c], target_service_accounts: [d@b.c]}
"##, r##"
"##),
    case("source-of-egress", r##"networks: {prod: {}}
firewall_rules:
  ranges: {network: prod, direction: egress, action: allow, source_ranges: [10.0.0.0/24]}
firewall_policies:
  core:
    attached_to: [network/prod]
    rules: [{priority: 1, direction: egress, action: deny, source_regions: [FR]}]
"##, r##"
the rule 1 of firewall_policy/core is for egress, and names other senders than its targets
  ^ "FR"
  - "egress" egress
  help: name targets, or `source_ranges`
  note: EGR-098: the senders of an egress rule are its targets; only ingress rules name others
  resource: firewall_policy/core
"##),
    case("invalid-record", r##"networks: {prod: {}}
zones:
  inside:
    domain: corp.example
    networks: [prod]
    records: {db: [10.0.0.9, "fd00::9"], app: [db.corp.example.], none: [], _srv: [_a.b], bad: [10.0.0.300], word: [bypass]}
response_policies:
  names: {networks: [prod], rules: {"*.example": [bypass], db.example: ["a b"]}}
"##, r##"
`none` has no value
  ^ "none"
  help: write addresses or a name
  resource: zone/inside
`10.0.0.300` is neither an address nor a name
  ^ "10.0.0.300"
  resource: zone/inside
`a b` is neither an address nor a name
  ^ "\"a b\""
  resource: response_policy/names
"##),
    case("duplicate-zone", r##"networks: {prod: {}, data: {}}
zones:
  one: {domain: corp.example, networks: [prod]}
  two: {domain: corp.example, networks: [data]}
  three: {domain: in.corp.example, networks: [prod, prod]}
response_policies:
  one: {networks: [prod]}
  two: {networks: [prod]}
dns_policies:
  one: {networks: [prod], alternative_name_servers: [192.168.0.53]}
  two: {networks: [prod], alternative_name_servers: [192.168.0.53]}
"##, r##"
zone/three names network/prod twice
  ^ "in.corp.example"
  - "in.corp.example" also here
  note: EGR-129: a network sees one zone of a domain, one response policy and one server policy
  resource: zone/three
network/prod has response_policy/one and response_policy/two
  ^ "prod"
  - "prod" also here
  note: EGR-129: a network sees one zone of a domain, one response policy and one server policy
  resource: response_policy/two
network/prod has dns_policy/one and dns_policy/two
  ^ "prod"
  - "prod" also here
  note: EGR-129: a network sees one zone of a domain, one response policy and one server policy
  resource: dns_policy/two
"##),
    case("endpoint-region", r##"networks: {prod: {}}
sql_instances: {orders: {region: a, engine: mysql}}
psc_endpoints:
  orders: {network: prod, address: 10.0.0.9, target: sql_instance/orders}
"##, r##"
psc_endpoint/orders is in no region
  ^ "orders"
  help: add `region`
  note: EGR-127: an endpoint for Google APIs is global, one for a published service is in a region
  resource: psc_endpoint/orders
"##),
    example("address-family", r##"
`2001:db8::1` is of IPv6, and nat/out has IPv4 only
  ^ "\"2001:db8::1\""
  help: take one of IPv4
  note: EGR-018: addresses of Cloud NAT are of IPv4, and what one rule or route speaks of is of one family
  resource: nat/out
"##),
    case("address-family", r##"networks: {prod: {subnets: {vms: {region: a, range: 10.0.0.0/24}}}}
nats:
  out: {network: prod, region: a, addresses: [203.0.113.10, "2001:db8::1"]}
firewall_rules:
  mixed: {network: prod, action: allow, source_ranges: [10.0.0.0/8, "fd20::/20"]}
  four: {network: prod, action: allow, source_ranges: [10.0.0.0/8, 192.168.0.0/16]}
  six: {network: prod, direction: egress, action: deny, destination_ranges: ["fd20::/20"]}
routes:
  on: {network: prod, destination: "fd30::/64", next_hop: 10.0.0.5}
vms: {hop: {network: prod, subnet: vms, address: 10.0.0.5, can_ip_forward: true}}
"##, r##"
`2001:db8::1` is of IPv6, and nat/out has IPv4 only
  ^ "\"2001:db8::1\""
  help: take one of IPv4
  note: EGR-018: addresses of Cloud NAT are of IPv4, and what one rule or route speaks of is of one family
  resource: nat/out
firewall_rule/mixed names `10.0.0.0/8` and `fd20::/20`, of two families
  ^ "\"fd20::/20\""
  - "10.0.0.0/8" the other family
  help: write a rule for each
  note: EGR-018: addresses of Cloud NAT are of IPv4, and what one rule or route speaks of is of one family
  resource: firewall_rule/mixed
route/on leads `fd30::/64` to `10.0.0.5`, of another family
  ^ "10.0.0.5"
  - "\"fd30::/64\"" the destination
  note: EGR-018: addresses of Cloud NAT are of IPv4, and what one rule or route speaks of is of one family
  resource: route/on
"##),
    case("overlapping-ranges", r##"networks: {prod: {subnets: {run: {region: a, range: 10.0.0.0/24}}}}
private_connections:
  one: {network: prod, ranges: [10.0.0.0/16]}
  two: {network: prod, ranges: [10.1.0.0/16]}
"##, r##"
`10.0.0.0/16` of private_connection/one and the subnet `run` of network/prod overlap
  ^ "10.0.0.0/16"
  - "10.0.0.0/24" its range
  note: EGR-022: nothing else may use the range of a subnet or connector in its network
  resource: private_connection/one
"##),
    case("network-not-shared", r##"projects: {shop: {}, hub: {}, tools: {}}
networks:
  hub: {project: hub, shared_with: [tools], subnets: {front: {region: a, range: 10.0.1.0/24}, proxies: {region: a, range: 10.0.9.0/24, purpose: regional-managed-proxy}}}
nats:
  out: {project: shop, network: hub, region: a}
load_balancers:
  corp: {project: shop, kind: regional-internal, network: hub, region: a, address: 10.0.1.5, url_map: {default: web}}
  tools: {project: tools, kind: regional-internal, network: hub, region: a, address: 10.0.1.6, url_map: {default: other}}
backends:
  web: {project: shop, services: [web]}
  other: {project: tools, services: [other]}
services:
  web: {project: shop, region: a}
  other: {project: tools, region: a}
"##, r##"
network/hub is of project/hub, and not shared with project/shop
  ^ "hub"
  - "hub" its project
  help: add `shop` to `shared_with` of network/hub
  note: EGR-041: what is in a network is of its project, or of one that the host project shares it with
  resource: nat/out
network/hub is of project/hub, and not shared with project/shop
  ^ "hub"
  - "hub" its project
  help: add `shop` to `shared_with` of network/hub
  note: EGR-041: what is in a network is of its project, or of one that the host project shares it with
  resource: load_balancer/corp
"##),
    example("nat-region", r##"
the subnet `run` is of another region than nat/out
  ^ "run"
  - "europe-west1" its region
  - "europe-west4" the gateway's region
  help: make a gateway in `europe-west1`
  note: EGR-054: a gateway serves ranges of its own region
  resource: nat/out
"##),
    case("nat-region", r##"networks:
  prod: {subnets: {run: {region: a, range: 10.0.0.0/24}, nat: {region: b, range: 10.9.0.0/24, purpose: private-nat}}}
nats:
  near: {network: prod, region: a, subnets: [run]}
  inside: {network: prod, region: a, kind: private, subnets: [run], private_subnets: [nat]}
"##, r##"
the subnet `nat` is of another region than nat/inside
  ^ "nat"
  - "b" its region
  - "a" the gateway's region
  help: make a gateway in `b`
  note: EGR-054: a gateway serves ranges of its own region
  resource: nat/inside
"##),
    example("private-nat-ranges", r##"
nat/inside is private, and serves some ranges of a subnet only
  ^ "secondary"
  - "private" its kind
  help: name the subnet alone
  note: EGR-074: a private gateway serves all ranges of a subnet
  resource: nat/inside
"##),
    example("wildcard-name", r##"
`*.example.com` has a wildcard
  ^ "\"*.example.com\""
  help: write each name, or its addresses
  note: EGR-115: a name of a firewall rule is one name, without wildcards
  resource: firewall_policy/core
"##),
];
