//! Cases about sites, their lines, hubs, and networks that are elsewhere.

use crate::source::testing::{Case, case, example};

#[rustfmt::skip]
pub(super) const CASES: &[Case] = &[
    case("transitive-peering", r##"networks:
  prod: {subnets: {run: {region: a, range: 10.0.0.0/24}}}
  hub: {}
  data: {}
peerings:
  one: {network: prod, peer: hub}
  two: {network: hub, peer: prod}
  three: {network: hub, peer: data}
  four: {network: data, peer: hub}
ncc_hubs: {core: {}}
ncc_spokes: {prod: {hub: core, network: prod}, data: {hub: core, network: data}}
passthrough_load_balancers:
  store: {network: data, region: a, address: 10.9.0.9}
services:
  web: {region: a, vpc_access: {network: prod, subnet: run}}
"##, r##"
"##),
    example("spoke-exclusion", r##"
`10.1.0.0/24` is no part of what ncc_spoke/prod gives
  ^ "10.1.0.0/24"
  help: leave it out
  note: EGR-164: an excluded range takes a part out of an included one; elsewhere it does nothing
  resource: ncc_spoke/prod
"##),
    case("unused-resource", r##"networks: {prod: {}}
ncc_hubs: {core: {}, empty: {}}
ncc_spokes: {prod: {hub: core, network: prod}}
"##, r##"
ncc_hub/empty is not used: it has no spoke
  ^ "empty"
  resource: ncc_hub/empty
"##),
    example("answer-in-another-region", r##"
what Google answers to onprem/office does not go back in `asia-northeast1`
  ^ "asia-northeast1"
  help: let the site announce its ranges by a line of that region
  note: ING-165: what Google answers goes back by a line of the region that the request came in by
  resource: onprem/office
"##),
    case("answer-in-another-region", r##"networks: {prod: {}}
onprem:
  office:
    network: prod
    ranges: [192.168.0.0/16]
    learns: [199.36.153.8/30]
    lines: {one: {region: a}, two: {region: b, kind: classic-vpn}}
routes:
  back: {network: prod, destination: 192.168.0.0/16, next_hop: onprem/office/two}
"##, r##"
"##),
    example("site-at-google", r##"
`35.235.240.0/24` of onprem/office is Google's
  ^ "35.235.240.0/24"
  help: take private addresses, or public ones of your own
  note: ING-166: what a site sends to Google APIs comes from private addresses or from public ones that are not Google's
  resource: onprem/office
"##),
    case("site-at-google", r##"networks: {prod: {}}
onprem:
  office: {network: prod, region: a, ranges: [192.168.0.0/16, 198.51.100.0/24], announces: [0.0.0.0/0]}
"##, r##"
"##),
    example("spoke-not-learned", r##"
onprem/office does not learn `10.0.0.0/24`, from which service/web sends
  ^ "office"
  - "run" sends from there
  help: add `10.0.0.0/24` to `import_ranges` of ncc_spoke/office
  note: EGR-164: a site learns of the subnets of other spokes if the spoke of its lines takes them, or if its Cloud Router announces them otherwise
  resource: ncc_spoke/office
"##),
    case("spoke-not-learned", r##"networks:
  routing: {}
  prod: {subnets: {run: {region: a, range: 10.0.0.0/24}}}
  data: {subnets: {run: {region: a, range: 10.1.0.0/24}}}
onprem:
  office: {network: routing, region: a, ranges: [192.168.0.0/16], learns: [all-subnets, 10.1.0.0/16]}
ncc_hubs: {core: {}}
ncc_spokes:
  prod: {hub: core, network: prod}
  data: {hub: core, network: data}
  office: {hub: core, site: office, import_ranges: [10.0.0.0/16]}
services:
  web: {region: a, vpc_access: {network: prod, subnet: run}}
  api: {region: a, vpc_access: {network: data, subnet: run}}
"##, r##"
"##),
    case("classic-without-route", r##"networks: {prod: {}}
onprem:
  office:
    network: prod
    region: a
    ranges: [192.168.0.0/16]
    lines: {one: {kind: classic-vpn}, two: {kind: classic-vpn}}
routes:
  out: {network: prod, destination: 192.168.0.0/16, next_hop: onprem/office/one}
"##, r##"
no route leads to the line `two` of onprem/office
  ^ "classic-vpn"
  help: add a route with `next_hop: onprem/office/two`
  note: EGR-085: only static routes lead into a Classic VPN tunnel
  resource: onprem/office
"##),
    example("address-of-no-subnet", r##"
`10.9.0.9` is of no subnet of network/prod for passthrough_load_balancer/store
  ^ "10.9.0.9"
  - "10.0.0.0/24" the subnet `vms` is for it
  resource: passthrough_load_balancer/store
"##),
    example("zones-in-a-circle", r##"
`zone/there` and `zone/back` ask each other in a circle
  ^ "hub"
  - "prod" leads back
  help: let one of the networks answer by itself
  note: EGR-128: a name that networks ask each other for in a circle has no answer
  resource: zone/there
"##),
    case("zones-in-a-circle", r##"networks: {prod: {}, hub: {}, data: {}}
zones:
  there: {domain: corp.example, networks: [prod], peering: hub}
  on: {domain: corp.example, networks: [hub], peering: data}
  other: {domain: other.example, networks: [data], peering: prod}
"##, r##"
"##),
];
