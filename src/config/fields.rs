//! Which settings there are, asked of the structs themselves.
//!
//! Owns the list of names and the guess at what a misspelt one meant. Never reads a value.
//! Serde tells a format the fields of a struct before any value is read; listening for that
//! keeps a second list of names, which would grow stale, out of the program.

use serde::de::value::Error;
use serde::de::{Deserialize, Deserializer, Error as _, Visitor};
use serde::forward_to_deserialize_any;

use super::bots::{Bots, Hooks};
use super::cluster::Cluster;
use super::embed::Embed;
use super::geo::Geo;
use super::sections::{Accounts, Chat, Heartbeat, Limits, Rooms, Server, Session, Storage};
use super::site::Site;
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
pub fn catalog() -> [(&'static str, &'static [&'static str]); 15] {
    [
        ("server", of::<Server>()),
        ("storage", of::<Storage>()),
        ("cluster", of::<Cluster>()),
        ("session", of::<Session>()),
        ("accounts", of::<Accounts>()),
        ("site", of::<Site>()),
        ("chat", of::<Chat>()),
        ("rooms", of::<Rooms>()),
        ("uploads", of::<Uploads>()),
        ("heartbeat", of::<Heartbeat>()),
        ("limits", of::<Limits>()),
        ("embed", of::<Embed>()),
        ("bots", of::<Bots>()),
        ("hooks", of::<Hooks>()),
        ("geo", of::<Geo>()),
    ]
}

/// The sections that have a setting of exactly this name, as `[a] or [b]`.
pub fn homes_of(key: &str) -> Option<String> {
    let sections = catalog().into_iter();
    let homes = sections.filter(|(_, keys)| keys.contains(&key));
    let homes: Vec<String> = homes.map(|(section, _)| format!("[{section}]")).collect();
    (!homes.is_empty()).then(|| homes.join(" or "))
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
    fn every_section_that_has_a_setting_is_named() {
        for (section, keys) in catalog() {
            for key in keys {
                let homes = homes_of(key).unwrap();
                assert!(homes.contains(&format!("[{section}]")), "{key}: {homes}");
            }
        }
        assert_eq!(homes_of("history").as_deref(), Some("[chat]"));
        assert_eq!(homes_of("name").as_deref(), Some("[site] or [chat]"));
        assert_eq!(homes_of("colour"), None);
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
