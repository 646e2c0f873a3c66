//! The command line.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use ipnet::IpNet;
use jiff::Timestamp;

use crate::question::RequestFilter;
use crate::question::answer::Verdict;
use crate::topology::firewall::Protocol;

/// Says who can reach what on Google Cloud Run, by which path, past which guards, and as which
/// address, from a description of it and before anything is deployed.
#[derive(Debug, Parser)]
#[command(name = "portolan", version, max_term_width = 100, disable_help_subcommand = true)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// When to use colour.
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t)]
    pub color: Color,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const AFTER_HELP: &str = "\
A TOPOLOGY is a file, a folder of files, or `-` for standard input; several are taken together.

A SELECTOR names sources, services or guards: `internet`, `service/web`, `service/*`,
`label:team=shop`, `external/billing-saas`, `serviceAccount:web@shop.iam.gserviceaccount.com`.

A PATH is keys and ids with dots between them. It may hold what no file gives, as long as topologies
have it. An id that holds dots stands in quotes, and items of lists count from 0:
`domain_mappings.\"www.example.com\".service`, `security_policies.edge.rules[0].action`. A VALUE is
YAML, as in a file; a resource is added by giving it as a whole, `services.new={region: europe-west1}`.
In a shell the whole stands in single quotes: `--set 'services.web.invokers+=user:ana@example.com'`.
Overlays go first, then edits, each kind in the order given.

Exit status: 0 answered, 1 an expectation failed or `check` found errors, 2 the input or the
command line cannot be used, 3 `--expect` was given and the verdict is `depends` or the answer not
complete where that matters, 70 a bug.";

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Read a topology and list what is wrong with it
    Check(CheckArguments),
    /// Show what was understood: defaults filled in, unknowns named
    Show(ShowArguments),
    /// Ask whether sources can reach services, and by which paths
    Reach(ReachArguments),
    /// Ask whether a guard can be bypassed: every entry path, and which of them pass it
    Bypass(BypassArguments),
    /// Ask as which addresses a sender arrives
    Egress(EgressArguments),
    /// Follow one request step by step, and say what its sender sees
    Trace(TraceArguments),
    /// Show who gets in where: sources by services
    Exposure(ExposureArguments),
    /// Explain a rule that an answer names, or a finding
    Explain(Explain),
    /// Print the JSON Schema of topology files or of answers
    Schema(Schema),
    /// Print completions for a shell
    Completions(Completions),
    /// Print the manual page
    Man,
}

/// When to use colour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// The format of an answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    #[default]
    Text,
    /// For programs; `portolan schema --of answer` describes it
    Json,
}

/// The format of what is shown and is no answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum ShowFormat {
    /// For people
    #[default]
    Text,
    /// For programs
    Json,
}

/// The format of findings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum CheckFormat {
    /// For people
    #[default]
    Text,
    /// For programs
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
}

/// What a verdict may be expected to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Expected {
    /// Under all assumptions, whatever the platform chooses
    Yes,
    /// Under none
    No,
}

impl Expected {
    /// The verdict that holds it.
    pub fn verdict(self) -> Verdict {
        match self {
            Expected::Yes => Verdict::Yes,
            Expected::No => Verdict::No,
        }
    }
}

/// Where the topology comes from.
#[derive(Debug, Args)]
pub struct Input {
    /// Files, folders, or `-` for standard input; several are taken together
    #[arg(required = true, value_name = "TOPOLOGY")]
    pub topology: Vec<PathBuf>,
    /// What is changed of it
    #[command(flatten)]
    pub changes: Changes,
}

/// What is changed of a topology before it is asked.
#[derive(Debug, Default, Args)]
pub struct Changes {
    /// Lay a topology file over the topology: keys and ids that it gives go over those that are
    /// there, lists replace, `null` removes; may be repeated
    #[arg(long, value_name = "FILE")]
    pub overlay: Vec<PathBuf>,
    /// Change the topology: `services.web.ingress=internal`; `+=` adds to a list, `-=` takes away,
    /// `null` removes; may be repeated
    #[arg(long, value_name = "PATH=VALUE")]
    pub set: Vec<String>,
}

impl Changes {
    /// Whether nothing is changed.
    pub fn is_empty(&self) -> bool {
        self.overlay.is_empty() && self.set.is_empty()
    }
}

