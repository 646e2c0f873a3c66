#![expect(dead_code, reason = "declarations are tested, not all that they declare")]

use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net};
use schemars::json_schema;

use super::*;
use crate::import::yaml;
use crate::source::testing::shown;
use crate::source::{Files, Findings};
use crate::topology::record::{Show, Showing, Shown, ValueSource, keyword, record, single};

keyword! {
    /// Where requests may come from.
    pub enum Ingress: called "ingress setting" {
        /// From everywhere.
        All = "all" | "INGRESS_TRAFFIC_ALL",
        /// From inside.
        Internal = "internal",
        /// From inside and from load balancers.
        LoadBalancing = "internal-and-cloud-load-balancing",
    }
}

record! {
    /// One service
    /// of Cloud Run.
    ///
    /// More.
    pub struct Service: resource "service" {
        /// The project.
        pub project: Option<Spanned<String>>,
        /// The region.
        pub region: Field<String>,
        /// Where requests may come from.
        pub ingress: Option<Field<Ingress>>,
        /// Who may invoke it.
        pub invokers: Vec<Field<String>>,
        /// The port.
        pub port: Option<u16>,
        /// The kind.
        pub kind: Option<Spanned<String>> as "type",
        /// Whether the default URL works.
        pub r#default: Option<bool>,
    }
}

record! {
    /// A rule.
    pub struct AccessRule {
        /// Its priority.
        pub priority: u32,
        /// Its ranges.
        pub ranges: Vec<Spanned<IpNet>>,
        /// What it sends to.
        pub target: Option<Target>,
    }
}

record! {
    /// A file.
    pub struct Whole: called "topology" {
        /// The version.
        pub portolan: u32,
        /// The services.
        pub services: Map<Service>,
        /// The rules.
        pub rules: Vec<AccessRule>,
        /// More.
        pub more: Option<Box<Numbers>>,
    }
}

record! {
    /// Numbers.
    pub struct Numbers: called "URL map" {
        /// A truth.
        pub truth: Option<bool>,
        /// A number.
        pub share: Option<f64>,
        /// An address.
        pub address: Option<IpAddr>,
    }
}

/// A port, written as a number or with a host.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    host: Option<String>,
    port: u16,
}

record! {
    /// The long form of a target.
    pub struct LongTarget: called "target" {
        /// The host.
        pub host: Option<String>,
        /// The port.
        pub port: u16,
    }
}

impl Decode for Target {
    fn decode(node: &Node, cx: &mut Decoder<'_>) -> Option<Self> {
        if node.as_map().is_some() {
            let LongTarget { host, port, span: _ } = LongTarget::decode(node, cx)?;
            return Some(Self { host, port });
        }
        u16::decode(node, cx).map(|port| Self { host: None, port })
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        let (short, long) = (u16::schema(generator), LongTarget::schema(generator));
        json_schema!({"anyOf": [short, long]})
    }
}

single! { Target }

impl Show for Target {
    fn show(&self, showing: Showing<'_>) -> Option<Shown> {
        self.port.show(showing)
    }
}

fn decode<T: Decode>(text: &str) -> (Option<T>, String) {
    let (mut files, mut findings) = (Files::new(), Findings::new());
    let node = yaml::read(&mut files, "a.yaml", text.as_bytes(), &mut findings);
    let value = node.and_then(|node| T::decode(&node, &mut Decoder::new(&files, &mut findings)));
    (value, shown(&files, &findings))
}

/// Decodes what has nothing wrong with it.
fn good<T: Decode>(text: &str) -> T {
    let (value, findings) = decode(text);
    assert_eq!(findings, "");
    value.expect("a value without findings")
}

fn wrong<T: Decode>(text: &str) -> String {
    decode::<T>(text).1
}

