//! Every example under `topologies/` is asked what its `answers.yaml` asks, by the command that a
//! user would type, and must answer what was worked out there by hand.

mod common;

use std::fs;
use std::path::Path;

use serde_json::Value;

#[test]
fn every_example_answers_what_was_worked_out_by_hand() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("topologies");
    let mut asked = 0;
    let mut wrong = Vec::new();
    let mut folders: Vec<_> = fs::read_dir(&root)
        .expect("there are examples")
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    for folder in folders {
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
