//! `portolan show`

use std::io;

use super::arguments::{ShowArguments, ShowFormat};
use super::exit;
use super::input::usable;
use super::output::{For, Output};
use crate::report::topology;
use crate::source::nearest;
use crate::topology::record::{Show as _, Showing, Shown, ShownEntry};

/// Shows what was understood of a topology.
pub fn run(arguments: &ShowArguments, output: Output) -> io::Result<u8> {
    let loaded = match usable(std::slice::from_ref(&arguments.topology), &arguments.changes, output)
    {
        Some(loaded) => loaded,
        None => return Ok(exit::UNUSABLE),
    };
    let Some(read) = loaded.topology() else { return Ok(exit::UNUSABLE) };
    let Some(mut shown) = read.show(Showing { topology: read, resource: None }) else {
        return Ok(exit::UNUSABLE);
    };
    if let Some(selector) = &arguments.selector {
        shown = match select(&shown, selector) {
            Ok(shown) => shown,
            Err(help) => {
                output.error(&format!("nothing is selected by `{selector}`"), help.as_deref());
                return Ok(exit::UNUSABLE);
            }
        };
    }
    let whom = For::programs(arguments.format == ShowFormat::Json);
    output.data(whom, |out| match arguments.format {
        ShowFormat::Text => topology::text(out, &shown),
        ShowFormat::Json => topology::json(out, &shown),
    })?;
    Ok(exit::ANSWERED)
}

/// The resources that a selector names: `kind/name`, `kind/*`, `label:key=value`; or what was
/// probably meant.
fn select(topology: &Shown, selector: &str) -> Result<Shown, Option<String>> {
    let is_selected = |entry: &&ShownEntry| match (entry.kind, selector.strip_prefix("label:")) {
        (None, _) => false,
        (Some(_), Some(label)) => label.split_once('=').is_some_and(|(key, value)| {
            let labels = entry.value.entries().iter().find(|own| own.key == "labels");
            let mut labels = labels.into_iter().flat_map(|labels| labels.value.entries());
            labels.any(|own| own.key == key && own.value == Shown::text(value))
        }),
        (Some(kind), None) => selector
            .split_once('/')
            .is_some_and(|(own, id)| own == kind && (id == "*" || id == entry.key)),
    };
    let mut sections = Vec::new();
    for section in topology.entries() {
        let own: Vec<_> = section.value.entries().iter().filter(is_selected).cloned().collect();
        if !own.is_empty() {
            sections.push(ShownEntry { value: Shown::Map(own), ..section.clone() });
        }
    }
    if !sections.is_empty() {
        return Ok(Shown::Map(sections));
    }
    let known: Vec<String> = topology
        .entries()
        .iter()
        .flat_map(|section| section.value.entries())
        .filter_map(|entry| Some(format!("{}/{}", entry.kind?, entry.key)))
        .collect();
    let near = nearest(selector, known.iter().map(String::as_str));
    Err(Some(match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => "name a resource as `service/web`, all of a kind as `service/*`, or a label as \
                 `label:team=shop`"
            .to_owned(),
    }))
}
