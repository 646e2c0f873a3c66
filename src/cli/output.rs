//! Standard output and standard error.

use std::io::{self, BufWriter, Write};
use std::panic::PanicHookInfo;

use anstream::{AutoStream, ColorChoice};

use super::arguments::Color;
use crate::report::findings;
use crate::source::Severity;

/// Whom data is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum For {
    /// A person: colour as the terminal has it.
    People,
    /// A program: every byte as it is.
    Programs,
}

impl For {
    /// A program, if it is so.
    pub fn programs(is_so: bool) -> Self {
        if is_so { For::Programs } else { For::People }
    }
}

/// Where a command writes.
#[derive(Clone, Copy, Debug)]
pub struct Output {
    color: Color,
}

impl Output {
    /// Output with colour as asked.
    pub fn new(color: Color) -> Self {
        Self { color }
    }

    fn choice(self, auto: ColorChoice) -> ColorChoice {
        match self.color {
            Color::Auto => auto,
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
        }
    }

    /// Writes data to standard output, all or nothing lost: the last byte is flushed.
    pub fn data(
        self,
        whom: For,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> io::Result<()> {
        let stdout = io::stdout().lock();
        if whom == For::Programs {
            let mut out = BufWriter::new(stdout);
            write(&mut out)?;
            return out.flush();
        }
        let choice = self.choice(AutoStream::choice(&stdout));
        let mut out = BufWriter::new(AutoStream::new(stdout, choice));
        write(&mut out)?;
        out.flush()
    }

    /// Writes something else to standard error. That it cannot be written is nothing to tell.
    pub fn aside(self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) {
        let stderr = io::stderr().lock();
        let choice = self.choice(AutoStream::choice(&stderr));
        let mut out = BufWriter::new(AutoStream::new(stderr, choice));
        let _ = write(&mut out).and_then(|()| out.flush());
    }

    /// Writes an error without a place to standard error.
    pub fn error(self, message: &str, help: Option<&str>) {
        self.aside(|out| findings::message(out, Severity::Error, message, help));
    }

    /// Writes a note without a place to standard error.
    pub fn note(self, message: &str) {
        self.aside(|out| findings::message(out, Severity::Note, message, None));
    }

    /// Says that the program has a bug.
    pub fn bug(self, panic: &PanicHookInfo<'_>) {
        let place = panic.location().map_or_else(String::new, |at| format!(" ({at})"));
        let what = panic.payload_as_str().unwrap_or("no message");
        let message = format!("this is a bug in Portolan: {what}{place}");
        self.error(&message, Some("please report it with the command and, if you can, the input"));
    }
}
