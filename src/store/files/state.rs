//! What a file is at, from its first byte to its end.

/// Where a file is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileState {
    /// Its bytes come.
    Receiving,
    /// All bytes are here, and are looked at.
    Working,
    /// It can be sent.
    Ready,
    /// It is part of a message.
    Attached,
    /// Nobody gets it any more, and its bytes are about to go. One that was taken out of its message is
    /// [`Self::Gone`] then.
    Doomed,
    /// It was not sent in time; its bytes are gone.
    Expired,
    /// It was looked at, and cannot be sent.
    Refused,
    /// It is part of a message, and older than files are kept: its bytes are gone.
    Removed,
    /// It was taken out of its message, which shows where it was: its bytes are gone.
    Gone,
}

impl FileState {
    const ALL: [(Self, i64, &'static str); 9] = [
        (Self::Receiving, 0, "receiving"),
        (Self::Working, 1, "working"),
        (Self::Ready, 2, "ready"),
        (Self::Attached, 3, "attached"),
        (Self::Doomed, 4, "doomed"),
        (Self::Expired, 5, "expired"),
        (Self::Refused, 6, "refused"),
        (Self::Removed, 7, "removed"),
        (Self::Gone, 8, "gone"),
    ];

    /// Its number in the store: never another's, since rows outlive programs. The statements of
    /// [`super`] have them as they are.
    #[must_use]
    pub fn code(self) -> i64 {
        let mut all = Self::ALL.into_iter();
        all.find_map(|(state, code, _)| (state == self).then_some(code))
            .unwrap_or_default()
    }

    /// The state with this number.
    #[must_use]
    pub fn from_code(code: i64) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find_map(|(state, each, _)| (each == code).then_some(state))
    }

    /// Its name in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        let mut all = Self::ALL.into_iter();
        all.find_map(|(state, _, name)| (state == self).then_some(name))
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_state_keeps_its_number_and_comes_back_from_it() {
        for (place, (state, code, name)) in (0..).zip(FileState::ALL) {
            assert_eq!(
                (state.code(), code),
                (place, place),
                "rows outlive programs"
            );
            assert_eq!(FileState::from_code(code), Some(state));
            assert_eq!(state.as_str(), name);
        }
        assert_eq!(FileState::from_code(99), None);
    }
}
