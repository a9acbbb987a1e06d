//! The parts of a message as HTML: every word escaped, every tag from here.
//!
//! What is no link that may be one stays as it was written. Marks the mentions, for the store to say
//! who is meant.

use std::borrow::Cow;

use pulldown_cmark::{Alignment, CodeBlockKind, Event, LinkType, Tag, TagEnd};

use super::parts::{is_task, length, words};
use super::source::Source;
use super::{COLOURS, LINKS, Part, clean, code, escape, numbers, write_text};
use crate::text::links;
use crate::text::mentions::Candidate;

/// HTML with marks before its mentions.
#[derive(Debug)]
pub(super) struct Raw {
    pub html: String,
    /// The names that each mention may mean.
    pub mentions: Vec<Vec<Candidate>>,
}

impl Raw {
    /// A source that is not read as Markdown: text with links and mentions, in its own lines.
    pub(super) fn unread(source: &Source) -> Self {
        let (mut html, mut mentions, mut budget) = (String::new(), Vec::new(), LINKS);
        write_text(&source.whole(), &mut budget, &mut mentions, &mut html);
        Self { html, mentions }
    }

    /// Whether it is nothing but the escaped source.
    pub(super) fn is_bare(&self, source: &Source) -> bool {
        let mut escaped = String::with_capacity(self.html.len());
        escape(&source.whole(), &mut escaped);
        let broken = escaped.replace('\n', "<br>");
        let html = if self.mentions.is_empty() {
            Cow::Borrowed(&self.html)
        } else {
            Cow::Owned(self.html.replace(super::MENTION, ""))
        };
        *html == escaped || *html == broken
    }
}

