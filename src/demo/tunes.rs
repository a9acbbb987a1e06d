//! Voices for a demo: somebody hums a few notes.

use std::f32::consts::PI;

use super::dice::Dice;

/// Samples a second.
const RATE: u32 = 16_000;

/// The notes of a scale without semitones, in Hz: nothing that is hummed of them sounds wrong.
const NOTES: [f32; 8] = [196.0, 220.0, 246.9, 293.7, 329.6, 392.0, 440.0, 493.9];

/// A WAV file with some seconds of it: PCM, 16 bit, one channel.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a sample of less than 1 in 16 bit"
)]
pub fn hum(dice: &mut Dice) -> Vec<u8> {
    let mut samples: Vec<i16> = Vec::new();
    let mut note = dice.below(NOTES.len());
    for _ in 0..5 + dice.below(9) {
        note = (note + dice.below(5))
            .saturating_sub(2)
            .min(NOTES.len() - 1);
        let hertz = NOTES.get(note).copied().unwrap_or(220.0);
        let count = RATE as usize / 10 * (3 + dice.below(5));
        for place in 0..count {
            let at = place as f32 / RATE as f32;
            let angle = 2.0 * PI * hertz * at + (at * 5.5 * 2.0 * PI).sin() * 0.12;
            let tone = angle.sin() + (angle * 2.0).sin() * 0.35 + (angle * 3.0).sin() * 0.12;
            let share = place as f32 / count as f32;
            let loudness = (share * 9.0).min(1.0) * (1.0 - share).powf(0.7);
            samples.push((tone * loudness * 9_000.0) as i16);
        }
    }
    wav(&samples)
}

fn wav(samples: &[i16]) -> Vec<u8> {
    let length = u32::try_from(samples.len() * 2).unwrap_or_default();
    let numbers = |all: &[u32]| -> Vec<u8> { all.iter().flat_map(|n| n.to_le_bytes()).collect() };
    let mut file = b"RIFF".to_vec();
    file.extend(numbers(&[length + 36]));
    file.extend(b"WAVEfmt ");
    // PCM in one channel; rate; bytes a second; 2 bytes a frame of 16 bit.
    file.extend(numbers(&[16, 0x0001_0001, RATE, RATE * 2, 0x0010_0002]));
    file.extend(b"data");
    file.extend(numbers(&[length]));
    file.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
    file
}
