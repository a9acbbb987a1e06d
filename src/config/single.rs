//! One setting at a time: whether its section would take it, from TOML or from plain text.
//!
//! Owns the reading of an environment variable's text. Never knows places or advice. Bounded
//! by the readers in `values`, which every value goes through.

use std::borrow::Cow;

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue, Deserializer};

/// The name of a setting and where it stands.
pub type Key<'i> = Spanned<Cow<'i, str>>;
/// A value and where it stands.
pub type Value<'i> = Spanned<DeValue<'i>>;

/// Whether section `T` takes `value` for `key`; the error says what it must be.
pub fn check<T: DeserializeOwned>(key: &Key<'_>, value: &Value<'_>) -> Result<(), String> {
    let mut table = DeTable::new();
    table.insert(key.clone(), value.clone());
    all::<T>(table).map(drop)
}

/// The section that holds the values of `table` and defaults for the rest.
pub fn all<T: DeserializeOwned>(table: DeTable<'_>) -> Result<T, String> {
    let table = Spanned::new(0..0, table);
    T::deserialize(Deserializer::from(table)).map_err(|error| match error.message() {
        ours if ours.starts_with("must ") => ours.to_owned(),
        toml => format!("cannot be read: {toml}"),
    })
}

/// The value of an environment variable: TOML if the setting takes that, else plain text; for
/// a list, text with commas is as good as TOML.
pub fn from_text<'i, T: DeserializeOwned>(
    name: &'static str,
    text: &'i str,
) -> Result<(Key<'i>, Value<'i>), String> {
    if text.contains(char::REPLACEMENT_CHARACTER) {
        return Err("must be UTF-8 text".to_owned());
    }
    let key: Key<'i> = Spanned::new(0..0, Cow::Borrowed(name));
    let takes_lists = check::<T>(&key, &unplaced(DeValue::Array(DeArray::new()))).is_ok();
    let plain = if takes_lists {
        split(text)
    } else {
        plain_text(text)
    };
    let toml = DeValue::parse(text.trim()).ok();
    match toml.filter(|value| value.get_ref().is_array() == takes_lists) {
        // A list in brackets is meant as one: plain text would only blur what is wrong in it.
        Some(value) if takes_lists || check::<T>(&key, &value).is_ok() => {
            check::<T>(&key, &value).map(|()| (key, value))
        }
        _ => check::<T>(&key, &plain).map(|()| (key, plain)),
    }
}

fn plain_text(text: &str) -> Value<'_> {
    unplaced(DeValue::String(Cow::Borrowed(text)))
}

fn split(text: &str) -> Value<'_> {
    let entries = text
        .split(',')
        .map(str::trim)
        .filter(|entry| !entry.is_empty());
    unplaced(DeValue::Array(entries.map(plain_text).collect()))
}

fn unplaced(value: DeValue<'_>) -> Value<'_> {
    Spanned::new(0..0, value)
}
