//! Answers for people.

use std::io::{self, Write};

use super::layout::{BAD, DOUBT, FAINT, GOOD, STRONG, and, count, paragraph, styled};
use super::{Detail, Places, exposure, findings, hops, json, trace};
use crate::question::answer::{
    Answer, Assumed, EgressAddress, GuardState, Head, Outcome, OutcomeKind, Path, Paths,
    Principals, Verdict,
};

/// How many paths of a group are shown unless everything is asked for.
const SHOWN: usize = 100;
/// How many names of a list are shown unless everything is asked for.
const NAMES: usize = 6;

/// Writes an answer.
pub fn answer(
    out: &mut dyn Write,
    places: Places<'_>,
    answer: &Answer<'_>,
    detail: Detail,
) -> io::Result<()> {
    verdict(out, answer)?;
    if answer.question.kind == "trace" {
        trace::write(out, places, &answer.paths, detail)?;
    } else if answer.question.kind == "egress" && answer.verdict.is_none() && !detail.explain {
        destinations(out, places, answer)?;
    } else {
        paths(out, places, &answer.paths, detail)?;
    }
    egress(out, &answer.egress_addresses)?;
    if let Some(table) = &answer.exposure {
        exposure::write(out, table, detail)?;
    }
    assumptions(out, places, &answer.assumptions)?;
    completeness(out, places, answer)?;
    if detail.explain || detail.time {
        writeln!(out, "\nConditions on time were decided at {}.", answer.at)?;
    }
    if !answer.findings.is_empty() {
        writeln!(out)?;
        findings::write(out, places.files, &answer.findings)?;
    }
    Ok(())
}

/// The answer in a sentence, which begins with the verdict.
fn verdict(out: &mut dyn Write, answer: &Answer<'_>) -> io::Result<()> {
    let Some(verdict) = answer.verdict else {
        return if answer.summary.is_empty() {
            Ok(())
        } else {
            paragraph(out, "", "", &answer.summary)
        };
    };
    let style = match verdict {
        Verdict::Depends => DOUBT,
        Verdict::Yes | Verdict::No => STRONG,
    };
    let word = verdict.as_str();
    let sentence = match answer.summary.get(..word.len()) {
        Some(start) if start.eq_ignore_ascii_case(word) => {
            answer.summary.get(word.len()..).unwrap_or_default().to_owned()
        }
        _ if answer.summary.is_empty() => String::new(),
        _ => format!(": {}", answer.summary),
    };
    paragraph(out, "", "", &format!("{}{sentence}", styled(style, word)))
}

/// Paths, grouped by how far they are guarded, then by how they end.
fn paths(
    out: &mut dyn Write,
    places: Places<'_>,
    all: &Paths<'_>,
    detail: Detail,
) -> io::Result<()> {
    let guards =
        [Some(GuardState::Unguarded), Some(GuardState::NameOnly), Some(GuardState::Guarded), None];
    let kinds =
        [OutcomeKind::Delivered, OutcomeKind::Refused, OutcomeKind::Dropped, OutcomeKind::Aborted];
    for kind in kinds {
        for guard in guards {
            let own = Head { kind, guard };
            let all_places = all.heads().iter().enumerate();
            let group: Vec<usize> =
                all_places.filter(|(_, head)| **head == own).map(|(at, _)| at).collect();
            if group.is_empty() {
                continue;
            }
            let (title, style) = heading(kind, guard);
            writeln!(out, "\n{} ({})", styled(style, title), group.len())?;
            let shown = if detail.explain { group.len() } else { group.len().min(SHOWN) };
            all.each_of(&group[..shown], |path| self::path(out, places, path, detail))?;
            if group.len() > shown {
                let rest = count(group.len() - shown, "more path");
                writeln!(out, "\n  … and {rest}; `--explain` shows all")?;
            }
        }
    }
    Ok(())
}

