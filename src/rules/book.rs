//! The rules themselves, read from the embedded files when they are first asked for.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::RuleId;
use super::dispute::{Dispute, dispute, disputes};

const INGRESS: &str = include_str!("ingress.yaml");
const EGRESS: &str = include_str!("egress.yaml");
const STATUS: &str = include_str!("status.yaml");

static BOOK: LazyLock<Rulebook> = LazyLock::new(Rulebook::read);

/// One documented behaviour of Google Cloud.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    pub id: RuleId,
    /// A few words, without full stop.
    pub title: String,
    /// One to three sentences.
    pub text: String,
    pub confidence: Confidence,
    /// Addresses of pages, or `repository OWNER/NAME PATH`. Never empty.
    pub sources: Vec<String>,
    /// The id of what the sources do not settle, if anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disputed: Option<String>,
    /// The date of what was read of the sources, if they were read again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read: Option<String>,
}

impl Rule {
    /// What the sources do not settle, if anything.
    pub fn dispute(&self) -> Option<&'static Dispute> {
        self.disputed.as_deref().and_then(dispute)
    }
}

/// How well the sources support a rule as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    /// Stated in the sources.
    Documented,
    /// The main statement is in the sources, some clause of it is not.
    PartlyDocumented,
    /// Follows from what the sources state.
    Inferred,
    /// Observed on Google Cloud by those who are named as source.
    Measured,
    /// General knowledge or a single secondary report; the sources are where to check it.
    Knowledge,
}

impl Confidence {
    /// All, from the strongest support to the weakest.
    pub const ALL: [Confidence; 5] = [
        Confidence::Documented,
        Confidence::PartlyDocumented,
        Confidence::Inferred,
        Confidence::Measured,
        Confidence::Knowledge,
    ];
}

impl fmt::Display for Confidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Confidence::Documented => "documented",
            Confidence::PartlyDocumented => "partly-documented",
            Confidence::Inferred => "inferred",
            Confidence::Measured => "measured",
            Confidence::Knowledge => "knowledge",
        })
    }
}

/// All rules. Reading them takes 6 to 20 ms, once; [`RuleId`] alone needs none of it.
#[derive(Debug)]
pub struct Rulebook {
    rules: Vec<Rule>,
    not_modelled: BTreeMap<RuleId, String>,
}

impl Rulebook {
    /// The embedded rulebook, read on the first call.
    pub fn get() -> &'static Rulebook {
        &BOOK
    }

    /// The rule of that id.
    pub fn rule(&self, id: RuleId) -> Option<&Rule> {
        let index = self.rules.binary_search_by_key(&id, |rule| rule.id).ok()?;
        self.rules.get(index)
    }

    /// Every rule, in the order of ids.
    pub fn all(&self) -> &[Rule] {
        &self.rules
    }

    /// Why the rule is not modelled, or `None` if it is.
    pub fn not_modelled(&self, id: RuleId) -> Option<&str> {
        self.not_modelled.get(&id).map(String::as_str)
    }

    /// The files are part of the binary and tests read them, so a fault in them is a bug.
    fn read() -> Rulebook {
        let rules = |file: &str, text: &str| -> Vec<Rule> {
            serde_yaml::from_str(text).unwrap_or_else(|e| panic!("bug: rules/{file}: {e}"))
        };
        let mut all = rules("ingress.yaml", INGRESS);
        all.extend(rules("egress.yaml", EGRESS));
        let not_modelled =
            serde_yaml::from_str(STATUS).unwrap_or_else(|e| panic!("bug: rules/status.yaml: {e}"));
        Rulebook { rules: all, not_modelled }
    }
}

/// [`Rulebook::rule`] of the embedded rulebook.
pub fn rule(id: RuleId) -> Option<&'static Rule> {
    BOOK.rule(id)
}

/// [`Rulebook::all`] of the embedded rulebook.
pub fn all() -> &'static [Rule] {
    BOOK.all()
}

/// [`Rulebook::not_modelled`] of the embedded rulebook.
pub fn not_modelled(id: RuleId) -> Option<&'static str> {
    BOOK.not_modelled(id)
}

