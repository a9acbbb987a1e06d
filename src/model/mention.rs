//! Who is mentioned in a message: those of [`crate::text::mentions`] who are in the room.

use serde::de::Error;
use serde::ser::SerializeSeq;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::model::person_id::PersonId;

/// What stands for an id where everybody is mentioned.
pub const EVERYBODY: &str = "all";

/// Whom a message mentions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mentions {
    /// Whether it mentions everybody in the room.
    pub all: bool,
    /// The people it mentions by name, as public ids.
    pub people: Vec<PersonId>,
}

impl Mentions {
    /// Whether nobody is mentioned.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        !self.all && self.people.is_empty()
    }

    /// Whether the person of this public id is mentioned.
    #[must_use]
    pub fn is_for(&self, id: PersonId) -> bool {
        self.all || self.people.contains(&id)
    }

    /// The same without those who are not among `others`.
    #[must_use]
    pub fn still(self, others: &Self) -> Self {
        let people = self.people.into_iter();
        Self {
            all: self.all && others.all,
            people: people.filter(|id| others.people.contains(id)).collect(),
        }
    }

    /// As the store keeps it: ids with blanks between them, `*` for everybody.
    #[must_use]
    pub fn to_text(&self) -> String {
        let all = self.all.then(|| "*".to_owned());
        let people = self.people.iter().map(PersonId::to_string);
        all.into_iter().chain(people).collect::<Vec<_>>().join(" ")
    }

    /// The inverse of [`Self::to_text`].
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        let words = || text.split_whitespace();
        Self {
            all: words().any(|word| word == "*"),
            people: words().filter_map(|word| word.parse().ok()).collect(),
        }
    }
}

/// As clients see it: public ids, [`EVERYBODY`] for all.
impl Serialize for Mentions {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut ids = serializer.serialize_seq(None)?;
        if self.all {
            ids.serialize_element(EVERYBODY)?;
        }
        for id in &self.people {
            ids.serialize_element(id)?;
        }
        ids.end()
    }
}

/// From the same.
impl<'de> Deserialize<'de> for Mentions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut mentions = Self::default();
        for id in Vec::<String>::deserialize(deserializer)? {
            if id == EVERYBODY {
                mentions.all = true;
            } else {
                mentions.people.push(id.parse().map_err(D::Error::custom)?);
            }
        }
        Ok(mentions)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_store_keeps_says_the_same() {
        for (all, people) in [
            (false, vec![]),
            (true, vec![PersonId::User(1)]),
            (false, vec![PersonId::User(1), PersonId::Visitor(2)]),
        ] {
            let mentions = Mentions { all, people };
            assert_eq!(Mentions::from_text(&mentions.to_text()), mentions);
        }
    }
}
