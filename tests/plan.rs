//! Reading Terraform's plans: the project's own fixtures, the corpus if there is one, and plans that
//! nobody would write.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use portolan::internals::import::plan::{self, Imported};
use portolan::internals::import::yaml;
use portolan::internals::source::tree::{Node, Value};
use portolan::internals::source::{Files, Findings, Span};
use portolan::internals::topology::Binding;
use portolan::internals::topology::{Field, FieldValue, Spanned};
use portolan::internals::words;
use proptest::prelude::*;

/// What stands in the fixtures wherever a secret could.
const CANARY: &str = "canary-7f3a";

const FIXTURES: &[&str] = &[
    "hidden",
    "iam-policy",
    "iteration",
    "modules",
    "references",
    "secrets",
    "unread",
    "update",
    "v1-create",
    "v2-everything",
];

struct Outcome {
    files: Files,
    findings: Findings,
    imported: Imported,
}

fn fixture_path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/plans").join(format!("{name}.json"))
}

fn parse(path: &Path) -> (Files, Node) {
    let bytes = std::fs::read(path).expect("the file can be read");
    let mut files = Files::new();
    let mut findings = Findings::new();
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let node = yaml::read(&mut files, &name, &bytes, &mut findings).expect("it is JSON");
    assert!(findings.is_empty(), "{findings:?}");
    (files, node)
}

fn read_path(path: &Path) -> Outcome {
    let (files, node) = parse(path);
    assert!(plan::detect(&node));
    let mut findings = Findings::new();
    let imported = plan::read(&node, &mut findings);
    Outcome { files, findings, imported }
}

fn read(name: &str) -> Outcome {
    read_path(&fixture_path(name))
}

fn show<T: std::fmt::Display>(field: &Field<T>) -> String {
    match &field.value {
        FieldValue::Known(value) => value.to_string(),
        FieldValue::Unknown(unknown) => {
            let candidates: Vec<_> =
                unknown.candidates.iter().map(|each| each.value.to_string()).collect();
            format!("?{}({})", unknown.id, candidates.join("|"))
        }
    }
}

fn texts(list: &[Spanned<String>]) -> String {
    list.iter().map(|each| each.value.as_str()).collect::<Vec<_>>().join(",")
}

fn bindings(text: &mut String, word: &str, bindings: &[Binding]) {
    for binding in bindings {
        let role = binding.role.as_ref().map(show).unwrap_or_default();
        let members: Vec<_> = binding.members.iter().map(show).collect();
        let _ = write!(text, "\n  {word} {role}: {}", members.join(", "));
        if let Some(condition) = &binding.condition {
            let _ = write!(text, " if {}", condition.value);
        }
    }
}

/// What was read, as text: one line a service, with what is set.
fn summary(imported: &Imported) -> String {
    let mut text = String::new();
    let topology = &imported.topology;
    let projects: Vec<_> = topology.projects.keys().map(AsRef::as_ref).collect();
    let _ = write!(text, "projects {}", projects.join(" "));
    for (id, entry) in &topology.services {
        let service = &entry.value;
        let address = imported.addresses.get(&format!("service/{id}")).expect("it has an address");
        let _ = write!(text, "\nservice {id} = {address}");
        let mut say = |what: &str, value: Option<String>| {
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                let _ = write!(text, "\n  {what} {value}");
            }
        };
        say("name", service.name.as_ref().map(|name| name.value.clone()));
        say("project", service.project.as_ref().map(show));
        say("region", Some(show(&service.region)));
        say("ingress", service.ingress.as_ref().map(show));
        say("default_url", service.default_url.as_ref().map(show));
        say("invoker_check", service.invoker_check.as_ref().map(show));
        say("iap", service.iap.as_ref().and_then(|iap| iap.enabled.as_ref().map(show)));
        say("tags", Some(texts(&service.traffic_tags)));
        say("audiences", Some(texts(&service.custom_audiences)));
        say("service_account", service.service_account.as_ref().map(show));
        if let Some(access) = &service.vpc_access {
            say("connector", access.connector.as_ref().map(show));
            say("network", access.network.as_ref().map(show));
            say("subnet", access.subnet.as_ref().map(show));
            say("network_tags", Some(texts(&access.tags)));
            say("egress", access.egress.as_ref().map(show));
        }
        bindings(&mut text, "invokers", &service.invokers);
        bindings(&mut text, "iam", &service.iam);
    }
    for (id, entry) in &topology.domain_mappings {
        let host = entry.value.host.as_ref().map(|host| host.value.as_str()).unwrap_or_default();
        let _ = write!(text, "\nmapping {id} {host} -> {}", show(&entry.value.service));
    }
    for unread in &imported.unread {
        let could = match (unread.opens, unread.closes) {
            (true, true) => "open or close",
            (true, false) => "open",
            _ => "close",
        };
        let (what, family) = (words::skipped(&unread.what), unread.family);
        let _ = write!(text, "\nunread {family:?}, could {could}: {what}");
        if !unread.services.is_empty() {
            let _ = write!(text, " (service {})", unread.services.join(", "));
        }
    }
    text
}

