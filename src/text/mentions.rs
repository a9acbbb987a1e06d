//! Where a text mentions somebody by name.
//!
//! Names may have blanks in them and Chinese text has none after a name, so a name is looked for
//! from the longest possible one down; which of them there are, the store knows. Bounds: [`MAX_MENTIONS`] a
//! text, [`name::MAX_CHARS`] each.

use unicode_normalization::char::is_combining_mark;
use unicode_segmentation::UnicodeSegmentation;

use crate::text::han::simplified;
use crate::text::name;
use crate::text::tokens::is_character;

/// Names looked for in one message: who mentions more people means everybody.
pub const MAX_MENTIONS: usize = 20;

/// The names that mention everybody in the room.
const ALL: [&str; 4] = ["all", "所有人", "全体成员", "全体"];

/// A name that may be meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// See [`name::key`].
    pub key: String,
    /// How many characters after the `@` are this name.
    pub chars: usize,
}

/// One `@` of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AtSign {
    /// Where the `@` stands, in bytes.
    pub at: usize,
    /// The names that it may mean, the longest first.
    pub names: Vec<Candidate>,
}

/// Whether everybody is meant by this name.
#[must_use]
pub fn is_for_all(name: &Candidate) -> bool {
    let simple: String = name.key.chars().map(simplified).collect();
    ALL.contains(&simple.as_str())
}

/// The mentions in a text.
#[must_use]
pub fn at_signs(text: &str) -> Vec<AtSign> {
    let mut at_signs = Vec::new();
    let mut before = None;
    for (at, sign) in text.char_indices() {
        let in_address = before.is_some_and(goes_on);
        before = Some(sign);
        if !matches!(sign, '@' | '＠') || in_address {
            continue;
        }
        let names = names(text.get(at + sign.len_utf8()..).unwrap_or_default());
        if !names.is_empty() {
            at_signs.push(AtSign { at, names });
        }
        if at_signs.len() == MAX_MENTIONS {
            break;
        }
    }
    at_signs
}

fn names(rest: &str) -> Vec<Candidate> {
    // One more tells whether the last one ends there.
    let end = rest.char_indices().nth(name::MAX_CHARS + 1);
    let near = end.and_then(|(end, _)| rest.get(..end)).unwrap_or(rest);
    let line = near.split('\n').next().unwrap_or_default();
    if line.starts_with(char::is_whitespace) {
        return Vec::new();
    }
    let mut names: Vec<Candidate> = Vec::new();
    let mut chars = 0;
    let mut clusters = line.grapheme_indices(true).peekable();
    let mut before = ' ';
    while let Some((place, cluster)) = clusters.next() {
        let first = |cluster: &str| cluster.chars().next().unwrap_or(' ');
        let next = clusters.peek().map_or(' ', |(_, next)| first(next));
        chars += cluster.chars().count();
        // Another mention begins, unless this is in the middle of an address.
        let at_signs = matches!(cluster, "@" | "＠") && !(goes_on(before) && goes_on(next));
        if chars > name::MAX_CHARS || at_signs {
            break;
        }
        before = first(cluster);
        // A name does not end in the middle of a word.
        if goes_on(before) && goes_on(next) {
            continue;
        }
        let key = name::key(line.get(..place + cluster.len()).unwrap_or_default());
        if !key.is_empty() && names.last().is_none_or(|last| last.key != key) {
            names.push(Candidate { key, chars });
        }
    }
    names.reverse();
    names
}

/// Whether words of this character's script have blanks between them, so that another such character
/// beside it is of the same word. Han, kana, Hangul and the scripts of South-East Asia have none.
fn goes_on(c: char) -> bool {
    let alone = is_character(c)
        || matches!(c, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}');
    !alone && (c.is_alphanumeric() || is_combining_mark(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_looked_for_from_the_longest_down() {
        let of = |text| {
            let keys = |at_sign: AtSign| at_sign.names.into_iter().map(|name| name.key).collect();
            at_signs(text)
                .into_iter()
                .map(keys)
                .collect::<Vec<Vec<_>>>()
        };
        assert_eq!(of("@苏轼你好"), [["苏轼你好", "苏轼你", "苏轼", "苏"]]);
        assert_eq!(
            of("hi @Grace Hopper!"),
            [["gracehopper!", "gracehopper", "grace"]]
        );
        assert_eq!(of("@Ada @陆"), [vec!["ada"], vec!["陆"]]);
        assert!(of("me@example.org, @ and @@").is_empty());
        assert_eq!(at_signs(&"@a ".repeat(100)).len(), MAX_MENTIONS);
        let for_all = |text| {
            let names = at_signs(text).swap_remove(0).names;
            names.into_iter().find(is_for_all).map(|name| name.chars)
        };
        assert_eq!(for_all("＠所有人 开会"), Some(3));
        assert_eq!(for_all("@all, please"), Some(3));
        assert_eq!(for_all("@allan"), None);
    }

    #[test]
    fn a_name_ends_with_a_word_and_with_a_whole_character() {
        let means = |text: &str, name: &str| {
            let names = at_signs(text)
                .into_iter()
                .next()
                .map(|at_sign| at_sign.names);
            let mut names = names.unwrap_or_default().into_iter();
            let found = names.find(|found| found.key == name::key(name));
            found.map(|found| text.chars().skip(1).take(found.chars).collect::<String>())
        };
        for (text, name) in [
            ("@Аннабель", "Анна"),
            ("@Zoélie", "Zoé"),
            ("@Zoe\u{301}lie", "Zoé"),
            ("@Annabel", "Anna"),
            ("@Ωμέγας", "Ωμέγα"),
            ("@Ada2", "Ada"),
        ] {
            assert_eq!(means(text, name), None, "{text} {name}");
        }
        for (text, name) in [
            ("@Анна, привет", "Анна"),
            ("@Zoé好", "Zoé"),
            ("@苏轼你好", "苏轼"),
            ("@さくらさん", "さくら"),
            ("@민수야", "민수"),
            ("@สมชายครับ", "สมชาย"),
            ("@Ada's", "Ada"),
            ("@a@b hello", "a@b"),
            ("@me@example.org", "me@example.org"),
            ("@__init__ is", "__init__"),
            ("@全體成員", "全體成員"),
        ] {
            assert!(means(text, name).is_some(), "{text} {name}");
        }
        assert_eq!(means("@a❤\u{fe0f}!", "a❤").as_deref(), Some("a❤\u{fe0f}"));
        assert!(at_signs("é@b").is_empty());
        assert!(
            is_for_all(&at_signs("@全體成員 開會")[0].names[1])
                || at_signs("@全體 ")[0].names.iter().any(is_for_all)
        );
    }

    #[test]
    fn a_call_says_where_it_stands_and_how_long_each_name_is() {
        let found = at_signs("你好 @Grace Hopper  再见");
        let at_sign = found.first().unwrap();
        assert_eq!(at_sign.at, "你好 ".len());
        let grace = at_sign.names.iter().find(|name| name.key == "gracehopper");
        assert_eq!(grace.unwrap().chars, "Grace Hopper".chars().count());
    }
}