/// Every destination in short: how requests end there, as which address they arrive, by which way.
fn destinations(out: &mut dyn Write, places: Places<'_>, answer: &Answer<'_>) -> io::Result<()> {
    let mut rows: Vec<[String; 4]> = Vec::new();
    answer.paths.each(|path| {
        let seen: Vec<&str> = answer
            .egress_addresses
            .iter()
            .filter(|own| path.outcome.kind == OutcomeKind::Delivered && own.to.contains(&path.to))
            .map(|own| own.label.as_str())
            .collect();
        let to = if path.to == path.from { "elsewhere".to_owned() } else { path.to.clone() };
        let way = hops::chain(places, path);
        rows.push([to, ending(&path.outcome, path.outcome.kind), seen.join(", "), way]);
        Ok::<(), io::Error>(())
    })?;
    if rows.is_empty() {
        return Ok(());
    }
    let width = |at: usize, least: usize| {
        rows.iter().map(|row| row[at].chars().count()).max().unwrap_or_default().max(least)
    };
    let (to, end) = (width(0, "destination".len()), width(1, "ends".len()));
    writeln!(
        out,
        "\n{}",
        styled(STRONG, format!("  {:<to$}  {:<end$}  seen as", "destination", "ends"))
    )?;
    for [destination, ends, seen, way] in &rows {
        writeln!(out, "  {destination:<to$}  {ends:<end$}  {seen}")?;
        paragraph(out, "      ", "      ", &styled(FAINT, way))?;
    }
    Ok(())
}

fn heading(kind: OutcomeKind, guard: Option<GuardState>) -> (&'static str, anstyle::Style) {
    match (kind, guard) {
        (OutcomeKind::Delivered, Some(GuardState::Unguarded)) => ("Not guarded", BAD),
        (OutcomeKind::Delivered, Some(GuardState::NameOnly)) => ("Guarded in name only", DOUBT),
        (OutcomeKind::Delivered, Some(GuardState::Guarded)) => ("Guarded", GOOD),
        (OutcomeKind::Delivered, None) => ("Delivered", STRONG),
        (OutcomeKind::Refused, _) => ("Refused", STRONG),
        (OutcomeKind::Dropped, _) => ("Dropped", STRONG),
        (OutcomeKind::Aborted, _) => ("Not sent", STRONG),
    }
}

/// How a path ends, in words.
pub fn ending(outcome: &Outcome, kind: OutcomeKind) -> String {
    let mut text = match kind {
        OutcomeKind::Delivered => "delivered".to_owned(),
        OutcomeKind::Refused => "refused".to_owned(),
        OutcomeKind::Dropped => "no answer".to_owned(),
        OutcomeKind::Aborted => "not sent".to_owned(),
    };
    if let Some(status) = outcome.http_status {
        text.push_str(&format!(" {status}"));
    }
    if let Some(cause) = outcome.cause {
        text.push_str(&format!(" {cause}"));
    }
    if let Some(location) = &outcome.location {
        text.push_str(&format!(" to {location}"));
    }
    text
}

fn path(out: &mut dyn Write, places: Places<'_>, path: &Path, detail: Detail) -> io::Result<()> {
    let by = if path.entry.is_empty() { String::new() } else { format!(" by {}", path.entry) };
    let sometimes = if path.sometimes { ", if Google so chooses" } else { "" };
    let title = format!("{} → {}{by}", path.from, path.to);
    let ending = ending(&path.outcome, path.outcome.kind);
    writeln!(out)?;
    paragraph(out, "  ", "    ", &format!("{}: {ending}{sometimes}", styled(STRONG, title)))?;

    let who = principals(&path.principals, detail);
    let concerned = match path.outcome.kind {
        OutcomeKind::Delivered => "who",
        OutcomeKind::Refused => "refuses",
        OutcomeKind::Dropped => "drops",
        OutcomeKind::Aborted => "aborts",
    };
    item(out, concerned, &who)?;
    item(out, "requests", &path.requests.text)?;
    if let Some(witness) = &path.requests.witness {
        if !witness.conditions.is_empty() {
            item(out, "if", &and(&witness.conditions))?;
        }
        // Not wrapped: it is there to be copied.
        if !witness.curl.is_empty() {
            line(out, "try", &witness.curl)?;
        }
        if detail.explain {
            item(out, "from", &sender(witness))?;
        }
    }
    item(out, "way", &hops::chain(places, path))?;
    for hop in path
        .hops
        .iter()
        .filter(|hop| path.outcome.kind != OutcomeKind::Delivered && hop.stops.is_some())
    {
        let Some(stops) = &hop.stops else { continue };
        let which = if stops.all { "all" } else { "some" };
        let at = places.at(hop.at, &hop.resource);
        let at = at.map_or_else(String::new, |at| format!(", {at}"));
        let note = hops::note(hop);
        let text = format!(
            "{which} at {} of {}{note}: {} [{}]{at}",
            hops::words(&hop.kind),
            hop.resource,
            stops.causes.join(", "),
            hop.rule,
        );
        item(out, "stops", &text)?;
    }
    if let Some(guard) = &path.guard {
        item(out, guard.state.as_str(), &guard.why)?;
        for remedy in &guard.remedies {
            let breaks = if remedy.breaks.is_empty() {
                "; breaks nothing that works now".to_owned()
            } else {
                format!("; breaks {}", names(&remedy.breaks, detail))
            };
            item(out, "close", &format!("{}{breaks}", remedy.change))?;
        }
    }
    if detail.explain && !path.guards.is_empty() {
        item(out, "guards", &path.guards.join(", "))?;
    }
    if !path.assumptions.is_empty() {
        item(out, "assumes", &names(&path.assumptions, detail))?;
    }
    if detail.explain {
        hops::list(out, places, &path.hops, "    ", detail)?;
    }
    Ok(())
}

