//! What stands in `<…>` in Slack's texts: links, people, groups, rooms, everybody, times.
//!
//! What is none of these is text: most tools do not escape what they quote.

use super::entities::decoded;
use crate::text::{clock, links, markup};

/// A reference, and the words that Slack shows for it, which may be missing.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Reference<'a> {
    /// An address.
    Link(&'a str, &'a str),
    /// A person or a group.
    Name(&'a str),
    /// A room.
    Room(&'a str),
    /// Everybody here, under one of three names.
    All(&'a str),
    /// A time: seconds since 1970, and how to write it where it is not reckoned.
    Time(&'a str, &'a str),
}

/// The reference that `text` begins with, and its bytes.
pub(super) fn read(text: &str) -> Option<(usize, Reference<'_>)> {
    let inside = text.strip_prefix('<')?;
    let end = inside.find(['<', '>', '\n'])?;
    let (inside, after) = inside.split_at_checked(end)?;
    if !after.starts_with('>') {
        return None;
    }
    let (what, words) = inside.split_once('|').unwrap_or((inside, ""));
    let is_id = |id: &str| !id.is_empty() && id.chars().all(|c| c.is_ascii_alphanumeric());
    let named = |id| if words.is_empty() { id } else { words };
    let reference = match what.chars().next()? {
        '@' => {
            let id = what.strip_prefix('@').filter(|id| is_id(id))?;
            Reference::Name(named(id))
        }
        '#' => {
            let id = what.strip_prefix('#').filter(|id| is_id(id))?;
            Reference::Room(named(id))
        }
        '!' => special(what, words)?,
        _ if links::is_web(what) || what.starts_with("mailto:") => {
            markup::target(&decoded(what))?;
            Reference::Link(what, words)
        }
        _ => return None,
    };
    Some((end + "<>".len(), reference))
}

fn special<'a>(what: &'a str, words: &'a str) -> Option<Reference<'a>> {
    let what = what.strip_prefix('!')?;
    let (kind, details) = what.split_once('^').unwrap_or((what, ""));
    match kind {
        "channel" | "here" | "everyone" => Some(Reference::All(kind)),
        "subteam" => Some(Reference::Name(if words.is_empty() {
            details
        } else {
            words
        })),
        "date" => {
            let seconds = details.split('^').next().unwrap_or_default();
            Some(Reference::Time(seconds, words))
        }
        _ => None,
    }
}

impl Reference<'_> {
    /// Appends it as Markdown, before the character `next`.
    pub(super) fn write(&self, next: char, for_all: bool, out: &mut String) {
        let written = match self {
            Self::Link(address, words) => {
                let (address, words) = (decoded(address), decoded(words));
                let shown = address.strip_prefix("mailto:").unwrap_or(&address);
                match words.trim() {
                    words if !words.is_empty() && words != shown => markup::link(words, &address),
                    _ if shown.len() < address.len() => shown.to_owned(),
                    _ => markup::bare(&address, next),
                }
            }
            Self::Name(name) => format!("@{}", decoded(name).trim_start_matches('@')),
            Self::Room(name) => format!("#{}", decoded(name).trim_start_matches('#')),
            Self::All(_) if for_all => "@all".to_owned(),
            Self::All(word) => (*word).to_owned(),
            Self::Time(seconds, "") => time(seconds),
            Self::Time(_, words) => decoded(words).into_owned(),
        };
        out.push_str(&written);
    }
}

/// Seconds since 1970, as Slack writes them with a fraction or without, as a time for everybody; empty if
/// they are none.
pub(super) fn time(seconds: &str) -> String {
    let whole = seconds.split('.').next().unwrap_or_default();
    let ms = whole
        .parse::<i64>()
        .ok()
        .and_then(|whole| whole.checked_mul(1000));
    let text = ms.map(clock::rfc3339).unwrap_or_default();
    match text.get(..16) {
        Some(minute) if ms > Some(0) => format!("{} UTC", minute.replace('T', " ")),
        _ => String::new(),
    }
}
