//! What programs read.

use serde_json::{Value, json};

use super::topologies::{EDGE, NETWORK, UNKNOWN};
use super::{asked, model, names};
use crate::question::answer::Answer;
use crate::question::{bypass, egress, exposure, reach, trace};

/// The JSON of an answer, which the schema accepts.
fn accepted(answer: &Answer<'_>) -> Value {
    let value = serde_json::from_str(&answer.to_json()).expect("it is JSON");
    let schema = crate::report::schema::answer().to_value();
    let validator = jsonschema::validator_for(&schema).expect("the schema is one");
    let wrong: Vec<_> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    value
}

fn traced(parameters: &trace::Parameters) -> Value {
    let own = model(NETWORK);
    accepted(&asked(trace::ask(&own, parameters)))
}

#[test]
fn a_bypass_as_a_whole() {
    let own = model(EDGE);
    let to = names(["service/web"]);
    let parameters =
        bypass::Parameters { guard: "security_policy/edge".into(), to, ..Default::default() };
    let mut value = accepted(&asked(bypass::ask(&own, &parameters)));
    // These change without a change of words.
    value["engine_version"] = "VERSION".into();
    value["rules_version"] = "DAY".into();
    let text = serde_json::to_string_pretty(&value).expect("it is JSON");
    insta::assert_snapshot!("a_bypass_as_json", text);
}

#[test]
fn choices_have_ids_options_and_those_that_deliver() {
    let own = model(NETWORK);
    let parameters = egress::Parameters {
        from: "service/web".into(),
        to: Some("external/partner".into()),
        ..Default::default()
    };
    let value = accepted(&asked(egress::ask(&own, &parameters)));
    assert_eq!(value["verdict"], "sometimes");
    let chosen = json!([{
        "id": "nat_address/nat/tokyo",
        "kind": "nat_address",
        "options": ["203.0.113.10", "203.0.113.11"],
        "delivers": ["203.0.113.10"],
    }]);
    assert_eq!(value["paths"][0]["choices"], chosen);
    assert_eq!(value["egress_addresses"][0]["choices"], chosen);
    assert_eq!(value["egress_addresses"][0]["name"], "nat/tokyo");
    let pair = json!([{"from": "service/web", "to": "external/partner", "verdict": "sometimes"}]);
    assert_eq!(value["pairs"], pair);
}

#[test]
fn what_does_not_speak_http_has_neither_a_status_nor_a_curl_line() {
    let value = traced(&trace::Parameters {
        from: "service/web".into(),
        url: "http://10.20.0.3:5432/".into(),
        ..Default::default()
    });
    let path = &value["paths"][0];
    assert_eq!(path["outcome"]["kind"], "delivered");
    assert_eq!(path["outcome"]["http_status"], Value::Null);
    assert_eq!(path["requests"]["witness"]["curl"], Value::Null);
}

#[test]
fn a_lost_reply_is_told_apart() {
    let value = traced(&trace::Parameters {
        from: "service/web".into(),
        url: "http://192.168.0.9/".into(),
        ..Default::default()
    });
    let outcome = &value["paths"][0]["outcome"];
    assert_eq!(outcome["kind"], "arrived-unanswered");
    assert_eq!(outcome["direction"], "reply");
}

#[test]
fn parameters_have_the_names_of_the_schema() {
    let value = traced(&trace::Parameters {
        from: "service/web".into(),
        url: "https://api.partner.example/".into(),
        headers: vec![("X-Time".into(), "1".into())],
        ..Default::default()
    });
    assert_eq!(value["question"]["kind"], "trace");
    assert_eq!(value["question"]["headers"], json!(["X-Time: 1"]));
    assert_eq!(value["question"]["from"], json!(["service/web"]));
}

#[test]
fn tables_and_assumptions_fit_the_schema() {
    let own = model(EDGE);
    let value = accepted(&asked(exposure::ask(&own, &Default::default())));
    assert_eq!(value["verdict"], Value::Null);
    assert_eq!(value["complete"], json!({"could_open": [], "could_close": []}));
    let own = model(UNKNOWN);
    let parameters = reach::Parameters {
        from: names(["internet"]),
        to: names(["service/web"]),
        ..Default::default()
    };
    let value = accepted(&asked(reach::ask(&own, &parameters)));
    assert_eq!(value["verdict"], "depends");
    assert_eq!(value["assumptions"][0]["kind"], "unknown");
    assert_eq!(value["assumptions"][0]["flips"], true);
}
