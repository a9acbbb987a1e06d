//! Markdown, from what a person wrote to HTML for the page and to text for everything else.
//!
//! CommonMark with tables and `~~strike~~`, and the rules of a chat: a line ends where it was ended,
//! addresses are links, headings are bold lines, pictures are links, and HTML is text like any
//! other. `source` prepares what was written, pulldown-cmark reads it, `html` and `plain` write what
//! it found, and `clean` holds the HTML against a list of what may be in it. Pure: no I/O, no clock.
//!
//! A message past [`EVENTS`], [`DEPTH`], [`CELLS`] or [`LINKS`] is shown as it was written.

mod clean;
mod code;
mod html;
mod lines;
mod numbers;
mod parts;
mod plain;
mod source;
#[cfg(test)]
pub(in crate::text) mod tests;

use std::borrow::Cow;
use std::ops::Range;

use pulldown_cmark::{Event, Options, Parser, Tag, TextMergeWithOffset};

use super::{content, links};
use crate::text::mentions::{Candidate, MAX_MENTIONS};
use source::Source;

/// Parts of one message: beginnings, ends, runs of text, line breaks. What people write has some
/// tens.
const EVENTS: usize = 2_500;

/// How deep quotes, lists and emphasis may be in each other.
const DEPTH: usize = 16;

/// Cells of all tables of one message.
const CELLS: usize = 400;

/// Links of one message; the addresses after them are text.
const LINKS: usize = 100;

/// Parts of code that are coloured, in one message; the rest is code in one colour.
const COLOURS: usize = 600;

/// Stands in raw HTML before each `@` that may mention somebody. What people write has no such
/// character in it.
const MENTION: char = '\u{fdd4}';

/// What stands in raw HTML for characters that are written as entities: those who parse it take
/// long for each, and a message may be nothing else.
const ENTITIES: [(char, char, &str); 3] = [
    ('<', '\u{fdd6}', "&lt;"),
    ('>', '\u{fdd7}', "&gt;"),
    ('&', '\u{fdd8}', "&amp;"),
];

/// A message as HTML, but for who is mentioned in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    html: String,
    /// Whether the HTML is nothing but the escaped source, and then it may be missing.
    bare: bool,
    mentioned: Vec<NamesAt>,
}

/// A place in the HTML where somebody may be mentioned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamesAt {
    /// The byte at which the `@` stands.
    at: usize,
    /// The names that it may mean, the longest first.
    names: Vec<Candidate>,
}

impl NamesAt {
    /// The names that it may mean, the longest first.
    #[must_use]
    pub fn names(&self) -> &[Candidate] {
        &self.names
    }
}

/// Renders a message.
#[must_use]
pub fn render(written: &str) -> Rendered {
    if source::is_bare(written) {
        return Rendered {
            html: String::new(),
            bare: true,
            mentioned: Vec::new(),
        };
    }
    let source = prepared(written);
    let raw = match read(&source) {
        Some(parts) => html::write(&source, &parts),
        None => html::Raw::unread(&source),
    };
    let bare = raw.is_bare(&source);
    let html = clean::clean(&raw.html);
    let (html, mentioned) = finish(&html, raw.mentions);
    Rendered {
        html,
        bare,
        mentioned,
    }
}

/// The HTML of a message that nobody has sent yet: nobody is mentioned.
#[must_use]
pub fn preview(written: &str) -> String {
    render(written).settle(&[]).unwrap_or_else(|| {
        let mut escaped = String::with_capacity(written.len());
        content::escape(written, &mut escaped);
        escaped
    })
}

/// A message as text for clients that know no Markdown: bullets, quotes and addresses are written
/// out.
#[must_use]
pub fn plain(written: &str) -> Cow<'_, str> {
    if source::is_bare(written) {
        return Cow::Borrowed(written);
    }
    let source = prepared(written);
    match read(&source) {
        Some(parts) => Cow::Owned(plain::write(&source, &parts)),
        None => Cow::Borrowed(written),
    }
}

