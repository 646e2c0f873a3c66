//! The manual page.

use std::io::{self, Write};

use clap::Command;
use clap_mangen::Man;

/// Writes the manual page of a program: one page, a section for each of its commands.
pub fn write(out: &mut dyn Write, mut program: Command) -> io::Result<()> {
    program.build();
    let after = program.get_after_help().map(ToString::to_string);
    let commands: Vec<Command> = program.get_subcommands().cloned().collect();
    let page = Man::new(program.after_help(""));
    page.render_title(out)?;
    page.render_name_section(out)?;
    page.render_synopsis_section(out)?;
    page.render_description_section(out)?;
    page.render_options_section(out)?;
    for command in commands {
        let name = command.get_bin_name().unwrap_or_else(|| command.get_name()).to_owned();
        let about = command.get_about().map(ToString::to_string).unwrap_or_default();
        writeln!(out, ".SH \"{}\"\n{about}.", name.to_uppercase())?;
        let section = Man::new(command);
        let mut text = Vec::new();
        section.render_synopsis_section(&mut text)?;
        section.render_options_section(&mut text)?;
        // Sections of a command's own page are parts of a section of this one.
        for line in String::from_utf8_lossy(&text).lines() {
            match line.strip_prefix(".SH ") {
                Some(title) => writeln!(out, ".SS {title}")?,
                None => writeln!(out, "{line}")?,
            }
        }
    }
    if let Some(after) = after {
        writeln!(out, ".SH NOTES")?;
        for line in after.lines() {
            match line.trim() {
                "" => writeln!(out, ".PP")?,
                line => writeln!(out, "{}", line.replace('\\', "\\\\").replace('-', "\\-"))?,
            }
        }
    }
    page.render_version_section(out)
}
