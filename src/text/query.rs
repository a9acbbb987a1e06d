//! What somebody looks for, read from what he typed.
//!
//! Words and "words in this order", and five filters: `from:`, `in:`, `before:`, `after:`, `has:`,
//! each with Chinese names and with either colon. A word that stands alone is found in its other forms,
//! and as the beginning of one when it is the last: somebody may still be writing. Whatever is none of these is words, operators and
//! the syntax of any database among them: nothing typed is an error but too much of it.
//!
//! Bounds: [`MAX_CHARS`].

use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};

use super::name;
use super::tokens::{Token, tokens, wanted};
use crate::error::Error;

/// Characters of a query: a long sentence in any language.
pub const MAX_CHARS: usize = 200;

/// What is looked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    /// What the text must have, each as words that follow one another.
    pub phrases: Vec<Vec<Token>>,
    /// The key of its author's name ([`name::key`]), or a part of it.
    pub from: Option<String>,
    /// The key of its room's name, or its id in digits.
    pub room: Option<String>,
    /// It was said before this, ms since 1970.
    pub before: Option<i64>,
    /// It was said then or later, ms since 1970.
    pub after: Option<i64>,
    /// Whether it must have a link.
    pub link: bool,
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
const LINK: [&str; 4] = ["link", "links", "链接", "网址"];

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
                let known = LINK.contains(&name::key(value).as_str());
                self.link |= known;
                known
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
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The phrases of a query, their words with blanks between them.
    fn phrases(query: &Query) -> Vec<String> {
        let words = |phrase: &Vec<Token>| {
            let words: Vec<&str> = phrase.iter().map(|token| token.text.as_str()).collect();
            words.join(" ")
        };
        query.phrases.iter().map(words).collect()
    }

    fn read(typed: &str) -> Query {
        Query::read(typed, &TimeZone::UTC).unwrap()
    }

    #[test]
    fn words_are_looked_for_each_and_quoted_ones_in_their_order() {
        for (typed, expected) in [
            ("green tea", &["green", "tea"][..]),
            ("  \"green tea\"　绿茶 ", &["green tea", "绿 茶"]),
            ("“喝 茶” 「green tea」", &["喝 茶", "green tea"]),
            ("say\"green tea\"now", &["say", "green tea", "now"]),
            ("tea TEA ｔｅａ", &["tea"]),
            ("ada@example.org", &["ada example org"]),
            ("http://example.org/a", &["http example org a"]),
            ("用Rust写", &["用 rust 写"]),
        ] {
            assert_eq!(phrases(&read(typed)), expected, "{typed:?}");
        }
    }

    #[test]
    fn filters_have_names_in_both_languages_and_either_colon() {
        let day = 1_793_491_200_000;
        for typed in [
            "from:Ada in:Hill before:2026-11-01 after:2026-10 has:link",
            "来自：Ada 房间：Hill 早于：2026/11/1 晚于：2026.10.1 包含：链接",
            "FROM:\"A d a\" In:#hill 之前:2026年11月1日 since:2026-10-01 有:网址",
            "from:x from:@ａｄａ in:「Hill」 before:2026-11 after:2026-10-01 has:LINKS",
        ] {
            let expected = Query {
                phrases: Vec::new(),
                from: Some("ada".into()),
                room: Some("hill".into()),
                before: Some(day),
                after: Some(day - 31 * 86_400_000),
                link: true,
            };
            assert_eq!(read(typed), expected, "{typed:?}");
        }
        let beijing = Query::read("before:2026-11-01", &zone("480").unwrap()).unwrap();
        assert_eq!(beijing.before, Some(day - 8 * 3_600_000));
    }

    #[test]
    fn a_day_begins_as_it_did_in_its_own_season() {
        let hours = |typed, zone: &TimeZone| {
            let query = Query::read(typed, zone).unwrap();
            let day = query.before.or(query.after).unwrap();
            day.rem_euclid(86_400_000) / 3_600_000
        };
        let zone = |named| zone(named).unwrap();
        let new_york = zone("America/New_York");
        assert_eq!(hours("before:2026-07-02", &new_york), 4, "summer");
        assert_eq!(hours("after:2026-01-02", &new_york), 5, "winter");
        assert_eq!(hours("after:2026-01-02", &zone("Asia/Shanghai")), 16);
        assert_eq!(hours("after:2026-01-02", &zone("-300")), 5);
        assert_eq!(
            hours("after:2026-04-24", &zone("Africa/Cairo")),
            22,
            "no midnight"
        );
        for nowhere in ["", "Mars/Olympus", "99999999", "../../etc/passwd"] {
            assert_eq!(hours("after:2026-01-02", &zone(nowhere)), 0, "{nowhere}");
        }
    }

    #[test]
    fn what_is_no_filter_is_words() {
        for (typed, expected) in [
            ("before:yesterday", &["before yesterday"][..]),
            ("after:2026-13-01", &["after 2026 13 01"]),
            ("has:tea", &["has tea"]),
            ("from: tea", &["from", "tea"]),
            ("in:", &["in"]),
            ("re:from", &["re from"]),
            ("note: tea", &["note", "tea"]),
            ("\"open", &["open"]),
            (
                "tea AND NOT (milk OR sugar)",
                &["tea", "and", "not", "milk", "or", "sugar"],
            ),
            (
                "NEAR(a b, 3) col:x ^y z* {w}",
                &["near a", "b", "3", "col x", "y", "z", "w"],
            ),
            ("'; DROP TABLE messages; --", &["drop", "table", "messages"]),
            ("\" OR 1=1 \"", &["or 1 1"]),
            ("🍵", &["🍵"]),
        ] {
            let query = read(typed);
            assert_eq!(phrases(&query), expected, "{typed:?}");
            let bare = Query {
                phrases: query.phrases.clone(),
                ..Query::default()
            };
            assert_eq!(query, bare, "{typed:?}");
        }
        for nothing in ["", " \u{3000}", "!?", "\"\"", "“”", "，。"] {
            assert!(read(nothing).is_empty(), "{nothing:?}");
        }
    }

    #[test]
    fn the_last_word_may_go_on_and_what_is_quoted_is_what_it_is() {
        let open = |typed: &str| {
            let last = read(typed)
                .phrases
                .pop()
                .and_then(|mut phrase| phrase.pop());
            last.map(|token| (token.open, !token.forms.is_empty()))
        };
        assert_eq!(open("green ket"), Some((true, true)));
        assert_eq!(open("green ket "), Some((true, true)));
        assert_eq!(open("2.13"), Some((true, false)));
        assert_eq!(open("\"green ket\""), Some((false, false)));
        assert_eq!(
            open("ket from:ada"),
            Some((true, true)),
            "no word comes after it"
        );
        assert_eq!(
            open("k"),
            Some((false, false)),
            "one letter begins too much"
        );
        assert_eq!(open("茶"), Some((false, false)));
        let first = &read("greens ket").phrases[0][0];
        assert!(!first.open && first.forms.contains(&"green".to_owned()));
    }

    #[test]
    fn too_much_is_too_long() {
        let limit = MAX_CHARS;
        assert!(Query::read(&"茶".repeat(limit), &TimeZone::UTC).is_ok());
        for typed in ["茶".repeat(limit + 1), "a".repeat(10_000)] {
            assert_eq!(
                Query::read(&typed, &TimeZone::UTC),
                Err(Error::TooLong { limit })
            );
        }
    }

    proptest! {
        #[test]
        fn anything_may_be_typed(typed in any::<String>(), named in any::<String>(), minutes in any::<i32>()) {
            let fits = typed.chars().count() <= MAX_CHARS;
            for named in [named, minutes.to_string()] {
                if let Ok(zone) = zone(&named) {
                    prop_assert_eq!(Query::read(&typed, &zone).is_ok(), fits);
                }
            }
        }

        #[test]
        fn filters_may_have_any_value(name in "(from|in|before|after|has|来自)[:：]", value in "\\PC{0,20}") {
            let query = Query::read(&format!("{name}{value}"), &TimeZone::UTC);
            prop_assert!(query.is_ok());
        }
    }
}
