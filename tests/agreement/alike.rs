//! The same topology written differently.

use std::net::IpAddr;

use portolan::graph::identity::{Credential, Principal};
use portolan::graph::names::hash_placeholder;
use portolan::graph::{ConditionId, Placeholders, Request};

use crate::case::Case;
use crate::document::Node;
use crate::random::Random;

/// Another id for every id: what begins with `q` begins with `z`, and numbers count down from
/// nine, so that sorting changes too.
pub fn renamed(text: &str) -> String {
    renamed_of(text, &|_| true)
}

/// The same of those ids only that are `meant`.
pub fn renamed_of(text: &str, meant: &dyn Fn(&str) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('q') {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let begins =
            before.chars().last().or(out.chars().last()).is_none_or(|c| !c.is_ascii_alphanumeric());
        let letters = from[1..].chars().take_while(char::is_ascii_lowercase).count();
        let digits = from[1 + letters..].chars().take_while(char::is_ascii_digit).count();
        let id = &from[..1 + letters + digits];
        if !begins || letters < 2 || digits == 0 || !meant(id) {
            out.push('q');
            rest = &from[1..];
            continue;
        }
        out.push('z');
        out.push_str(&from[1..=letters]);
        let flipped = |digit: char| char::from(b'9' - (digit as u8 - b'0'));
        out.extend(from[1 + letters..1 + letters + digits].chars().map(flipped));
        rest = &from[1 + letters + digits..];
    }
    out + rest
}

/// With other ids, and keys in another order.
pub fn rewritten(document: &Node, random: &mut Random) -> Node {
    let mut other = document.clone();
    other.change_texts(&renamed);
    other.shuffle_keys(random);
    other
}

/// Takes the same branch at every choice of the same words, so that it does not matter which of
/// them is which.
pub fn uniform(request: &mut Request, case: &Case) {
    let choices = &case.graph.choices;
    request.choices.resize(choices.len(), 0);
    for at in 0..choices.len() {
        let first = choices.iter().position(|other| *other == choices[at]).unwrap_or(at);
        let branch = &choices[at].branches.get(request.choices[first] as usize);
        let same = choices[at].branches.iter().position(|other| Some(other) == *branch);
        request.choices[at] = same.unwrap_or(0) as u32;
    }
}

/// The same request for another graph; `None` if that does not know who sends it.
pub fn translated(
    request: &Request,
    from: &Case,
    to: &Case,
    rename: impl Fn(&str) -> String,
) -> Option<Request> {
    let mut other = request.clone();
    let boxed = |text: &str| -> Box<str> { rename(text).into() };
    let principal = match from.graph.identities.principals().get(request.principal as usize)? {
        Principal::User(email) => Principal::User(boxed(email)),
        Principal::ServiceAccount(email) => Principal::ServiceAccount(boxed(email)),
        Principal::GroupMember(email) => Principal::GroupMember(boxed(email)),
        Principal::IapAgent(email) => Principal::IapAgent(boxed(email)),
        known => known.clone(),
    };
    other.principal = to.graph.identities.find_principal(&principal)?;
    let credential = match from.graph.identities.credentials().get(request.credential as usize)? {
        Credential::ServiceAudience(index) => {
            let (id, _) = from.topology.services.get_index(*index as usize)?;
            let index = to.topology.services.index_of(&rename(id))?;
            Credential::ServiceAudience(index as u32)
        }
        known => known.clone(),
    };
    other.credential = to.graph.identities.find_credential(&credential)?;

    other.conditions = request
        .conditions
        .iter()
        .filter_map(|id| {
            let name = rename(&from.graph.condition(*id).name);
            let index = to.graph.conditions.iter().position(|each| each.name == name)?;
            Some(ConditionId(index as u32))
        })
        .collect();
    other.assumptions = to
        .graph
        .assumptions
        .iter()
        .map(|assumption| {
            let known = &from.graph.assumptions;
            let index = known.iter().position(|each| rename(&each.id) == assumption.id);
            let default = assumption.default.unwrap_or(false);
            let value = index.and_then(|index| request.assumptions.get(index).copied());
            value.unwrap_or(default)
        })
        .collect();
    let sorted = |branches: Vec<String>| {
        let mut branches = branches;
        branches.sort();
        branches
    };
    other.choices = to
        .graph
        .choices
        .iter()
        .map(|choice| {
            let wanted = sorted(choice.branches.clone());
            let same = from.graph.choices.iter().position(|each| {
                let branches = each.branches.iter().map(|branch| rename(branch)).collect();
                rename(&each.text) == choice.text && sorted(branches) == wanted
            });
            let taken = same.and_then(|at| {
                let branch = request.choices.get(at).copied().unwrap_or(0);
                let branch = rename(from.graph.choices[at].branches.get(branch as usize)?);
                choice.branches.iter().position(|other| *other == branch)
            });
            taken.unwrap_or(0) as u32
        })
        .collect();

    let mut placeholders = to.graph.placeholders.clone();
    for address in [&mut other.source, &mut other.destination] {
        let IpAddr::V4(known) = *address else { continue };
        if known.octets()[0] != 0 || known.octets()[1] == 1 {
            continue;
        }
        // What stands for nothing here must stand for nothing there.
        let label = from.graph.placeholders.label(*address).map(&rename);
        let label = label.unwrap_or_else(|| format!("nothing at {address}"));
        *address = placeholders
            .allocate(&label, Placeholders::internal_range().contains(&IpAddr::V4(known)));
    }
    for index in 0..from.topology.projects.len() {
        let known = to.topology.projects.index_of(&rename(from.topology.project_id(index)));
        if let Some(now) = known {
            // Marked, so that no later project takes it for its own.
            let marked = hash_placeholder(now).replacen("hash", "#", 1);
            other.host = other.host.replace(&hash_placeholder(index), &marked);
        }
    }
    other.host = other.host.replace('#', "hash");
    Some(other)
}
