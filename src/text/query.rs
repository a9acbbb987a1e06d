//! What somebody looks for, read from what they typed.
//!
//! Words and "words in this order", and five filters: `from:`, `in:`, `before:`, `after:`, `has:`,
//! each with Chinese names and with either colon. A word that stands alone is found in its other forms,
//! and as the beginning of one when it is the last: somebody may still be writing. Whatever is none of
//! these is words, operators and the syntax of any database among them: nothing typed is an error but
//! too much of it.
//!
//! Bounds: [`MAX_CHARS`].

use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};

use super::name;
use super::tokens::{Token, tokens, wanted};
use crate::error::Error;

/// Characters of a query: a long sentence in any language.
pub const MAX_CHARS: usize = 200;

/// The query of a search, as it was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    /// What the text must have, each as words that follow one another.
    pub phrases: Vec<Vec<Token>>,
    /// The key of its author's name ([`name::key`]), or a part of it.
    pub from: Option<String>,
    /// The key of its room's name, or its id in digits.
    pub room: Option<String>,
    /// It was sent before this, ms since 1970.
    pub before: Option<i64>,
    /// It was sent then or later, ms since 1970.
    pub after: Option<i64>,
    /// What it must have beside words, each once.
    pub has: Vec<Part>,
}

/// What a message may have beside words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// An `http` or `https` address.
    Link,
    /// A file, whatever it is.
    File,
    /// A picture, still or moving.
    Picture,
    /// A video.
    Video,
    /// Sound that is no voice.
    Audio,
    /// A recording of its sender's voice.
    Voice,
}

/// A filter by its name.
#[derive(Clone, Copy)]
enum Filter {
    From,
    In,
    Before,
    After,
    Has,
}

/// The names of the filters.
const FILTERS: [(&str, Filter); 16] = [
    ("from", Filter::From),
    ("来自", Filter::From),
    ("作者", Filter::From),
    ("in", Filter::In),
    ("在", Filter::In),
    ("房间", Filter::In),
    ("before", Filter::Before),
    ("早于", Filter::Before),
    ("之前", Filter::Before),
    ("after", Filter::After),
    ("since", Filter::After),
    ("晚于", Filter::After),
    ("之后", Filter::After),
    ("has", Filter::Has),
    ("有", Filter::Has),
    ("包含", Filter::Has),
];

/// What `has:` takes.
const PARTS: [(&str, Part); 26] = [
    ("link", Part::Link),
    ("links", Part::Link),
    ("链接", Part::Link),
    ("网址", Part::Link),
    ("file", Part::File),
    ("files", Part::File),
    ("文件", Part::File),
    ("附件", Part::File),
    ("picture", Part::Picture),
    ("pictures", Part::Picture),
    ("image", Part::Picture),
    ("images", Part::Picture),
    ("photo", Part::Picture),
    ("photos", Part::Picture),
    ("图片", Part::Picture),
    ("照片", Part::Picture),
    ("video", Part::Video),
    ("videos", Part::Video),
    ("视频", Part::Video),
    ("audio", Part::Audio),
    ("sound", Part::Audio),
    ("音频", Part::Audio),
    ("声音", Part::Audio),
    ("voice", Part::Voice),
    ("voices", Part::Voice),
    ("语音", Part::Voice),
];

/// Quotes that open, and those that close them.
const QUOTES: [(char, char); 6] = [
    ('"', '"'),
    ('＂', '＂'),
    ('“', '”'),
    ('„', '“'),
    ('「', '」'),
    ('『', '』'),
];

impl Query {
    /// Reads what was typed. Days begin as they do in `zone`. Of a filter that was typed twice the
    /// last counts.
    ///
    /// # Errors
    /// [`Error::TooLong`] past [`MAX_CHARS`].
    pub fn read(typed: &str, zone: &TimeZone) -> Result<Self, Error> {
        if typed.chars().count() > MAX_CHARS {
            return Err(Error::TooLong { limit: MAX_CHARS });
        }
        let mut query = Self::default();
        let mut rest = typed.trim_start();
        while !rest.is_empty() {
            let (phrase, after) = match filter(rest) {
                Some((filter, value, after)) if query.narrow(filter, value, zone) => {
                    (Vec::new(), after)
                }
                _ => match quoted(rest) {
                    Some((words, after)) => (tokens(words), after),
                    None => {
                        let (words, after) = chunk(rest);
                        (wanted(words), after)
                    }
                },
            };
            query.add(phrase);
            rest = after.trim_start();
        }
        Ok(query)
    }