fn messages(findings: &Findings) -> Vec<String> {
    let line = |finding: &portolan::Finding| {
        format!("{} {}: {}", finding.severity, finding.code, finding.message)
    };
    findings.iter().map(line).collect()
}

#[track_caller]
fn expect(name: &str, expected: &str, expected_messages: &[&str]) {
    let outcome = read(name);
    assert_eq!(summary(&outcome.imported), expected.trim(), "{name}");
    assert_eq!(messages(&outcome.findings), expected_messages, "{name}");
}

#[test]
fn without_a_configuration_or_in_a_dynamic_block_unset_and_unknown_look_alike() {
    expect(
        "hidden",
        r#"
projects shop
service bare = google_cloud_run_v2_service.bare
  name bare
  project shop
  region us-central1
  ingress ?google_cloud_run_v2_service.bare.ingress()
service dynamic = google_cloud_run_v2_service.dynamic
  name dynamic
  project shop
  region us-central1
  network ?google_cloud_run_v2_service.dynamic.template.vpc_access.network_interfaces.network()
  subnet ?google_cloud_run_v2_service.dynamic.template.vpc_access.network_interfaces.subnetwork()
  egress all-traffic
"#,
        &[],
    );
}

#[test]
fn policies_are_read_from_their_data_or_from_the_data_source() {
    expect(
        "iam-policy",
        r#"
projects shop
service public = google_cloud_run_service.public
  name public
  project shop
  region us-central1
  ingress internal-and-cloud-load-balancing
  default_url false
  invoker_check false
  iap false
  tags green
  audiences aud
  service_account p@shop.iam.gserviceaccount.com
  network ?google_cloud_run_service.public.template.metadata.annotations["run.googleapis.com/network-interfaces"].network()
  subnet ?google_cloud_run_service.public.template.metadata.annotations["run.googleapis.com/network-interfaces"].subnetwork()
  network_tags t
  egress all-traffic
  invokers roles/run.invoker: allUsers
  iam roles/viewer: user:v@example.com if true
service private = google_cloud_run_service.private
  name private
  project shop
  region us-central1
  invokers roles/run.invoker: serviceAccount:caller@shop.iam.gserviceaccount.com
"#,
        &["warning ignored-annotation: an ingress setting on the template does nothing"],
    );
}

#[test]
fn values_of_an_iteration_come_from_the_same_key() {
    expect(
        "iteration",
        r#"
projects shop
service all-x = google_cloud_run_v2_service.all["x"]
  name x
  project shop
  region us-central1
  invokers roles/run.invoker: user:x@example.com
service all-y = google_cloud_run_v2_service.all["y"]
  name y
  project shop
  region us-central1
  invokers roles/run.invoker: user:y@example.com
"#,
        &[],
    );
}