/// Who sends a witness, in words.
fn sender(witness: &crate::question::answer::Witness) -> String {
    let mut text = witness.source_ip.clone();
    if let Some(region) = &witness.region {
        text.push_str(&format!(" in {region}"));
    }
    if let Some(asn) = witness.asn {
        text.push_str(&format!(", AS{asn}"));
    }
    text.push_str(&format!(", as {}", witness.principal));
    if !witness.credential.is_empty() {
        text.push_str(&format!(" with {}", witness.credential));
    }
    if let Some(address) = &witness.destination_ip {
        text.push_str(&format!(", to {address}"));
    }
    text
}

/// Writes a named fact of a path, wrapped; nothing if it is empty.
pub fn item(out: &mut dyn Write, name: &str, text: &str) -> io::Result<()> {
    if text.is_empty() {
        return Ok(());
    }
    let first = format!("    {}", styled(FAINT, format!("{name:<11}")));
    paragraph(out, &first, &" ".repeat(15), text)
}

/// Writes a named fact of a path on one line.
fn line(out: &mut dyn Write, name: &str, text: &str) -> io::Result<()> {
    writeln!(out, "    {}{text}", styled(FAINT, format!("{name:<11}")))
}

/// Some names, and how many more there are.
pub fn names(all: &[String], detail: Detail) -> String {
    if detail.explain || all.len() <= NAMES + 1 {
        return and(all);
    }
    let (shown, rest) = all.split_at(NAMES);
    format!("{} and {} more", shown.join(", "), rest.len())
}

/// Who is concerned, in words.
pub fn principals(principals: &Principals, detail: Detail) -> String {
    let mut parts = Vec::new();
    match (principals.anonymous, principals.any_account) {
        (true, true) => return "anyone, with or without an account".to_owned(),
        (true, false) => parts.push("anyone without an account".to_owned()),
        (false, true) => parts.push("any Google account".to_owned()),
        (false, false) => {}
    }
    if !principals.named.is_empty() {
        parts.push(names(&principals.named, detail));
    }
    parts.join("; ")
}

fn egress(out: &mut dyn Write, addresses: &[EgressAddress]) -> io::Result<()> {
    if addresses.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{} ({})", styled(STRONG, "Seen as"), addresses.len())?;
    let width = addresses.iter().map(|own| own.label.chars().count()).max().unwrap_or_default();
    for EgressAddress { label, name, cause, stability, rule, to, sometimes, .. } in addresses {
        let of = name.as_ref().map_or_else(String::new, |name| format!("{name}, "));
        let cause = if cause == stability { String::new() } else { format!(" ({})", words(cause)) };
        let sometimes = if *sometimes { ", if Google so chooses" } else { "" };
        let to = if to.is_empty() { String::new() } else { format!("; seen by {}", and(to)) };
        let text = format!("{of}{}{cause}{sometimes}{to} [{rule}]", words(stability));
        let first = format!("  {label:<width$}  ");
        paragraph(out, &first, &" ".repeat(first.chars().count()), &text)?;
    }
    Ok(())
}

fn words(text: &str) -> String {
    text.replace('-', " ").replace("cloud nat", "Cloud NAT").replace("ipv6", "IPv6")
}

