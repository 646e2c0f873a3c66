//! Cases about firewalls: rules that never decide, and what they do to Cloud Run.

use crate::source::testing::{Case, case, example};

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
    case("connector-not-served", r##"projects: {shop: {}, hub: {}}
networks:
  hub: {project: hub, shared_with: [shop]}
connectors:
  own: {project: shop, network: hub, region: a, range: 10.8.0.0/28}
firewall_rules:
  serve: {network: hub, action: allow, source_ranges: [35.199.224.0/19], target_tags: [vpc-connector], traffic: ["tcp:667", "udp:665-666", icmp]}
  check: {network: hub, action: allow, source_ranges: [35.191.0.0/16, 130.211.0.0/22], traffic: ["tcp:667"]}
"##, r##"
"##),
    case("connector-not-served", r##"projects: {shop: {}, hub: {}}
networks:
  hub: {project: hub, shared_with: [shop]}
connectors:
  own: {project: shop, network: hub, region: a, range: 10.8.0.0/28}
firewall_rules:
  off: {network: hub, action: allow, disabled: true, source_ranges: [35.191.0.0/16, 130.211.0.0/22], traffic: ["tcp:667"]}
  serve: {network: hub, action: allow, source_ranges: [35.199.224.0/19], target_tags: [vpc-connector], traffic: ["tcp:667", "udp:665-666", icmp]}
  closed: {network: hub, priority: 900, action: deny, source_ranges: [35.0.0.0/8], traffic: ["udp"]}
  out: {network: hub, direction: egress, action: deny}
"##, r##"
connector/own cannot answer what serves it
  ^ "own"
  - "out" keeps it out
  help: allow tcp:667, udp:665-666 and icmp to `35.199.224.0/19` before firewall_rule/out
  note: EGR-031: for a connector in a service project the host project has to let in what serves it, from 35.199.224.0/19 to the tag `vpc-connector`
  resource: connector/own
nothing lets in the health checks of connector/own
  ^ "own"
  help: add a rule in project/hub that allows tcp:667 from `35.191.0.0/16` and `130.211.0.0/22` to the tag `vpc-connector`
  note: EGR-031: for a connector in a service project the host project has to let in what serves it, from 35.199.224.0/19 to the tag `vpc-connector`
  resource: connector/own
nothing lets in what serves connector/own
  ^ "own"
  - "closed" keeps it out
  help: add a rule in project/hub that allows tcp:667, udp:665-666 and icmp from `35.199.224.0/19` to the tag `vpc-connector`
  note: EGR-031: for a connector in a service project the host project has to let in what serves it, from 35.199.224.0/19 to the tag `vpc-connector`
  resource: connector/own
"##),
    case("google-cut-off", r##"networks:
  policy: {subnets: {run: {region: a, range: 10.0.0.0/24}}}
  other: {subnets: {run: {region: a, range: 10.0.0.0/24}}}
  above: {subnets: {run: {region: a, range: 10.0.0.0/24}}}
firewall_policies:
  closed:
    attached_to: [network/policy]
    rules:
      - {priority: 1, direction: egress, action: goto_next, destination_ranges: [10.0.0.0/8]}
      - {priority: 2, direction: egress, action: deny}
  open:
    attached_to: [network/above]
    rules: [{priority: 1, direction: egress, action: allow, destination_ranges: [199.36.153.8/30], traffic: ["tcp:443"]}]
firewall_rules:
  other: {network: other, direction: egress, action: deny}
  private: {network: other, priority: 100, direction: egress, action: allow, destination_ranges: [199.36.153.8/30], traffic: ["tcp:443"]}
  above: {network: above, direction: egress, action: deny, destination_ranges: [10.0.0.0/8]}
zones:
  google: {domain: googleapis.com, networks: [other], records: {"*": [restricted.googleapis.com]}}
services:
  policy: {region: a, vpc_access: {network: policy, subnet: run, egress: all-traffic}}
  other: {region: a, vpc_access: {network: other, subnet: run}}
  above: {region: a, vpc_access: {network: above, subnet: run, egress: all-traffic}}
"##, r##"
the rule 2 of firewall_policy/closed cuts service/policy off from Google's APIs
  ^ "{priority: 2, direction: egress, action: deny}"
  - "run" sends from there
  help: allow tcp:443 to `199.36.153.8/30` at a smaller priority, and let names of Google lead there
  note: EGR-111: under a general egress deny 199.36.153.8/30 or 199.36.153.4/30 has to be allowed for tcp:443
  resource: firewall_policy/closed
firewall_rule/other cuts service/other off from Google's APIs
  ^ "other"
  - "run" sends from there
  help: allow tcp:443 to `199.36.153.4/30`, where names of Google lead, at a smaller priority
  note: EGR-111: under a general egress deny 199.36.153.8/30 or 199.36.153.4/30 has to be allowed for tcp:443
  resource: firewall_rule/other
"##),
];
