//! Blocks: the parts that messages of newer tools are made of.

use std::borrow::Cow;

use serde_json::Value;

use super::entities::decoded;
use super::{buttons, fields, mrkdwn, rich_text};
use crate::text::{markup, posted};

/// What `blocks` of a message or an attachment say, a paragraph each.
pub(super) fn all(of: &Value, for_all: bool) -> Vec<String> {
    let blocks = posted::list(of, "blocks").iter();
    let said = blocks.map(|block| markdown(block, for_all));
    said.filter(|words| !words.trim().is_empty()).collect()
}

fn markdown(block: &Value, for_all: bool) -> String {
    let elements = posted::list(block, "elements");
    match &*posted::words(block, "type") {
        "header" => markup::bold(&plain(block.get("text").unwrap_or(&Value::Null))),
        "section" => section(block, for_all),
        "context" => {
            let parts = elements.iter().map(|element| match image(element) {
                Some(link) => link,
                None => text(element, for_all),
            });
            let parts = parts.filter(|part| !part.is_empty());
            parts.collect::<Vec<_>>().join(" ")
        }
        "image" => image(block).unwrap_or_default(),
        "actions" => buttons(elements),
        "rich_text" => rich_text::markdown(elements, for_all),
        "markdown" => posted::words(block, "text").into_owned(),
        // A divider stands between paragraphs, which are apart already.
        _ => String::new(),
    }
}

fn section(block: &Value, for_all: bool) -> String {
    let words = block.get("text").map(|object| text(object, for_all));
    let all = posted::list(block, "fields").iter();
    let fields = fields(all.map(|field| (one_line(text(field, for_all)), true)));
    let beside = block.get("accessory").map(|accessory| {
        let link = image(accessory);
        link.unwrap_or_else(|| buttons(std::slice::from_ref(accessory)))
    });
    let parts = [words, Some(fields), beside].into_iter().flatten();
    super::paragraphs(&parts.collect::<Vec<_>>())
}

/// A field whose first line is what the second is about, on one line.
fn one_line(field: String) -> String {
    match field.split_once('\n') {
        Some((name, value)) if name.ends_with("**") && !value.contains('\n') => {
            format!("{} {}", name.trim_end(), value.trim_start())
        }
        _ => field,
    }
}

/// A text object, or a text.
pub(super) fn text(object: &Value, for_all: bool) -> String {
    match &*posted::words(object, "type") {
        "plain_text" => markup::literal(&plain(object)),
        _ => mrkdwn::markdown(&words(object), for_all),
    }
}

/// The words of a text object that has no form.
pub(super) fn plain(object: &Value) -> String {
    decoded(&words(object)).into_owned()
}

fn words(object: &Value) -> Cow<'_, str> {
    match object {
        Value::String(words) => Cow::Borrowed(words),
        _ => posted::words(object, "text"),
    }
}

/// A picture as a link.
fn image(element: &Value) -> Option<String> {
    if posted::words(element, "type") != "image" {
        return None;
    }
    let title = element.get("title").map(plain).unwrap_or_default();
    let words = match title.trim() {
        "" => posted::words(element, "alt_text"),
        title => Cow::Borrowed(title),
    };
    let hosted = element.get("slack_file").unwrap_or(&Value::Null);
    let address = match posted::words(element, "image_url") {
        address if address.is_empty() => posted::words(hosted, "url"),
        address => address,
    };
    Some(markup::link(&words, &address))
}
