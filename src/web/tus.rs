//! The words of tus 1.0.0 (<https://tus.io/protocols/resumable-upload>): the headers of resumable uploads.

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::{HttpResponse, HttpResponseBuilder};
use base64::engine::general_purpose::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use base64::{Engine, alphabet};
use uuid::Uuid;

use crate::error::Error;
use crate::model::file::{PosterOf, VIDEO_EDGE, VIDEO_MS, Wanted};
use crate::model::file_id::FileId;
use crate::model::room_id::RoomId;
use crate::text::file_name;

/// The version that is spoken here.
const VERSION: HeaderValue = HeaderValue::from_static("1.0.0");
/// The extensions that are spoken here.
const EXTENSIONS: HeaderValue =
    HeaderValue::from_static("creation,creation-with-upload,expiration,termination");
/// The type of bytes that continue an upload.
const BYTES: &[u8] = b"application/offset+octet-stream";

const TUS_RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");
const TUS_VERSION: HeaderName = HeaderName::from_static("tus-version");
const TUS_EXTENSION: HeaderName = HeaderName::from_static("tus-extension");
const TUS_MAX_SIZE: HeaderName = HeaderName::from_static("tus-max-size");
const UPLOAD_LENGTH: HeaderName = HeaderName::from_static("upload-length");
const UPLOAD_OFFSET: HeaderName = HeaderName::from_static("upload-offset");
const UPLOAD_METADATA: HeaderName = HeaderName::from_static("upload-metadata");
const UPLOAD_CEILING: HeaderName = HeaderName::from_static("upload-ceiling");
const UPLOAD_EXPIRES: HeaderName = HeaderName::from_static("upload-expires");

/// The longest `Upload-Metadata`, in bytes: the longest name in base64, and all the rest.
const MAX_METADATA: usize = 4 * 1024;

/// What an upload is announced with.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Metadata {
    /// The file's name, cleaned.
    pub(super) name: String,
    /// The sender's nonce.
    pub(super) nonce: Option<Uuid>,
    /// What its sender wants it to be.
    pub(super) wanted: Wanted,
    /// Whether a picture is to be kept as large as it is.
    pub(super) full: bool,
    /// The room that it is meant for.
    pub(super) room: Option<RoomId>,
    /// Whose poster it is, where it is to be one.
    pub(super) poster_of: Option<PosterOf>,
}

/// Checks that a request is one of this version.
///
/// # Errors
/// [`Error::OtherTus`].
pub(super) fn check(headers: &HeaderMap) -> Result<(), Error> {
    match headers.get(TUS_RESUMABLE) {
        Some(version) if version == VERSION => Ok(()),
        _ => Err(Error::OtherTus),
    }
}

/// The bytes that the upload has in all.
///
/// # Errors
/// [`Error::BadUpload`].
pub(super) fn length(headers: &HeaderMap) -> Result<u64, Error> {
    number(headers, &UPLOAD_LENGTH)
}

/// Where the bytes of this request begin in the upload.
///
/// # Errors
/// [`Error::BadUpload`].
pub(super) fn offset(headers: &HeaderMap) -> Result<u64, Error> {
    number(headers, &UPLOAD_OFFSET)
}

/// The largest request, in bytes, that a proxy on the way has let through: a page tells it once.
pub(super) fn ceiling(headers: &HeaderMap) -> Option<u64> {
    number(headers, &UPLOAD_CEILING).ok()
}

fn number(headers: &HeaderMap, name: &HeaderName) -> Result<u64, Error> {
    let value = headers.get(name).map(HeaderValue::as_bytes);
    let digits = value.and_then(|value| std::str::from_utf8(value).ok());
    let digits = digits.filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    digits
        .and_then(|text| text.parse().ok())
        .ok_or(Error::BadUpload)
}

/// Whether a request carries bytes of an upload.
pub(super) fn has_bytes(headers: &HeaderMap) -> bool {
    let media_type = headers.get(actix_web::http::header::CONTENT_TYPE);
    media_type.is_some_and(|media_type| media_type.as_bytes() == BYTES)
}

