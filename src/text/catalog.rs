//! The two languages of the server.
//!
//! Owns the choice of a language and the tables in `locales/`, one file per language, read once
//! from the binary. The page's own strings are the keys below `page.`; the page gets them with
//! its first document. A key that is missing shows as itself, and a test finds it first.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

/// Flat table: `section.key` to text.
type Table = BTreeMap<String, String>;

static ZH: LazyLock<Table> = LazyLock::new(|| flatten(include_str!("../../locales/zh.toml")));
static EN: LazyLock<Table> = LazyLock::new(|| flatten(include_str!("../../locales/en.toml")));

/// Places, which the databases name in Chinese, in English. A broken file is an empty table, too.
static PLACES_EN: LazyLock<Table> = LazyLock::new(|| {
    toml::from_str(include_str!("../../locales/places.en.toml")).unwrap_or_default()
});

/// The location of an address that only a local network knows.
pub const PRIVATE_PLACE: &str = "内网IP";

/// A language that the server speaks.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// Chinese, the server's default.
    #[default]
    Zh,
    /// English, the other one.
    En,
}

impl Lang {
    /// Both languages.
    pub const ALL: [Self; 2] = [Self::Zh, Self::En];

    /// The short name kept in the session and used in the API.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Zh => "zh",
            Self::En => "en",
        }
    }

    /// The BCP 47 tag for `<html lang>`.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::Zh => "zh-CN",
            Self::En => "en",
        }
    }

    /// The language for a short name.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|lang| lang.code() == code)
    }

    /// The language that an `Accept-Language` header likes best (RFC 9110 §12.5.4): English for
    /// a reader of neither language, Chinese when nothing was said.
    #[must_use]
    pub fn from_accept(header: Option<&str>) -> Self {
        let Some(header) = header.filter(|header| !header.trim().is_empty()) else {
            return Self::Zh;
        };
        let mut best = (0.0, Self::En);
        for range in header.split(',') {
            let mut parts = range.split(';');
            let tag = parts.next().unwrap_or_default().trim();
            let weight = parts
                .find_map(|part| part.trim().strip_prefix("q="))
                .map_or(Ok(1.0), str::parse::<f32>)
                .unwrap_or(0.0);
            let primary = tag.split('-').next().unwrap_or_default();
            let Some(lang) = Self::from_code(&primary.to_ascii_lowercase()) else {
                continue;
            };
            if weight > best.0 {
                best = (weight, lang);
            }
        }
        best.1
    }

    fn table(self) -> &'static Table {
        match self {
            Self::Zh => &ZH,
            Self::En => &EN,
        }
    }

    /// The text of `key`, or the key itself where the table has none.
    #[must_use]
    pub fn get(self, key: &str) -> &str {
        self.table().get(key).map_or(key, String::as_str)
    }

    /// The text of `key` with `{name}` replaced for each of `values`.
    #[must_use]
    pub fn with(self, key: &str, values: &[(&str, &str)]) -> String {
        let mut text = self.get(key).to_owned();
        for (name, value) in values {
            text = text.replace(&format!("{{{name}}}"), value);
        }
        text
    }

    /// What the operator has configured, or the text of `key` where they have configured nothing.
    #[must_use]
    pub fn given_or<'a>(self, given: &'a str, key: &'a str) -> &'a str {
        if given.is_empty() {
            self.get(key)
        } else {
            given
        }
    }

    /// A place as its reader knows it: addresses that are nowhere have words of their own here,
    /// the others are as the place database names them where there is no other word.
    #[must_use]
    pub fn place(self, place: &str) -> &str {
        if place == PRIVATE_PLACE {
            return self.get("page.private_network");
        }
        let named = self.places().and_then(|places| places.get(place));
        named.map_or(place, String::as_str)
    }

    /// The words for places, where they are not those of the place databases.
    #[must_use]
    pub fn places(self) -> Option<&'static BTreeMap<String, String>> {
        match self {
            Self::Zh => None,
            Self::En => Some(&PLACES_EN),
        }
    }

    /// The keys of one section, without its name.
    #[must_use]
    pub fn strings(self, section: &str) -> BTreeMap<&'static str, &'static str> {
        let of_section = |key: &'static str| key.strip_prefix(section)?.strip_prefix('.');
        self.table()
            .iter()
            .filter_map(|(key, text)| Some((of_section(key)?, text.as_str())))
            .collect()
    }

    /// Every key of this language's table.
    pub fn keys(self) -> impl Iterator<Item = &'static str> {
        self.table().keys().map(String::as_str)
    }
}

/// Reads a locale file; a broken one is an empty table, which the tests cannot miss.
fn flatten(source: &str) -> Table {
    let sections: BTreeMap<String, Table> = toml::from_str(source).unwrap_or_default();
    sections
        .into_iter()
        .flat_map(|(section, table)| {
            table
                .into_iter()
                .map(move |(key, text)| (format!("{section}.{key}"), text))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    #[test]
    fn both_languages_have_the_same_keys() {
        let (zh, en): (Vec<_>, Vec<_>) = (Lang::Zh.keys().collect(), Lang::En.keys().collect());
        assert!(!zh.is_empty());
        assert_eq!(zh, en);
    }

    #[test]
    fn both_languages_use_the_same_placeholders() {
        let holes = |text: &str| {
            let mut names: Vec<_> = text
                .split('{')
                .skip(1)
                .filter_map(|rest| rest.split('}').next().map(str::to_owned))
                .collect();
            // A plural form may name its number twice.
            names.sort();
            names.dedup();
            names
        };
        for key in Lang::Zh.keys() {
            assert_eq!(holes(Lang::Zh.get(key)), holes(Lang::En.get(key)), "{key}");
        }
    }

    #[test]
    fn every_refusal_has_words_in_both_languages() {
        for error in Error::examples() {
            for lang in Lang::ALL {
                let message = error.message(lang);
                assert!(!message.starts_with("error."), "{message} ({lang:?})");
                assert!(!message.contains('{'), "{message}");
            }
        }
    }

    #[test]
    fn places_are_named_as_the_reader_knows_them() {
        for (place, english) in [
            ("四川", "Sichuan"),
            ("内蒙古", "Inner Mongolia"),
            ("中国香港", "Hong Kong, China"),
            ("德国", "Germany"),
            (PRIVATE_PLACE, "local"),
            ("瓦努阿图", "瓦努阿图"),
            ("", ""),
        ] {
            assert_eq!(Lang::En.place(place), english);
            let chinese = Lang::Zh.place(place);
            assert!(chinese == place || place == PRIVATE_PLACE, "{chinese}");
        }
    }

    #[test]
    fn the_browser_chooses_the_language() {
        for (header, lang) in [
            (None, Lang::Zh),
            (Some(""), Lang::Zh),
            (Some("zh-CN,zh;q=0.9,en;q=0.8"), Lang::Zh),
            (Some("en-GB,en;q=0.9,zh;q=0.1"), Lang::En),
            (Some("zh;q=0.2, en;q=0.7"), Lang::En),
            (Some("fr-FR, fr"), Lang::En),
            (Some("zh;q=nonsense"), Lang::En),
            (Some("ZH-tw"), Lang::Zh),
        ] {
            assert_eq!(Lang::from_accept(header), lang, "{header:?}");
        }
    }
}
