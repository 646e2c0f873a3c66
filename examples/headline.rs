//! Asks the two headline questions of a topology: can users on the internet bypass Cloud Armor,
//! and under which addresses do outside parties see its services?
//!
//! ```text
//! cargo run --example headline -- topologies/armor-bypassed
//! ```

use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;

use portolan::answer::GuardState;
use portolan::{Bypass, Description, Egress, Error};

fn main() -> ExitCode {
    let path = std::env::args_os().nth(1).unwrap_or_else(|| ".".into());
    match headline(Path::new(&path)) {
        Ok(text) => print!("{text}"),
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

/// The answers, as text.
pub fn headline(topology: &Path) -> Result<String, Error> {
    let model = Description::new().path(topology).load().compile()?;
    let bypass = Bypass::of("security_policy/*").ask(&model)?;
    let mut text = format!("Is Cloud Armor bypassed? {}\n", bypass.summary());
    for path in bypass.paths().into_iter().flat_map(|paths| paths.all()) {
        let is_open = path.guard.is_some_and(|guard| guard.state == GuardState::Unguarded);
        if let Some(entry) = path.entry.filter(|_| is_open && path.outcome.kind.is_arrival()) {
            let _ =
                writeln!(text, "  {} by {}", model.sender(&path.from), bypass.entry_name(entry));
        }
    }
    let egress = Egress::from("service/*").to("external/*").ask(&model)?;
    let _ = writeln!(text, "Seen as? {}", egress.summary());
    for seen in egress.addresses() {
        let to: Vec<_> = seen.to.iter().map(|to| model.resource(*to).to_string()).collect();
        let _ = writeln!(text, "  {} by {}", egress.seen_as(&seen.address), to.join(", "));
    }
    Ok(text)
}
