//! Names in expectation files, read into what answers hold.
//!
//! | what | is written |
//! |---|---|
//! | a resource | `KIND/ID`; `internet`, `google_front_end` and `metadata_server` have no id |
//! | a sender | a resource, or an identity as an IAM member: `user:ana@example.com` |
//! | where a path leads | a resource, `elsewhere`, or the host or address that the question names |
//! | an entry | `run.app`, `run.app-tag TAG`, `domain-mapping HOST`, `load_balancer/ID HOST PATH`, else the host of an outside party |
//! | a caller | `anonymous`, `any account`, or an IAM member |
//! | a finding | its code |
//! | a rule | its id |

use std::fmt;
use std::net::IpAddr;

use ipnet::IpNet;
use schemars::{Schema, SchemaGenerator, json_schema};

use crate::graph::{Cause, Entry, Resource, ResourceKind};
use crate::question::answer::{
    AddressCause, CauseDirection, CellState, GuardState, OutcomeKind, Stability, Verdict,
};
use crate::question::{bypass, trace};
use crate::rules::RuleId;
use crate::source::tree::{Node, Value};
use crate::source::{CodeInfo, code as reading, nearest};
use crate::topology::record::{Decode, Decoder, Show, Showing, Shown, single};
use crate::{lint, validate};

/// Kinds of which there is one thing alone, which has no id.
const ALONE: &[ResourceKind] =
    &[ResourceKind::GoogleFrontEnd, ResourceKind::Internet, ResourceKind::MetadataServer];
/// What IAM members begin with.
const MEMBERS: &[&str] = &["user", "serviceAccount", "group", "domain"];
/// Callers that are no IAM members.
const CALLERS: &[&str] = &[ANONYMOUS, ANY_ACCOUNT];
/// The name of callers without an identity.
pub const ANONYMOUS: &str = "anonymous";
/// The name of any account at all.
pub const ANY_ACCOUNT: &str = "any account";
/// The name of destinations that are not told by themselves.
pub const ELSEWHERE: &str = "elsewhere";

const RUN_APP: &str = "run.app";
const RUN_APP_TAG: &str = "run.app-tag";
const DOMAIN_MAPPING: &str = "domain-mapping";

/// Why a text is no name of its kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misnamed {
    /// What is wrong.
    pub message: String,
    /// What to write.
    pub help: String,
}

impl Misnamed {
    fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Misnamed { message: message.into(), help: help.into() }
    }

    /// A word that none of a list is, with the near one or the form.
    fn unknown<'a>(
        what: &str,
        text: &str,
        known: impl IntoIterator<Item = &'a str>,
        form: &str,
    ) -> Self {
        let help = match nearest(text, known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => form.to_owned(),
        };
        Misnamed { message: format!("unknown {what} `{text}`"), help }
    }
}

/// Decodes a text by a grammar of its own.
fn parsed<T>(
    node: &Node,
    cx: &mut Decoder<'_>,
    parse: impl FnOnce(&str) -> Result<T, Misnamed>,
) -> Option<T> {
    let text = cx.text(node)?;
    match parse(text) {
        Ok(value) => Some(value),
        Err(Misnamed { message, help }) => {
            let finding = cx.invalid(node, message).help(help);
            cx.report(finding);
            None
        }
    }
}

fn text_schema() -> Schema {
    json_schema!({"type": "string"})
}

/// The words of a closed list, for the decoder.
macro_rules! words {
    ($type:ty) => {
        <$type>::ALL.iter().map(|one| ([one.name()], *one)).collect::<Vec<_>>()
    };
}

