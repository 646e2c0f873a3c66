//! The program as its users run it: status, standard output, standard error.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use portolan::rules::RuleId;
use serde_json::Value;

/// What a run gave.
struct Ran {
    status: i32,
    out: String,
    err: String,
}

impl Ran {
    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("{e}: {}{}", self.out, self.err))
    }

    /// All of it, for comparison.
    fn shown(&self) -> String {
        format!("status {}\n--- out\n{}--- err\n{}", self.status, self.out, self.err)
    }
}

/// Runs the program in a folder, with a text as standard input.
fn run_in(folder: &Path, arguments: &[&str], input: &str) -> Ran {
    let mut child = Command::new(env!("CARGO_BIN_EXE_portolan"))
        .args(arguments)
        .current_dir(folder)
        .env_remove("CLICOLOR_FORCE")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    // A program that reads nothing closes the pipe.
    let _ = child.stdin.take().expect("it has an input").write_all(input.as_bytes());
    let output = child.wait_with_output().expect("the program ends");
    Ran {
        status: output.status.code().expect("it is not killed"),
        out: String::from_utf8(output.stdout).expect("it writes text"),
        err: String::from_utf8(output.stderr).expect("it writes text"),
    }
}

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("topologies")
}

/// Runs the program among the examples.
fn run(arguments: &[&str]) -> Ran {
    run_in(&examples(), arguments, "")
}

fn with_input(arguments: &[&str], input: &str) -> Ran {
    run_in(&examples(), arguments, input)
}

/// A folder with files.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder can be made");
    for (name, text) in files {
        fs::write(folder.path().join(name), text).expect("a file can be written");
    }
    folder
}

/// A topology about which there is nothing to say.
const GOOD: &str = "\
portolan: 1
services:
  web:
    region: asia-northeast1
    service_account: web@shop.iam.gserviceaccount.com
";

#[test]
fn check_finds_nothing_in_what_is_good() {
    let ran = with_input(&["check", "-"], GOOD);
    assert_eq!(ran.shown(), "status 0\n--- out\nno findings in 1 service\n--- err\n");
}

#[test]
fn check_finds_everything_at_once() {
    let text = "portolan: 1\nservices:\n  web: {regoin: asia-northeast1, ingress: al}\n";
    let ran = with_input(&["check", "-"], text);
    assert_eq!(ran.status, 1);
    assert_eq!(ran.err, "");
    assert!(
        ran.out.starts_with(
            "\
error[unknown-key]: unknown key `regoin` in a service
 --> <stdin>:3:9
  |
3 |   web: {regoin: asia-northeast1, ingress: al}
  |         ^^^^^^
  |
  = help: did you mean `region`?
"
        ),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("error[invalid-value]: unknown ingress `al`"), "{}", ran.out);
    assert!(ran.out.contains("\n2 errors\n"), "{}", ran.out);
}

#[test]
fn a_missing_file_is_no_finding_about_its_content() {
    let ran = run(&["check", "nowhere.yaml"]);
    assert_eq!(
        ran.shown(),
        "\
status 2
--- out
error[unreadable]: there is no file `nowhere.yaml`

1 error
--- err
"
    );
    let ran = run(&["reach", "nowhere.yaml", "--from", "internet", "--to", "service/web"]);
    assert_eq!((ran.status, ran.out.as_str()), (2, ""));
    assert!(ran.err.contains("there is no file `nowhere.yaml`"), "{}", ran.err);
}

#[test]
fn an_empty_input_says_nothing() {
    let ran = with_input(&["check", "-"], "# nothing\n");
    assert_eq!(ran.status, 1);
    assert!(ran.out.contains("error[empty-file]"), "{}", ran.out);
}

#[test]
fn text_that_is_not_yaml_is_a_finding() {
    let ran = with_input(&["check", "-"], "portolan: 1\nservices: {web\n");
    assert_eq!(ran.status, 1);
    assert!(ran.out.contains("error[syntax]"), "{}", ran.out);
}

