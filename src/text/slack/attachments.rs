//! Attachments: the parts that messages of older tools are made of.

use serde_json::Value;

use super::entities::decoded;
use super::{blocks, buttons, fields, mrkdwn, paragraphs, reference};
use crate::text::{markup, posted};

/// What an attachment says; nothing where it has no words.
pub(super) fn markdown(attachment: &Value, for_all: bool) -> Option<String> {
    let field = |name| posted::words(attachment, name);
    let text = |name| mrkdwn::markdown(&field(name), for_all);
    let titled = |name, address| {
        let words = decoded(&field(name)).into_owned();
        match words.trim().is_empty() {
            true => String::new(),
            false => markup::link(&words, &decoded(&field(address))),
        }
    };
    let title = titled("title", "title_link");
    let title = match title.is_empty() {
        true => title,
        false => format!("**{title}**"),
    };
    let all = posted::list(attachment, "fields").iter();
    let fields = fields(all.map(|field| named(field, for_all)));
    let image = match markup::target(&field("image_url")) {
        Some(address) => markup::bare(&address, ' '),
        None => String::new(),
    };
    let ended = [text("footer"), reference::time(&field("ts"))];
    let ended = ended.iter().map(|part| part.trim());
    let ended = ended.filter(|part| !part.is_empty());
    let mut parts = vec![
        text("pretext"),
        titled("author_name", "author_link"),
        title,
        text("text"),
        fields,
        image,
        ended.collect::<Vec<_>>().join(" · "),
    ];
    parts.extend(blocks::all(attachment, for_all));
    parts.push(buttons(posted::list(attachment, "actions")));
    if parts.iter().all(|part| part.trim().is_empty()) {
        parts.push(text("fallback"));
    }
    let after_pretext = parts.iter_mut().skip(1);
    let mut shown = after_pretext.filter(|part| !part.trim().is_empty());
    if let (Some(sign), Some(first)) = (sign(&field("color")), shown.next()) {
        *first = with_sign(sign, first);
    }
    Some(paragraphs(&parts)).filter(|words| !words.is_empty())
}

fn named(field: &Value, for_all: bool) -> (String, bool) {
    let name = posted::words(field, "title");
    let name = decoded(name.trim().trim_end_matches(':')).into_owned();
    let value = mrkdwn::markdown(&posted::words(field, "value"), for_all);
    let value = value.trim();
    let short = field.get("short").and_then(Value::as_bool) == Some(true);
    let between = if value.contains('\n') { "\n" } else { " " };
    let words = match (name.trim().is_empty(), value.is_empty()) {
        (true, _) => value.to_owned(),
        (false, true) => markup::bold(&name),
        (false, false) => format!("{}{between}{value}", markup::bold(&format!("{name}:"))),
    };
    (words, short)
}

/// What Slack's names of colours mean; others are decoration.
fn sign(colour: &str) -> Option<&'static str> {
    match colour {
        "good" => Some("🟢"),
        "warning" => Some("🟡"),
        "danger" => Some("🔴"),
        _ => None,
    }
}

/// The sign before the words, on a line of its own where they begin with something that has to begin a line.
fn with_sign(sign: &str, words: &str) -> String {
    let begins_line = words.starts_with(['-', '+', '>', '#', '`', '|', ' ', '\t'])
        || words.starts_with("* ")
        || words.starts_with(|c: char| c.is_ascii_digit());
    let between = if begins_line { "\n\n" } else { " " };
    format!("{sign}{between}{words}")
}
