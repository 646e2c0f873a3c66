//! The commands that ask a question.

use std::io;

use jiff::Timestamp;

use super::arguments::{
    Answering, BypassArguments, EgressArguments, Expected, Expecting, ExposureArguments, Format,
    Input, ReachArguments, TraceArguments,
};
use super::exit;
use super::input::usable;
use super::output::{For, Output};
use crate::api::{Error, Loaded, Premises};
use crate::question::answer::{Answer, AnswerBody, Pair, Verdict};
use crate::question::{AskError, Model, RequestFilter, bypass, egress, exposure, reach, trace};
use crate::report::Detail;

/// What asks a compiled topology.
type Ask = Box<dyn for<'m> FnOnce(&'m Model) -> Result<Answer<'m>, AskError>>;

/// A question as a command line has it.
pub struct Question {
    /// The topology.
    pub input: Input,
    answering: Answering,
    expecting: Expecting,
    ask: Ask,
}

impl From<ReachArguments> for Question {
    fn from(arguments: ReachArguments) -> Self {
        let ReachArguments { input, from, to, via, avoid, refused, answering, expecting, filter } =
            arguments;
        let filter = filter.into_requests();
        let parameters = reach::Parameters { from, to, via, avoid, refused, filter };
        let ask: Ask = Box::new(move |model| reach::ask(model, &parameters));
        Question { input, answering, expecting, ask }
    }
}

impl From<BypassArguments> for Question {
    fn from(arguments: BypassArguments) -> Self {
        let BypassArguments {
            input,
            guard,
            from,
            to,
            lenient,
            refused,
            answering,
            expecting,
            filter,
        } = arguments;
        let filter = filter.into_requests();
        let parameters = bypass::Parameters { guard, from, to, lenient, refused, filter };
        let ask: Ask = Box::new(move |model| bypass::ask(model, &parameters));
        Question { input, answering, expecting, ask }
    }
}

impl From<EgressArguments> for Question {
    fn from(arguments: EgressArguments) -> Self {
        let EgressArguments { input, from, to, host, ip, conditions, answering, expecting } =
            arguments;
        let filter = RequestFilter { conditions, ..RequestFilter::default() };
        let parameters = egress::Parameters { from, to, host, ip, filter };
        let ask: Ask = Box::new(move |model| egress::ask(model, &parameters));
        Question { input, answering, expecting, ask }
    }
}

impl From<TraceArguments> for Question {
    fn from(arguments: TraceArguments) -> Self {
        let TraceArguments { input, from, url, principal, audience, source_ip, connect_to, .. } =
            arguments;
        let TraceArguments { method, headers, region, conditions, answering, expecting, .. } =
            arguments;
        let parameters = trace::Parameters {
            from,
            url,
            principal,
            audience,
            source_ip,
            connect_to,
            method,
            headers,
            region,
            conditions,
        };
        let ask: Ask = Box::new(move |model| trace::ask(model, &parameters));
        Question { input, answering, expecting, ask }
    }
}

impl From<ExposureArguments> for Question {
    fn from(arguments: ExposureArguments) -> Self {
        let ExposureArguments { input, from, to, answering, expecting } = arguments;
        let parameters = exposure::Parameters { from, to };
        let ask: Ask = Box::new(move |model| exposure::ask(model, &parameters));
        Question { input, answering, expecting, ask }
    }
}

impl Question {
    /// It, asked at a time if it does not say when.
    #[must_use]
    pub fn or_at(mut self, time: Option<Timestamp>) -> Self {
        self.answering.at = self.answering.at.or(time);
        self
    }

