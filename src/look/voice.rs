//! Makes of a recording what everybody can play: WAV, 16 bit, one channel, 16 kHz; with its length and its
//! waveform, which a sender cannot forge then.

use std::f32::consts::PI;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::looked::Rendered;
use super::wav::{self, Sound};
use crate::model::file::{Content, Rendition};

/// The media type of a voice.
pub(super) const MEDIA_TYPE: &str = "audio/wav";

/// Samples a second: speech has little above 8 kHz, and a minute takes 1.9 MB.
const RATE: u32 = 16_000;

/// Bytes of a sample.
const SAMPLE: u32 = 2;

/// Bytes of the head.
pub(super) const HEAD: usize = 44;

/// Bars of a waveform.
const BARS: usize = 64;

/// Taps of the filter that brings another rate to [`RATE`].
const TAPS: usize = 64;

/// Why a recording is no voice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It is none that can be read.
    Unreadable,
    /// It is longer than the limit.
    TooLong,
}

/// A recording as others get it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Voice {
    pub content: Content,
    pub rendition: Rendered,
}

/// Makes a voice of the bytes of a recording, of at most `seconds`.
///
/// # Errors
/// Why it is none.
pub(super) fn render(file: &[u8], seconds: u64) -> Result<Voice, Refusal> {
    let sound = wav::read(file, seconds).ok_or(Refusal::Unreadable)?;
    if sound.samples.len() as u64 > seconds.saturating_mul(sound.rate.into()) {
        return Err(Refusal::TooLong);
    }
    let samples = to_16_bit(&sound);
    let length = u32::try_from(samples.len() * SAMPLE as usize);
    let head = head(length.map_err(|_longer| Refusal::TooLong)?);
    let data = samples.iter().flat_map(|sample| sample.to_le_bytes());
    Ok(Voice {
        content: Content {
            ms: Some(milliseconds(samples.len() as u64 * u64::from(SAMPLE))),
            wave: Some(STANDARD.encode(waveform(&samples))),
            ..Content::default()
        },
        rendition: Rendered {
            rendition: Rendition::Raw,
            media_type: MEDIA_TYPE,
            bytes: head.into_iter().chain(data).collect(),
        },
    })
}

/// Whether this is what [`render`] could have made.
pub(super) fn is_voice(content: &Content, bytes: &[u8]) -> bool {
    let Some((start, data)) = bytes.split_first_chunk::<HEAD>() else {
        return false;
    };
    let known = u32::try_from(data.len()).is_ok_and(|length| *start == head(length));
    let expected = Content {
        ms: Some(milliseconds(data.len() as u64)),
        wave: content.wave.clone(),
        ..Content::default()
    };
    let wave = content.wave.as_deref().map(|wave| STANDARD.decode(wave));
    let drawn = matches!(wave, Some(Ok(bars)) if bars.len() == BARS);
    known && drawn && *content == expected
}

/// The head of a WAV file with so many bytes of samples.
fn head(length: u32) -> [u8; HEAD] {
    const PCM: [u8; 2] = [1, 0];
    const ONE_CHANNEL: [u8; 2] = [1, 0];
    const FORMAT_LENGTH: [u8; 4] = [16, 0, 0, 0];
    const BITS: [u8; 2] = [16, 0];
    let parts: [&[u8]; 13] = [
        b"RIFF",
        &length.saturating_add(HEAD as u32 - 8).to_le_bytes(),
        b"WAVE",
        b"fmt ",
        &FORMAT_LENGTH,
        &PCM,
        &ONE_CHANNEL,
        &RATE.to_le_bytes(),
        &(RATE * SAMPLE).to_le_bytes(),
        &[SAMPLE as u8, 0],
        &BITS,
        b"data",
        &length.to_le_bytes(),
    ];
    let mut head = [0; HEAD];
    for (to, from) in head.iter_mut().zip(parts.concat()) {
        *to = from;
    }
    head
}

/// How long so many bytes of samples are, in ms: 1 at least, since nothing is no voice.
fn milliseconds(bytes: u64) -> u64 {
    (bytes * 1_000 / u64::from(RATE * SAMPLE)).max(1)
}