#[test]
fn a_record_is_decoded_with_its_places() {
    let whole: Whole = good(
        "portolan: 1\nservices:\n  web:\n    region: tokyo\n    ingress: INGRESS_TRAFFIC_ALL\n    \
         invokers: [a, b]\n    type: job\n    default: true\n    port: 80\n    project: shop\n",
    );
    assert_eq!(whole.portolan, 1);
    assert!(whole.rules.is_empty() && whole.more.is_none());
    let web = whole.services.entry("web").expect("it is there");
    assert_eq!((web.key_span.start, web.value.span.start), (24, 33));
    let web = &web.value;
    assert_eq!(web.region.known().map(String::as_str), Some("tokyo"));
    assert_eq!(web.ingress.as_ref().and_then(Field::known), Some(&Ingress::All));
    assert_eq!(web.invokers.len(), 2);
    assert_eq!(web.kind.as_ref().map(|kind| kind.as_str()), Some("job"));
    assert_eq!((web.default, web.port), (Some(true), Some(80)));
    let project = web.project.as_ref().expect("it is there");
    assert_eq!((project.as_str(), project.span.len()), ("shop", 4));
}

#[test]
fn all_that_is_wrong_is_found_at_once() {
    let (whole, findings) = decode::<Whole>(
        "portolan: 1\nservices:\n  web:\n    region: tokyo\n    ingres: all\n    invokers: all\n  \
         api:\n    port: 70000\n    ingress: al\n  job: {region: 1.10, colour: red}\n",
    );
    assert_eq!(
        findings,
        "\
error[unknown-key]: unknown key `ingres` in a service
  ^ \"ingres\"
  help: did you mean `ingress`?
  note: the keys of a service are `project`, `region`, `ingress`, `invokers`, `port`, `type`, `default`
  resource: service/web
error[wrong-type]: expected a list, found text
  ^ \"all\"
  help: write it as a list: `[all]`
  resource: service/web
error[missing-key]: missing key `region` in a service
  ^ \"api\" `region` must be given here
  resource: service/api
error[invalid-value]: `70000` is too large
  ^ \"70000\"
  help: it is between 0 and 65535
  resource: service/api
error[invalid-value]: unknown ingress setting `al`
  ^ \"al\"
  help: did you mean `all`?
  note: it is one of `all`, `internal`, `internal-and-cloud-load-balancing`
  resource: service/api
error[wrong-type]: expected text, found a number
  ^ \"1.10\"
  help: write it in quotes: `\"1.10\"`
  resource: service/job
error[unknown-key]: unknown key `colour` in a service
  ^ \"colour\"
  help: the keys of a service are `project`, `region`, `ingress`, `invokers`, `port`, `type`, `default`
  resource: service/job
"
    );
    let services = whole.expect("only services are left out").services;
    assert_eq!(services.keys().map(AsRef::as_ref).collect::<Vec<&str>>(), ["web"]);
}

#[test]
fn a_key_that_was_probably_meant_is_not_missed() {
    assert_eq!(
        wrong::<Service>("regoin: tokyo\n"),
        "error[unknown-key]: unknown key `regoin` in a service\n  ^ \"regoin\"\n  \
         help: did you mean `region`?\n  note: the keys of a service are `project`, `region`, \
         `ingress`, `invokers`, `port`, `type`, `default`\n"
    );
}

#[test]
fn a_record_is_a_map() {
    assert_eq!(
        wrong::<Whole>("portolan: 1\nrules: [7]\nmore: x\n"),
        "error[wrong-type]: expected an access rule, found a number\n  ^ \"7\"\n  \
         help: write a map with some of the keys `priority`, `ranges`, `target`\n\
         error[wrong-type]: expected a URL map, found text\n  ^ \"x\"\n  \
         help: write a map with some of the keys `truth`, `share`, `address`\n"
    );
    assert_eq!(
        wrong::<Whole>("portolan: 1\nrules: {a: 1}\nservices: []\n"),
        "error[wrong-type]: expected a list, found a map\n  ^ \"{a: 1}\"\n  \
         help: begin each item with `- `\n\
         error[wrong-type]: expected a map, found a list\n  ^ \"[]\"\n  \
         help: write `key: value` in it\n"
    );
}

#[test]
fn nothing_is_an_empty_list_map_or_record() {
    let whole: Whole = good("portolan: 1\nservices:\nrules:\nmore:\n");
    assert!(whole.services.is_empty() && whole.rules.is_empty() && whole.more.is_none());
    good::<Map<Numbers>>("a:\nb:\n");
    assert_eq!(
        wrong::<Map<Service>>("a:\n"),
        "error[missing-key]: missing key `region` in a service\n  \
         ^ \"a\" `region` must be given here\n  resource: service/a\n"
    );
    assert_eq!(
        wrong::<Service>("region:\n"),
        "error[wrong-type]: expected text, found nothing\n  ^ \"region\"\n"
    );
}

