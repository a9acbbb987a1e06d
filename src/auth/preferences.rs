//! A person's preferences: kept with their account, or in a visitor's cookie session.
//!
//! Owns shapes and defaults. Does not know where they are kept. Bounded: every field is an enum, a
//! flag or a time of day.

use serde::{Deserialize, Deserializer, Serialize};

use crate::text::catalog::Lang;

/// Minutes of a day.
const DAY: u16 = 24 * 60;

/// Everything that a person may choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct Preferences {
    /// The language of the page, `None` = the browser's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lang: Option<Lang>,
    /// The colours of the page, `None` = the system's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub theme: Option<Theme>,
    /// How times of day are written.
    pub clock: Clock,
    /// Whether notifications play a sound.
    pub sound: bool,
    /// Which messages notify.
    pub notify: Level,
    /// Quiet hours without notifications, in the person's local time; `None` = never quiet.
    pub quiet: Option<Quiet>,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            lang: None,
            theme: None,
            clock: Clock::Auto,
            sound: true,
            notify: Level::Mentions,
            quiet: None,
        }
    }
}

impl Preferences {
    /// Preferences from their stored JSON; what cannot be read (any more) is at its default.
    #[must_use]
    pub fn kept(json: &str) -> Self {
        serde_json::from_str(json).unwrap_or_default()
    }

    /// These preferences with the given changes.
    #[must_use]
    pub fn with(mut self, patch: PreferencesPatch) -> Self {
        self.lang = patch.lang.or(self.lang);
        self.theme = patch.theme.or(self.theme);
        self.clock = patch.clock.unwrap_or(self.clock);
        self.sound = patch.sound.unwrap_or(self.sound);
        self.notify = patch.notify.unwrap_or(self.notify);
        self.quiet = patch.quiet.unwrap_or(self.quiet);
        self
    }
}

/// Changes of [`Preferences`]; absent fields stay.
#[derive(Debug, Clone, Copy, Default, Deserialize, utoipa::ToSchema)]
#[schema(as = PreferencesPatch)]
pub struct PreferencesPatch {
    lang: Option<Lang>,
    theme: Option<Theme>,
    clock: Option<Clock>,
    sound: Option<bool>,
    notify: Option<Level>,
    /// `null` is a change too: no quiet hours.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Quiet>)]
    quiet: Option<Option<Quiet>>,
}

fn given<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Option<Quiet>>, D::Error> {
    Option::<Quiet>::deserialize(value).map(Some)
}

/// Colour theme of the page.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    /// As the system is set.
    #[default]
    Auto,
    /// Light colours.
    Light,
    /// Dark colours.
    Dark,
}

impl Theme {
    /// The name in templates and API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

/// 12- or 24-hour clock.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub enum Clock {
    /// As usual in the page's language.
    #[default]
    #[serde(rename = "auto")]
    Auto,
    /// 12 hours, a.m. and p.m.
    #[serde(rename = "12")]
    Twelve,
    /// 24 hours.
    #[serde(rename = "24")]
    TwentyFour,
}

/// Which messages notify.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = NewsLevel)]
pub enum Level {
    /// Every message.
    All,
    /// Messages that mention the person, and those in direct rooms.
    #[default]
    Mentions,
    /// No message.
    None,
}

/// A part of each day; past midnight when `to` is before `from`, the whole day when they are
/// equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Quiet {
    /// Start of the quiet hours.
    #[schema(value_type = String, example = "22:00")]
    pub from: TimeOfDay,
    /// End of the quiet hours.
    #[schema(value_type = String, example = "08:00")]
    pub to: TimeOfDay,
}

/// Minutes since midnight, written `HH:MM`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TimeOfDay(u16);

impl TryFrom<String> for TimeOfDay {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let number = |text: &str| {
            let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
            digits.then(|| text.parse::<u16>().ok()).flatten()
        };
        text.split_once(':')
            .and_then(|(hours, minutes)| Some((number(hours)?, number(minutes)?)))
            .filter(|(_, minutes)| *minutes < 60)
            .map(|(hours, minutes)| hours * 60 + minutes)
            .filter(|time| *time < DAY)
            .map(Self)
            .ok_or("not a time of day as HH:MM")
    }
}

impl From<TimeOfDay> for String {
    fn from(TimeOfDay(time): TimeOfDay) -> Self {
        format!("{:02}:{:02}", time / 60, time % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_was_kept_by_another_version_is_read_as_far_as_it_can_be() {
        let older = Preferences::kept(r#"{"theme":"dark"}"#);
        assert_eq!(older.theme, Some(Theme::Dark));
        assert!(older.sound && older.quiet.is_none() && older.notify == Level::Mentions);
        let newer = Preferences::kept(r#"{"clock":"12","tea":"green"}"#);
        assert_eq!(newer.clock, Clock::Twelve);
        assert_eq!(Preferences::kept("{"), Preferences::default());
    }

    #[test]
    fn a_wish_changes_what_it_names_and_nothing_else() {
        let patch = |value| serde_json::from_value::<PreferencesPatch>(value).unwrap();
        let quiet = json!({"quiet": {"from": "22:00", "to": "08:00"}, "sound": false});
        let first = Preferences::default().with(patch(quiet.clone()));
        assert_eq!(json!(first)["quiet"], quiet["quiet"]);
        assert_eq!(first.clone().with(patch(json!({}))), first);
        let second = first.with(patch(json!({"quiet": null})));
        assert!(second.quiet.is_none() && !second.sound);
    }

    #[test]
    fn a_time_of_day_is_four_digits_and_a_colon() {
        for (text, good) in [
            ("00:00", true),
            ("23:59", true),
            ("24:00", false),
            ("12:60", false),
            ("9:00", false),
            ("09:0", false),
            ("+9:00", false),
            ("09:00:00", false),
            ("٠٩:٠٠", false),
            ("", false),
        ] {
            let time = TimeOfDay::try_from(text.to_owned());
            assert_eq!(
                time.map(String::from).is_ok_and(|back| back == text),
                good,
                "{text}"
            );
        }
    }
}