#[test]
fn the_version_must_be_given_and_known() {
    let ran = with_input(&["check", "-"], "services: {}\n");
    assert_eq!(ran.status, 1);
    assert!(ran.out.contains("error[missing-key]"), "{}", ran.out);
    assert!(ran.out.contains("begin the file with `portolan: 1`"), "{}", ran.out);
    let ran = with_input(&["check", "-"], "portolan: 2\nservices: {}\n");
    assert_eq!(ran.status, 1);
    assert!(ran.out.contains("version 2 of the format is not known"), "{}", ran.out);
}

#[test]
fn a_folder_is_its_topologies_and_nothing_else() {
    let folder = folder(&[
        ("a.yaml", "# a comment\n\nportolan: 1\nservices:\n  a: {region: asia-northeast1}\n"),
        ("b.yml", "portolan: 1\nservices:\n  b: {region: asia-northeast1}\n"),
        ("answers.yaml", "- something: else\n"),
        ("notes.txt", "portolan: 1\n"),
    ]);
    let ran = run_in(folder.path(), &["check", "."], "");
    assert_eq!((ran.status, ran.err.as_str()), (0, ""));
    assert!(ran.out.ends_with(" in 2 services\n"), "{}", ran.out);
}

#[test]
fn a_folder_without_a_topology_is_an_error() {
    let empty = folder(&[("other.yaml", "a: b\n")]);
    let ran = run_in(empty.path(), &["check", "."], "");
    assert_eq!(ran.status, 2);
    assert!(ran.out.contains("error[no-topology]"), "{}", ran.out);
    let terraform = folder(&[("main.tf", "")]);
    let ran = run_in(terraform.path(), &["check", "."], "");
    assert_eq!(ran.status, 2);
    assert!(ran.out.contains("error[not-read-yet]"), "{}", ran.out);
    assert!(ran.out.contains("terraform show -json"), "{}", ran.out);
}

#[test]
fn input_of_kinds_that_are_not_read_is_named() {
    for (text, what) in [
        (r#"[{"name": "//run", "assetType": "run.googleapis.com/Service"}]"#, "an asset export"),
        ("{\"name\": \"//a\", \"assetType\": \"x\"}\n{\"assetType\": \"y\"}\n", "an asset export"),
        (
            r#"{"format_version": "1.0", "terraform_version": "1.9", "values": {}}"#,
            "a Terraform state",
        ),
        ("apiVersion: serving.knative.dev/v1\nkind: Service\n", "a Knative manifest"),
    ] {
        let ran = with_input(&["check", "-"], text);
        assert_eq!(ran.status, 2, "{text}");
        let message = format!("`<stdin>` is {what}, which is not read yet");
        assert!(ran.out.contains(&message), "{}", ran.out);
    }
}

#[test]
fn a_plan_is_read_like_a_topology() {
    let plan =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/plans/v2-everything.json");
    let text = fs::read_to_string(plan).expect("the plan can be read");
    let ran = with_input(&["show", "-", "--format", "json"], &text);
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert!(ran.json()["topology"]["services"].is_object(), "{}", ran.out);
}

#[test]
fn what_a_plan_holds_and_is_not_read_is_told_where_it_matters() {
    let plan = |others: &str| {
        format!(
            r#"{{"format_version": "1.2", "planned_values": {{"root_module": {{"resources": [
            {{"address": "google_cloud_run_v2_service.web", "mode": "managed",
              "type": "google_cloud_run_v2_service", "name": "web",
              "values": {{"name": "web", "location": "us-central1", "project": "shop",
                          "ingress": "INGRESS_TRAFFIC_INTERNAL_ONLY"}}}}{others}]}}}}}}"#
        )
    };
    let with = |kind: &str| {
        plan(&format!(
            r#", {{"address": "{kind}.x", "mode": "managed", "type": "{kind}", "name": "x", "values": {{}}}}"#
        ))
    };
    let codes = |text: &str| -> Vec<String> {
        let findings = with_input(&["check", "-", "--format", "json"], text).json();
        let findings = findings["findings"].as_array().cloned().unwrap_or_default();
        findings.iter().map(|own| own["code"].as_str().unwrap_or_default().to_owned()).collect()
    };
    let complete = |text: &str| {
        let ask = ["reach", "-", "--from", "internet", "--to", "service/web", "--format", "json"];
        let ran = with_input(&ask, text);
        assert_eq!(ran.status, 0, "{}", ran.err);
        let complete = &ran.json()["complete"];
        let count = |key: &str| complete[key].as_array().map_or(0, Vec::len);
        (count("could_open"), count("could_close"))
    };
    let absence = "no-way-in".to_owned();
    assert!(codes(&plan("")).contains(&absence));
    assert_eq!(complete(&plan("")), (0, 0));
    // It may be a way in.
    let text = with("google_compute_url_map");
    assert!(!codes(&text).contains(&absence));
    assert_eq!(complete(&text), (1, 0));
    // It is none, and can refuse.
    let text = with("google_org_policy_policy");
    assert!(codes(&text).contains(&absence));
    assert_eq!(complete(&text), (0, 1));
    // It may be anything, or nothing.
    let text = with("google_unheard_of");
    assert!(!codes(&text).contains(&absence));
    assert_eq!(complete(&text), (1, 1));
    let text = with("google_storage_bucket");
    assert!(codes(&text).contains(&absence));
    assert_eq!(complete(&text), (0, 0));
    // No network is known that it could be in.
    assert_eq!(complete(&with("google_compute_firewall")), (0, 0));
}

