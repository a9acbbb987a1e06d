//! What a query finds in a text: where, how well, and the piece of it to show.
//!
//! Owns ranking and marking, in plain Rust beside whatever index proposed the text. Knows nothing of
//! who may read it.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use super::cut;
use super::query::Query;
use super::tokens::{Token, places, tokens};

/// Characters of a piece that is shown.
const PIECE: usize = 140;

/// How many of these characters stand before the first hit, where the text goes on that far.
const LEAD: usize = 40;

/// What stands where a text goes on.
const MORE: char = '…';

/// BM25's two constants, as everywhere: how soon more of a word says no more, and how much a long text
/// counts less.
const K1: f64 = 1.2;
const B: f64 = 0.75;

/// Words and characters of a usual line of chat.
const USUAL_LENGTH: f64 = 16.0;

/// What it counts more when everything stands together in the order in which it was typed.
const TOGETHER: f64 = 1.5;

/// The half-life of a message's recency, in ms: a month.
const HALF_LIFE: f64 = 30.0 * 24.0 * 3_600_000.0;

/// How much of a text's worth age takes at most.
const AGE_TAKES: f64 = 0.5;

/// Steps of a score between 0 and 1.
const FINE: f64 = 1e6;

/// A text that has what is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// Where, in bytes, in order, none within another.
    pub marks: Vec<Range<usize>>,
    /// How well; the best first.
    pub score: i64,
}

/// Matches a text that was sent at `at`, seen from `now` (both ms since 1970); `None` when it does not
/// have all that is looked for.
#[must_use]
pub fn find(text: &str, query: &Query, at: i64, now: i64) -> Option<Match> {
    let words = tokens(text);
    let (mut marks, mut worth) = (Vec::new(), 0.0);
    let length = 1.0 - B + B * words.len() as f64 / USUAL_LENGTH;
    for phrase in &query.phrases {
        let before = marks.len();
        marks.extend(places(&words, phrase).filter_map(|place| {
            let found = words.get(place..place + phrase.len())?;
            Some(found.first()?.range.start..found.last()?.range.end)
        }));
        let times = (marks.len() - before) as f64;
        if times == 0.0 {
            return None;
        }
        worth += times * (K1 + 1.0) / (times + K1 * length);
    }
    if query.phrases.len() > 1 && stands_together(&words, query) {
        worth *= TOGETHER;
    }
    let age = now.saturating_sub(at).max(0) as f64;
    let fresh = 1.0 - AGE_TAKES + AGE_TAKES * (-age / HALF_LIFE).exp2();
    Some(Match {
        marks: merged(marks),
        score: (worth * fresh * FINE) as i64,
    })
}

fn stands_together(words: &[Token], query: &Query) -> bool {
    let all: Vec<Token> = query.phrases.iter().flatten().cloned().collect();
    places(words, &all).next().is_some()
}

fn merged(mut marks: Vec<Range<usize>>) -> Vec<Range<usize>> {
    marks.sort_by_key(|mark| (mark.start, mark.end));
    let mut all: Vec<Range<usize>> = Vec::with_capacity(marks.len());
    for mark in marks {
        match all.last_mut() {
            Some(last) if mark.start < last.end => last.end = last.end.max(mark.end),
            _ => all.push(mark),
        }
    }
    all
}

/// A piece of a text, on one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// It, with [`MORE`] where the text goes on.
    pub text: String,
    /// What is marked in it: from and to, in UTF-16 units, as scripts count.
    pub marks: Vec<[usize; 2]>,
}

