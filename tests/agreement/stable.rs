//! What a graph calls things follows from what they are: in a topology that is the same but for the
//! order of its keys and lists, and for its keys where it gives names, all is called as before.

use std::collections::{BTreeSet, HashSet};

use crate::alike::renamed_of;
use crate::case::Case;
use crate::document::Node;
use crate::generate;
use crate::law;
use crate::random::Random;
use portolan::internals::graph::{Branch, Choice};

/// Topologies that are looked at.
const TOPOLOGIES: u64 = 128;

/// What is in a graph, with other keys.
fn names(case: &Case, rename: &dyn Fn(&str) -> String) -> BTreeSet<String> {
    let graph = &case.graph;
    let mut names = BTreeSet::new();
    let mut add = |name: String| names.insert(name);
    for hop in graph.hops.node_weights() {
        let identity = graph.identity(hop.resource);
        add(format!("hop {} {} of {identity:?}", hop.kind, hop.rule));
    }
    for assumption in &graph.assumptions {
        add(format!("assumption {}", rename(&assumption.id)));
    }
    for choice in &graph.choices {
        add(format!("choice {}", choice_name(case, choice)));
    }
    for choice in &graph.choices {
        let mut branches: Vec<String> =
            choice.branches.iter().map(|branch| rename(&branch_name(branch))).collect();
        branches.sort();
        add(format!("branches of {}: {branches:?}", choice_name(case, choice)));
    }
    for project in case.topology.projects.keys() {
        add(format!("hash of {project}: {:?}", graph.names.hash_placeholder(project)));
    }
    names
}

fn choice_name(case: &Case, choice: &Choice) -> String {
    format!("{} at {:?}:{}", choice.kind, case.graph.identity(choice.of), choice.at)
}

fn branch_name(branch: &Branch) -> String {
    format!("{branch:?}")
}

fn same(before: &Case, after: &Case, rename: &dyn Fn(&str) -> String) -> Result<(), String> {
    let (was, is) = (names(before, rename), names(after, &str::to_owned));
    if let Some(gone) = was.difference(&is).next() {
        return Err(format!("gone: {gone}"));
    }
    if let Some(new) = is.difference(&was).next() {
        return Err(format!("new: {new}"));
    }
    for (what, address) in before.graph.placeholders.iter() {
        let now = after.graph.placeholders.address_of(what);
        // Two that would get one address share it out in the order in which they come.
        let taken = after.graph.placeholders.what(address).is_some_and(|other| other != what);
        if now != Some(address) && !taken {
            return Err(format!("{what:?} is {address}, and now {now:?}"));
        }
    }
    Ok(())
}

fn looked_at(mut change: impl FnMut(&Node, &mut Random) -> Option<(Node, HashSet<String>)>) {
    let mut changed = 0;
    for seed in 0..TOPOLOGIES {
        let made = generate::topology(seed);
        if made.order_matters {
            continue;
        }
        let mut random = Random::new(seed);
        let Some((other, ids)) = change(&made.document, &mut random) else { continue };
        let rename = |text: &str| renamed_of(text, &|id| ids.contains(id));
        let cases = [&made.document, &other].map(|document| Case::read(&document.to_string()));
        let [Ok(before), Ok(after)] = cases else { panic!("seed {seed} is not read\n{other}") };
        if let Err(why) = same(&before, &after, &rename) {
            panic!("seed {seed}: {why}\n{}\n{other}", made.document);
        }
        changed += 1;
    }
    assert!(changed > TOPOLOGIES / 4, "only {changed} topologies were changed");
}

#[test]
fn the_order_of_keys_and_lists_changes_no_name() {
    looked_at(|document, random| {
        let mut other = law::with_lists_reordered(document, random);
        other.shuffle_keys(random);
        Some((other, HashSet::new()))
    });
}

#[test]
fn another_key_of_what_has_a_name_changes_no_name() {
    looked_at(|document, _| {
        let mut other = document.clone();
        let sections = ["services", "connectors"];
        let ids: HashSet<String> =
            sections.iter().flat_map(|section| law::ids(document, section)).collect();
        // The tags of a connector have its name in them.
        let renamed = |text: &str| match text.starts_with("vpc-connector-") {
            true => text.to_owned(),
            false => renamed_of(text, &|id| ids.contains(id)),
        };
        other.change_texts(&renamed);
        for section in sections {
            for id in law::ids(document, section) {
                let own = other.get_mut(section)?.get_mut(&renamed(&id))?;
                own.set("name", id);
            }
        }
        Some((other, ids))
    });
}

#[test]
fn no_two_choices_have_one_name() {
    for seed in 0..TOPOLOGIES {
        let made = generate::topology(seed);
        let case = Case::read(&made.document.to_string()).expect("it is read");
        let mut seen = HashSet::new();
        for choice in &case.graph.choices {
            let name = choice_name(&case, choice);
            assert!(seen.insert(name.clone()), "seed {seed}: {name}\n{}", made.document);
        }
    }
}
