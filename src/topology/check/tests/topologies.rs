//! The runnable examples.

use std::fs;
use std::path::{Path, PathBuf};

use super::found;
use crate::source::Severity;
use crate::source::testing::shown;

fn texts() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("topologies");
    let mut folders: Vec<PathBuf> = fs::read_dir(root)
        .expect("the examples can be listed")
        .map(|entry| entry.expect("an entry can be read").path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    let read = |folder: PathBuf| {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let text = fs::read_to_string(folder.join("topology.yaml")).expect("it can be read");
        (name, text)
    };
    folders.into_iter().map(read).collect()
}

#[test]
fn dump() {
    for (name, text) in texts() {
        let (files, findings) = found(&text);
        println!("== {name}\n{}", shown(&files, &findings));
    }
}

#[test]
fn dump_codes() {
    for info in super::super::CODES {
        println!("== {} | {}", info.code, info.severity);
        if !info.example.is_empty() {
            let (files, findings) = found(info.example);
            println!("{}", shown(&files, &findings));
        }
    }
}
