//! A voice message as the page shows it: a button, bars that say how loud it is where, and how long it
//! is. `static/js/timeline/voice-row.js` draws the same.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::model::file::File;
use crate::text::catalog::Lang;

/// Peaks of the waveform that a bar shows the loudest of: all of them would run into each other on a phone.
const PEAKS_OF_BAR: usize = 2;

/// From one bar to the next, and half the height of the loudest one, in the units of the drawing's box,
/// which is 192 wide and 32 high.
const STEP: usize = 6;
const HIGH: usize = 14;

/// A voice.
#[derive(Debug, Default)]
pub(super) struct Voice {
    pub id: String,
    /// Its length.
    pub seconds: u64,
    /// The bars as a path of SVG.
    pub bars: String,
}

impl Voice {
    /// The view of a file that is one.
    pub fn of(file: &File) -> Self {
        Self {
            id: file.id.to_string(),
            seconds: (file.content.ms.unwrap_or(0) + 500) / 1000,
            bars: bars(file.content.wave.as_deref().unwrap_or_default()),
        }
    }

    /// Its length as a clock has it.
    pub fn length(&self) -> String {
        clock(self.seconds)
    }

    /// "0:00 of 0:12".
    pub fn position(&self, lang: &Lang) -> String {
        lang.with(
            "page.voice_at",
            &[("at", &clock(0)), ("all", &self.length())],
        )
    }
}

/// Minutes and seconds.
fn clock(seconds: u64) -> String {
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

/// A path of upright lines, one for each two of the peaks, which are bytes in base64; nothing where they
/// are something else.
fn bars(wave: &str) -> String {
    let peaks = STANDARD.decode(wave).unwrap_or_default();
    let mut path = String::new();
    for (place, peaks) in peaks.chunks(PEAKS_OF_BAR).enumerate() {
        let peak = usize::from(peaks.iter().copied().max().unwrap_or(0));
        let half = (peak * HIGH / 255).max(1);
        let (x, y, high) = (place * STEP + STEP / 2, HIGH + 2 - half, 2 * half);
        let _infallible = write!(path, "M{x} {y}v{high}");
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_peaks_are_a_bar_from_the_middle_up_and_down() {
        // 0, 255, 128, 3, 0, 0.
        assert_eq!(bars("AP+AAwAA"), "M3 2v28M9 9v14M15 15v2");
        assert_eq!(bars(""), "");
        assert_eq!(bars("no base64!"), "");
    }

    #[test]
    fn a_length_is_minutes_and_seconds() {
        for (seconds, told) in [(0, "0:00"), (9, "0:09"), (60, "1:00"), (3_725, "62:05")] {
            assert_eq!(clock(seconds), told);
        }
    }
}
