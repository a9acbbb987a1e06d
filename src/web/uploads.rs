//! The API of uploads: tus 1.0.0, so that files arrive over any network, however often it breaks.
//!
//! No is said before the first byte: right, length, room on the disk and quotas are checked when an upload is
//! announced. What an answer says of an offset is on the disk ([`crate::files::incoming`]).

use std::time::{Duration, SystemTime};

use actix_web::http::{Method, header};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};

use super::client::Client;
use super::tus;
use super::upload_announcement::announce;
use super::upload_body::{Body, refused};
use crate::error::Error;
use crate::files::incoming::{PieceError, is_open};
use crate::model::file::File;
use crate::model::file_id::FileId;
use crate::model::principal::Principal;
use crate::protocol::feed::ErrorView;
use crate::store::db::Db;
use crate::store::files::{FileRow, FileState, find, uploads};
use crate::telemetry;
use crate::text::catalog::Lang;
use crate::web::get_route;
use crate::web::state::AppState;

/// Registers this file's routes.
pub fn routes(config: &mut web::ServiceConfig) {
    let options_method = || web::method(Method::OPTIONS);
    config
        .route("/api/v1/uploads", get_route().to(list))
        .route("/api/v1/uploads", web::post().to(create))
        .route("/api/v1/uploads", options_method().to(options))
        .route("/api/v1/uploads/{file}", web::get().to(get))
        .route("/api/v1/uploads/{file}", web::head().to(head))
        .route("/api/v1/uploads/{file}", web::patch().to(patch))
        .route("/api/v1/uploads/{file}", web::delete().to(delete));
}

/// The longest that an answer waits for a file to be ready, in seconds: less than a request may take.
const LONGEST_WAIT: u64 = 25;

/// How late it may be known what another node has found out.
const ELSEWHERE: Duration = Duration::from_millis(500);

/// An upload as its sender sees it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Upload {
    /// The id of the upload, and of its file.
    #[schema(value_type = String)]
    id: FileId,
    /// `receiving`, `working`, `ready`, `attached` or `refused`.
    state: &'static str,
    /// How many of its bytes are here.
    offset: u64,
    /// How many it has.
    length: u64,
    /// Its name, cleaned.
    name: String,
    /// The file, when it is ready.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<File>,
    /// Why it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorView>,
}

/// The sender's uploads.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct UploadsAnswer {
    /// Those that are in no message, the newest first.
    pub uploads: Vec<Upload>,
}

/// How long an answer may take.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Patience {
    /// Seconds that the answer may wait until the file is ready or refused, at most 25.
    #[serde(default)]
    wait: u64,
}

/// `OPTIONS /api/v1/uploads`: what of tus is spoken here.
pub async fn options(state: web::Data<AppState>) -> HttpResponse {
    tus::options(state.config.uploads.file_bytes.bytes())
}

/// `GET /api/v1/uploads`
///
/// # Errors
/// [`Error::GuestsOff`], [`Error::Busy`].
#[utoipa::path(
    get,
    path = "/api/v1/uploads",
    operation_id = "list_uploads",
    tag = "Files",
    summary = "One's own uploads that are in no message yet",
    responses((status = 200, description = "The newest first", body = UploadsAnswer))
)]
pub async fn list(client: Client, state: web::Data<AppState>) -> Result<HttpResponse, Error> {
    let principal = client.principal(&state).await?;
    // Whoever keeps no session shares an address and a program with others: these know their uploads by their ids.
    let is_own = principal.has_account() || client.visitor(&state).is_some();
    let owners = [is_own.then(|| principal.id()), principal.was];
    let rows = state.store.read(move |db| {
        let owners = owners.into_iter().flatten();
        let rows = owners.map(|owner| uploads::loose_of(db, owner));
        rows.collect::<Result<Vec<_>, _>>()
    });
    let rows = rows.await?.concat();
    let uploads = rows.iter().map(|row| view(row, &state, client.lang()));
    Ok(HttpResponse::Ok().json(UploadsAnswer {
        uploads: uploads.collect(),
    }))
}