fn word<T: Copy>(
    node: &Node,
    cx: &mut Decoder<'_>,
    noun: fn() -> String,
    names: &[([&'static str; 1], T)],
) -> Option<T> {
    let words: Vec<(&[&str], T)> = names.iter().map(|(name, one)| (&name[..], *one)).collect();
    cx.word(node, noun, &words)
}

macro_rules! named {
    ($($type:ty, $called:literal;)*) => {$(
        single! { $type }

        impl Decode for $type {
            fn decode(node: &Node, cx: &mut Decoder<'_>) -> Option<Self> {
                word(node, cx, || $called.to_owned(), &words!($type))
            }

            fn schema(generator: &mut SchemaGenerator) -> Schema {
                generator.subschema_for::<Self>()
            }
        }
    )*};
}

named! {
    AddressCause, "cause of an address";
    Cause, "cause";
    CellState, "state of a cell";
    CauseDirection, "direction";
    GuardState, "state of a guard";
    OutcomeKind, "outcome";
    Stability, "stability";
}

single! { Verdict }

/// `true` and `false` are verdicts for readers that take `yes` and `no` for these.
impl Decode for Verdict {
    fn decode(node: &Node, cx: &mut Decoder<'_>) -> Option<Self> {
        match node.value {
            Value::Bool(true) => Some(Verdict::Yes),
            Value::Bool(false) => Some(Verdict::No),
            _ => word(node, cx, || "verdict".to_owned(), &words!(Verdict)),
        }
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        let word = generator.subschema_for::<Self>();
        json_schema!({"anyOf": [word, {"type": "boolean"}]})
    }
}

/// The resource of a name.
pub fn resource(text: &str) -> Result<Resource, Misnamed> {
    let (kind, id) = text.split_once('/').map_or((text, None), |(kind, id)| (kind, Some(id)));
    let Some(known) = ResourceKind::from_name(kind) else {
        let names = ResourceKind::ALL.iter().map(|kind| kind.name());
        return Err(Misnamed::unknown("kind of resource", kind, names, "write `KIND/ID`"));
    };
    match id {
        None if ALONE.contains(&known) => Ok(Resource { kind: known, id: "".into() }),
        Some(id) if !id.is_empty() && !ALONE.contains(&known) => {
            Ok(Resource { kind: known, id: id.into() })
        }
        Some(_) if ALONE.contains(&known) => {
            Err(Misnamed::new(format!("`{kind}` has no id"), format!("write `{kind}` alone")))
        }
        _ => {
            let message = format!("`{text}` does not say which");
            Err(Misnamed::new(message, format!("write `{kind}/ID`")))
        }
    }
}

/// An IAM member: what it is, a colon, and its name.
fn member(text: &str) -> bool {
    text.split_once(':').is_some_and(|(kind, name)| MEMBERS.contains(&kind) && !name.is_empty())
}

/// Who sends, as an expectation names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SenderName {
    /// A source.
    Resource(Resource),
    /// An identity anywhere on the internet.
    Identity(Box<str>),
}

/// The sender of a name.
pub fn sender(text: &str) -> Result<SenderName, Misnamed> {
    if member(text) {
        return Ok(SenderName::Identity(text.into()));
    }
    resource(text).map(SenderName::Resource)
}

impl fmt::Display for SenderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SenderName::Resource(resource) => resource.fmt(f),
            SenderName::Identity(member) => f.write_str(member),
        }
    }
}

/// Where a path leads, as an expectation names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlaceName {
    /// To a resource.
    Resource(Resource),
    /// To the host or address that the question names, though nothing of it arrives anywhere.
    Named(Box<str>),
    /// To other places than those that are told by themselves.
    Elsewhere,
}

/// The destination of a name.
pub fn place(text: &str) -> Result<PlaceName, Misnamed> {
    let is_address = text.parse::<IpAddr>().is_ok() || text.parse::<IpNet>().is_ok();
    if text == ELSEWHERE {
        Ok(PlaceName::Elsewhere)
    } else if is_address || !text.contains('/') && text.contains('.') {
        Ok(PlaceName::Named(text.into()))
    } else {
        resource(text).map(PlaceName::Resource)
    }
}

impl fmt::Display for PlaceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PlaceName::Resource(resource) => resource.fmt(f),
            PlaceName::Named(name) => f.write_str(name),
            PlaceName::Elsewhere => f.write_str(ELSEWHERE),
        }
    }
}

/// The entry of a name.
pub fn entry(text: &str) -> Result<Entry, Misnamed> {
    const FORM: &str = "write `run.app`, `run.app-tag TAG`, `domain-mapping HOST`, \
                        `load_balancer/ID HOST PATH`, or the host of an outside party";
    let words: Vec<&str> = text.split(' ').collect();
    if let [first, rest @ ..] = &words[..]
        && let Some(id) = first.strip_prefix("load_balancer/")
    {
        return match rest {
            [host, path] if !id.is_empty() => Ok(Entry::LoadBalancer {
                id: id.into(),
                host: (*host).into(),
                path: (*path).into(),
            }),
            _ => Err(Misnamed::new(
                format!("`{text}` does not name a route of a load balancer"),
                "write the host pattern and the path pattern behind it: `load_balancer/edge * /*`",
            )),
        };
    }
    match words[..] {
        [RUN_APP] => Ok(Entry::RunApp),
        [RUN_APP_TAG, tag] => Ok(Entry::RunAppTag(tag.into())),
        [DOMAIN_MAPPING, host] => Ok(Entry::DomainMapping(host.into())),
        [host] if is_host(host) => Ok(Entry::External(host.into())),
        [first, ..] => {
            let known = [RUN_APP, RUN_APP_TAG, DOMAIN_MAPPING, "load_balancer"];
            let first = first.split('/').next().unwrap_or(first);
            Err(Misnamed {
                message: format!("unknown entry `{text}`"),
                ..Misnamed::unknown("entry", first, known, FORM)
            })
        }
        [] => Err(Misnamed::new("an entry without a name", FORM)),
    }
}

