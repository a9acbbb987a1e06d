//! The parts of a message as text: what a person would type who knows no Markdown.
//!
//! `- ` before items, `> ` before what is quoted, an address after the words of its link, ` | `
//! between cells; code as it is.

use pulldown_cmark::{Event, LinkType, Tag, TagEnd};

use super::parts::{length, words};
use super::source::Source;
use super::{Part, numbers};
use crate::text::links;

/// What stands before each line of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Before {
    Quote,
    /// An item, with the number of its list if it has one.
    Item,
}

struct Writer {
    out: String,
    before: Vec<Before>,
    /// The next numbers of each list that is open.
    lists: Vec<Option<std::vec::IntoIter<numbers::Number>>>,
    /// What is written after the words of each link that is open.
    addresses: Vec<String>,
    strikes: Vec<&'static str>,
    /// Whether a block has ended, and the next one begins a line.
    broken: bool,
    first_cell: bool,
}

/// Writes what was read of a source.
pub(super) fn write(source: &Source, parts: &[Part<'_>]) -> String {
    let mut writer = Writer {
        out: String::with_capacity(source.prepared().len()),
        before: Vec::new(),
        lists: Vec::new(),
        addresses: Vec::new(),
        strikes: Vec::new(),
        broken: false,
        first_cell: false,
    };
    let mut place = 0;
    while let Some((event, range)) = parts.get(place) {
        let rest = parts.get(place..).unwrap_or_default();
        let mut step = 1;
        match event {
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                let address = source.text(dest_url);
                let is_mail = matches!(
                    event,
                    Event::Start(Tag::Link {
                        link_type: LinkType::Email,
                        ..
                    })
                );
                if is_mail || links::safe(&address).is_some() {
                    let said = words(rest).map(|words| source.text(words));
                    let same = is_mail || said.is_some_and(|said| said == address);
                    writer.addresses.push(if same {
                        String::new()
                    } else if length(rest) == 2 {
                        address.into_owned()
                    } else {
                        format!(" ({address})")
                    });
                } else {
                    writer.text(&source.slice(range.clone()));
                    step = length(rest);
                }
            }
            Event::Start(Tag::Strikethrough) => {
                let mark = if source.slice(range.clone()).starts_with("~~") {
                    "~~"
                } else {
                    "~"
                };
                writer.strikes.push(mark);
                writer.out.push_str(mark);
            }
            Event::Start(Tag::List(first)) => {
                writer.list(first.map(|_| numbers::of(source, rest)));
            }
            Event::Start(tag) => writer.start(tag),
            Event::End(tag) => writer.end(*tag),
            Event::Text(words)
            | Event::Code(words)
            | Event::InlineHtml(words)
            | Event::Html(words) => {
                writer.text(&source.text(words));
            }
            Event::SoftBreak | Event::HardBreak => writer.line(),
            Event::Rule => {
                writer.block();
                writer.text(source.slice(range.clone()).trim());
                writer.broken = true;
            }
            Event::TaskListMarker(_) => {
                writer.text(source.slice(range.clone()).trim());
                writer.text(" ");
            }
            Event::InlineMath(_) | Event::DisplayMath(_) | Event::FootnoteReference(_) => {
                writer.text(&source.slice(range.clone()));
            }
        }
        place += step;
    }
    let written = writer.out.trim_end().len();
    writer.out.truncate(written);
    writer.out
}

impl Writer {
    fn start(&mut self, tag: &Tag<'_>) {
        match tag {
            Tag::Paragraph
            | Tag::Heading { .. }
            | Tag::CodeBlock(_)
            | Tag::HtmlBlock
            | Tag::Table(_) => self.block(),
            Tag::BlockQuote(_) => {
                self.block();
                self.before.push(Before::Quote);
                self.out.push_str("> ");
            }
            Tag::Item => {
                self.block();
                let numbers = self.lists.last_mut().and_then(Option::as_mut);
                match numbers.and_then(Iterator::next) {
                    Some((number, sign)) => self.out.push_str(&format!("{number}{sign} ")),
                    None => self.out.push_str("- "),
                }
                self.before.push(Before::Item);
            }
            Tag::TableHead => self.first_cell = true,
            Tag::TableRow => {
                self.line();
                self.first_cell = true;
            }
            Tag::TableCell if std::mem::replace(&mut self.first_cell, false) => {}
            Tag::TableCell => self.out.push_str(" | "),
            _ => {}
        }
    }

    fn list(&mut self, numbers: Option<Vec<numbers::Number>>) {
        if !self.out.is_empty() && !self.broken {
            self.broken = !self.is_at_beginning();
        }
        self.lists.push(numbers.map(Vec::into_iter));
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph
            | TagEnd::Heading(_)
            | TagEnd::Table
            | TagEnd::CodeBlock
            | TagEnd::HtmlBlock => self.broken = true,
            TagEnd::BlockQuote(_) | TagEnd::Item => {
                self.before.pop();
                self.broken = true;
            }
            TagEnd::List(_) => {
                self.lists.pop();
                self.broken = true;
            }
            TagEnd::Link | TagEnd::Image => {
                let address = self.addresses.pop().unwrap_or_default();
                self.text(&address);
            }
            TagEnd::Strikethrough => {
                let mark = self.strikes.pop().unwrap_or_default();
                self.out.push_str(mark);
            }
            _ => {}
        }
    }

    fn text(&mut self, words: &str) {
        for (number, line) in words.split('\n').enumerate() {
            if number > 0 {
                self.line();
            }
            self.out.push_str(line);
        }
    }

    fn line(&mut self) {
        let kept = self.out.trim_end_matches([' ', '\t']).len();
        if self.before.is_empty() {
            self.out.truncate(kept);
        }
        self.out.push('\n');
        for before in &self.before {
            self.out.push_str(match before {
                Before::Quote => "> ",
                Before::Item => "  ",
            });
        }
    }

    /// Begins a line of its own, with an empty one before it where nothing is around it.
    fn block(&mut self) {
        if !std::mem::replace(&mut self.broken, false) {
            return;
        }
        let kept = self.out.trim_end_matches(['\n', ' ']).len();
        self.out.truncate(kept);
        self.line();
        if self.before.is_empty() && self.lists.is_empty() {
            self.line();
        }
    }

    /// Whether nothing but what stands before a line is on it.
    fn is_at_beginning(&self) -> bool {
        let line = self.out.rsplit('\n').next().unwrap_or_default();
        line.trim_end_matches("> ").trim().is_empty()
    }
}
