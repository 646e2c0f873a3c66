//! Terraform's plans, as `terraform show -json` writes them.
//!
//! Read are `google_cloud_run_service`, `google_cloud_run_v2_service`, their IAM members, bindings
//! and policies, and `google_cloud_run_domain_mapping`; beside them `google_project`,
//! `google_service_account` and the data source `google_iam_policy`, where those refer to them. What
//! else there is is told by findings, and [`Imported::unread`] says what of it could matter.
//!
//! What a plan leaves out is one of three things:
//! - **unset**: nobody sets it, so the server's documented default holds, or what the server had
//!   before if the resource stays. Of an attribute that is known only after apply this is told by
//!   the configuration, which has no expression for it;
//! - **not known**: an expression gives it, but its value is known only after apply. It becomes an
//!   assumption named by the attribute's address, or, if the configuration says so, a reference to
//!   the one resource that the value comes from;
//! - **hidden**: a plan without a configuration, and a dynamic block, do not say which of the two it
//!   is; it counts as not known. Only a dynamic block of which nothing at all is known cannot be
//!   told from one that nobody writes.
//!
//! Plans hold secrets in plain text: `attribute.rs` lists what is read, values marked as sensitive
//! are not, and places are those of single values or of a resource's address, never of a resource
//! as a whole.

mod address;
mod attribute;
pub mod code;
mod cursor;
mod document;
mod domain_mapping;
mod iam;
mod names;
mod project;
mod reference;
mod service;
mod unread;
mod vpc_access;

use std::fmt::Display;
use std::sync::Arc;

use hashbrown::HashMap;
use indexmap::{IndexMap, IndexSet};

use crate::source::tree::{Node, Value};
use crate::source::{Findings, Span, code as reading};
use crate::topology::Topology;
use crate::topology::record::{Field, Spanned, Unknown};
use crate::topology::unread::{Family, Skipped, Unread};

use self::cursor::{Read, Why};
use self::document::{Plan, PlanResource};
use self::unread::UnreadEffect;

/// What a way into a service does that is left out.
const WAY_IN: UnreadEffect = UnreadEffect { family: Family::Services, opens: true, closes: false };

/// What a plan says.
#[derive(Clone, Debug)]
pub struct Imported {
    /// The topology.
    pub topology: Topology,
    /// What could matter and is not in the topology.
    pub unread: Vec<Unread>,
    /// The addresses in Terraform of the topology's resources, by `kind/id`.
    pub addresses: IndexMap<String, Arc<str>>,
}

/// Whether a document is a plan.
pub fn detect(node: &Node) -> bool {
    node.get("format_version").is_some()
        && (node.get("planned_values").is_some() || node.get("resource_changes").is_some())
}

/// Reads a plan. What is wrong with it is reported; the rest is read all the same.
pub fn read(node: &Node, findings: &mut Findings) -> Imported {
    check_format(node, findings);
    let plan = Plan::new(node);
    let mut reader = PlanReader {
        plan: &plan,
        findings,
        imported: Imported {
            topology: empty(node.span.at_start()),
            unread: Vec::new(),
            addresses: IndexMap::new(),
        },
        services: PlanServices::default(),
        projects: IndexMap::new(),
        homeless: Vec::new(),
    };
    for (what, words, span) in incomplete(node) {
        let finding = code::INCOMPLETE_PLAN.finding(words).at(span);
        reader.findings.push(finding.remark("what it leaves out is not known"));
        let anything = UnreadEffect { family: Family::Anything, opens: true, closes: true };
        reader.skip(what, anything, Vec::new(), span);
    }
    reader.read_projects();
    reader.read_services();
    reader.read_bindings();
    reader.read_domain_mappings();
    reader.report_unread();
    reader.report_homeless();
    reader.imported
}

fn check_format(node: &Node, findings: &mut Findings) {
    let version = node.get("format_version");
    let place = version.map_or(node.span.at_start(), |node| node.span);
    let text = version.and_then(Node::as_str).unwrap_or_default();
    let major = text.split('.').next().unwrap_or_default();
    if !matches!(major, "0" | "1") {
        let message = format!("plan format version `{text}` is not known");
        let finding = code::FORMAT_VERSION.finding(message).at(place);
        findings.push(finding.help("versions 0 and 1 are; parts of this plan may be misread"));
    }
}

/// Why a plan is not all that will be, in words, and where it says so.
fn incomplete(node: &Node) -> Vec<(Skipped, &'static str, Span)> {
    let is = |key: &str, flag| node.get(key).is_some_and(|node| node.value == Value::Bool(flag));
    let deferred = node.get("deferred_changes").and_then(Node::as_list);
    let defers = deferred.is_some_and(|list| !list.is_empty());
    let later = "applying the plan leaves changes for later";
    [
        ("errored", is("errored", true), Skipped::Failed, "planning failed"),
        ("complete", is("complete", false), Skipped::LeftForLater, later),
        ("deferred_changes", defers, Skipped::Deferred, "the plan defers changes"),
    ]
    .into_iter()
    .filter(|(_, holds, ..)| *holds)
    .map(|(key, _, what, words)| {
        (what, words, node.entry(key).map_or(Span::none(), |(key, _)| key.span))
    })
    .collect()
}

