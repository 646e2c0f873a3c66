//! Every example under `topologies/` is asked what its `answers.yaml` asks, by the command that a
//! user would type, and must answer what was worked out there by hand.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use jiff::Timestamp;
use portolan::internals::source::{Files, Findings};
use portolan::internals::suite::{self, Expectation};
use portolan::internals::suite::{LineReply, ask_line, compare};
use portolan::{Description, Verdict};
use rayon::prelude::*;

fn folders() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("topologies");
    let mut folders: Vec<_> = fs::read_dir(root)
        .expect("there are examples")
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    folders
}

/// What an answer differs in, line by line.
fn wrong(folder: &Path, expected: &Expectation, files: &Files) -> Vec<String> {
    let time: Timestamp = "2026-11-23T00:00:00Z".parse().expect("a time");
    let loaded = Description::new().path(folder).load();
    match compare(expected, Some(time), &loaded) {
        Ok(compared) => {
            compared.differences.iter().map(|difference| difference.line(files)).collect()
        }
        Err(error) => {
            vec![format!("{}: {}: {error}", folder.display(), expected.ask.value)]
        }
    }
}

#[test]
fn every_example_answers_what_was_worked_out_by_hand() {
    let (mut files, mut findings) = (Files::new(), Findings::new());
    let mut expected: Vec<(PathBuf, Expectation)> = Vec::new();
    for folder in folders() {
        let text = fs::read_to_string(folder.join("answers.yaml")).expect("an example has answers");
        let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let file = format!("topologies/{name}/answers.yaml");
        let read = suite::answers(&mut files, &file, &text, &mut findings);
        expected.extend(read.into_iter().flatten().map(|one| (folder.clone(), one)));
    }
    assert!(findings.is_empty(), "{findings:?}");
    let wrong: Vec<String> =
        expected.par_iter().flat_map_iter(|(folder, one)| wrong(folder, one, &files)).collect();
    assert!(expected.len() > 60, "only {} questions were asked", expected.len());
    assert!(
        wrong.is_empty(),
        "{} problems in {} questions:\n{}",
        wrong.len(),
        expected.len(),
        wrong.join("\n")
    );
}

/// The commands that a page shows, each with the comment behind it.
fn commands(page: &str) -> Vec<(String, String)> {
    let code = page.split("```").skip(1).step_by(2).collect::<String>().replace("\\\n", " ");
    code.lines()
        .filter_map(|line| line.strip_prefix("portolan "))
        .map(|line| line.split_once(" #").unwrap_or((line, "")))
        .map(|(command, comment)| (command.to_owned(), comment.trim().to_owned()))
        .collect()
}

/// What is said of a command whose comment begins with another verdict than it gives.
fn contradicted(root: &Path, words: &[String], comment: &str) -> Option<String> {
    let wanted = comment.split([',', ':', ' ', ';']).next().and_then(Verdict::from_name)?;
    let [command, topology, rest @ ..] = words else { return None };
    let words = [command].into_iter().chain(rest).map(String::as_str);
    let line = shlex::try_join(words).expect("words of a shell");
    let loaded = Description::new().path(root.join(topology)).load();
    let verdict = |reply: LineReply<'_>| match reply {
        LineReply::Answer(answer) => answer.verdict(),
        LineReply::Findings(_) => None,
    };
    match ask_line(&line, None, &loaded, verdict) {
        Ok(Some(given)) if given == wanted => None,
        Ok(given) => Some(format!("{given:?} instead of {wanted}")),
        Err(error) => Some(error.to_string()),
    }
}

#[test]
fn every_command_of_a_page_is_answered_as_it_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut pages: Vec<PathBuf> =
        folders().into_iter().map(|folder| folder.join("README.md")).collect();
    pages.push(root.join("topologies/README.md"));
    let mut wrong = Vec::new();
    for page in pages {
        let text = fs::read_to_string(&page).expect("an example has a page");
        for (command, comment) in commands(&text) {
            let words = shlex::split(&command).expect("the command can be split into words");
            if let Some(told) = contradicted(root, &words, &comment) {
                wrong.push(format!("{}: {command}\n    # {comment}\n{told}", page.display()));
            }
            let mut run = Command::new(env!("CARGO_BIN_EXE_portolan"));
            run.current_dir(root).args(&words);
            let output = run.output().expect("the binary runs");
            let status = comment.strip_prefix("exit status ").unwrap_or("0");
            if output.status.code().map(|code| code.to_string()).as_deref() != Some(status) {
                let errors = String::from_utf8_lossy(&output.stderr);
                wrong.push(format!("{}: {command}\n    # {comment}\n{errors}", page.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
