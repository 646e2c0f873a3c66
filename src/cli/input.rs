//! From the arguments of a command to what was read.

use std::io;
use std::path::PathBuf;

use super::arguments::Changes;
use super::output::Output;
use crate::api::{Description, Loaded};
use crate::report::findings;

/// The name of standard input in findings.
const STDIN: &str = "<stdin>";

/// Reads everything that arguments name, files, folders of files, `-` for standard input, and
/// changes it.
pub fn read(arguments: &[PathBuf], changes: &Changes) -> Loaded {
    let mut description = Description::new();
    let mut stdin = false;
    for path in arguments {
        if path.as_os_str() != "-" {
            description = description.path(path);
        } else if !std::mem::replace(&mut stdin, true) {
            description = description.reader(STDIN, io::stdin().lock());
        }
    }
    let laid = changes.overlay.iter().fold(description, Description::overlay);
    changes.set.iter().fold(laid, Description::set).load()
}

/// What was read, if nothing in it is an error; else the findings are told.
pub fn usable(arguments: &[PathBuf], changes: &Changes, output: Output) -> Option<Loaded> {
    let loaded = read(arguments, changes);
    if loaded.is_usable() {
        return Some(loaded);
    }
    output.aside(|out| {
        findings::write(out, loaded.files(), loaded.findings())?;
        writeln!(out, "{}", findings::tally(loaded.findings()).unwrap_or_default())
    });
    None
}