/// What the upload is announced with; keys that nobody knows here are passed over.
///
/// # Errors
/// [`Error::BadUpload`].
pub(super) fn metadata(headers: &HeaderMap) -> Result<Metadata, Error> {
    let header = headers.get(UPLOAD_METADATA);
    let header = header.map_or(Ok(""), |value| value.to_str());
    let header = header.map_err(|_not_ascii| Error::BadUpload)?;
    if header.len() > MAX_METADATA {
        return Err(Error::BadUpload);
    }
    let mut metadata = Metadata::default();
    let (mut video, mut size, mut ms) = (None, (None, None), None);
    for pair in header.split(',') {
        let (key, value) = pair.trim().split_once(' ').unwrap_or((pair.trim(), ""));
        let value = text(value).ok_or(Error::BadUpload)?;
        let refused = |_| Error::BadUpload;
        match key {
            "filename" => metadata.name = value,
            "nonce" => metadata.nonce = Some(value.parse().map_err(refused)?),
            "as" => metadata.wanted = Wanted::from_word(&value).ok_or(Error::BadUpload)?,
            "full" => metadata.full = true,
            "room" => {
                let room = value.parse().map_err(|_other| Error::BadUpload)?;
                metadata.room = Some(RoomId(room));
            }
            "of" => video = Some(value.parse::<FileId>().map_err(|_other| Error::BadUpload)?),
            "w" => size.0 = Some(claim(&value, VIDEO_EDGE.into())?),
            "h" => size.1 = Some(claim(&value, VIDEO_EDGE.into())?),
            "ms" => ms = Some(claim(&value, VIDEO_MS)?),
            _ => {}
        }
    }
    if metadata.wanted == Wanted::Poster {
        let edge = |side: Option<u64>| side.and_then(|side| u32::try_from(side).ok());
        metadata.poster_of = Some(PosterOf {
            video: video.ok_or(Error::BadUpload)?,
            size: edge(size.0).zip(edge(size.1)),
            ms,
        });
    }
    metadata.name = file_name::clean(&metadata.name);
    Ok(metadata)
}

/// A number that a sender claims, brought to between 1 and `most`.
fn claim(digits: &str, most: u64) -> Result<u64, Error> {
    let number: u64 = digits.parse().map_err(|_other| Error::BadUpload)?;
    Ok(number.clamp(1, most))
}

/// Base64 (RFC 4648 §4) of UTF-8, padded or not.
fn text(base64: &str) -> Option<String> {
    let config =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let engine = GeneralPurpose::new(&alphabet::STANDARD, config);
    String::from_utf8(engine.decode(base64).ok()?).ok()
}

/// Marks an answer as one of this version.
pub(super) fn mark(answer: &mut HttpResponseBuilder) -> &mut HttpResponseBuilder {
    answer.insert_header((TUS_RESUMABLE, VERSION))
}

/// Tells where an upload is.
pub(super) fn put_offset(answer: &mut HttpResponseBuilder, offset: u64) {
    answer.insert_header((UPLOAD_OFFSET, HeaderValue::from(offset)));
}

/// Tells how long an upload is.
pub(super) fn put_length(answer: &mut HttpResponseBuilder, length: u64) {
    answer.insert_header((UPLOAD_LENGTH, HeaderValue::from(length)));
}

/// Tells what an upload was announced with: the name that is left of it.
pub(super) fn put_name(answer: &mut HttpResponseBuilder, name: &str) {
    let name = format!("filename {}", STANDARD.encode(name));
    answer.insert_header((UPLOAD_METADATA, name));
}

/// Tells until when an upload waits for its next bytes.
pub(super) fn put_expiry(answer: &mut HttpResponseBuilder, at: std::time::SystemTime) {
    let date = actix_web::http::header::HttpDate::from(at).to_string();
    if let Ok(date) = HeaderValue::from_str(&date) {
        answer.insert_header((UPLOAD_EXPIRES, date));
    }
}

