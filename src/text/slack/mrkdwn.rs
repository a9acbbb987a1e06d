//! Slack's way to write ("mrkdwn") as Markdown.
//!
//! Signs that mean something at the borders of words, references in `<…>` and three entities; nothing of it
//! means anything in code, and Markdown that is already there stays. A line is read once, and each sign
//! once more when the line has ended: what closes it stands on the same line.

use super::entities::{decoded, entity};
use super::reference;
use crate::text::markup;

/// Marks of code on lines of its own.
const FENCE: &str = "```";

/// Text in Slack's form as Markdown; with `for_all`, `<!channel>` calls everybody.
#[must_use]
pub(super) fn markdown(text: &str, for_all: bool) -> String {
    let text = text.replace("\r\n", "\n");
    let mut page = Page {
        out: String::with_capacity(text.len() + 16),
        for_all,
        before: Line::Other,
    };
    let mut rest = text.trim_end();
    while let Some((before, from)) = rest.find(FENCE).and_then(|at| rest.split_at_checked(at)) {
        let inside = from.trim_start_matches('`');
        let (ticks, _) = from
            .split_at_checked(from.len() - inside.len())
            .unwrap_or_default();
        let begins_line = before
            .rsplit('\n')
            .next()
            .is_none_or(|line| line.trim().is_empty());
        match inside.split_once(ticks) {
            Some((code, after)) => {
                page.lines(before.trim_end_matches(' '));
                page.code(code);
                rest = after.trim_start_matches(' ');
            }
            None if begins_line => {
                page.lines(before);
                page.code(inside);
                rest = "";
            }
            None => break,
        }
        if let Some(after) = rest.strip_prefix('\n') {
            rest = after;
        }
    }
    page.lines(rest);
    page.out
}

/// What a line is, where the next one must not become a part of it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Line {
    Item,
    Quote,
    Code,
    Other,
}

struct Page {
    out: String,
    for_all: bool,
    before: Line,
}

impl Page {
    fn lines(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        if self.before == Line::Code {
            self.out.push('\n');
        }
        for (number, line) in text.split('\n').enumerate() {
            if number > 0 {
                self.out.push('\n');
            }
            self.line(line);
        }
    }

    fn line(&mut self, line: &str) {
        let words = line.trim_start();
        let item = words.strip_prefix('•');
        let kind = match () {
            () if item.is_some() || words.starts_with("- ") => Line::Item,
            () if words.starts_with('>') || words.starts_with("&gt;") => Line::Quote,
            () => Line::Other,
        };
        let goes_on = line.starts_with(' ') || words.is_empty() || self.before == kind;
        if matches!(self.before, Line::Item | Line::Quote) && !goes_on {
            self.out.push('\n');
        }
        self.before = kind;
        match item {
            Some(words) => {
                // Four blanks would be code.
                let indent = (line.len() - words.len() - '•'.len_utf8()).min(3);
                self.out.push_str(&" ".repeat(indent));
                self.out.push_str("- ");
                self.words(words.trim_start());
            }
            None => self.words(line),
        }
    }

    fn code(&mut self, code: &str) {
        if !self.out.is_empty() && !self.out.ends_with('\n') {
            self.out.push('\n');
        }
        let (language, code) = match code.split_once('\n') {
            Some((first, rest)) if crate::text::markdown::is_language(first) => (first, rest),
            _ => ("", code),
        };
        self.out.push_str(&markup::fence(language, &decoded(code)));
        self.before = Line::Code;
    }

    /// Words on one line.
    fn words(&mut self, line: &str) {
        let mut signs = Vec::new();
        let mut words = String::with_capacity(line.len());
        let mut rest = line;
        let mut before = ' ';
        while let Some(c) = rest.chars().next() {
            let next = |length: usize| rest.get(length..).and_then(|rest| rest.chars().next());
            let length = match c {
                '`' => inline_code(rest).map(|code| {
                    words.push_str(&decoded(code));
                    code.len()
                }),
                '<' => reference::read(rest).map(|(length, what)| {
                    what.write(next(length).unwrap_or(' '), self.for_all, &mut words);
                    length
                }),
                '&' => entity(rest).map(|(entity, c)| {
                    words.push(c);
                    entity.len()
                }),
                '*' | '_' | '~' => {
                    let run = rest.len() - rest.trim_start_matches(c).len();
                    signs.push(Sign::new(c, run, words.len(), before, next(run)));
                    words.extend(std::iter::repeat_n(c, run));
                    Some(run)
                }
                'h' | 'H' => address(rest, before).map(|address| {
                    words.push_str(&decoded(address));
                    address.len()
                }),
                _ => None,
            };
            let length = length.unwrap_or_else(|| {
                words.push(c);
                c.len_utf8()
            });
            let (taken, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
            before = taken.chars().last().unwrap_or(' ');
            rest = after;
        }
        pair(&mut signs);
        let mut done = 0;
        for sign in signs.iter().filter(|sign| sign.paired) {
            self.out
                .push_str(words.get(done..sign.at).unwrap_or_default());
            self.out.push_str(sign.markdown());
            done = sign.at + 1;
        }
        self.out.push_str(words.get(done..).unwrap_or_default());
    }
}

/// A run of one of `*`, `_` and `~` in a line.
struct Sign {
    sign: char,
    /// Where it stands, in bytes of what is written.
    at: usize,
    opens: bool,
    closes: bool,
    paired: bool,
}

impl Sign {
    fn new(sign: char, run: usize, at: usize, before: char, next: Option<char>) -> Self {
        let next = next.unwrap_or(' ');
        Self {
            sign,
            at,
            opens: run == 1 && !before.is_alphanumeric() && !next.is_whitespace(),
            closes: run == 1 && !before.is_whitespace() && !next.is_alphanumeric(),
            paired: false,
        }
    }

    fn markdown(&self) -> &'static str {
        match self.sign {
            '*' => "**",
            '_' => "*",
            _ => "~~",
        }
    }
}

/// Pairs each sign that opens something with the next of its kind, if that one closes it.
fn pair(signs: &mut [Sign]) {
    for kind in ['*', '_', '~'] {
        let mut open: Option<&mut Sign> = None;
        for sign in signs.iter_mut().filter(|sign| sign.sign == kind) {
            match open.take() {
                Some(first) if sign.closes && sign.at > first.at + 1 => {
                    (first.paired, sign.paired) = (true, true);
                }
                _ => open = sign.opens.then_some(sign),
            }
        }
    }
}

/// The code that a line begins with, with its marks.
fn inline_code(line: &str) -> Option<&str> {
    let inside = line.trim_start_matches('`');
    let ticks = line.len() - inside.len();
    let mut place = ticks;
    while ticks < FENCE.len() {
        place += line.get(place..)?.find('`')?;
        let run = line.get(place..)?;
        let run = run.len() - run.trim_start_matches('`').len();
        place += run;
        if run == ticks {
            return line.get(..place);
        }
    }
    None
}

/// The bare address that a line begins with; an entity that stands for a sign around it ends it.
fn address(line: &str, before: char) -> Option<&str> {
    let length = markup::address(line, before)?;
    let address = line.get(..length)?;
    let ends = ["&lt", "&gt"].iter().filter_map(|sign| address.find(sign));
    address.get(..ends.min().unwrap_or(length))
}
