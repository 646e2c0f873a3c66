//! Selectors: which sources and destinations a question is about.

use super::answer::{GuardHop, Sender};
use super::{AskError, Model};
use crate::graph::identity::Principal;
use crate::graph::{Body, Graph, HopId, Outcome, Resource, ResourceId};
use crate::graph::{HopKind, ResourceKind};
use crate::solve::Reaching;
use crate::source::nearest;
use crate::topology::record::Labels;

/// A source with what the asker restricts it to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SelectedSender {
    /// An index into the graph's sources.
    pub source: usize,
    /// The only principal class, for a selector that names an identity.
    pub principal: Option<u32>,
    /// Who it is in answers.
    pub sender: Sender,
}

impl SelectedSender {
    /// Its name as selectors write it.
    pub fn name(&self, graph: &Graph) -> String {
        sender_name(graph, &self.sender)
    }
}

/// The name of a sender as selectors write it.
pub fn sender_name(graph: &Graph, sender: &Sender) -> String {
    match sender {
        Sender::Resource(resource) => graph.resource(*resource).to_string(),
        Sender::Identity(member) => member.to_string(),
    }
}

/// The sources that selectors name.
pub fn sources(model: &Model, selectors: &[String]) -> Result<Vec<SelectedSender>, AskError> {
    let graph = &model.graph;
    let mut found: Vec<SelectedSender> = Vec::new();
    for selector in selectors {
        let mut here = Vec::new();
        if let Some(class) = identity(graph, selector) {
            let internet = graph
                .sources
                .iter()
                .position(|source| graph.resource(source.resource).kind == ResourceKind::Internet);
            here.extend(internet.map(|source| SelectedSender {
                source,
                principal: Some(class),
                sender: Sender::Identity(selector.as_str().into()),
            }));
        } else {
            let fits = matching(model, selector)?;
            for (index, source) in graph.sources.iter().enumerate() {
                let resource = graph.resource(source.resource);
                if fits(resource) {
                    let sender = Sender::Resource(source.resource);
                    here.push(SelectedSender { source: index, principal: None, sender });
                }
            }
        }
        if here.is_empty() {
            let names = graph.sources.iter().map(|source| graph.resource(source.resource));
            return Err(unknown(selector, "sends requests", names));
        }
        found.extend(here.into_iter().filter(|each| !found.contains(each)).collect::<Vec<_>>());
    }
    Ok(found)
}

/// The class of the identity that a selector names, if it names one.
pub fn identity(graph: &Graph, selector: &str) -> Option<u32> {
    let (kind, name) = selector.split_once(':')?;
    let name = name.to_ascii_lowercase();
    let identities = &graph.identities;
    let principal = match kind {
        "user" => Principal::User(name.as_str().into()),
        "serviceAccount" => Principal::ServiceAccount(name.as_str().into()),
        "group" => Principal::GroupMember(name.as_str().into()),
        "domain" => Principal::DomainMember(name.as_str().into()),
        _ => return None,
    };
    if let Some(class) = identities.find_principal(&principal) {
        return Some(class);
    }
    // An identity that the topology does not name is one of its domain, or anyone.
    let domain = name.rsplit_once('@').map(|(_, domain)| Principal::DomainMember(domain.into()));
    domain
        .filter(|_| kind == "user")
        .and_then(|domain| identities.find_principal(&domain))
        .or(Some(crate::graph::identity::Identities::ANY_ACCOUNT))
}

