//! The same topology written differently.

use std::net::{IpAddr, Ipv4Addr};

use portolan::internals::graph::{Branch, Choice, ConditionId, Placeholder, Request};
use portolan::internals::graph::{Credential, Principal};

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

/// Takes the same branch at every choice of the same thing, so that it does not matter which of
/// them is which.
pub fn uniform(request: &mut Request, case: &Case) {
    let choices = &case.graph.choices;
    request.choices.resize(choices.len(), 0);
    for at in 0..choices.len() {
        // In whatever order the branches stand: another order of keys may turn them round.
        let what = |choice: &Choice| {
            let branches = choice.branches.iter();
            let mut branches: Vec<String> =
                branches.map(|branch| branch_text(case, branch)).collect();
            branches.sort();
            (choice.kind, choice.of, branches)
        };
        let own = what(&choices[at]);
        let first = choices.iter().position(|other| what(other) == own).unwrap_or(at);
        let branch = &choices[first].branches.get(request.choices[first] as usize);
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
        Credential::ServiceAudience(service) => {
            let id = rename(from.topology.services.key(*service));
            Credential::ServiceAudience(to.topology.services.id_of(&id)?)
        }
        known => known.clone(),
    };
    other.credential = to.graph.identities.find_credential(&credential)?;

    other.conditions = request
        .conditions
        .iter()
        .filter_map(|id| {
            let name = rename(&from.graph.condition(*id).to_string());
            let index = to.graph.conditions.iter().position(|each| each.to_string() == name)?;
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
            let own: Vec<String> =
                choice.branches.iter().map(|branch| branch_text(to, branch)).collect();
            let wanted = sorted(own.clone());
            let of = to.graph.resource(choice.of).to_string();
            let is_alike = |each: &Choice| {
                let branches = each.branches.iter();
                let branches = branches.map(|branch| rename(&branch_text(from, branch))).collect();
                each.kind == choice.kind
                    && rename(&from.graph.resource(each.of).to_string()) == of
                    && sorted(branches) == wanted
            };
            let same = from.graph.choices.iter().position(is_alike);
            let taken = same.and_then(|at| {
                let branch = request.choices.get(at).copied().unwrap_or(0);
                let branch = from.graph.choices[at].branches.get(branch as usize)?;
                let branch = rename(&branch_text(from, branch));
                own.iter().position(|other| *other == branch)
            });
            taken.unwrap_or(0) as u32
        })
        .collect();

    for address in [&mut other.source, &mut other.destination] {
        let IpAddr::V4(known) = *address else { continue };
        if known.octets()[0] != 0 || known.octets()[1] == 1 {
            continue;
        }
        let what = from.graph.placeholders.what(*address);
        let same = what
            .and_then(|what| to.graph.placeholders.address_of(&renamed_placeholder(what, &rename)));
        // What stands for nothing here must stand for nothing there.
        let is_free = |address: &Ipv4Addr| {
            let address = IpAddr::V4(*address);
            [from, to].iter().all(|case| case.graph.placeholders.what(address).is_none())
        };
        let mut free = (u32::from(known)..).map(Ipv4Addr::from).filter(is_free);
        *address = same.or_else(|| free.next().map(IpAddr::V4))?;
    }
    for project in from.topology.projects.keys() {
        let now = rename(project);
        let both = [(from, &**project), (to, &*now)];
        let [Some(was), Some(is)] = both.map(|(case, id)| case.graph.names.hash_placeholder(id))
        else {
            continue;
        };
        // Marked, so that no later project takes it for its own.
        other.host = other.host.replace(was, &is.replacen("hash", "#", 1));
    }
    other.host = other.host.replace('#', "hash");
    Some(other)
}

/// A branch in words that do not depend on what addresses are allocated.
fn branch_text(case: &Case, branch: &Branch) -> String {
    match branch {
        Branch::Address(address) => match case.graph.placeholders.what(*address) {
            Some(what) => format!("{what:?}"),
            None => address.to_string(),
        },
        other => format!("{other:?}"),
    }
}

/// What an address stands for, after renaming.
fn renamed_placeholder(what: &Placeholder, rename: impl Fn(&str) -> String) -> Placeholder {
    let new = |id: &str| -> Box<str> { rename(id).into() };
    match what {
        Placeholder::Of(kind, id) => Placeholder::Of(*kind, new(id)),
        Placeholder::OneOf(kind, id) => Placeholder::OneOf(*kind, new(id)),
        Placeholder::ExternalOf(id) => Placeholder::ExternalOf(new(id)),
        Placeholder::PublicOf(id) => Placeholder::PublicOf(new(id)),
        Placeholder::NatAddress(id, at) => Placeholder::NatAddress(new(id), *at),
        Placeholder::NatRuleAddress { nat, rule, at } => {
            Placeholder::NatRuleAddress { nat: new(nat), rule: *rule, at: *at }
        }
        Placeholder::Allocated(id) => Placeholder::Allocated(new(id)),
        Placeholder::FrontEnd
        | Placeholder::FrontEndIpv6
        | Placeholder::SharedPool
        | Placeholder::Proxies
        | Placeholder::Elsewhere
        | Placeholder::ElsewhereIpv6 => what.clone(),
    }
}