/// A service of the plan, by what refers to it.
struct Deployed<'a> {
    /// Its position among the resources.
    at: usize,
    id: Arc<str>,
    name: Option<&'a str>,
    location: Option<&'a str>,
    /// Its project, if the plan says it.
    project: Option<String>,
}

/// The services of the plan.
#[derive(Default)]
struct PlanServices<'a> {
    list: Vec<Deployed<'a>>,
    by_name: HashMap<&'a str, Vec<usize>>,
    by_resource: HashMap<usize, usize>,
}

impl<'a> PlanServices<'a> {
    fn push(&mut self, deployed: Deployed<'a>) {
        let position = self.list.len();
        if let Some(name) = deployed.name {
            self.by_name.entry(name).or_default().push(position);
        }
        self.by_resource.insert(deployed.at, position);
        self.list.push(deployed);
    }

    fn get(&self, position: usize) -> Option<&Deployed<'a>> {
        self.list.get(position)
    }

    fn called(&self, name: &str) -> &[usize] {
        self.by_name.get(name).map_or(&[], Vec::as_slice)
    }

    /// The services that some resources are.
    fn of(&self, resources: &[usize]) -> Vec<usize> {
        resources.iter().filter_map(|at| self.by_resource.get(at).copied()).collect()
    }
}

/// The state of reading a plan.
struct PlanReader<'p, 'a, 'f> {
    plan: &'p Plan<'a>,
    findings: &'f mut Findings,
    imported: Imported,
    services: PlanServices<'a>,
    /// The projects that the plan itself makes: their ids, by their positions.
    projects: IndexMap<usize, String>,
    /// The resources whose project is not known.
    homeless: Vec<Spanned<Arc<str>>>,
}

impl<'p, 'a> PlanReader<'p, 'a, '_> {
    /// The managed resources of some types with their positions.
    fn resources(&self, kinds: &[&str]) -> Vec<(usize, &'p PlanResource<'a>)> {
        let resources = self.plan.resources.iter().enumerate();
        resources.filter(|(_, each)| !each.data && kinds.contains(&each.kind)).collect()
    }

    /// Notes something that could matter and is not in the topology; `services` are those that it
    /// is about, none if it may be about any.
    fn skip(&mut self, what: Skipped, effect: UnreadEffect, services: Vec<Arc<str>>, at: Span) {
        let UnreadEffect { family, opens, closes } = effect;
        self.imported.unread.push(Unread { what, family, opens, closes, services, at });
    }

    /// Notes a way into a service that is not in the topology.
    fn skip_way_in(&mut self, what: Skipped, services: Vec<Arc<str>>, at: Span) {
        self.skip(what, WAY_IN, services, at);
    }

    /// Notes where a resource of the topology comes from.
    fn keep_address(&mut self, kind: &str, id: &str, resource: &PlanResource<'_>) {
        self.imported.addresses.insert(format!("{kind}/{id}"), Arc::clone(&resource.address));
    }

    /// A setting that is written as one of some words.
    fn setting<T>(
        &mut self,
        resource: &PlanResource<'_>,
        path: impl Display,
        read: Read<'_, &str>,
        noun: &str,
        word: impl FnOnce(&str) -> Option<T>,
    ) -> Option<Field<T>> {
        let (text, span) = match read {
            Read::Known(text, span) => (text, span),
            Read::Unset => return None,
            Read::Unknown(why) => return Some(not_known(resource, path, why)),
        };
        if let Some(value) = word(text) {
            return Some(Field::given(value, span));
        }
        let why = format!("`{text}` is not {noun}");
        let finding = reading::INVALID_VALUE.warning(why.as_str()).at(span);
        self.findings.push(finding.address(resource.address.as_ref()));
        Some(Field::not_known(
            Unknown {
                id: format!("{}.{path}", resource.address).into(),
                text: why.into(),
                candidates: Vec::new(),
            },
            span,
        ))
    }
}

/// A flag, turned around if it says that something is off.
fn flag(
    resource: &PlanResource<'_>,
    path: impl Display,
    read: Read<'_, bool>,
    is: impl Fn(bool) -> bool,
) -> Option<Field<bool>> {
    match read {
        Read::Known(value, span) => Some(Field::given(is(value), span)),
        Read::Unset => None,
        Read::Unknown(why) => Some(not_known(resource, path, why)),
    }
}

/// An attribute whose value is not known, and may be any.
fn not_known<T>(resource: &PlanResource<'_>, path: impl Display, why: Why<'_>) -> Field<T> {
    assumed(resource, path, why.text, Vec::new())
}

/// An attribute whose value is not known, and may be one of some if there are any.
fn assumed<T>(
    resource: &PlanResource<'_>,
    path: impl Display,
    why: &str,
    candidates: Vec<Spanned<T>>,
) -> Field<T> {
    let address = &resource.address;
    let id = format!("{address}.{path}").into();
    let text = format!("`{path}` of `{address}` is {why}").into();
    Field::not_known(Unknown { id, text, candidates }, resource.span)
}

/// The items without repetitions, in order.
fn distinct<T: std::hash::Hash + Eq>(items: impl IntoIterator<Item = T>) -> Vec<T> {
    items.into_iter().collect::<IndexSet<_>>().into_iter().collect()
}

/// A topology that says nothing.
fn empty(span: Span) -> Topology {
    let portolan = Some(Spanned::new(1, Span::none()));
    Topology { portolan, ..Topology::empty(span) }
}