#[test]
fn resources_of_modules_are_told_apart_by_their_keys() {
    expect(
        "modules",
        r#"
projects shop
service api-eu-this-0 = module.api["eu"].google_cloud_run_v2_service.this[0]
  project shop
  region europe-west1
  ingress all
  invokers roles/run.invoker: user:each@example.com
  invokers roles/run.invoker: user:eu@example.com
service api-us-this-0 = module.api["us"].google_cloud_run_v2_service.this[0]
  project shop
  region us-central1
  ingress all
  invokers roles/run.invoker: user:outer@example.com
  invokers roles/run.invoker: user:us@example.com
"#,
        &[
            "note known-after-apply: the name of `module.api[\"eu\"].google_cloud_run_v2_service.this[0]` is not known; `api-eu-this-0` stands for it",
            "note known-after-apply: the name of `module.api[\"us\"].google_cloud_run_v2_service.this[0]` is not known; `api-us-this-0` stands for it",
        ],
    );
}

#[test]
fn an_unknown_service_is_an_assumption_for_each_that_it_may_be() {
    expect(
        "references",
        r#"
projects shop
service a = google_cloud_run_v2_service.a
  name a
  project shop
  region us-central1
  iam ?google_cloud_run_v2_service_iam_member.either.name:a(roles/run.invoker|roles/browser): allUsers
  iam ?google_cloud_run_v2_service_iam_member.hidden.name:a(roles/run.invoker|roles/browser): user:h@example.com
service b = google_cloud_run_v2_service.b
  name b
  project shop
  region us-central1
  iam ?google_cloud_run_v2_service_iam_member.either.name:b(roles/run.invoker|roles/browser): allUsers
  iam ?google_cloud_run_v2_service_iam_member.hidden.name:b(roles/run.invoker|roles/browser): user:h@example.com
  iam ?google_cloud_run_v2_service_iam_member.one.condition(roles/run.invoker|roles/browser): ?google_cloud_run_v2_service_iam_member.one.member()
mapping m m.example.com -> ?google_cloud_run_domain_mapping.m.spec.route_name(a|b)
unread Iam, could open: google_cloud_run_v2_service_iam_member.outside is not read (service elsewhere)
unread Iam, could open: google_cloud_run_v2_service_iam_member.project is not read (service a)
unread Services, could open: the host of google_cloud_run_domain_mapping.n is not known (service a)
"#,
        &[
            "warning outside-plan: binding `google_cloud_run_v2_service_iam_member.outside` is for service `elsewhere`, which is not in the plan",
            "warning outside-plan: binding `google_cloud_run_v2_service_iam_member.project` is for service `projects/other/locations/us-central1/services/a`, which is not in the plan",
        ],
    );
}

#[test]
fn only_settings_are_read() {
    expect(
        "secrets",
        r#"
projects shop
service cloud_run_service-s = google_cloud_run_service.s
  name s
  project shop
  region us-central1
  ingress internal
  service_account ?google_cloud_run_service.s.template.spec.service_account_name()
  connector ?google_cloud_run_service.s.template.metadata.annotations["run.googleapis.com/vpc-access-connector"]()
service cloud_run_v2_service-s = google_cloud_run_v2_service.s
  name s2
  project shop
  region us-central1
  ingress ?google_cloud_run_v2_service.s.ingress()
  invokers roles/run.invoker: ?google_cloud_run_v2_service_iam_member.m.member()
unread Anything, could open or close: google_unheard_of.u is not read
"#,
        &[
            "note not-read: 1 resource of type `google_sql_user` is not read: `google_sql_user.u`",
            "note not-read: 1 resource of type `google_unheard_of` is not read: `google_unheard_of.u`",
        ],
    );
}