/// `POST /api/v1/uploads`: announces a file; the body may have its first bytes (`Content-Type:
/// application/offset+octet-stream`).
///
/// # Errors
/// [`Error::OtherTus`], [`Error::BadUpload`], [`Error::UploadsOff`], [`Error::FileEmpty`], [`Error::FileTooBig`],
/// [`Error::FileRefused`], [`Error::QuotaFull`], [`Error::StorageFull`], [`Error::DiskFull`],
/// [`Error::TooManyUploads`], [`Error::TooFast`]; [`Error::NotFound`] for the poster of a video that waits for none;
/// those of sending a message, where `room` names one.
#[utoipa::path(
    post,
    path = "/api/v1/uploads",
    operation_id = "create_upload",
    tag = "Files",
    summary = "Announce a file (tus 1.0.0)",
    params(
        ("Tus-Resumable" = String, Header, description = "1.0.0"),
        ("Upload-Length" = i64, Header, description = "Bytes of the file"),
        ("Upload-Metadata" = Option<String>, Header, description = "filename, nonce, as, full, room; of, w, h and ms of a poster: each with its value in base64")
    ),
    responses((status = 201, description = "Its address in `Location`, and in `Upload-Offset` how much of it is here", body = Upload))
)]
pub async fn create(
    request: HttpRequest,
    client: Client,
    state: web::Data<AppState>,
    body: web::Payload,
) -> Result<HttpResponse, Error> {
    let mut body = Body::new(&request, body);
    let announced = announce(&request, &client, &state).await;
    let upload = match announced {
        Ok(upload) => upload,
        Err(error) => return Ok(body.refuse(&client, error.into()).await),
    };
    let brings = tus::has_bytes(request.headers()) && upload.got == 0 && is_open(&upload)?;
    let upload = match brings {
        true => match body.receive(&state, &upload).await {
            Ok(upload) => upload,
            Err(refused) => return Ok(body.refuse(&client, refused).await),
        },
        false => upload,
    };
    let mut answer = HttpResponse::Created();
    tus::mark(&mut answer);
    tus::put_offset(&mut answer, upload.got);
    tus::put_expiry(&mut answer, expiry(&state, upload.touched_at));
    let location = format!("/api/v1/uploads/{}", upload.id);
    Ok(answer
        .insert_header((header::LOCATION, location))
        .json(view(&upload, &state, client.lang())))
}

/// `HEAD /api/v1/uploads/{file}`: how much of an upload is here; what is under way is ended.
///
/// # Errors
/// [`Error::NotFound`], [`Error::UploadExpired`].
pub async fn head(
    request: HttpRequest,
    client: Client,
    state: web::Data<AppState>,
    file: web::Path<FileId>,
) -> Result<HttpResponse, Error> {
    let found = async {
        tus::check(request.headers())?;
        let upload = own(&client, &state, *file).await?;
        is_open(&upload)?;
        Ok::<_, Error>(upload)
    };
    let upload = match found.await {
        Ok(upload) => upload,
        Err(error) => return Ok(refused(&client, &error.into())),
    };
    let mut answer = HttpResponse::Ok();
    tus::mark(&mut answer);
    tus::put_offset(&mut answer, upload.got);
    tus::put_length(&mut answer, upload.size);
    tus::put_name(&mut answer, &upload.name);
    tus::put_expiry(&mut answer, expiry(&state, upload.touched_at));
    Ok(answer.finish())
}

/// `PATCH /api/v1/uploads/{file}`: the next bytes.
///
/// # Errors
/// [`Error::OtherTus`], [`Error::BadUpload`], [`Error::NotBytes`]; [`Error::NotFound`], [`Error::UploadExpired`];
/// [`Error::WrongOffset`], with the right one in
/// `Upload-Offset`; [`Error::FileTooBig`] past the length that was announced; [`Error::Busy`],
/// [`Error::DiskFull`], [`Error::FilesAway`], [`Error::Restarting`].
#[utoipa::path(
    patch,
    path = "/api/v1/uploads/{file}",
    operation_id = "continue_upload",
    tag = "Files",
    summary = "The next bytes of a file (tus 1.0.0)",
    params(
        ("file" = String, Path, description = "The id of the upload"),
        ("Tus-Resumable" = String, Header, description = "1.0.0"),
        ("Upload-Offset" = i64, Header, description = "Where these bytes begin in the file")
    ),
    request_body(content = Vec<u8>, content_type = "application/offset+octet-stream"),
    responses((status = 204, description = "They are on the disk up to `Upload-Offset`"))
)]
pub async fn patch(
    request: HttpRequest,
    client: Client,
    state: web::Data<AppState>,
    file: web::Path<FileId>,
    body: web::Payload,
) -> Result<HttpResponse, Error> {
    let mut body = Body::new(&request, body);
    let checked = async {
        tus::check(request.headers())?;
        let offset = tus::offset(request.headers())?;
        if !tus::has_bytes(request.headers()) {
            return Err(Error::NotBytes.into());
        }
        let upload = own(&client, &state, *file).await?;
        let open = is_open(&upload)?;
        if offset != upload.got || !open && offset < upload.size {
            return Err(PieceError::at(Error::WrongOffset, upload.got));
        }
        Ok::<_, PieceError>((upload, open))
    };
    let received = match checked.await {
        Ok((upload, true)) => body.receive(&state, &upload).await,
        Ok((upload, false)) => Ok(upload),
        Err(refused) => Err(refused),
    };
    let upload = match received {
        Ok(upload) => upload,
        Err(refused) => return Ok(body.refuse(&client, refused).await),
    };
    if let Some(bytes) = tus::ceiling(request.headers()) {
        telemetry::upload_ceiling();
        tracing::warn!(
            bytes,
            "a proxy before this server lets through no request that is longer, so files come slowly: set \
             client_max_body_size to 0 for /api/v1/uploads (deploy/nginx.conf)"
        );
    }
    let mut answer = HttpResponse::NoContent();
    tus::mark(&mut answer);
    tus::put_offset(&mut answer, upload.got);
    tus::put_expiry(&mut answer, expiry(&state, upload.touched_at));
    Ok(answer.finish())
}

