//! The program: arguments, files, exit codes.
//!
//! Data goes to standard output, all else to standard error. [`exit`] documents the exit codes.

mod arguments;
mod ask;
mod check;
pub mod exit;
mod explain;
mod input;
mod line;
mod output;
mod show;

use std::io;
use std::panic;
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser as _};

use crate::report::{man, schema};
use arguments::{Arguments, Command, SchemaOf};
pub use line::{LineReply, ask_line, compare};
use output::{For, Output};

/// Runs the program with the arguments of this process.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are answers; a reader that has gone away is not an error.
            let _ = error.print();
            return if error.use_stderr() { exit::UNUSABLE } else { exit::ANSWERED }.into();
        }
    };
    let output = Output::new(arguments.color);
    panic::set_hook(Box::new(move |panic| output.bug(panic)));
    let ran = panic::catch_unwind(panic::AssertUnwindSafe(|| run(arguments.command, output)));
    let status = match ran {
        Ok(Ok(status)) => status,
        Ok(Err(error)) if error.kind() == io::ErrorKind::BrokenPipe => exit::ANSWERED,
        Ok(Err(error)) => {
            output.error(&format!("the answer cannot be written: {error}"), None);
            exit::UNUSABLE
        }
        Err(_) => exit::BUG,
    };
    status.into()
}

fn run(command: Command, output: Output) -> io::Result<u8> {
    match command {
        Command::Check(arguments) => check::run(&arguments, output),
        Command::Reach(arguments) => ask::run(arguments, output),
        Command::Bypass(arguments) => ask::run(arguments, output),
        Command::Egress(arguments) => ask::run(arguments, output),
        Command::Trace(arguments) => ask::run(arguments, output),
        Command::Exposure(arguments) => ask::run(arguments, output),
        Command::Explain(arguments) => explain::run(&arguments, output),
        Command::Schema(arguments) => {
            let schema = match arguments.of {
                SchemaOf::Topology => schema::topology(),
                SchemaOf::Answer => schema::answer(),
            };
            output.data(For::Programs, |out| schema::write(out, &schema)).map(|()| exit::ANSWERED)
        }
        Command::Completions(arguments) => {
            let mut script = Vec::new();
            let mut program = Arguments::command();
            clap_complete::generate(arguments.shell, &mut program, "portolan", &mut script);
            output.data(For::Programs, |out| out.write_all(&script)).map(|()| exit::ANSWERED)
        }
        Command::Man => output
            .data(For::Programs, |out| man::write(out, Arguments::command()))
            .map(|()| exit::ANSWERED),
        Command::Show(arguments) => show::run(&arguments, output),
    }
}