/// Adds what a refused request of an upload needs to go on.
pub(super) fn mark_refusal(headers: &mut HeaderMap, offset: Option<u64>) {
    headers.insert(TUS_RESUMABLE, VERSION);
    headers.insert(TUS_VERSION, VERSION);
    if let Some(offset) = offset {
        headers.insert(UPLOAD_OFFSET, HeaderValue::from(offset));
    }
}

/// The answer to whoever asks what is spoken here.
pub(super) fn options(max_size: u64) -> HttpResponse {
    mark(&mut HttpResponse::NoContent())
        .insert_header((TUS_VERSION, VERSION))
        .insert_header((TUS_EXTENSION, EXTENSIONS))
        .insert_header((TUS_MAX_SIZE, HeaderValue::from(max_size)))
        .finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn announced(value: &str) -> Result<Metadata, Error> {
        let mut headers = HeaderMap::new();
        headers.insert(UPLOAD_METADATA, HeaderValue::from_str(value).unwrap());
        metadata(&headers)
    }

    #[test]
    fn a_poster_names_its_video_and_what_it_claims_is_clipped() {
        let video = FileId::new(7);
        let base64 = |text: &str| STANDARD.encode(text);
        let poster = |more: &str| {
            let (as_, of) = (base64("poster"), base64(&video.to_string()));
            let read = announced(&format!("as {as_},of {of}{more}"));
            read.map(|metadata| metadata.poster_of.unwrap())
        };
        let of = |size, ms| Ok(PosterOf { video, size, ms });
        assert_eq!(poster(""), of(None, None));
        let more = |w: &str, h: &str, ms: &str| {
            format!(",w {},h {},ms {}", base64(w), base64(h), base64(ms))
        };
        let (edge, long) = (VIDEO_EDGE, VIDEO_MS);
        assert_eq!(
            poster(&more("640", "360", "2500")),
            of(Some((640, 360)), Some(2_500))
        );
        assert_eq!(
            poster(&more("0", "99999999", "18446744073709551615")),
            of(Some((1, edge)), Some(long))
        );
        assert_eq!(poster(&format!(",w {}", base64("640"))), of(None, None));
        for wrong in ["-1", "6e3", "<b>", "18446744073709551616"] {
            assert_eq!(poster(&more(wrong, "1", "1")), Err(Error::BadUpload));
        }
        assert_eq!(
            announced(&format!("as {}", base64("poster"))),
            Err(Error::BadUpload)
        );
        assert_eq!(announced("of eA=="), Err(Error::BadUpload));
    }

    #[test]
    fn what_is_announced_is_read_or_refused() {
        let nonce = "MDE4ZjAwMDAtMDAwMC03MDAwLTgwMDAtMDAwMDAwMDAwMDAx";
        let read = announced(&format!(
            "filename 6Iy2LnBuZw==, nonce {nonce},as ZmlsZQ==,full,room Mg,else eA=="
        ));
        let wanted = Metadata {
            name: "茶.png".to_owned(),
            nonce: Some("018f0000-0000-7000-8000-000000000001".parse().unwrap()),
            wanted: Wanted::File,
            full: true,
            room: Some(RoomId(2)),
            poster_of: None,
        };
        assert_eq!(read, Ok(wanted));
        assert_eq!(announced("").unwrap().name, "file");
        assert_eq!(announced("filename Li4vYS9i").unwrap().name, "b");
        for wrong in [
            "filename !!",
            "filename /w==",
            "nonce eA==",
            "as eA==",
            "room eA==",
        ] {
            assert_eq!(announced(wrong), Err(Error::BadUpload), "{wrong}");
        }
    }

    #[test]
    fn numbers_are_digits_and_nothing_else() {
        for (text, number) in [
            ("0", Some(0)),
            ("12", Some(12)),
            ("+1", None),
            ("-1", None),
            ("1 ", None),
            ("", None),
            ("18446744073709551616", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(UPLOAD_LENGTH, HeaderValue::from_str(text).unwrap());
            assert_eq!(length(&headers).ok(), number, "{text:?}");
        }
    }
}