/// The resources at which requests can end that selectors name.
pub fn destinations(model: &Model, selectors: &[String]) -> Result<Vec<ResourceId>, AskError> {
    let graph = &model.graph;
    let ends = ends(graph);
    let mut found: Vec<ResourceId> = Vec::new();
    for selector in selectors {
        let fits = matching(model, selector)?;
        let here: Vec<ResourceId> =
            ends.iter().copied().filter(|end| fits(graph.resource(*end))).collect();
        if here.is_empty() {
            if graph.resources.iter().any(&fits) || declared(model).any(|each| fits(&each)) {
                return Err(AskError {
                    message: format!("no request ends at `{selector}`"),
                    help: Some("name it with `--via` to ask for paths over it".into()),
                });
            }
            let known = ends.iter().map(|end| graph.resource(*end));
            return Err(unknown(selector, "receives requests", known));
        }
        found.extend(here.into_iter().filter(|end| !found.contains(end)).collect::<Vec<_>>());
    }
    Ok(found)
}

/// Everybody.
pub const INTERNET: &str = "internet";

/// The end that stands for all of Google's APIs.
pub const APIS: &str = "api/googleapis.com";

/// The host of one of Google's APIs, if a selector names one: `api/storage.googleapis.com` is
/// [`APIS`] by that name.
pub fn api_host(selector: &str) -> Option<&str> {
    selector.strip_prefix("api/").filter(|host| host.ends_with(".googleapis.com"))
}

/// Every resource at which requests end, in order.
pub fn ends(graph: &Graph) -> Vec<ResourceId> {
    let mut ends: Vec<ResourceId> = graph
        .outcomes
        .iter()
        .filter_map(|outcome| match outcome {
            Outcome::Delivered { to } => Some(*to),
            _ => None,
        })
        .collect();
    ends.sort_unstable();
    ends.dedup();
    ends
}

/// Marks hops by index.
pub fn marked(graph: &Graph, hops: &[HopId]) -> Vec<bool> {
    let mut marked = vec![false; graph.hops.node_count()];
    for hop in hops {
        marked[hop.index()] = true;
    }
    marked
}

/// The hops that end at one of these resources.
pub fn reaching(graph: &Graph, ends: &[ResourceId]) -> Reaching {
    let mut wanted = vec![false; graph.resources.len()];
    for end in ends {
        wanted[end.0 as usize] = true;
    }
    Reaching::new(graph, |hop| match &graph.hop(hop).body {
        Body::Terminal(outcome) => match graph.outcome(*outcome) {
            Outcome::Delivered { to } => wanted[to.0 as usize],
            _ => false,
        },
        _ => false,
    })
}

/// The hops of the resources that a selector names, for guards and ways.
///
/// `iap/NAME` is IAP on that service or backend, and on every backend that leads to a service of
/// that name, by its name or by a URL mask.
pub fn hops(model: &Model, selector: &str) -> Result<Vec<HopId>, AskError> {
    let graph = &model.graph;
    let fits = matching(model, selector)?;
    let service =
        selector.strip_prefix("iap/").and_then(|id| graph.find_resource(ResourceKind::Service, id));
    let leading = service.map(|service| reaching(graph, &[service]));
    let resources: Vec<bool> = graph.resources.iter().map(&fits).collect();
    let found: Vec<HopId> = graph
        .hops
        .node_indices()
        .filter(|id| {
            let hop = graph.hop(*id);
            let leads = leading.as_ref().is_some_and(|leading| leading.contains(*id));
            let on_the_way = leads && graph.resource(hop.resource).kind == ResourceKind::Iap;
            // What passes IAP unasked, and what happens behind it, is no part of the guard.
            (resources[hop.resource.0 as usize] || on_the_way)
                && !matches!(hop.kind, HopKind::IapException | HopKind::IapAgent)
        })
        .collect();
    if found.is_empty() && !declared(model).any(|each| fits(&each)) {
        let known = graph.resources.iter().cloned().chain(declared(model));
        return Err(unknown(selector, "is declared", known));
    }
    Ok(found)
}

/// What the topology declares.
fn declared(model: &Model) -> impl Iterator<Item = Resource> {
    model.topology.sections().flat_map(|section| {
        let kind = ResourceKind::from_name(section.kind);
        kind.into_iter().flat_map(move |kind| {
            section.ids().map(move |id| Resource { kind, id: (&**id).into() })
        })
    })
}

