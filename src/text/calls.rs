//! Where a text calls somebody by name.
//!
//! Names may have blanks in them and Chinese text has none after a name, so a name is looked for
//! from the longest possible one down; which of them there are, the store knows. Bounds: [`CALLS`] a
//! text, [`name::MAX_CHARS`] each.

use super::name;

/// Names looked for in one message: who calls more people means everybody.
pub const CALLS: usize = 20;

/// What calls everybody in the room.
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
pub struct Call {
    /// Where the `@` stands, in bytes.
    pub at: usize,
    /// The names that it may mean, the longest first.
    pub names: Vec<Candidate>,
}

/// Whether everybody is meant by this name.
#[must_use]
pub fn is_for_all(name: &Candidate) -> bool {
    ALL.contains(&name.key.as_str())
}

/// The calls in a text.
#[must_use]
pub fn calls(text: &str) -> Vec<Call> {
    let mut calls = Vec::new();
    let mut before = None;
    for (at, sign) in text.char_indices() {
        let in_address = before.is_some_and(|c: char| c.is_ascii_alphanumeric());
        before = Some(sign);
        if !matches!(sign, '@' | '＠') || in_address {
            continue;
        }
        let names = names(text.get(at + sign.len_utf8()..).unwrap_or_default());
        if !names.is_empty() {
            calls.push(Call { at, names });
        }
        if calls.len() == CALLS {
            break;
        }
    }
    calls
}

fn names(rest: &str) -> Vec<Candidate> {
    let ends = |c: char| matches!(c, '\n' | '@' | '＠');
    let line = rest.split(ends).next().unwrap_or_default();
    if line.starts_with(char::is_whitespace) {
        return Vec::new();
    }
    let mut names: Vec<Candidate> = Vec::new();
    for (before, (place, c)) in line.char_indices().take(name::MAX_CHARS).enumerate() {
        // A name does not end in the middle of a word.
        let next = line
            .get(place + c.len_utf8()..)
            .and_then(|rest| rest.chars().next());
        let goes_on = |c: char| c.is_alphanumeric() && c.is_ascii();
        if goes_on(c) && next.is_some_and(goes_on) {
            continue;
        }
        let key = name::key(line.get(..place + c.len_utf8()).unwrap_or_default());
        if !key.is_empty() && names.last().is_none_or(|last| last.key != key) {
            let chars = before + 1;
            names.push(Candidate { key, chars });
        }
    }
    names.reverse();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_looked_for_from_the_longest_down() {
        let of = |text| {
            let keys = |call: Call| call.names.into_iter().map(|name| name.key).collect();
            calls(text).into_iter().map(keys).collect::<Vec<Vec<_>>>()
        };
        assert_eq!(of("@苏轼你好"), [["苏轼你好", "苏轼你", "苏轼", "苏"]]);
        assert_eq!(
            of("hi @Grace Hopper!"),
            [["gracehopper!", "gracehopper", "grace"]]
        );
        assert_eq!(of("@Ada @陆"), [vec!["ada"], vec!["陆"]]);
        assert!(of("me@example.org, @ and @@").is_empty());
        assert_eq!(calls(&"@a ".repeat(100)).len(), CALLS);
        let for_all = |text| {
            let names = calls(text).swap_remove(0).names;
            names.into_iter().find(is_for_all).map(|name| name.chars)
        };
        assert_eq!(for_all("＠所有人 开会"), Some(3));
        assert_eq!(for_all("@all, please"), Some(3));
        assert_eq!(for_all("@allan"), None);
    }

    #[test]
    fn a_call_says_where_it_stands_and_how_long_each_name_is() {
        let found = calls("你好 @Grace Hopper  再见");
        let call = found.first().unwrap();
        assert_eq!(call.at, "你好 ".len());
        let grace = call.names.iter().find(|name| name.key == "gracehopper");
        assert_eq!(grace.unwrap().chars, "Grace Hopper".chars().count());
    }
}
