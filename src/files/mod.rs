//! The bytes of files: where they lie, how they come in, and how they become files that can be sent.
//!
//! What is known of a file is the store's ([`crate::store::files`]); bytes without a row are nobody's. Bounds:
//! those of [`incoming`] and [`inspect`].

mod blank;
pub mod check;
pub mod crashes;
pub mod incoming;
pub mod inspect;
pub mod pace;
mod piece_writer;
pub mod place;
pub mod posters;

use std::sync::Arc;

use tokio::sync::Notify;

use crate::config::Config;
use crate::look::{Limits, Looks};
use crate::store::Store;
use crashes::Crashes;
use incoming::Incoming;
use pace::Pace;
use place::FilePlace;
use posters::Posters;

/// The files of a server.
#[derive(Debug)]
pub struct Files {
    /// Where they lie.
    pub place: Arc<FilePlace>,
    /// How they come in.
    pub incoming: Arc<Incoming>,
    /// How they are looked at.
    pub looks: Looks,
    /// What puts posters in their places.
    pub posters: Posters,
    /// Whose have ended the children that looked at them.
    pub crashes: Crashes,
    /// How fast they may come in.
    pub pace: Pace,
    /// Told when an upload is whole, and is to be looked at.
    pub whole: Arc<Notify>,
    /// Told, all who wait, when a file can be sent or was refused.
    pub changed: Notify,
}

impl Files {
    /// Opens the directory of files.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn open(config: &Config, store: &Store) -> anyhow::Result<Self> {
        let place = match config.is_in_memory() {
            true => FilePlace::temporary()?,
            false => FilePlace::open(&config.server.data)?,
        };
        let place = Arc::new(place);
        let whole = Arc::new(Notify::new());
        let incoming = Incoming::new(Arc::clone(&place), store.clone(), Arc::clone(&whole));
        Ok(Self {
            place,
            incoming: Arc::new(incoming),
            looks: Looks::new(config.uploads.decoders, Limits::of(&config.uploads)),
            posters: Posters::default(),
            crashes: Crashes::default(),
            pace: Pace::new(config.uploads.speed.bytes()),
            whole,
            changed: Notify::new(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Place, writer};

    #[test]
    fn files_stay_wherever_their_rows_do() {
        for (url, stays) in [
            ("memory:", false),
            ("", true),
            ("postgres://tea@db/house", true),
        ] {
            let data = tempfile::tempdir().unwrap();
            let mut config = Config::default();
            config.server.data = data.path().to_owned();
            config.storage.url = url.to_owned();
            let store = Store::start(&Place::Memory, writer::channel(false).0).unwrap();
            let _files = Files::open(&config, &store).unwrap();
            assert_eq!(data.path().join("files").exists(), stays, "{url}");
        }
    }
}