#[test]
fn what_is_not_read_is_named_with_what_it_could_do() {
    expect(
        "unread",
        r#"
projects from-variable
service web = google_cloud_run_v2_service.web
  name web
  project from-variable
  region us-central1
unread Anything, could open or close: planning failed
unread Anything, could open or close: applying the plan leaves changes for later
unread LoadBalancing, could open: google_compute_url_map.m0 is not read
unread LoadBalancing, could open: google_compute_url_map.m1 is not read
unread LoadBalancing, could open: google_compute_url_map.m2 is not read
unread LoadBalancing, could open: google_compute_url_map.m3 is not read
unread Iam, could open: google_project_iam_member.invoker is not read
unread Products, could open: google_cloud_scheduler_job.tick is not read
"#,
        &[
            "warning incomplete-plan: planning failed",
            "warning incomplete-plan: applying the plan leaves changes for later",
            "note not-read: 4 resources of type `google_compute_url_map` are not read: `google_compute_url_map.m0`, `google_compute_url_map.m1`, `google_compute_url_map.m2`, and 1 more",
            "note not-read: 1 resource of type `google_project_service` is not read: `google_project_service.run`",
            "note not-read: 1 resource of type `google_secret_manager_secret_version` is not read: `google_secret_manager_secret_version.s`",
            "note not-read: 2 resources of type `google_project_iam_member` are not read: `google_project_iam_member.viewer`, `google_project_iam_member.invoker`",
            "note not-read: 1 resource of type `google_cloud_scheduler_job` is not read: `google_cloud_scheduler_job.tick`",
            "note not-read: 2 resources of other providers are not read: `random_id`, `null_resource`",
        ],
    );
}

#[test]
fn the_server_keeps_what_nobody_sets() {
    expect(
        "update",
        r#"
projects shop
service kept = google_cloud_run_v2_service.kept
  name kept
  project shop
  region us-central1
  ingress internal
  service_account old@shop.iam.gserviceaccount.com
service replaced = google_cloud_run_v2_service.replaced
  name replaced
  project shop
  region us-central1
service written = google_cloud_run_v2_service.written
  name written
  project shop
  region us-central1
  ingress ?google_cloud_run_v2_service.written.ingress()
service old = google_cloud_run_service.old
  name old
  project shop
  region us-central1
  ingress internal
"#,
        &[],
    );
}

#[test]
fn unset_attributes_have_the_servers_defaults() {
    expect(
        "v1-create",
        r#"
projects unknown-project
service default = google_cloud_run_service.default
  name web
  project unknown-project
  region us-central1
  invokers roles/run.invoker: allUsers
mapping www www.example.com -> default
"#,
        &[
            "note unknown-project: the plan does not say the project of `google_cloud_run_service.default`; it is called `unknown-project`",
        ],
    );
}

#[test]
fn every_setting_of_a_service_is_read() {
    expect(
        "v2-everything",
        r#"
projects shop
service web = google_cloud_run_v2_service.web
  name web
  project shop
  region asia-northeast1
  ingress internal-and-cloud-load-balancing
  default_url false
  invoker_check true
  iap true
  tags blue
  audiences https://web.example.com
  service_account web@shop.iam.gserviceaccount.com
  network ?google_cloud_run_v2_service.web.template.vpc_access.network_interfaces.network()
  subnet ?google_cloud_run_v2_service.web.template.vpc_access.network_interfaces.subnetwork()
  network_tags a,b
  egress all-traffic
service worker = google_cloud_run_v2_service.worker
  name worker
  project shop
  region asia-northeast1
  connector ?google_cloud_run_v2_service.worker.template.vpc_access.connector()
  egress private-ranges-only
  invokers roles/run.invoker: user:a@example.com, serviceAccount:caller@shop.iam.gserviceaccount.com if request.path.startsWith("/x")
"#,
        &[],
    );
}

#[test]
fn fixtures_are_all_listed() {
    let folder = fixture_path("x");
    let folder = folder.parent().expect("it is in a folder");
    let mut names: Vec<_> = std::fs::read_dir(folder)
        .expect("the fixtures are there")
        .filter_map(|entry| entry.ok()?.path().file_stem()?.to_str().map(str::to_owned))
        .collect();
    names.sort();
    assert_eq!(names, FIXTURES);
}

#[test]
fn no_secret_is_read_or_pointed_at() {
    for name in FIXTURES {
        let outcome = read(name);
        assert!(!format!("{:?}", outcome.imported).contains(CANARY), "{name}");
        assert!(!format!("{:?}", outcome.findings).contains(CANARY), "{name}");
        let labels = outcome.findings.iter().flat_map(|finding| &finding.labels);
        let places = labels.map(|label| label.span);
        let places = places.chain(outcome.imported.unread.iter().map(|unread| unread.at));
        let services = outcome.imported.topology.services.values().map(|service| service.span);
        for span in places.chain(services) {
            assert!(!outcome.files.text(span).contains(CANARY), "{name}");
        }
    }
}