#[test]
fn one_resource_in_two_files_is_labelled_in_both() {
    let folder = folder(&[("a.yaml", GOOD), ("b.yaml", GOOD)]);
    let ran = run_in(folder.path(), &["check", "a.yaml", "b.yaml"], "");
    assert_eq!(
        ran.shown(),
        "\
status 1
--- out
error[declared-twice]: `service/web` is declared twice
 --> b.yaml:3:3
  |
3 |   web:
  |   ^^^ declared again here
  |
 ::: a.yaml:3:3
  |
3 |   web:
  |   --- first declared here
  |
  = help: keep one of the two, or give one another id and set its `name`

1 error in 1 service
the topology as a whole is checked once it can be read
--- err
"
    );
}

#[test]
fn findings_are_json_and_sarif_too() {
    let text = "portolan: 1\nservices:\n  web: {regoin: asia-northeast1}\n";
    let ran = with_input(&["check", "-", "--format", "json"], text);
    assert_eq!(ran.status, 1);
    let finding = &ran.json()["findings"][0];
    assert_eq!(finding["code"], "unknown-key");
    assert_eq!(finding["labels"][0]["at"]["line"], 3);

    let ran = with_input(&["check", "-", "--format", "sarif"], text);
    assert_eq!(ran.status, 1);
    let log = ran.json();
    assert_eq!(log["version"], "2.1.0");
    assert!(log["$schema"].is_string());
    let run = &log["runs"][0];
    assert_eq!(run["tool"]["driver"]["name"], "portolan");
    assert_eq!(run["tool"]["driver"]["rules"][0]["id"], "unknown-key");
    let result = &run["results"][0];
    assert_eq!(result["ruleId"], "unknown-key");
    assert_eq!(result["level"], "error");
    assert!(result["message"]["text"].is_string());
    let region = &result["locations"][0]["physicalLocation"]["region"];
    assert_eq!((&region["startLine"], &region["startColumn"]), (&3.into(), &9.into()));
}

