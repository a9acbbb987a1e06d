//! Addresses in running text: where they stand, and how they are written as links.
//!
//! Only http, https and mail addresses, and only ASCII ones: Chinese text has no blank after an
//! address, so what is no ASCII ends it (browsers copy addresses in ASCII). Never asks what is at
//! an address. Bounded by the text.

use std::borrow::Cow;

use linkify::{LinkFinder, LinkKind};

/// The longest address that is shown whole, in characters: two thirds of a line.
const SHOWN: usize = 60;

/// Appends words so that nothing in them is a tag, as [`super::content::escape`] does. What has `"` in
/// it may stand between tags only.
pub type Escape = fn(&str, &mut String);

/// A part of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Words.
    Text(&'a str),
    /// An http or https address.
    Url(&'a str),
    /// A mail address.
    Mail(&'a str),
}

/// Gives `visit` the parts of `text` in order.
pub fn each<'a>(text: &'a str, mut visit: impl FnMut(Piece<'a>)) {
    let mut done = 0;
    if text.contains("://") || text.contains('@') {
        let mut finder = LinkFinder::new();
        finder.kinds(&[LinkKind::Url, LinkKind::Email]);
        for (start, run) in ascii_runs(text) {
            for link in finder.links(run) {
                let piece = match link.kind() {
                    LinkKind::Url if is_web(link.as_str()) => Piece::Url(link.as_str()),
                    LinkKind::Email => Piece::Mail(link.as_str()),
                    _ => continue,
                };
                if let Some(before) = text.get(done..start + link.start())
                    && !before.is_empty()
                {
                    visit(Piece::Text(before));
                }
                visit(piece);
                done = start + link.end();
            }
        }
    }
    if let Some(rest) = text.get(done..)
        && !rest.is_empty()
    {
        visit(Piece::Text(rest));
    }
}

/// The runs of ASCII characters that may have an address in them, each with its place.
fn ascii_runs(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut place = 0;
    let runs = text.split(|c: char| !c.is_ascii()).map(move |run| {
        let start = place;
        let next = text.get(start + run.len()..);
        let gap = next.and_then(|next| next.chars().next());
        place = start + run.len() + gap.map_or(0, char::len_utf8);
        (start, run)
    });
    runs.filter(|(_, run)| run.contains("://") || run.contains('@'))
}

/// Whether this is an http or https address.
#[must_use]
pub fn is_web(address: &str) -> bool {
    has_scheme(address, "http://") || has_scheme(address, "https://")
}

/// The address as a link may have it: http, https or mail, and nothing that a browser would read
/// in another way. `None` for all others.
#[must_use]
pub fn safe(address: &str) -> Option<&str> {
    let address = address.trim();
    let known = match address.split_once("://") {
        // No host has these in it, and parsers do not agree about them.
        Some((_, rest)) if is_web(address) => !authority(rest).contains(['&', '<', '>', '"']),
        _ => has_scheme(address, "mailto:"),
    };
    (known && url::Url::parse(address).is_ok()).then_some(address)
}

/// What stands before the path of an address without its scheme: the host, and who goes there.
fn authority(rest: &str) -> &str {
    rest.split(['/', '?', '#', '\\']).next().unwrap_or_default()
}

fn has_scheme(address: &str, scheme: &str) -> bool {
    let start = address.get(..scheme.len());
    start.is_some_and(|start| start.eq_ignore_ascii_case(scheme))
}

/// An address for the eye: its host in any case, and as much of the rest as a line has room for.
#[must_use]
pub fn shortened(address: &str) -> Cow<'_, str> {
    if address.chars().count() <= SHOWN {
        return Cow::Borrowed(address);
    }
    let (scheme, rest) = address.split_once("://").unwrap_or(("", address));
    let authority = authority(rest);
    // What stands before an `@` looks like a host and is none.
    let host = authority.rsplit('@').next().unwrap_or_default();
    let after = rest.get(authority.len()..).unwrap_or_default();
    let room = SHOWN.saturating_sub(scheme.len() + host.chars().count() + 4);
    let mut shown: String = [scheme, if scheme.is_empty() { "" } else { "://" }, host].concat();
    shown.extend(after.chars().take(room));
    if after.chars().count() > room {
        shown.push('…');
    }
    Cow::Owned(shown)
}

/// Appends the beginning of a link to `address`, which is [`safe`]. With a `title` it says where it
/// leads.
pub fn open(address: &str, title: bool, escape: Escape, out: &mut String) {
    // The one character that could end the attribute, as browsers write it in addresses.
    let address = address.replace('"', "%22");
    out.push_str("<a href=\"");
    escape(&address, out);
    if title {
        out.push_str("\" title=\"");
        escape(&address, out);
    }
    out.push_str("\" target=\"_blank\" rel=\"noopener noreferrer nofollow ugc\">");
}

/// Appends a part of a text, as a link if it is an address.
pub fn write(piece: Piece<'_>, escape: Escape, out: &mut String) {
    let (address, shown) = match piece {
        Piece::Text(words) => return escape(words, out),
        Piece::Url(words) => (Cow::Borrowed(words), shortened(words)),
        Piece::Mail(words) => (Cow::Owned(format!("mailto:{words}")), Cow::Borrowed(words)),
    };
    let Some(address) = safe(&address) else {
        return escape(&shown, out);
    };
    open(address, matches!(shown, Cow::Owned(_)), escape, out);
    escape(&shown, out);
    out.push_str("</a>");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links(text: &str) -> Vec<String> {
        let (mut found, mut whole) = (Vec::new(), String::new());
        each(text, |piece| match piece {
            Piece::Text(words) => whole.push_str(words),
            Piece::Url(words) | Piece::Mail(words) => {
                whole.push_str(words);
                found.push(words.to_owned());
            }
        });
        assert_eq!(whole, text);
        found
    }

    #[test]
    fn an_address_ends_where_chinese_text_goes_on() {
        for (text, found) in [
            (
                "看https://example.org/tea。好",
                vec!["https://example.org/tea"],
            ),
            (
                "（https://example.org/tea），",
                vec!["https://example.org/tea"],
            ),
            ("写信给me@example.org吧", vec!["me@example.org"]),
            (
                "https://example.org/?q=1&b=(2)!",
                vec!["https://example.org/?q=1&b=(2)"],
            ),
            (
                "HTTPS://A.ORG/x ftp://a.org javascript:alert(1)//",
                vec!["HTTPS://A.ORG/x"],
            ),
            ("@Ada, javascript://example.org/%0aalert(1)", vec![]),
            ("no address, 没有", vec![]),
        ] {
            assert_eq!(links(text), found, "{text}");
        }
    }

    #[test]
    fn a_long_address_is_short_for_the_eye_and_its_host_is_whole() {
        let long = format!("https://example.org/{}", "a".repeat(100));
        let shown = shortened(&long);
        assert!(shown.starts_with("https://example.org/aaa") && shown.ends_with('…'));
        assert!(shown.chars().count() <= SHOWN);
        let host = format!("https://bank.example.{}.evil.example/", "a".repeat(60));
        assert!(shortened(&host).contains(".evil.example"));
        let disguised = format!("https://bank.example@evil.example/{}", "a".repeat(60));
        assert!(shortened(&disguised).starts_with("https://evil.example/"));
    }

    #[test]
    fn only_addresses_of_the_web_and_of_mail_become_links() {
        for address in [
            "http://a.org",
            "HTTPS://a.org/?x",
            "mailto:a@b.org",
            " https://a.org ",
        ] {
            assert!(safe(address).is_some(), "{address}");
        }
        for address in [
            "javascript:alert(1)",
            "java\nscript:x",
            "//a.org",
            "/a",
            "a",
            "",
            "data:text/html,x",
            "http://",
            "https://[",
            "https://a&b.org",
            "\u{1}javascript:x",
            "vbscript:x",
            "file:///etc/passwd",
        ] {
            assert_eq!(safe(address), None, "{address}");
        }
    }
}
