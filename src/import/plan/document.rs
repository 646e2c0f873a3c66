//! The parts of a plan: its resources as they will be, their changes, and the configuration.

use std::sync::Arc;

use hashbrown::{HashMap, HashSet};
use indexmap::IndexSet;
use rustc_hash::FxBuildHasher;

use crate::source::Span;
use crate::source::tree::{Node, Value};

use super::address::{self, Segment};
use super::cursor::{Cursor, Sides, Written};

/// A plan, by its resources.
#[derive(Debug)]
pub struct Plan<'a> {
    /// The resources that will exist, and the data sources that are read on apply, in the order of
    /// the plan.
    pub resources: Vec<PlanResource<'a>>,
    /// Their positions by type and name, whatever their module and index.
    pub by_name: HashMap<(&'a str, &'a str), Vec<usize>, FxBuildHasher>,
    /// The same inside each instance of a module.
    pub by_module: HashMap<(&'a str, &'a str, Vec<Segment>), Instances, FxBuildHasher>,
    /// The configuration.
    pub configuration: Configuration<'a>,
    variables: Option<&'a Node>,
}

/// The instances of a resource, by their positions.
#[derive(Debug, Default)]
pub struct Instances {
    /// All of them.
    pub all: Vec<usize>,
    /// By index or key.
    pub by_key: HashMap<Option<String>, Vec<usize>, FxBuildHasher>,
}

/// A resource that will exist.
#[derive(Debug)]
pub struct PlanResource<'a> {
    /// Its address.
    pub address: Arc<str>,
    /// The place of the address, which stands for the resource: the whole holds secrets.
    pub span: Span,
    /// Whether it is a data source.
    pub data: bool,
    /// Its type, such as `google_cloud_run_service`.
    pub kind: &'a str,
    /// Its name in the module.
    pub name: &'a str,
    /// Its index or key.
    pub key: Option<String>,
    /// The modules that it stands in, from the outside.
    pub module: Vec<Segment>,
    /// Where its values start.
    pub root: Cursor<'a>,
    /// Its configuration.
    pub configuration: Option<&'a Node>,
}

#[derive(Clone, Copy)]
struct PlanChange<'a> {
    node: &'a Node,
    change: &'a Node,
}

impl<'a> PlanChange<'a> {
    fn has(&self, action: &str) -> bool {
        let actions = self.change.get("actions").and_then(Node::as_list).unwrap_or_default();
        actions.iter().any(|node| node.as_str() == Some(action))
    }

    /// Whether nothing is left of the resource.
    fn removes(&self) -> bool {
        (self.has("delete") || self.has("forget")) && !self.has("create")
    }

    /// Whether the resource stays, so that the server keeps what nobody sets.
    fn keeps(&self) -> bool {
        !self.has("create") && !self.has("delete") && !self.has("read")
    }
}

impl<'a> Plan<'a> {
    /// Takes a plan apart.
    pub fn new(root: &'a Node) -> Self {
        let configuration = Configuration::new(root);
        let changes = root.get("resource_changes").and_then(Node::as_list).unwrap_or_default();
        let changes: Vec<_> = changes
            .iter()
            // What is deposed is deleted beside the resource of the same address.
            .filter(|node| node.get("deposed").is_none())
            .filter_map(|node| node.get("change").map(|change| PlanChange { node, change }))
            .collect();
        let text = |node: &'a Node, key: &str| node.get(key).and_then(Node::as_str);
        let by_address: HashMap<&str, PlanChange<'a>, FxBuildHasher> = changes
            .iter()
            .filter_map(|change| Some((text(change.node, "address")?, *change)))
            .collect();

        let mut plan = Self {
            resources: Vec::new(),
            by_name: HashMap::default(),
            by_module: HashMap::default(),
            configuration,
            variables: root.get("variables"),
        };
        let mut seen = HashSet::<Arc<str>, FxBuildHasher>::default();
        for (node, module) in planned(root) {
            let change = text(node, "address").and_then(|address| by_address.get(address));
            if !change.is_some_and(PlanChange::removes) {
                plan.add(node, module, node.get("values"), change, &mut seen);
            }
        }
        for change in changes.iter().filter(|change| !change.removes()) {
            let module = text(change.node, "module_address").unwrap_or_default();
            let values = change.change.get("after");
            plan.add(change.node, address::modules(module), values, Some(change), &mut seen);
        }
        for (at, resource) in plan.resources.iter().enumerate() {
            let (kind, name) = (resource.kind, resource.name);
            plan.by_name.entry((kind, name)).or_default().push(at);
            let in_module = plan.by_module.entry((kind, name, resource.module.clone()));
            let instances = in_module.or_default();
            instances.all.push(at);
            instances.by_key.entry(resource.key.clone()).or_default().push(at);
        }
        plan
    }

