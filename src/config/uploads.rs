//! The section `[uploads]`, as those of [`super::sections`].

use serde::Deserialize;

use super::period::{DAY, HOUR, MINUTE, Period, SECOND};
use super::sections::{MAX_DAYS, MAX_WORKERS};
use super::size::{GIB, MIB, Size, TIB};
use super::values;

/// A gallery, and as many rows as one message should draw.
const MAX_FILES: u64 = 20;
/// A film; uploads are streamed, so memory is not what bounds them.
const MAX_FILE: u64 = 100 * GIB;
/// More storage than one machine has.
const MAX_STORAGE: u64 = 1_000 * TIB;
/// A child of the server may have 512 MiB, which is less than four times as many pixels take.
const MAX_PIXELS: u64 = 50_000_000;
/// A hundred years, as of messages.
const MAX_KEPT: u64 = MAX_DAYS * DAY;
/// A voice that takes 29 MB as it is recorded, and 19 MB as it is kept.
const MAX_VOICE: u64 = 10 * MINUTE;
/// Long enough for a holiday without a network.
const MAX_UNSENT: u64 = 30 * DAY;

/// `[uploads]`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Uploads {
    /// Who may send files.
    pub who: Uploaders,
    /// Who may send voices.
    pub voice: Uploaders,
    /// Length of the longest voice.
    #[serde(deserialize_with = "values::period::<_, SECOND, MAX_VOICE>")]
    pub voice_length: Period,
    /// Size of the largest file.
    #[serde(deserialize_with = "values::size::<_, 1, MAX_FILE>")]
    pub file_bytes: Size,
    /// Size of the largest picture, before it is made smaller.
    #[serde(deserialize_with = "values::size::<_, 1, MAX_FILE>")]
    pub picture_bytes: Size,
    /// Pixels of the largest picture.
    #[serde(deserialize_with = "values::whole::<_, _, 1_000_000, MAX_PIXELS>")]
    pub picture_pixels: u64,
    /// Files in one message.
    #[serde(deserialize_with = "values::whole::<_, _, 1, MAX_FILES>")]
    pub files_per_message: usize,
    /// What the files of one person may take in all; 0 means no limit.
    #[serde(deserialize_with = "values::size::<_, 0, MAX_STORAGE>")]
    pub quota: Size,
    /// What all files may take; 0 means no limit.
    #[serde(deserialize_with = "values::size::<_, 0, MAX_STORAGE>")]
    pub total: Size,
    /// What uploads leave free on the disk.
    #[serde(deserialize_with = "values::size::<_, 0, MAX_STORAGE>")]
    pub spare: Size,
    /// How many bytes a second may come in, all uploads together; 0 means no limit.
    #[serde(deserialize_with = "values::size_or_none::<_, MIB, MAX_STORAGE>")]
    pub speed: Size,
    /// Pictures that are looked at at a time; 0 means half as many as there are cores.
    #[serde(deserialize_with = "values::whole::<_, _, 0, MAX_WORKERS>")]
    pub decoders: usize,
    /// How long a file is kept that is never sent.
    #[serde(deserialize_with = "values::period::<_, HOUR, MAX_UNSENT>")]
    pub unsent: Period,
    /// How long the files of messages are kept; 0 means as long as the messages.
    #[serde(deserialize_with = "values::period::<_, 0, MAX_KEPT>")]
    pub keep: Period,
    /// Endings of names that are refused, in lower case and without the dot.
    #[serde(deserialize_with = "values::endings")]
    pub refuse: Vec<String>,
}

/// Who may send files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Uploaders {
    /// Whoever may write.
    Everybody,
    /// Everybody with an account.
    #[default]
    Members,
    /// The server's admins and owners.
    Admins,
    /// Nobody.
    Nobody,
}

impl Default for Uploads {
    fn default() -> Uploads {
        Uploads {
            who: Uploaders::Members,
            voice: Uploaders::Everybody,
            voice_length: Period::from_millis(5 * MINUTE),
            file_bytes: Size::new(100 * MIB),
            picture_bytes: Size::new(25 * MIB),
            picture_pixels: 25_000_000,
            files_per_message: 10,
            quota: Size::new(2 * GIB),
            total: Size::default(),
            spare: Size::new(GIB),
            speed: Size::new(200 * MIB),
            decoders: 0,
            unsent: Period::from_millis(DAY),
            keep: Period::from_millis(0),
            refuse: Vec::new(),
        }
    }
}
