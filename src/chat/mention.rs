//! Who is called by name in a message.
//!
//! Names may have blanks in them and Chinese text has none after a name, so a name is looked for
//! from the longest possible one down. Bounds: [`CALLS`] a message, [`name::MAX_CHARS`] each.

use crate::text::name;

/// Names looked for in one message: who calls more people means everybody.
const CALLS: usize = 20;

/// What calls everybody in the room.
const ALL: [&str; 4] = ["all", "所有人", "全体成员", "全体"];

/// Whom a message calls.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mentions {
    /// Everybody in the room.
    pub all: bool,
    /// These, by public id.
    pub people: Vec<String>,
}

impl Mentions {
    /// Whether nobody is called.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        !self.all && self.people.is_empty()
    }

    /// Whether the person of this public id is called.
    #[must_use]
    pub fn call(&self, id: &str) -> bool {
        self.all || self.people.iter().any(|called| called == id)
    }

    /// As the store keeps it: ids with blanks between them, `*` for everybody.
    #[must_use]
    pub fn to_text(&self) -> String {
        let all = self.all.then_some("*");
        let people = self.people.iter().map(String::as_str);
        all.into_iter().chain(people).collect::<Vec<_>>().join(" ")
    }

    /// Back from [`Self::to_text`].
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        let words = || text.split_whitespace();
        Self {
            all: words().any(|word| word == "*"),
            people: words()
                .filter(|word| *word != "*")
                .map(str::to_owned)
                .collect(),
        }
    }
}

/// One `@` of a message: the keys of the names that it may mean, the longest first.
#[derive(Debug, PartialEq, Eq)]
pub struct Call {
    /// See [`name::key`].
    pub keys: Vec<String>,
}

impl Call {
    /// Whether everybody is meant.
    #[must_use]
    pub fn is_for_all(&self) -> bool {
        self.keys.iter().any(|key| ALL.contains(&key.as_str()))
    }
}

/// The calls in a text.
#[must_use]
pub fn calls(content: &str) -> Vec<Call> {
    let mut calls = Vec::new();
    let mut before = None;
    for (place, sign) in content.char_indices() {
        let in_address = before.is_some_and(|c: char| c.is_ascii_alphanumeric());
        before = Some(sign);
        if !matches!(sign, '@' | '＠') || in_address {
            continue;
        }
        let rest = content.get(place + sign.len_utf8()..).unwrap_or_default();
        let keys = keys(rest);
        if !keys.is_empty() {
            calls.push(Call { keys });
        }
        if calls.len() == CALLS {
            break;
        }
    }
    calls
}

fn keys(rest: &str) -> Vec<String> {
    let ends = |c: char| matches!(c, '\n' | '@' | '＠');
    let line = rest.split(ends).next().unwrap_or_default();
    if line.starts_with(char::is_whitespace) {
        return Vec::new();
    }
    let mut keys: Vec<String> = Vec::new();
    for (place, c) in line.char_indices().take(name::MAX_CHARS) {
        // A name does not end in the middle of a word.
        let next = line
            .get(place + c.len_utf8()..)
            .and_then(|rest| rest.chars().next());
        let goes_on = |c: char| c.is_alphanumeric() && c.is_ascii();
        if goes_on(c) && next.is_some_and(goes_on) {
            continue;
        }
        let key = name::key(line.get(..place + c.len_utf8()).unwrap_or_default());
        if !key.is_empty() && keys.last() != Some(&key) {
            keys.push(key);
        }
    }
    keys.reverse();
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_looked_for_from_the_longest_down() {
        let of = |text| {
            calls(text)
                .into_iter()
                .map(|call| call.keys)
                .collect::<Vec<_>>()
        };
        assert_eq!(of("@苏轼你好"), [["苏轼你好", "苏轼你", "苏轼", "苏"]]);
        assert_eq!(
            of("hi @Grace Hopper!"),
            [["gracehopper!", "gracehopper", "grace"]]
        );
        assert_eq!(of("@Ada @陆"), [vec!["ada"], vec!["陆"]]);
        assert!(of("me@example.org, @ and @@").is_empty());
        assert_eq!(calls(&"@a ".repeat(100)).len(), CALLS);
        assert!(calls("＠所有人 开会").first().unwrap().is_for_all());
        assert!(calls("@all, please").first().unwrap().is_for_all());
        assert!(!calls("@allan").first().unwrap().is_for_all());
    }

    #[test]
    fn what_the_store_keeps_says_the_same() {
        for (all, people) in [
            (false, vec![]),
            (true, vec!["u1"]),
            (false, vec!["u1", "u22"]),
        ] {
            let people = people.into_iter().map(str::to_owned).collect();
            let mentions = Mentions { all, people };
            assert_eq!(Mentions::from_text(&mentions.to_text()), mentions);
        }
    }
}
