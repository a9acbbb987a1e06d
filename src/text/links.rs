//! Addresses in running text: where they stand, and how they are written as links.
//!
//! Only http, https and mail addresses, and of these what is ASCII: Chinese text has no blank after an
//! address, so what is no ASCII ends it (browsers copy addresses in ASCII). But where it cannot have
//! ended, as in `/wiki/茶`, the whole word is the address: a link never leads elsewhere than it reads.
//! Never asks what is at an address. Bounded by the text.

use std::borrow::Cow;

use linkify::{LinkFinder, LinkKind};
use unicode_normalization::char::is_combining_mark;

/// The longest address that is shown whole, in characters: two thirds of a line.
const SHOWN: usize = 60;

/// Appends words so that nothing in them is a tag, as [`super::content::escape`] does. What has `"` in
/// it may stand between tags only.
pub type Escape = fn(&str, &mut String);

/// A part of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Text outside of addresses.
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
                let from = start + link.start();
                let (before, rest) = (text.get(done..from), text.get(from..));
                let (Some(before), Some(rest)) = (before, rest) else {
                    continue;
                };
                let length = link.as_str().len();
                let length = match link.kind() {
                    LinkKind::Url if is_web(rest) => whole(rest, length),
                    LinkKind::Email => length,
                    _ => continue,
                };
                let address = rest.get(..length).unwrap_or_default();
                if !before.is_empty() {
                    visit(Piece::Text(before));
                }
                visit(match link.kind() {
                    LinkKind::Email => Piece::Mail(address),
                    _ => Piece::Url(address),
                });
                done = from + length;
            }
        }
    }
    if let Some(rest) = text.get(done..)
        && !rest.is_empty()
    {
        visit(Piece::Text(rest));
    }
}

/// The bytes of the http or https address that `text` begins with.
#[must_use]
pub fn length(text: &str) -> Option<usize> {
    if !is_web(text) {
        return None;
    }
    let ascii = text.find(|c: char| !c.is_ascii()).unwrap_or(text.len());
    let mut finder = LinkFinder::new();
    finder.kinds(&[LinkKind::Url]);
    let link = finder.links(text.get(..ascii)?).next()?;
    (link.start() == 0).then(|| whole(text, link.end()))
}

/// The bytes of an address, whose ASCII has so many: with the rest of its word where it cannot end there.
fn whole(text: &str, ascii: usize) -> usize {
    let (address, rest) = text.split_at_checked(ascii).unwrap_or((text, ""));
    let is_letter = |c: char| !c.is_ascii() && (c.is_alphanumeric() || is_combining_mark(c));
    if !address.ends_with(['/', '=', '-', '_', '#', '&', '%', '+']) || !rest.starts_with(is_letter)
    {
        return ascii;
    }
    let ends = |c: char| c.is_whitespace() || !c.is_ascii() && !is_letter(c);
    let word = text.split(ends).next().unwrap_or_default();
    let mut finder = LinkFinder::new();
    finder.kinds(&[LinkKind::Url]).url_can_be_iri(true);
    let link = finder.links(word).next().filter(|link| link.start() == 0);
    link.map_or(ascii, |link| link.end().max(ascii))
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
    let begins = super::cut::to(after, room);
    shown.push_str(begins);
    if begins.len() < after.len() {
        shown.push('…');
    }
    Cow::Owned(shown)
}

/// Where a link truly leads, if its words name another place: `[https://bank.example](https://evil.example)`
/// is `evil.example`.
#[must_use]
pub fn leads_elsewhere(words: &str, address: &str) -> Option<String> {
    let place = |address: &str| match address.split_once(':') {
        Some((scheme, mail)) if scheme.eq_ignore_ascii_case("mailto") => {
            Some(mail.split('?').next().unwrap_or(mail).to_lowercase())
        }
        _ => {
            let host = url::Url::parse(address).ok()?;
            let host = host.host_str()?.trim_start_matches("www.").to_owned();
            Some(host)
        }
    };
    let truly = place(address)?;
    let mut named = Vec::new();
    each(words, |piece| match piece {
        Piece::Url(url) => named.extend(place(url)),
        Piece::Mail(mail) => named.push(mail.to_lowercase()),
        Piece::Text(_) => {}
    });
    let word = words.trim();
    if named.is_empty() && (is_host(word) || word.contains("://")) {
        let bare = word.split_once("://").map_or(word, |(_, rest)| rest);
        named.push(place(&format!("https://{bare}")).unwrap_or_default());
    }
    named.iter().any(|named| *named != truly).then_some(truly)
}

/// Whether words look like an address without its beginning: `bank.example/login`.
fn is_host(words: &str) -> bool {
    let host = words.split(['/', '?', '#', ':']).next().unwrap_or_default();
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '-' | '.' | '_' | '@');
    let last = host.rsplit('.').next().unwrap_or_default();
    let ends = last.chars().count() > 1 && last.chars().all(char::is_alphabetic);
    host.contains('.') && !host.starts_with('.') && ends && host.chars().all(fits)
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
            (
                "见https://zh.wikipedia.org/wiki/茶，好",
                vec!["https://zh.wikipedia.org/wiki/茶"],
            ),
            (
                "https://zh.wikipedia.org/wiki/茶_(植物)。",
                vec!["https://zh.wikipedia.org/wiki/茶_(植物)"],
            ),
            (
                "https://www.baidu.com/s?wd=中文&ie=utf-8 好",
                vec!["https://www.baidu.com/s?wd=中文&ie=utf-8"],
            ),
            ("https://example.org好", vec!["https://example.org"]),
            (
                "https://example.org/a好，https://b.org/茶 c",
                vec!["https://example.org/a", "https://b.org/茶"],
            ),
            (
                "https://ru.wikipedia.org/wiki/Чай.",
                vec!["https://ru.wikipedia.org/wiki/Чай"],
            ),
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
    fn words_that_name_another_place_than_the_link_are_found_out() {
        for (words, address, truly) in [
            (
                "https://good.example/login",
                "http://evil.example/",
                Some("evil.example"),
            ),
            ("good.example", "http://evil.example/", Some("evil.example")),
            (
                "see HTTPS://Good.example now",
                "http://evil.example/",
                Some("evil.example"),
            ),
            (
                "https://good.example",
                "https://good.example@evil.example/",
                Some("evil.example"),
            ),
            (
                "me@good.example",
                "mailto:you@evil.example",
                Some("you@evil.example"),
            ),
            (
                "https://good.example",
                "mailto:you@evil.example",
                Some("you@evil.example"),
            ),
            (
                "https://gооd.example",
                "https://evil.example",
                Some("evil.example"),
            ),
            ("https://good.example/a", "https://www.good.example/b", None),
            ("good.example/login", "https://good.example", None),
            ("me@a.org", "mailto:me@a.org?subject=x", None),
            ("the docs, v2.13 e.g.", "https://a.org", None),
            ("茶", "https://a.org", None),
        ] {
            assert_eq!(
                leads_elsewhere(words, address).as_deref(),
                truly,
                "{words} {address}"
            );
        }
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