/// Whether a text is a host, or a pattern of hosts, and none of the words of other entries, nor
/// nearly one.
fn is_host(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.*:[]".contains(c);
    !text.is_empty()
        && text.chars().all(plain)
        && nearest(text, [RUN_APP, RUN_APP_TAG, DOMAIN_MAPPING]).is_none()
}

/// An entry as it is written.
pub fn entry_text(entry: &Entry) -> String {
    match entry {
        Entry::RunApp => RUN_APP.into(),
        Entry::RunAppTag(tag) => format!("{RUN_APP_TAG} {tag}"),
        Entry::DomainMapping(host) => format!("{DOMAIN_MAPPING} {host}"),
        Entry::LoadBalancer { id, host, path } => format!("load_balancer/{id} {host} {path}"),
        Entry::External(host) => host.to_string(),
    }
}

/// Who calls, as an expectation names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CallerName(pub Box<str>);

/// The caller of a name.
pub fn caller(text: &str) -> Result<CallerName, Misnamed> {
    if CALLERS.contains(&text) || member(text) {
        return Ok(CallerName(text.into()));
    }
    let form = "write `anonymous`, `any account`, or an IAM member such as `user:ana@example.com`";
    let kind = text.split_once(':').map_or(text, |(kind, _)| kind);
    let known = CALLERS.iter().chain(MEMBERS).copied();
    let Misnamed { help, .. } = Misnamed::unknown("caller", kind, known, form);
    Err(Misnamed { message: format!("unknown caller `{text}`"), help })
}

/// What a reply passes: the resource and the rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplyStep {
    /// Whose place it is.
    pub resource: Resource,
    /// The documented behaviour.
    pub rule: RuleId,
}

/// The step of a name: `RESOURCE RULE`.
pub fn reply_step(text: &str) -> Result<ReplyStep, Misnamed> {
    let form = "write the resource and the rule: `network/prod EGR-081`";
    let Some((of, by)) = text.split_once(' ') else {
        return Err(Misnamed::new(format!("`{text}` is no step of a reply"), form));
    };
    Ok(ReplyStep { resource: resource(of)?, rule: rule(by)? })
}

impl fmt::Display for ReplyStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.resource, self.rule)
    }
}

fn rule(text: &str) -> Result<RuleId, Misnamed> {
    let form = "`portolan explain --list` lists the rules";
    text.parse().map_err(|error: crate::rules::NotARule| Misnamed::new(error.to_string(), form))
}

/// The code of a finding.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Code(pub &'static CodeInfo);

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.code)
    }
}

/// The codes of findings that expectations can name: those about a topology and about a question.
pub fn codes() -> impl Iterator<Item = &'static CodeInfo> {
    let of_a_topology = reading::CODES.iter().chain(validate::CODES).chain(lint::CODES);
    of_a_topology.chain(bypass::CODES).chain(trace::CODES)
}

/// What is known of a code.
pub fn code(text: &str) -> Result<Code, Misnamed> {
    match codes().find(|info| info.code == text) {
        Some(info) => Ok(Code(info)),
        None => {
            let form = "name the finding by its code, which stands in brackets where it is told";
            Err(Misnamed::unknown("code of a finding", text, codes().map(|info| info.code), form))
        }
    }
}

macro_rules! grammar {
    ($($type:ty, $parse:path, $written:expr;)*) => {$(
        single! { $type }

        impl Decode for $type {
            fn decode(node: &Node, cx: &mut Decoder<'_>) -> Option<Self> {
                parsed(node, cx, $parse)
            }

            fn schema(_: &mut SchemaGenerator) -> Schema {
                text_schema()
            }
        }

        impl Show for $type {
            fn show(&self, _: Showing<'_>) -> Option<Shown> {
                let written: fn(&Self) -> String = $written;
                Some(Shown::text(written(self)))
            }
        }
    )*};
}

grammar! {
    Resource, resource, ToString::to_string;
    SenderName, sender, ToString::to_string;
    PlaceName, place, ToString::to_string;
    Entry, entry, entry_text;
    CallerName, caller, |caller| caller.0.to_string();
    ReplyStep, reply_step, ToString::to_string;
    RuleId, rule, ToString::to_string;
    Code, code, |code| code.0.code.to_owned();
}

macro_rules! shown {
    ($($type:ty),*) => {$(
        impl Show for $type {
            fn show(&self, _: Showing<'_>) -> Option<Shown> {
                Some(Shown::text(self.name()))
            }
        }
    )*};
}

shown!(AddressCause, Cause, CellState, CauseDirection, GuardState, OutcomeKind, Stability, Verdict);
