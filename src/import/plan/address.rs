//! Addresses of Terraform, and the references of its expressions: names joined by dots, each with an
//! index or a key in brackets.

/// A name, and the index or the key behind it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Segment {
    /// The name.
    pub name: String,
    /// The index in digits, or the key without quotes.
    pub key: Option<String>,
}

/// The names of an address. Of several brackets behind a name only the first counts.
pub fn segments(address: &str) -> Vec<Segment> {
    let mut segments = Vec::new();
    let mut rest = address;
    while !rest.is_empty() {
        let end = rest.find(['.', '[']).unwrap_or(rest.len());
        let (name, mut tail) = rest.split_at(end);
        let mut key = None;
        while let Some(inside) = tail.strip_prefix('[') {
            let (inner, behind) = bracket(inside);
            key.get_or_insert(inner);
            tail = behind;
        }
        segments.push(Segment { name: name.to_owned(), key });
        rest = match tail.strip_prefix('.') {
            Some(rest) => rest,
            None => tail,
        };
    }
    segments
}

/// What stands in a bracket that is open, and what is behind it.
fn bracket(inside: &str) -> (String, &str) {
    let Some(quoted) = inside.strip_prefix('"') else {
        let (inner, behind) = inside.split_once(']').unwrap_or((inside, ""));
        return (inner.to_owned(), behind);
    };
    let mut key = String::new();
    let mut escaped = false;
    for (at, c) in quoted.char_indices() {
        match c {
            _ if escaped => {
                key.push(c);
                escaped = false;
            }
            '\\' => escaped = true,
            '"' => {
                let behind = quoted.get(at + 1..).unwrap_or_default();
                return (key, behind.strip_prefix(']').unwrap_or(behind));
            }
            c => key.push(c),
        }
    }
    (key, "")
}

/// The modules of an address such as `module.a["x"].module.b`.
pub fn modules(address: &str) -> Vec<Segment> {
    let mut modules = Vec::new();
    let mut segments = segments(address).into_iter();
    while segments.next().is_some_and(|segment| segment.name == "module") {
        modules.extend(segments.next());
    }
    modules
}

/// Whether a reference leads further into what another one refers to.
pub fn is_longer(reference: &str, than: &str) -> bool {
    reference.strip_prefix(than).is_some_and(|rest| rest.starts_with(['.', '[']))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keyed(address: &str) -> Vec<(String, Option<String>)> {
        segments(address).into_iter().map(|segment| (segment.name, segment.key)).collect()
    }

    #[test]
    fn keys_may_hold_dots_and_brackets() {
        let expected = [
            ("module", None),
            ("lb", Some("a.b]\"c")),
            ("google_x", None),
            ("y", Some("0")),
            ("name", None),
        ];
        let expected: Vec<_> = expected
            .into_iter()
            .map(|(name, key): (&str, Option<&str>)| (name.to_owned(), key.map(str::to_owned)))
            .collect();
        assert_eq!(keyed(r#"module.lb["a.b]\"c"].google_x.y[0].name"#), expected);
    }

    #[test]
    fn broken_addresses_are_read_to_their_end() {
        for address in ["", ".", "..", "[", "a[", "a[\"", "a[\"x", "a[0", "a]b", "module", "é["] {
            segments(address);
            modules(address);
        }
    }

    #[test]
    fn modules_end_at_the_resource() {
        let modules = modules(r#"module.a["x"].module.b.google_x.y"#);
        let names: Vec<_> = modules.iter().map(|segment| segment.name.as_str()).collect();
        assert_eq!(names, ["a", "b"]);
    }
}
