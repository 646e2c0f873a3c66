//! What edits do, and what is told of those that cannot be.

mod laws;

use serde_json::{Value as Json, json};

use super::*;
use crate::import::yaml;
use crate::source::testing::shown;
use crate::source::{Files, Findings, Span};
use crate::topology::record::{Decode as _, Show as _, Showing};

const TOPOLOGY: &str = "\
portolan: 1
networks:
  core: {subnets: {run: {region: europe-west1, range: 10.0.0.0/24}}}
services:
  web: {region: europe-west1, ingress: internal, invokers: [allUsers, 'user:ana@example.com']}
  api: {region: europe-west1, vpc_access: {network: core, subnet: run}}
domain_mappings:
  www.example.com: {service: web}
security_policies:
  edge:
    rules: [{priority: 1, action: allow, match: 'true'}, {priority: 2, action: deny(403), match: 'true'}]
load_balancers:
  front:
    kind: global-external
    url_map: {default: web, hosts: {a.example: rest}, path_matchers: {rest: {default: web}}}
backends: {web: {services: [web]}}
onprem: {hq: {network: core, region: europe-west1, lines: vpn}}
";

/// A topology, and the files in which it and its edits stand.
struct Edited {
    files: Files,
    topology: Topology,
}

impl Edited {
    fn new(text: &str) -> Self {
        let (mut files, mut findings) = (Files::new(), Findings::new());
        let topology = read(&mut files, text, &mut findings);
        assert_eq!(shown(&files, &findings), "");
        Self { files, topology: topology.expect("a topology") }
    }

    /// Applies edits; what is wrong with them.
    fn set(&mut self, texts: &[&str]) -> String {
        let mut findings = Findings::new();
        let read = |text: &&str| Edit::read(&mut self.files, "--set", text, &mut findings);
        let edits: Vec<Edit> = texts.iter().filter_map(read).collect();
        let before = written(&self.topology);
        if !apply(&edits, &mut self.topology, &self.files, &mut findings) {
            assert_eq!(before, written(&self.topology), "something was changed");
        }
        shown(&self.files, &findings)
    }

    fn overlay(&mut self, text: &str) -> String {
        let mut findings = Findings::new();
        let node = yaml::read(&mut self.files, "over.yaml", text.as_bytes(), &mut findings);
        let edits = overlay(&self.topology, &node.expect("a document"));
        apply(&edits, &mut self.topology, &self.files, &mut findings);
        shown(&self.files, &findings)
    }

    /// What is written at a place, in JSON Pointer's form.
    fn at(&self, pointer: &str) -> Json {
        written(&self.topology).pointer(pointer).cloned().unwrap_or(Json::Null)
    }
}

fn read(files: &mut Files, text: &str, findings: &mut Findings) -> Option<Topology> {
    let node = yaml::read(files, "a.yaml", text.as_bytes(), findings)?;
    Topology::decode(&node, &mut Decoder::new(files, findings))
}

/// What is written in a topology, without places.
fn written(topology: &Topology) -> Json {
    let showing = Showing { topology, resource: None };
    json_of(&inverse::node(&topology.show(showing).expect("a topology is shown")))
}

fn json_of(node: &Node) -> Json {
    match &node.value {
        Value::Null => Json::Null,
        Value::Bool(value) => json!(value),
        Value::Integer(value) => json!(value),
        Value::Float(value) => json!(format!("{value:?}")),
        Value::Text(text) => json!(&*text.text),
        Value::List(items) => items.iter().map(json_of).collect(),
        Value::Map(entries) => {
            entries.iter().map(|(key, node)| (key.text.to_string(), json_of(node))).collect()
        }
    }
}

/// What is wrong with one edit of the topology.
fn wrong(text: &str) -> String {
    Edited::new(TOPOLOGY).set(&[text])
}