/// What every question takes.
#[derive(Debug, Args)]
pub struct Answering {
    /// The format of the answer
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    pub format: Format,
    /// Fix an assumption that the topology leaves open; may be repeated
    #[arg(long, value_name = "ID=true|false", value_parser = assumption)]
    pub assume: Vec<(String, bool)>,
    /// The time at which conditions on time are decided (RFC 3339); now if absent
    #[arg(long, value_name = "TIME")]
    pub at: Option<Timestamp>,
    /// Show every hop on a line of its own, with the rule it rests on
    #[arg(short = 'v', long = "explain")]
    pub explain: bool,
}

/// What a question with a verdict takes.
#[derive(Debug, Clone, Copy, Args)]
pub struct Expecting {
    /// Exit with 1 if the verdict is another, with 3 if it is `depends` or the answer is not complete
    /// where that could speak against it
    #[arg(long, value_enum, value_name = "VERDICT")]
    pub expect: Option<Expected>,
    /// With `--expect`: accept an answer that is not complete
    #[arg(long, requires = "expect")]
    pub allow_incomplete: bool,
}

/// Which requests a question is about.
#[derive(Debug, Args)]
#[command(next_help_heading = "Only these requests")]
pub struct Filter {
    /// The host
    #[arg(long, value_name = "HOST")]
    pub host: Option<String>,
    /// The path; a final `*` means every path that begins so
    #[arg(long, value_name = "PATH")]
    pub path: Option<String>,
    /// The protocol: `tcp`, `udp`, `icmp` or `other`; `tcp` if absent
    #[arg(long, value_name = "PROTOCOL", value_parser = protocol)]
    pub protocol: Option<Protocol>,
    /// The port
    #[arg(long, value_name = "PORT")]
    pub port: Option<u16>,
    /// The method
    #[arg(long, value_name = "METHOD")]
    pub method: Option<String>,
    /// Who sends it: `anonymous`, or an IAM member such as `user:ana@example.com`
    #[arg(long = "as", value_name = "PRINCIPAL")]
    pub principal: Option<String>,
    /// The address or range that it comes from
    #[arg(long, value_name = "ADDRESS", value_parser = range)]
    pub source_ip: Option<IpNet>,
    /// The region that it comes from, as two letters: `JP`
    #[arg(long, value_name = "REGION")]
    pub region: Option<String>,
    /// A property that the request has or does not have, such as `waf/sqli-v33-stable`; may be
    /// repeated
    #[arg(long = "condition", value_name = "NAME[=true|false]", value_parser = condition)]
    pub conditions: Vec<(String, bool)>,
}

impl Filter {
    /// It as a question takes it.
    pub fn into_requests(self) -> RequestFilter {
        let Filter { host, path, protocol, port, method, principal, .. } = self;
        let (source_ip, region, conditions) = (self.source_ip, self.region, self.conditions);
        RequestFilter {
            host,
            path,
            protocol,
            port,
            method,
            principal,
            source_ip,
            region,
            conditions,
            only: None,
        }
    }
}

/// `portolan check`
#[derive(Debug, Args)]
pub struct CheckArguments {
    /// The topology
    #[command(flatten)]
    pub input: Input,
    /// The format of the findings
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    pub format: CheckFormat,
    /// Exit with 1 for this too: `warnings`, or the code of a finding; may be repeated
    #[arg(long, value_name = "WHAT")]
    pub deny: Vec<String>,
    /// Do not list findings of a code, for a reason that is shown instead; may be repeated
    #[arg(long, value_name = "CODE=REASON", value_parser = allowance)]
    pub allow: Vec<(String, String)>,
}

/// `portolan show`
#[derive(Debug, Args)]
pub struct ShowArguments {
    /// A file, a folder, or `-` for standard input
    #[arg(value_name = "TOPOLOGY")]
    pub topology: PathBuf,
    /// What is changed of it
    #[command(flatten)]
    pub changes: Changes,
    /// Which resources; all if absent
    #[arg(value_name = "SELECTOR")]
    pub selector: Option<String>,
    /// The format
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    pub format: ShowFormat,
}

