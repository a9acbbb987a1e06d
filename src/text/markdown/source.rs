//! What was written, made ready for the reader of Markdown.
//!
//! [`lines`] says what the beginning of a line means. Within it, CommonMark decides whether `**` begins
//! or ends something bold by the blanks and punctuation around it, which fails where words have no
//! blanks between them: in `**“好”**吗` the second one would be text. `__` in an address or in the name of
//! somebody who is mentioned would be bold, the sides of `长*宽*高` italic, and `&lt;` another character
//! than was written; the backslashes of `\\server` and of a shrug would be gone. All are mended before
//! reading, with characters that nobody writes, and [`Source::text`] takes them out again.

use std::borrow::Cow;

use super::lines;
use crate::text::links;

/// Stands between emphasis and what keeps it from being one: no blank and no punctuation.
const WORD: char = '\u{fdd0}';

/// What stands in an address for characters that mean something in Markdown. Unicode keeps these code
/// points for programs, and Markdown lets them be in an address.
const HIDDEN: [(char, char); 5] = [
    ('*', '\u{fdd1}'),
    ('_', '\u{fdd2}'),
    ('~', '\u{fdd3}'),
    ('&', AND),
    ('\\', '\u{fdd9}'),
];

/// Stands for every `&`: entities are HTML, and HTML is text.
const AND: char = '\u{fdd5}';

/// A message's source.
#[derive(Debug)]
pub(super) struct Source {
    prepared: String,
}

/// Whether Markdown, links and mentions have nothing to say about it: it looks as it was written.
pub(super) fn is_bare(written: &str) -> bool {
    let means = |c: char| {
        matches!(
            c,
            '\\' | '`' | '*' | '_' | '~' | '[' | '<' | '@' | '＠' | '|'
        ) || c < ' ' && c != '\n'
    };
    !written.contains(means) && !written.contains("://") && written.split('\n').all(is_bare_line)
}

/// How many marks of quotes and lists a line may begin with.
pub(super) fn markers(line: &str) -> usize {
    let start = line.bytes().take_while(|byte| {
        matches!(
            byte,
            b' ' | b'\t' | b'>' | b'-' | b'+' | b'*' | b'.' | b')' | b'0'..=b'9'
        )
    });
    let mut before = b' ';
    let mut markers = 0;
    for byte in start {
        markers += usize::from(match byte {
            b'>' => true,
            b'-' | b'+' | b'*' => matches!(before, b' ' | b'\t' | b'>'),
            b'.' | b')' => before.is_ascii_digit(),
            _ => false,
        });
        before = byte;
    }
    markers
}

fn is_bare_line(line: &str) -> bool {
    let first = line.chars().next();
    // A blank line ends a paragraph, blanks are taken away or begin code.
    first.is_some_and(|c| !matches!(c, ' ' | '#' | '>' | '+' | '-' | '=' | '0'..='9'))
        && !line.ends_with(' ')
}

impl Source {
    pub(super) fn of(written: &str) -> Self {
        let mut prepared = String::with_capacity(written.len() + 16);
        let mut guards = lines::guards(written).into_iter().peekable();
        let mut rest = written;
        let mut before = ' ';
        let mut open = false;
        while let Some(c) = rest.chars().next() {
            if guards.next_if_eq(&(written.len() - rest.len())).is_some() {
                prepared.push(WORD);
            }
            if let Some(length) = as_it_is(rest, before, open) {
                let (inside, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
                prepared.extend(inside.chars().filter(|c| !is_ours(*c)).map(hide));
                before = inside.chars().last().unwrap_or(' ');
                rest = after;
                continue;
            }
            let run = match c {
                '*' | '~' => rest.len() - rest.trim_start_matches(c).len(),
                // What is escaped is no emphasis, whatever stands around it.
                '\\' => 1 + rest.chars().nth(1).map_or(0, char::len_utf8),
                _ => c.len_utf8(),
            };
            let (run, after) = rest.split_at_checked(run).unwrap_or((rest, ""));
            rest = after;
            if matches!(c, '*' | '~') {
                let next = after.chars().next().unwrap_or(' ');
                if run == "*" {
                    open = !open && !next.is_whitespace();
                }
                emphasis(before, run, next, &mut prepared);
            } else {
                open &= !(c == '\n' && before == '\n');
                let known = run.chars().filter(|c| !is_ours(*c));
                prepared.extend(known.map(|c| if c == '&' { AND } else { c }));
            }
            before = run.chars().last().unwrap_or(' ');
        }
        Self { prepared }
    }

    /// Keeps what begins at these bytes of what is prepared from beginning anything.
    pub(super) fn guard(&mut self, places: &[usize]) {
        for place in places.iter().rev() {
            if self.prepared.is_char_boundary(*place) {
                self.prepared.insert(*place, WORD);
            }
        }
    }

    /// The source as the Markdown parser gets it.
    pub(super) fn prepared(&self) -> &str {
        &self.prepared
    }

    /// A part of what was written.
    pub(super) fn slice(&self, range: std::ops::Range<usize>) -> Cow<'_, str> {
        self.text(self.prepared.get(range).unwrap_or_default())
    }

