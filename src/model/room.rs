//! What a room is: its kind, and what its owner has settled.
//!
//! Bounds: [`NAME_CHARS`], [`TOPIC_CHARS`], [`NOTICE_CHARS`], [`SLOWEST`].

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::text::{content, name};

/// Ids of rooms are drawn from these: they say nothing about how many there are, and are whole
/// numbers in every language.
pub const IDS: std::ops::Range<i64> = 1 << 40..1 << 52;

/// The longest name, in characters: it stands in a heading and in a list.
pub const NAME_CHARS: usize = 40;

/// The longest topic, in characters: one line under the name.
pub const TOPIC_CHARS: usize = 200;

/// The longest notice, in characters: a page that is read on entry.
pub const NOTICE_CHARS: usize = 2_000;

/// The slowest slow mode, in seconds.
pub const SLOWEST: u32 = 6 * 60 * 60;

/// The kinds of room; each has its own rules of access.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = RoomKind)]
pub enum RoomKind {
    /// The room that everybody is in.
    Lobby,
    /// Everybody may find and join it.
    Public,
    /// By invitation only.
    Private,
    /// A few people among themselves; nobody joins or leaves.
    Direct,
}

impl RoomKind {
    /// All kinds, in the order of their codes.
    pub const ALL: [Self; 4] = [Self::Lobby, Self::Public, Self::Private, Self::Direct];

    /// The kind's number in the store.
    #[must_use]
    pub fn code(self) -> i64 {
        match self {
            Self::Lobby => 0,
            Self::Public => 1,
            Self::Private => 2,
            Self::Direct => 3,
        }
    }

    /// The kind of a number.
    #[must_use]
    pub fn from_code(code: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// Its name in the protocol.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Lobby => "lobby",
            Self::Public => "public",
            Self::Private => "private",
            Self::Direct => "direct",
        }
    }
}

/// What can be settled about a room.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
#[schema(as = Settings)]
pub struct RoomSettings {
    /// The name; empty for direct rooms, and for a lobby that has the server's.
    pub name: String,
    /// One line under the name.
    pub topic: String,
    /// The notice: shown to whoever opens the room.
    pub notice: String,
    /// Only owner and admins may write: an announcement room.
    pub read_only: bool,
    /// For now only owner and admins may write.
    pub mute_all: bool,
    /// Seconds between two messages of one member, 0 = none.
    pub slow: u32,
    /// Whether it is archived: nothing in it changes any more.
    pub archived: bool,
    /// Whether people of the site that this server is part of come into this private room by the site's word.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub open_to_site: bool,
}

/// The settings that a person wants to change; `None` = as they are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(default)]
#[schema(as = SettingsPatch)]
pub struct RoomPatch {
    /// The new name.
    pub name: Option<String>,
    /// The new topic.
    pub topic: Option<String>,
    /// The new notice.
    pub notice: Option<String>,
    /// Whether only owner and admins may write: an announcement room.
    pub read_only: Option<bool>,
    /// Whether only owner and admins may write for now.
    pub mute_all: Option<bool>,
    /// Slow mode: seconds between two messages of one member, 0 = none.
    pub slow: Option<u32>,
    /// Whether the room is archived.
    pub archived: Option<bool>,
    /// Whether people of the site come into this private room by the site's word. Its owner says so.
    pub open_to_site: Option<bool>,
}

impl RoomPatch {
    /// The same with texts as they will be shown.
    ///
    /// # Errors
    /// [`Error::BadRoomName`], [`Error::TooLong`], [`Error::BadData`] for a slow mode slower than
    /// [`SLOWEST`].
    pub fn checked(self) -> Result<Self, Error> {
        if self.slow.is_some_and(|slow| slow > SLOWEST) {
            return Err(Error::BadData);
        }
        Ok(Self {
            name: self.name.map(|given| room_name(&given)).transpose()?,
            topic: self
                .topic
                .map(|given| words(&one_line(&given), TOPIC_CHARS))
                .transpose()?,
            notice: self
                .notice
                .map(|given| words(&given, NOTICE_CHARS))
                .transpose()?,
            ..self
        })
    }

    /// Whether it only archives or takes back out of the archive.
    #[must_use]
    pub fn is_archiving(&self) -> bool {
        let archiving = Self {
            archived: self.archived,
            ..Self::default()
        };
        self.archived.is_some() && *self == archiving
    }
}

impl RoomSettings {
    /// The settings after `patch`.
    #[must_use]
    pub fn with(&self, patch: RoomPatch) -> Self {
        Self {
            name: patch.name.unwrap_or_else(|| self.name.clone()),
            topic: patch.topic.unwrap_or_else(|| self.topic.clone()),
            notice: patch.notice.unwrap_or_else(|| self.notice.clone()),
            read_only: patch.read_only.unwrap_or(self.read_only),
            mute_all: patch.mute_all.unwrap_or(self.mute_all),
            slow: patch.slow.unwrap_or(self.slow),
            archived: patch.archived.unwrap_or(self.archived),
            open_to_site: patch.open_to_site.unwrap_or(self.open_to_site),
        }
    }
}

/// A room's name as it will be shown.
///
/// # Errors
/// [`Error::BadRoomName`].
pub fn room_name(given: &str) -> Result<String, Error> {
    name::tidy_to(given, NAME_CHARS).ok_or(Error::BadRoomName)
}

fn one_line(given: &str) -> String {
    given.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A text that may be empty.
fn words(given: &str, limit: usize) -> Result<String, Error> {
    match content::accept(given, limit) {
        Err(Error::Empty) => Ok(String::new()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patch_changes_what_it_names_and_nothing_else() {
        let before = RoomSettings {
            name: "Tea".into(),
            slow: 10,
            ..RoomSettings::default()
        };
        let patch = RoomPatch {
            topic: Some(" all \n day ".into()),
            slow: Some(0),
            ..RoomPatch::default()
        };
        let after = before.with(patch.checked().unwrap());
        let expected = RoomSettings {
            name: "Tea".into(),
            topic: "all day".into(),
            ..RoomSettings::default()
        };
        assert_eq!(after, expected);
        assert_eq!(before.with(RoomPatch::default()), before);
    }

    #[test]
    fn what_cannot_be_shown_is_no_name_of_a_room() {
        for bad in ["", "  ", "\u{202e}\u{200b}", "!!!", &"长".repeat(41)] {
            assert_eq!(room_name(bad), Err(Error::BadRoomName), "{bad:?}");
        }
        assert_eq!(room_name(" 周末\u{202e} 徒步 ").unwrap(), "周末 徒步");
        let slow = RoomPatch {
            slow: Some(SLOWEST + 1),
            ..RoomPatch::default()
        };
        assert_eq!(slow.checked(), Err(Error::BadData));
        let long = RoomPatch {
            topic: Some("x".repeat(TOPIC_CHARS + 1)),
            ..RoomPatch::default()
        };
        assert!(matches!(long.checked(), Err(Error::TooLong { .. })));
    }
}