fn assumptions(out: &mut dyn Write, places: Places<'_>, all: &[Assumed]) -> io::Result<()> {
    if all.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{} ({})", styled(STRONG, "Assumptions"), all.len())?;
    for Assumed { id, kind, text, default, at, flips } in all {
        let kind = json::assumption_kind(*kind);
        let flips = if *flips { ", the verdict depends on it" } else { "" };
        let at = places.at(*at, "");
        let at = at.map_or_else(String::new, |at| format!("  {at}"));
        writeln!(out, "  {} ({kind}{flips}){at}", styled(STRONG, id))?;
        paragraph(out, "    ", "    ", text)?;
        match default {
            Some(default) => {
                writeln!(out, "    taken as {default}; `--assume {id}={}` for the other", !default)?
            }
            None => writeln!(out, "    `--assume {id}=true|false` settles it")?,
        }
    }
    Ok(())
}

fn completeness(out: &mut dyn Write, places: Places<'_>, answer: &Answer<'_>) -> io::Result<()> {
    if answer.complete && answer.unmodelled.is_empty() {
        return writeln!(out, "\nComplete: nothing in the input is left out of account.");
    }
    let sentence = if answer.complete {
        "Complete, though the input holds what is not modelled:"
    } else {
        "Not complete: the input holds what is not modelled and could change the answer:"
    };
    writeln!(out, "\n{}", styled(DOUBT, sentence))?;
    for (text, span) in &answer.unmodelled {
        let at = places.at(*span, "").map_or_else(String::new, |at| format!("  {at}"));
        paragraph(out, "  - ", "    ", &format!("{text}{at}"))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use indexmap::IndexMap;
    use jiff::Timestamp;

    use super::*;
    use crate::graph::AssumptionKind;
    use crate::question::answer::{Asked, Guard, Hop, Outcome, Remedy, Requests, Stops, Witness};
    use crate::rules::RuleId;
    use crate::source::{Files, Finding, Span};

    fn hop(resource: &str, kind: &str, action: &str, rule: RuleId, note: &str, at: Span) -> Hop {
        let (resource, kind) = (resource.to_owned(), kind.to_owned());
        Hop {
            resource,
            kind,
            action: action.to_owned(),
            rule,
            hop_rule: rule,
            at,
            note: note.into(),
            changes: Vec::new(),
            past: false,
            stops: None,
        }
    }

    /// An answer that has something of everything.
    fn example(files: &mut Files) -> Answer<'static> {
        let file = files.add("topology.yaml", "portolan: 1\nservices:\n  web:\n    ingress: all\n");
        let at = Span::new(file, 42, 45);
        let open = Path {
            from: "internet".into(),
            to: "service/web".into(),
            entry: "run.app".into(),
            outcome: Outcome {
                kind: OutcomeKind::Delivered,
                cause: None,
                http_status: Some(200),
                location: None,
            },
            guards: vec!["service/web".into()],
            guard: Some(Guard {
                state: GuardState::Unguarded,
                why: "it does not stand on this path".into(),
                remedies: vec![Remedy { change: "close it".into(), breaks: vec!["all".into()] }],
            }),
            principals: Principals { anonymous: true, any_account: true, named: Vec::new() },
            hops: vec![
                hop("google", "names", "route", RuleId::ing(53), "", Span::none()),
                hop("service/web", "ingress_setting", "admit", RuleId::ing(10), "", at),
                hop("service/web", "revision", "deliver", RuleId::ing(9), "", Span::none()),
            ],
            resolved: None,
            reply: Vec::new(),
            requests: Requests {
                text: "any path".into(),
                witness: Some(Witness {
                    source_ip: "192.0.2.1".into(),
                    principal: "anonymous".into(),
                    curl: "curl https://web.example/".into(),
                    ..Witness::default()
                }),
            },
            sometimes: false,
            assumptions: vec!["services.web.ingress".into()],
        };
        let mut shut = open.clone();
        shut.entry = "load_balancer/edge * /*".into();
        shut.outcome = Outcome {
            kind: OutcomeKind::Refused,
            cause: Some("INGRESS_NOT_ALLOWED"),
            http_status: Some(404),
            location: None,
        };
        shut.guard = None;
        shut.hops[1].stops = Some(Stops { all: true, causes: vec!["INGRESS_NOT_ALLOWED"] });
        Answer {
            question: Asked {
                kind: "bypass",
                parameters: vec![
                    ("guard", vec!["security_policy/edge".into()]),
                    ("from", vec!["internet".into()]),
                ],
            },
            verdict: Some(Verdict::Depends),
            summary: "depends: service/web may be entered past it".into(),
            complete: false,
            unmodelled: vec![("a route extension".into(), at)],
            paths: vec![shut, open].into(),
            egress_addresses: vec![EgressAddress {
                address: Some("203.0.113.10".into()),
                label: "203.0.113.10".into(),
                name: Some("nat/tokyo".into()),
                cause: "cloud-nat",
                stability: "static",
                rule: RuleId::egr(58),
                to: vec!["external/saas".into()],
                sometimes: true,
            }],
            exposure: None,
            assumptions: vec![Assumed {
                id: "services.web.ingress".into(),
                kind: AssumptionKind::Unknown,
                text: "the ingress setting is `all`".into(),
                default: None,
                at,
                flips: true,
            }],
            findings: vec![Finding::warning("w", "a warning").at(at)],
            at: Timestamp::UNIX_EPOCH,
        }
    }

    fn shown(detail: Detail) -> String {
        let mut files = Files::new();
        let example = example(&mut files);
        let addresses = IndexMap::new();
        let places = Places { files: &files, addresses: &addresses };
        let mut out = Vec::new();
        let mut plain = anstream::StripStream::new(&mut out);
        answer(&mut plain, places, &example, detail).expect("a vector takes everything");
        String::from_utf8(out).expect("an answer is text")
    }

    #[test]
    fn an_answer_begins_with_the_verdict_and_leaves_nothing_out() {
        assert_eq!(
            shown(Detail::default()),
            "\
depends: service/web may be entered past it

Not guarded (1)

  internet → service/web by run.app: delivered 200
    who        anyone, with or without an account
    requests   any path
    try        curl https://web.example/
    way        internet → run.app → ingress setting all → service/web
    unguarded  it does not stand on this path
    close      close it; breaks all
    assumes    services.web.ingress

Refused (1)

  internet → service/web by load_balancer/edge * /*: refused 404 INGRESS_NOT_ALLOWED
    refuses    anyone, with or without an account
    requests   any path
    try        curl https://web.example/
    way        internet → load_balancer/edge * /* → ingress setting all (refuses) → refused 404
               INGRESS_NOT_ALLOWED
    stops      all at ingress setting of service/web: INGRESS_NOT_ALLOWED [ING-010], topology.yaml:4
    assumes    services.web.ingress

Seen as (1)
  203.0.113.10  nat/tokyo, static (Cloud NAT), if Google so chooses; seen by external/saas [EGR-058]

Assumptions (1)
  services.web.ingress (unknown, the verdict depends on it)  topology.yaml:4
    the ingress setting is `all`
    `--assume services.web.ingress=true|false` settles it

Not complete: the input holds what is not modelled and could change the answer:
  - a route extension topology.yaml:4

warning[w]: a warning
 --> topology.yaml:4:14
  |
4 |     ingress: all
  |              ^^^

"
        );
    }

    #[test]
    fn every_hop_is_explained_on_demand() {
        let shown = shown(Detail { explain: true, time: false });
        assert!(shown.contains("2. service/web: ingress setting admits\n"), "{shown}");
        assert!(shown.contains("ING-010 "), "{shown}");
        assert!(shown.contains("guards     service/web"), "{shown}");
        assert!(shown.contains("from       192.0.2.1, as anonymous"), "{shown}");
        assert!(shown.contains("1970-01-01T00:00:00Z"), "{shown}");
    }

    #[test]
    fn the_json_has_the_same_and_fits_its_schema() {
        let mut files = Files::new();
        let example = example(&mut files);
        let addresses = IndexMap::from([("service/web".to_owned(), "google_x.web".into())]);
        let places = Places { files: &files, addresses: &addresses };
        let mut out = Vec::new();
        json::answer(&mut out, places, &example).expect("a vector takes everything");
        let value: serde_json::Value = serde_json::from_slice(&out).expect("it is JSON");
        assert_eq!(value["question"]["guard"], "security_policy/edge");
        assert_eq!(value["question"]["from"][0], "internet");
        assert_eq!(value["verdict"], "depends");
        let hop = &value["paths"][0]["hops"][1];
        assert_eq!(hop["at"]["line"], 4);
        assert_eq!(hop["at"]["address"], "google_x.web");
        assert_eq!(hop["stops"]["causes"][0], "INGRESS_NOT_ALLOWED");
        assert_eq!(value["paths"][0]["hops"][0]["at"], serde_json::Value::Null);
        let schema = crate::report::schema::answer().to_value();
        let validator = jsonschema::validator_for(&schema).expect("the schema is one");
        let wrong: Vec<_> = validator.iter_errors(&value).map(|e| e.to_string()).collect();
        assert!(wrong.is_empty(), "{wrong:?}");
    }
}
