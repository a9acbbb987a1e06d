//! Reads a recording that a browser or a classic client made: RIFF/WAVE with PCM or float samples.
//!
//! The layout is that of "Multimedia Programming Interface and Data Specifications 1.0" (RIFF, WAVE) and of
//! `mmreg.h` (`WAVE_FORMAT_EXTENSIBLE`).

use super::cursor::Cursor;

/// Rates that are taken, in Hz: from a telephone's to a sound card's.
const RATES: std::ops::RangeInclusive<u32> = 8_000..=48_000;

/// Format tags.
const PCM: u16 = 1;
const FLOAT: u16 = 3;
const EXTENSIBLE: u16 = 0xFFFE;

/// What follows the tag in the subformat of an extensible format: the tail of every media type's GUID.
const GUID_TAIL: [u8; 14] = *b"\x00\x00\x00\x00\x10\x00\x80\x00\x00\xAA\x00\x38\x9B\x71";

/// How one sample is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sample {
    Unsigned8,
    Signed16,
    Signed24,
    Signed32,
    Float32,
    Float64,
}

impl Sample {
    fn of(tag: u16, bits: u16) -> Option<Self> {
        Some(match (tag, bits) {
            (PCM, 8) => Self::Unsigned8,
            (PCM, 16) => Self::Signed16,
            (PCM, 24) => Self::Signed24,
            (PCM, 32) => Self::Signed32,
            (FLOAT, 32) => Self::Float32,
            (FLOAT, 64) => Self::Float64,
            _ => return None,
        })
    }

    fn bytes(self) -> usize {
        match self {
            Self::Unsigned8 => 1,
            Self::Signed16 => 2,
            Self::Signed24 => 3,
            Self::Signed32 | Self::Float32 => 4,
            Self::Float64 => 8,
        }
    }

    /// The sample in front, -1 to 1. What is no number is silence.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a sample needs no more than 24 bits"
    )]
    fn read(self, from: &mut Cursor<'_>) -> Option<f32> {
        let value = match self {
            Self::Unsigned8 => (f32::from(from.byte()?) - 128.0) / 128.0,
            Self::Signed16 => f32::from(i16::from_le_bytes(from.array()?)) / 32_768.0,
            Self::Signed24 => {
                let [low, middle, high] = from.array()?;
                i32::from_le_bytes([0, low, middle, high]) as f32 / 2_147_483_648.0
            }
            Self::Signed32 => i32::from_le_bytes(from.array()?) as f32 / 2_147_483_648.0,
            Self::Float32 => f32::from_le_bytes(from.array()?),
            Self::Float64 => f64::from_le_bytes(from.array()?) as f32,
        };
        let number = if value.is_nan() { 0.0 } else { value };
        Some(number.clamp(-1.0, 1.0))
    }
}

/// How the samples of a recording are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Format {
    sample: Sample,
    channels: u16,
    rate: u32,
}

impl Format {
    fn read(mut chunk: Cursor<'_>) -> Option<Self> {
        let tag = chunk.le16()?;
        let channels = chunk.le16()?;
        let rate = chunk.le32()?;
        let _bytes_a_second = chunk.le32()?;
        let frame = chunk.le16()?;
        let bits = chunk.le16()?;
        let tag = match tag {
            EXTENSIBLE => {
                let _length = chunk.le16()?;
                let valid = chunk.le16()?;
                let _speakers = chunk.le32()?;
                let tag = chunk.le16()?;
                (valid == bits && chunk.array()? == GUID_TAIL).then_some(tag)?
            }
            tag => tag,
        };
        let sample = Sample::of(tag, bits)?;
        let framed = usize::from(frame) == sample.bytes() * usize::from(channels);
        let known = RATES.contains(&rate) && (1..=2).contains(&channels) && framed;
        known.then_some(Self {
            sample,
            channels,
            rate,
        })
    }
}

