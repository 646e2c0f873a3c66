//! Cases about Private Service Connect NEGs, worker pools, connectors, and where Cloud Run sits.

use crate::source::testing::{Case, case, example};

#[rustfmt::skip]
pub(super) const CASES: &[Case] = &[
    example("invalid-psc-target", r##"
`all-apis` is nothing that a NEG of backend/apis leads to
  ^ "all-apis"
  help: write `service_attachment/ID`, or the name of an API such as `europe-west1-run.googleapis.com`
  note: ING-162: a Private Service Connect NEG leads to a published service, or to one Google API
  resource: backend/apis
"##),
    example("mixed-negs", r##"
backend/web has serverless NEGs and Private Service Connect NEGs
  ^ "europe-west1-run.googleapis.com"
  - "web" the other sort
  help: make a backend of each sort
  resource: backend/web
"##),
    case("mixed-negs", r##"endpoint_groups:
  machines: {kind: instance-group}
  pods: {kind: zonal}
  servers: {kind: hybrid}
backends:
  two: {endpoint_groups: [machines, pods]}
  together: {endpoint_groups: [pods, servers]}
"##, r##"
backend/two has instance groups and zonal or hybrid NEGs
  ^ "pods"
  - "machines" the other sort
  help: make a backend of each sort
  resource: backend/two
"##),
    example("endpoint-group-target", r##"
endpoint_group/partner is an internet NEG that leads nowhere
  ^ "internet"
  help: add `host` or `address`
  note: ING-224: an internet NEG leads to a host or an address, and no other group of endpoints does
  resource: endpoint_group/partner
"##),
    case("endpoint-group-target", r##"endpoint_groups:
  both: {kind: internet, host: api.partner.example, address: 198.51.100.20}
  gke: {kind: gke, address: 198.51.100.20}
  fine: {kind: internet, address: 198.51.100.20, port: 8443}
"##, r##"
endpoint_group/both leads to a host and to an address
  ^ "198.51.100.20"
  help: leave one of them out
  note: ING-224: an internet NEG leads to a host or an address, and no other group of endpoints does
  resource: endpoint_group/both
endpoint_group/gke is no internet NEG, and leads to the internet
  ^ "198.51.100.20"
  help: leave it out, or write `kind: internet`
  note: ING-224: an internet NEG leads to a host or an address, and no other group of endpoints does
  resource: endpoint_group/gke
"##),
    example("endpoint-group-unsupported", r##"
backend/shop has NEGs of App Engine, which load_balancer/edge of kind `regional-external` does not take
  ^ "shop"
  - "regional-external" its kind
  resource: backend/shop
"##),
    case("endpoint-group-unsupported", r##"networks: {core: {}}
endpoint_groups:
  partner: {kind: internet, host: api.partner.example}
  servers: {kind: hybrid}
backends:
  partner: {endpoint_groups: [partner]}
  servers: {endpoint_groups: [servers]}
load_balancers:
  across: {kind: cross-region-internal, network: core, url_map: {default: partner}}
  inside: {kind: regional-internal, network: core, region: a, url_map: {default: partner}}
  other: {kind: cross-region-internal, network: core, url_map: {default: servers}}
"##, r##"
backend/partner has internet NEGs, which load_balancer/across of kind `cross-region-internal` does not take
  ^ "partner"
  - "cross-region-internal" its kind
  resource: backend/partner
"##),
    example("endpoint-group-region", r##"
what backend/shop leads to is in `europe-west3`, load_balancer/edge in `europe-west1`
  ^ "shop"
  - "europe-west1" the load balancer's region
  resource: backend/shop
"##),
    case("unresolved-reference", r##"backends:
  web: {endpoint_groups: [gke]}
"##, r##"
there is no group of endpoints `gke`
  ^ "gke"
  help: nothing is declared as a group of endpoints
  resource: backend/web
"##),
    example("psc-neg-region", r##"
the NEG of backend/store is in `europe-west3`, service_attachment/store in `europe-west1`
  ^ "europe-west3"
  help: leave it out
  note: ING-162: a Private Service Connect NEG is in the region of what it leads to, and behind a regional load balancer in that of the load balancer
  resource: backend/store
"##),
    example("psc-neg-circle", r##"
what load_balancer/inside sends to backend/own comes back
  ^ "service_attachment/own"
  - "inside" what is published
  resource: backend/own
"##),
    example("listens-nowhere", r##"
worker_pool/queue listens, but is in no subnet
  ^ "\"tcp:8080\""
  - "own" nothing enters by a connector
  help: name a `network` and a `subnet` in `vpc_access`, or leave `listens` out
  note: EGR-039: a worker pool receives packets by Direct VPC ingress, at addresses of its subnet
  resource: worker_pool/queue
"##),
    case("invalid-psc-target", r##"networks: {prod: {}}
backends:
  one: {psc_negs: [europe-west1-run.googleapis.com]}
  two: {psc_negs: [run.example.com]}
  three: {psc_negs: [sql_instance/orders]}
"##, r##"
`run.example.com` is nothing that a NEG of backend/two leads to
  ^ "run.example.com"
  help: write `service_attachment/ID`, or the name of an API such as `europe-west1-run.googleapis.com`
  note: ING-162: a Private Service Connect NEG leads to a published service, or to one Google API
  resource: backend/two
`sql_instance/orders` is nothing that a NEG of backend/three leads to
  ^ "sql_instance/orders"
  help: write `service_attachment/ID`, or the name of an API such as `europe-west1-run.googleapis.com`
  note: ING-162: a Private Service Connect NEG leads to a published service, or to one Google API
  resource: backend/three
"##),
    case("unresolved-reference", r##"services:
  web: {region: a, cloud_sql: [order]}
sql_instances:
  orders: {region: a, engine: mysql, public_address: 192.0.2.5}
service_attachments:
  store: {load_balancer: inside}
load_balancers:
  inside: {kind: regional-internal, network: data, region: a, address: 10.9.0.9, url_map: {default: web}}
networks: {data: {}}
backends:
  web: {services: [web]}
  far: {psc_negs: [{target: service_attachment/stor, network: date}]}
"##, r##"
there is no Cloud SQL instance `order`
  ^ "order"
  help: did you mean `orders`?
  resource: service/web
there is no service attachment `stor`
  ^ "service_attachment/stor"
  help: did you mean `store`?
  resource: backend/far
there is no network `date`
  ^ "date"
  help: did you mean `data`?
  resource: backend/far
"##),
    case("psc-neg-region", r##"backends:
  store: {psc_negs: [service_attachment/store]}
networks: {data: {subnets: {nat: {region: a, range: 10.1.0.0/24, purpose: private-service-connect}}}}
passthrough_load_balancers:
  store: {network: data, region: a, address: 10.9.0.9, listens: ["tcp:80"], global_access: true}
service_attachments:
  store: {load_balancer: store, nat_subnets: [data/nat], accept_automatic: true}
load_balancers:
  near: {kind: regional-external, region: a, url_map: {default: store}}
  far: {kind: regional-external, region: b, url_map: {default: store}}
  all: {kind: global-external, url_map: {default: store}}
"##, r##"
the NEG of backend/store is in `a`, load_balancer/far in `b`
  ^ "service_attachment/store"
  - "b" the load balancer's region
  note: ING-162: a Private Service Connect NEG is in the region of what it leads to, and behind a regional load balancer in that of the load balancer
  resource: backend/store
"##),
    case("duplicate-neg-region", r##"backends:
  two: {psc_negs: [service_attachment/one, service_attachment/two]}
networks: {data: {subnets: {nat: {region: a, range: 10.1.0.0/24, purpose: private-service-connect}}}}
passthrough_load_balancers:
  one: {network: data, region: a, address: 10.9.0.9, listens: ["tcp:80"]}
  two: {network: data, region: a, address: 10.9.0.10, listens: ["tcp:80"]}
service_attachments:
  one: {load_balancer: one, nat_subnets: [data/nat], accept_automatic: true}
  two: {load_balancer: two, nat_subnets: [data/nat], accept_automatic: true}
"##, r##"
backend/two has two Private Service Connect NEGs in `a`
  ^ "service_attachment/two"
  - "service_attachment/one" the other one
  help: make a backend of each
  note: ING-091: a backend service has at most one serverless NEG in a region
  resource: backend/two
"##),
    case("listens-nowhere", r##"networks:
  prod: {subnets: {run: {region: a, range: 10.0.0.0/24}}}
worker_pools:
  queue: {region: a, vpc_access: {network: prod, subnet: run}, listens: ["tcp:8080"]}
  deaf: {region: a}
"##, r##"
"##),
    example("attachment-subnet-elsewhere", r##"
the subnet `data/nat` is of another region than what service_attachment/store publishes
  ^ "data/nat"
  - "store" what is published
  note: EGR-168: the subnets whose addresses consumers arrive with are of the network and the region of what is published
  resource: service_attachment/store
"##),
    case("attachment-subnet-elsewhere", r##"networks:
  data: {}
  other: {subnets: {nat: {region: a, range: 10.1.0.0/24, purpose: private-service-connect}}}
passthrough_load_balancers:
  store: {network: data, region: a, address: 10.9.0.9, listens: ["tcp:80"]}
service_attachments:
  store: {load_balancer: store, nat_subnets: [nat], accept_automatic: true}
"##, r##"
the subnet `nat` is of another network than what service_attachment/store publishes
  ^ "nat"
  - "store" what is published
  note: EGR-168: the subnets whose addresses consumers arrive with are of the network and the region of what is published
  resource: service_attachment/store
"##),
];