type Fits<'a> = Box<dyn Fn(&Resource) -> bool + 'a>;

/// Which resources a selector fits.
fn matching<'a>(model: &'a Model, selector: &'a str) -> Result<Fits<'a>, AskError> {
    if let Some(label) = selector.strip_prefix("label:") {
        let Some((key, value)) = label.split_once('=') else {
            return Err(AskError {
                message: format!("`{selector}` is not a selector"),
                help: Some("write `label:KEY=VALUE`".into()),
            });
        };
        return Ok(Box::new(move |resource| {
            labels(model, resource)
                .and_then(|labels| labels.get(key))
                .is_some_and(|found| found.value == value)
        }));
    }
    Ok(match selector.split_once('/') {
        Some((kind, "*")) => Box::new(move |resource| resource.kind.name() == kind),
        Some((kind, id)) => {
            Box::new(move |resource| resource.kind.name() == kind && &*resource.id == id)
        }
        None => {
            Box::new(move |resource| resource.id.is_empty() && resource.kind.name() == selector)
        }
    })
}

/// Whether a selector means all of a kind that there are, so also those that are not known.
pub fn is_open_to(selector: &str, kind: ResourceKind) -> bool {
    selector.starts_with("label:")
        || selector.split_once('/').is_some_and(|(own, id)| own == kind.name() && id == "*")
}

/// The kinds of which selectors mean all that there are.
pub fn open_kinds(selectors: &[String]) -> Vec<ResourceKind> {
    let is_open =
        |kind: &&ResourceKind| selectors.iter().any(|selector| is_open_to(selector, **kind));
    ResourceKind::ALL.iter().filter(is_open).copied().collect()
}

fn labels<'a>(model: &'a Model, resource: &Resource) -> Option<&'a Labels> {
    let mut sections = model.topology.sections();
    sections.find(|section| section.kind == resource.kind.name())?.labels(&resource.id)
}

/// What nobody declares.
const INTERNAL: &[&str] = &["metadata_server", "google_front_end", "connector"];

fn unknown(selector: &str, what: &str, known: impl Iterator<Item = impl ToString>) -> AskError {
    let mut names: Vec<String> = known.map(|resource| resource.to_string()).collect();
    names.sort();
    names.dedup();
    // A name without its kind is that of one thing, if it is.
    let of_that_id: Vec<&String> = names
        .iter()
        .filter(|name| name.split_once('/').is_some_and(|(_, id)| id == selector))
        .collect();
    let near = match of_that_id.as_slice() {
        [] => nearest(selector, names.iter().map(String::as_str)).map(str::to_string),
        several => {
            Some(several.iter().map(|name| name.as_str()).collect::<Vec<_>>().join("` or `"))
        }
    };
    names.retain(|name| !INTERNAL.contains(&name.as_str()));
    let help = match near {
        Some(near) => Some(format!("did you mean `{near}`?")),
        None if names.is_empty() => None,
        None => {
            let some: Vec<String> = names.iter().take(6).map(|name| format!("`{name}`")).collect();
            let more = if names.len() > 6 { ", …" } else { "" };
            Some(format!("there is {}{more}", some.join(", ")))
        }
    };
    AskError { message: format!("nothing that {what} is called `{selector}`"), help }
}

/// The guard that a hop is, if answers list it: a policy, IAP, or invoker IAM.
pub fn guards(graph: &Graph, hop: HopId) -> Option<GuardHop> {
    let hop = graph.hop(hop);
    if !matches!(hop.body, Body::Gate { .. }) {
        return None;
    }
    match hop.kind {
        HopKind::SecurityPolicy
        | HopKind::EdgeSecurityPolicy
        | HopKind::HierarchicalSecurityPolicy
        | HopKind::Iap => Some(GuardHop::Resource(hop.resource)),
        HopKind::InvokerIam => Some(GuardHop::InvokerIam(hop.resource)),
        _ => None,
    }
}
