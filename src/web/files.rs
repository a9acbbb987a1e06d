//! The bytes of files, for whoever may read the room of their message.
//!
//! The id in an address is no key: each request asks for the right. Nothing active is ever shown in the
//! browser: what is not of a type that a picture, a video or a sound has is saved, and all of it is served
//! under a policy that lets nothing run.
//!
//! Bounds: those of [`super::file_streams`]; a part of [`Reading`] in memory for each.

use std::io;
use std::sync::Arc;

use actix_web::body::SizedStream;
use actix_web::http::StatusCode;
use actix_web::http::header::{
    self, Charset, ContentDisposition, DispositionParam, DispositionType, EntityTag, ExtendedValue,
};
use actix_web::{HttpRequest, HttpResponse, web};
use bytes::Bytes;
use futures_util::stream;
use serde::Deserialize;

use super::client::Client;
use super::file_keys;
use super::file_streams::FileStream;
use super::range::{self, Wanted};
use super::security::InParts;
use crate::error::Error;
use crate::files::depot::Depot;
use crate::files::reading::Reading;
use crate::model::file::{FileKind, Rendition, Stored};
use crate::model::file_id::FileId;
use crate::model::message::LOBBY;
use crate::store::files::{FileRow, FileState, for_reader};
use crate::web::get_route;
use crate::web::state::AppState;

/// Registers this file's routes.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/files/{file}/{rendition}", get_route().to(get))
        .route("/voice/{file}.wav", get_route().to(get_voice));
}

/// How long a browser may keep a file, a year: its bytes never change, and a recall makes the page ask anew.
const KEPT: &str = "private, max-age=31536000, immutable";

/// Nothing in a file runs, loads or is framed, whatever a browser takes it for.
const POLICY: &str = "default-src 'none'; sandbox; frame-ancestors 'none'";

/// Whether a file is to be saved.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct How {
    /// Present when the file is to be saved, whatever it is.
    save: Option<String>,
    /// In a frame of another site: the key that says whose it is. A cookie that comes with it counts for nothing.
    key: Option<String>,
}

/// `GET /files/{file}/{rendition}`
///
/// # Errors
/// [`Error::NotFound`] for a file that does not exist, was recalled, or is in a room that the sender may not read;
/// [`Error::FileGone`] for one that is older than files are kept;
/// [`Error::FilesAway`], [`Error::Busy`].
#[utoipa::path(
    get,
    path = "/files/{file}/{rendition}",
    operation_id = "get_file",
    tag = "Files",
    summary = "The bytes of a file; one range of them where `Range` asks for it",
    params(
        ("file" = String, Path, description = "The file's id"),
        ("rendition" = String, Path, description = "raw; for pictures s, m or l; for videos poster"),
        How
    ),
    responses(
        (status = 200, description = "Its bytes", body = Vec<u8>, content_type = "*/*"),
        (status = 206, description = "A range of them")
    )
)]
pub async fn get(
    request: HttpRequest,
    client: Client,
    state: web::Data<AppState>,
    address: web::Path<(String, String)>,
    how: web::Query<How>,
) -> Result<HttpResponse, Error> {
    let (id, rendition) = address.into_inner();
    let client = match &how.key {
        Some(key) => client.within(file_keys::frame(key, &state).await?),
        None => client,
    };
    serve(
        request,
        client,
        state,
        (&id, &rendition),
        how.save.is_some(),
    )
    .await
}

/// `GET /voice/{file}.wav`: where classic clients are sent for a voice.
///
/// # Errors
/// As [`get`].
pub async fn get_voice(
    request: HttpRequest,
    client: Client,
    state: web::Data<AppState>,
    id: web::Path<String>,
    how: web::Query<How>,
) -> Result<HttpResponse, Error> {
    let address = (id.as_str(), Rendition::Raw.as_str());
    serve(request, client, state, address, how.save.is_some()).await
}

