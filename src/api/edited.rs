//! What is changed of what was read.

use crate::edit::{Edit, apply, overlay};
use crate::import::{Document, Reading};

/// Lays files over what was read, one after the other, and then edits it; reports what is wrong
/// with them.
pub fn edit(reading: &mut Reading, overlays: &[Document], edits: &[String]) {
    // What cannot be read is left out, so that it would seem not to be there.
    let has_errors = reading.unusable || reading.findings.has_errors();
    let files: Vec<_> = overlays.iter().filter_map(|document| reading.overlay(document)).collect();
    let is_whole = !has_errors && files.len() == overlays.len();
    let Reading { places, topology, findings, .. } = reading;
    let named = |(at, text): (usize, &String)| {
        Edit::read(&mut places.files, &format!("--set #{}", at + 1), text, findings)
    };
    let edits: Vec<Edit> = edits.iter().enumerate().filter_map(named).collect();
    let Some(topology) = topology.as_mut().filter(|_| is_whole) else {
        for edit in &edits {
            edit.fits_the_schema(&places.files, findings);
        }
        return;
    };
    for file in &files {
        apply(&overlay(topology, file), topology, &places.files, findings);
    }
    apply(&edits, topology, &places.files, findings);
}