#[test]
fn an_edit_sets_adds_and_removes() {
    let mut edited = Edited::new(TOPOLOGY);
    let findings = edited.set(&[
        "services.web.ingress=all",
        "services.web.vpc_access.egress=all-traffic",
        "services.web.invokers+=user:eve@example.com",
        "services.web.invokers-=allUsers",
        "services.new={region: europe-west3}",
        "services.new.labels.team=shop",
        "services.api=null",
        "domain_mappings.\"www.example.com\".service=new",
        "security_policies.edge.rules[1].action = deny(404)",
        "security_policies.'edge'.rules[0]=null",
        "security_policies.edge.rules+=[{priority: 3, action: allow}, {priority: 4, action: allow}]",
        "load_balancers.front.url_map.hosts.\"a.example\".default=web",
        "networks.core.subnets.run.private_google_access=true",
        "onprem.hq.lines=interconnect",
    ]);
    assert_eq!(findings, "");
    assert_eq!(
        edited.at("/services"),
        json!({
            "web": {
                "region": "europe-west1", "ingress": "all",
                "invokers": ["user:ana@example.com", "user:eve@example.com"],
                "vpc_access": {"egress": "all-traffic"},
            },
            "new": {"region": "europe-west3", "labels": {"team": "shop"}},
        })
    );
    assert_eq!(edited.at("/domain_mappings/www.example.com/service"), json!("new"));
    assert_eq!(
        edited.at("/security_policies/edge/rules"),
        json!([
            {"priority": 2, "action": "deny(404)", "match": "true"},
            {"priority": 3, "action": "allow"},
            {"priority": 4, "action": "allow"},
        ])
    );
    assert_eq!(
        edited.at("/load_balancers/front/url_map/hosts/a.example"),
        json!({"path_matcher": "rest", "default": "web"})
    );
    assert_eq!(edited.at("/networks/core/subnets/run/private_google_access"), json!(true));
    assert_eq!(edited.at("/onprem/hq/lines"), json!("interconnect"));
}

#[test]
fn an_edit_stands_in_a_text_of_its_own() {
    let mut edited = Edited::new(TOPOLOGY);
    assert_eq!(edited.set(&["services.web.ingress=all", "services.a={region: europe-west3}"]), "");
    let text = |span: Span| (edited.files.name(span.file), edited.files.text(span));
    let web = edited.topology.services.get("web").expect("it is there");
    let ingress = web.ingress.as_ref().expect("it is set");
    assert_eq!(text(ingress.span), ("--set", "all"));
    let entry = edited.topology.services.entry("a").expect("it is added");
    assert_eq!(text(entry.key_span), ("--set", "a"));
    assert_eq!(text(entry.value.region.span), ("--set", "europe-west3"));
}

#[test]
fn several_lines_are_one_value() {
    let mut edited = Edited::new(TOPOLOGY);
    assert_eq!(edited.set(&["services.a=region: europe-west3\ningress: internal"]), "");
    assert_eq!(edited.at("/services/a"), json!({"region": "europe-west3", "ingress": "internal"}));
    let findings = edited.set(&["services.b=region: europe-west3\ningres: internal"]);
    assert!(findings.contains("^ \"ingres\"\n  help: did you mean `ingress`?"), "{findings}");
}

#[test]
fn an_edit_that_cannot_be_read_is_told() {
    for (text, message) in [
        ("", "a name is missing in the path\n  ^ \"\""),
        ("services.web", "there is no `=` in this edit"),
        ("services.web.ingress", "there is no `=` in this edit"),
        ("services..web=1", "a name is missing in the path\n  ^ \".\""),
        ("services.=1", "a name is missing in the path\n  ^ \"=\""),
        ("services.a b=1", "a path goes on with `.`, `[`, `=`, `+=` or `-=`\n  ^ \"b\""),
        ("services.\"a=1", "the quotes are not closed\n  ^ \"\\\"\""),
        ("services.'a''b=1", "the quotes are not closed"),
        ("services.\"\\x\"=1", "`\"\\x\"` is not a text in quotes"),
        ("services.web.invokers[x]=1", "`x` is not a position in a list\n  ^ \"[x]\""),
        ("services.web.invokers[-1]=1", "`-1` is not a position in a list"),
        ("services.web.invokers[0=1", "the bracket is not closed"),
        ("services.web.ingress=", "there is no value behind the `=`"),
        ("services.web.ingress=  # none", "there is no value behind the `=`"),
        ("services.web.ingress={a: ", "error[syntax]"),
        ("services.web={a: 1, a: 2}", "error[duplicate-key]: "),
    ] {
        let findings = wrong(text);
        assert!(findings.contains(message), "{text}:\n{findings}");
        assert_eq!(findings.matches("error[").count(), 1, "{text}:\n{findings}");
    }
}