/// Writes what was read of a source.
pub(super) fn write(source: &Source, parts: &[Part<'_>]) -> Raw {
    let mut writer = Writer {
        source,
        out: String::with_capacity(source.prepared().len() * 2),
        mentions: Vec::new(),
        links: LINKS,
        colours: COLOURS,
        alone: is_one_paragraph(parts),
        inside: Inside::default(),
        closing: Vec::new(),
        lists: Vec::new(),
    };
    let mut place = 0;
    while let Some((event, range)) = parts.get(place) {
        place += match writer.event(event, range.clone(), parts.get(place..).unwrap_or_default()) {
            Then::Next => 1,
            Then::Past(parts) => parts,
        };
    }
    Raw {
        html: writer.out,
        mentions: writer.mentions,
    }
}

fn is_one_paragraph(parts: &[Part<'_>]) -> bool {
    let is_begin = |part: &&Part<'_>| matches!(part.0, Event::Start(Tag::Paragraph));
    let first = matches!(parts.first(), Some((Event::Start(Tag::Paragraph), _)));
    let last = matches!(parts.last(), Some((Event::End(TagEnd::Paragraph), _)));
    first && last && parts.iter().filter(is_begin).count() == 1
}

/// The state of the writer.
#[derive(Debug, Default)]
struct Inside {
    link: bool,
    code: Option<Block>,
    head: bool,
    /// How the columns of the table are aligned, and which is next.
    columns: Vec<Alignment>,
    column: usize,
}

/// A block of code.
#[derive(Debug)]
struct Block(Option<&'static code::Language>);

/// Where to go on.
enum Then {
    Next,
    /// So many parts further.
    Past(usize),
}

struct Writer<'a> {
    source: &'a Source,
    out: String,
    mentions: Vec<Vec<Candidate>>,
    links: usize,
    colours: usize,
    /// Whether there is one paragraph and nothing else: it needs no element.
    alone: bool,
    inside: Inside,
    /// What ends the links and strikes that are open.
    closing: Vec<Cow<'static, str>>,
    lists: Vec<List>,
}

/// A list that is open.
#[derive(Debug, Default)]
struct List {
    /// The numbers of its next items, if they have some.
    numbers: std::vec::IntoIter<numbers::Number>,
    /// What the next one is without being told.
    next: u64,
}

impl Writer<'_> {
    fn event(
        &mut self,
        event: &Event<'_>,
        range: std::ops::Range<usize>,
        parts: &[Part<'_>],
    ) -> Then {
        match event {
            Event::Start(tag) => return self.start(tag, range, parts),
            Event::End(tag) => self.end(*tag),
            Event::Text(words) => {
                let words = self.source.text(words);
                self.text(&words);
            }
            Event::Html(words) | Event::InlineHtml(words) => {
                let words = self.source.text(words);
                self.lines(&words);
            }
            Event::Code(words) => {
                self.out.push_str("<code>");
                escape(&self.source.text(words), &mut self.out);
                self.out.push_str("</code>");
            }
            Event::SoftBreak | Event::HardBreak => self.out.push_str("<br>"),
            Event::Rule => {
                self.out.push_str("<p>");
                escape(self.source.slice(range).trim(), &mut self.out);
                self.out.push_str("</p>");
            }
            // A sign and no control: nobody but the author could tick it off.
            Event::TaskListMarker(done) => self.out.push_str(if *done { "☑ " } else { "☐ " }),
            // Not among the options.
            Event::InlineMath(_) | Event::DisplayMath(_) | Event::FootnoteReference(_) => {
                escape(&self.source.slice(range), &mut self.out);
            }
        }
        Then::Next
    }

    fn start(&mut self, tag: &Tag<'_>, range: std::ops::Range<usize>, parts: &[Part<'_>]) -> Then {
        let opened = match tag {
            Tag::Paragraph if self.alone => "",
            Tag::Paragraph | Tag::HtmlBlock => "<p>",
            Tag::Heading { .. } => "<p><strong>",
            Tag::BlockQuote(_) => "<blockquote>",
            Tag::CodeBlock(kind) => {
                let language = match kind {
                    CodeBlockKind::Fenced(info) => code::named(info),
                    CodeBlockKind::Indented => None,
                };
                code::open(language, &mut self.out);
                self.inside.code = Some(Block(language));
                return Then::Next;
            }
            Tag::List(None) => {
                self.lists.push(List::default());
                "<ul>"
            }
            Tag::List(Some(first)) => {
                self.lists.push(List {
                    numbers: numbers::of(self.source, parts).into_iter(),
                    next: *first,
                });
                if *first != 1 {
                    self.out.push_str(&format!("<ol start=\"{first}\">"));
                    return Then::Next;
                }
                "<ol>"
            }
            Tag::Item => {
                self.item(is_task(parts));
                return Then::Next;
            }
            Tag::Table(columns) => {
                self.inside.columns.clone_from(columns);
                "<table>"
            }
            Tag::TableHead => {
                (self.inside.head, self.inside.column) = (true, 0);
                "<thead><tr>"
            }
            Tag::TableRow => {
                self.inside.column = 0;
                "<tr>"
            }
            Tag::TableCell => {
                self.cell();
                return Then::Next;
            }
            Tag::Emphasis => "<em>",
            Tag::Strong => "<strong>",
            Tag::Strikethrough => {
                // One tilde is a tone of voice.
                let strikes = self.source.slice(range).starts_with("~~");
                let (open, close) = if strikes {
                    ("<del>", "</del>")
                } else {
                    ("~", "~")
                };
                self.closing.push(close.into());
                open
            }
            Tag::Link {
                link_type,
                dest_url,
                ..
            } => {
                let address = self.source.text(dest_url);
                let address = match link_type {
                    LinkType::Email => Cow::Owned(format!("mailto:{address}")),
                    _ => address,
                };
                return self.link(&address, range, parts);
            }
            Tag::Image { dest_url, .. } => {
                let address = self.source.text(dest_url);
                return self.link(&address, range, parts);
            }
            // Not among the options.
            _ => "",
        };
        self.out.push_str(opened);
        Then::Next
    }

    fn end(&mut self, tag: TagEnd) {
        let closed = match tag {
            TagEnd::Paragraph if self.alone => "",
            TagEnd::Paragraph | TagEnd::HtmlBlock => "</p>",
            TagEnd::Heading(_) => "</strong></p>",
            TagEnd::BlockQuote(_) => "</blockquote>",
            TagEnd::CodeBlock => {
                self.inside.code = None;
                "</code></pre>"
            }
            TagEnd::List(numbered) => {
                self.lists.pop();
                if numbered { "</ol>" } else { "</ul>" }
            }
            TagEnd::Item => "</li>",
            TagEnd::Table => "</tbody></table>",
            TagEnd::TableHead => {
                self.inside.head = false;
                "</tr></thead><tbody>"
            }
            TagEnd::TableRow => "</tr>",
            TagEnd::TableCell if self.inside.head => "</th>",
            TagEnd::TableCell => "</td>",
            TagEnd::Emphasis => "</em>",
            TagEnd::Strong => "</strong>",
            TagEnd::Strikethrough | TagEnd::Link | TagEnd::Image => {
                let close = self.closing.pop().unwrap_or_default();
                self.inside.link &= matches!(tag, TagEnd::Strikethrough) || close.is_empty();
                self.out.push_str(&close);
                ""
            }
            _ => "",
        };
        self.out.push_str(closed);
    }

    /// An item, with its number where that is not the one after the number before it.
    fn item(&mut self, task: bool) {
        let list = self.lists.last_mut();
        let number = list.and_then(|list| {
            let (number, _) = list.numbers.next()?;
            let told = number != std::mem::replace(&mut list.next, number + 1);
            told.then_some(number)
        });
        self.out.push_str("<li");
        if task {
            self.out.push_str(&format!(" class=\"{}\"", clean::TASK));
        }
        if let Some(number) = number {
            self.out.push_str(&format!(" value=\"{number}\""));
        }
        self.out.push('>');
    }

    fn cell(&mut self) {
        let aligned = match self.inside.columns.get(self.inside.column) {
            Some(Alignment::Center) => Some(clean::ALIGNED[0]),
            Some(Alignment::Right) => Some(clean::ALIGNED[1]),
            _ => None,
        };
        self.inside.column += 1;
        self.out
            .push_str(if self.inside.head { "<th" } else { "<td" });
        if let Some(class) = aligned {
            self.out.push_str(" class=\"");
            self.out.push_str(class);
            self.out.push('"');
        }
        self.out.push('>');
    }

    /// A link or a picture, which is a link too; in a link only its words.
    fn link(&mut self, address: &str, range: std::ops::Range<usize>, parts: &[Part<'_>]) -> Then {
        if self.inside.link {
            self.closing.push("".into());
            return Then::Next;
        }
        let Some(address) = links::safe(address) else {
            let written = self.source.slice(range).into_owned();
            self.lines(&written);
            return Then::Past(length(parts));
        };
        let words = words(parts);
        let words = words.map(|words| self.source.text(words));
        let shown = words.as_deref().filter(|words| !words.trim().is_empty());
        let is_itself = shown
            .is_none_or(|shown| address == shown || address.strip_prefix("mailto:") == Some(shown));
        if is_itself && length(parts) <= 3 {
            links::write(
                match address.strip_prefix("mailto:") {
                    Some(mail) => links::Piece::Mail(mail),
                    None => links::Piece::Url(address),
                },
                escape,
                &mut self.out,
            );
            return Then::Past(length(parts));
        }
        links::open(address, true, escape, &mut self.out);
        self.inside.link = true;
        let said: String = parts
            .iter()
            .take(length(parts))
            .filter_map(|(event, _)| match event {
                Event::Text(words) | Event::Code(words) => Some(self.source.text(words)),
                _ => None,
            })
            .collect();
        let mut close = String::new();
        if let Some(truly) = links::leads_elsewhere(&said, address) {
            escape(&format!(" ({truly})"), &mut close);
        }
        close.push_str("</a>");
        self.closing.push(close.into());
        Then::Next
    }

    fn text(&mut self, words: &str) {
        match &self.inside.code {
            Some(Block(Some(language))) => {
                code::write(language, words, &mut self.colours, &mut self.out);
            }
            Some(Block(None)) => escape(words, &mut self.out),
            None if self.inside.link => escape(words, &mut self.out),
            None => write_text(words, &mut self.links, &mut self.mentions, &mut self.out),
        }
    }

    /// Words that may have line breaks in them.
    fn lines(&mut self, words: &str) {
        let ends = words.ends_with('\n');
        for (number, line) in words.trim_end_matches('\n').split('\n').enumerate() {
            if number > 0 {
                self.out.push_str("<br>");
            }
            self.text(line);
        }
        if ends {
            self.out.push_str("<br>");
        }
    }
}