/// The sound of a recording, mixed to one channel.
#[derive(Debug, PartialEq)]
pub(super) struct Sound {
    /// Samples, -1 to 1.
    pub samples: Vec<f32>,
    /// Samples a second.
    pub rate: u32,
}

/// Reads a recording, but no more than one sample beyond `seconds` of it. `None` when it is none that is known
/// here, or has no sample. A length of 0, or one that goes on behind the file, is that of a recorder which could
/// not go back to write it: it ends with the file.
pub(super) fn read(file: &[u8], seconds: u64) -> Option<Sound> {
    let mut file = Cursor(file);
    let riff = file.array()? == *b"RIFF";
    let _length = file.le32()?;
    if !riff || file.array()? != *b"WAVE" {
        return None;
    }
    let mut format = None;
    loop {
        let name: [u8; 4] = file.array()?;
        let length = usize::try_from(file.le32()?).ok()?;
        match &name {
            b"fmt " => format = Some(Format::read(Cursor(file.take(length)?))?),
            b"data" => {
                let there = match length {
                    0 => file.0.len(),
                    length => length.min(file.0.len()),
                };
                return sound(file.take(there)?, format?, seconds);
            }
            _ => drop(file.take(length)?),
        }
        // Chunks begin at even places.
        if length % 2 == 1 {
            file.byte()?;
        }
    }
}

