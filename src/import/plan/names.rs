//! Ids of resources in the topology, from their addresses.

use std::sync::Arc;

use hashbrown::{HashMap, HashSet};

use super::document::PlanResource;

/// Ids that are short where they can be: the name, with its index, with its modules, with its type.
/// Those of equal names take the next longer form, all of them, so that the order does not matter.
pub fn ids<'r, 'a: 'r>(resources: impl Iterator<Item = &'r PlanResource<'a>>) -> Vec<Arc<str>> {
    let mut resources: Vec<_> = resources.enumerate().collect();
    resources.sort_by(|(_, a), (_, b)| a.address.cmp(&b.address));
    let forms: Vec<_> = resources.iter().map(|(_, resource)| forms(resource)).collect();
    let mut level = vec![0; forms.len()];
    let at = |level: &[usize], index: usize| {
        let level = level.get(index).copied().unwrap_or_default();
        forms.get(index).and_then(|forms| forms.get(level)).cloned().unwrap_or_default()
    };
    for _ in 0..LEVELS {
        let mut count = HashMap::<String, usize>::new();
        for index in 0..forms.len() {
            *count.entry(at(&level, index)).or_default() += 1;
        }
        let crowded: Vec<_> = (0..forms.len())
            .filter(|&index| count.get(&at(&level, index)).is_some_and(|&count| count > 1))
            .collect();
        for index in crowded {
            if let Some(level) = level.get_mut(index) {
                *level = (*level + 1).min(LEVELS - 1);
            }
        }
    }
    let mut taken = HashSet::new();
    let mut ids = vec![Arc::<str>::from(""); forms.len()];
    for (index, (place, _)) in resources.iter().enumerate() {
        let form = at(&level, index);
        let numbered = (2..).map(|number| format!("{form}-{number}"));
        let id = std::iter::once(form.clone()).chain(numbered).find(|id| !taken.contains(id));
        let id = id.unwrap_or(form);
        taken.insert(id.clone());
        if let Some(slot) = ids.get_mut(*place) {
            *slot = id.into();
        }
    }
    ids
}

const LEVELS: usize = 4;

fn forms(resource: &PlanResource<'_>) -> [String; LEVELS] {
    let mut words = vec![plain(resource.name)];
    let name = words.join("-");
    words.extend(resource.key.as_deref().map(plain));
    let keyed = words.join("-");
    let mut modules: Vec<_> = Vec::new();
    for module in &resource.module {
        modules.push(plain(&module.name));
        modules.extend(module.key.as_deref().map(plain));
    }
    modules.push(keyed.clone());
    let full = modules.join("-");
    let kind = resource.kind.strip_prefix("google_").unwrap_or(resource.kind);
    let typed = format!("{}-{full}", plain(kind));
    [name, keyed, full, typed]
}

/// A part of an id: letters, digits, `-` and `_`, never empty.
fn plain(text: &str) -> String {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let plain: String = text.chars().map(|c| if fits(c) { c } else { '-' }).collect();
    let trimmed = plain.trim_matches('-');
    if trimmed.is_empty() { "unnamed".to_owned() } else { trimmed.to_owned() }
}
