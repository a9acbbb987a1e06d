//! The bytes of files: where they lie, how they come in, and how they become files that can be sent.
//!
//! What is known of a file is the store's ([`crate::store::files`]); bytes without a row are nobody's. Bounds:
//! those of [`incoming`] and [`inspect`].

mod blank;
#[cfg(feature = "s3")]
mod bucket;
pub mod check;
pub mod crashes;
pub mod depot;
pub mod entry;
pub mod incoming;
pub mod inspect;
pub mod pace;
mod piece_writer;
pub mod place;
pub mod posters;
pub mod reading;
mod remote;

use std::sync::Arc;

use tokio::sync::Notify;

use crate::config::Config;
use crate::look::{Limits, Looks};
use crate::store::Store;
use crashes::Crashes;
use depot::Depot;
use incoming::Incoming;
use pace::Pace;
use posters::Posters;

/// The files of a server.
#[derive(Debug)]
pub struct Files {
    /// Where they lie.
    pub depot: Arc<Depot>,
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
    /// The files in a depot.
    #[must_use]
    pub fn new(config: &Config, store: &Store, depot: Depot) -> Self {
        let depot = Arc::new(depot);
        let whole = Arc::new(Notify::new());
        let incoming = Incoming::new(Arc::clone(&depot), store.clone(), Arc::clone(&whole));
        Self {
            depot,
            incoming: Arc::new(incoming),
            looks: Looks::new(config.uploads.decoders, Limits::of(&config.uploads)),
            posters: Posters::default(),
            crashes: Crashes::default(),
            pace: Pace::new(config.uploads.speed.bytes()),
            whole,
            changed: Notify::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            let _depot = Depot::open(&config).unwrap();
            assert_eq!(data.path().join("files").exists(), stays, "{url}");
        }
    }
}
