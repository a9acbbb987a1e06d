//! What people think of a message, in one emoji each.
//!
//! Bounds: [`KINDS`] emoji on a message; of those who put one there [`NAMED`] are named, the others
//! are a number.

use serde::{Deserialize, Serialize};

use crate::model::person::PersonRef;

/// Different emoji on one message: more are noise.
pub const KINDS: usize = 20;

/// People who are named for an emoji, the first ones: as many as a hover shows.
pub const NAMED: usize = 10;

/// An emoji on a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Reaction {
    /// The emoji, as Unicode recommends to write it.
    pub emoji: String,
    /// How many people put it there; 0 when nobody does any more.
    #[serde(rename = "n")]
    pub count: i64,
    /// The first people who put it.
    pub who: Vec<PersonRef>,
    /// The seq at which it came to the message: those that came first stand first.
    pub place: i64,
}

impl Reaction {
    /// How `emoji` stands among `all` on a message.
    #[must_use]
    pub fn of(emoji: &str, all: &[Self]) -> Self {
        let found = all.iter().find(|one| one.emoji == emoji).cloned();
        found.unwrap_or_else(|| Self {
            emoji: emoji.to_owned(),
            count: 0,
            who: Vec::new(),
            place: 0,
        })
    }

    /// Takes this state of one emoji in among `others`, which stand in the order of their places.
    pub fn settle(&self, others: &mut Vec<Self>) {
        others.retain(|other| other.emoji != self.emoji);
        if self.count > 0 {
            let before = others.partition_point(|other| other.place < self.place);
            others.insert(before, self.clone());
        }
    }
}

/// The emoji that `raw` is, as Unicode recommends to write it; skin tones are emoji of their own.
#[must_use]
pub fn emoji(raw: &str) -> Option<&'static str> {
    emojis::get(raw).map(emojis::Emoji::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(emoji: &str, count: i64, place: i64) -> Reaction {
        Reaction {
            emoji: emoji.to_owned(),
            count,
            who: Vec::new(),
            place,
        }
    }

    #[test]
    fn an_emoji_keeps_its_place_until_nobody_means_it() {
        let mut all = Vec::new();
        for step in [
            of("🍵", 1, 1),
            of("👍", 1, 2),
            of("🍵", 2, 1),
            of("👀", 0, 0),
        ] {
            step.settle(&mut all);
        }
        assert_eq!(all, [of("🍵", 2, 1), of("👍", 1, 2)]);
        of("🍵", 0, 0).settle(&mut all);
        of("🍵", 1, 6).settle(&mut all);
        assert_eq!(all, [of("👍", 1, 2), of("🍵", 1, 6)]);
    }

    #[test]
    fn only_emoji_are_emoji_and_each_is_written_in_one_way() {
        assert_eq!(emoji("❤"), emoji("❤\u{fe0f}"));
        assert_eq!(emoji("👍🏽"), Some("👍🏽"));
        for other in ["", "a", "<b>", "👍👍", "👍 ", "茶", "\u{fe0f}"] {
            assert_eq!(emoji(other), None, "{other:?}");
        }
    }
}
