//! From the arguments of a command to texts.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use crate::import::{Document, PLAN_HELP, code};
use crate::source::Finding;

/// The name of standard input in findings.
const STDIN: &str = "<stdin>";

/// What arguments name.
#[derive(Debug, Default)]
pub struct Read {
    /// The texts.
    pub documents: Vec<Document>,
    /// Why others cannot be read.
    pub refused: Vec<Finding>,
}

/// Reads everything that arguments name: files, folders of files, `-` for standard input.
pub fn read(arguments: &[PathBuf]) -> Read {
    let mut read = Read::default();
    let mut stdin = false;
    for path in arguments {
        if path.as_os_str() == "-" {
            if !std::mem::replace(&mut stdin, true) {
                let mut bytes = Vec::new();
                let taken = io::stdin().lock().read_to_end(&mut bytes);
                read.take(STDIN, taken.map(|_| bytes));
            }
        } else if path.is_dir() {
            read.folder(path);
        } else if has(&["tf"], path) {
            read.terraform(path);
        } else {
            read.take(&path.display().to_string(), fs::read(path));
        }
    }
    read
}

impl Read {
    /// Takes in one file.
    fn take(&mut self, name: &str, read: io::Result<Vec<u8>>) {
        match read {
            Ok(bytes) => self.documents.push(Document { name: name.to_owned(), bytes }),
            Err(error) => self.refused.push(unreadable(name, &error)),
        }
    }

    fn terraform(&mut self, path: &Path) {
        let message = format!("`{}` is Terraform's source, which is not read yet", path.display());
        self.refused.push(code::NOT_READ_YET.finding(message).help(PLAN_HELP));
    }

    /// Reads the files of a folder that are topologies, in the order of their names.
    fn folder(&mut self, folder: &Path) {
        let listed = fs::read_dir(folder).and_then(|entries| {
            entries.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()
        });
        let mut paths = match listed {
            Ok(paths) => paths,
            Err(error) => {
                return self.refused.push(unreadable(&folder.display().to_string(), &error));
            }
        };
        paths.sort();
        let mut found = false;
        for path in paths.iter().filter(|path| has(&["yaml", "yml"], path) && path.is_file()) {
            match fs::read(path) {
                Ok(bytes) if !begins_as_topology(&bytes) => {}
                read => {
                    found = true;
                    self.take(&path.display().to_string(), read);
                }
            }
        }
        if found {
            return;
        }
        if paths.iter().any(|path| has(&["tf"], path)) {
            return self.terraform(folder);
        }
        let message = format!("there is no topology in the folder `{}`", folder.display());
        self.refused.push(code::NO_TOPOLOGY.finding(message).help(
            "a topology is a file ending in .yaml or .yml, directly in the folder, that begins with `portolan: 1`",
        ));
    }
}

/// Whether a path ends in one of some extensions.
fn has(extensions: &[&str], path: &Path) -> bool {
    path.extension().and_then(OsStr::to_str).is_some_and(|own| extensions.contains(&own))
}

fn unreadable(name: &str, error: &io::Error) -> Finding {
    let message = match error.kind() {
        io::ErrorKind::NotFound => format!("there is no file `{name}`"),
        io::ErrorKind::PermissionDenied => format!("`{name}` may not be read"),
        _ => format!("`{name}` cannot be read: {error}"),
    };
    code::UNREADABLE.finding(message)
}

/// Whether the first line that says something begins with `portolan:`.
fn begins_as_topology(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    bytes
        .split(|&byte| byte == b'\n')
        .map(<[u8]>::trim_ascii)
        .find(|line| !line.is_empty() && !line.starts_with(b"#") && *line != b"---")
        .is_some_and(|line| line.starts_with(b"portolan:"))
}
