//! Cases about networks: routes, firewalls, names, endpoints, addresses.

use super::cases::{Case, case, example};

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
  help: write `all-apis`, `vpc-sc`, `service_attachment/ID` or `sql_instance/ID`
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
    example("nat-rule-on-automatic", r##"
nat/tokyo has rules, but no addresses of its own
  ^ "{number: 1, match: \"destination.ip == '198.51.100.7'\", addresses: [203.0.113.11]}"
  help: add `addresses`
  note: EGR-063: a gateway with rules has addresses of its own
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
    example("invalid-learns", r##"
`subnets` is nothing that a site learns
  ^ "subnets"
  help: write a range, or `all-subnets`
  note: EGR-159: a Cloud Router announces ranges, or all subnets that it sees
  resource: onprem/office
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
    example("destination-of-ingress", r##"
the rule 1 is for ingress, and names destinations
  ^ "api.example.com"
  help: set `direction: egress`
  note: EGR-115: the destinations of an ingress rule are its targets; only egress rules name others
  resource: firewall_policy/core
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
connector/own reaches every machine of its network
  ^ "own"
  help: add a deny rule with `source_tags: [vpc-connector]` and a priority below 1000, and allow what is needed before it
  note: EGR-030: a connector brings a rule that lets it reach every machine; a deny of everything for its tag or range at a priority below 1000 restricts it
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
    example("endpoint-region", r##"
psc_endpoint/apis is for Google APIs, and has a region
  ^ "europe-west1"
  help: leave `region` out
  note: EGR-127: an endpoint for Google APIs is global, one for a published service is in a region
  resource: psc_endpoint/apis
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
    example("sql-without-network", r##"
sql_instance/orders has a private address, but is in no network
  ^ "10.60.0.3"
  help: add `network`
  note: EGR-153: a private address of an instance is one in a network
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
network/site has no route to Google's virtual addresses
  ^ "0.0.0.0/0" the default route leads to this site
  help: add a route for `199.36.153.8/30` with `next_hop: internet`
  note: EGR-132: where the default route is gone or leads to a line or a machine, 199.36.153.8/30 or 199.36.153.4/30 needs a route to the internet gateway
  resource: network/site
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
network/halves has no route to Google's virtual addresses
  ^ "0.0.0.0/1" this site takes the place of the default route
  help: add a route for `199.36.153.8/30` with `next_hop: internet`
  note: EGR-132: where the default route is gone or leads to a line or a machine, 199.36.153.8/30 or 199.36.153.4/30 needs a route to the internet gateway
  resource: network/halves
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
];
