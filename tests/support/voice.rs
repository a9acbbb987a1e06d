//! Voices: recordings, and how classic clients send them.

use std::f32::consts::PI;

use super::{Answer, Guest, Member};

/// A tone as `recorderx` and our own page record one: PCM, 16 bit, one channel, a head of 44 bytes.
pub fn recording(rate: u32, ms: u32) -> Vec<u8> {
    let count = u64::from(rate) * u64::from(ms) / 1_000;
    let sample = |place: u64| {
        let angle = 2.0 * PI * 440.0 * (place as f32) / (rate as f32);
        ((angle.sin() * 16_000.0) as i16).to_le_bytes()
    };
    let samples: Vec<u8> = (0..count).flat_map(sample).collect();
    wav(rate, 1, 16, &samples)
}

/// A WAV file of PCM samples.
pub fn wav(rate: u32, channels: u16, bits: u16, samples: &[u8]) -> Vec<u8> {
    let length = u32::try_from(samples.len()).unwrap();
    let frame = channels * bits / 8;
    [
        b"RIFF",
        &(length + 36).to_le_bytes()[..],
        b"WAVEfmt ",
        &16_u32.to_le_bytes(),
        &1_u16.to_le_bytes(),
        &channels.to_le_bytes(),
        &rate.to_le_bytes(),
        &(rate * u32::from(frame)).to_le_bytes(),
        &frame.to_le_bytes(),
        &bits.to_le_bytes(),
        b"data",
        &length.to_le_bytes(),
        samples,
    ]
    .concat()
}

/// The border of the parts of a form.
const BORDER: &str = "----WebKitFormBoundaryQ1w2E3r4T5y6U7i8";

/// The body of a form with a file, which comes first, and fields, as browsers write it.
pub fn form(sound: Option<&[u8]>, fields: &[(&str, &str)]) -> Vec<u8> {
    let mut body = Vec::new();
    if let Some(sound) = sound {
        body.extend_from_slice(
            format!(
                "--{BORDER}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"voice.wav\"\r\n\
                 Content-Type: audio/wav\r\n\r\n"
            )
            .as_bytes(),
        );
        body.extend_from_slice(sound);
        body.extend_from_slice(b"\r\n");
    }
    for (name, value) in fields {
        let part = format!(
            "--{BORDER}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
        );
        body.extend_from_slice(part.as_bytes());
    }
    body.extend_from_slice(format!("--{BORDER}--\r\n").as_bytes());
    body
}

/// What the classic clients say beside their sound.
pub const FIELDS: [(&str, &str); 5] = [
    ("type", "5"),
    ("nickname", "小明"),
    ("avatar", "https://example.org/face.png"),
    ("ipAddress", "1.2.3.4"),
    ("ipSource", "火星"),
];

impl Guest {
    /// Posts a form to `path`, with more headers.
    pub async fn posts_form(&mut self, path: &str, more: &[(&str, &str)], body: &[u8]) -> Answer {
        let kind = format!("multipart/form-data; boundary={BORDER}");
        let headers = [&[("content-type", &*kind)][..], more].concat();
        self.request("POST", path, &headers, body).await
    }

    /// Sends a voice as a classic client does.
    pub async fn speaks(&mut self, sound: &[u8]) -> Answer {
        self.posts_form("/api/voice", &[], &form(Some(sound), &FIELDS))
            .await
    }
}

impl Member {
    /// Uploads a voice; gives the upload when it is ready or refused.
    pub async fn records(&mut self, sound: &[u8]) -> serde_json::Value {
        let metadata = [("filename", "voice.wav"), ("as", "voice")];
        let created = self.guest.announce(sound.len(), &metadata).await;
        assert_eq!(created.status, 201, "{created:?}");
        let location = created.header("location").unwrap().to_owned();
        let sent = self.guest.continues(&location, 0, sound).await;
        assert_eq!(sent.status, 204, "{sent:?}");
        self.guest.awaits(&location).await
    }
}