fn sound(data: &[u8], format: Format, seconds: u64) -> Option<Sound> {
    let frame = format.sample.bytes() * usize::from(format.channels);
    let most = usize::try_from(seconds.saturating_mul(format.rate.into())).unwrap_or(usize::MAX);
    let frames = data.chunks_exact(frame).take(most.saturating_add(1));
    let mixed = frames.filter_map(|frame| {
        let mut frame = Cursor(frame);
        let mut sum = 0.0;
        for _ in 0..format.channels {
            sum += format.sample.read(&mut frame)?;
        }
        Some(sum / f32::from(format.channels))
    });
    let samples: Vec<f32> = mixed.collect();
    (!samples.is_empty()).then_some(Sound {
        samples,
        rate: format.rate,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(name: &[u8; 4], data: &[u8]) -> Vec<u8> {
        let length = u32::try_from(data.len()).unwrap().to_le_bytes();
        let pad = vec![0; data.len() % 2];
        [&name[..], &length, data, &pad].concat()
    }

    fn format(tag: u16, channels: u16, rate: u32, bits: u16) -> Vec<u8> {
        let frame = channels * bits / 8;
        let second = rate * u32::from(frame);
        [
            &tag.to_le_bytes()[..],
            &channels.to_le_bytes(),
            &rate.to_le_bytes(),
            &second.to_le_bytes(),
            &frame.to_le_bytes(),
            &bits.to_le_bytes(),
        ]
        .concat()
    }

    fn extensible(tag: u16, bits: u16, valid: u16) -> Vec<u8> {
        let head = format(EXTENSIBLE, 1, 48_000, bits);
        let rest = [22_u16.to_le_bytes(), valid.to_le_bytes()].concat();
        let guid = [&tag.to_le_bytes()[..], &GUID_TAIL].concat();
        [head, rest, vec![4, 0, 0, 0], guid].concat()
    }

    fn wave(chunks: &[Vec<u8>]) -> Vec<u8> {
        let body = [b"WAVE".to_vec(), chunks.concat()].concat();
        chunk(b"RIFF", &body)
    }

    fn simple(format: &[u8], data: &[u8]) -> Vec<u8> {
        wave(&[chunk(b"fmt ", format), chunk(b"data", data)])
    }

    fn samples(file: &[u8]) -> Option<Vec<f32>> {
        read(file, 60).map(|sound| sound.samples)
    }

    #[test]
    fn every_way_to_write_a_sample_is_read() {
        let half = 0.5_f32;
        let table: Vec<(u16, u16, Vec<u8>)> = vec![
            (PCM, 8, vec![192]),
            (PCM, 16, 16_384_i16.to_le_bytes().to_vec()),
            (PCM, 24, vec![0, 0, 0x40]),
            (PCM, 32, vec![0, 0, 0, 0x40]),
            (FLOAT, 32, half.to_le_bytes().to_vec()),
            (FLOAT, 64, 0.5_f64.to_le_bytes().to_vec()),
        ];
        for (tag, bits, data) in table {
            for format in [format(tag, 1, 16_000, bits), extensible(tag, bits, bits)] {
                assert_eq!(samples(&simple(&format, &data)), Some(vec![half]), "{bits}");
            }
            let twice = [data.clone(), data].concat();
            let stereo = simple(&format(tag, 2, 44_100, bits), &twice);
            let sound = read(&stereo, 60).unwrap();
            assert_eq!((sound.samples, sound.rate), (vec![half], 44_100));
        }
    }

    #[test]
    fn other_chunks_and_half_a_frame_at_the_end_are_passed_over() {
        let list = chunk(b"LIST", b"odd");
        let format = chunk(b"fmt ", &format(PCM, 1, 8_000, 16));
        let data = chunk(b"data", &[0, 0x40, 7]);
        assert_eq!(samples(&wave(&[list, format, data])), Some(vec![0.5]));
    }

    #[test]
    fn a_length_that_was_never_written_ends_with_the_file() {
        let mut file = simple(&format(PCM, 1, 8_000, 16), &[0, 0x40, 0, 0xC0]);
        for lie in [0, 5_u32, u32::MAX] {
            file[40..44].copy_from_slice(&lie.to_le_bytes());
            assert_eq!(samples(&file), Some(vec![0.5, -0.5]), "{lie}");
        }
    }

    #[test]
    fn what_is_no_number_is_silence_and_what_is_too_loud_is_loud() {
        let values = [f32::NAN, f32::INFINITY, -7.0];
        let data = values.map(f32::to_le_bytes).concat();
        let file = simple(&format(FLOAT, 1, 8_000, 32), &data);
        assert_eq!(samples(&file), Some(vec![0.0, 1.0, -1.0]));
    }

    #[test]
    fn what_is_longer_than_wanted_is_not_read_to_its_end() {
        let data = vec![0; 2 * 8_000 * 3];
        let file = simple(&format(PCM, 1, 8_000, 16), &data);
        assert_eq!(read(&file, 2).unwrap().samples.len(), 16_001);
    }

    #[test]
    fn what_is_no_recording_is_none() {
        let good = simple(&format(PCM, 1, 8_000, 16), &[0, 0x40]);
        for length in 0..good.len() - 1 {
            assert_eq!(samples(&good[..length]), None, "{length}");
        }
        let data = chunk(b"data", &[0, 0]);
        let table = [
            wave(std::slice::from_ref(&data)),
            simple(&format(PCM, 1, 8_000, 16), &[]),
            simple(&format(PCM, 0, 8_000, 16), &[0, 0]),
            simple(&format(PCM, 3, 8_000, 16), &[0; 6]),
            simple(&format(PCM, 1, 7_999, 16), &[0, 0]),
            simple(&format(PCM, 1, 96_000, 16), &[0, 0]),
            simple(&format(PCM, 1, 8_000, 12), &[0, 0]),
            simple(&format(6, 1, 8_000, 8), &[0, 0]),
            simple(&extensible(PCM, 32, 24), &[0; 4]),
            simple(&extensible(PCM, 16, 16)[..38], &[0; 4]),
            // The data before the format.
            wave(&[data, chunk(b"fmt ", &format(PCM, 1, 8_000, 16))]),
        ];
        for (number, file) in table.iter().enumerate() {
            assert_eq!(samples(file), None, "{number}");
        }
        let mut framed = good;
        framed[32] = 4;
        assert_eq!(samples(&framed), None);
    }
}
