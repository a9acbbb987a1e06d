//! One's own files as one ZIP, each as it is kept, made while it is sent.
//!
//! The client pulls: the next part is read when it has taken the one before. Bounds: a part of [`Reading`] and
//! [`PAGE`] rows in memory, and what a ZIP says of each file at its end, of at most [`FILES`].

use std::collections::HashSet;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use bytes::Bytes;
use futures_util::stream;
use serde::{Deserialize, Serialize};
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, ZipWriter};

use super::client::Client;
use super::my_files::{cursor, owners, place};
use super::security::InParts;
use crate::chat::shedding::Workload;
use crate::error::Error;
use crate::files::reading::Reading;
use crate::model::file::{File as FileOfMessage, Rendition};
use crate::model::message_id::MessageId;
use crate::model::person_id::PersonId;
use crate::model::room_id::RoomId;
use crate::store::files::own::{self, FIRST, Order, OwnFile, Place};
use crate::text::clock;
use crate::web::file_streams::FileStream;
use crate::web::get_route;
use crate::web::state::AppState;

/// Registers this file's routes.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/api/v1/me/files.zip", get_route().to(download));
}

/// Rows that are read at a time.
const PAGE: usize = 100;

/// Files of one ZIP: what stands of each at its end is some 500 bytes in memory until then.
const FILES: usize = 10_000;

/// Its list of what is in it.
const LIST: &str = "files.json";

/// Where the ZIP begins.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// The `next` of the list in the ZIP before, where that had not all.
    before: Option<String>,
}

/// What the list says of a file.
#[derive(Debug, Serialize)]
struct Listed {
    /// Its path in the ZIP; absent where its bytes are missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    room: RoomId,
    message: MessageId,
    at: i64,
    file: FileOfMessage,
}

/// `GET /api/v1/me/files.zip`
///
/// # Errors
/// [`Error::AccountNeeded`]; [`Error::SignInThrottled`] for too many of them; [`Error::BadData`] for a cursor that is
/// none; [`Error::Busy`].
#[utoipa::path(
    get,
    path = "/api/v1/me/files.zip",
    operation_id = "download_own_files",
    tag = "Files",
    summary = "One's own files that are in messages, the last sent first, as a ZIP with a list of them: at most 10,000",
    params(Wanted),
    responses((status = 200, description = "A download, written while it is sent", body = Vec<u8>, content_type = "application/zip")),
    security(("session" = []))
)]
pub async fn download(
    client: Client,
    state: web::Data<AppState>,
    wanted: web::Query<Wanted>,
) -> Result<HttpResponse, Error> {
    let user = client.account(&state).await?;
    let after = wanted.before.as_deref().map_or(Some(FIRST), place);
    let after = after.ok_or(Error::BadData)?;
    state.count_account_attempt(client.address())?;
    let stream = state.file_streams.begin(client.subscriber())?;
    let principal = client.principal(&state).await?;
    let name = format!("attachment; filename=\"teahouse-u{}-files.zip\"", user.id);
    let packing = Packing::new(owners(&principal), after, stream);
    let parts = stream::try_unfold(Some(packing), move |packing| part(state.clone(), packing));
    let mut response = HttpResponse::Ok()
        .content_type("application/zip")
        .insert_header((header::CONTENT_DISPOSITION, name))
        .streaming(parts);
    response.extensions_mut().insert(InParts);
    Ok(response)
}

/// What the ZIP is written to, until the client takes it.
#[derive(Clone, Default)]
struct Outgoing(Arc<Mutex<Vec<u8>>>);

impl Outgoing {
    fn take(&self) -> Bytes {
        let mut bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *bytes).into()
    }
}

impl Write for Outgoing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A ZIP that is being written.
struct Packing {
    zip: ZipWriter<StreamWriter<Outgoing>>,
    out: Outgoing,
    /// Whose files are left: those after `after`.
    owners: Arc<[PersonId]>,
    after: Place,
    /// Files whose turn comes, the last one first.
    waiting: Vec<OwnFile>,
    /// The one whose bytes are being written.
    open: Option<Reading>,
    names: HashSet<String>,
    listed: Vec<Listed>,
    _stream: FileStream,
}

impl Packing {
    fn new(owners: Vec<PersonId>, after: Place, stream: FileStream) -> Self {
        let out = Outgoing::default();
        Self {
            zip: ZipWriter::new_stream(out.clone()),
            out,
            owners: owners.into(),
            after,
            waiting: Vec::new(),
            open: None,
            names: HashSet::new(),
            listed: Vec::new(),
            _stream: stream,
        }
    }

