//! Cases about sites, their lines, hubs, and networks that are elsewhere.

use crate::source::testing::{Case, case, example};

#[rustfmt::skip]
pub(super) const CASES: &[Case] = &[
    example("spoke-of-nothing", r##"
ncc_spoke/prod is neither a network nor the lines of a site
  ^ "prod"
  help: add `network` or `site`
  note: EGR-164: a spoke is one network, or the lines of a site
  resource: ncc_spoke/prod
"##),
    case("spoke-of-nothing", r##"networks: {prod: {}}
onprem: {office: {network: prod, region: a, ranges: [192.168.0.0/16]}}
ncc_hubs: {core: {}}
ncc_spokes:
  both: {hub: core, network: prod, site: office}
"##, r##"
ncc_spoke/both is a network and the lines of a site
  ^ "office"
  - "prod" the network
  help: make two spokes of it
  note: EGR-164: a spoke is one network, or the lines of a site
  resource: ncc_spoke/both
"##),
    example("network-of-two-spokes", r##"
network/prod is ncc_spoke/one and ncc_spoke/two
  ^ "prod"
  - "prod" also here
  note: EGR-164: a network is a spoke of one hub at a time
  resource: ncc_spoke/two
"##),
    example("spoke-group", r##"
ncc_spoke/prod is in no group
  ^ "prod"
  - "star" a star
  help: add `group: center` or `group: edge`
  note: EGR-164: a spoke of a star is in the center or at the edge; a mesh has no groups
  resource: ncc_spoke/prod
"##),
    case("spoke-group", r##"networks: {prod: {}}
ncc_hubs: {core: {}}
ncc_spokes:
  prod: {hub: core, network: prod, group: edge}
"##, r##"
ncc_spoke/prod is in a group, and its hub is a mesh
  ^ "edge"
  help: set `topology: star` on ncc_hub/core
  note: EGR-164: a spoke of a star is in the center or at the edge; a mesh has no groups
  resource: ncc_spoke/prod
"##),
    example("overlapping-spokes", r##"
ncc_spoke/prod and ncc_spoke/data cannot both be of ncc_hub/core: `10.0.0.0/16` and `10.0.1.0/24` overlap
  ^ "10.0.1.0/24"
  - "10.0.0.0/16" the subnet `run`
  help: name one of them in `exclude_ranges` of its spoke
  note: EGR-164: the ranges that spokes give to a hub cannot overlap
  resource: ncc_hub/core
"##),
    case("overlapping-spokes", r##"networks:
  prod: {subnets: {run: {region: a, range: 10.0.0.0/16}}}
  data: {subnets: {vms: {region: a, range: 10.0.1.0/24}}}
ncc_hubs: {core: {}, other: {}}
ncc_spokes:
  prod: {hub: core, network: prod}
  data: {hub: core, network: data, exclude_ranges: [10.0.0.0/16]}
"##, r##"
"##),
    example("peered-spokes", r##"
network/prod and network/data are spokes of ncc_hub/core
  ^ "out"
  help: leave the peering out, or one of the spokes
  note: EGR-164: a spoke may be peered with a network that is no spoke of its hub
  resource: peering/out
"##),
    example("classic-spoke", r##"
ncc_spoke/office has a Classic VPN tunnel
  ^ "office"
  - "classic-vpn" this line
  note: EGR-164: a hub takes HA VPN tunnels and VLAN attachments, which have BGP
  resource: ncc_spoke/office
"##),
    example("sites-of-two-networks", r##"
ncc_spoke/branch passes data on in network/data, another in network/prod
  ^ "true"
  - "true" the other one
  note: EGR-164: spokes with site-to-site data transfer have their lines in one network
  resource: ncc_spoke/branch
"##),
    example("private-nat-hub", r##"
network/prod is no spoke of ncc_hub/core
  ^ "core"
  - "prod" the gateway's network
  help: add a spoke with `network: prod`
  note: EGR-074: a private gateway translates for the hub that its network is a spoke of
  resource: nat/between
"##),
    case("private-nat-hub", r##"networks: {prod: {}}
ncc_hubs: {core: {}}
ncc_spokes: {prod: {hub: core, network: prod}}
nats: {out: {network: prod, region: a, hub: core}}
"##, r##"
nat/out is for ncc_hub/core, and not private
  ^ "core"
  help: set `kind: private`
  note: EGR-074: a private gateway translates for the hub that its network is a spoke of
  resource: nat/out
"##),
    example("ranges-of-a-known-network", r##"
peering/out says the ranges of network/data, which is here
  ^ "10.0.0.0/16"
  - "data" the network
  help: leave `ranges` out
  note: EGR-165: only what goes to a network that is not described ends at its peering or spoke
  resource: peering/out
"##),
    case("unresolved-reference", r##"networks: {prod: {}, hub: {}}
onprem:
  office: {network: prod, ranges: [192.168.0.0/16], lines: {tokyo: {region: a}}}
routes:
  out: {network: prod, destination: 192.168.0.0/16, next_hop: onprem/office/tokio}
peerings:
  out: {network: prod, peer: hbu}
  known: {network: prod, peer: elsewhere, ranges: [10.9.0.0/16]}
ncc_hubs: {core: {}}
ncc_spokes:
  prod: {hub: coer, network: prdo}
  far: {hub: core, network: elsewhere, ranges: [10.8.0.0/16]}
  line: {hub: core, site: ofice}
nats: {between: {network: prod, region: a, kind: private, hub: cor}}
"##, r##"
there is no line `tokio`
  ^ "onprem/office/tokio"
  help: did you mean `tokyo`?
  resource: route/out
there is no network `hbu`
  ^ "hbu"
  help: did you mean `hub`?
  resource: peering/out
there is no hub `coer`
  ^ "coer"
  help: did you mean `core`?
  resource: ncc_spoke/prod
there is no network `prdo`
  ^ "prdo"
  help: did you mean `prod`?
  resource: ncc_spoke/prod
there is no on-premises site `ofice`
  ^ "ofice"
  help: did you mean `office`?
  resource: ncc_spoke/line
there is no hub `cor`
  ^ "cor"
  help: did you mean `core`?
  resource: nat/between
"##),
    case("missing-region", r##"networks: {prod: {}}
onprem:
  office: {network: prod, ranges: [192.168.0.0/16], lines: {tokyo: {}, iowa: {region: b}}}
"##, r##"
the line `tokyo` of onprem/office is in no region
  ^ "tokyo"
  help: add `region`
  resource: onprem/office
"##),
    case("route-next-hop", r##"networks: {prod: {}, data: {}, other: {}}
ncc_hubs: {core: {}}
ncc_spokes: {prod: {hub: core, network: prod}, data: {hub: core, network: data}}
passthrough_load_balancers:
  near: {network: data, region: a, address: 10.1.0.9}
  far: {network: other, region: a, address: 10.2.0.9}
routes:
  near: {network: prod, destination: 192.168.0.0/16, next_hop: load_balancer/near}
  far: {network: prod, destination: 172.16.0.0/16, next_hop: load_balancer/far}
"##, r##"
route/far cannot lead to passthrough_load_balancer/far
  ^ "load_balancer/far"
  help: that is in network/other
  note: EGR-085: a static route leads to the internet gateway, or to a machine, load balancer or line of its own network
  resource: route/far
"##),
    example("policy-route-for-both", r##"
policy_route/out is for a tag and for VLAN attachments
  ^ "all"
  - "web" the tag
  help: make two routes of it
  note: EGR-088: a policy-based route holds for all, for machines with a tag, or for the VLAN attachments of a region
  resource: policy_route/out
"##),
    example("site-without-lines", r##"
onprem/office has no line
  ^ "office"
  help: name one, or leave `lines` out
  note: EGR-158: a site is reached over lines
  resource: onprem/office
"##),
    example("selectors-with-bgp", r##"
the line `tokyo` of onprem/office has selectors, and is no Classic VPN tunnel
  ^ "10.0.0.0/24"
  help: leave them out, or set `kind: classic-vpn`
  note: EGR-161: HA VPN and Interconnect carry what routes lead into them; only Classic VPN has selectors
  resource: onprem/office
"##),
    example("address-twice", r##"
vm/app and vm/job have the address `10.0.0.9`
  ^ "10.0.0.9"
  - "10.0.0.9" also here
  resource: vm/job
"##),
    case("address-twice", r##"networks:
  prod: {subnets: {vms: {region: a, range: 10.0.0.0/24}}}
  data: {subnets: {vms: {region: a, range: 10.0.0.0/24}}}
vms:
  app: {network: prod, subnet: vms, address: 10.0.0.9}
  job: {network: data, subnet: vms, address: 10.0.0.9}
"##, r##"
"##),
];