    /// Asks it of what was read, and hands over the answer.
    pub fn ask<T>(self, loaded: &Loaded, take: impl FnOnce(&Answer<'_>) -> T) -> Result<T, Error> {
        let Question { answering: Answering { assume, at, .. }, expecting, ask, .. } = self;
        let now = at.map_or_else(Premises::new, |time| Premises::new().at(time));
        let premises = assume.into_iter().fold(now, |all, (id, holds)| all.assume(id, holds));
        let model = loaded.compile_with(premises)?;
        let answer = ask(&model)?;
        if answer.found().is_none() && expecting.expect.is_some() {
            let error = AskError {
                message: "a table has no verdict to expect".into(),
                help: Some("name a destination with `--to`, `--host` or `--ip`".into()),
            };
            return Err(error.into());
        }
        Ok(take(&answer))
    }
}

/// Reads the topology, asks, and writes the answer.
pub fn run(question: impl Into<Question>, output: Output) -> io::Result<u8> {
    let question: Question = question.into();
    let Some(loaded) = usable(&question.input.topology, &question.input.changes, output) else {
        return Ok(exit::UNUSABLE);
    };
    let Answering { format, at, explain, .. } = question.answering;
    let (detail, expecting) = (Detail { explain, time: at.is_some() }, question.expecting);
    let asked = question.ask(&loaded, |answer| {
        let whom = For::programs(format == Format::Json);
        output.data(whom, |out| match format {
            Format::Text => answer.write_text(out, detail),
            Format::Json => answer.write_json(out),
        })?;
        Ok(status(answer, expecting, output))
    });
    asked.unwrap_or_else(|error| {
        let (message, help) = match error {
            Error::Ask(AskError { message, help }) => (message, help),
            Error::Invalid(error) => (error.to_string(), None),
        };
        output.error(&message, help.as_deref());
        Ok(exit::UNUSABLE)
    })
}

/// The exit status of an answer.
fn status(answer: &Answer<'_>, expecting: Expecting, output: Output) -> u8 {
    let Some(expected) = expecting.expect else { return exit::ANSWERED };
    let Some(found) = answer.found() else { return exit::ANSWERED };
    let wanted = expected.verdict();
    // A question about several pairs is one about each of them, where it asks what arrives.
    let each = match &answer.body {
        AnswerBody::Reach(_) | AnswerBody::Egress(_) if !found.pairs.is_empty() => {
            found.pairs.as_slice()
        }
        _ => &[],
    };
    let verdicts: Vec<(Option<&Pair>, Verdict)> = match each {
        [] => vec![(None, found.verdict)],
        pairs => pairs.iter().map(|pair| (Some(pair), pair.verdict)).collect(),
    };
    let failing: Vec<&(Option<&Pair>, Verdict)> =
        verdicts.iter().filter(|(_, verdict)| *verdict != wanted).collect();
    let others = if wanted == Verdict::No { 0 } else { found.others };
    if failing.is_empty() && others == 0 {
        return complete(answer, expecting, output);
    }
    let mut shown = failing.iter().take(NAMED);
    let several = verdicts.len() > 1;
    let named = |(pair, verdict): &(Option<&Pair>, Verdict)| match pair {
        Some(pair) if several => {
            let model = answer.head.model;
            format!("{verdict} from {} to {}", model.sender(&pair.from), model.resource(pair.to))
        }
        _ => verdict.to_string(),
    };
    let mut is: Vec<String> = shown.by_ref().map(|each| named(each)).collect();
    if let more @ 1.. = (failing.len() + others).saturating_sub(is.len()) {
        is.push(format!("{more} more"));
    }
    let message = format!("the verdict is `{}`, expected was `{wanted}`", is.join("`, `"));
    if others == 0 && failing.iter().all(|(_, verdict)| *verdict == Verdict::Depends) {
        output.error(&message, Some("the assumptions above say what it depends on"));
        return exit::DEPENDS;
    }
    output.error(&message, None);
    exit::FAILED
}

/// How many pairs that fail are named.
const NAMED: usize = 6;

/// The exit status of an answer as it was expected: what is left out of account may speak against it.
fn complete(answer: &Answer<'_>, expecting: Expecting, output: Output) -> u8 {
    let left_out = &answer.head.completeness;
    let against = match expecting.expect {
        Some(Expected::Yes) => !left_out.could_close.is_empty(),
        Some(Expected::No) => !left_out.could_open.is_empty(),
        None => false,
    };
    if !against || expecting.allow_incomplete {
        return exit::ANSWERED;
    }
    output.error(
        "the verdict is as expected, but the answer is not complete in the direction that matters",
        Some("the answer says what is left out; `--allow-incomplete` accepts it"),
    );
    exit::DEPENDS
}
