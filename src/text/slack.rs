//! Slack's form of a message, as tools post it to an incoming webhook, read as Markdown.
//!
//! - [`read`] makes of the body of a request the words of a message, or says why not: [`Refusal`], whose
//!   [`code`](Refusal::code) is what Slack answers.
//!
//! What is `blocks` or else `text` comes first, then the attachments. Tools are not strict: what is
//! `null`, of another type or unknown is passed over. Pure, and bounded by the body: nothing here is
//! deeper than `serde_json` reads, and each text is read once.

mod attachments;
mod blocks;
mod entities;
mod mrkdwn;
mod reference;
mod rich_text;
#[cfg(test)]
mod tests;

use serde_json::Value;

use super::{content, markup, posted};

/// Why nothing is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The body is no JSON object, nor a form with one.
    InvalidPayload,
    /// There is nothing in it that anybody could see.
    NoText,
}

impl Refusal {
    /// What Slack answers, with status 400.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::InvalidPayload => "invalid_payload",
            Self::NoText => "no_text",
        }
    }
}

/// The message in the body of a request, in Markdown: acceptable to [`content::accept`], and cut to `limit`
/// Unicode scalar values. With `for_all`, what calls everybody in Slack calls everybody.
///
/// # Errors
/// [`Refusal`].
pub fn read(body: &[u8], limit: usize, for_all: bool) -> Result<String, Refusal> {
    let posted = posted::object(body).ok_or(Refusal::InvalidPayload)?;
    let mut parts = blocks::all(&posted, for_all);
    if parts.is_empty() {
        parts.push(mrkdwn::markdown(&posted::words(&posted, "text"), for_all));
    }
    for attachment in posted::list(&posted, "attachments") {
        parts.extend(attachments::markdown(attachment, for_all));
    }
    let accepted = content::accept(&paragraphs(&parts), usize::MAX);
    let accepted = accepted.map_err(|_nothing_to_see| Refusal::NoText)?;
    let said = markup::shortened(&accepted, limit);
    content::accept(&said, limit).map_err(|_nothing_to_see| Refusal::NoText)
}

/// Parts below each other; what is empty is none.
fn paragraphs(parts: &[String]) -> String {
    let parts = parts.iter().map(|part| part.trim_end());
    let parts = parts.filter(|part| !part.trim().is_empty());
    parts.collect::<Vec<_>>().join("\n\n")
}

/// The links of buttons with an address, one after the other.
fn buttons(elements: &[Value]) -> String {
    let buttons = elements.iter().filter_map(|element| {
        let address = posted::words(element, "url");
        let words = blocks::plain(element.get("text")?);
        markup::target(&address)
            .is_some()
            .then(|| markup::link(&words, &address))
    });
    buttons.collect::<Vec<_>>().join(" · ")
}

/// A field of more characters has a line of its own, whatever it says of itself.
const SHORT: usize = 40;

/// Fields, two to a line where both are short.
fn fields(all: impl Iterator<Item = (String, bool)>) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut beside = false;
    for (field, short) in all.filter(|(field, _)| !field.is_empty()) {
        let short = short && !field.contains('\n') && field.chars().count() <= SHORT;
        match lines.last_mut() {
            Some(line) if beside && short => {
                line.push_str(" · ");
                line.push_str(&field);
                beside = false;
            }
            _ => {
                lines.push(field);
                beside = short;
            }
        }
    }
    lines.join("\n")
}
