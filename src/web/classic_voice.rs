//! `POST /api/voice`: how a classic client sends a voice, to the letter; and `POST /voice`, since the proxies
//! of that family take `/api` away.
//!
//! The recording comes in as an upload, so that its bounds and its right hold here too. Once all of it is here,
//! the voice is sent whether or not its sender still waits.
//!
//! Bounds: [`VOICE_BYTES`] of sound; [`PARTS`] parts, of [`PART_BYTES`] but for the sound.

use std::time::Duration;

use actix_multipart::{Field, Multipart};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap};
use actix_web::{HttpRequest, HttpResponse, web};
use futures_util::StreamExt;
use serde::Serialize;
use uuid::Uuid;

use super::client::Client;
use super::security;
use super::tus::Metadata;
use super::upload_announcement::begin;
use super::upload_body::Body;
use super::uploads::{settled, why};
use crate::chat::requests::{Claim, NewMessage, Sender};
use crate::error::Error;
use crate::look::VOICE_BYTES;
use crate::model::file::{Attachment, Wanted};
use crate::model::message::LOBBY;
use crate::model::person_id::PersonId;
use crate::store::db::Db;
use crate::store::files::{FileRow, FileState, uploads};
use crate::telemetry;
use crate::text::body::RenderedBody;
use crate::text::catalog::Lang;
use crate::text::content::Format;
use crate::web::state::AppState;

/// Registers this file's routes.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/api/voice", web::post().to(post))
        .route("/voice", web::post().to(post));
}

/// Most parts of a form: the clients that are known send nine.
const PARTS: usize = 16;

/// Most bytes of a part that is not the sound: the longest address of a picture.
const PART_BYTES: usize = 4 * 1024;

/// Bytes of a refused form that are read before it is answered: all of the longest voice.
const DRAIN: usize = 32 << 20;

/// Bytes of a form beside the sound, with the borders of its parts.
const AROUND: u64 = 2 * (PARTS * PART_BYTES) as u64;

/// How long a recording may wait to be looked at: less than the 60 s of most proxies.
const PATIENCE: Duration = Duration::from_secs(50);

/// What is answered, as that family's servers do.
#[derive(Serialize)]
struct Answer<'a> {
    flag: bool,
    code: u32,
    message: &'a str,
    data: (),
}

const DONE: u32 = 20_000;
const BAD_REQUEST: u32 = 52_000;
const FAILED: u32 = 51_000;

/// `POST /api/voice`
async fn post(
    request: HttpRequest,
    client: Client,
    state: web::Data<AppState>,
    payload: web::Payload,
) -> HttpResponse {
    let mut body = Body::new(&request, payload);
    let begun = announce(&request, &client, &state).await;
    let answer = match begun {
        Err(error) => {
            let answer = refused(&error, client.lang());
            body.drain(answer, DRAIN).await
        }
        Ok(announced) => {
            let lang = client.lang();
            match speak(&request, body, &state, announced).await {
                Ok(()) => {
                    let message = "操作成功";
                    answer(StatusCode::OK, true, DONE, message)
                }
                Err(error) => refused(&error, lang),
            }
        }
    };
    readable(request.headers(), answer)
}

/// Lets the page that sent a request read the answer, wherever it is from; never together with our cookie.
fn readable(of: &HeaderMap, mut answer: HttpResponse) -> HttpResponse {
    if let Some(origin) = of.get(header::ORIGIN) {
        let headers = answer.headers_mut();
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        headers.append(header::VARY, header::HeaderValue::from_static("origin"));
    }
    answer
}

fn answer(status: StatusCode, flag: bool, code: u32, message: &str) -> HttpResponse {
    HttpResponse::build(status).json(Answer {
        flag,
        code,
        message,
        data: (),
    })
}

fn refused(error: &Error, lang: Lang) -> HttpResponse {
    telemetry::refused(error.code());
    let status = error.status();
    let code = match status {
        StatusCode::BAD_REQUEST
        | StatusCode::PAYLOAD_TOO_LARGE
        | StatusCode::UNSUPPORTED_MEDIA_TYPE
        | StatusCode::UNPROCESSABLE_ENTITY => BAD_REQUEST,
        _ => FAILED,
    };
    answer(status, false, code, &error.message(lang))
}

/// What can be said against a voice before its first byte.
async fn announce(
    request: &HttpRequest,
    client: &Client,
    state: &web::Data<AppState>,
) -> Result<Announced, Error> {
    if !state.shutdown.is_open() {
        return Err(Error::Restarting);
    }
    if security::is_forged(request, state) {
        return Err(Error::CrossSite);
    }
    let sender = client.sender(state).await?;
    let length = request.headers().get(header::CONTENT_LENGTH);
    let length = length.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    let size = length.unwrap_or(VOICE_BYTES);
    let size = match size {
        size if size > VOICE_BYTES + AROUND => size,
        size => size.min(VOICE_BYTES),
    };
    let nonce = Uuid::new_v4();
    let metadata = Metadata {
        name: "voice.wav".to_owned(),
        wanted: Wanted::Voice,
        room: Some(LOBBY),
        nonce: Some(nonce),
        ..Metadata::default()
    };
    // Before there is an upload: the request may end while it is being made.
    let unsent = Unsent {
        state: state.clone(),
        owner: sender.principal.id(),
        nonce,
    };
    let upload = begin(client, state, &sender.principal, size, metadata).await?;
    Ok(Announced {
        sender,
        upload,
        unsent,
    })
}