#[test]
fn errors_keep_lints_from_asking_and_warnings_do_not() {
    let text = |region: &str| {
        format!(
            "portolan: 1
networks:
  core: {{subnets: {{run: {{region: europe-west1, range: 10.0.0.0/24}}}}}}
nats:
  out: {{network: core, region: europe-west1, addresses: [203.0.113.10]}}
  shut: {{network: core, region: {region}, automatic: false}}
services:
  web: {{region: europe-west1, vpc_access: {{network: core, subnet: run}}}}
"
        )
    };
    let ran = with_input(&["check", "-"], &text("europe-west1"));
    assert_eq!(ran.status, 1);
    assert!(ran.out.contains("error[nat-overlap]"), "{}", ran.out);
    // What the text alone tells is found beside errors.
    assert!(ran.out.contains("warning[nat-without-addresses]"), "{}", ran.out);
    assert!(!ran.out.contains("nat-not-used"), "{}", ran.out);
    let not_run = " lints that ask the engine were not run because of errors";
    let last = ran.out.lines().last().unwrap_or_default();
    let number = last.strip_suffix(not_run).and_then(|number| number.parse::<u64>().ok());
    assert!(number.is_some_and(|number| number > 0), "{}", ran.out);

    let ran = with_input(&["check", "-", "--format", "json"], &text("europe-west1"));
    assert_eq!(ran.json()["lints_not_run"].as_u64(), number);
    let ran = with_input(&["check", "-", "--format", "sarif"], &text("europe-west1"));
    let told = &ran.json()["runs"][0]["invocations"][0]["toolExecutionNotifications"][0];
    assert_eq!(told["message"]["text"], last);

    let ran = with_input(&["check", "-"], &text("europe-west3"));
    assert_eq!(ran.status, 0);
    assert!(ran.out.contains("warning[nat-without-addresses]"), "{}", ran.out);
    assert!(ran.out.contains("warning[nat-not-used]"), "{}", ran.out);
    assert!(!ran.out.contains("not run"), "{}", ran.out);
    let ran = with_input(&["check", "-", "--format", "json"], &text("europe-west3"));
    assert_eq!(ran.json()["lints_not_run"], 0);
    let ran = with_input(&["check", "-", "--format", "sarif"], &text("europe-west3"));
    assert!(ran.json()["runs"][0]["invocations"].is_null());
}

#[test]
fn codes_that_are_allowed_or_denied_exist() {
    let ran = with_input(&["check", "-", "--allow", "unknown-kye=because"], GOOD);
    assert_eq!((ran.status, ran.out.as_str()), (2, ""));
    assert_eq!(
        ran.err,
        "error: no finding has the code `unknown-kye`\n  help: did you mean `unknown-key`?\n"
    );
    let ran = with_input(&["check", "-", "--deny", "warnings"], GOOD);
    assert_eq!(ran.status, 0);
    assert_eq!(run(&["check", "armor-bypassed"]).status, 0);
    assert_eq!(run(&["check", "armor-bypassed", "--deny", "warnings"]).status, 1);
    assert_eq!(run(&["check", "armor-bypassed", "--deny", "bypassed-policy"]).status, 1);
    let allow = ["check", "armor-bypassed", "--allow", "bypassed-policy=shown on purpose"];
    let ran = run(&[&allow[..], &["--deny", "warnings"]].concat());
    assert_eq!((ran.status, ran.err.as_str()), (0, ""));
    let line = "allowed[bypassed-policy]: the run.app URL of service/web bypasses \
                security_policy/edge at armor-bypassed/topology.yaml:9: shown on purpose\n";
    assert!(ran.out.contains(line), "{}", ran.out);
    let ran = with_input(&["check", "-", "--allow", "unknown-key"], GOOD);
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("CODE=REASON"), "{}", ran.err);
}

/// A topology with a rule that only solving finds to be hidden.
const SHADOWED: &str = "\
portolan: 1
services:
  web:
    region: asia-northeast1
    ingress: internal-and-cloud-load-balancing
    service_account: web@shop.iam.gserviceaccount.com
load_balancers:
  edge: {kind: global-external, certificates: [www.example.com], url_map: {default: web}}
backends:
  web: {services: [web], security_policy: edge}
security_policies:
  edge:
    rules:
      - {priority: 10, action: allow, source_ranges: [198.51.100.0/24]}
      - {priority: 20, action: deny(403), source_ranges: [198.51.100.7]}
";

#[test]
fn check_solves_and_other_commands_need_not() {
    let ran = with_input(&["check", "-"], SHADOWED);
    let head = "warning[shadowed-rule]: no request reaches rule 20: deny(403) of \
                security_policy/edge: requests that it should deny are allowed\n";
    assert_eq!(ran.status, 0);
    assert!(ran.out.starts_with(head), "{}", ran.out);
    assert_eq!(with_input(&["check", "-", "--deny", "shadowed-rule"], SHADOWED).status, 1);
    let log = with_input(&["check", "-", "--format", "sarif"], SHADOWED).json();
    let run = &log["runs"][0];
    assert_eq!(run["results"][0]["ruleId"], "shadowed-rule");
    assert_eq!(run["results"][0]["relatedLocations"][0]["message"]["text"], "takes its requests");
    let rule = &run["tool"]["driver"]["rules"][0];
    let title = "a rule of a security policy that no request reaches";
    assert_eq!(rule["shortDescription"]["text"], title);
    // What has an error cannot be solved.
    let wrong = format!("{SHADOWED}      - {{priority: 20, action: allow}}\n");
    let ran = with_input(&["check", "-"], &wrong);
    assert_eq!(ran.status, 1);
    assert!(!ran.out.contains("shadowed-rule"), "{}", ran.out);
    let asked = ["reach", "-", "--from", "internet", "--to", "service/web"];
    assert_eq!(with_input(&asked, SHADOWED).err, "");
}

