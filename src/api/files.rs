//! Files and folders as texts.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::Description;
use crate::import::{Document, PLAN_HELP, code};
use crate::source::Finding;

/// Adds a file, or the files of a folder that are topologies.
pub fn add(description: Description, path: &Path) -> Description {
    if path.is_dir() {
        folder(description, path)
    } else if has(&["tf"], path) {
        terraform(description, path)
    } else {
        description.read(path.display().to_string(), fs::read(path))
    }
}

/// A file as a text, or why it cannot be read.
pub fn document(path: &Path) -> Result<Document, Box<Finding>> {
    let name = path.display().to_string();
    match fs::read(path) {
        Ok(bytes) => Ok(Document { name, bytes }),
        Err(error) => Err(Box::new(unreadable(&name, &error))),
    }
}

fn terraform(description: Description, path: &Path) -> Description {
    let message = format!("`{}` is Terraform's source, which is not read yet", path.display());
    description.refuse(code::NOT_READ_YET.finding(message).help(PLAN_HELP))
}

/// Adds the files of a folder that are topologies, in the order of their names.
fn folder(mut description: Description, folder: &Path) -> Description {
    let paths = match listed(folder) {
        Ok(paths) => paths,
        Err(error) => return description.read(folder.display().to_string(), Err(error)),
    };
    let mut found = false;
    for path in paths.iter().filter(|path| has(&["yaml", "yml"], path) && path.is_file()) {
        match fs::read(path) {
            Ok(bytes) if !begins_as_topology(&bytes) => {}
            read => {
                found = true;
                description = description.read(path.display().to_string(), read);
            }
        }
    }
    if found {
        return description;
    }
    if paths.iter().any(|path| has(&["tf"], path)) {
        return terraform(description, folder);
    }
    let message = format!("there is no topology in the folder `{}`", folder.display());
    description.refuse(code::NO_TOPOLOGY.finding(message).help(
        "a topology is a file ending in .yaml or .yml, directly in the folder, that begins with `portolan: 1`",
    ))
}

/// What is in a folder, sorted.
fn listed(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder)?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

/// Whether a path ends in one of some extensions.
fn has(extensions: &[&str], path: &Path) -> bool {
    path.extension().and_then(OsStr::to_str).is_some_and(|own| extensions.contains(&own))
}

/// Why a file cannot be read.
pub fn unreadable(name: &str, error: &io::Error) -> Finding {
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
