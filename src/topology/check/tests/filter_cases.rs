//! Cases about firewalls: rules that never decide, and what they do to Cloud Run.

use super::cases::{Case, case, example};

#[rustfmt::skip]
pub(super) const CASES: &[Case] = &[
    example("firewall-rule-for-nobody", r##"
nothing in network/prod is a target of firewall_rule/db
  ^ "db"
  help: its targets are `db`
  note: EGR-105: a rule with targets is for endpoints with one of its tags or accounts
  resource: firewall_rule/db
"##),
    case("firewall-rule-for-nobody", r##"projects: {shop: {}}
networks:
  prod: {subnets: {run: {region: a, range: 10.0.0.0/24}, vms: {region: a, range: 10.0.1.0/24}}}
  empty: {}
vms:
  app: {network: prod, subnet: vms, tags: [app], secure_tags: [core], service_account: app@shop.iam.gserviceaccount.com}
connectors:
  own: {network: prod, region: a, range: 10.8.0.0/28}
services:
  web: {region: a, vpc_access: {network: prod, subnet: run, tags: [web]}}
firewall_rules:
  machine: {network: prod, action: allow, source_ranges: [10.0.0.0/8], target_tags: [app, db]}
  account: {network: prod, action: allow, source_ranges: [10.0.0.0/8], target_service_accounts: [app@shop.iam.gserviceaccount.com]}
  connector: {network: prod, action: allow, source_ranges: [10.9.0.0/16], target_tags: [vpc-connector]}
  service: {network: prod, direction: egress, action: deny, destination_ranges: [10.9.0.0/16], target_tags: [web]}
  into-service: {network: prod, action: allow, source_ranges: [10.0.0.0/8], target_tags: [web]}
  nobody: {network: prod, direction: egress, action: deny, target_tags: [db, cache]}
  nothing-there: {network: empty, action: allow, source_ranges: [10.0.0.0/8], target_tags: [db]}
firewall_policies:
  one:
    attached_to: [organization]
    rules:
      - {priority: 1, action: allow, source_ranges: [10.7.0.0/16], target_secure_tags: [core]}
      - {priority: 2, action: allow, source_ranges: [10.6.0.0/16], target_secure_tags: [edge]}
"##, r##"
nothing in network/prod is a target of firewall_rule/into-service
  ^ "into-service"
  help: its targets are `web`
  note: EGR-105: a rule with targets is for endpoints with one of its tags or accounts
  resource: firewall_rule/into-service
nothing in network/prod is a target of firewall_rule/nobody
  ^ "nobody"
  help: its targets are `db` and `cache`
  note: EGR-105: a rule with targets is for endpoints with one of its tags or accounts
  resource: firewall_rule/nobody
nothing in network/prod is a target of the rule 2 of firewall_policy/one
  ^ "{priority: 2, action: allow, source_ranges: [10.6.0.0/16], target_secure_tags: [edge]}"
  help: its targets are `edge`
  note: EGR-105: a rule with targets is for endpoints with one of its tags or accounts
  resource: firewall_policy/one
"##),
    case("shadowed-firewall-rule", r##"networks: {prod: {}}
firewall_rules:
  low: {network: prod, priority: 10, action: deny, source_ranges: [10.0.0.0/17], traffic: ["tcp:1-443"]}
  high: {network: prod, priority: 11, action: deny, source_ranges: [10.0.128.0/17], traffic: ["tcp"]}
  ports: {network: prod, priority: 12, action: deny, source_ranges: [10.0.0.0/16], traffic: ["tcp:444-65535"]}
  web: {network: prod, action: allow, source_ranges: [10.0.0.0/16], traffic: ["tcp:80,443,8080"]}
  names: {network: prod, action: allow, source_ranges: [10.0.0.0/16], traffic: ["udp:53"]}
"##, r##"
firewall_rule/web never decides: firewall_rule/low, firewall_rule/high and firewall_rule/ports go first
  ^ "web"
  - "low" covers some of it
  - "high" covers some of it
  - "ports" covers some of it
  note: EGR-098: the first rule that matches decides: smaller priority first, and deny before allow
  resource: firewall_rule/web
"##),
    case("shadowed-firewall-rule", r##"organization: {}
projects: {shop: {}}
networks:
  after: {}
  before: {firewall_order: before-classic}
firewall_policies:
  top:
    attached_to: [organization]
    rules:
      - {priority: 1, action: goto_next, source_ranges: [10.7.0.0/16]}
      - {priority: 2, action: deny, source_ranges: [10.0.0.0/8], traffic: ["tcp:22"]}
  own:
    attached_to: [network/after, network/before]
    rules:
      - {priority: 1, action: allow, source_ranges: [10.1.0.0/16], traffic: ["tcp:443"]}
      - {priority: 2, action: allow, source_ranges: [10.1.0.0/16], traffic: ["tcp:22"]}
      - {priority: 3, action: allow, source_ranges: [10.7.0.0/16], traffic: ["tcp:22"]}
firewall_rules:
  all: {network: after, action: deny, source_ranges: [10.1.0.0/16], traffic: ["tcp:443"]}
  behind: {network: before, action: deny, source_ranges: [10.1.2.0/24], traffic: ["tcp:443"]}
"##, r##"
the rule 2 of firewall_policy/own never decides: the rule 2 of firewall_policy/top goes first
  ^ "{priority: 2, action: allow, source_ranges: [10.1.0.0/16], traffic: [\"tcp:22\"]}"
  - "{priority: 2, action: deny, source_ranges: [10.0.0.0/8], traffic: [\"tcp:22\"]}" covers all that it matches
  note: EGR-098: the first rule that matches decides: smaller priority first, and deny before allow
  resource: firewall_policy/own
firewall_rule/behind never decides: the rule 1 of firewall_policy/own goes first
  ^ "behind"
  - "{priority: 1, action: allow, source_ranges: [10.1.0.0/16], traffic: [\"tcp:443\"]}" covers all that it matches
  note: EGR-098: the first rule that matches decides: smaller priority first, and deny before allow
  resource: firewall_rule/behind
"##),
];
