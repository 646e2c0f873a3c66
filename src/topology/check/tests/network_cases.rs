//! Cases about networks: routes, firewalls, names, endpoints, addresses.

use super::cases::{Case, example};

#[rustfmt::skip]
pub(super) const CASES: &[Case] = &[
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
  note: EGR-061: a gateway with rules has addresses of its own
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
  help: add a rule in project/hub that allows tcp:667 from `35.199.224.0/19` to the tag `vpc-connector`
  note: EGR-031: for a connector in a service project the host project has to let in what serves it, from 35.199.224.0/19 to the tag `vpc-connector`
  resource: connector/own
"##),
    example("connector-open", r##"
connector/own reaches every machine of its network
  ^ "own"
  help: add a deny rule with `source_tags: [vpc-connector]` and a priority below 1000, and allow what is needed before it
  note: EGR-030: a connector brings a rule that lets it reach every machine; a deny for its tag or range at a priority below 1000 restricts it
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
zone/inside answers in several ways
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
  note: EGR-051: `all-traffic` to Google APIs or run.app needs Private Google Access on the subnet; the ways by virtual address or endpoint need it with either egress setting
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
network/prod has no way to sql_instance/orders
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
];
