//! Writes a generated estate as a topology file, for benches and for trying out scale.
//!
//! ```text
//! cargo run --release --example estate -- --services 1000 --seed 7 --out estate.yaml
//! ```

mod generate;

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;

use clap::Parser;

/// Writes a generated estate as a topology file. Equal numbers give equal files.
#[derive(Parser)]
#[command(name = "estate")]
struct Arguments {
    /// How many services it has; all else grows with them.
    #[arg(long, default_value_t = 100)]
    services: usize,
    /// What the choices are drawn from.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// With firewall rules, routes, zones and peerings in each network.
    #[arg(long)]
    wired: bool,
    /// Where to write it; standard output if absent.
    #[arg(long)]
    out: Option<PathBuf>,
}

fn main() -> io::Result<()> {
    let arguments = Arguments::parse();
    let generate = if arguments.wired { generate::wired } else { generate::generate };
    let text = generate(arguments.services, arguments.seed);
    match arguments.out {
        Some(path) => fs::write(path, text),
        None => io::stdout().write_all(text.as_bytes()),
    }
}