#[test]
fn a_path_that_the_schema_does_not_have_is_refused() {
    for (text, findings) in [
        (
            "service.web.ingress=all",
            "error[unknown-key]: unknown key `service` in a topology\n  ^ \"service\"\n  \
             help: did you mean `services`?\n",
        ),
        (
            "services.web.ingres=all",
            "error[unknown-key]: unknown key `ingres` in a service\n  ^ \"ingres\"\n  \
             help: did you mean `ingress`?\n",
        ),
        (
            "services.web.vpc_access.egres=null",
            "error[unknown-key]: unknown key `egres` in a vpc access\n  ^ \"egres\"\n  \
             help: did you mean `egress`?\n",
        ),
        (
            "services.web.region.name=x",
            "error[edit-wrong-place]: `services.web.region` is a single value: nothing is in it\n  \
             ^ \"name\"\n  help: end the path there: `services.web.region=VALUE`\n",
        ),
        (
            "security_policies.edge.rules.action=x",
            "error[edit-wrong-place]: `security_policies.edge.rules` is a list: its items have no \
             names\n  ^ \"action\"\n  help: name an item by its position, from 0: \
             `security_policies.edge.rules[0]`\n",
        ),
        (
            "services[0]=null",
            "error[edit-wrong-place]: `services` is no list: nothing in it has a position\n  \
             ^ \"[0]\"\n  help: name what is in it: `services.NAME`\n",
        ),
        (
            "services.web.ingress+=all",
            "error[edit-wrong-place]: `services.web.ingress` is no list, so that `+=` has no \
             meaning\n  ^ \"ingress\"\n  help: write `services.web.ingress=VALUE` to replace it\n",
        ),
        (
            "services.web.region=null",
            "error[edit-wrong-place]: `services.web.region` cannot be removed\n  ^ \"region\" it \
             must be given\n",
        ),
    ] {
        let found = wrong(text);
        assert!(found.starts_with(findings), "{text}:\n{found}");
        // The schema alone says so.
        let (mut files, mut none) = (Files::new(), Findings::new());
        let edit = Edit::read(&mut files, "--set", text, &mut none).expect("it can be read");
        assert!(!edit.fits_the_schema(&files, &mut none), "{text}");
    }
}

#[test]
fn what_is_not_there_is_told_with_what_is() {
    for (text, findings) in [
        (
            "services.wbe.ingress=all",
            "error[edit-not-there]: there is no service `wbe`\n  ^ \"wbe\"\n  \
             help: did you mean `web`?\n  \
             note: to add one, give it as a whole: `services.wbe={...}`\n",
        ),
        (
            "services.shop=null",
            "error[edit-not-there]: there is no service `shop`\n  ^ \"shop\"\n  \
             help: there are `web`, `api`\n",
        ),
        (
            "nats.out=null",
            "error[edit-not-there]: there is no nat `out`\n  ^ \"out\"\n  \
             help: there is no nat at all\n",
        ),
        (
            "domain_mappings.www.example.com.service=web",
            "error[edit-not-there]: there is no domain mapping `www`\n  ^ \"www\"\n  \
             help: write a name that holds dots in quotes: \
             `domain_mappings.\"www.example.com\"`\n  \
             note: to add one, give it as a whole: `domain_mappings.www={...}`\n",
        ),
        (
            "services.web.labels.team=null",
            "error[edit-not-there]: there is no `team` in `services.web.labels`\n  ^ \"team\"\n  \
             help: there is no name at all\n  resource: service/web\n",
        ),
        (
            "security_policies.edge.rules[2].action=allow",
            "error[edit-not-there]: there is no item 2 in `security_policies.edge.rules`\n  \
             ^ \"[2]\"\n  help: it has 2 items, `[0]` to `[1]`\n  \
             resource: security_policy/edge\n",
        ),
        (
            "services.api.invokers[0]=null",
            "error[edit-not-there]: there is no item 0 in `services.api.invokers`\n  ^ \"[0]\"\n  \
             help: it has no items\n  resource: service/api\n",
        ),
        (
            "services.web.invokers-=[allUsers, user:eve@example.com]",
            "error[edit-not-there]: `user:eve@example.com` is not in `services.web.invokers`\n  \
             ^ \"user:eve@example.com\"\n  help: it holds `allUsers`, `user:ana@example.com`\n  \
             resource: service/web\n",
        ),
        (
            "services.api.invokers-=allUsers",
            "error[edit-not-there]: `allUsers` is not in `services.api.invokers`\n  \
             ^ \"allUsers\"\n  help: it has no items\n  resource: service/api\n",
        ),
        (
            "onprem.hq.lines.a.up=false",
            "error[edit-wrong-place]: `onprem.hq.lines` is written without parts here\n  ^ \"a\"\n  \
             help: replace it as a whole: `onprem.hq.lines={...}`\n  resource: onprem/hq\n",
        ),
    ] {
        assert_eq!(wrong(text), findings, "{text}");
    }
}