/// Whether code may be said to be of this language: nothing else than its name is in `words`.
#[must_use]
pub fn is_language(words: &str) -> bool {
    !words.contains([' ', ',', '{', ':']) && code::named(words).is_some()
}

impl Rendered {
    /// Whom the message may mention, at most [`MAX_MENTIONS`].
    #[must_use]
    pub fn mentioned(&self) -> &[NamesAt] {
        &self.mentioned
    }

    /// The HTML with those marked who are mentioned: for each of [`Self::mentioned`] the id and the
    /// number of characters of their name. `None` when the escaped source says the same.
    #[must_use]
    pub fn settle(&self, who: &[Option<(String, usize)>]) -> Option<String> {
        let mut out = String::with_capacity(self.html.len() + 64);
        let mut done = 0;
        for (mentioned, who) in self.mentioned.iter().zip(who) {
            let Some((id, chars)) = who else { continue };
            let Some(end) = past(&self.html, mentioned.at, chars + 1) else {
                continue;
            };
            let (Some(before), Some(name)) = (
                self.html.get(done..mentioned.at),
                self.html.get(mentioned.at..end),
            ) else {
                continue;
            };
            out.push_str(before);
            out.push_str("<span class=\"mention\" data-id=\"");
            content::escape(id, &mut out);
            out.push_str("\">");
            out.push_str(name);
            out.push_str("</span>");
            done = end;
        }
        if self.bare && done == 0 {
            return None;
        }
        out.push_str(self.html.get(done..).unwrap_or_default());
        Some(out)
    }
}

/// The byte after `chars` characters of text, from `at` on; `None` when a tag comes before.
fn past(html: &str, at: usize, chars: usize) -> Option<usize> {
    let mut rest = html.get(at..)?;
    for _ in 0..chars {
        let first = rest.chars().next().filter(|c| *c != '<')?;
        let length = match first {
            '&' => rest.find(';')? + 1,
            other => other.len_utf8(),
        };
        rest = rest.get(length..)?;
    }
    Some(html.len() - rest.len())
}

/// Writes the entities of clean HTML, takes the marks out of it, and gives the mentions their places.
fn finish(clean: &str, mentions: Vec<Vec<Candidate>>) -> (String, Vec<NamesAt>) {
    let mut mentions = mentions.into_iter();
    let mut mentioned = Vec::new();
    let mut html = String::with_capacity(clean.len() + 16);
    for c in clean.chars() {
        if c == MENTION {
            let at = html.len();
            mentioned.extend(mentions.next().map(|names| NamesAt { at, names }));
            continue;
        }
        match ENTITIES.iter().find(|(_, raw, _)| *raw == c) {
            Some((_, _, entity)) => html.push_str(entity),
            None => html.push(c),
        }
    }
    (html, mentioned)
}

/// Appends text to raw HTML, or an address without `"` to an attribute.
fn escape(words: &str, out: &mut String) {
    for c in words.chars() {
        match c {
            '<' | '>' | '&' => {
                let raw = ENTITIES.iter().find(|(shown, _, _)| *shown == c);
                out.extend(raw.map(|(_, raw, _)| raw));
            }
            other => out.push(other),
        }
    }
}

/// A part of a message, and where in the source it stands.
type Part<'a> = (Event<'a>, Range<usize>);

/// What was written, ready to be read: links that are defined and then not there would be left out, so
/// they define nothing.
fn prepared(written: &str) -> Source {
    let mut source = Source::of(written);
    if !source.prepared().contains("]:") || is_too_deep(&source) {
        return source;
    }
    let name = |label: &str| {
        label
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .to_lowercase()
    };
    let parser = Parser::new_ext(source.prepared(), OPTIONS);
    let defined = parser.reference_definitions().iter();
    let mut unused: Vec<_> = defined
        .map(|(label, link)| (name(label), link.span.start))
        .collect();
    for event in parser {
        if let Event::Start(Tag::Link { id, .. } | Tag::Image { id, .. }) = event {
            unused.retain(|(label, _)| *label != name(&id));
        }
    }
    let mut places: Vec<usize> = unused.into_iter().map(|(_, place)| place).collect();
    places.sort_unstable();
    source.guard(&places);
    source
}

