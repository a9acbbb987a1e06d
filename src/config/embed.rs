//! The section `[embed]`: which sites may show the room in their pages.

use serde::Deserialize;
use serde::de::Deserializer;

use super::origin;
use super::period::{DAY, HOUR, MINUTE, Period};
use super::values;

/// Longer than this a frame is no place to stay signed in: the site's own session tells who comes.
const MAX_SESSION: u64 = 30 * DAY;
/// What stands in the place of any name below a domain (CSP Level 3 §2.3.1, host-source).
const ANY: &str = "*.";

/// `[embed]`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Embed {
    /// The sites whose pages may show the room, as browsers name them; `https://*.example.org` is every name below that one.
    #[serde(deserialize_with = "hosts")]
    pub hosts: Vec<String>,
    /// How long an account stays signed in in a frame after its last use.
    #[serde(deserialize_with = "values::period::<_, MINUTE, MAX_SESSION>")]
    pub session: Period,
}

impl Default for Embed {
    fn default() -> Self {
        Self {
            hosts: Vec::new(),
            session: Period::from_millis(12 * HOUR),
        }
    }
}

impl Embed {
    /// Whether pages of this origin, in the spelling of browsers, may show the room.
    #[must_use]
    pub fn allows(&self, origin: &str) -> bool {
        self.hosts.iter().any(|host| matches(host, origin))
    }
}

/// Whether an origin is the one that is named, or one below it.
fn matches(host: &str, origin: &str) -> bool {
    let Some((scheme, domain)) = host.split_once(ANY) else {
        return host == origin;
    };
    let below = origin.strip_prefix(scheme);
    let below = below.and_then(|rest| rest.strip_suffix(domain));
    below.is_some_and(|below| below.len() > 1 && below.ends_with('.'))
}

/// Sites that may show the room.
fn hosts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let form = "sites as https://host[:port], such as [\"https://blog.example.org\"]; http:// is taken for this machine's own \
                names only (localhost, 127.0.0.1), because whoever is in between could speak for such a site";
    values::list(deserializer, form, host)
}

/// A site in the spelling of browsers.
fn host(text: &str) -> Option<String> {
    let text = text.trim();
    if let Some((scheme, domain)) = text.split_once(ANY) {
        let normal = origin::normal_web(&format!("https://{domain}"))?;
        let domain = normal.strip_prefix("https://")?;
        let is_domain = scheme.eq_ignore_ascii_case("https://") && domain.contains('.');
        return is_domain.then(|| format!("https://{ANY}{domain}"));
    }
    let normal = origin::normal_web(text)?;
    let is_safe = normal.strip_prefix("http://").is_none_or(is_this_machine);
    is_safe.then_some(normal)
}

/// Whether a name is this machine's to its own browser (W3C Secure Contexts §3.1).
fn is_this_machine(authority: &str) -> bool {
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    matches!(host, "localhost" | "127.0.0.1" | "[::1]") || host.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_is_named_as_browsers_name_it() {
        for (text, expected) in [
            ("https://Blog.Example.org/", "https://blog.example.org"),
            ("https://blog.example.org:443", "https://blog.example.org"),
            ("https://*.Example.org", "https://*.example.org"),
            ("https://*.example.org:8443", "https://*.example.org:8443"),
            ("http://localhost:4000", "http://localhost:4000"),
            ("http://blog.localhost:4000", "http://blog.localhost:4000"),
            ("http://[::1]:4000", "http://[::1]:4000"),
        ] {
            assert_eq!(host(text).as_deref(), Some(expected), "{text}");
        }
        for text in [
            "*",
            "https://*",
            "https://*.org.",
            "https://*.org",
            "https://*.*.example.org",
            "https://blog.*.example.org",
            "http://*.example.org",
            "http://blog.example.org",
            "http://localhost.example.org",
            "https://blog.example.org/path",
            "capacitor://localhost",
            "'self'",
            "https://blog.example.org; script-src *",
            "null",
            "",
        ] {
            assert_eq!(host(text), None, "{text}");
        }
    }

    #[test]
    fn a_star_is_names_below_the_domain_and_nothing_else() {
        let embed = Embed {
            hosts: vec![
                "https://*.example.org".to_owned(),
                "https://example.net".to_owned(),
            ],
            ..Embed::default()
        };
        for origin in [
            "https://blog.example.org",
            "https://a.b.example.org",
            "https://example.net",
        ] {
            assert!(embed.allows(origin), "{origin}");
        }
        for origin in [
            "https://example.org",
            "https://.example.org",
            "https://evilexample.org",
            "http://blog.example.org",
            "https://blog.example.org:8443",
            "https://blog.example.net",
            "null",
            "",
        ] {
            assert!(!embed.allows(origin), "{origin}");
        }
    }
}
