//! The origin of a web site, `scheme://host[:port]`, as a browser sends it.
//!
//! Owns one normal spelling, so that origins can be compared as text: lower case, and the
//! port left out where it is the scheme's own (a browser leaves it out too). Never resolves
//! a name. Bounded by the lengths that DNS allows.

/// The longest host name, in bytes (RFC 1035, section 2.3.4).
const MAX_HOST: usize = 253;
/// The longest scheme, in bytes; `chrome-extension` has 16.
const MAX_SCHEME: usize = 32;

/// The normal spelling of an origin, or `None` when `text` is not one. Any scheme is taken;
/// a single `/` at the end, as copied from an address bar, is forgiven.
pub fn normal(text: &str) -> Option<String> {
    let text = text.trim().to_ascii_lowercase();
    let (scheme, rest) = text.split_once("://")?;
    let authority = rest.strip_suffix('/').unwrap_or(rest);
    if !is_scheme(scheme) {
        return None;
    }
    let (host, port) = split_port(authority)?;
    if !is_host(host) {
        return None;
    }
    match (scheme, port) {
        (_, None) | ("http", Some(80)) | ("https", Some(443)) => Some(format!("{scheme}://{host}")),
        (_, Some(port)) => Some(format!("{scheme}://{host}:{port}")),
    }
}

/// Like [`normal`], for the address of a web site: `http` or `https` only.
pub fn normal_web(text: &str) -> Option<String> {
    normal(text).filter(|origin| origin.starts_with("http://") || origin.starts_with("https://"))
}

fn is_scheme(scheme: &str) -> bool {
    scheme.len() <= MAX_SCHEME
        && scheme.starts_with(|c: char| c.is_ascii_lowercase())
        && scheme
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
}

/// Splits `host`, `host:port` and `[v6]:port`; the port must be a real one.
fn split_port(authority: &str) -> Option<(&str, Option<u16>)> {
    let after_brackets = authority.rfind(']').map_or(0, |at| at + 1);
    match authority.rfind(':').filter(|at| *at >= after_brackets) {
        None => Some((authority, None)),
        Some(at) => {
            let (host, port) = authority.split_at_checked(at)?;
            let port = port.strip_prefix(':')?;
            if !port.bytes().all(|b| b.is_ascii_digit()) {
                return None;
            }
            let port: u16 = port.parse().ok()?;
            (port != 0).then_some((host, Some(port)))
        }
    }
}

fn is_host(host: &str) -> bool {
    if let Some(rest) = host.strip_prefix('[') {
        return rest
            .strip_suffix(']')
            .is_some_and(|v6| v6.parse::<std::net::Ipv6Addr>().is_ok());
    }
    let label = |label: &str| {
        !label.is_empty()
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    host.len() <= MAX_HOST && host.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_default_ports_and_a_closing_slash_do_not_matter() {
        for (text, expected) in [
            ("https://Chat.Example.ORG", "https://chat.example.org"),
            ("https://chat.example.org:443/", "https://chat.example.org"),
            ("HTTP://localhost:80", "http://localhost"),
            ("http://localhost:8080", "http://localhost:8080"),
            ("https://[::1]:8443", "https://[::1]:8443"),
            ("https://[2001:DB8::1]", "https://[2001:db8::1]"),
            ("https://example.org:80", "https://example.org:80"),
            ("capacitor://localhost", "capacitor://localhost"),
        ] {
            assert_eq!(normal(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_no_browser_sends_is_refused() {
        for text in [
            "",
            "null",
            "*",
            "chat.example.org",
            "//chat.example.org",
            "://x",
            "https://",
            "https:///",
            "https://*.example.org",
            "https://example.org/chat",
            "https://example.org//",
            "https://user@example.org",
            "https://example.org?x",
            "https://example.org#x",
            "https://exa mple.org",
            "https://例子.测试",
            "https://example.org:",
            "https://example.org:0",
            "https://example.org:65536",
            "https://example.org:+80",
            "https://a..b",
            "https://[::1",
            "https://[nonsense]",
            "https://::1",
            "1http://x",
        ] {
            assert_eq!(normal(text), None, "{text}");
        }
    }

    #[test]
    fn a_site_has_a_web_scheme() {
        assert_eq!(normal_web("ftp://example.org"), None);
        assert_eq!(
            normal_web("https://example.org").as_deref(),
            Some("https://example.org")
        );
    }
}