/// `DELETE /api/v1/uploads/{file}`: throws it away.
///
/// # Errors
/// [`Error::NotFound`], for a file that is in a message too.
#[utoipa::path(
    delete,
    path = "/api/v1/uploads/{file}",
    operation_id = "delete_upload",
    tag = "Files",
    summary = "Throw an upload away",
    params(("file" = String, Path, description = "The id of the upload")),
    responses((status = 204, description = "Its bytes are gone, and what they counted is free"))
)]
pub async fn delete(
    client: Client,
    state: web::Data<AppState>,
    file: web::Path<FileId>,
) -> Result<HttpResponse, Error> {
    let upload = own(&client, &state, *file).await?;
    let (id, owner) = (upload.id, upload.owner);
    let discard = move |db: &mut dyn Db| uploads::discard(db, id, &[owner]);
    if !state.store.write(discard).await? {
        return Err(Error::NotFound);
    }
    Ok(tus::mark(&mut HttpResponse::NoContent()).finish())
}

/// `GET /api/v1/uploads/{file}`
///
/// # Errors
/// [`Error::NotFound`], [`Error::UploadExpired`].
#[utoipa::path(
    get,
    path = "/api/v1/uploads/{file}",
    operation_id = "get_upload",
    tag = "Files",
    summary = "An upload, when it is ready or after a while",
    params(("file" = String, Path, description = "The id of the upload"), Patience),
    responses((status = 200, description = "As it is", body = Upload))
)]
pub async fn get(
    client: Client,
    state: web::Data<AppState>,
    file: web::Path<FileId>,
    patience: web::Query<Patience>,
) -> Result<HttpResponse, Error> {
    let principal = client.principal(&state).await?;
    let wait = Duration::from_secs(patience.wait.min(LONGEST_WAIT));
    let upload = settled(&state, *file, &principal, wait).await?;
    Ok(HttpResponse::Ok().json(view(&upload, &state, client.lang())))
}

/// The sender's upload when it can be sent or was refused, or as it is after `wait`.
///
/// # Errors
/// [`Error::NotFound`], [`Error::UploadExpired`].
pub(super) async fn settled(
    state: &AppState,
    id: FileId,
    principal: &Principal,
    wait: Duration,
) -> Result<FileRow, Error> {
    let until = tokio::time::Instant::now() + wait;
    loop {
        let changed = state.files.changed.notified();
        tokio::pin!(changed);
        changed.as_mut().enable();
        let upload = look_up(state, id, principal).await?;
        is_open(&upload)?;
        let waits = matches!(upload.state, FileState::Receiving | FileState::Working);
        let now = tokio::time::Instant::now();
        if !waits || now >= until {
            return Ok(upload);
        }
        // Another node may be the one that looks at it.
        let elsewhere = state.has_others().then(|| now + ELSEWHERE);
        let next = elsewhere.map_or(until, |next| next.min(until));
        let _passed = tokio::time::timeout_at(next, changed).await;
    }
}

/// The sender's upload, when nothing of it is under way any more.
async fn own(client: &Client, state: &AppState, id: FileId) -> Result<FileRow, Error> {
    let principal = client.principal(state).await?;
    // Whose it is, is asked first: nobody ends what is another's.
    look_up(state, id, &principal).await?;
    let settled = state.files.incoming.settled(id).await?;
    settled.ok_or(Error::NotFound)
}

async fn look_up(state: &AppState, id: FileId, principal: &Principal) -> Result<FileRow, Error> {
    let found = state.store.read(move |db| find(db, id)).await?;
    found
        .filter(|file| file.is_of(principal))
        .ok_or(Error::NotFound)
}

/// Until when an upload waits whose last bytes came at `touched_at`, ms since 1970.
fn expiry(state: &AppState, touched_at: i64) -> SystemTime {
    let touched = u64::try_from(touched_at).unwrap_or_default();
    let unsent = state.config.uploads.unsent.as_duration();
    SystemTime::UNIX_EPOCH + Duration::from_millis(touched) + unsent
}

fn view(upload: &FileRow, state: &AppState, lang: Lang) -> Upload {
    let ready = matches!(upload.state, FileState::Ready | FileState::Attached);
    let error = why(upload, state);
    Upload {
        id: upload.id,
        state: upload.state.as_str(),
        offset: upload.got,
        length: upload.size,
        name: upload.name.clone(),
        file: ready.then(|| upload.file()),
        error: error.map(|error| ErrorView::new(&error, lang, None)),
    }
}

/// Why an upload was refused.
pub(super) fn why(upload: &FileRow, state: &AppState) -> Option<Error> {
    let pixels = state.config.uploads.picture_pixels;
    let limit = usize::try_from(pixels / 1_000_000).unwrap_or(usize::MAX);
    // The row has the code alone.
    let seconds = state.config.uploads.voice_length.as_millis() / 1_000;
    let mut reasons = [
        Error::PictureTooBig { limit },
        Error::BadPicture,
        Error::VoiceTooLong { limit: seconds },
        Error::BadVoice,
        Error::FileGone,
    ]
    .into_iter();
    reasons.find(|error| upload.why.as_deref() == Some(error.code()))
}
