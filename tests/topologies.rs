//! Every example under `topologies/` is asked what its `answers.yaml` asks, by the command that a
//! user would type, and must answer what was worked out there by hand.

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

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

#[test]
fn every_example_answers_what_was_worked_out_by_hand() {
    let mut asked = 0;
    let mut wrong = Vec::new();
    for folder in folders() {
        let answers =
            fs::read_to_string(folder.join("answers.yaml")).expect("an example has answers");
        let answers: Vec<Value> = serde_yaml::from_str(&answers).expect("answers can be read");
        for expected in &answers {
            asked += 1;
            let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            common::compare(name, &folder, expected, &mut wrong);
        }
    }
    assert!(asked > 60, "only {asked} questions were asked");
    assert!(
        wrong.is_empty(),
        "{} problems in {asked} questions:\n{}",
        wrong.len(),
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
            let verdict = comment.split([',', ':', ' ', ';']).next().unwrap_or_default();
            let mut run = Command::new(env!("CARGO_BIN_EXE_portolan"));
            run.current_dir(root).args(&words);
            if ["yes", "no"].contains(&verdict) {
                run.args(["--expect", verdict]);
            }
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