/// Who sends a voice, and the upload for it.
struct Announced {
    sender: Sender,
    upload: FileRow,
    unsent: Unsent,
}

/// An upload that nobody will go on with if its request ends early: it is thrown away then.
struct Unsent {
    state: web::Data<AppState>,
    owner: PersonId,
    nonce: Uuid,
}

impl Drop for Unsent {
    fn drop(&mut self) {
        let (store, owner, nonce) = (self.state.store.clone(), self.owner, self.nonce);
        actix_web::rt::spawn(async move {
            // What is in a message by now stays; what cannot be thrown away now expires.
            let discard = move |db: &mut dyn Db| match uploads::known(db, owner, Some(nonce))? {
                Some(upload) => uploads::discard(db, upload.id, &[owner]),
                None => Ok(false),
            };
            let _expires = store.write(discard).await;
        });
    }
}

/// Reads the form; then the voice is looked at and sent, even if nobody waits for the answer any more.
async fn speak(
    request: &HttpRequest,
    body: Body,
    state: &web::Data<AppState>,
    Announced {
        sender,
        upload,
        unsent,
    }: Announced,
) -> Result<(), Error> {
    let claim = read(request, body, state, &upload).await?;
    let (state, id) = (state.clone(), upload.id);
    let sending = actix_web::rt::spawn(async move {
        state.store.write(move |db| uploads::finish(db, id)).await?;
        state.files.whole.notify_one();
        let upload = settled(&state, id, &sender.principal, PATIENCE).await?;
        if upload.state != FileState::Ready {
            return Err(why(&upload, &state).unwrap_or(Error::Busy));
        }
        let attachment = Attachment {
            id,
            alt: String::new(),
            spoiler: false,
        };
        let message = NewMessage {
            nonce: None,
            room: LOBBY,
            body: Ok(Box::new(RenderedBody::new(String::new(), Format::Markdown))),
            reply: None,
            files: Ok(vec![attachment]),
            claim: Some(claim),
        };
        state.chat.post_message(sender, message).await?;
        drop(unsent);
        Ok(())
    });
    sending.await.unwrap_or(Err(Error::Internal))
}

/// Takes a form apart: the sound goes to the disk, and what its sender claims is returned.
async fn read(
    request: &HttpRequest,
    body: Body,
    state: &AppState,
    upload: &FileRow,
) -> Result<Claim, Error> {
    let mut form = Multipart::new(request.headers(), body.into_stream(VOICE_BYTES + AROUND));
    let mut claim = Claim {
        nickname: None,
        avatar: None,
    };
    let mut is_there = false;
    for _ in 0..PARTS {
        let Some(part) = form.next().await else {
            return is_there.then_some(claim).ok_or(Error::BadVoice);
        };
        let part = part.map_err(|_broken| Error::BadData)?;
        let name = part.name().unwrap_or_default().to_owned();
        match &*name {
            "file" if !is_there => {
                receive(part, state, upload).await?;
                is_there = true;
            }
            "nickname" => claim.nickname = Some(words(part).await?),
            "avatar" => claim.avatar = Some(words(part).await?),
            "type" => {
                if words(part).await?.trim() != "5" {
                    return Err(Error::BadData);
                }
            }
            _ => drop(words(part).await?),
        }
    }
    Err(Error::BadData)
}

/// Takes the sound in.
async fn receive(mut part: Field, state: &AppState, upload: &FileRow) -> Result<(), Error> {
    let refused = |refused: crate::files::incoming::PieceError| refused.error;
    let piece = state
        .files
        .incoming
        .begin(upload, 0)
        .await
        .map_err(refused)?;
    let pace = state.files.pace.of_one();
    let mut length = 0;
    let mut whole = Ok(());
    while let Some(bytes) = part.next().await {
        let Ok(bytes) = bytes else {
            whole = Err(Error::BadData);
            break;
        };
        length += bytes.len() as u64;
        if length > upload.size {
            whole = Err(Error::FileTooBig { limit: VOICE_BYTES });
            break;
        }
        pace.pass(bytes.len()).await;
        if piece.write(bytes).await.is_err() {
            break;
        }
    }
    let written = piece.finish().await.map_err(refused)?;
    whole?;
    match written {
        0 => Err(Error::BadVoice),
        written if written < length => Err(Error::Restarting),
        _ => Ok(()),
    }
}

/// The text of a part.
async fn words(mut part: Field) -> Result<String, Error> {
    let mut text = Vec::new();
    while let Some(bytes) = part.next().await {
        text.extend_from_slice(&bytes.map_err(|_broken| Error::BadData)?);
        if text.len() > PART_BYTES {
            return Err(Error::BadData);
        }
    }
    Ok(String::from_utf8_lossy(&text).into_owned())
}