#[test]
fn values_point_at_the_plan() {
    let Outcome { files, imported, .. } = read("v2-everything");
    let text = |span: Span| files.text(span);
    let web = imported.topology.services.get("web").expect("it is there");
    assert_eq!(text(web.span), "\"google_cloud_run_v2_service.web\"");
    assert_eq!(text(web.region.span), "\"asia-northeast1\"");
    let ingress = web.ingress.as_ref().expect("it is set").span;
    assert_eq!(text(ingress), "\"INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER\"");
    let place = files.line_column(ingress).expect("it is in the file");
    let line = files.source(ingress.file).lines().nth(place.line as usize - 1);
    assert!(line.is_some_and(|line| line.contains("\"ingress\"")));
}

#[test]
fn unknown_values_say_why() {
    let Outcome { imported, .. } = read("update");
    let written = imported.topology.services.get("written").expect("it is there");
    let unknown = written.ingress.as_ref().and_then(Field::unknown).expect("it is not known");
    let expected = "`ingress` of `google_cloud_run_v2_service.written` is known after apply";
    assert_eq!(&*unknown.text, expected);
}

#[test]
fn only_plans_are_plans() {
    let mut files = Files::new();
    let mut findings = Findings::new();
    for (text, is_plan) in [
        (r#"{"format_version": "1.2", "planned_values": {}}"#, true),
        (r#"{"format_version": "0.1", "resource_changes": []}"#, true),
        (r#"{"format_version": "1.0", "values": {}}"#, false),
        (r#"{"planned_values": {}}"#, false),
        ("[]", false),
    ] {
        let node = yaml::read(&mut files, "x", text.as_bytes(), &mut findings).expect("JSON");
        assert_eq!(plan::detect(&node), is_plan, "{text}");
    }
}

#[test]
fn other_format_versions_are_reported() {
    let mut files = Files::new();
    let mut findings = Findings::new();
    let text = r#"{"format_version": "2.0", "planned_values": {}}"#;
    let node = yaml::read(&mut files, "x", text.as_bytes(), &mut findings).expect("JSON");
    plan::read(&node, &mut findings);
    let expected = ["warning format-version: plan format version `2.0` is not known"];
    assert_eq!(messages(&findings), expected);
}

/// The folder of the corpus.
fn corpus() -> PathBuf {
    std::env::var_os("PORTOLAN_CORPUS").map(PathBuf::from).expect("PORTOLAN_CORPUS names a folder")
}

/// Reads a plan of the corpus, in which templates stand for the project.
fn read_template(path: &Path) -> Outcome {
    let text = std::fs::read_to_string(path).expect("the file can be read");
    let text = text.replace("{{.Provider.project}}", "my-project");
    let mut files = Files::new();
    let mut findings = Findings::new();
    let node = yaml::read(&mut files, "plan.json", text.as_bytes(), &mut findings);
    let node = node.expect("it is JSON");
    assert!(plan::detect(&node), "{}", path.display());
    // Some plans of the corpus are templates written by hand, with a key twice.
    let mut findings = Findings::new();
    let imported = plan::read(&node, &mut findings);
    Outcome { files, findings, imported }
}

#[test]
#[ignore = "needs PORTOLAN_CORPUS"]
fn the_corpus_services_have_the_servers_defaults() {
    let corpus = corpus();
    for (name, expected, notes) in [
        (
            "mapping",
            "
projects my-project
service default = google_cloud_run_service.default
  name tf-test-cloudrun-srv-beep
  project my-project
  region us-central1
mapping default tf-test-domain-meep.gcp.tfacc.hashicorptest.com -> default
",
            0,
        ),
        (
            "service",
            "
projects my-project
service default = google_cloud_run_service.default
  name cloudrun-to-get-cai
  project my-project
  region us-central1
",
            0,
        ),
        (
            "service_iam_binding",
            "
projects unknown-project
service default = google_cloud_run_service.default
  name cloudrun-srv
  project unknown-project
  region us-central1
  iam roles/viewer: user:jane@example.com
",
            1,
        ),
        (
            "service_iam_member",
            "
projects unknown-project
service default = google_cloud_run_service.default
  name cloudrun-srv
  project unknown-project
  region us-central1
  iam roles/viewer: user:jane@example.com
",
            1,
        ),
        (
            "service_iam_policy",
            "
projects unknown-project
service default = google_cloud_run_service.default
  name cloudrun-srv
  project unknown-project
  region us-central1
  iam roles/editor: user:jane@example.com
",
            1,
        ),
    ] {
        let path = corpus.join(format!("validator/example_cloud_run_{name}.tfplan.json"));
        let outcome = read_template(&path);
        assert_eq!(summary(&outcome.imported), expected.trim(), "{name}");
        assert_eq!(outcome.findings.len(), notes, "{name}: {:?}", outcome.findings);
    }
}

#[test]
#[ignore = "needs PORTOLAN_CORPUS"]
fn the_whole_corpus_is_read() {
    let corpus = corpus();
    let mut open = vec![corpus];
    let mut count = 0;
    while let Some(path) = open.pop() {
        if let Ok(folder) = std::fs::read_dir(&path) {
            open.extend(folder.filter_map(|entry| Some(entry.ok()?.path())));
            continue;
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.ends_with(".tfplan.json") || (name.starts_with("tf") && name.contains("plan")) {
            let outcome = read_template(&path);
            assert!(!outcome.findings.has_errors(), "{name}: {:?}", outcome.findings);
            count += 1;
        }
    }
    assert!(count >= 20, "only {count} plans");
}

/// How many values a tree holds.
fn count(node: &Node) -> usize {
    1 + match &node.value {
        Value::List(items) => items.iter().map(count).sum(),
        Value::Map(entries) => entries.iter().map(|(_, node)| count(node)).sum(),
        _ => 0,
    }
}

/// Changes the node at a position.
fn change(node: &mut Node, at: &mut usize, to: &Value) -> bool {
    if *at == 0 {
        node.value = to.clone();
        return true;
    }
    *at -= 1;
    match &mut node.value {
        Value::List(items) => items.iter_mut().any(|node| change(node, at, to)),
        Value::Map(entries) => entries.iter_mut().any(|(_, node)| change(node, at, to)),
        _ => false,
    }
}

fn value() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        Just(String::new()),
        Just("google_cloud_run_service".to_owned()),
        Just("google_cloud_run_v2_service.this[".to_owned()),
        Just("module.api[\"".to_owned()),
        Just("projects//services/".to_owned()),
        Just("{\"bindings\": [{\"role\": 1}]}".to_owned()),
        ".{0,12}",
    ];
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Integer),
        text.prop_map(|text| {
            let text = portolan::internals::source::tree::Text { text: text.into(), quoted: true };
            Value::Text(text)
        }),
        Just(Value::List(Box::default())),
        Just(Value::Map(Box::default())),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..Default::default() })]

    #[test]
    fn no_plan_makes_the_reader_panic(
        fixture in 0..FIXTURES.len(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), value()), 1..12),
    ) {
        let (_, mut node) = parse(&fixture_path(FIXTURES[fixture]));
        for (at, to) in changes {
            let mut at = at.index(count(&node));
            change(&mut node, &mut at, &to);
        }
        let mut findings = Findings::new();
        let imported = plan::read(&node, &mut findings);
        prop_assert!(!findings.has_errors());
        for (id, entry) in &imported.topology.services {
            let address = imported.addresses.get(&format!("service/{id}"));
            prop_assert!(address.is_some());
            let project = entry.value.project.as_ref().and_then(Field::known);
            prop_assert!(project.is_some_and(|id| imported.topology.projects.contains(id)));
        }
        for mapping in imported.topology.domain_mappings.values() {
            if let Some(id) = mapping.service.known() {
                prop_assert!(imported.topology.services.contains(id));
            }
        }
    }
}