#[test]
fn a_value_may_be_unknown() {
    let service: Service = good(
        "region: {unknown: after apply, candidates: [tokyo, osaka]}\n\
         ingress: {unknown: a variable, id: ingress}\n",
    );
    let region = service.region.unknown().expect("it is unknown");
    assert_eq!((&*region.id, &*region.text), ("region", "after apply"));
    let candidates: Vec<_> = service.region.candidates().iter().map(|each| each.as_str()).collect();
    assert_eq!(candidates, ["tokyo", "osaka"]);
    let ingress = service.ingress.expect("it is given");
    assert_eq!(ingress.unknown().map(|unknown| &*unknown.id), Some("ingress"));
    assert!(ingress.candidates().is_empty() && ingress.known().is_none());

    let whole: Whole =
        good("portolan: 1\nservices: {web: {region: x, invokers: [a, {unknown: later}]}}\n");
    let invokers = whole.services.get("web").map(|web| web.invokers.as_slice()).unwrap_or_default();
    let id = invokers.last().and_then(Field::unknown).map(|unknown| &*unknown.id);
    assert_eq!(id, Some("services.web.invokers[1]"));

    assert_eq!(
        wrong::<Service>("region: {unknown: x, candidate: [a]}\n"),
        "error[unknown-key]: unknown key `candidate` in a value that is not known\n  \
         ^ \"candidate\"\n  help: did you mean `candidates`?\n  \
         note: the keys of a value that is not known are `unknown`, `candidates`, `id`\n"
    );
}

#[test]
fn numbers_and_truths_are_not_quoted() {
    assert_eq!(
        wrong::<Service>("region: x\nport: '80'\ndefault: yes\n"),
        "error[wrong-type]: expected a whole number, found text\n  ^ \"'80'\"\n  \
         help: write it without quotes: `80`\n\
         error[wrong-type]: expected `true` or `false`, found text\n  ^ \"yes\"\n  \
         help: write `true`, without quotes\n"
    );
    assert_eq!(
        wrong::<Vec<u32>>("[-1, 1.5, x, 1e3]"),
        "error[invalid-value]: `-1` is too small\n  ^ \"-1\"\n  \
         help: it is between 0 and 4294967295\n\
         error[invalid-value]: `1.5` is not a whole number\n  ^ \"1.5\"\n\
         error[wrong-type]: expected a whole number, found text\n  ^ \"x\"\n\
         error[invalid-value]: `1e3` is not written as a whole number\n  ^ \"1e3\"\n"
    );
    assert_eq!(good::<Numbers>("share: 1\naddress: '::1'\n").share, Some(1.0));
    assert_eq!(
        wrong::<Vec<u64>>("[18446744073709551616]"),
        "error[invalid-value]: `18446744073709551616` is too large\n  \
         ^ \"18446744073709551616\"\n"
    );
}

#[test]
fn ranges_of_addresses_are_exact() {
    let ranges: Vec<IpNet> = good("[10.0.0.0/8, 192.0.2.7, '2001:db8::/32', '::1']");
    let shown: Vec<_> = ranges.iter().map(ToString::to_string).collect();
    assert_eq!(shown, ["10.0.0.0/8", "192.0.2.7/32", "2001:db8::/32", "::1/128"]);
    assert_eq!(
        wrong::<Vec<IpNet>>("[10.0.0.7/24, 10.0.0/24]"),
        "error[invalid-value]: `10.0.0.7/24` has bits of the address set beyond the prefix\n  \
         ^ \"10.0.0.7/24\"\n  \
         help: write `10.0.0.0/24` for the range, or `10.0.0.7` for the one address\n\
         error[invalid-value]: `10.0.0/24` is not a range of addresses\n  ^ \"10.0.0/24\"\n  \
         help: write an address and the length of the prefix, like `10.0.0.0/24`\n"
    );
    assert_eq!(
        wrong::<Vec<IpAddr>>("[10.0.0.256]"),
        "error[invalid-value]: `10.0.0.256` is not an IP address\n  ^ \"10.0.0.256\"\n  \
         help: write an address like `192.0.2.7`\n"
    );
    assert_eq!(
        wrong::<Vec<Ipv4Net>>("['::/0']"),
        "error[invalid-value]: `::/0` is not a range of IPv4 addresses\n  ^ \"'::/0'\"\n  \
         help: write a range like `10.0.0.0/24`\n"
    );
}

