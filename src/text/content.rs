//! What a message says, from what a client wrote to what a client may show.
//!
//! Three formats: Markdown (see [`super::markdown`]), plain text (older messages of the page), and
//! classic text, in which `<img>` tags of the emoji form stand for pictures and everything else is
//! text, markup included. Every character that a person wrote goes through [`escape`]: what leaves
//! is safe as innerHTML by construction.

mod emoji_tag;

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::text::links;
use crate::text::name::is_invisible;
use emoji_tag::EmojiTag;

/// How content is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Plain text, without markup.
    Plain,
    /// Text with emoji `<img>` tags.
    Classic,
    /// Markdown, as [`super::markdown`] reads it.
    Markdown,
}

impl Format {
    /// The number in the store.
    #[must_use]
    pub fn code(self) -> i64 {
        match self {
            Self::Plain => 0,
            Self::Classic => 1,
            Self::Markdown => 2,
        }
    }

    /// The format of a number from the store.
    #[must_use]
    pub fn from_code(code: i64) -> Self {
        match code {
            1 => Self::Classic,
            2 => Self::Markdown,
            _ => Self::Plain,
        }
    }
}

/// Content as it is kept: line ends made one, control and direction characters gone (joiners and
/// variation selectors stay, emoji need them), without empty lines before it and blanks after it. The
/// blanks of its first line stay: they begin code, or a Chinese paragraph.
///
/// # Errors
/// [`Error::Empty`] when nothing that can be seen is left, [`Error::TooLong`] past `limit`
/// Unicode scalar values.
pub fn accept(raw: &str, limit: usize) -> Result<String, Error> {
    let clean: String = raw
        .replace("\r\n", "\n")
        .chars()
        .filter(|c| matches!(c, '\n' | '\t' | '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0020}'..='\u{e007f}') || !is_invisible(*c))
        .collect();
    let clean = clean.trim_end();
    let words = clean.find(|c: char| !c.is_whitespace()).unwrap_or_default();
    let line = clean.get(..words).and_then(|blank| blank.rfind('\n'));
    let clean = line.map_or(clean, |end| clean.get(end + 1..).unwrap_or_default());
    if clean.chars().all(|c| c.is_whitespace() || is_invisible(c)) {
        return Err(Error::Empty);
    }
    if clean.chars().count() > limit {
        return Err(Error::TooLong { limit });
    }
    Ok(clean.to_owned())
}

/// HTML of classic text for a classic client's innerHTML: text escaped, emoji tags rebuilt from
/// their parts.
#[must_use]
pub fn classic_html(content: &str) -> String {
    let mut out = String::with_capacity(content.len());
    each_piece(content, Format::Classic, |piece| match piece {
        Piece::Text(text) => escape(text, &mut out),
        Piece::Emoji(tag) => tag.write(&mut out),
    });
    out
}

/// HTML of plain and classic text for the page: text escaped, http(s) and mail addresses linked,
/// emoji pictures as their names (the page loads nothing from elsewhere).
#[must_use]
pub fn page_html(content: &str, format: Format) -> String {
    let mut out = String::with_capacity(content.len());
    each_piece(content, format, |piece| match piece {
        Piece::Text(text) => links::each(text, |piece| links::write(piece, escape, &mut out)),
        Piece::Emoji(tag) => escape(tag.name(), &mut out),
    });
    out
}

/// Classic text alone, emoji as their names.
#[must_use]
pub fn plain(content: &str) -> String {
    let mut out = String::with_capacity(content.len());
    each_piece(content, Format::Classic, |piece| match piece {
        Piece::Text(text) => out.push_str(text),
        Piece::Emoji(tag) => out.push_str(tag.name()),
    });
    out
}

