//! A question as a line of text, asked of a topology that is read already.

use std::collections::BTreeSet;

use clap::Parser as _;
use jiff::Timestamp;

use super::arguments::{Arguments, Command, Input};
use super::ask::Question;
use crate::api::{Error, Loaded};
use crate::question::AskError;
use crate::question::answer::Answer;
use crate::rules::RuleId;
use crate::source::Finding;
use crate::suite::{self, Difference, Expectation};

/// What a line is answered with.
#[derive(Debug)]
pub enum LineReply<'a> {
    /// The answer to a question.
    Answer(&'a Answer<'a>),
    /// What `check` finds.
    Findings(&'a [Finding]),
}

/// Asks what a command line asks, written without `portolan` and without the topology, of a
/// topology, and hands over what it is answered with. `time` is when it is asked, where the line
/// does not say.
///
/// The line is read as the program reads its own, and asked as the program asks. What only tells
/// how to write the answer, or when to fail, has no effect.
pub fn ask_line<T>(
    line: &str,
    time: Option<Timestamp>,
    loaded: &Loaded,
    take: impl FnOnce(LineReply<'_>) -> T,
) -> Result<T, Error> {
    let question: Question = match command(line)? {
        Command::Check(arguments) => {
            read_already(line, &arguments.input)?;
            return Ok(take(LineReply::Findings(loaded.check().findings())));
        }
        Command::Reach(arguments) => arguments.into(),
        Command::Bypass(arguments) => arguments.into(),
        Command::Egress(arguments) => arguments.into(),
        Command::Trace(arguments) => arguments.into(),
        Command::Exposure(arguments) => arguments.into(),
        Command::Show(_)
        | Command::Explain(_)
        | Command::Schema(_)
        | Command::Completions(_)
        | Command::Man => return Err(refused(format!("`{line}` asks no question")).into()),
    };
    read_already(line, &question.input)?;
    question.or_at(time).ask(loaded, |answer| take(LineReply::Answer(answer)))
}

/// Refuses a line that names a topology of its own, or changes the one that is read already.
fn read_already(line: &str, input: &Input) -> Result<(), AskError> {
    if let [_, other, ..] = &input.topology[..] {
        let message = format!("`{line}` names `{}` as a topology of its own", other.display());
        return Err(refused(message));
    }
    if !input.changes.is_empty() {
        return Err(refused(format!("`{line}` changes the topology, which is read already")));
    }
    Ok(())
}

/// What is to be said of an answer that something is expected of.
#[derive(Debug)]
pub struct Compared {
    /// How it differs.
    pub differences: Vec<Difference>,
    /// The rules on which it rests.
    pub cited: BTreeSet<RuleId>,
}

/// Asks the question of an expectation, and compares.
pub fn compare(
    expected: &Expectation,
    time: Option<Timestamp>,
    loaded: &Loaded,
) -> Result<Compared, Error> {
    ask_line(&expected.ask, time, loaded, |reply| match reply {
        LineReply::Answer(answer) => {
            let cited = suite::cited(answer);
            Compared { differences: suite::compare(expected, answer, &cited), cited }
        }
        LineReply::Findings(found) => {
            let cited = suite::cited_by_findings(found);
            Compared { differences: suite::compare_findings(expected, found, &cited), cited }
        }
    })
}

fn refused(message: String) -> AskError {
    AskError { message, help: None }
}

/// The command of a line; a stand-in is where its topology would be.
fn command(line: &str) -> Result<Command, AskError> {
    let Some(words) = shlex::split(line) else {
        return Err(refused(format!("the quotes of `{line}` are not closed")));
    };
    let program = std::iter::once("portolan");
    let (name, rest) = words.split_at(words.len().min(1));
    let words = name.iter().map(String::as_str);
    let words = program.chain(words).chain(["-"]).chain(rest.iter().map(String::as_str));
    match Arguments::try_parse_from(words) {
        Ok(arguments) => Ok(arguments.command),
        Err(error) => Err(refused(error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Description;
    use crate::question::answer::Verdict;

    const TOPOLOGY: &str = "portolan: 1
services: {web: {region: asia-northeast1, invokers: [allUsers]}}
";

    fn ask(line: &str) -> Result<Option<Verdict>, String> {
        let loaded = Description::new().text("topology.yaml", TOPOLOGY).load();
        let verdict = |reply: LineReply<'_>| match reply {
            LineReply::Answer(answer) => answer.verdict(),
            LineReply::Findings(_) => None,
        };
        ask_line(line, None, &loaded, verdict).map_err(|error| error.to_string())
    }

    #[test]
    fn a_line_is_asked_as_it_is_typed() {
        assert_eq!(ask("reach --from internet --to service/web"), Ok(Some(Verdict::Yes)));
        assert_eq!(
            ask("reach --from 'internet' --to service/web --port 81"),
            Ok(Some(Verdict::No))
        );
        assert_eq!(ask("check"), Ok(None));
    }

    #[test]
    fn a_selector_that_names_nothing_is_refused() {
        let message =
            ask("reach --from service/wbe --to service/web").expect_err("no such service");
        assert!(message.contains("service/wbe"), "{message}");
    }

    #[test]
    fn a_line_that_is_no_question_is_refused() {
        for (line, message) in [
            ("", "unrecognized subcommand"),
            ("show", "asks no question"),
            ("explain ING-001", "unexpected argument"),
            ("reach 'a", "are not closed"),
            ("reach --from internet", "required arguments were not provided"),
            ("reach other.yaml --from internet --to service/web", "a topology of its own"),
            (
                "reach --from internet --to service/web --set services.web.ingress=all",
                "changes the topology",
            ),
            ("check --set services.web.ingress=all", "changes the topology"),
        ] {
            let found = ask(line).expect_err("it is no question");
            assert!(found.contains(message), "{line}: {found}");
        }
    }

    #[test]
    fn a_topology_with_errors_is_not_asked() {
        let loaded = Description::new().text("topology.yaml", "portolan: 1\nservice: {}\n").load();
        let asked = ask_line("reach --from internet --to service/web", None, &loaded, |_| ());
        let message = asked.expect_err("it cannot be used").to_string();
        assert!(message.contains("unknown key `service`"), "{message}");
    }
}