/// Whether quotes and lists are deeper in each other than is read. Asked before the parser, which takes
/// long for a thousand quotes in each other.
fn is_too_deep(source: &Source) -> bool {
    let mut lines = source.prepared().lines();
    lines.any(|line| source::markers(line) > DEPTH)
}

/// What is read beside CommonMark.
const OPTIONS: Options = Options::ENABLE_TABLES
    .union(Options::ENABLE_STRIKETHROUGH)
    .union(Options::ENABLE_TASKLISTS);

/// What is in a source; `None` when it is more than is shown as Markdown, or nothing that could be
/// seen: `#` alone is a heading without words.
fn read(source: &Source) -> Option<Vec<Part<'_>>> {
    if is_too_deep(source) {
        return None;
    }
    let parser = Parser::new_ext(source.prepared(), OPTIONS).into_offset_iter();
    // HTML is text, and part of the words around it: a name may have `<` in it.
    let parser = parser.map(|(event, range)| match event {
        Event::InlineHtml(words) => (Event::Text(words), range),
        other => (other, range),
    });
    let mut parts = Vec::with_capacity(32);
    let (mut depth, mut cells, mut links) = (0_usize, 0, 0);
    let mut says = false;
    for (event, range) in TextMergeWithOffset::new(parser) {
        match &event {
            Event::Start(tag) => {
                depth += 1;
                cells += usize::from(*tag == Tag::TableCell);
                links += usize::from(matches!(tag, Tag::Link { .. } | Tag::Image { .. }));
            }
            Event::End(_) => depth = depth.saturating_sub(1),
            Event::Text(words) | Event::Code(words) | Event::Html(words) => {
                says |= !words.trim().is_empty();
            }
            Event::Rule => says = true,
            _ => {}
        }
        if depth > DEPTH || cells > CELLS || links > LINKS || parts.len() == EVENTS {
            return None;
        }
        parts.push((event, range));
    }
    (says || links > 0).then_some(parts)
}

/// Appends running text outside of code and links: addresses as links, and a mark before each
/// mention; what follows its `@` is a name and no address. `budget` are the links that there may still be.
fn write_text(
    text: &str,
    budget: &mut usize,
    mentions: &mut Vec<Vec<Candidate>>,
    out: &mut String,
) {
    let mut found = crate::text::mentions::at_signs(text).into_iter().peekable();
    let (mut place, mut named) = (0, None);
    links::each(text, |piece| {
        let (words, is_link) = match piece {
            links::Piece::Text(words) => (words, false),
            links::Piece::Url(words) | links::Piece::Mail(words) => (words, true),
        };
        let end = place + words.len();
        if is_link && named != Some(place) && *budget > 0 {
            *budget -= 1;
            links::write(piece, escape, out);
            while found.next_if(|at_sign| at_sign.at < end).is_some() {}
        } else {
            let mut done = place;
            while let Some(at_sign) = found.next_if(|at_sign| at_sign.at < end) {
                escape(text.get(done..at_sign.at).unwrap_or_default(), out);
                if mentions.len() < MAX_MENTIONS {
                    out.push(MENTION);
                    mentions.push(at_sign.names);
                }
                let sign = text.get(at_sign.at..).and_then(|rest| rest.chars().next());
                named = sign.map(|sign| at_sign.at + sign.len_utf8());
                done = at_sign.at;
            }
            escape(text.get(done..end).unwrap_or_default(), out);
        }
        place = end;
    });
}
