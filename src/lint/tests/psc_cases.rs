//! Cases about Private Service Connect NEGs, worker pools, connectors, and where Cloud Run sits.

use crate::source::testing::{Case, case, example};

#[rustfmt::skip]
pub(super) const CASES: &[Case] = &[
    example("psc-neg-not-accepted", r##"
service_attachment/store does not accept the NEG of backend/store
  ^ "service_attachment/store"
  - "store" the attachment
  help: add `project/project` to `accept`
  note: EGR-167: a service attachment accepts the projects and networks that it lists and does not refuse, or everybody
  resource: backend/store
"##),
    example("psc-neg-without-global-access", r##"
load_balancer/edge does not reach passthrough_load_balancer/store
  ^ "service_attachment/store"
  - "global-external" not regional
  help: set `global_access: true` on passthrough_load_balancer/store
  note: ING-162: global and cross-region load balancers reach a published service only if its forwarding rule has global access
  resource: backend/store
"##),
    example("psc-neg-ports", r##"
backend/store leads to passthrough_load_balancer/store, which has not one port
  ^ "service_attachment/store"
  - "store" what is published
  help: publish a forwarding rule of one port
  note: ING-162: a Private Service Connect NEG sends to the only port of the producer's forwarding rule
  resource: backend/store
"##),
    example("psc-neg-protocol", r##"
backend/consumed speaks `http`, load_balancer/inside `https`
  ^ "service_attachment/web"
  - "inside" what is published
  help: set `protocol: https`
  note: ING-083: a front end of an Application Load Balancer speaks HTTP or HTTPS
  resource: backend/consumed
"##),
    example("psc-neg-behind-classic", r##"
whether load_balancer/edge leads to the NEG of backend/admin is not documented
  ^ "europe-west1-run.googleapis.com"
  - "classic" its kind
  help: take the kind `global-external`
  note: ING-162: documents name global external, regional external, regional internal and cross-region internal load balancers as those that have Private Service Connect NEGs
  resource: backend/admin
"##),
    example("sql-connection-by-connector", r##"
service/web does not reach the public address of sql_instance/orders
  ^ "orders"
  - "all-traffic" all traffic
  - "own" by a connector
  help: use Direct VPC egress, or a private address of the instance
  note: EGR-238: a Cloud SQL connection of Cloud Run to a public address cannot be used together with a connector whose egress is `all-traffic`
  resource: service/web
"##),
    example("unsupported-subnet", r##"
the subnet `run` of service/web is not in a supported range
  ^ "192.0.2.0/24"
  - "run" used by Direct VPC egress
  help: take a private range
  note: EGR-044: Direct VPC egress supports subnets in the private ranges of RFC 1918, 100.64.0.0/10 and 240.0.0.0/4
  resource: service/web
"##),
    example("slow-start", r##"
new instances of service/web may wait before nat/one serves them
  ^ "all-traffic"
  - "one" the gateway
  note: EGR-052: by Direct VPC egress new instances may wait a minute or more for their first connection; Google recommends a connector with Cloud NAT where that matters
  resource: service/web
"##),
    example("default-rules-not-said", r##"
network/default is taken not to have the rules that it began with
  ^ "default"
  help: set `default_rules: true` if it has those that it began with, else false
  note: EGR-097: the network `default` that a project begins with admits 10.128.0.0/9, SSH, RDP and ICMP at priority 65534 until those rules are deleted
  resource: network/default
"##),
    case("psc-neg-not-accepted", r##"projects: {shop: {}, client: {}, stranger: {}}
networks:
  data: {project: shop, subnets: {nat: {region: a, range: 10.1.0.0/24, purpose: private-service-connect}}}
  inner: {project: client}
passthrough_load_balancers:
  store: {network: data, region: a, address: 10.9.0.9, listens: ["tcp:80"]}
service_attachments:
  store: {load_balancer: store, nat_subnets: [data/nat], accept: [client], reject: [network/inner]}
backends:
  client: {project: client, psc_negs: [service_attachment/store]}
  said: {project: stranger, psc_negs: [{target: service_attachment/store, accepted: true}]}
  refused: {project: client, psc_negs: [{target: service_attachment/store, network: inner}]}
load_balancers:
  one: {project: client, kind: regional-external, region: a, url_map: {default: client}}
  two: {project: stranger, kind: regional-external, region: a, url_map: {default: said}}
  three: {project: client, kind: regional-external, region: a, url_map: {default: refused}}
"##, r##"
service_attachment/store does not accept the NEG of backend/refused
  ^ "service_attachment/store"
  - "store" the attachment
  help: name project/client in `accept`, and not in `reject`
  note: EGR-167: a service attachment accepts the projects and networks that it lists and does not refuse, or everybody
  resource: backend/refused
"##),
    case("sql-connection-by-connector", r##"networks:
  prod: {subnets: {run: {region: a, range: 10.0.0.0/24}}}
connectors:
  own: {network: prod, region: a, range: 10.8.0.0/28}
sql_instances:
  orders: {region: a, engine: postgres, public_address: 192.0.2.5}
  inside: {region: a, engine: postgres, network: prod, private_address: 10.60.0.3}
services:
  some: {region: a, cloud_sql: [orders], vpc_access: {connector: own}}
  direct: {region: a, cloud_sql: [orders], vpc_access: {network: prod, subnet: run, egress: all-traffic}}
  private: {region: a, cloud_sql: [inside], vpc_access: {connector: own, egress: all-traffic}}
  alone: {region: a, cloud_sql: [orders]}
"##, r##"
"##),
    case("unsupported-subnet", r##"networks:
  prod:
    subnets:
      one: {region: a, range: 100.64.0.0/24}
      two: {region: a, range: 240.0.0.0/24}
      three: {region: a, range: 198.51.100.0/24}
services:
  one: {region: a, vpc_access: {network: prod, subnet: one}}
  two: {region: a, vpc_access: {network: prod, subnet: two}}
"##, r##"
"##),
    case("default-rules-not-said", r##"networks:
  default: {default_rules: false}
  other: {}
"##, r##"
"##),
    case("default-rules-not-said", r##"networks:
  default: {}
firewall_rules:
  default-allow-ssh: {network: default, action: allow, priority: 65534, traffic: ["tcp:22"]}
"##, r##"
"##),
    case("connector-open", r##"networks:
  prod: {subnets: {vms: {region: a, range: 10.0.0.0/24}}}
connectors:
  own: {network: prod, region: a, range: 10.8.0.0/28}
vms:
  app: {network: prod, subnet: vms}
  db: {network: prod, subnet: vms, tags: [db]}
firewall_rules:
  ssh: {network: prod, priority: 990, action: deny, source_tags: [vpc-connector], traffic: ["tcp:22"]}
"##, r##"
the rule of connector/own admits it to every machine of its network
  ^ "own"
  - "ssh" denies a part
  help: add a deny rule with `source_tags: [vpc-connector]` and a priority below 1000, and allow what is needed before it
  note: EGR-030: a connector brings a rule that admits it to every machine; a deny of everything for its tag or range at a priority below 1000 restricts it
  resource: connector/own
"##),
    case("connector-open", r##"networks:
  prod: {subnets: {vms: {region: a, range: 10.0.0.0/24}}}
connectors:
  own: {network: prod, region: a, range: 10.8.0.0/28}
vms:
  app: {network: prod, subnet: vms}
  db: {network: prod, subnet: vms, tags: [db]}
firewall_rules:
  db: {network: prod, priority: 990, action: deny, source_ranges: [10.8.0.0/28], target_tags: [db]}
"##, r##"
the rule of connector/own admits it to vm/app
  ^ "own"
  - "db" denies a part
  help: add a deny rule with `source_tags: [vpc-connector]` and a priority below 1000, and allow what is needed before it
  note: EGR-030: a connector brings a rule that admits it to every machine; a deny of everything for its tag or range at a priority below 1000 restricts it
  resource: connector/own
"##),
    case("connector-open", r##"networks:
  prod: {subnets: {vms: {region: a, range: 10.0.0.0/24}}}
connectors:
  own: {network: prod, region: a, range: 10.8.0.0/28}
vms: {app: {network: prod, subnet: vms}}
firewall_rules:
  streams: {network: prod, priority: 990, action: deny, source_tags: [vpc-connector], traffic: [tcp, udp]}
  pings: {network: prod, priority: 990, action: deny, source_tags: [vpc-connector], traffic: [icmp]}
"##, r##"
"##),
    case("connector-open", r##"networks:
  prod: {subnets: {vms: {region: a, range: 10.0.0.0/24}}}
connectors:
  own: {network: prod, region: a, range: 10.8.0.0/28}
vms: {app: {network: prod, subnet: vms}}
firewall_rules:
  off: {network: prod, priority: 990, action: deny, source_tags: [vpc-connector], disabled: true}
"##, r##"
the rule of connector/own admits it to every machine of its network
  ^ "own"
  help: add a deny rule with `source_tags: [vpc-connector]` and a priority below 1000, and allow what is needed before it
  note: EGR-030: a connector brings a rule that admits it to every machine; a deny of everything for its tag or range at a priority below 1000 restricts it
  resource: connector/own
"##),
    case("psc-neg-not-accepted", r##"projects: {shop: {}}
networks:
  data:
    subnets:
      nat: {region: a, range: 10.1.0.0/24, purpose: private-service-connect}
      proxies: {region: a, range: 10.2.0.0/24, purpose: regional-managed-proxy}
service_attachments:
  own: {load_balancer: inside, nat_subnets: [data/nat]}
backends:
  own: {psc_negs: [service_attachment/own]}
load_balancers:
  inside: {kind: regional-internal, network: data, region: a, address: 10.9.0.9, url_map: {default: own}}
"##, r##"
"##),
];