#[test]
fn a_type_may_have_two_forms() {
    let rules: Vec<AccessRule> = good(
        "- {priority: 1, target: 80}\n- {priority: 2, target: {host: a, port: 81}, ranges: [::/0]}\n",
    );
    let targets: Vec<_> = rules.iter().filter_map(|rule| rule.target.clone()).collect();
    assert_eq!(
        targets,
        [Target { host: None, port: 80 }, Target { host: Some("a".to_owned()), port: 81 }]
    );
    let priorities: Vec<_> = rules.iter().map(|rule| rule.priority).collect();
    assert_eq!(
        (priorities, rules.iter().map(|rule| rule.ranges.len()).sum()),
        (vec![1, 2], 1_usize)
    );
    let whole: Whole = good("portolan: 1\nmore: {truth: true, address: 192.0.2.1}\n");
    let more = whole.more.expect("it is given");
    assert_eq!((more.truth, more.address.is_some()), (Some(true), true));
}

#[test]
fn words_have_names_and_spellings() {
    assert_eq!(Ingress::ALL.len(), 3);
    assert_eq!(Ingress::All.to_string(), "all");
    assert_eq!(Ingress::from_word("INGRESS_TRAFFIC_ALL"), Some(Ingress::All));
    assert_eq!(
        wrong::<Ingress>("public\n"),
        "error[invalid-value]: unknown ingress setting `public`\n  ^ \"public\"\n  \
         help: it is one of `all`, `internal`, `internal-and-cloud-load-balancing`\n"
    );
    assert_eq!(
        wrong::<Ingress>("ingress_traffic_al\n"),
        "error[invalid-value]: unknown ingress setting `ingress_traffic_al`\n  \
         ^ \"ingress_traffic_al\"\n  help: did you mean `all`?\n  \
         note: it is one of `all`, `internal`, `internal-and-cloud-load-balancing`\n"
    );
}

#[test]
fn keys_describe_themselves() {
    let keys: Vec<_> = Service::KEYS.iter().map(|key| (key.name, key.required)).collect();
    assert_eq!(
        keys,
        [
            ("project", false),
            ("region", true),
            ("ingress", false),
            ("invokers", false),
            ("port", false),
            ("type", false),
            ("default", false),
        ]
    );
    assert_eq!(Service::KEYS.first().map(KeyInfo::description).as_deref(), Some("The project."));
    assert_eq!(noun("UrlMap"), "url map");
}

#[test]
fn the_schema_takes_what_the_decoder_takes() {
    let schema = schemars::schema_for!(Whole);
    let service = schema.pointer("/$defs/Service").expect("a definition");
    assert_eq!(service["description"], "One service of Cloud Run.\n\nMore.");
    assert_eq!(service["required"], serde_json::json!(["region"]));
    assert_eq!(service["additionalProperties"], false);
    assert_eq!(service["properties"]["port"]["description"], "The port.");
    let validator = jsonschema::validator_for(schema.as_value()).expect("a schema");
    for text in [
        r#"{"portolan": 1}"#,
        r#"{"portolan": 1, "services": null, "rules": null, "more": null}"#,
        r#"{"portolan": 1, "services": {"web": {"region": "a", "ingress": "INGRESS_TRAFFIC_ALL"}}}"#,
        r#"{"portolan": 1, "services": {"web": {"region": {"unknown": "x", "candidates": ["a"]}}}}"#,
        r#"{"portolan": 1, "rules": [{"priority": 1, "target": 80, "ranges": ["10.0.0.0/8", "::1"]}]}"#,
        r#"{"portolan": 1, "rules": [{"priority": 1, "target": {"port": 80}}]}"#,
        r#"{"portolan": 1, "services": {"web": {}}}"#,
        r#"{"portolan": 1, "services": {"web": null}}"#,
        r#"{"portolan": 1, "services": {"web": {"region": 1}}}"#,
        r#"{"portolan": 1, "services": {"web": {"region": "a", "ingress": "al"}}}"#,
        r#"{"portolan": 1, "rules": [{"priority": -1}]}"#,
        r#"{"portolan": 1, "rules": [{"priority": 1, "target": 80000}]}"#,
        r#"{"portolan": 1, "rules": [{"priority": 1, "ranges": ["ten"]}]}"#,
        r#"{"portolan": 1, "rules": [{"priority": 1, "ranges": "10.0.0.0/8"}]}"#,
        r#"{"portolan": 1, "regions": []}"#,
        r#"{"services": {}}"#,
    ] {
        let value: serde_json::Value = serde_json::from_str(text).expect("JSON");
        let findings = wrong::<Whole>(text);
        assert_eq!(validator.is_valid(&value), findings.is_empty(), "{text}\n{findings}");
    }
}