    /// Begins the entry of a file, if its bytes are there.
    fn begin(&mut self, own: &OwnFile, opened: Option<Reading>) -> Result<(), Error> {
        let Some((room, message)) = own.file.message else {
            return Ok(());
        };
        let file = own.file.file();
        let path = opened.is_some().then(|| self.path(own.at, &file.name));
        if let Some(path) = &path {
            let options = options().large_file(file.size >= u64::from(u32::MAX));
            self.zip
                .start_file(path.as_str(), options)
                .map_err(|_never| Error::Internal)?;
        }
        self.open = opened;
        self.listed.push(Listed {
            path,
            room,
            message,
            at: own.at,
            file,
        });
        Ok(())
    }

    /// The path of a file in the ZIP: its day and its name, each path once.
    fn path(&mut self, at: i64, name: &str) -> String {
        let day: String = clock::rfc3339(at)
            .chars()
            .take("2026-11-29".len())
            .collect();
        let name = match name {
            "" | "." | ".." => "file",
            name => name,
        };
        let (stem, end) = match name.rfind('.') {
            Some(dot) if dot > 0 => name.split_at(dot),
            _ => (name, ""),
        };
        let mut path = format!("{day}/{name}");
        let mut number = 2;
        while self.names.contains(&path) {
            path = format!("{day}/{stem} ({number}){end}");
            number += 1;
        }
        self.names.insert(path.clone());
        path
    }

    /// Writes the list, and the end of the ZIP.
    fn end(mut self, next: Option<String>) -> Result<Bytes, Error> {
        #[derive(Serialize)]
        struct List {
            files: Vec<Listed>,
            next: Option<String>,
        }
        let files = std::mem::take(&mut self.listed);
        let list = serde_json::to_vec_pretty(&List { files, next });
        let list = list.map_err(|_never| Error::Internal)?;
        let begun = self.zip.start_file(LIST, options());
        begun.map_err(|_never| Error::Internal)?;
        self.zip
            .write_all(&list)
            .map_err(|_never| Error::Internal)?;
        self.zip.finish().map_err(|_never| Error::Internal)?;
        Ok(self.out.take())
    }
}

fn options() -> SimpleFileOptions {
    SimpleFileOptions::default().compression_method(CompressionMethod::Stored)
}

/// The next part of the ZIP.
async fn part(
    state: web::Data<AppState>,
    packing: Option<Packing>,
) -> Result<Option<(Bytes, Option<Packing>)>, Error> {
    let Some(mut packing) = packing else {
        return Ok(None);
    };
    loop {
        if let Some(file) = packing.open.take() {
            let (file, bytes) = read(file).await?;
            if let Some(bytes) = bytes {
                let written = packing.zip.write_all(&bytes);
                written.map_err(|_never| Error::Internal)?;
                packing.open = Some(file);
                return Ok(Some((packing.out.take(), Some(packing))));
            }
        } else if packing.listed.len() >= FILES {
            let next = Some(cursor(packing.after));
            return Ok(Some((packing.end(next)?, None)));
        } else if let Some(own) = packing.waiting.pop() {
            packing.after = own.place;
            let opened = open(&state, &own).await?;
            packing.begin(&own, opened)?;
        } else {
            state.shedding.admit(Workload::Reading)?;
            let (owners, after) = (Arc::clone(&packing.owners), packing.after);
            let page = state
                .store
                .read(move |db| own::page(db, &owners, Order::New, after, PAGE));
            packing.waiting = page.await?;
            packing.waiting.reverse();
            if packing.waiting.is_empty() {
                return Ok(Some((packing.end(None)?, None)));
            }
        }
    }
}

/// The bytes of a file: as they were sent, or the largest size of a picture. `None` when they are missing.
async fn open(state: &AppState, own: &OwnFile) -> Result<Option<Reading>, Error> {
    let renditions = &own.file.detail.renditions;
    let mut kept = [Rendition::Raw, Rendition::L].into_iter();
    let kept = kept.find_map(|each| renditions.get(&each).map(|stored| (each, stored.bytes)));
    let Some((kept, bytes)) = kept else {
        return Ok(None);
    };
    let (depot, id) = (Arc::clone(&state.files.depot), own.file.id);
    let opened = web::block(move || {
        let opened = depot.read(id, kept, 0..bytes);
        opened.map_err(|error| (depot.is_away(&error), error))
    });
    match opened.await.map_err(|_ended| Error::Busy)? {
        Ok(reading) => Ok(Some(reading)),
        Err((false, error)) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err((is_away, error)) => {
            tracing::warn!(%error, "a file cannot be read");
            Err(match is_away {
                true => Error::FilesAway,
                false => Error::Internal,
            })
        }
    }
}

/// The next bytes of a file; none at its end.
async fn read(mut file: Reading) -> Result<(Reading, Option<Bytes>), Error> {
    let read = web::block(move || (file.part(), file));
    let (part, file) = read.await.map_err(|_ended| Error::Busy)?;
    match part {
        Ok(part) => Ok((file, part)),
        // What is left of one that is damaged, and all the others, is worth having.
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok((file, None)),
        Err(error) => {
            tracing::warn!(%error, "a file cannot be read");
            Err(Error::Internal)
        }
    }
}