/// `portolan reach`
#[derive(Debug, Args)]
pub struct ReachArguments {
    /// The topology
    #[command(flatten)]
    pub input: Input,
    /// From where; may be repeated
    #[arg(long, required = true, value_name = "SELECTOR")]
    pub from: Vec<String>,
    /// To what; may be repeated
    #[arg(long, required = true, value_name = "SELECTOR")]
    pub to: Vec<String>,
    /// Only by paths through this
    #[arg(long, value_name = "SELECTOR")]
    pub via: Option<String>,
    /// Only by paths that do not pass this
    #[arg(long, value_name = "SELECTOR")]
    pub avoid: Option<String>,
    /// List what is refused, too
    #[arg(long)]
    pub refused: bool,
    /// How to answer
    #[command(flatten)]
    pub answering: Answering,
    /// What is expected
    #[command(flatten)]
    pub expecting: Expecting,
    /// Which requests
    #[command(flatten)]
    pub filter: Filter,
}

/// `portolan bypass`
#[derive(Debug, Args)]
pub struct BypassArguments {
    /// The topology
    #[command(flatten)]
    pub input: Input,
    /// What must not be avoided: `security_policy/edge`, `iap/web`, `load_balancer/*`
    #[arg(long, value_name = "SELECTOR")]
    pub guard: String,
    /// Whose paths count; `internet` if absent; may be repeated
    #[arg(long, value_name = "SELECTOR")]
    pub from: Vec<String>,
    /// To what; every service behind the guard if absent; may be repeated
    #[arg(long, value_name = "SELECTOR")]
    pub to: Vec<String>,
    /// Take a guard that can refuse nothing on a path for one
    #[arg(long)]
    pub lenient: bool,
    /// List what is refused, too
    #[arg(long)]
    pub refused: bool,
    /// How to answer
    #[command(flatten)]
    pub answering: Answering,
    /// What is expected
    #[command(flatten)]
    pub expecting: Expecting,
    /// Which requests
    #[command(flatten)]
    pub filter: Filter,
}

/// `portolan egress`
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("destination").multiple(false))]
pub struct EgressArguments {
    /// The topology
    #[command(flatten)]
    pub input: Input,
    /// Who sends
    #[arg(long, value_name = "SELECTOR")]
    pub from: String,
    /// To what; everything outside if there is no destination
    #[arg(long, value_name = "SELECTOR", group = "destination")]
    pub to: Option<String>,
    /// To which host
    #[arg(long, value_name = "HOST", group = "destination")]
    pub host: Option<String>,
    /// To which address
    #[arg(long, value_name = "ADDRESS", group = "destination")]
    pub ip: Option<IpAddr>,
    /// A property that requests have or do not have, such as `waf/sqli-v33-stable`; may be repeated
    #[arg(long = "condition", value_name = "NAME[=true|false]", value_parser = condition)]
    pub conditions: Vec<(String, bool)>,
    /// How to answer
    #[command(flatten)]
    pub answering: Answering,
    /// What is expected
    #[command(flatten)]
    pub expecting: Expecting,
}

/// `portolan trace`
#[derive(Debug, Args)]
pub struct TraceArguments {
    /// The topology
    #[command(flatten)]
    pub input: Input,
    /// Who sends
    #[arg(long, value_name = "SELECTOR")]
    pub from: String,
    /// To which URL
    #[arg(long, value_name = "URL")]
    pub url: String,
    /// Who it is: an IAM member such as `user:ana@example.com`; anonymous if absent
    #[arg(long = "as", value_name = "PRINCIPAL")]
    pub principal: Option<String>,
    /// The audience of its ID token; the right one for the service if absent
    #[arg(long, value_name = "AUDIENCE")]
    pub audience: Option<String>,
    /// From which address
    #[arg(long, value_name = "ADDRESS")]
    pub source_ip: Option<IpAddr>,
    /// The address to connect to, instead of what the host resolves to
    #[arg(long, value_name = "ADDRESS")]
    pub connect_to: Option<IpAddr>,
    /// The method; GET if absent
    #[arg(long, value_name = "METHOD")]
    pub method: Option<String>,
    /// A header; may be repeated
    #[arg(long = "header", value_name = "NAME: VALUE", value_parser = header)]
    pub headers: Vec<(String, String)>,
    /// The region that it comes from, as two letters: `JP`
    #[arg(long, value_name = "REGION")]
    pub region: Option<String>,
    /// A property that the request has, such as `waf/sqli-v33-stable`; may be repeated
    #[arg(long = "condition", value_name = "NAME[=true|false]", value_parser = condition)]
    pub conditions: Vec<(String, bool)>,
    /// How to answer
    #[command(flatten)]
    pub answering: Answering,
    /// What is expected
    #[command(flatten)]
    pub expecting: Expecting,
}