    fn add(
        &mut self,
        node: &'a Node,
        module: Vec<Segment>,
        value: Option<&'a Node>,
        change: Option<&PlanChange<'a>>,
        seen: &mut HashSet<Arc<str>, FxBuildHasher>,
    ) {
        let text = |key: &str| node.get(key).and_then(Node::as_str);
        let (Some(address), Some(kind)) = (node.get("address"), text("type")) else { return };
        let Value::Text(address_text) = &address.value else { return };
        if !seen.insert(Arc::clone(&address_text.text)) {
            return;
        }
        let name = text("name").unwrap_or_default();
        let data = text("mode") == Some("data");
        let configuration = self.configuration.resource(&module, data, kind, name);
        let side = |key: &str| change.and_then(|change| change.change.get(key));
        let root = Cursor::new(Sides {
            value,
            unknown: side("after_unknown"),
            sensitive: [
                node.get("sensitive_values"),
                side("after_sensitive"),
                side("before_sensitive"),
            ],
            before: change.filter(|change| change.keeps()).and_then(|_| side("before")),
            written: configuration
                .and_then(|node| node.get("expressions"))
                .map_or(Written::Unsaid, Written::Block),
        });
        let key = node.get("index").and_then(|index| match &index.value {
            Value::Text(text) => Some(text.text.as_ref().to_owned()),
            Value::Integer(index) => Some(index.to_string()),
            _ => None,
        });
        self.resources.push(PlanResource {
            address: Arc::clone(&address_text.text),
            span: address.span,
            data,
            kind,
            name,
            key,
            module,
            root,
            configuration,
        });
    }

    /// The value of a variable of the root module, if it is a text and not sensitive.
    pub fn variable(&self, name: &str) -> Option<(&'a str, Span)> {
        let declared = self.configuration.module(&[]).and_then(|node| node.get("variables"));
        let declared = declared.and_then(|node| node.get(name));
        if declared.and_then(|node| node.get("sensitive")).is_some_and(|node| !is_false(node)) {
            return None;
        }
        let node = self.variables?.get(name)?.get("value")?;
        Some((node.as_str().filter(|text| !text.is_empty())?, node.span))
    }
}

fn is_false(node: &Node) -> bool {
    node.value == Value::Bool(false)
}

/// All planned resources with their modules.
fn planned(root: &Node) -> Vec<(&Node, Vec<Segment>)> {
    let mut resources = Vec::new();
    let mut open: Vec<_> =
        root.get("planned_values").and_then(|node| node.get("root_module")).into_iter().collect();
    while let Some(module) = open.pop() {
        let address = module.get("address").and_then(Node::as_str).unwrap_or_default();
        let path = address::modules(address);
        let own = module.get("resources").and_then(Node::as_list).unwrap_or_default();
        resources.extend(own.iter().map(|node| (node, path.clone())));
        let children = module.get("child_modules").and_then(Node::as_list).unwrap_or_default();
        open.extend(children.iter().rev());
    }
    resources
}

/// The configuration: one for every call of a module, whatever the call's instances.
#[derive(Debug, Default)]
pub struct Configuration<'a> {
    root: Option<&'a Node>,
    modules: HashMap<String, &'a Node, FxBuildHasher>,
    resources: HashMap<String, &'a Node, FxBuildHasher>,
}

impl<'a> Configuration<'a> {
    fn new(root: &'a Node) -> Self {
        let mut this = Self { root: root.get("configuration"), ..Self::default() };
        let mut open: Vec<_> = this
            .root
            .and_then(|node| node.get("root_module"))
            .map(|node| (String::new(), node))
            .into_iter()
            .collect();
        while let Some((path, module)) = open.pop() {
            let own = module.get("resources").and_then(Node::as_list).unwrap_or_default();
            for node in own {
                let text = |key: &str| node.get(key).and_then(Node::as_str).unwrap_or_default();
                let key = key(&path, text("mode") == "data", text("type"), text("name"));
                this.resources.insert(key, node);
            }
            let calls = module.get("module_calls").and_then(Node::as_map).unwrap_or_default();
            for (name, call) in calls {
                if let Some(child) = call.get("module") {
                    open.push((inside(&path, &name.text), child));
                }
            }
            this.modules.insert(path, module);
        }
        this
    }

    /// The configuration of a module.
    pub fn module(&self, path: &[&str]) -> Option<&'a Node> {
        let path = path.iter().fold(String::new(), |path, name| inside(&path, name));
        self.modules.get(&path).copied()
    }

    /// The configuration of a resource.
    fn resource(&self, module: &[Segment], data: bool, kind: &str, name: &str) -> Option<&'a Node> {
        let path = module.iter().fold(String::new(), |path, each| inside(&path, &each.name));
        self.resources.get(&key(&path, data, kind, name)).copied()
    }

    /// What a provider is given for an attribute: the provider that the resource uses, else the one
    /// of its product.
    pub fn provider(&self, resource: &PlanResource<'_>, attribute: &str) -> Option<&'a Node> {
        let providers = self.root?.get("provider_config")?;
        let key = resource.configuration.and_then(|node| node.get("provider_config_key"));
        let key = key.and_then(Node::as_str).unwrap_or("google");
        let names = [key, key.rsplit(':').next().unwrap_or(key), "google", "google-beta"];
        let names: IndexSet<_> = names.into_iter().collect();
        let written = |name: &&str| providers.get(name)?.get("expressions")?.get(attribute);
        names.iter().find_map(written)
    }
}

fn inside(path: &str, module: &str) -> String {
    format!("{path}{}:{module}/", module.len())
}

fn key(path: &str, data: bool, kind: &str, name: &str) -> String {
    format!("{path}{}{kind}.{name}", if data { "data." } else { "" })
}
