//! What may be in the HTML of a message: one list, held against everything that was rendered.
//!
//! The renderer writes nothing else; this is the second check of the same thing. What passes passes
//! again unchanged.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};

use super::code;

/// The elements, in the order of the protocol's document.
pub(super) const TAGS: [&str; 18] = [
    "p",
    "br",
    "strong",
    "em",
    "del",
    "a",
    "ul",
    "ol",
    "li",
    "blockquote",
    "code",
    "pre",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
];

/// Classes of cells: text in the middle, or at the end of the line.
pub(super) const ALIGNED: [&str; 2] = ["mid", "end"];

/// Class of an item that begins with a box instead of a dot.
pub(super) const TASK: &str = "task";

static LIST: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut list = Builder::empty();
    let set = |names: &[&'static str]| names.iter().copied().collect::<HashSet<_>>();
    let mut tags = set(&TAGS);
    tags.insert("span");
    let attributes = HashMap::from([
        ("a", set(&["href", "title"])),
        ("ol", set(&["start"])),
        ("li", set(&["value"])),
        ("span", set(&["data-id"])),
    ]);
    let classes = HashMap::from([
        (
            "span",
            code::CLASSES.into_iter().chain(["mention"]).collect(),
        ),
        ("code", code::languages().collect()),
        ("li", set(&[TASK])),
        ("th", set(&ALIGNED)),
        ("td", set(&ALIGNED)),
    ]);
    list.tags(tags)
        .generic_attributes(HashSet::new())
        .tag_attributes(attributes)
        .allowed_classes(classes)
        .set_tag_attribute_values(HashMap::from([(
            "a",
            HashMap::from([("target", "_blank")]),
        )]))
        .link_rel(Some("noopener noreferrer nofollow ugc"))
        .url_schemes(set(&["http", "https", "mailto"]))
        .url_relative(UrlRelative::Deny);
    list
});

/// The same HTML without anything that is not on the list.
pub(super) fn clean(html: &str) -> String {
    LIST.clean(html).to_string()
}