const REACH: &[&str] = &["reach", "armor-bypassed", "--from", "internet", "--to", "service/web"];

/// `REACH` and more.
fn reach(more: &[&str]) -> Ran {
    run(&[REACH, more].concat())
}

#[test]
fn the_exit_status_says_whether_the_verdict_is_the_expected_one() {
    assert_eq!(reach(&[]).status, 0);
    assert_eq!(reach(&["--expect", "yes"]).status, 0);
    let ran = reach(&["--expect", "no"]);
    assert_eq!(ran.status, 1);
    assert_eq!(ran.err, "error: the verdict is `yes`, expected was `no`\n");
    let depends = ["reach", "unknowns", "--from", "internet", "--to", "service/web"];
    let ran = run(&[&depends[..], &["--expect", "yes"]].concat());
    assert_eq!(ran.status, 3, "{}{}", ran.out, ran.err);
}

#[test]
fn an_unknown_selector_or_assumption_is_bad_usage() {
    let ran = run(&["reach", "armor-bypassed", "--from", "internet", "--to", "service/wbe"]);
    assert_eq!((ran.status, ran.out.as_str()), (2, ""));
    assert!(ran.err.contains("error: ") && ran.err.contains("service/wbe"), "{}", ran.err);
    let ran = reach(&["--assume", "nothing=true"]);
    assert_eq!((ran.status, ran.out.as_str()), (2, ""));
    assert!(ran.err.contains("nothing is assumed under the id `nothing`"), "{}", ran.err);
    assert_eq!(reach(&["--assume", "nothing"]).status, 2);
    assert_eq!(reach(&["--at", "yesterday"]).status, 2);
}

#[test]
fn commands_that_do_not_exist_are_not_accepted() {
    for command in ["blast", "deploy", "diff", "whatif", "import", "test", "help"] {
        assert_eq!(run(&[command]).status, 2, "{command}");
    }
    assert_eq!(run(&["egress", "x", "--from", "a", "--to", "b", "--ip", "192.0.2.1"]).status, 2);
}

#[test]
fn an_answer_begins_with_its_verdict_and_needs_no_colour() {
    let ran = reach(&[]);
    assert!(ran.out.starts_with("yes"), "{}", ran.out);
    assert!(ran.out.contains("internet → run.app → "), "{}", ran.out);
    assert!(!ran.out.contains('\x1b'));
    assert_eq!(ran.err, "");
    assert!(reach(&["--color", "always"]).out.contains('\x1b'));
    let explained = reach(&["--explain"]);
    assert!(explained.out.contains("ING-010"), "{}", explained.out);
}

#[test]
fn the_time_of_an_answer_is_echoed() {
    let ran = reach(&["--at", "2026-01-02T03:04:05Z"]);
    assert!(ran.out.contains("decided at 2026-01-02T03:04:05Z"), "{}", ran.out);
    let ran = reach(&["--at", "2026-01-02T03:04:05Z", "--format", "json"]);
    assert_eq!(ran.json()["at"], "2026-01-02T03:04:05Z");
}

/// The questions of the examples' answers that the program can be asked.
fn questions() -> Vec<(String, Vec<String>)> {
    let mut questions = Vec::new();
    for example in every_example() {
        let name = example.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let text = fs::read_to_string(example.join("answers.yaml")).expect("it has answers");
        for line in text.lines() {
            let Some(ask) = line.strip_prefix("- ask: ") else { continue };
            let ask = ask.trim_matches(['"', '\'']);
            let words: Vec<String> = ask.split_whitespace().map(str::to_owned).collect();
            let command = words.first().map(String::as_str).unwrap_or_default();
            let known = ["reach", "bypass", "egress", "trace", "exposure"];
            if known.contains(&command) && !ask.contains(['"', '\'']) {
                questions.push((name.clone(), words));
            }
        }
    }
    assert!(questions.len() > 20, "the examples ask too little");
    questions
}

