//! What is answered.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::engine::{Engine, Walk};
use super::routes::refused;
use super::{compare, field, known, write};
use crate::replies::{Call, Cause, Client, Outcome};

const LEAST: &[&str] = &[
    "from a site",
    "from a workload",
    "one outcome",
    "several outcomes",
    "answered",
    "lost",
    "unanswered",
    "not learned",
    "nobody",
    "not forwarding",
    "loop",
    "site",
    "internal",
    "unseen",
];

#[test]
fn replies_return_as_the_documents_say() {
    compare("replies", LEAST, |random, tally| {
        let mut field = field::networks(random);
        field::sites(random, &mut field);
        let most = random.below(3);
        field::statics(random, &mut field, most);
        if random.percent(40) {
            field::policies(random, &mut field);
        }
        field::peerings(random, &mut field);
        if random.percent(40) {
            field.gateways.retain(|_| random.percent(50));
        }
        let mut end = field::workload(random);
        if random.percent(60) {
            field::detour(random, &mut field);
            end.tags = vec!["v".into()];
        }
        let text = write::topology(&field, &end);
        let engine = match Engine::read(&text, Timestamp::UNIX_EPOCH) {
            Ok(engine) => engine,
            Err(error) => return refused(tally, &error, &text),
        };
        for to in random.some(&field::destinations(), 6, 6) {
            let site = field.sites.keys().next().cloned().filter(|_| random.percent(35));
            let (sender, client) = match site {
                Some(site) => {
                    tally.met("from a site");
                    let address = match site.as_str() {
                        "hq" => field::ip("172.16.0.9"),
                        _ => field::ip("172.20.0.9"),
                    };
                    let own = field.sites[&site].ranges.iter().any(|own| own.contains(&to));
                    if own || !crate::routes::is_private(&to.into()) {
                        continue;
                    }
                    (format!("onprem/{site}"), Client::Host { site, address })
                }
                None => {
                    tally.met("from a workload");
                    let client = Client::Workload {
                        network: "a".into(),
                        subnet: "run-a".into(),
                        address: field::ip("10.0.0.7"),
                        end: end.clone(),
                    };
                    ("job/web".to_owned(), client)
                }
            };
            field.cloud.decided.borrow_mut().clear();
            let outcomes = field.outcomes(&client, &Call { to, protocol: "tcp", port: 443 });
            // What a site does with what is not for itself no document says.
            if outcomes.contains(&Outcome::Lost(Cause::Line)) {
                tally.met("a site's own business");
                continue;
            }
            let said: BTreeSet<&str> = outcomes.iter().map(plain).collect();
            tally.met(if said.len() == 1 { "one outcome" } else { "several outcomes" });
            said.iter().for_each(|own| tally.met(*own));
            for outcome in &outcomes {
                if let Outcome::Lost(cause) | Outcome::Unanswered(cause) = outcome {
                    tally.met(match cause {
                        Cause::Route(_) => "route",
                        Cause::Firewall(_) => "firewall",
                        Cause::Nobody => "nobody",
                        Cause::NotForwarding => "not forwarding",
                        Cause::Loop => "loop",
                        Cause::Internal => "internal",
                        Cause::Line => "line",
                        Cause::Site => "site",
                        Cause::NotLearned => "not learned",
                        Cause::Transit => "transit",
                        Cause::Elsewhere => "elsewhere",
                        Cause::Unseen => "unseen",
                    });
                }
            }
            let source = match &client {
                Client::Host { address, .. } => Some(*address),
                Client::Workload { .. } => None,
            };
            let walks = engine.walks(random, (&sender, source), (to, "tcp", 443), 16);
            let found: BTreeSet<&str> = walks.iter().map(end_of).collect();
            if said == found {
                continue;
            }
            let decided = field.cloud.decided.take();
            if known::is_unsaid(&decided) {
                tally.met("unsaid");
                continue;
            }
            if !said.is_disjoint(&found) && known::is_assumed(&decided) {
                tally.met("assumed");
                continue;
            }
            if found.is_subset(&said) && known::is_open(&decided) {
                tally.met("open");
                continue;
            }
            if tally.is_known("routes", &decided) || tally.is_known("replies", &decided) {
                continue;
            }
            let walks: String = walks.iter().map(Walk::text).collect();
            let text = format!(
                "{text}# {sender} to {to}\n# said {outcomes:?}\n# found {found:?}\n# decided {decided:?}\n{walks}"
            );
            tally.differs(format!("{}: said {said:?}, found {found:?}", &sender[..3]), text);
        }
    });
}

fn plain(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Answered => "answered",
        Outcome::Lost(_) => "lost",
        Outcome::Unanswered(_) => "unanswered",
    }
}

fn end_of(walk: &Walk) -> &'static str {
    match walk.end.split(' ').next() {
        Some("delivered") => "answered",
        Some("unanswered") => "unanswered",
        _ => "lost",
    }
}
