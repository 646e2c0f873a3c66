//! An edit carried out.

use super::{Change, Edit, EditStep, items};
use crate::source::tree::{Node, Value};
use crate::topology::Topology;
use crate::topology::record::{Decoder, Part, ViewMut};

/// Carries out an edit that was checked; `taken` are the positions of the items that go. A value
/// that has something wrong is reported, and nothing changes.
pub fn perform(
    edit: &Edit,
    topology: &mut Topology,
    taken: &[usize],
    cx: &mut Decoder<'_>,
) -> bool {
    change(topology, &edit.path.steps, &edit.change, taken, cx)
}

fn change(
    part: &mut dyn Part,
    steps: &[EditStep],
    change: &Change,
    taken: &[usize],
    cx: &mut Decoder<'_>,
) -> bool {
    let Some((step, rest)) = steps.split_first() else { return here(part, change, taken, cx) };
    let removes = rest.is_empty() && change.removes();
    match (step, part.view_mut()) {
        (EditStep::Key(key), ViewMut::Record(record)) => {
            let Some(field) = record.field_mut(&key.text) else { return false };
            cx.under(key, |cx| self::change(field, rest, change, taken, cx))
        }
        (EditStep::Key(key), ViewMut::Map(map)) if removes => {
            map.remove(&key.text);
            true
        }
        (EditStep::Key(key), ViewMut::Map(map)) => {
            let kind = map.kind();
            match map.value_mut(&key.text) {
                Some(own) => cx.named(key, kind, |cx| self::change(own, rest, change, taken, cx)),
                None => map.add(key, &written(rest, change), cx),
            }
        }
        (EditStep::Item { at, .. }, ViewMut::List(list)) if removes => {
            list.remove(*at);
            true
        }
        (EditStep::Item { at, .. }, ViewMut::List(list)) => {
            let Some(item) = list.item_mut(*at) else { return false };
            cx.item(*at, |cx| self::change(item, rest, change, taken, cx))
        }
        // There is nothing to remove from, or what holds the value comes with it.
        _ => change.removes() || part.put(&written(steps, change), cx),
    }
}

/// The change of the value itself.
fn here(part: &mut dyn Part, change: &Change, taken: &[usize], cx: &mut Decoder<'_>) -> bool {
    match (change, part.view_mut()) {
        (Change::Add(node), ViewMut::List(list)) => list.extend(items(node), cx),
        (Change::Take(_), ViewMut::List(list)) => {
            taken.iter().for_each(|at| list.remove(*at));
            true
        }
        _ => part.put(&written(&[], change), cx),
    }
}

/// What a file would say for what a change makes where nothing is.
fn written(steps: &[EditStep], change: &Change) -> Node {
    let Some((step, rest)) = steps.split_first() else {
        return match change {
            Change::Set(node) | Change::Take(node) => node.clone(),
            Change::Add(node) => Node { value: Value::List(items(node).into()), span: node.span },
        };
    };
    let inside = written(rest, change);
    let span = step.span().to(inside.span);
    let value = match step {
        EditStep::Key(key) => Value::Map([(key.clone(), inside)].into()),
        EditStep::Item { .. } => Value::List([inside].into()),
    };
    Node { value, span }
}
