//! Whether an edit fits the schema and the topology.

use super::code::{EDIT_NOT_THERE, EDIT_WRONG_PLACE};
use super::{Change, Edit, EditStep, items};
use crate::source::tree::{Key, Node};
use crate::source::{Finding, nearest};
use crate::topology::Topology;
use crate::topology::record::{Decoder, Form, Listed, Named, Part, Showing, View};

/// How many names a help lists.
const MANY: usize = 8;

/// The positions of the items that an edit takes away, the last first; reports why it cannot be
/// applied. Without a topology only the schema is asked.
pub fn check(edit: &Edit, topology: Option<&Topology>, cx: &mut Decoder<'_>) -> Option<Vec<usize>> {
    let part = topology.map(|topology| topology as &dyn Part);
    Check { edit, topology }.from(0, Topology::form(), part, cx)
}

struct Check<'a> {
    edit: &'a Edit,
    topology: Option<&'a Topology>,
}

impl Check<'_> {
    /// Checks the path from a step on, which leads out of a part; there is none where nothing is
    /// written, and where only the schema is asked.
    fn from(
        &self,
        depth: usize,
        form: Form,
        part: Option<&dyn Part>,
        cx: &mut Decoder<'_>,
    ) -> Option<Vec<usize>> {
        let Some(step) = self.edit.path.steps.get(depth) else {
            return self.last(form, part, cx);
        };
        let is_last = depth + 1 == self.edit.path.steps.len();
        let removes = is_last && self.edit.change.removes();
        let view = part.map_or(View::Closed, Part::view);
        if let Some(finding) = self.mismatch(depth, step, form, part) {
            cx.report(finding);
            return None;
        }
        match (step, form) {
            (EditStep::Key(key), Form::Record { noun, keys, field }) => {
                let Some(form) = field(&key.text) else {
                    cx.unknown_key(key, &noun(), keys);
                    return None;
                };
                if removes && keys.iter().any(|info| info.required && *info.name == *key.text) {
                    let path = self.edit.path.first(depth + 1);
                    let finding = EDIT_WRONG_PLACE.finding(format!("`{path}` cannot be removed"));
                    cx.report(finding.label(key.span, "it must be given"));
                    return None;
                }
                let field = match view {
                    View::Record(record) => record.field(&key.text),
                    _ => None,
                };
                cx.under(key, |cx| self.from(depth + 1, form, field, cx))
            }
            (EditStep::Key(key), Form::Map { kind, of }) => {
                let value = match view {
                    View::Map(map) => match map.value(&key.text) {
                        None if !is_last
                            || removes
                            || matches!(self.edit.change, Change::Take(_)) =>
                        {
                            cx.report(self.no_such(depth, key, of(), map));
                            return None;
                        }
                        value => value,
                    },
                    _ => None,
                };
                cx.named(key, kind, |cx| self.from(depth + 1, of(), value, cx))
            }
            (EditStep::Item { at, .. }, Form::List { of }) => {
                let item = match view {
                    View::List(list) => list.item(*at),
                    _ => None,
                };
                if item.is_none() && self.topology.is_some() {
                    let count = match view {
                        View::List(list) => list.count(),
                        _ => 0,
                    };
                    cx.report(self.no_item(depth, *at, step, count));
                    return None;
                }
                cx.item(*at, |cx| self.from(depth + 1, of(), item, cx))
            }
            _ => None,
        }
    }

    /// What is wrong with a step out of a part that has no such steps.
    fn mismatch(
        &self,
        depth: usize,
        step: &EditStep,
        form: Form,
        part: Option<&dyn Part>,
    ) -> Option<Finding> {
        let path = self.edit.path.first(depth);
        let (message, help) = match (step, form) {
            (_, Form::Single) => (
                format!("`{path}` is a single value: nothing is in it"),
                format!("end the path there: `{path}=VALUE`"),
            ),
            (EditStep::Key(_), Form::List { .. }) => (
                format!("`{path}` is a list: its items have no names"),
                format!("name an item by its position, from 0: `{path}[0]`"),
            ),
            (EditStep::Item { .. }, Form::Record { .. } | Form::Map { .. }) => (
                format!("`{path}` is no list: nothing in it has a position"),
                format!("name what is in it: `{path}.NAME`"),
            ),
            _ => {
                // A value that is written in a form without parts stays unless it is replaced.
                let closed = matches!(part?.view(), View::Closed);
                let showing = Showing { topology: self.topology?, resource: None };
                part?.show_given(showing).filter(|_| closed)?;
                (
                    format!("`{path}` is written without parts here"),
                    format!("replace it as a whole: `{path}={{...}}`"),
                )
            }
        };
        Some(EDIT_WRONG_PLACE.finding(message).at(step.span()).help(help))
    }

    /// The finding that a map does not have a name.
    fn no_such(&self, depth: usize, key: &Key, of: Form, map: &dyn Named) -> Finding {
        let (path, name) = (self.edit.path.first(depth), &key.text);
        let (message, noun) = match of {
            Form::Record { noun, .. } => (format!("there is no {} `{name}`", noun()), noun()),
            _ => (format!("there is no `{name}` in `{path}`"), "name".to_owned()),
        };
        let names = map.names();
        let begun = format!("{name}.");
        let help = if let Some(near) = nearest(name, names.iter().copied()) {
            format!("did you mean `{near}`?")
        } else if let Some(dotted) = names.iter().find(|own| own.starts_with(&begun)) {
            format!("write a name that holds dots in quotes: `{path}.\"{dotted}\"`")
        } else if names.is_empty() {
            format!("there is no {noun} at all")
        } else {
            let listed: Vec<_> = names.iter().take(MANY).map(|own| format!("`{own}`")).collect();
            let more = if names.len() > MANY { ", ..." } else { "" };
            format!("there are {}{more}", listed.join(", "))
        };
        let finding = EDIT_NOT_THERE.finding(message).at(key.span).help(help);
        if depth + 1 == self.edit.path.steps.len() {
            return finding;
        }
        let whole = self.edit.path.first(depth + 1);
        finding.remark(format!("to add one, give it as a whole: `{whole}={{...}}`"))
    }

    /// The finding that a list has no such position.
    fn no_item(&self, depth: usize, at: usize, step: &EditStep, count: usize) -> Finding {
        let path = self.edit.path.first(depth);
        let help = match count {
            0 => "it has no items".to_owned(),
            1 => "it has one item, `[0]`".to_owned(),
            _ => format!("it has {count} items, `[0]` to `[{}]`", count - 1),
        };
        let message = format!("there is no item {at} in `{path}`");
        EDIT_NOT_THERE.finding(message).at(step.span()).help(help)
    }

    /// Checks what becomes of what the path leads to.
    fn last(
        &self,
        form: Form,
        part: Option<&dyn Part>,
        cx: &mut Decoder<'_>,
    ) -> Option<Vec<usize>> {
        let path = &self.edit.path;
        let (operator, node) = match &self.edit.change {
            Change::Set(_) => return Some(Vec::new()),
            Change::Add(node) => ("+=", node),
            Change::Take(node) => ("-=", node),
        };
        if !matches!(form, Form::List { .. }) {
            let message = format!("`{path}` is no list, so that `{operator}` has no meaning");
            let span = path.steps.last().map(EditStep::span).unwrap_or_default();
            let finding = EDIT_WRONG_PLACE.finding(message).at(span);
            cx.report(finding.help(format!("write `{path}=VALUE` to replace it")));
            return None;
        }
        match (&self.edit.change, self.topology) {
            (Change::Take(_), Some(topology)) => {
                let showing = Showing { topology, resource: None };
                let list = match part.map(Part::view) {
                    Some(View::List(list)) => Some(list),
                    _ => None,
                };
                self.taken(list, items(node), showing, cx)
            }
            _ => Some(Vec::new()),
        }
    }

    /// Where in a list the values are, the last first; reports those that are not in it.
    fn taken(
        &self,
        list: Option<&dyn Listed>,
        nodes: &[Node],
        showing: Showing<'_>,
        cx: &mut Decoder<'_>,
    ) -> Option<Vec<usize>> {
        let (mut taken, mut complete) = (Vec::new(), true);
        for node in nodes.iter().rev() {
            match find(list, node, &taken, showing, cx) {
                Ok(Some(at)) => taken.push(at),
                Ok(None) => {
                    let message = format!("`{node}` is not in `{}`", self.edit.path);
                    let finding = EDIT_NOT_THERE.finding(message).at(node.span);
                    cx.report(finding.help(holds(list, showing)));
                    complete = false;
                }
                Err(Reported) => complete = false,
            }
        }
        taken.sort_unstable_by(|one, other| other.cmp(one));
        complete.then_some(taken)
    }
}

