//! Answers for people.

use std::io::{self, Write};

use super::layout::{BAD, DOUBT, GOOD, STRONG, count, paragraph, styled};
use super::page::Page;
use super::words::{LeftOut, Words, assumption_kind, gap, group_title, summary};
use super::{Detail, egress, exposure, findings, pairs, path, trace};
use crate::question::answer::{
    Answer, AnswerBody, Assumed, Completeness, GuardState, OutcomeKind, Paths, Verdict,
};
use crate::source::Span;

/// How many paths of a group are shown unless everything is asked for.
const SHOWN: usize = 100;

/// Writes an answer.
pub fn answer(out: &mut dyn Write, answer: &Answer<'_>, detail: Detail) -> io::Result<()> {
    let words = Words::of(answer);
    let places = &*answer.head.model.places;
    let page = Page { words, places, detail };
    verdict(out, answer)?;
    match &answer.body {
        AnswerBody::Trace(trace) => trace::write(out, page, trace)?,
        AnswerBody::Exposure(table) => exposure::write(out, page, table)?,
        AnswerBody::Egress(own) if egress::is_table(own) && !detail.explain => {
            egress::destinations(out, page, own)?;
            egress::addresses(out, page, &own.addresses)?;
        }
        AnswerBody::Egress(own) => {
            paths(out, page, &own.paths)?;
            egress::addresses(out, page, &own.addresses)?;
        }
        AnswerBody::Reach(reach) if reach.found.pairs.len() + reach.found.others > 1 => {
            pairs::write(out, page, &reach.found, &reach.paths)?;
            if detail.explain {
                paths(out, page, &reach.paths)?;
            }
        }
        AnswerBody::Reach(reach) => paths(out, page, &reach.paths)?,
        AnswerBody::Bypass(bypass) => paths(out, page, &bypass.paths)?,
    }
    assumptions(out, page, &answer.head.assumptions)?;
    completeness(out, page, &answer.head.completeness)?;
    if detail.explain || detail.time {
        writeln!(out, "\nConditions on time were decided at {}.", answer.head.at)?;
    }
    if !answer.head.findings.is_empty() {
        writeln!(out)?;
        findings::write(out, &places.files, &answer.head.findings)?;
    }
    Ok(())
}

/// The answer in a sentence, which begins with the verdict.
fn verdict(out: &mut dyn Write, answer: &Answer<'_>) -> io::Result<()> {
    let sentence = summary(answer);
    let Some(verdict) = answer.verdict() else { return paragraph(out, "", "", &sentence) };
    let style = match verdict {
        Verdict::Depends | Verdict::Sometimes => DOUBT,
        Verdict::Yes | Verdict::No => STRONG,
    };
    let word = verdict.name();
    let rest = sentence.strip_prefix(word).unwrap_or_default();
    paragraph(out, "", "", &format!("{}{rest}", styled(style, word)))
}

/// Paths, grouped by how they end, and what arrives by how far it is guarded.
fn paths(out: &mut dyn Write, page: Page<'_>, all: &Paths<'_>) -> io::Result<()> {
    let mut left_out = LeftOut::default();
    for (kind, guard) in groups() {
        let own = |at: &usize| {
            let head = &all.heads()[*at];
            head.kind == kind && (head.guard == guard || !kind.is_arrival())
        };
        let group: Vec<usize> = (0..all.heads().len()).filter(own).collect();
        if group.is_empty() {
            continue;
        }
        let title = styled(style(kind, guard), group_title(kind, guard));
        writeln!(out, "\n{title} ({})", group.len())?;
        let shown = if page.detail.explain { group.len() } else { group.len().min(SHOWN) };
        all.each_of(&group[..shown], |path| path::write(out, page, path, &mut left_out))?;
        if group.len() > shown {
            let rest = count(group.len() - shown, "more path");
            writeln!(out, "\n  … and {rest}; `--explain` shows all")?;
        }
    }
    match left_out.words() {
        Some(words) => {
            writeln!(out)?;
            paragraph(out, "", "", &words)
        }
        None => Ok(()),
    }
}

/// The groups of paths, in order: what does not arrive is told without its guard.
fn groups() -> impl Iterator<Item = (OutcomeKind, Option<GuardState>)> {
    let guards =
        [Some(GuardState::Unguarded), Some(GuardState::NameOnly), Some(GuardState::Guarded), None];
    OutcomeKind::ALL.iter().flat_map(move |kind| {
        let from = if kind.is_arrival() { 0 } else { guards.len() - 1 };
        guards.into_iter().skip(from).map(move |guard| (*kind, guard))
    })
}

fn style(kind: OutcomeKind, guard: Option<GuardState>) -> anstyle::Style {
    match guard {
        Some(GuardState::Unguarded) if kind.is_arrival() => BAD,
        Some(GuardState::NameOnly) if kind.is_arrival() => DOUBT,
        Some(GuardState::Guarded) if kind.is_arrival() => GOOD,
        _ => STRONG,
    }
}

fn assumptions(out: &mut dyn Write, page: Page<'_>, all: &[Assumed]) -> io::Result<()> {
    if all.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{} ({})", styled(STRONG, "Assumptions"), all.len())?;
    for assumed in all {
        let own = page.words.graph().assumption(assumed.id);
        let kind = assumption_kind(own.kind);
        let flips = if assumed.flips { ", the verdict depends on it" } else { "" };
        let at = at(page, own.at);
        let id = &own.id;
        paragraph(out, "  ", "    ", &format!("{} ({kind}{flips}){at}", styled(STRONG, id)))?;
        paragraph(out, "    ", "    ", &own.text)?;
        let settle = match own.default {
            Some(default) => {
                format!("taken as {default}; `--assume {id}={}` for the other", !default)
            }
            None => format!("`--assume {id}=true|false` settles it"),
        };
        paragraph(out, "    ", "    ", &settle)?;
    }
    Ok(())
}

fn completeness(out: &mut dyn Write, page: Page<'_>, complete: &Completeness) -> io::Result<()> {
    if complete.is_complete() {
        return writeln!(out, "\nComplete: nothing in the input is left out of account.");
    }
    let parts = [
        ("Not complete: left out of account, and could open a path:", &complete.could_open),
        ("Not complete: left out of account, and could close a path:", &complete.could_close),
    ];
    for (title, things) in parts {
        if things.is_empty() {
            continue;
        }
        writeln!(out, "\n{}", styled(DOUBT, title))?;
        for left in things {
            paragraph(out, "  - ", "    ", &format!("{}{}", gap(left), at(page, left.at)))?;
        }
    }
    Ok(())
}

/// Where something stands, behind what it is.
fn at(page: Page<'_>, span: Span) -> String {
    match page.at(span, None).as_str() {
        "" => String::new(),
        at => format!(", {at}"),
    }
}
