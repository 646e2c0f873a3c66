//! The topologies that are asked about.

/// A load balancer with Cloud Armor in front of two services, of which one is open past it.
pub const EDGE: &str = r#"
portolan: 1
projects:
  shop: {number: 123456789012}
networks:
  prod:
    subnets:
      machines: {region: asia-northeast1, range: 10.0.1.0/24, private_google_access: true}
services:
  web:
    region: asia-northeast1
    invokers: [allUsers]
  admin:
    region: asia-northeast1
    ingress: internal-and-cloud-load-balancing
    invokers: [allUsers]
  status:
    region: asia-northeast1
    invokers: [allUsers]
  ledger:
    region: asia-northeast1
    invokers: ["serviceAccount:batch@shop.iam.gserviceaccount.com"]
load_balancers:
  edge:
    kind: global-external
    address: 203.0.113.80
    certificates: [www.example.com, admin.example.com]
    url_map:
      default: web
      hosts:
        admin.example.com: {paths: {"/*": admin}}
backends:
  web: {services: [web], security_policy: edge}
  admin: {services: [admin], security_policy: edge}
security_policies:
  edge:
    rules:
      - {priority: 1000, action: deny(403), source_ranges: [198.51.100.0/24]}
      - {priority: 2147483647, action: allow, source_ranges: ["*"]}
  nowhere:
    rules:
      - {priority: 2147483647, action: deny(403), source_ranges: ["*"]}
users:
  partner: {at: internet, addresses: [198.51.100.20]}
vms:
  worker: {network: prod, subnet: machines, address: 10.0.1.9}
"#;

/// Services that send into a network: by Cloud NAT with two addresses, to a database, to a machine
/// behind a firewall, to a site that knows no route back.
pub const NETWORK: &str = r#"
portolan: 1
projects:
  shop: {number: 123456789012}
networks:
  prod:
    subnets:
      run: {region: asia-northeast1, range: 10.0.0.0/26, private_google_access: true}
      machines: {region: asia-northeast1, range: 10.0.1.0/24}
nats:
  tokyo: {network: prod, region: asia-northeast1, addresses: [203.0.113.10, 203.0.113.11]}
services:
  web:
    region: asia-northeast1
    vpc_access: {network: prod, subnet: run, egress: all-traffic}
  alone:
    region: asia-northeast1
externals:
  partner: {hosts: [api.partner.example], addresses: [198.51.100.20], admits: [203.0.113.10]}
  open: {hosts: [api.open.example], addresses: [198.51.100.7]}
onprem:
  office: {network: prod, region: asia-northeast1, ranges: [192.168.0.0/24], learns: [10.0.1.0/24]}
private_connections:
  databases: {network: prod, ranges: [10.20.0.0/16]}
sql_instances:
  orders: {region: asia-northeast1, engine: postgres, network: prod, private_address: 10.20.0.3}
vms:
  db: {network: prod, subnet: machines, address: 10.0.1.5}
"#;

/// A service whose ingress setting is not known.
pub const UNKNOWN: &str = r#"
portolan: 1
projects:
  shop: {number: 123456789012}
services:
  web:
    region: asia-northeast1
    ingress: {unknown: the input variable has no value, candidates: [all, internal]}
    invokers: [allUsers]
"#;