/// The piece of a text around its first mark: whole characters as people see them, and marked whole.
#[must_use]
pub fn piece(text: &str, marks: &[Range<usize>]) -> Piece {
    let first = marks.first().map_or(0, |mark| mark.start);
    let before = text.get(..first).unwrap_or_default().chars().count();
    let after = text.chars().count() - before;
    let skipped = before.saturating_sub(LEAD.max(PIECE.saturating_sub(after)));
    let (mut passed, mut from) = (0, text.len());
    for (place, cluster) in text.grapheme_indices(true) {
        let to = passed + cluster.chars().count();
        // That which is to be seen is not left out with what it is one character with.
        if passed >= skipped || place + cluster.len() > first {
            from = place;
            break;
        }
        passed = to;
    }
    if from > 0 {
        // Not within a word, unless it is one that fills all the room before the mark.
        let mut bounds = text
            .get(..first)
            .unwrap_or_default()
            .split_word_bound_indices();
        let begins = |(place, word): &(usize, &str)| *place >= from && !word.trim().is_empty();
        from = bounds.find(begins).map_or(from, |(place, _)| place);
    }
    let rest = text.get(from..).unwrap_or_default();
    let shown = cut::to(rest, PIECE);
    let mut out = Piece {
        text: String::with_capacity(shown.len() + 2 * MORE.len_utf8()),
        marks: Vec::new(),
    };
    if from > 0 {
        out.text.push(MORE);
    }
    let mut units = out.text.encode_utf16().count();
    let mut left = marks.iter().peekable();
    let mut last: Option<&Range<usize>> = None;
    for (place, cluster) in shown.grapheme_indices(true) {
        let (place, began) = (from + place, units);
        for c in cluster.chars() {
            let c = if c.is_whitespace() { ' ' } else { c };
            out.text.push(c);
            units += c.len_utf16();
        }
        while left.next_if(|mark| mark.end <= place).is_some() {}
        let inside = |mark: &&&Range<usize>| mark.start < place + cluster.len();
        if let Some(mark) = left.peek().filter(inside).copied() {
            match out.marks.last_mut() {
                Some(shown) if last == Some(mark) => shown[1] = units,
                _ => out.marks.push([began, units]),
            }
            last = Some(mark);
        }
    }
    if from + shown.len() < text.len() {
        out.text.push(MORE);
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: i64 = 1_800_000_000_000;
    const DAY: i64 = 86_400_000;

    fn query(typed: &str) -> Query {
        Query::read(typed, &jiff::tz::TimeZone::UTC).unwrap()
    }

    /// The piece of a text, its marks in brackets.
    fn shown(text: &str, typed: &str) -> Option<String> {
        let found = find(text, &query(typed), NOW, NOW)?;
        let piece = piece(text, &found.marks);
        let mut units: Vec<u16> = piece.text.encode_utf16().collect();
        for [from, to] in piece.marks.iter().rev() {
            units.insert(*to, u16::from(b']'));
            units.insert(*from, u16::from(b'['));
        }
        Some(String::from_utf16(&units).unwrap())
    }

    #[test]
    fn what_was_found_is_marked() {
        for (text, typed, expected) in [
            ("The kettle is on", "KETTLE", "The [kettle] is on"),
            ("茶泡好了，来喝茶", "茶", "[茶]泡好了，来喝[茶]"),
            ("北京大学", "北京大学", "[北京大学]"),
            ("北京，大学", "北京 大学", "[北京]，[大学]"),
            (
                "green  tea, green cup",
                "\"green tea\"",
                "[green  tea], green cup",
            ),
            ("Ｔｅａ ﬁrst", "tea first", "[Ｔｅａ] [ﬁrst]"),
            ("🍵🍵 and 茶", "茶", "🍵🍵 and [茶]"),
            ("a\nb", "b", "a [b]"),
            ("see C++ and C", "c++", "see [C++] and C"),
            ("aaa", "a", ""),
            ("大学，京北", "北京", ""),
        ] {
            assert_eq!(
                shown(text, typed).unwrap_or_default(),
                expected,
                "{text} {typed}"
            );
        }
    }

    #[test]
    fn a_long_text_is_cut_around_its_first_hit() {
        let long = format!("{}茶{}", "前".repeat(300), "后".repeat(300));
        let expected = format!("…{}[茶]{}…", "前".repeat(40), "后".repeat(99));
        assert_eq!(shown(&long, "茶").unwrap(), expected);
        let end = format!("{}茶", "前".repeat(300));
        let expected = format!("…{}[茶]", "前".repeat(139));
        assert_eq!(shown(&end, "茶").unwrap(), expected);
        let nothing = piece(&long, &[]);
        assert_eq!(nothing.text.chars().count(), PIECE + 1);
        assert!(nothing.marks.is_empty());
    }

    #[test]
    fn a_cut_text_begins_with_a_whole_word() {
        let long = format!(
            "{}the kettle {}",
            "unbelievably ".repeat(20),
            "on ".repeat(90)
        );
        let shown = shown(&long, "kettle").unwrap();
        assert!(
            shown.starts_with("…unbelievably unbelievably the [kettle] on"),
            "{shown}"
        );
    }

    #[test]
    fn no_character_is_cut_or_marked_by_half() {
        let family = "👨\u{200d}👩\u{200d}👧\u{200d}👦";
        let ys = "y".repeat(30);
        let long = format!("{}{family}{ys}茶{}", "x".repeat(300), "z".repeat(200));
        let shown = |text: &str, typed: &str| shown(text, typed).unwrap();
        let expected = format!("…{family}{ys}[茶]{}…", "z".repeat(102));
        assert_eq!(shown(&long, "茶"), expected);
        // What would begin within it begins after it.
        let long = long.replace(&ys, &"y".repeat(37));
        let expected = format!("…{}[茶]{}…", "y".repeat(37), "z".repeat(102));
        assert_eq!(shown(&long, "茶"), expected);
        let end = format!("茶{}{family}{}", "x".repeat(137), "y".repeat(40));
        assert_eq!(shown(&end, "茶"), format!("[茶]{}…", "x".repeat(137)));
        let marked = format!("a [{family}] b");
        assert_eq!(shown(&format!("a {family} b"), "👩"), marked);
    }

    #[test]
    fn better_is_more_of_it_in_less_text_together_and_lately() {
        let score = |text: &str, typed: &str, days: i64| {
            find(text, &query(typed), NOW - days * DAY, NOW)
                .unwrap()
                .score
        };
        assert!(score("tea tea", "tea", 0) > score("tea pot", "tea", 0));
        assert!(
            score("tea", "tea", 0) > score(&format!("tea {}", "and so on ".repeat(9)), "tea", 0)
        );
        assert!(score("green tea now", "green tea", 0) > score("tea now green", "green tea", 0));
        assert!(score("tea", "tea", 1) > score("tea", "tea", 60));
        assert!(score("tea tea tea", "tea", 400) > 0);
        assert!(find("tea", &query("tea milk"), NOW, NOW).is_none());
    }

    proptest! {
        #[test]
        fn marks_are_within_the_piece(text in "\\PC{0,300}", typed in "\\PC{0,6}") {
            let query = query(&typed);
            if let Some(found) = find(&text, &query, NOW, NOW) {
                let piece = piece(&text, &found.marks);
                let units = piece.text.encode_utf16().count();
                prop_assert!(piece.text.chars().count() <= PIECE + 2);
                let mut end = 0;
                for [from, to] in piece.marks {
                    prop_assert!(end <= from && from < to && to <= units);
                    end = to;
                }
                prop_assert_eq!(found.marks.is_empty(), query.phrases.is_empty());
            }
        }
    }
}
