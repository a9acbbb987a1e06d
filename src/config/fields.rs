//! Which settings there are, asked of the structs themselves.
//!
//! Owns the list of names and the guess at what a misspelt one meant. Never reads a value.
//! Serde tells a format the fields of a struct before any value is read; listening for that
//! keeps a second list of names, which would grow stale, out of the program.

use serde::de::value::Error;
use serde::de::{Deserialize, Deserializer, Error as _, Visitor};
use serde::forward_to_deserialize_any;

use super::cluster::Cluster;
use super::embed::Embed;
use super::sections::{Accounts, Chat, Geo, Heartbeat, Limits, Rooms, Server, Session, Storage};
use super::uploads::Uploads;

/// A name whose spelling differs in more than a third of its letters is another name.
const LETTERS_PER_MISTAKE: usize = 3;

/// The names of a struct's fields, in the order of the source.
pub fn of<T: for<'de> Deserialize<'de>>() -> &'static [&'static str] {
    let mut fields: &[&str] = &[];
    // The listener has no value to give, so this always ends in an error, after it has heard.
    let _ = T::deserialize(Listener(&mut fields));
    fields
}

/// Every section with its settings.
pub fn catalog() -> [(&'static str, &'static [&'static str]); 12] {
    [
        ("server", of::<Server>()),
        ("storage", of::<Storage>()),
        ("cluster", of::<Cluster>()),
        ("session", of::<Session>()),
        ("accounts", of::<Accounts>()),
        ("chat", of::<Chat>()),
        ("rooms", of::<Rooms>()),
        ("uploads", of::<Uploads>()),
        ("heartbeat", of::<Heartbeat>()),
        ("limits", of::<Limits>()),
        ("embed", of::<Embed>()),
        ("geo", of::<Geo>()),
    ]
}

/// The section that has a setting of exactly this name.
pub fn home_of(key: &str) -> Option<&'static str> {
    let mut sections = catalog().into_iter();
    sections.find_map(|(section, keys)| keys.contains(&key).then_some(section))
}

/// The name that `written` was probably meant to be.
pub fn nearest<'a>(written: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    names
        .map(|name| (strsim::damerau_levenshtein(written, name), name))
        .filter(|(mistakes, name)| *mistakes <= 1.max(name.chars().count() / LETTERS_PER_MISTAKE))
        .min_by_key(|(mistakes, _)| *mistakes)
        .map(|(_, name)| name)
}

/// Hears which fields a struct asks for.
struct Listener<'a>(&'a mut &'static [&'static str]);

impl<'de> Deserializer<'de> for Listener<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, Error> {
        Err(Error::custom("only the names were asked for"))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        *self.0 = fields;
        self.deserialize_any(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        option unit unit_struct newtype_struct seq tuple tuple_struct map enum identifier
        ignored_any
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn the_catalog_has_every_section_of_the_configuration_in_order() {
        let sections: Vec<&str> = catalog().iter().map(|(section, _)| *section).collect();
        assert_eq!(sections, of::<Config>());
        assert!(catalog().iter().all(|(_, keys)| !keys.is_empty()));
    }

    #[test]
    fn no_setting_is_in_two_sections_so_that_advice_is_unambiguous() {
        let mut seen = std::collections::BTreeSet::new();
        for (section, keys) in catalog() {
            for key in keys {
                assert!(seen.insert(*key), "[{section}] {key}");
                assert_eq!(home_of(key), Some(section));
            }
        }
    }

    #[test]
    fn slips_of_the_finger_are_understood_and_other_words_are_not() {
        let names = || of::<Server>().iter().copied();
        assert_eq!(nearest("bimd", names()), Some("bind"));
        assert_eq!(nearest("bidn", names()), Some("bind"));
        assert_eq!(nearest("trusted_proxy", names()), Some("trusted_proxies"));
        assert_eq!(nearest("worker", names()), Some("workers"));
        assert_eq!(nearest("colour", names()), None);
        assert_eq!(nearest("", names()), None);
    }
}
