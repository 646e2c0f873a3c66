//! The invariants of ARCHITECTURE.md that can be read off the source.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The stages, each of which may use those before it, and what besides it may not use.
const STAGES: &[&str] = &[
    "source",
    "sets",
    "rules",
    "topology",
    "import",
    "inventory",
    "validate",
    "edit",
    "graph",
    "walk",
    "solve",
    "question",
    "lint",
    "suite",
    "report",
    "api",
    "cli",
];

/// Edges that the order allows and the design forbids.
const FORBIDDEN: &[(&str, &str)] = &[
    ("walk", "solve"),
    ("walk", "sets"),
    ("solve", "walk"),
    ("graph", "sets"),
    ("graph", "import"),
    ("topology", "sets"),
    ("import", "sets"),
    ("import", "rules"),
    ("sets", "source"),
    ("rules", "source"),
    ("rules", "sets"),
    ("question", "import"),
    ("suite", "walk"),
    ("suite", "sets"),
    ("report", "suite"),
];

/// Names that several types have, and why each may.
const SHARED_NAMES: &[(&str, &str)] = &[
    (
        "Egress",
        "the setting has the name in the schema of topologies, the question among those of the library",
    ),
    ("Parameters", "one for each question, always written with its module"),
    ("Protocol", "the schema of topologies has the name"),
    ("Route", "the schema of topologies has the name"),
    ("Place", "the schema of topologies has the name"),
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder of the source").flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The stages that a file of a stage names, in code that is not a test.
fn used(text: &str) -> Vec<(usize, String)> {
    let mut used = Vec::new();
    for (at, line) in text.lines().enumerate() {
        if line.trim() == "#[cfg(test)]"
            && text.lines().nth(at + 1).is_some_and(|next| next.contains("mod tests {"))
        {
            break;
        }
        if line.trim_start().starts_with("//") {
            continue;
        }
        for (from, _) in line.match_indices("crate::") {
            let name: String = line[from + 7..]
                .chars()
                .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
                .collect();
            used.push((at + 1, name));
        }
    }
    used
}

#[test]
fn each_stage_uses_only_those_before_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = Vec::new();
    let mut files = 0;
    for (rank, stage) in STAGES.iter().enumerate() {
        let mut found = Vec::new();
        sources(&root.join(stage), &mut found);
        for path in found {
            // Tests may reach for what they need to build their inputs.
            if path.components().any(|part| part.as_os_str() == "tests")
                || path.ends_with("tests.rs")
            {
                continue;
            }
            files += 1;
            let text = fs::read_to_string(&path).expect("a source file");
            for (line, name) in used(&text) {
                let Some(other) = STAGES.iter().position(|stage| *stage == name) else { continue };
                let forbidden = FORBIDDEN.contains(&(stage, name.as_str()));
                if other > rank || forbidden {
                    wrong.push(format!("{}:{line} uses {name}", path.display()));
                }
            }
        }
    }
    assert!(files > 100, "only {files} files were read");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The types that a file declares, in code that is not a test; those in macros included.
fn declared(text: &str) -> Vec<String> {
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or(text);
    let mut declared = Vec::new();
    for line in code.lines() {
        let mut words = line.split_whitespace().skip_while(|word| word.starts_with("pub"));
        // An indented `type` belongs to an implementation.
        let keywords: &[&str] = match line.starts_with(' ') {
            true => &["struct", "enum", "trait"],
            false => &["struct", "enum", "trait", "type"],
        };
        if !words.next().is_some_and(|word| keywords.contains(&word)) {
            continue;
        }
        let name: String =
            words.next().unwrap_or("").chars().take_while(|c| c.is_alphanumeric()).collect();
        if name.starts_with(char::is_uppercase) {
            declared.push(name);
        }
    }
    declared
}

#[test]
fn no_name_of_a_type_has_two_meanings() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    sources(&root, &mut found);
    let mut types: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for path in found {
        let is_test = path.components().any(|part| part.as_os_str() == "tests")
            || path.ends_with("tests.rs")
            || path.ends_with("testing.rs");
        if is_test {
            continue;
        }
        let text = fs::read_to_string(&path).expect("a source file");
        for name in declared(&text) {
            let places = types.entry(name).or_default();
            let place = path.display().to_string();
            // A macro may have several forms of one declaration.
            if places.last() != Some(&place) {
                places.push(place);
            }
        }
    }
    assert!(types.len() > 500, "only {} types were read", types.len());
    types.retain(|_, places| places.len() > 1);
    let shared = |name: &str| SHARED_NAMES.iter().any(|(other, _)| *other == name);
    let wrong: Vec<_> = types.iter().filter(|(name, _)| !shared(name)).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    for (name, why) in SHARED_NAMES {
        assert!(types.contains_key(*name), "`{name}` is one type now, no longer shared: {why}");
    }
}

#[test]
fn every_folder_of_the_source_is_a_stage() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for entry in fs::read_dir(root).expect("the source").flatten() {
        if entry.path().is_dir() {
            let name = entry.file_name().into_string().expect("a name");
            assert!(STAGES.contains(&name.as_str()), "src/{name} is no stage");
        }
    }
}

#[test]
fn files_are_opened_and_lines_are_printed_at_the_edge_alone() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = Vec::new();
    for stage in STAGES.iter().filter(|stage| **stage != "cli") {
        let mut found = Vec::new();
        sources(&root.join(stage), &mut found);
        for path in found {
            let is_test = path.components().any(|part| part.as_os_str() == "tests")
                || path.ends_with("tests.rs")
                || path.ends_with("source/testing.rs");
            if is_test || path.ends_with("api/files.rs") {
                continue;
            }
            let text = fs::read_to_string(&path).expect("a source file");
            let before_tests = text.split("#[cfg(test)]").next().unwrap_or(&text);
            let outside = ["std::fs", "stdin()", "println!", "std::env::", "process::exit"];
            for what in outside.iter().filter(|what| before_tests.contains(**what)) {
                wrong.push(format!("{} uses {what}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_text_of_the_cloud_is_in_the_graph_alone() {
    // Causes are decided where behaviour is: other stages may tell them apart in a match, and
    // make none.
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for stage in ["walk", "solve", "question", "suite", "report", "cli", "import"] {
        let mut found = Vec::new();
        sources(&root.join(stage), &mut found);
        for path in found {
            let text = fs::read_to_string(&path).expect("a source file");
            let before_tests = text.split("#[cfg(test)]").next().unwrap_or(&text);
            let is_test = path.ends_with("tests.rs")
                || path.components().any(|part| part.as_os_str() == "tests");
            assert!(
                is_test
                    || before_tests.lines().all(|line| !names_cause(line) || line.contains("=>")),
                "{} decides a cause",
                path.display()
            );
        }
    }
}

#[test]
fn a_dispute_is_a_switch_where_the_graph_asks_for_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/graph");
    let mut found = Vec::new();
    sources(&root, &mut found);
    let graph: String =
        found.iter().map(|path| fs::read_to_string(path).expect("a source file")).collect();
    for dispute in portolan::rules::disputes() {
        let asks = graph.contains(&format!("\"{}\"", dispute.id));
        assert_eq!(dispute.asked, asks, "{}", dispute.id);
    }
}

/// Whether a line names one of the graph's causes.
fn names_cause(line: &str) -> bool {
    line.match_indices("Cause::").any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(char::is_alphanumeric)
    })
}
