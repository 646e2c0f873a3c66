//! What an expression of the configuration refers to.
//!
//! Most references of a first plan are known only after apply, but the configuration names the
//! resources that they come from. It tells neither indices nor operators: what is found here is what
//! a value *may* come from, and [`Referents::whole`] whether that is all.

use hashbrown::HashSet;
use indexmap::IndexSet;

use crate::source::tree::Node;

use super::address::{self, Segment};
use super::document::{Plan, PlanResource};

/// How many references are followed for one value, and how far.
const STEPS: usize = 2_000;
const DEPTH: usize = 40;

/// What a value may come from.
#[derive(Debug)]
pub struct Referents {
    /// Positions of resources of the kinds that were asked for, in the order of the plan.
    pub resources: Vec<usize>,
    /// Whether the value comes from nothing else that is not known.
    pub whole: bool,
}

/// A module's instance, or all of them.
#[derive(Clone, Debug)]
struct ModuleScope<'a> {
    modules: Vec<(String, ModuleInstance)>,
    /// The index or key of what holds the expression.
    key: Option<String>,
    /// The `for_each` that `each.value` comes from.
    for_each: Option<&'a Node>,
    /// Whether the expression is that `for_each`, of which the own key is taken.
    iterated: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum ModuleInstance {
    Only(Option<String>),
    Any,
}

struct ReferenceSearch<'p, 'a> {
    plan: &'p Plan<'a>,
    kinds: &'p [&'p str],
    found: IndexSet<usize>,
    seen: HashSet<(usize, String, String)>,
    whole: bool,
}

impl<'a> Plan<'a> {
    /// The resources of some kinds that an expression of a resource refers to.
    pub fn referents(
        &self,
        from: &PlanResource<'a>,
        expression: Option<&'a Node>,
        kinds: &[&str],
    ) -> Referents {
        let Some(expression) = expression else {
            return Referents { resources: Vec::new(), whole: false };
        };
        let instance = |each: &Segment| (each.name.clone(), ModuleInstance::Only(each.key.clone()));
        let scope = ModuleScope {
            modules: from.module.iter().map(instance).collect(),
            key: from.key.clone(),
            for_each: from.configuration.and_then(|node| node.get("for_each_expression")),
            iterated: false,
        };
        let mut search = ReferenceSearch {
            plan: self,
            kinds,
            found: IndexSet::new(),
            seen: HashSet::new(),
            whole: true,
        };
        search.expression(expression, &scope, 0);
        let mut resources: Vec<_> = search.found.into_iter().collect();
        resources.sort_unstable();
        Referents { resources, whole: search.whole }
    }
}

impl<'p, 'a> ReferenceSearch<'p, 'a> {
    fn expression(&mut self, node: &'a Node, scope: &ModuleScope<'a>, depth: usize) {
        if node.get("constant_value").is_some() {
            return;
        }
        let Some(references) = node.get("references").and_then(Node::as_list) else {
            self.whole = false;
            return;
        };
        let references: Vec<_> = references.iter().filter_map(Node::as_str).collect();
        let own = |each: &&str| each.starts_with("each.") || each.starts_with("count.");
        let own_key = scope.iterated || references.iter().any(own);
        for (at, reference) in references.iter().enumerate() {
            // A reference stands before its own prefixes.
            let before = at.checked_sub(1).and_then(|at| references.get(at));
            if before.is_some_and(|before| address::is_longer(before, reference)) {
                continue;
            }
            let path: Vec<_> = scope.modules.iter().map(|(name, _)| name.as_str()).collect();
            let keys = format!("{:?}", scope.modules);
            if depth > DEPTH || self.seen.len() > STEPS {
                self.whole = false;
                return;
            }
            if self.seen.insert((path.len(), keys, (*reference).to_owned())) {
                self.reference(reference, own_key, scope, &path, depth + 1);
            }
        }
    }

    fn reference(
        &mut self,
        reference: &str,
        own_key: bool,
        scope: &ModuleScope<'a>,
        path: &[&str],
        depth: usize,
    ) {
        let segments = address::segments(reference);
        let mut rest = segments.iter();
        match rest.next().map(|segment| segment.name.as_str()) {
            Some("var") => {
                if let Some(name) = rest.next() {
                    self.argument(&name.name, scope, path, depth);
                }
            }
            Some("module") => {
                self.outputs(rest.next(), rest.next(), own_key, scope, path, depth);
            }
            Some("each") => {
                if rest.next().is_some_and(|segment| segment.name == "value") {
                    match scope.for_each {
                        Some(node) => {
                            let scope =
                                ModuleScope { for_each: None, iterated: true, ..scope.clone() };
                            self.expression(node, &scope, depth);
                        }
                        None => self.whole = false,
                    }
                }
            }
            Some("count" | "path" | "terraform" | "self") => {}
            Some("data") => {
                let (kind, name) = (rest.next(), rest.next());
                self.instances(kind, name, true, own_key, scope);
            }
            Some("local") | None => self.whole = false,
            Some(_) => {
                let mut rest = segments.iter();
                let (kind, name) = (rest.next(), rest.next());
                self.instances(kind, name, false, own_key, scope);
            }
        }
    }