#[test]
fn a_wrong_value_is_told_as_in_a_file() {
    for (text, findings) in [
        (
            "services.web.ingress=al",
            "error[invalid-value]: unknown ingress `al`\n  ^ \"al\"\n  \
             help: did you mean `all`?\n",
        ),
        (
            "services.web.invokers+=[allUsers, 7]",
            "error[wrong-type]: expected text, found a number\n  ^ \"7\"\n  \
             help: write it in quotes: `\"7\"`\n  resource: service/web\n",
        ),
        (
            "services.web.invokers-={member: a}",
            "error[unknown-key]: unknown key `member` in a full binding\n  ^ \"member\"\n  \
             help: did you mean `members`?\n",
        ),
        (
            "services.new={ingress: all}",
            "error[missing-key]: missing key `region` in a service\n  ^ \"new\" `region` must be \
             given here\n  resource: service/new\n",
        ),
        ("organization.security_policies+=edge", ""),
        (
            "networks.core.subnets.more.range=10.0.1.0/24",
            "error[edit-not-there]: there is no subnet `more`\n  ^ \"more\"\n  \
             help: there are `run`\n  \
             note: to add one, give it as a whole: `networks.core.subnets.more={...}`\n  \
             resource: network/core\n",
        ),
    ] {
        let found = wrong(text);
        assert!(
            found.starts_with(findings) && found.is_empty() == findings.is_empty(),
            "{text}:\n{found}"
        );
    }
}

#[test]
fn all_that_is_wrong_is_told_at_once_and_nothing_is_changed() {
    let mut edited = Edited::new(TOPOLOGY);
    let findings = edited.set(&[
        "services.web.ingress=all",
        "services.a={ingress: all}",
        "services.a.ingress=internal",
        "services.web.ingress=al",
        "services.wbe.ingress=all",
        "nats",
    ]);
    let codes: Vec<_> = findings.lines().filter(|line| line.starts_with("error")).collect();
    assert_eq!(codes.len(), 4, "{findings}");
    assert_eq!(edited.at("/services/web/ingress"), json!("internal"));
}

#[test]
fn a_file_is_laid_over_key_by_key() {
    let mut edited = Edited::new(TOPOLOGY);
    let findings = edited.overlay(
        "portolan: 1
services:
  web: {ingress: all, invokers: [allAuthenticatedUsers]}
  api: null
  new: {region: europe-west3}
networks: {core: {subnets: {more: {region: europe-west3, range: 10.0.1.0/24}}}}
load_balancers: {front: {url_map: {hosts: {a.example: {default: web}, b.example: rest}}}}
onprem: {hq: {lines: {a: {up: false}}}}
security_policies: {edge: {labels: {team: shop}}}
",
    );
    assert_eq!(findings, "");
    assert_eq!(
        edited.at("/services"),
        json!({
            "web": {
                "region": "europe-west1", "ingress": "all", "invokers": ["allAuthenticatedUsers"],
            },
            "new": {"region": "europe-west3"},
        })
    );
    assert_eq!(
        edited.at("/networks/core/subnets"),
        json!({
            "run": {"region": "europe-west1", "range": "10.0.0.0/24"},
            "more": {"region": "europe-west3", "range": "10.0.1.0/24"},
        })
    );
    assert_eq!(
        edited.at("/load_balancers/front/url_map/hosts"),
        json!({"a.example": {"path_matcher": "rest", "default": "web"}, "b.example": "rest"})
    );
    assert_eq!(edited.at("/onprem/hq/lines"), json!({"a": {"up": false}}));
    assert_eq!(edited.at("/security_policies/edge/rules").as_array().map(Vec::len), Some(2));
}

#[test]
fn what_an_overlay_has_wrong_is_underlined_in_it() {
    let mut edited = Edited::new(TOPOLOGY);
    let findings =
        edited.overlay("portolan: 1\nservices: {web: {ingres: all, region: 7}, old: null}\n");
    for message in [
        "error[unknown-key]: unknown key `ingres` in a service\n  ^ \"ingres\"\n",
        "error[wrong-type]: expected text, found a number\n  ^ \"7\"\n",
        "error[edit-not-there]: there is no service `old`\n  ^ \"old\"\n",
    ] {
        assert!(findings.contains(message), "{findings}");
    }
    assert_eq!(findings.matches("error[").count(), 3, "{findings}");
}