/// The disputes that one may fix: those for which the graph asks.
pub fn switches() -> impl Iterator<Item = &'static Dispute> {
    disputes().iter().filter(|dispute| dispute.asked)
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use super::*;
    use crate::rules::VERSION;

    #[test]
    fn every_id_has_its_rule_in_order() {
        let ids: Vec<RuleId> = all().iter().map(|rule| rule.id).collect();
        assert_eq!(ids, RuleId::every().collect::<Vec<_>>());
        for id in ids {
            assert_eq!(rule(id).map(|rule| rule.id), Some(id));
        }
    }

    #[test]
    fn every_rule_has_title_text_and_sources_in_bounds() {
        for Rule { id, title, text, sources, .. } in all() {
            assert!((1..=8).contains(&title.split_whitespace().count()), "{id}: {title}");
            assert!(!title.ends_with('.'), "{id}: {title}");
            assert!((20..=600).contains(&text.chars().count()), "{id}: {text}");
            assert!(text.ends_with(['.', '`', ')']), "{id}: {text}");
            assert!(!text.contains('\n') && text.trim() == text, "{id}: {text}");
            assert!(!sources.is_empty(), "{id}");
            for source in sources {
                let known = ["https://", "repository ", "a public "];
                assert!(known.iter().any(|start| source.starts_with(start)), "{id}: {source}");
            }
            assert_eq!(sources.iter().collect::<HashSet<_>>().len(), sources.len(), "{id}");
        }
    }

    /// Rules of egress whose sources could not be read again. It only gets shorter.
    #[rustfmt::skip]
    const NOT_READ_AGAIN: &[u16] = &[
        9, 21, 23, 33, 34, 37, 49, 50, 76, 77, 79, 81, 83, 84, 95, 105, 109, 110, 114, 116, 117,
        126, 137, 148, 151, 157, 158, 160, 162, 172, 185, 186, 188, 193, 194, 196, 203, 217, 219,
        228, 229, 230, 232, 233, 235, 236, 250, 255, 256,
    ];

    #[test]
    fn every_egress_rule_but_those_that_are_listed_was_read_again() {
        for Rule { id, read, .. } in all() {
            if let Some(read) = read {
                let date: jiff::civil::Date = read.parse().unwrap();
                assert_eq!(date.to_string(), *read, "{id}");
            }
        }
        let egress = all().iter().filter(|rule| rule.id.to_string().starts_with("EGR"));
        let not_read: Vec<RuleId> =
            egress.filter(|rule| rule.read.is_none()).map(|rule| rule.id).collect();
        let listed: Vec<RuleId> = NOT_READ_AGAIN.iter().map(|n| RuleId::egr(*n)).collect();
        assert_eq!(not_read, listed);
    }

    #[test]
    fn no_title_or_sentence_stands_twice() {
        let mut titles = HashMap::new();
        let mut sentences = HashMap::new();
        for rule in all() {
            if let Some(other) = titles.insert(&rule.title, rule.id) {
                panic!("{} and {other} have one title: {}", rule.id, rule.title);
            }
            let parts = rule.text.split_inclusive(". ").map(str::trim).chain([rule.text.as_str()]);
            for sentence in parts.collect::<HashSet<_>>() {
                if let Some(other) = sentences.insert(sentence, rule.id) {
                    panic!("{} and {other} share a sentence: {sentence}", rule.id);
                }
            }
        }
    }

    #[test]
    fn references_between_rules_lead_to_rules() {
        for rule in all() {
            for start in ["ING-", "EGR-"] {
                for (at, _) in rule.text.match_indices(start) {
                    let digits = rule.text[at + 4..].bytes().take_while(u8::is_ascii_digit).count();
                    let named: Result<RuleId, _> = rule.text[at..at + 4 + digits].parse();
                    assert!(named.is_ok_and(|id| id != rule.id), "{}: {}", rule.id, rule.text);
                }
            }
        }
    }

    #[test]
    fn every_dispute_is_well_formed_and_belongs_to_rules_in_their_order() {
        let mut named: Vec<&str> = Vec::new();
        for id in all().iter().filter_map(|rule| rule.disputed.as_deref()) {
            if !named.contains(&id) {
                named.push(id);
            }
        }
        let ids: Vec<&str> = disputes().iter().map(|dispute| dispute.id.as_str()).collect();
        assert_eq!(named, ids);
        for dispute in disputes() {
            let kebab = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
            assert!(dispute.id.bytes().all(kebab), "{}", dispute.id);
            assert!(dispute.text.contains("True: "), "{}: {}", dispute.id, dispute.text);
        }
    }

    #[test]
    fn a_dispute_of_rules_that_are_not_modelled_is_no_switch() {
        let offered: Vec<&str> = switches().map(|dispute| dispute.id.as_str()).collect();
        assert!(offered.contains(&"ingress-none-denies-all"), "{offered:?}");
        // No hop asks for these.
        for id in ["gemini-enterprise-is-internal", "violating-service-may-be-updated"] {
            assert!(dispute(id).is_some() && !offered.contains(&id), "{id}");
        }
        // Some rule of each is modelled.
        for dispute in switches() {
            let mut rules =
                all().iter().filter(|rule| rule.disputed.as_deref() == Some(&dispute.id));
            let modelled = rules.any(|rule| not_modelled(rule.id).is_none());
            assert!(modelled, "{}", dispute.id);
        }
    }

    #[test]
    fn every_reason_says_something() {
        let book = Rulebook::get();
        assert!(!book.not_modelled.is_empty());
        for (id, why) in &book.not_modelled {
            assert!(why.trim().len() > 5 && !why.ends_with('.'), "{id}: {why}");
            assert!(why != "not modelled yet:", "{id}");
        }
    }

    #[test]
    fn a_confidence_is_written_as_in_the_files() {
        for confidence in Confidence::ALL {
            let json = serde_json::to_string(&confidence).unwrap();
            assert_eq!(json, format!("\"{confidence}\""));
        }
    }

    #[test]
    fn the_version_is_a_date() {
        let date: jiff::civil::Date = VERSION.parse().unwrap();
        assert_eq!(date.to_string(), VERSION);
    }
}
