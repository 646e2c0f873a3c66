use std::fmt::{Debug, Display};

use proptest::prelude::*;

use crate::graph::Entry;
use crate::suite::name::{
    Misnamed, caller, code, codes, entry, entry_text, place, reply_step, resource, sender,
};

/// What is wrong with a text, and the help.
fn wrong<T: Debug>(read: Result<T, Misnamed>) -> String {
    let Misnamed { message, help } = read.expect_err("it is no name");
    format!("{message}: {help}")
}

fn same<T: Display + Debug>(read: Result<T, Misnamed>, text: &str) {
    assert_eq!(read.expect("it is a name").to_string(), text);
}

#[test]
fn names_are_written_as_they_are_read() {
    for text in ["service/web", "load_balancer/edge", "internet", "api/storage.googleapis.com"] {
        same(resource(text), text);
        same(sender(text), text);
        same(place(text), text);
    }
    same(
        sender("serviceAccount:web@shop.iam.gserviceaccount.com"),
        "serviceAccount:web@shop.iam.gserviceaccount.com",
    );
    for text in ["elsewhere", "198.51.100.7", "2001:db8::7", "10.0.0.0/8", "api.partner.example"] {
        same(place(text), text);
    }
    same(reply_step("network/prod EGR-081"), "network/prod EGR-081");
    for text in ["anonymous", "any account", "user:ana@example.com", "group:staff@example.com"] {
        assert_eq!(&*caller(text).expect("a caller").0, text);
    }
}

#[test]
fn entries_are_of_five_forms() {
    let read = |text: &str| entry(text).expect("an entry");
    assert_eq!(read("run.app"), Entry::RunApp);
    assert_eq!(read("run.app-tag next"), Entry::RunAppTag("next".into()));
    assert_eq!(
        read("domain-mapping www.example.com"),
        Entry::DomainMapping("www.example.com".into())
    );
    let (id, host, path) = ("edge".into(), "*".into(), "/api/*".into());
    assert_eq!(read("load_balancer/edge * /api/*"), Entry::LoadBalancer { id, host, path });
    assert_eq!(read("api.partner.example"), Entry::External("api.partner.example".into()));
    assert_eq!(read("*.googleapis.com"), Entry::External("*.googleapis.com".into()));
}

#[test]
fn a_name_that_nothing_has_says_what_was_meant() {
    let found = [
        wrong(resource("servce/web")),
        wrong(resource("gateway/web")),
        wrong(resource("service")),
        wrong(resource("service/")),
        wrong(resource("internet/all")),
        wrong(sender("user.ana@example.com")),
        wrong(place("elsewher")),
        wrong(entry("runapp")),
        wrong(entry("run.app-tags next")),
        wrong(entry("load_balancer/edge")),
        wrong(entry("loadbalancer/edge * /*")),
        wrong(caller("anonymos")),
        wrong(caller("users:ana@example.com")),
        wrong(caller("ana@example.com")),
        wrong(reply_step("network/prod")),
        wrong(reply_step("network/prod EGR-9000")),
        wrong(code("unknown-keys")),
    ];
    let expected = [
        "unknown kind of resource `servce`: did you mean `service`?",
        "unknown kind of resource `gateway`: write `KIND/ID`",
        "`service` does not say which: write `service/ID`",
        "`service/` does not say which: write `service/ID`",
        "`internet` has no id: write `internet` alone",
        "unknown kind of resource `user.ana@example.com`: write `KIND/ID`",
        "unknown kind of resource `elsewher`: write `KIND/ID`",
        "unknown entry `runapp`: did you mean `run.app`?",
        "unknown entry `run.app-tags next`: did you mean `run.app-tag`?",
        "`load_balancer/edge` does not name a route of a load balancer: write the host pattern and \
         the path pattern behind it: `load_balancer/edge * /*`",
        "unknown entry `loadbalancer/edge * /*`: did you mean `load_balancer`?",
        "unknown caller `anonymos`: did you mean `anonymous`?",
        "unknown caller `users:ana@example.com`: did you mean `user`?",
        "unknown caller `ana@example.com`: write `anonymous`, `any account`, or an IAM member such \
         as `user:ana@example.com`",
        "`network/prod` is no step of a reply: write the resource and the rule: `network/prod EGR-081`",
        "`EGR-9000` is not the id of a rule, which looks like `ING-014` or `EGR-070`: \
         `portolan explain --list` lists the rules",
        "unknown code of a finding `unknown-keys`: did you mean `unknown-key`?",
    ];
    assert_eq!(found, expected);
}

#[test]
fn every_code_is_named_once() {
    let mut all: Vec<&str> = codes().map(|info| info.code).collect();
    let count = all.len();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), count);
}

fn any_entry() -> impl Strategy<Value = Entry> {
    let word = || "[a-z0-9*.:/-]{1,9}".prop_map(|text| text.into_boxed_str());
    let id = || "[a-z0-9-]{1,9}".prop_map(|text| text.into_boxed_str());
    // Hosts of three labels are near to none of the words of other entries.
    let host = "[a-z]{3,9}\\.[a-z]{3,9}\\.example".prop_map(|text| text.into_boxed_str());
    prop_oneof![
        Just(Entry::RunApp),
        word().prop_map(Entry::RunAppTag),
        word().prop_map(Entry::DomainMapping),
        (id(), word(), word()).prop_map(|(id, host, path)| Entry::LoadBalancer { id, host, path }),
        host.prop_map(Entry::External),
    ]
}

proptest! {
    #[test]
    fn entries_are_read_back_as_they_are_written(of in any_entry()) {
        prop_assert_eq!(entry(&entry_text(&of)), Ok(of));
    }

    #[test]
    fn no_text_makes_reading_names_panic(text in "\\PC{0,20}") {
        let _ = (entry(&text), place(&text), sender(&text), caller(&text), reply_step(&text));
    }
}