fn every_example() -> Vec<PathBuf> {
    let entries = fs::read_dir(examples()).expect("the examples can be listed");
    let mut examples: Vec<_> = entries
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
        .collect();
    examples.sort();
    examples
}

#[test]
fn every_question_of_the_examples_is_answered_in_both_formats() {
    let schema = run(&["schema", "--of", "answer"]).json();
    let validator = jsonschema::validator_for(&schema).expect("the schema is one");
    for (example, words) in questions() {
        let (command, rest) = words.split_first().expect("a question has words");
        let mut arguments = vec![command.as_str(), &example];
        arguments.extend(rest.iter().map(String::as_str));
        let ran = run(&arguments);
        assert_eq!(ran.status, 0, "{arguments:?}: {}", ran.err);
        let is_prose = |line: &&str| !line.contains("curl ") && line.contains(' ');
        for line in ran.out.lines().filter(is_prose) {
            let longest = line.split(' ').map(|word| word.chars().count()).max().unwrap_or(0);
            assert!(line.chars().count() <= 100.max(longest + 20), "{arguments:?}: {line}");
        }
        arguments.extend(["--format", "json"]);
        let answer = run(&arguments).json();
        let wrong: Vec<_> = validator.iter_errors(&answer).map(|e| e.to_string()).collect();
        assert!(wrong.is_empty(), "{arguments:?}: {wrong:?}");
    }
}

#[test]
fn the_schema_takes_every_example() {
    let schema = run(&["schema"]).json();
    let validator = jsonschema::validator_for(&schema).expect("the schema is one");
    for example in every_example() {
        let text = fs::read_to_string(example.join("topology.yaml")).expect("it has a topology");
        let value: Value = serde_yaml::from_str(&text).expect("it is YAML");
        let wrong: Vec<_> = validator.iter_errors(&value).map(|e| e.to_string()).collect();
        assert!(wrong.is_empty(), "{}: {wrong:?}", example.display());
    }
    assert!(!validator.is_valid(&serde_json::json!({"services": {}})));
    assert!(!validator.is_valid(&serde_json::json!({"portolan": 1, "servces": {}})));
}

#[test]
fn what_show_prints_is_the_same_topology() {
    for example in every_example() {
        let name = example.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let first = run(&["show", &name]);
        assert_eq!(first.status, 0, "{name}: {}", first.err);
        let json = |ran: Ran| ran.json()["topology"].clone();
        let again = with_input(&["show", "-", "--format", "json"], &first.out);
        assert_eq!(json(run(&["show", &name, "--format", "json"])), json(again), "{name}");
    }
}

#[test]
fn every_part_of_a_network_fits_the_schema_and_is_shown() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/networks.yaml");
    let text = fs::read_to_string(path).expect("the topology can be read");
    let schema = run(&["schema"]).json();
    let validator = jsonschema::validator_for(&schema).expect("the schema is one");
    let value: Value = serde_yaml::from_str(&text).expect("it is YAML");
    let wrong: Vec<_> = validator.iter_errors(&value).map(|e| e.to_string()).collect();
    assert!(wrong.is_empty(), "{wrong:?}");

    let shown = with_input(&["show", "-"], &text);
    let json = |text: &str| with_input(&["show", "-", "--format", "json"], text).json();
    assert_eq!(json(&text)["topology"], json(&shown.out)["topology"]);
    for (selector, default) in [
        ("network/prod", "routing_mode: regional  # default"),
        ("route/a", "priority: 1000  # default"),
        ("peering/out", "export_public_subnets: true  # default"),
        ("firewall_rule/in", "direction: ingress  # default"),
        ("onprem/office", "lines: vpn  # default"),
        ("psc_endpoint/store", "global_access: false  # default"),
        ("service_attachment/store", "project: shop  # default"),
        ("sql_instance/orders", "require_connector: false  # default"),
        ("redis_instance/cache", "tls: false  # default"),
        ("connector/own", "name: own  # default"),
    ] {
        let ran = with_input(&["show", "-", selector], &text);
        assert!(ran.out.contains(default), "{selector}: {}", ran.out);
    }
}

