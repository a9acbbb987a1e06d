//! The emoji `<img>` tag that classic clients put into their texts.
//!
//! Reads the known form strictly (an http(s) or site-relative picture, small sizes, harmless
//! style words, an alt text, in any order and quoting) and writes it anew from its parts. What
//! is not of this form is text.

use super::escape;

/// The largest width or height, in CSS pixels: an emoji stands in a line of text.
const MAX_PIXELS: u16 = 64;

/// The longest picture address, in bytes.
const MAX_ADDRESS: usize = 300;

/// The style words that the known clients send.
const STYLE_WORDS: [&str; 5] = [
    "margin",
    "vertical-align",
    "text-bottom",
    "middle",
    "display",
];

/// One emoji picture.
#[derive(Debug, Default, PartialEq)]
pub(super) struct EmojiTag<'a> {
    src: &'a str,
    alt: &'a str,
    width: Option<u16>,
    height: Option<u16>,
}

/// Splits `text` before the first place where a tag may begin.
pub(super) fn find_candidate(text: &str) -> Option<(&str, &str)> {
    let at = text.find("<img ").or_else(|| text.find("<img\t"))?;
    text.split_at_checked(at)
}

impl<'a> EmojiTag<'a> {
    /// Reads a tag from the start of `text`; returns it and what follows it.
    pub(super) fn parse(text: &'a str) -> Option<(Self, &'a str)> {
        let mut rest = text.strip_prefix("<img")?;
        let mut tag = Self::default();
        loop {
            rest = rest.trim_start();
            if let Some(after) = rest.strip_prefix("/>").or_else(|| rest.strip_prefix('>')) {
                return (!tag.src.is_empty()).then_some((tag, after));
            }
            let (name, value, after) = attribute(rest)?;
            match name {
                "src" if is_picture(value) => tag.src = value,
                "alt" if value.chars().count() <= 32 => tag.alt = value,
                "width" => tag.width = Some(pixels(value)?),
                "height" => tag.height = Some(pixels(value)?),
                "style" if is_harmless_style(value) => {}
                _ => return None,
            }
            rest = after;
        }
    }

    /// What stands for the picture where no picture is shown.
    pub(super) fn name(&self) -> &'a str {
        if self.alt.is_empty() {
            "[表情]"
        } else {
            self.alt
        }
    }

    /// Appends the tag, rebuilt.
    pub(super) fn write(&self, out: &mut String) {
        out.push_str("<img src=\"");
        escape(self.src, out);
        out.push_str("\" alt=\"");
        escape(self.alt, out);
        out.push('"');
        for (name, pixels) in [("width", self.width), ("height", self.height)] {
            if let Some(pixels) = pixels {
                out.push_str(&format!(" {name}=\"{pixels}\""));
            }
        }
        out.push_str(" style=\"margin: 0 1px;vertical-align: text-bottom\">");
    }
}

/// Name, value and rest of `name = 'value'…`; the quotes are not optional.
fn attribute(text: &str) -> Option<(&str, &str, &str)> {
    let (name, rest) = text.split_once('=')?;
    let rest = rest.trim_start();
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let (value, after) = rest.strip_prefix(quote)?.split_once(quote)?;
    Some((name.trim(), value.trim(), after))
}

fn pixels(value: &str) -> Option<u16> {
    let value = value.strip_suffix("px").unwrap_or(value);
    value
        .parse()
        .ok()
        .filter(|pixels| (1..=MAX_PIXELS).contains(pixels))
}

/// An http(s) or site-relative address of plain characters.
pub(super) fn is_picture(address: &str) -> bool {
    let plain = address
        .chars()
        .all(|c| c.is_ascii_graphic() && !matches!(c, '"' | '\'' | '<' | '>' | '\\' | '`'));
    let from_web = address.starts_with("https://") || address.starts_with("http://");
    let from_here = address.starts_with('/') && !address.starts_with("//");
    plain && address.len() <= MAX_ADDRESS && (from_web || from_here)
}

fn is_harmless_style(style: &str) -> bool {
    style
        .split([' ', ':', ';'])
        .filter(|word| !word.is_empty())
        .all(|word| {
            STYLE_WORDS.contains(&word) || word.trim_end_matches("px").parse::<u8>().is_ok()
        })
}