enum Piece<'a> {
    Text(&'a str),
    Emoji(EmojiTag<'a>),
}

fn each_piece<'a>(content: &'a str, format: Format, mut visit: impl FnMut(Piece<'a>)) {
    let mut rest = content;
    while let Some((before, from_tag)) = (format == Format::Classic)
        .then(|| emoji_tag::find_candidate(rest))
        .flatten()
    {
        match EmojiTag::parse(from_tag) {
            Some((tag, after)) => {
                visit(Piece::Text(before));
                visit(Piece::Emoji(tag));
                rest = after;
            }
            None => {
                let (text, after) = past_first_char(rest, before.len());
                visit(Piece::Text(text));
                rest = after;
            }
        }
    }
    visit(Piece::Text(rest));
}

/// Splits `text` after the one-byte character (a `<`) that stands at `at`.
fn past_first_char(text: &str, at: usize) -> (&str, &str) {
    text.split_at_checked(at + 1).unwrap_or((text, ""))
}

/// Whether a classic client may show this address as a picture.
#[must_use]
pub fn is_picture_address(address: &str) -> bool {
    emoji_tag::is_picture(address)
}

/// Appends `text` with the five characters that mean something in HTML replaced.
pub fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_person_wrote_never_becomes_markup() {
        for attack in [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "<img src='https://a/b.png' onerror='alert(1)'>",
            "<img src='javascript:alert(1)' width='24'>",
            "<img src='https://a/b.png' style='background:url(https://evil/)'>",
            "<img src='https://a/b.png\"><script>'>",
            "<svg onload=alert(1)>",
            "<IMG SRC=\"data:image/svg+xml,<svg/onload=alert(1)>\">",
            "<img src='https://a/b.png",
            "<img/src='https://a/b.png'>",
        ] {
            let html = classic_html(attack);
            assert!(!html.contains('<'), "{attack} became {html}");
        }
    }

    #[test]
    fn emoji_tags_of_the_known_forms_survive() {
        for tag in [
            "<img src= 'https://static.example.com/emoji/zhichi.jpg' width='24'height='24' style='margin: 0 1px;vertical-align: text-bottom'/>",
            "<img src=\"https://static.example.com/emoji/goutou.jpg\" width=\"24\" height=\"24\" alt=\"[狗头]\" style=\"margin: 0 1px;vertical-align: text-bottom\">",
            "<img alt='' src= 'http://x.example/1.gif?v=2' width='21' height='21' style='margin: 0 1px;vertical-align: text-bottom'>",
            "<img style='vertical-align: middle' src='/emoji/1.png' width='24'height='24' style='margin: 0 1px;vertical-align: text-bottom'/>",
        ] {
            let html = classic_html(&format!("1 < 2 {tag} & so on"));
            assert_eq!(html.matches("<img src=\"").count(), 1, "{html}");
            assert!(html.starts_with("1 &lt; 2 <img"), "{html}");
            assert!(html.ends_with("> &amp; so on"), "{html}");
        }
    }

    #[test]
    fn a_tag_that_a_page_user_typed_stays_text() {
        let typed = "<img src='https://a.example/b.png' width='24' height='24'>";
        assert!(!page_html(typed, Format::Plain).contains("<img"));
        assert!(!page_html(typed, Format::Classic).contains("<img"));
    }

    #[test]
    fn the_page_links_addresses_and_nothing_else() {
        let html = page_html(
            "see https://example.org/?a=1&b='x' or javascript:alert(1)",
            Format::Plain,
        );
        assert!(
            html.contains("<a href=\"https://example.org/?a=1&amp;b="),
            "{html}"
        );
        assert_eq!(html.matches("<a ").count(), 1);
    }

    #[test]
    fn content_is_kept_without_what_cannot_be_seen() {
        assert_eq!(accept("a\u{202e}b\0\r\nc ", 100).as_deref(), Ok("ab\nc"));
        for (raw, kept) in [
            ("    if x:\n        y", "    if x:\n        y"),
            ("　　第一段\n　　第二段\n", "　　第一段\n　　第二段"),
            (" \r\n\n \t\n\tx\n\n", "\tx"),
            ("\u{200b} \n  a", "  a"),
        ] {
            assert_eq!(accept(raw, 100).as_deref(), Ok(kept));
        }
        assert_eq!(
            accept("👨\u{200d}👩\u{200d}👧 ❤\u{fe0f}", 100).as_deref(),
            Ok("👨\u{200d}👩\u{200d}👧 ❤\u{fe0f}")
        );
        for empty in ["", " \n\t ", "\u{200b}\u{2060}", "\u{200d}"] {
            assert_eq!(accept(empty, 100), Err(Error::Empty), "{empty:?}");
        }
        assert_eq!(accept("四个字呢", 3), Err(Error::TooLong { limit: 3 }));
    }
}