async fn serve(
    request: HttpRequest,
    client: Client,
    state: web::Data<AppState>,
    (id, rendition): (&str, &str),
    save: bool,
) -> Result<HttpResponse, Error> {
    let id: FileId = id.parse().map_err(|_other| Error::NotFound)?;
    let rendition = Rendition::from_name(rendition).ok_or(Error::NotFound)?;
    let principal = match client.principal(&state).await {
        Err(Error::GuestsOff) => return Err(Error::NotFound),
        other => other?,
    };
    let found = state
        .store
        .read(move |db| for_reader(db, id, &principal))
        .await?;
    let file = found.ok_or(Error::NotFound)?;
    if file.state == FileState::Removed {
        return Err(Error::FileGone);
    }
    let stored = file.detail.renditions.get(&rendition).cloned();
    let stored = stored.ok_or(Error::NotFound)?;
    let tag = EntityTag::new_strong(format!("{}.{}", file.detail.sha256, rendition.as_str()));
    let wanted = range::wanted(request.headers(), &tag, stored.bytes);
    let mut answer = HttpResponse::build(wanted.status());
    answer
        .insert_header((header::CACHE_CONTROL, KEPT))
        .insert_header(header::ETag(tag))
        .insert_header((header::ACCEPT_RANGES, "bytes"))
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((header::CROSS_ORIGIN_RESOURCE_POLICY, embedding(&file)))
        // What is compressed already is left alone.
        .insert_header((header::CONTENT_ENCODING, "identity"));
    let part = match wanted {
        Wanted::Nothing => return Ok(answer.finish()),
        Wanted::Unsatisfiable => {
            let range = format!("bytes */{}", stored.bytes);
            return Ok(answer
                .insert_header((header::CACHE_CONTROL, "no-store"))
                .insert_header((header::CONTENT_RANGE, range))
                .finish());
        }
        Wanted::Whole => 0..stored.bytes,
        Wanted::Part(part) => {
            let range = format!("bytes {}-{}/{}", part.start, part.end - 1, stored.bytes);
            answer.insert_header((header::CONTENT_RANGE, range));
            part
        }
    };
    answer
        .insert_header((header::CONTENT_TYPE, stored.media_type.as_str()))
        .insert_header(disposition(&file, rendition, &stored, save));
    let length = part.end - part.start;
    if request.method() == actix_web::http::Method::HEAD {
        let nothing = stream::empty::<Result<Bytes, io::Error>>();
        return Ok(answer.body(SizedStream::new(length, nothing)));
    }
    let stream = state.file_streams.begin(client.subscriber())?;
    let depot = Arc::clone(&state.files.depot);
    let opened = web::block(move || {
        let opened = depot.read(id, rendition, part);
        opened.map_err(|error| unreadable(&depot, id, &error))
    });
    let reading = opened.await.map_err(|_pool| Error::Busy)??;
    let reading = Sending {
        reading: Some(reading),
        _stream: stream,
    };
    let parts = stream::try_unfold(reading, Sending::part);
    let mut response = answer.body(SizedStream::new(length, Box::pin(parts)));
    response.extensions_mut().insert(InParts);
    Ok(response)
}

/// Why the bytes of a file cannot be read.
fn unreadable(depot: &Depot, id: FileId, error: &io::Error) -> Error {
    if depot.is_away(error) {
        tracing::warn!(%error, file = %id, "files cannot be reached");
        return Error::FilesAway;
    }
    tracing::error!(%error, file = %id, "the bytes of a file cannot be read");
    Error::NotFound
}

/// A file on its way to a reader.
struct Sending {
    /// `None` while it is read.
    reading: Option<Reading>,
    _stream: FileStream,
}

impl Sending {
    async fn part(mut self) -> Result<Option<(Bytes, Self)>, io::Error> {
        let Some(mut reading) = self.reading.take() else {
            return Ok(None);
        };
        let read = web::block(move || (reading.part(), reading));
        let (part, reading) = read.await.map_err(io::Error::other)?;
        self.reading = Some(reading);
        Ok(part?.map(|part| (part, self)))
    }
}

/// Whether the browser shows a rendition, or saves it; and under which name.
fn disposition(
    file: &FileRow,
    rendition: Rendition,
    stored: &Stored,
    save: bool,
) -> ContentDisposition {
    let shown = rendition != Rendition::Raw || file.kind != FileKind::File;
    let shown = shown && is_shown(&stored.media_type);
    let ascii: String = file.name.chars().map(plain).collect();
    ContentDisposition {
        disposition: match shown && !save {
            true => DispositionType::Inline,
            false => DispositionType::Attachment,
        },
        parameters: vec![
            DispositionParam::Filename(ascii),
            DispositionParam::FilenameExt(ExtendedValue {
                charset: Charset::Ext("UTF-8".to_owned()),
                language_tag: None,
                value: file.name.clone().into_bytes(),
            }),
        ],
    }
}

/// Which sites may show a file: classic clients on others show those of the lobby (Fetch §3.7).
fn embedding(file: &FileRow) -> &'static str {
    match file.message {
        Some((LOBBY, _)) => "cross-origin",
        _ => "same-origin",
    }
}

/// A character of a name for programs that know ASCII alone (RFC 6266 §4.3).
fn plain(c: char) -> char {
    match c {
        ' ' => ' ',
        '\\' | '%' => '_',
        c if c.is_ascii_graphic() => c,
        _ => '_',
    }
}

/// Types that a browser draws or plays, and runs nothing of.
fn is_shown(media_type: &str) -> bool {
    let (kind, _) = media_type.split_once('/').unwrap_or_default();
    matches!(kind, "image" | "video" | "audio") && !media_type.contains("svg")
}

impl Wanted {
    fn status(&self) -> StatusCode {
        match self {
            Self::Nothing => StatusCode::NOT_MODIFIED,
            Self::Whole => StatusCode::OK,
            Self::Part(_) => StatusCode::PARTIAL_CONTENT,
            Self::Unsatisfiable => StatusCode::RANGE_NOT_SATISFIABLE,
        }
    }
}
