//! The facade: what other programs use, and the command line too.
//!
//! | file | holds |
//! |---|---|
//! | `description.rs` | what is read: texts, readers, files, folders |
//! | `edited.rs` | what is changed of what was read |
//! | `files.rs` | files and folders as texts: the one place that opens any |
//! | `loaded.rs` | what was read: its findings, and the model that it is compiled into |
//! | `checked.rs` | all findings, as `check` lists them |
//! | `question.rs` | a builder for each question |
//! | `answer.rs` | answers: names of ids, and rendering |
//! | `codes.rs` | every code that a finding may have |
//! | `error.rs` | why there is no model or no answer |

mod answer;
mod checked;
pub mod codes;
mod description;
mod edited;
mod error;
mod files;
mod loaded;
mod question;

pub use checked::{Allowed, Checked};
pub use description::Description;
pub use error::{Error, Invalid};
pub use loaded::{Loaded, Premises};
pub use question::{Bypass, Egress, Exposure, Reach, Trace};

use std::io::{self, Write};

/// What is written to people, as text without colour.
fn plain(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> String {
    written(|out| write(&mut anstream::StripStream::new(out)))
}

/// What is written, as text.
fn written(write: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> String {
    let mut out = Vec::new();
    // A vector takes everything.
    let _ = write(&mut out);
    String::from_utf8_lossy(&out).into_owned()
}