#[test]
fn show_marks_defaults_and_takes_a_selector() {
    let ran = run(&["show", "armor-bypassed", "backend/web"]);
    assert_eq!(
        ran.shown(),
        "\
status 0
--- out
backends:
  web:
    services: [web]
    security_policy: edge
    outlier_detection: false  # default
    iap: false  # default
    cdn: false  # default
--- err
"
    );
    let ran = run(&["show", "armor-bypassed", "service/wbe"]);
    assert_eq!((ran.status, ran.out.as_str()), (2, ""));
    assert!(ran.err.contains("did you mean `service/web`?"), "{}", ran.err);
    let unknown = run(&["show", "unknowns", "service/*"]);
    assert!(unknown.out.contains("# not known"), "{}", unknown.out);
}

#[test]
fn rules_and_findings_are_explained() {
    let ran = run(&["explain", "ing-10"]);
    assert_eq!(ran.status, 0);
    assert!(ran.out.starts_with("ING-010: "), "{}", ran.out);
    assert!(ran.out.contains("Sources\n  "), "{}", ran.out);
    let ran = run(&["explain", "EGR-241"]);
    assert!(ran.out.contains("\nread        2026-12-01\n"), "{}", ran.out);
    let ran = run(&["explain", "unknown-key"]);
    assert!(ran.out.starts_with("unknown-key: "), "{}", ran.out);
    for code in ["shadowed-rule", "guard-not-attached", "cannot-be-sent"] {
        let ran = run(&["explain", code]);
        assert!(ran.out.starts_with(code), "{}", ran.out);
    }
    let ran = run(&["explain", "ING-999"]);
    assert_eq!((ran.status, ran.out.as_str()), (2, ""));
    let ran = run(&["explain", "unknown-kye"]);
    assert!(ran.err.contains("did you mean `unknown-key`?"), "{}", ran.err);
    assert_eq!(run(&["explain"]).status, 2);
}

#[test]
fn the_list_of_rules_gives_the_status_of_each() {
    let list = run(&["explain", "--list", "--format", "json"]).json();
    let list = list.as_array().expect("it is a list");
    assert_eq!(list.len(), RuleId::every().count());
    for rule in list {
        let status = rule["status"].as_str().unwrap_or_default();
        assert!(["modelled", "disputed", "not-modelled"].contains(&status), "{rule}");
        assert!(rule["cases"].is_array(), "{rule}");
        assert_eq!(rule["why"].is_null(), status == "modelled", "{rule}");
    }
    assert_eq!(run(&["explain", "--list"]).out.lines().count(), RuleId::every().count());
}

#[test]
fn completions_and_the_manual_name_every_command() {
    let commands = ["check", "show", "reach", "bypass", "egress", "trace", "exposure", "explain"];
    for arguments in [["completions", "bash"], ["completions", "zsh"], ["completions", "fish"]] {
        let ran = run(&arguments);
        assert_eq!(ran.status, 0);
        assert!(commands.iter().all(|command| ran.out.contains(command)), "{arguments:?}");
    }
    let ran = run(&["man"]);
    assert_eq!(ran.status, 0);
    assert!(ran.out.contains(".TH portolan 1"), "{}", ran.out);
    for command in commands {
        let title = format!(".SH \"PORTOLAN {}\"", command.to_uppercase());
        assert!(ran.out.contains(&title), "{command}");
    }
}

#[test]
fn only_answers_have_the_schema_of_answers() {
    for (command, has) in [("reach", true), ("show", false), ("explain", false)] {
        let help = run(&[command, "--help"]).out;
        assert_eq!(help.contains("schema --of answer"), has, "{command}: {help}");
    }
}

#[test]
fn what_is_behind_a_refusal_is_told_as_past_it() {
    let url = "https://web-123456789012.asia-northeast1.run.app/";
    let topology = concat!(env!("CARGO_MANIFEST_DIR"), "/topologies/armor-closed");
    let ran = run(&["trace", topology, "--from", "internet", "--url", url]);
    let refuses = ran.out.find("Ingress setting of service/web: refused").expect("a refusal");
    let past = ran.out.find("past this, as if it had been admitted:").expect("a mark");
    let delivers = ran.out.find("arrived at service/web").expect("what is behind");
    assert!(refuses < past && past < delivers, "{}", ran.out);
}