    /// Whether nothing is looked for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Takes words in that are not there yet; those before them go on no more.
    fn add(&mut self, phrase: Vec<Token>) {
        let known = |known: &Vec<Token>| {
            let same = |(one, other): (&Token, &Token)| one.text == other.text;
            known.len() == phrase.len() && known.iter().zip(&phrase).all(same)
        };
        if phrase.is_empty() || self.phrases.iter().any(known) {
            return;
        }
        for token in self.phrases.iter_mut().flatten() {
            token.open = false;
        }
        self.phrases.push(phrase);
    }

    /// Takes a filter in, if its value makes sense.
    fn narrow(&mut self, filter: Filter, value: &str, zone: &TimeZone) -> bool {
        match filter {
            Filter::From => take(&mut self.from, key_of(value, ['@', '＠'])),
            Filter::In => take(&mut self.room, key_of(value, ['#', '＃'])),
            Filter::Before => take(&mut self.before, day(value, zone)),
            Filter::After => take(&mut self.after, day(value, zone)),
            Filter::Has => {
                let key = name::key(value);
                let known = PARTS.iter().find(|(word, _)| *word == key);
                let wanted = known.map(|(_, part)| *part);
                self.has
                    .extend(wanted.filter(|part| !self.has.contains(part)));
                wanted.is_some()
            }
        }
    }
}

/// Puts a value at its place, if there is one.
fn take<T>(place: &mut Option<T>, value: Option<T>) -> bool {
    let given = value.is_some();
    if given {
        *place = value;
    }
    given
}

/// The key of a name that may have a sign before it.
fn key_of(value: &str, signs: [char; 2]) -> Option<String> {
    let key = name::key(value.trim_start_matches(signs));
    (!key.is_empty()).then_some(key)
}

/// A filter's name, a colon and a value at the beginning of `text`, and what comes after.
fn filter(text: &str) -> Option<(Filter, &str, &str)> {
    let colon = text.find([':', '：'])?;
    let (name, rest) = text.split_at_checked(colon)?;
    let rest = rest.strip_prefix([':', '：'])?;
    let known = |(known, _): &&(&str, Filter)| known.eq_ignore_ascii_case(name);
    let (_, filter) = FILTERS.iter().find(known)?;
    if rest.starts_with(char::is_whitespace) {
        return None;
    }
    let (value, after) = quoted(rest).unwrap_or_else(|| chunk(rest));
    Some((*filter, value, after))
}

/// What stands in quotes at the beginning of `text`, and what comes after them.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let first = text.chars().next()?;
    let inside = text.strip_prefix(first)?;
    QUOTES
        .iter()
        .filter(|(open, _)| *open == first)
        .find_map(|(_, close)| inside.split_once(*close))
}

/// What stands before the next blank or quote, and the rest.
fn chunk(text: &str) -> (&str, &str) {
    let opens = |c: char| QUOTES.iter().any(|(open, _)| *open == c);
    let mut chars = text.char_indices().skip(1);
    let end = chars.find(|(_, c)| c.is_whitespace() || opens(*c));
    let end = end.map_or(text.len(), |(place, _)| place);
    text.split_at_checked(end).unwrap_or((text, ""))
}

/// When a day begins, ms since 1970: `2026-11-01`, `2026/11/1`, `2026.11`, `2026`.
fn day(text: &str, zone: &TimeZone) -> Option<i64> {
    let mut parts = text.split(['-', '/', '.', '年', '月', '日']);
    let mut part = |missing: i16| match parts.next().unwrap_or_default() {
        "" => Some(missing),
        digits => digits.parse().ok(),
    };
    let (year, month, day) = (part(0)?, part(1)?, part(1)?);
    if year < 1 || parts.any(|part| !part.is_empty()) {
        return None;
    }
    let date = Date::new(year, month.try_into().ok()?, day.try_into().ok()?).ok()?;
    // Where summer time takes midnight away the day begins an hour later.
    let midnight = zone.to_timestamp(date.at(0, 0, 0, 0)).ok()?;
    Some(midnight.as_millisecond())
}

/// Where days begin: the name of a zone, as `Europe/Berlin`, or minutes east of UTC. Without one, and
/// in a zone that is newer than those known here, it is UTC.
///
/// # Errors
/// [`Error::BadData`] for what is neither.
pub fn zone(named: &str) -> Result<TimeZone, Error> {
    if let Ok(minutes) = named.parse::<i32>() {
        let offset = Offset::from_seconds(minutes.saturating_mul(60));
        return Ok(offset.map_or(TimeZone::UTC, TimeZone::fixed));
    }
    match TimeZone::get(named) {
        Ok(zone) => Ok(zone),
        Err(_unknown) if named.is_empty() || named.contains('/') => Ok(TimeZone::UTC),
        Err(_unknown) => Err(Error::BadData),
    }
}

#[cfg(test)]
mod tests;
