//! The body of a message: what was written, how it is read, and what it was rendered to.
//!
//! [`RenderedBody`] is what somebody sends, checked and rendered away from the threads that there is one
//! of; the store says who is mentioned in it, and makes it a [`MessageBody`], which is shared and never
//! changes.

use std::borrow::Cow;
use std::convert::Infallible;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::text::content::{self, Format};
use crate::text::cut;
use crate::text::markdown::{self, Rendered};
use crate::text::mentions::{self, Candidate};

/// Characters of a message that are shown where it is only spoken of: in a quote, a notification.
pub const SNIPPET: usize = 140;

/// The body of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageBody {
    source: Arc<str>,
    format: Format,
    /// Markdown as HTML, where that is more than the escaped source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    html: Option<Arc<str>>,
}

impl Default for MessageBody {
    /// Empty: the message was recalled.
    fn default() -> Self {
        Self::kept("", Format::Plain, None)
    }
}

impl MessageBody {
    /// A body from the store.
    #[must_use]
    pub fn kept(source: &str, format: Format, html: Option<&str>) -> Self {
        Self {
            source: source.into(),
            format,
            html: html.map(Into::into),
        }
    }

    /// The source, as it was written.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// How the source is read.
    #[must_use]
    pub fn format(&self) -> Format {
        self.format
    }

    /// What Markdown was rendered to, where that is more than the escaped source.
    #[must_use]
    pub fn rendered(&self) -> Option<&str> {
        self.html.as_deref()
    }

    /// What clients get as content: what its author would edit.
    #[must_use]
    pub fn content(&self) -> Cow<'_, str> {
        match self.format {
            Format::Markdown | Format::Plain => Cow::Borrowed(&self.source),
            Format::Classic => Cow::Owned(content::plain(&self.source)),
        }
    }

    /// HTML for the page, where that is more than the escaped content.
    #[must_use]
    pub fn html(&self) -> Option<Cow<'_, str>> {
        if self.format == Format::Markdown {
            return self.rendered().map(Cow::Borrowed);
        }
        let html = content::page_html(&self.source, self.format);
        let mut escaped = String::with_capacity(html.len());
        content::escape(&self.content(), &mut escaped);
        (html != escaped).then_some(Cow::Owned(html))
    }

    /// HTML for the page in any case.
    #[must_use]
    pub fn page_html(&self) -> Cow<'_, str> {
        self.html().unwrap_or_else(|| {
            let mut escaped = String::with_capacity(self.source.len());
            content::escape(&self.content(), &mut escaped);
            Cow::Owned(escaped)
        })
    }

    /// The text alone, as somebody would write it who knows no Markdown.
    #[must_use]
    pub fn plain(&self) -> Cow<'_, str> {
        match self.format {
            // Without HTML of its own it looks as it was written.
            Format::Markdown if self.html.is_some() => markdown::plain(&self.source),
            _ => self.content(),
        }
    }

    /// HTML for a classic client's innerHTML.
    #[must_use]
    pub fn classic_html(&self) -> String {
        match self.format {
            Format::Classic => content::classic_html(&self.source),
            Format::Plain | Format::Markdown => {
                let mut out = String::with_capacity(self.source.len());
                content::escape(&self.plain(), &mut out);
                out
            }
        }
    }

    /// The beginning of the text on one line, at most `chars` scalar values and no half of anything.
    #[must_use]
    pub fn line(&self, chars: usize) -> String {
        let plain = self.plain();
        let mut line = String::new();
        for word in plain.split_whitespace() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
            // A character has at most four bytes.
            if line.len() > 4 * chars {
                break;
            }
        }
        cut::to(&line, chars).to_owned()
    }

    /// Size in bytes, source and HTML.
    #[must_use]
    pub fn weight(&self) -> usize {
        self.source.len() + self.html.as_ref().map_or(0, |html| html.len())
    }
}

/// A name in a message, and everybody whom it may mean, the longest name first.
type Names<'a> = &'a [Candidate];

/// A body that somebody wants to send: accepted and rendered, but for who is mentioned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderedBody {
    source: String,
    format: Format,
    rendered: Option<Rendered>,
}

impl RenderedBody {
    /// A body from what a client sent; see [`content::accept`].
    ///
    /// # Errors
    /// [`Error::Empty`], [`Error::TooLong`] past `limit` characters.
    pub fn accept(raw: &str, format: Format, limit: usize) -> Result<Self, Error> {
        Ok(Self::new(content::accept(raw, limit)?, format))
    }