#[test]
fn help_is_an_answer() {
    let ran = run(&["--help"]);
    assert_eq!((ran.status, ran.err.as_str()), (0, ""));
    assert!(ran.out.contains("Exit status: 0 answered"), "{}", ran.out);
    assert_eq!(run(&["--version"]).out, format!("portolan {}\n", env!("CARGO_PKG_VERSION")));
    let ran = run(&[]);
    assert_eq!((ran.status, ran.out.as_str()), (2, ""));
}

/// A reader that goes away early is no error, and nothing is said of it.
#[test]
fn a_broken_pipe_is_no_error() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_portolan"))
        .args(["explain", "--list", "--format", "json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("the program ends");
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn a_topology_is_changed_before_it_is_asked() {
    let folder = folder(&[
        ("a.yaml", GOOD),
        (
            "over.yaml",
            "portolan: 1\nservices: {web: {ingress: internal, labels: {team: shop}}}\n\
             projects: {shop: {number: 7}}\n",
        ),
    ]);
    // Overlays go first, wherever they are named; only one project is left to be implied.
    let arguments =
        ["show", "a.yaml", "--set", "services.web.ingress=all", "--overlay", "over.yaml"];
    let ran = run_in(folder.path(), &arguments, "");
    assert_eq!(ran.status, 0, "{}", ran.shown());
    for line in ["ingress: all\n", "team: shop\n", "  shop:\n    number: 7\n"] {
        assert!(ran.out.contains(line), "{}", ran.shown());
    }

    let plain = ["reach", "a.yaml", "--from", "internet", "--to", "service/web", "--expect", "yes"];
    assert_eq!(run_in(folder.path(), &plain, "").status, 1);
    let set = [&plain[..], &["--set", "services.web.invokers+=allUsers"]].concat();
    let ran = run_in(folder.path(), &set, "");
    assert_eq!(ran.status, 0, "{}", ran.shown());
}

#[test]
fn what_is_changed_is_validated_anew() {
    let folder = folder(&[("a.yaml", GOOD), ("bad.yaml", "services: {}\n")]);
    let check =
        |arguments: &[&str]| run_in(folder.path(), &[&["check", "a.yaml"], arguments].concat(), "");
    let ran = check(&["--set", "services.web.vpc_access.network=core"]);
    assert_eq!(ran.status, 1, "{}", ran.shown());
    assert!(ran.out.contains("there is no network `core`\n --> --set #1:1:33"), "{}", ran.shown());

    // Everything that is wrong is told at once.
    let ran = check(&["--set", "services.wbe=null", "--set", "x", "--set", "nat.out=null"]);
    assert_eq!(ran.status, 1, "{}", ran.shown());
    assert!(ran.out.contains("3 errors"), "{}", ran.shown());

    let ran = check(&["--overlay", "bad.yaml", "--set", "nat.out=null"]);
    assert!(ran.out.contains("does not say that it is a topology"), "{}", ran.shown());
    assert!(ran.out.contains("unknown key `nat`"), "{}", ran.shown());
    assert_eq!(check(&["--overlay", "none.yaml"]).status, 2);

    let ask = ["egress", "a.yaml", "--from", "service/web", "--set", "services.web.ingres=all"];
    let ran = run_in(folder.path(), &ask, "");
    assert_eq!(ran.status, 2, "{}", ran.shown());
    assert!(ran.err.contains("did you mean `ingress`?"), "{}", ran.shown());
}

#[test]
fn a_plan_is_edited_too() {
    let plan = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/plans");
    let plan = fs::read_dir(plan).expect("plans").flatten().map(|entry| entry.path());
    let plan = plan.filter(|path| path.extension().is_some_and(|own| own == "json")).min();
    let plan = plan.expect("a plan").display().to_string();
    let set = "services.added={region: europe-west1}";
    let ran = run(&["show", &plan, "service/added", "--set", set]);
    assert_eq!(ran.status, 0, "{}", ran.shown());
    assert!(ran.out.contains("region: europe-west1"), "{}", ran.shown());
}