/// What is wrong has been reported.
struct Reported;

/// The last item of a list that is equal to a value, apart from those that are taken.
fn find(
    list: Option<&dyn Listed>,
    node: &Node,
    taken: &[usize],
    showing: Showing<'_>,
    cx: &mut Decoder<'_>,
) -> Result<Option<usize>, Reported> {
    let Some(list) = list else { return Ok(None) };
    for at in (0..list.count()).rev() {
        // What is not known is called by its place, unless the value says how.
        let wanted = cx.item(at, |cx| list.show_item(node, showing, cx)).ok_or(Reported)?;
        let own = list.item(at).and_then(|item| item.show_given(showing));
        if own.is_some_and(|own| own == wanted) && !taken.contains(&at) {
            return Ok(Some(at));
        }
    }
    Ok(None)
}

/// What a list holds, in words.
fn holds(list: Option<&dyn Listed>, showing: Showing<'_>) -> String {
    let Some(list) = list.filter(|list| list.count() > 0) else {
        return "it has no items".to_owned();
    };
    let shown = (0..list.count().min(MANY)).filter_map(|at| list.item(at)?.show_given(showing));
    let shown: Vec<_> = shown.map(|own| format!("`{}`", super::inverse::node(&own))).collect();
    let more = if list.count() > MANY { ", ..." } else { "" };
    format!("it holds {}{more}", shown.join(", "))
}