    /// A body from a source that is known to be acceptable.
    #[must_use]
    pub fn new(source: String, format: Format) -> Self {
        let rendered = (format == Format::Markdown).then(|| markdown::render(&source));
        Self {
            source,
            format,
            rendered,
        }
    }

    /// Whether there are no words at all, which a message with files need not have.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.source.is_empty()
    }

    /// Size in bytes.
    #[must_use]
    pub fn weight(&self) -> usize {
        self.source.len() * 2
    }

    /// The keys of all names that it may mention ([`name::key`](crate::text::name::key)).
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let mut keys = Vec::new();
        if self.source.contains(['@', '＠']) {
            let Ok(_body) = self.settle(|names| {
                keys.extend(names.iter().map(|name| name.key.clone()));
                Ok::<_, Infallible>(None)
            });
        }
        keys
    }

    /// The body, when `find` has said of each mention in it whom it means: their id, and which of the
    /// names.
    ///
    /// # Errors
    /// When `find` fails.
    pub fn settle<E>(
        &self,
        mut find: impl FnMut(Names<'_>) -> Result<Option<(String, usize)>, E>,
    ) -> Result<MessageBody, E> {
        let html = match &self.rendered {
            Some(rendered) => {
                let mentioned = rendered.mentioned().iter();
                let who = mentioned.map(|mentioned| find(mentioned.names()));
                rendered.settle(&who.collect::<Result<Vec<_>, E>>()?)
            }
            None => {
                for at_sign in mentions::at_signs(&self.source) {
                    find(&at_sign.names)?;
                }
                None
            }
        };
        Ok(MessageBody::kept(
            &self.source,
            self.format,
            html.as_deref(),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(source: &str) -> MessageBody {
        let nobody = |_: Names<'_>| Ok::<_, ()>(None);
        let wording = RenderedBody::new(source.to_owned(), Format::Markdown);
        wording.settle(nobody).unwrap()
    }

    #[test]
    fn words_that_look_as_they_were_written_are_kept_once() {
        let words = said("茶, \"tea\" & more");
        assert_eq!((words.rendered(), words.html()), (None, None));
        assert_eq!(words.page_html(), "茶, &quot;tea&quot; &amp; more");
        assert_eq!(words.plain(), words.source());
    }

    #[test]
    fn everybody_gets_of_markdown_what_they_can_show() {
        let words = said("**b** <i>\n- [a](https://a.org)");
        assert_eq!(words.content(), words.source());
        let html = words.html().unwrap();
        assert!(html.contains("<strong>b</strong> &lt;i&gt;"), "{html}");
        assert_eq!(words.classic_html(), "b &lt;i&gt;\n- a (https://a.org)");
        assert_eq!(words.line(100), "b <i> - a (https://a.org)");
        assert_eq!(words.line(4), "b <i");
    }

    #[test]
    fn what_is_only_spoken_of_ends_with_a_whole_character() {
        let family = "👨\u{200d}👩\u{200d}👧\u{200d}👦";
        let head = "x".repeat(137);
        let words = said(&format!("{head}{family}{}", "tail".repeat(10)));
        assert_eq!(words.line(SNIPPET), head);
        assert_eq!(words.line(144), format!("{head}{family}"));
    }

    #[test]
    fn old_words_are_shown_as_ever() {
        let plain = MessageBody::kept("**b** https://a.org", Format::Plain, None);
        assert!(plain.html().unwrap().starts_with("**b** <a href"));
        assert_eq!(plain.plain(), "**b** https://a.org");
        let classic = MessageBody::kept(
            "a <img src='https://a.org/e.png' alt='[e]'>",
            Format::Classic,
            None,
        );
        assert_eq!(classic.content(), "a [e]");
        assert_eq!(classic.html(), None);
        assert!(classic.classic_html().contains("<img src="));
    }

    #[test]
    fn each_call_is_asked_for_once_in_every_format() {
        for (format, asked) in [(Format::Markdown, 1), (Format::Classic, 2)] {
            let mut count = 0;
            let wording = RenderedBody::new("@Ada `@Bob`".to_owned(), format);
            let words = wording.settle(|_| {
                count += 1;
                Ok::<_, ()>(Some(("u1".to_owned(), 3)))
            });
            assert_eq!(count, asked);
            let marked = words
                .unwrap()
                .rendered()
                .is_some_and(|html| html.contains("data-id=\"u1\""));
            assert_eq!(marked, format == Format::Markdown);
        }
    }
}