/// `portolan exposure`
#[derive(Debug, Args)]
pub struct ExposureArguments {
    /// The topology
    #[command(flatten)]
    pub input: Input,
    /// Only these sources; may be repeated
    #[arg(long, value_name = "SELECTOR")]
    pub from: Vec<String>,
    /// Only these services; may be repeated
    #[arg(long, value_name = "SELECTOR")]
    pub to: Vec<String>,
    /// How to answer
    #[command(flatten)]
    pub answering: Answering,
    /// Whether any of these sources gets into any of these services
    #[command(flatten)]
    pub expecting: Expecting,
}

/// `portolan explain`
#[derive(Debug, Args)]
pub struct Explain {
    /// The id of a rule, such as `ING-014`, or the code of a finding, such as `unknown-key`
    #[arg(value_name = "CODE", required_unless_present = "list", conflicts_with = "list")]
    pub code: Option<String>,
    /// List all rules: whether each is modelled, and which cases show it
    #[arg(long)]
    pub list: bool,
    /// The format
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    pub format: ShowFormat,
}

/// `portolan schema`
#[derive(Debug, Args)]
pub struct Schema {
    /// Of what
    #[arg(long, value_enum, value_name = "WHAT", default_value_t)]
    pub of: SchemaOf,
}

/// What a schema describes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum SchemaOf {
    /// A topology file
    #[default]
    Topology,
    /// An answer in JSON
    Answer,
}

/// `portolan completions`
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell
    #[arg(value_enum, value_name = "SHELL")]
    pub shell: clap_complete::Shell,
}

fn assumption(text: &str) -> Result<(String, bool), String> {
    let form = "write `ID=true` or `ID=false`";
    let (id, value) = text.rsplit_once('=').ok_or(form)?;
    if id.is_empty() {
        return Err(form.into());
    }
    Ok((id.to_owned(), value.parse().map_err(|_| form)?))
}

fn condition(text: &str) -> Result<(String, bool), String> {
    let (name, holds) = match text.rsplit_once('=') {
        Some((name, "true")) => (name, true),
        Some((name, "false")) => (name, false),
        _ => (text, true),
    };
    if name.is_empty() {
        return Err("write the name of the property, or `NAME=false`".into());
    }
    Ok((name.to_owned(), holds))
}

fn allowance(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((code, reason)) if !code.trim().is_empty() && !reason.trim().is_empty() => {
            Ok((code.trim().to_owned(), reason.trim().to_owned()))
        }
        _ => Err("write the code and why it is allowed: `CODE=REASON`".into()),
    }
}

fn header(text: &str) -> Result<(String, String), String> {
    match text.split_once(':') {
        Some((name, value)) if !name.trim().is_empty() => {
            Ok((name.trim().to_owned(), value.trim().to_owned()))
        }
        _ => Err("write it as `NAME: VALUE`".into()),
    }
}

fn protocol(text: &str) -> Result<Protocol, String> {
    Protocol::from_word(text).ok_or_else(|| {
        "write `tcp`, `udp`, `icmp`, `esp`, `ah`, `sctp`, `gre`, `ipip` or `other`".into()
    })
}

fn range(text: &str) -> Result<IpNet, String> {
    let range = text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
    range.map_err(|_| "write an address or a range, like `192.0.2.7` or `192.0.2.0/24`".into())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn an_id_of_an_assumption_may_hold_an_equals_sign() {
        assert_eq!(assumption("a=b=true"), Ok(("a=b".into(), true)));
        assert!(assumption("a").is_err());
        assert!(assumption("=true").is_err());
        assert!(assumption("a=yes").is_err());
    }

    #[test]
    fn a_header_may_hold_colons() {
        assert_eq!(header("X-Time: 1:2"), Ok(("X-Time".into(), "1:2".into())));
        assert!(header("X-Time").is_err());
    }
}
