//! The example asks both headline questions.

use std::path::Path;

#[path = "../examples/headline.rs"]
#[allow(dead_code, reason = "its main is not called")]
mod headline;

fn headline(topology: &str) -> Result<String, String> {
    let path = Path::new("topologies").join(topology);
    headline::headline(&path).map_err(|error| error.to_string())
}

#[test]
fn both_questions_are_answered() {
    let text = headline("unknowns").expect("they can be asked");
    assert_eq!(
        text,
        "\
Is Cloud Armor bypassed? depends: service/web can be reached without passing security_policy/* by one path, \
but only under some assumptions (services.web.ingress=all)
  internet by run.app
Seen as? yes: external/* sees service/* as address 1 of nat/tokyo
  address 1 of nat/tokyo by external/billing-saas
"
    );
}

#[test]
fn what_cannot_be_read_is_told() {
    let error = headline("nowhere").expect_err("there is no such topology");
    assert!(error.contains("there is no file `topologies/nowhere`"), "{error}");
}
