//! What the child is told to do: the words of its command line, written by the parent and read by `cli/`.

use std::ffi::OsString;

use clap::Args;

use crate::config::Uploads;
pub use crate::model::file::Wanted;

/// The command of the child.
pub const COMMAND: &str = "look";

/// Most bytes of a recording: five minutes of what a sound card gives, 16 bit at 48 kHz, have 29 MB.
pub const VOICE_BYTES: u64 = 30 * 1_024 * 1_024;

/// What is tried at all. More is no picture, but still a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Args)]
pub struct Limits {
    /// Most pixels of a picture.
    #[arg(long)]
    pub pixels: u64,
    /// Most bytes of a picture.
    #[arg(long)]
    pub bytes: u64,
    /// Longest voice, in seconds.
    #[arg(long)]
    pub seconds: u64,
}

impl Limits {
    /// Those of a server.
    #[must_use]
    pub fn of(settings: &Uploads) -> Self {
        Self {
            pixels: settings.picture_pixels,
            bytes: settings.picture_bytes.bytes(),
            seconds: settings.voice_length.as_millis() / 1_000,
        }
    }
}

fn read_wanted(word: &str) -> Result<Wanted, &'static str> {
    Wanted::from_word(word).ok_or("a word that nobody says")
}

/// One look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Args)]
pub struct Order {
    /// What the file is wanted as.
    #[arg(value_parser = read_wanted)]
    pub wanted: Wanted,
    /// Whether a picture is kept as large as it is.
    #[arg(long)]
    pub full: bool,
    /// What is tried.
    #[command(flatten)]
    pub limits: Limits,
}

impl Order {
    /// The command line that says this.
    pub(super) fn words(&self) -> Vec<OsString> {
        let pixels = format!("--pixels={}", self.limits.pixels);
        let bytes = format!("--bytes={}", self.limits.bytes);
        let seconds = format!("--seconds={}", self.limits.seconds);
        let mut words = vec![
            COMMAND.to_owned(),
            self.wanted.as_str().to_owned(),
            pixels,
            bytes,
            seconds,
        ];
        if self.full {
            words.push("--full".to_owned());
        }
        words.into_iter().map(Into::into).collect()
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Read {
        #[command(flatten)]
        order: Order,
    }

    #[test]
    fn the_child_reads_what_the_parent_writes() {
        let all = [
            Wanted::Any,
            Wanted::Picture,
            Wanted::File,
            Wanted::Voice,
            Wanted::Poster,
        ];
        for wanted in all {
            for full in [false, true] {
                let limits = Limits {
                    pixels: u64::MAX,
                    bytes: 0,
                    seconds: 300,
                };
                let order = Order {
                    wanted,
                    full,
                    limits,
                };
                let read = Read::parse_from(order.words());
                assert_eq!(read.order, order);
            }
        }
    }
}
