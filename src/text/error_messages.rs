//! The message of each [`Error`], in the reader's language.

use super::catalog::Lang;
use super::size;
use crate::error::Error;

impl Error {
    /// The message for whoever caused it, in their language: `error.<code>` of the tables.
    #[must_use]
    pub fn message(&self, lang: Lang) -> String {
        let key = format!("error.{}", self.code());
        let number = match self {
            Self::TooLong { limit }
            | Self::PasswordLong { limit }
            | Self::TooManyRooms { limit }
            | Self::RoomFull { limit }
            | Self::TooManyInvitations { limit }
            | Self::TooManyBots { limit }
            | Self::TooManyHooks { limit }
            | Self::TooManyReactions { limit }
            | Self::TooManyPins { limit }
            | Self::PictureTooBig { limit }
            | Self::TooManyUploads { limit }
            | Self::TooManyTokens { limit }
            | Self::TooManyFiles { limit } => limit.to_string(),
            Self::FileTooBig { limit } | Self::QuotaFull { limit } => size::in_words(*limit),
            Self::VoiceTooLong { limit } => minutes(*limit),
            Self::PasswordShort { least } => least.to_string(),
            _ => self.retry_after().unwrap_or_default().to_string(),
        };
        lang.with(&key, &[("n", &number)])
    }
}

/// So many seconds, as a player shows them: `5:00`.
fn minutes(seconds: u64) -> String {
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_of_a_voice_is_told_as_a_player_does() {
        let words = Error::VoiceTooLong { limit: 65 }.message(Lang::En);
        assert!(words.contains("1:05"), "{words}");
    }

    #[test]
    fn whoever_may_try_again_is_told_when() {
        for error in Error::examples() {
            let Some(wait) = error.retry_after() else {
                continue;
            };
            for (lang, when) in [
                (Lang::En, [format!("in {wait} s"), "later".to_owned()]),
                (Lang::Zh, [format!("{wait} 秒后"), "稍后".to_owned()]),
            ] {
                let words = error.message(lang);
                assert!(when.iter().any(|when| words.contains(when)), "{words}");
            }
        }
    }
}