    /// The whole source.
    pub(super) fn whole(&self) -> Cow<'_, str> {
        self.text(&self.prepared)
    }

    /// What the reader found, as it was written.
    pub(super) fn text<'a>(&self, found: &'a str) -> Cow<'a, str> {
        if !found.contains(is_ours) {
            return Cow::Borrowed(found);
        }
        let shown = |c: char| match HIDDEN.iter().find(|(_, hidden)| *hidden == c) {
            Some((shown, _)) => Some(*shown),
            None => (!is_ours(c)).then_some(c),
        };
        Cow::Owned(found.chars().filter_map(shown).collect())
    }
}

/// How much of `rest` is to be read as it stands there, after the character `before`; `open` is whether
/// something in italics has begun.
fn as_it_is(rest: &str, before: char, open: bool) -> Option<usize> {
    match rest.chars().next()? {
        'h' | 'H' => address(rest, before),
        '@' | '＠' => mentioned(rest, before),
        // Between two letters a star begins nothing, as `_` does not.
        '*' if !open && is_letter(before) => {
            let next = rest.chars().nth(1).filter(|c| is_letter(*c));
            next.map(|_| 1)
        }
        // An arm.
        '\\' if before == '¯' => Some(1 + rest.chars().nth(1).map_or(0, char::len_utf8)),
        // Another computer.
        '\\' if !before.is_ascii_alphanumeric() && before != '\\' => {
            let name = rest
                .strip_prefix("\\\\")
                .and_then(|name| name.chars().next());
            name.filter(|c| is_letter(*c)).map(|_| 2)
        }
        _ => None,
    }
}

/// How long the address is that `rest` begins with.
fn address(rest: &str, before: char) -> Option<usize> {
    if before.is_ascii_alphanumeric() {
        return None;
    }
    let end = links::length(rest)?;
    // Emphasis may end right after an address.
    let whole = rest.get(..end)?.trim_end_matches(['*', '_', '~']);
    Some(whole.len())
}

/// How long the beginning of a mention is in which signs are a name's: `@__init__`, `@*star*x`.
fn mentioned(rest: &str, before: char) -> Option<usize> {
    let name = rest.strip_prefix(['@', '＠'])?;
    let sign = name
        .chars()
        .next()
        .filter(|c| matches!(c, '*' | '_' | '~'))?;
    let after = name.trim_start_matches(sign);
    if before.is_ascii_alphanumeric() || !after.starts_with(is_letter) {
        return None;
    }
    let signs = name.get(..name.len() - after.len())?;
    let end = after.char_indices().nth(crate::text::name::MAX_CHARS);
    let near = end.and_then(|(end, _)| after.get(..end)).unwrap_or(after);
    let word = near.split(char::is_whitespace).next().unwrap_or_default();
    // What closes what the name begins with is the name's, too.
    let twin = word.find(signs).map_or(0, |place| place + signs.len());
    Some(rest.len() - after.len() + twin)
}

/// Characters that nobody sees, which are not to be in what was written.
fn is_ours(c: char) -> bool {
    matches!(c, '\u{fdd0}'..='\u{fdef}') || c < ' ' && c != '\n' && c != '\t'
}

fn hide(c: char) -> char {
    let hidden = HIDDEN.iter().find(|(shown, _)| *shown == c);
    hidden.map_or(c, |(_, hidden)| *hidden)
}

/// Appends a run of `*` or `~` that stands between `before` and `next`.
fn emphasis(before: char, run: &str, next: char, out: &mut String) {
    let near_chinese = is_chinese(before) || is_chinese(next);
    let ends = near_chinese && is_punctuation(before) && is_letter(next);
    let begins = near_chinese && is_letter(before) && is_punctuation(next);
    if ends {
        out.push(WORD);
    }
    out.push_str(run);
    if begins {
        out.push(WORD);
    }
}

fn is_letter(c: char) -> bool {
    c.is_alphanumeric()
}

fn is_punctuation(c: char) -> bool {
    !c.is_alphanumeric() && !c.is_whitespace() && !c.is_control()
}

/// Characters of a script without blanks between words, and its punctuation: CJK symbols, kana,
/// Han, full-width forms, and the quotation marks, dashes and dots that Chinese shares with others.
fn is_chinese(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe4f}'
        | '\u{ff00}'..='\u{ffef}' | '\u{1f300}'..='\u{1faff}' | '\u{20000}'..='\u{3ffff}' | '“' | '”' | '‘' | '’' | '…' | '—' | '·')
}
