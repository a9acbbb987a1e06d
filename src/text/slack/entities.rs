//! The three entities of Slack's texts. Others are text.

use std::borrow::Cow;

/// The entity that a text begins with, and what it stands for.
pub(super) fn entity(text: &str) -> Option<(&'static str, char)> {
    let all = [("&amp;", '&'), ("&lt;", '<'), ("&gt;", '>')];
    all.into_iter().find(|(entity, _)| text.starts_with(entity))
}

/// Text with its entities as the characters that they stand for.
pub(super) fn decoded(text: &str) -> Cow<'_, str> {
    let mut rest = text;
    let mut out = String::new();
    while let Some((before, from)) = rest.find('&').and_then(|at| rest.split_at_checked(at)) {
        out.push_str(before);
        let (entity, c) = entity(from).unwrap_or(("&", '&'));
        out.push(c);
        rest = from.get(entity.len()..).unwrap_or_default();
    }
    if rest.len() == text.len() {
        return Cow::Borrowed(text);
    }
    out.push_str(rest);
    Cow::Owned(out)
}
