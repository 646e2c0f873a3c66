//! Verdicts, and what one rests on.

use super::Words;
use crate::question::answer::{Completeness, Found, Verdict};
use crate::report::layout::{and, count};

/// How many things a first line names.
const NAMED: usize = 3;

impl Words<'_> {
    /// The assumptions that flip a verdict: `services.web.ingress and 2 more assumptions`.
    pub fn flips(self, found: &Found) -> String {
        let name = |id: &_| self.graph().assumption(*id).id.clone();
        let names: Vec<String> = found.flips.iter().map(name).collect();
        match names.len().checked_sub(NAMED) {
            None | Some(0) => and(&names),
            Some(more) => {
                format!("{} and {}", names[..NAMED].join(", "), count(more, "more assumption"))
            }
        }
    }

    /// The choices that a verdict rests on: `which NAT address of nat/tokyo is picked`.
    pub fn rests_on(self, found: &Found) -> String {
        let mut all: Vec<String> = found.choices.iter().map(|id| self.which(*id)).collect();
        all.dedup();
        if all.len() > NAMED {
            let more = count(all.len() - NAMED, "more choice");
            all.truncate(NAMED);
            all.push(format!("{more} of the platform"));
        }
        and(&all)
    }
}

/// That an answer is not complete, in brackets; nothing if what is left out cannot change it.
pub fn incomplete(verdict: Option<Verdict>, complete: &Completeness) -> String {
    let worded = |all: &[_], does: &str| match all.len() {
        0 => None,
        1 => Some(format!("1 thing that is left out could {does}")),
        several => Some(format!("{several} things that are left out could {does}")),
    };
    let open = worded(&complete.could_open, "open a path");
    let close = worded(&complete.could_close, "close a path");
    let parts = match verdict {
        Some(Verdict::Yes) => [None, close],
        Some(Verdict::No) => [open, None],
        Some(Verdict::Sometimes | Verdict::Depends) | None => [open, close],
    };
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() { String::new() } else { format!(" (not complete: {})", parts.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::{Gap, GapKind, Touches};
    use crate::source::Span;

    #[test]
    fn what_is_left_out_is_told_if_it_could_change_the_answer() {
        let thing = || Gap {
            what: GapKind::SenderNetwork("service/web".into()),
            at: Span::none(),
            opens: true,
            closes: true,
            touches: Touches::Everything,
        };
        let both = Completeness { could_open: vec![thing(), thing()], could_close: vec![thing()] };
        let none = Completeness::default();
        assert_eq!(incomplete(Some(Verdict::No), &none), "");
        assert_eq!(
            incomplete(Some(Verdict::No), &both),
            " (not complete: 2 things that are left out could open a path)"
        );
        assert_eq!(
            incomplete(Some(Verdict::Yes), &both),
            " (not complete: 1 thing that is left out could close a path)"
        );
        assert!(incomplete(None, &both).contains("could open a path, 1 thing"));
    }
}
