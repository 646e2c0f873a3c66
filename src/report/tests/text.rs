//! What people read.

use super::topologies::{EDGE, NETWORK, UNKNOWN};
use super::{asked, model, names};
use crate::graph::{Gap, GapKind, Touches};
use crate::question::answer::Completeness;
use crate::question::{RequestFilter, bypass, egress, exposure, reach, trace};
use crate::report::Detail;
use crate::report::layout::WIDTH;
use crate::source::Span;

const SHORT: Detail = Detail { explain: false, time: false };
const FULL: Detail = Detail { explain: true, time: false };

fn bypass(guard: &str) -> bypass::Parameters {
    bypass::Parameters { guard: guard.into(), ..Default::default() }
}

fn reach<const N: usize, const M: usize>(from: [&str; N], to: [&str; M]) -> reach::Parameters {
    reach::Parameters { from: names(from), to: names(to), ..Default::default() }
}

fn egress(from: &str, to: &str) -> egress::Parameters {
    egress::Parameters { from: from.into(), to: Some(to.into()), ..Default::default() }
}

fn trace(from: &str, url: &str) -> trace::Parameters {
    trace::Parameters { from: from.into(), url: url.into(), ..Default::default() }
}

macro_rules! snapshot {
    ($name:ident, $topology:expr, $question:ident, $parameters:expr, $detail:expr) => {
        #[test]
        fn $name() {
            let own = model($topology);
            let answer = asked($question::ask(&own, &$parameters));
            let text = answer.to_text($detail);
            fits(&text);
            insta::assert_snapshot!(stringify!($name), text);
        }
    };
}

/// Whether all lines but those that are there to be copied fit the page.
fn fits(text: &str) {
    let copied = ["try ", "curl ", "nc ", "psql "];
    for line in text.lines().filter(|line| !copied.iter().any(|own| line.trim().starts_with(own))) {
        assert!(line.chars().count() <= WIDTH, "{line}");
    }
}

snapshot!(a_guard_that_can_be_avoided, EDGE, bypass, bypass("security_policy/edge"), SHORT);
snapshot!(
    a_guard_that_cannot_be_avoided,
    EDGE,
    bypass,
    bypass::Parameters { to: names(["service/admin"]), ..bypass("security_policy/edge") },
    SHORT
);
snapshot!(a_guard_that_is_attached_nowhere, EDGE, bypass, bypass("security_policy/nowhere"), SHORT);
snapshot!(every_hop_of_a_path, EDGE, reach, reach(["user/partner"], ["service/web"]), FULL);
snapshot!(
    a_service_that_takes_a_credential,
    EDGE,
    reach,
    reach(["internet"], ["service/ledger"]),
    SHORT
);
snapshot!(
    one_line_a_pair,
    EDGE,
    reach,
    reach(["internet", "vm/worker"], ["service/web", "service/admin", "service/ledger"]),
    SHORT
);
snapshot!(
    filters_are_in_the_first_line,
    EDGE,
    reach,
    reach::Parameters {
        avoid: Some("security_policy/edge".into()),
        filter: RequestFilter { method: Some("POST".into()), ..Default::default() },
        ..reach(["internet"], ["service/admin"])
    },
    SHORT
);
snapshot!(who_gets_in_where, EDGE, exposure, exposure::Parameters::default(), SHORT);
snapshot!(a_verdict_that_depends, UNKNOWN, reach, reach(["internet"], ["service/web"]), SHORT);
snapshot!(
    an_address_that_the_platform_picks,
    NETWORK,
    egress,
    egress("service/web", "external/partner"),
    SHORT
);
snapshot!(
    addresses_that_all_arrive,
    NETWORK,
    egress,
    egress("service/web", "external/open"),
    SHORT
);
snapshot!(
    a_sender_that_is_not_admitted,
    NETWORK,
    egress,
    egress("service/alone", "external/partner"),
    SHORT
);
snapshot!(
    every_destination,
    NETWORK,
    egress,
    egress::Parameters { from: "service/web".into(), ..Default::default() },
    SHORT
);
snapshot!(a_reply_that_is_lost, NETWORK, trace, trace("service/web", "http://192.168.0.9/"), SHORT);
snapshot!(a_database, NETWORK, trace, trace("service/web", "http://10.20.0.3:5432/"), SHORT);
snapshot!(a_firewall, NETWORK, trace, trace("service/web", "http://10.0.1.5:8080/"), SHORT);
snapshot!(
    several_walks,
    NETWORK,
    trace,
    trace("service/web", "https://api.partner.example/"),
    SHORT
);
snapshot!(
    a_walk_by_a_load_balancer,
    EDGE,
    trace,
    trace("internet", "https://admin.example.com/"),
    SHORT
);
snapshot!(
    everything_that_stops_a_request,
    EDGE,
    trace,
    trace("internet", "https://admin-123456789012.asia-northeast1.run.app/"),
    SHORT
);
snapshot!(
    a_redirect,
    EDGE,
    trace,
    trace("internet", "http://web-123456789012.asia-northeast1.run.app/"),
    SHORT
);

#[test]
fn what_is_left_out_is_told_first_and_listed_last() {
    let own = model(EDGE);
    let mut answer = asked(reach::ask(&own, &reach(["internet"], ["service/admin"])));
    let left_out = |what| Gap {
        what,
        at: Span::none(),
        opens: true,
        closes: true,
        touches: Touches::Everything,
    };
    answer.head.completeness = Completeness {
        could_open: vec![left_out(GapKind::SenderNetwork("service/admin".into()))],
        could_close: vec![left_out(GapKind::NatRanges("out".into()))],
    };
    insta::assert_snapshot!("what_is_left_out", answer.to_text(SHORT));
}
