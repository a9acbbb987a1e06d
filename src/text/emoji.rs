//! The emoji that the server offers: what they are, and their names in both languages.
//!
//! Emoji, their groups, English names and shortcodes are Unicode's and CLDR's, by the `emojis`
//! crate; Chinese names are the table in `locales/emoji.zh.toml`, where only flags of regions may be
//! missing: those the page names itself.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use emojis::{Emoji, EmojiVersion, Group, SkinTone};
use serde::Serialize;

/// The newest emoji that are offered: what came later is an empty box on systems of last year.
const NEWEST: EmojiVersion = EmojiVersion::new(15, 1);

static CHINESE: LazyLock<BTreeMap<&'static str, String>> =
    LazyLock::new(|| chinese(include_str!("../../locales/emoji.zh.toml")));

/// An emoji as it is offered; a list in JSON, as there are almost two thousand of them.
#[derive(Debug, Serialize)]
pub struct Offer(
    /// As Unicode recommends to write it.
    pub &'static str,
    /// Its English name; empty where its first shortcode says the same.
    pub &'static str,
    /// Its shortcodes, with blanks between them.
    pub String,
    /// Its Chinese name and other words to find it by, with blanks between them; may be empty.
    pub &'static str,
    /// The same with light skin, where it has skin: each light tone in it stands for any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub Option<&'static str>,
);

/// All of them, in Unicode's groups and in its order.
#[must_use]
pub fn offers() -> Vec<Vec<Offer>> {
    let of = |group: Group| {
        let known = group
            .emojis()
            .filter(|emoji| emoji.emoji_version() <= NEWEST);
        known.map(offer).collect()
    };
    Group::iter().map(of).collect()
}

fn offer(emoji: &'static Emoji) -> Offer {
    let light = emoji.with_skin_tone(SkinTone::Light);
    let spelt = emoji.shortcode().map(|code| code.replace('_', " "));
    let named = spelt.is_none_or(|words| words != emoji.name());
    Offer(
        emoji.as_str(),
        if named { emoji.name() } else { "" },
        emoji.shortcodes().collect::<Vec<_>>().join(" "),
        CHINESE.get(emoji.as_str()).map_or("", String::as_str),
        light.map(Emoji::as_str),
    )
}

/// Reads the table; what is no emoji in it is left out, which the tests do not miss.
fn chinese(source: &str) -> BTreeMap<&'static str, String> {
    let table: BTreeMap<String, String> = toml::from_str(source).unwrap_or_default();
    let known = |(emoji, words): (String, String)| Some((emojis::get(&emoji)?.as_str(), words));
    table.into_iter().filter_map(known).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_line_of_the_chinese_table_names_an_emoji_that_is_offered() {
        let source = include_str!("../../locales/emoji.zh.toml");
        let table: BTreeMap<String, String> = toml::from_str(source).unwrap();
        assert!(table.len() > 400, "{}", table.len());
        let offers = offers();
        let offered: BTreeSet<_> = offers.iter().flatten().map(|offer| offer.0).collect();
        for (emoji, words) in table {
            assert!(offered.contains(emoji.as_str()), "{emoji} {words}");
            let mut all: Vec<_> = words.split(' ').collect();
            let count = all.len();
            all.sort_unstable();
            all.dedup();
            assert!(all.len() == count && !all.contains(&""), "{emoji} {words}");
        }
    }

    #[test]
    fn every_emoji_but_flags_of_regions_has_a_chinese_name() {
        let is_region = |emoji: &str| emoji.chars().all(|c| matches!(c, '🇦'..='🇿'));
        let offers = offers();
        let nameless = offers.iter().flatten();
        let nameless = nameless.filter(|offer| offer.3.is_empty() && !is_region(offer.0));
        let nameless: Vec<_> = nameless.map(|offer| (offer.0, offer.1)).collect();
        assert!(nameless.is_empty(), "{nameless:?}");
    }

    #[test]
    fn any_skin_tone_is_the_light_one_replaced() {
        let tones = [
            (SkinTone::Light, "🏻"),
            (SkinTone::MediumLight, "🏼"),
            (SkinTone::Medium, "🏽"),
            (SkinTone::MediumDark, "🏾"),
            (SkinTone::Dark, "🏿"),
        ];
        let mut count = 0;
        for Offer(plain, .., light) in offers().iter().flatten() {
            let Some(light) = light else { continue };
            count += 1;
            for (tone, sign) in tones {
                let toned = emojis::get(plain).unwrap().with_skin_tone(tone).unwrap();
                assert_eq!(toned.as_str(), light.replace("🏻", sign), "{plain}");
            }
        }
        assert!(count > 250, "{count}");
    }

    #[test]
    fn every_group_has_some_and_none_is_there_twice() {
        let offers = offers();
        assert_eq!(offers.len(), 9);
        assert!(offers.iter().all(|group| group.len() > 50));
        let all: BTreeSet<_> = offers.iter().flatten().map(|offer| offer.0).collect();
        assert_eq!(all.len(), offers.iter().map(Vec::len).sum::<usize>());
    }
}
