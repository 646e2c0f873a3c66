//! Patterns of URL maps: which texts are none.

/// Why a text is no host pattern (ING-096).
pub(crate) fn wrong_host(pattern: &str) -> Option<&'static str> {
    if pattern.contains("://") || pattern.contains('/') {
        return Some("leave scheme and path out");
    }
    if let Some((_, port)) = pattern.rsplit_once(':')
        && port.parse::<u16>().is_err()
    {
        return Some("what follows the `:` is a port");
    }
    let name = without_port(pattern);
    let rest = name.strip_prefix('*').unwrap_or(name);
    if rest.contains('*') {
        return Some("a `*` stands only at the beginning");
    }
    if name.starts_with('*') && !rest.is_empty() && !rest.starts_with(['-', '.']) {
        return Some("only `-` or `.` can follow the `*`");
    }
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
    if name.is_empty() || !rest.bytes().all(fits) {
        return Some("a host name has letters, digits, `-` and `.`");
    }
    None
}

/// A host pattern without its port.
pub(crate) fn without_port(pattern: &str) -> &str {
    match pattern.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => pattern,
    }
}

/// Why a text is no path pattern.
pub(crate) fn wrong_path(pattern: &str) -> Option<String> {
    let star = pattern.find('*');
    if !pattern.starts_with('/') {
        Some(format!("write `/{pattern}`"))
    } else if star.is_some_and(|star| star + 1 != pattern.len()) {
        Some("a `*` stands only at the end".to_owned())
    } else if star.is_some() && !pattern.ends_with("/*") {
        let stem = pattern.trim_end_matches('*');
        Some(format!("write `{stem}/*` for what is below, and `{stem}` for itself"))
    } else {
        None
    }
}
