//! The program: `portolan`.

use std::process::ExitCode;

fn main() -> ExitCode {
    portolan::internals::main()
}
