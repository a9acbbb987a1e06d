//! `rich_text` blocks: text as a tree, which Slack's own editor writes.

use serde_json::Value;

use super::reference::Reference;
use crate::text::{markup, posted};

/// Blanks before an item for each list that it is in.
const INDENT: usize = 3;

/// How deep lists may be in each other.
const DEEPEST: usize = 8;

/// What the elements of such a block say.
pub(super) fn markdown(elements: &[Value], for_all: bool) -> String {
    let mut out = String::new();
    let mut was_list = false;
    for element in elements {
        let inside = posted::list(element, "elements");
        let is_list = posted::words(element, "type") == "rich_text_list";
        let words = match &*posted::words(element, "type") {
            "rich_text_section" => section(inside, for_all),
            "rich_text_list" => list(element, for_all),
            "rich_text_preformatted" => {
                let words = inside.iter().map(|piece| posted::words(piece, "text"));
                markup::fence("", &words.collect::<String>())
            }
            "rich_text_quote" => markup::quote(&section(inside, for_all)),
            _ => continue,
        };
        if words.trim().is_empty() {
            continue;
        }
        if !out.is_empty() {
            out.push_str(if was_list && is_list { "\n" } else { "\n\n" });
        }
        out.push_str(words.trim_matches('\n'));
        was_list = is_list;
    }
    out
}

fn list(element: &Value, for_all: bool) -> String {
    let number = |field| element.get(field).and_then(Value::as_u64);
    let level = number("indent").and_then(|level| usize::try_from(level).ok());
    let indent = " ".repeat(level.unwrap_or(0).min(DEEPEST) * INDENT);
    let numbered = posted::words(element, "style") == "ordered";
    let first = number("offset").unwrap_or(0).min(1_000_000) + 1;
    let items = posted::list(element, "elements").iter().zip(first..);
    let items = items.filter_map(|(item, number)| {
        let words = section(posted::list(item, "elements"), for_all);
        let words = words.trim().replace('\n', " ");
        let item = match numbered {
            true => format!("{indent}{number}. {words}"),
            false => format!("{indent}- {words}"),
        };
        (!words.is_empty()).then_some(item)
    });
    items.collect::<Vec<_>>().join("\n")
}

fn section(pieces: &[Value], for_all: bool) -> String {
    let mut out = String::new();
    for piece in pieces {
        out.push_str(&inline(piece, for_all));
    }
    out
}

fn inline(piece: &Value, for_all: bool) -> String {
    let field = |name| posted::words(piece, name);
    let text = field("text");
    let what = match &*field("type") {
        "text" => return styled(piece, &text),
        "link" => return linked(piece, &text, &field("url")),
        "emoji" => return emoji(&field("unicode"), &field("name")),
        "color" => return markup::code(&field("value")),
        "user" => &field("user_id"),
        "usergroup" => &field("usergroup_id"),
        "channel" => &field("channel_id"),
        "broadcast" => &field("range"),
        "date" => &field("timestamp"),
        _ => return String::new(),
    };
    let fallback = field("fallback");
    let reference = match &*field("type") {
        "channel" => Reference::Room(what),
        "broadcast" => Reference::All(what),
        "date" => Reference::Time(what, &fallback),
        _ => Reference::Name(what),
    };
    let mut out = String::new();
    reference.write(' ', for_all, &mut out);
    out
}

fn has(piece: &Value, style: &str) -> bool {
    let set = piece.get("style").and_then(|styles| styles.get(style));
    set.and_then(Value::as_bool) == Some(true)
}

fn linked(piece: &Value, words: &str, address: &str) -> String {
    let link = markup::link(words, address);
    let marks = marks(piece);
    format!("{marks}{link}{}", reversed(&marks))
}

/// Words with the marks of their style around them. Marks stand beside words, so blanks stay outside.
fn styled(piece: &Value, text: &str) -> String {
    let code = has(piece, "code");
    let marks = marks(piece);
    if marks.is_empty() && !code {
        return lines(text);
    }
    let (end, reversed) = (text.trim_end(), reversed(&marks));
    let words = end.trim_start();
    if words.is_empty() {
        return text.to_owned();
    }
    let before = end.get(..end.len() - words.len()).unwrap_or_default();
    let after = text.get(end.len()..).unwrap_or_default();
    let each = words.split('\n').map(|line| match line.trim() {
        "" => String::new(),
        line if code => format!("{marks}{}{reversed}", markup::code(line)),
        line => format!("{marks}{}{reversed}", markup::inline(line)),
    });
    format!("{before}{}{after}", each.collect::<Vec<_>>().join("\n"))
}

fn marks(piece: &Value) -> String {
    let all = [("strike", "~~"), ("bold", "**"), ("italic", "*")];
    let set = all.iter().filter(|(style, _)| has(piece, style));
    set.map(|(_, mark)| *mark).collect()
}

fn reversed(marks: &str) -> String {
    marks.chars().rev().collect()
}

/// Text without a style, whose blanks at both ends are a part of the line.
fn lines(text: &str) -> String {
    let lines = text.split('\n').map(|line| {
        let words = markup::inline(line);
        let blank = |has: bool| if has { " " } else { "" };
        match words.is_empty() {
            true => blank(!line.is_empty()).to_owned(),
            false => format!(
                "{}{words}{}",
                blank(line.starts_with(' ')),
                blank(line.ends_with(' '))
            ),
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// An emoji by its code points or its name; else the name.
fn emoji(points: &str, name: &str) -> String {
    let read = |point| u32::from_str_radix(point, 16).ok().and_then(char::from_u32);
    let emoji: Option<String> = points.split('-').map(read).collect();
    match (emoji, emojis::get_by_shortcode(name)) {
        (Some(emoji), _) => emoji,
        (None, Some(emoji)) => emoji.as_str().to_owned(),
        (None, None) if name.is_empty() => String::new(),
        (None, None) => format!(":{}:", markup::inline(name)),
    }
}