record! {
    /// Keys that have defaults.
    pub struct Settings {
        /// Where requests may come from (ING-009).
        pub ingress: Option<Field<Ingress>> = Ingress::All,
        /// Whether it answers.
        pub answers: Option<Spanned<bool>> = true,
        /// The path.
        pub path: Option<Spanned<String>> as "at" = String::from("/"),
        /// The ports.
        pub ports: Vec<Spanned<u16>> = 443,
        /// What it learns.
        pub learns: Option<Vec<Spanned<String>>> = String::from("all"),
        /// Its name.
        pub name: Option<Spanned<String>>,
    }
}

#[test]
fn what_is_not_given_is_the_default() {
    let nothing: Settings = good("{}");
    assert!(nothing.ingress().is(Ingress::All) && !nothing.ingress().may_be(Ingress::Internal));
    assert!(nothing.answers());
    assert_eq!((nothing.path(), nothing.ports()), ("/".to_owned(), vec![443]));
    assert_eq!(nothing.learns(), ["all"]);

    let text = "{ingress: internal, answers: false, at: /a, ports: [80, 81], learns: []}";
    let given: Settings = good(text);
    assert_eq!(given.ingress().known(), Some(Ingress::Internal));
    assert!(!given.answers());
    assert_eq!((given.path(), given.ports()), ("/a".to_owned(), vec![80, 81]));
    assert!(given.learns().is_empty());

    let unknown: Settings = good("{ingress: {unknown: var.ingress}}");
    assert_eq!(unknown.ingress().known(), None);
    assert!(unknown.ingress().may_be(Ingress::Internal) && !unknown.ingress().is(Ingress::All));
}

#[test]
fn defaults_are_told_by_documentation_schema_and_show() {
    let said: Vec<String> = Settings::KEYS.iter().map(KeyInfo::description).collect();
    let expected = [
        "Where requests may come from (ING-009). `all` if absent.",
        "Whether it answers. `true` if absent.",
        "The path. `/` if absent.",
        "The ports. `443` if empty.",
        "What it learns. `all` if absent.",
        "Its name.",
    ];
    assert_eq!(said, expected);

    let schema = serde_json::to_value(schemars::schema_for!(Settings)).expect("a schema");
    let default = |key: &str| schema.pointer(&format!("/properties/{key}/default")).cloned();
    assert_eq!(default("ingress"), Some("all".into()));
    assert_eq!(default("ports"), Some(serde_json::json!([443])));
    assert_eq!(default("name"), None);

    let topology = crate::topology::Topology::empty(Span::none());
    let showing = Showing { topology: &topology, resource: None };
    let settings: Settings = good("{answers: false, learns: []}");
    let shown = settings.show(showing).expect("a map");
    let sources: Vec<_> =
        shown.entries().iter().map(|entry| (entry.key.as_str(), entry.source)).collect();
    let (given, default) = (ValueSource::Written, ValueSource::Default);
    assert_eq!(
        sources,
        [
            ("ingress", default),
            ("answers", given),
            ("at", default),
            ("ports", default),
            ("learns", given)
        ]
    );
    assert_eq!(shown.to_json()["at"], "/");
}