    /// Follows an output into a module, or all of them if it is not named: an index that is not
    /// constant ends the reference.
    fn outputs(
        &mut self,
        call: Option<&Segment>,
        output: Option<&Segment>,
        own_key: bool,
        scope: &ModuleScope<'a>,
        path: &[&str],
        depth: usize,
    ) {
        let inner = call.map(|call| [path, &[call.name.as_str()]].concat());
        let module = inner.and_then(|inner| self.plan.configuration.module(&inner));
        let outputs = module.and_then(|node| node.get("outputs")?.as_map());
        let (Some(call), Some(outputs)) = (call, outputs) else {
            self.whole = false;
            return;
        };
        let instance = match (&call.key, &scope.key) {
            (Some(key), _) => ModuleInstance::Only(Some(key.clone())),
            (None, Some(key)) if own_key => ModuleInstance::Only(Some(key.clone())),
            (None, _) => ModuleInstance::Any,
        };
        let mut modules = scope.modules.clone();
        modules.push((call.name.clone(), instance));
        let scope = ModuleScope { modules, key: None, for_each: None, iterated: false };
        let named = |name: &str| output.is_none_or(|output| *output.name == *name);
        let mut followed = false;
        for (_, node) in outputs.iter().filter(|(key, _)| named(&key.text)) {
            if let Some(expression) = node.get("expression") {
                self.expression(expression, &scope, depth);
                followed = true;
            }
        }
        self.whole &= followed;
    }

    /// Follows a variable to the call of the module.
    fn argument(&mut self, name: &str, scope: &ModuleScope<'a>, path: &[&str], depth: usize) {
        let Some((call, outer)) = path.split_last() else {
            // Variables of the root module are known.
            return;
        };
        let module = self.plan.configuration.module(outer);
        let calls = module.and_then(|node| node.get("module_calls"));
        let Some(call) = calls.and_then(|node| node.get(call)) else {
            self.whole = false;
            return;
        };
        // Without an argument the variable has its default.
        let Some(expression) = call.get("expressions").and_then(|node| node.get(name)) else {
            return;
        };
        let mut modules = scope.modules.clone();
        let key = match modules.pop() {
            Some((_, ModuleInstance::Only(key))) => key,
            _ => None,
        };
        let for_each = call.get("for_each_expression");
        self.expression(
            expression,
            &ModuleScope { modules, key, for_each, iterated: false },
            depth,
        );
    }

    fn instances(
        &mut self,
        kind: Option<&Segment>,
        name: Option<&Segment>,
        data: bool,
        own_key: bool,
        scope: &ModuleScope<'a>,
    ) {
        let (Some(kind), Some(name)) = (kind, name) else {
            self.whole = false;
            return;
        };
        if !self.kinds.contains(&kind.name.as_str()) {
            self.whole = false;
            return;
        }
        let Some(module) = scope.module() else {
            // Any instance of a module may be meant, so any of its resources.
            let of_name = self.plan.by_name.get(&(kind.name.as_str(), name.name.as_str()));
            let mut found = self.fitting(of_name, data, scope);
            if let Some(key) = &name.key {
                found.retain(|&at| self.key(at) == Some(key));
            }
            self.found.extend(found);
            return;
        };
        let place = (kind.name.as_str(), name.name.as_str(), module);
        let Some(instances) = self.plan.by_module.get(&place) else { return };
        let found = if name.key.is_some() {
            self.fitting(instances.by_key.get(&name.key), data, scope)
        } else {
            let own = instances.by_key.get(&scope.key).filter(|_| own_key);
            self.fitting(own.or(Some(&instances.all)), data, scope)
        };
        self.found.extend(found);
    }

    fn key(&self, at: usize) -> Option<&'p String> {
        self.plan.resources.get(at)?.key.as_ref()
    }

    /// Those of some resources that an expression can refer to.
    fn fitting(&self, of: Option<&Vec<usize>>, data: bool, scope: &ModuleScope<'a>) -> Vec<usize> {
        let fits = |at: &usize| {
            let resource = self.plan.resources.get(*at);
            resource.is_some_and(|each| each.data == data && in_scope(each, scope))
        };
        of.into_iter().flatten().copied().filter(fits).collect()
    }
}

impl ModuleScope<'_> {
    /// The module's instance, if it is one.
    fn module(&self) -> Option<Vec<Segment>> {
        let segment = |(name, instance): &(String, ModuleInstance)| match instance {
            ModuleInstance::Only(key) => Some(Segment { name: name.clone(), key: key.clone() }),
            ModuleInstance::Any => None,
        };
        self.modules.iter().map(segment).collect()
    }
}

fn in_scope(resource: &PlanResource<'_>, scope: &ModuleScope<'_>) -> bool {
    resource.module.len() == scope.modules.len()
        && resource.module.iter().zip(&scope.modules).all(|(own, (name, instance))| {
            own.name == *name
                && match instance {
                    ModuleInstance::Only(key) => own.key == *key,
                    ModuleInstance::Any => true,
                }
        })
}
