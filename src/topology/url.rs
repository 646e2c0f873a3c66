//! URLs in parts.

/// A URL of HTTP or HTTPS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Url {
    /// Whether it is HTTPS.
    pub https: bool,
    /// The host, in lower case; an IPv6 address stands in brackets.
    pub host: String,
    /// The port, written or not.
    pub port: u16,
    /// The path, at least `/`.
    pub path: String,
    /// The query, without the `?`; empty if there is none.
    pub query: String,
}

impl Url {
    /// Reads a URL. What is behind a `#` is never sent and left out.
    pub fn parse(text: &str) -> Option<Self> {
        let (https, rest) = match (text.strip_prefix("https://"), text.strip_prefix("http://")) {
            (Some(rest), _) => (true, rest),
            (None, Some(rest)) => (false, rest),
            (None, None) => return None,
        };
        let rest = rest.split('#').next().unwrap_or(rest);
        let (authority, tail) = match rest.find(['/', '?']) {
            Some(at) => rest.split_at(at),
            None => (rest, ""),
        };
        let (path, query) = tail.split_once('?').unwrap_or((tail, ""));
        let default = if https { 443 } else { 80 };
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, port.parse().ok()?),
            _ => (authority, default),
        };
        if !is_host(host) {
            return None;
        }
        let path = if path.is_empty() { "/" } else { path };
        let host = host.to_ascii_lowercase();
        Some(Url { https, host, port, path: path.into(), query: query.into() })
    }
}

fn is_host(host: &str) -> bool {
    if let Some(inner) = host.strip_prefix('[') {
        let address = inner.strip_suffix(']');
        return address.is_some_and(|address| address.parse::<std::net::Ipv6Addr>().is_ok());
    }
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    !host.is_empty() && host.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> Option<(bool, String, u16, String, String)> {
        let Url { https, host, port, path, query } = Url::parse(text)?;
        Some((https, host, port, path, query))
    }

    #[test]
    fn a_url_has_its_parts() {
        let url = |https, host: &str, port, path: &str, query: &str| {
            Some((https, host.to_string(), port, path.to_string(), query.to_string()))
        };
        for (text, expected) in [
            ("https://A.example.com", url(true, "a.example.com", 443, "/", "")),
            ("http://a.example.com/b/c", url(false, "a.example.com", 80, "/b/c", "")),
            ("https://a.example.com:8443?q=1", url(true, "a.example.com", 8443, "/", "q=1")),
            ("https://a/b?c=/d?e#f?g", url(true, "a", 443, "/b", "c=/d?e")),
            ("https://[2001:DB8::1]/", url(true, "[2001:db8::1]", 443, "/", "")),
            ("http://[2001:db8::1]:81/a", url(false, "[2001:db8::1]", 81, "/a", "")),
            ("http://192.0.2.1/", url(false, "192.0.2.1", 80, "/", "")),
        ] {
            assert_eq!(parts(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_none_is_refused() {
        for text in [
            "a.example.com",
            "ftp://a.example.com",
            "https://",
            "https:///path",
            "https://a:port/",
            "https://a:70000/",
            "https://a b/",
            "https://user@a/",
            "https://[2001:db8::1/",
            "https://2001:db8::1/",
            "HTTPS:/a",
        ] {
            assert_eq!(Url::parse(text), None, "{text}");
        }
    }
}