/// The loudest of each of [`BARS`] slices, 0 to 255.
fn waveform(samples: &[i16]) -> Vec<u8> {
    let bars = (0..BARS).map(|bar| {
        let begin = bar * samples.len() / BARS;
        let end = ((bar + 1) * samples.len() / BARS).max(begin + 1);
        let slice = samples.get(begin..end.min(samples.len()));
        let loudest = slice.into_iter().flatten().map(|s| s.unsigned_abs()).max();
        u8::try_from(loudest.unwrap_or_default() / 128).unwrap_or(u8::MAX)
    });
    bars.collect()
}

/// The sound at [`RATE`], in whole numbers.
#[expect(
    clippy::cast_possible_truncation,
    reason = "clamped to what a sample holds"
)]
fn to_16_bit(sound: &Sound) -> Vec<i16> {
    let whole = |sample: f32| (sample * 32_767.0).round().clamp(-32_768.0, 32_767.0) as i16;
    if sound.rate == RATE {
        return sound.samples.iter().copied().map(whole).collect();
    }
    resampled(sound).map(whole).collect()
}

/// The sound at [`RATE`]: by a sinc of [`TAPS`] taps in a Hann window, which takes away what the new rate
/// cannot hold. One set of taps for each of the places that a new sample can have between two old ones.
fn resampled(sound: &Sound) -> impl Iterator<Item = f32> {
    let shared = gcd(sound.rate, RATE);
    let (step, phases) = ((sound.rate / shared) as usize, (RATE / shared) as usize);
    let taps: Vec<[f32; TAPS]> = (0..phases)
        .map(|phase| taps(phase as f32 / phases as f32, sound.rate))
        .collect();
    let length = sound.samples.len() * phases / step;
    (0..length.max(1)).map(move |place| {
        let (old, phase) = (place * step / phases, place * step % phases);
        let first = (old + 1).checked_sub(TAPS / 2);
        let (skipped, begin) = match first {
            Some(begin) => (0, begin),
            None => (TAPS / 2 - 1 - old, 0),
        };
        let around = sound.samples.get(begin..).unwrap_or_default();
        let taps = taps.get(phase).map_or(&[][..], |taps| &taps[..]);
        let taps = taps.get(skipped..).unwrap_or_default();
        taps.iter().zip(around).map(|(tap, old)| tap * old).sum()
    })
}

/// The taps for a sample that lies `offset` (0 to 1) behind the one in the middle.
fn taps(offset: f32, rate: u32) -> [f32; TAPS] {
    let cutoff = (RATE as f32 / rate as f32).min(1.0);
    let middle = (TAPS / 2 - 1) as f32 + offset;
    let mut taps = [0.0; TAPS];
    for (place, tap) in taps.iter_mut().enumerate() {
        let x = place as f32 - middle;
        let angle = PI * x * cutoff;
        let sinc = if angle.abs() < 1e-6 {
            1.0
        } else {
            angle.sin() / angle
        };
        let window = 0.5 + 0.5 * (2.0 * PI * x / TAPS as f32).cos();
        *tap = cutoff * sinc * window;
    }
    // Silence with an offset stays as loud as it was.
    let sum: f32 = taps.iter().sum();
    taps.map(|tap| tap / sum)
}

fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(hertz: f32, rate: u32, seconds: f32) -> Sound {
        let count = (rate as f32 * seconds) as usize;
        let at = |place: usize| (2.0 * PI * hertz * place as f32 / rate as f32).sin() * 0.5;
        Sound {
            samples: (0..count).map(at).collect(),
            rate,
        }
    }

    /// How much of a tone there is, 0 to 1: by its own sine and cosine.
    fn strength(samples: &[i16], hertz: f32) -> f32 {
        let (mut sine, mut cosine) = (0.0_f32, 0.0_f32);
        for (place, sample) in samples.iter().enumerate() {
            let angle = 2.0 * PI * hertz * place as f32 / RATE as f32;
            let value = f32::from(*sample) / 32_768.0;
            sine += value * angle.sin();
            cosine += value * angle.cos();
        }
        2.0 * sine.hypot(cosine) / samples.len() as f32
    }

    fn wav(sound: &Sound) -> Vec<u8> {
        let samples: Vec<u8> = sound
            .samples
            .iter()
            .flat_map(|sample| sample.to_le_bytes())
            .collect();
        let length = u32::try_from(samples.len()).unwrap();
        let mut head = head(length);
        head[20] = 3;
        head[24..28].copy_from_slice(&sound.rate.to_le_bytes());
        head[32] = 4;
        head[34] = 32;
        [&head[..], &samples].concat()
    }

    #[test]
    fn a_tone_is_the_same_tone_at_our_rate_from_every_other() {
        for rate in [8_000, 11_025, 16_000, 22_050, 44_100, 47_999, 48_000] {
            let samples = to_16_bit(&tone(1_000.0, rate, 0.5));
            let (wanted, length) = (8_000, samples.len());
            assert!(length.abs_diff(wanted) <= 1, "{rate}: {length}");
            let there = strength(&samples, 1_000.0);
            assert!((0.49..0.51).contains(&there), "{rate}: {there}");
        }
    }

    #[test]
    fn what_our_rate_cannot_hold_does_not_come_back_as_another_tone() {
        for (hertz, alias) in [(12_000.0, 4_000.0), (15_000.0, 1_000.0)] {
            let samples = to_16_bit(&tone(hertz, 48_000, 0.5));
            let there = strength(&samples, alias);
            assert!(there < 0.002, "{hertz}: {there}");
        }
    }

    #[test]
    fn a_recording_becomes_a_voice_that_is_believed() {
        let mut sound = tone(440.0, 48_000, 2.0);
        for sample in sound.samples.iter_mut().take(48_000) {
            *sample = 0.0;
        }
        let voice = render(&wav(&sound), 300).unwrap();
        assert_eq!(voice.content.ms, Some(2_000));
        assert_eq!(voice.rendition.bytes.len(), HEAD + 64_000);
        let wave = STANDARD.decode(voice.content.wave.as_ref().unwrap());
        let wave = wave.unwrap();
        assert!(wave[..31].iter().all(|bar| *bar == 0), "{wave:?}");
        assert!(
            wave[33..].iter().all(|bar| (120..=132).contains(bar)),
            "{wave:?}"
        );
        assert!(is_voice(&voice.content, &voice.rendition.bytes));
        let again = render(&voice.rendition.bytes, 300).unwrap();
        assert_eq!(again, voice, "what is ours stays as it is");
    }

    #[test]
    fn too_long_is_told_from_unreadable() {
        let file = wav(&tone(440.0, 8_000, 2.5));
        assert_eq!(render(&file, 2), Err(Refusal::TooLong));
        assert!(render(&file, 3).is_ok());
        assert_eq!(render(b"RIFF....WAVE", 3), Err(Refusal::Unreadable));
    }

    #[test]
    fn one_sample_is_a_voice_too() {
        for rate in [8_000, 16_000, 48_000] {
            let sound = Sound {
                samples: vec![0.5],
                rate,
            };
            let voice = render(&wav(&sound), 3).unwrap();
            assert!(is_voice(&voice.content, &voice.rendition.bytes), "{rate}");
        }
    }

    #[test]
    fn no_other_bytes_or_words_are_a_voice() {
        let voice = render(&wav(&tone(440.0, 16_000, 0.1)), 3).unwrap();
        let (content, bytes) = (voice.content, voice.rendition.bytes);
        assert!(!is_voice(&content, &bytes[..bytes.len() - 2]));
        assert!(!is_voice(&content, &bytes[..10]));
        for place in 0..HEAD {
            let mut other = bytes.clone();
            other[place] ^= 1;
            assert!(!is_voice(&content, &other), "{place}");
        }
        let lies = [
            Content {
                ms: Some(99),
                ..content.clone()
            },
            Content {
                wave: None,
                ..content.clone()
            },
            Content {
                wave: Some("<script>".to_owned()),
                ..content.clone()
            },
            Content {
                wave: Some(STANDARD.encode([0; 65])),
                ..content.clone()
            },
            Content {
                w: Some(1),
                ..content.clone()
            },
            Content {
                poster: true,
                ..content
            },
        ];
        for lie in lies {
            assert!(!is_voice(&lie, &bytes), "{lie:?}");
        }
    }
}
