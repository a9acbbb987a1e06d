//! The room in a page of another site: the frame's documents, and the window in which its person signs in. Who one is in a frame
//! is in `embed_session`.

use actix_web::http::header::{self, ContentType};
use actix_web::web::Json;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::{Deserialize, Serialize};

use super::client::{Client, reader_lang};
use super::room_page::script_json;
use super::{assets, embed_preview, pages};
use crate::chat::shedding::Workload;
use crate::error::Error;
use crate::model::principal::Principal;
use crate::model::room_id::RoomId;
use crate::model::seq::Seq;
use crate::store::queries::messages;
use crate::text::catalog::Lang;
use crate::web::get_route;
use crate::web::security::Framed;
use crate::web::state::AppState;

/// Registers this file's routes.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/embed.js", get_route().to(script))
        .route("/embed/1.0.js", get_route().to(script_1_0))
        .route("/embed/rooms/{room}", get_route().to(shell))
        .route("/embed/rooms/{room}/page", get_route().to(page))
        .route("/embed/connect", get_route().to(connect))
        .route("/api/v1/embed/news", get_route().to(news));
}

/// More than this a badge does not say.
const MOST_NEWS: i64 = 100;

/// The policy of a frame's document, as a page's, up to the sites that may show it.
const FRAME_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
     media-src 'self' blob:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors";

/// `GET /embed.js`: the script that sites put into their pages.
pub async fn script(request: HttpRequest) -> HttpResponse {
    assets::for_other_sites(&request, assets::EMBED, false)
}

/// `GET /embed/1.0.js`: the same as it was when version 1 of its wire was done, to the byte and for ever.
pub async fn script_1_0(request: HttpRequest) -> HttpResponse {
    assets::for_other_sites(&request, assets::EMBED_1_0, true)
}

/// What the address of a frame's document says.
#[derive(Debug, Deserialize)]
pub struct Wanted {
    #[serde(default)]
    host: String,
    lang: Option<Lang>,
}

/// What the scripts of a frame's document begin with, as JSON.
#[derive(Serialize)]
struct Begin<'a> {
    host: &'a str,
    room: RoomId,
    lang: Lang,
    strings: std::collections::BTreeMap<&'static str, &'static str>,
}

/// Data of `templates/embed.html`.
#[derive(Template)]
#[template(path = "embed.html")]
struct ShellPage {
    t: Lang,
    lang: &'static str,
    asset: String,
    boot: String,
}

/// Data of `templates/unlisted.html`.
#[derive(Template)]
#[template(path = "unlisted.html")]
struct UnlistedPage<'a> {
    t: Lang,
    lang: &'static str,
    host: &'a str,
}

/// `GET /embed/rooms/{room}`: the document of a frame, the same for everybody. A site that is not on the list is told by a page
/// which line is missing. The server's own preview may show it to admins.
///
/// # Errors
/// When it cannot be drawn.
pub async fn shell(
    request: HttpRequest,
    client: Client,
    state: web::Data<AppState>,
    room: web::Path<RoomId>,
    wanted: web::Query<Wanted>,
) -> Result<HttpResponse, Error> {
    let Wanted { host, lang } = wanted.into_inner();
    let t = lang.unwrap_or_else(|| reader_lang(&request));
    let lang = t.tag();
    let embed = &state.config.embed;
    let is_preview = embed_preview::is_preview(&request, &client, &state, &host).await?;
    let is_listed = is_preview || embed.allows(&host);
    let drawn = if is_listed {
        let strings = t.strings("embed");
        let begin = Begin {
            host: &host,
            room: *room,
            lang: t,
            strings,
        };
        let boot = script_json(&begin)?;
        let asset = assets::prefix();
        ShellPage {
            t,
            lang,
            asset,
            boot,
        }
        .render()
    } else {
        UnlistedPage {
            t,
            lang,
            host: &host,
        }
        .render()
    };
    let html = drawn.map_err(|error| {
        tracing::error!(%error, "the document of a frame could not be drawn");
        Error::Internal
    })?;
    let (mut answer, policy) = if is_listed {
        let hosts = if is_preview {
            "'self'"
        } else {
            &embed.hosts.join(" ")
        };
        let policy = format!("{FRAME_POLICY} {hosts}");
        (HttpResponse::Ok(), policy)
    } else {
        // Where anybody may look at it, and nothing of it runs: whoever puts the script in sees what is missing.
        let policy = "default-src 'none'; frame-ancestors *".to_owned();
        (HttpResponse::Forbidden(), policy)
    };
    let mut answer = answer
        .content_type(ContentType::html())
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .insert_header((header::CONTENT_SECURITY_POLICY, policy))
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
        .body(html);
    answer.extensions_mut().insert(Framed);
    Ok(answer)
}

/// `GET /embed/rooms/{room}/page`: what the frame puts into its document, as it is for the person of its token.
///
/// # Errors
/// As the pages of rooms; [`Error::BadToken`] without a token.
pub async fn page(
    client: Client,
    state: web::Data<AppState>,
    room: web::Path<RoomId>,
) -> Result<HttpResponse, Error> {
    client.frame().ok_or(Error::BadToken)?;
    pages::room(client, state, room).await
}

/// Data of `templates/connect.html`.
#[derive(Template)]
#[template(path = "connect.html")]
struct ConnectPage<'a> {
    t: Lang,
    lang: &'static str,
    asset: String,
    /// The site's name without its scheme.
    site: &'a str,
    /// The name of the account; empty when nobody is signed in.
    name: &'a str,
    /// Whether this server takes passwords.
    passwords: bool,
    boot: String,
}

/// What the address of the window for signing in says.
#[derive(Debug, Deserialize)]
pub struct Asked {
    #[serde(default)]
    host: String,
    #[serde(default)]
    challenge: String,
}

/// What the scripts of the window for signing in begin with, as JSON.
#[derive(Serialize)]
struct ConnectBegin<'a> {
    host: &'a str,
    challenge: &'a str,
    me: Option<&'a Principal>,
    strings: std::collections::BTreeMap<&'static str, &'static str>,
}

/// `GET /embed/connect`: the window in which a person says that they want to be here under their account in a frame.
///
/// # Errors
/// [`Error::HostNotAllowed`]; when it cannot be drawn.
pub async fn connect(
    client: Client,
    state: web::Data<AppState>,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Error> {
    let Asked { host, challenge } = &*asked;
    if !state.config.embed.allows(host) {
        return Err(Error::HostNotAllowed);
    }
    state.shedding.admit(Workload::Arrival)?;
    let me = match client.principal(&state).await {
        Ok(me) => Some(me).filter(Principal::has_account),
        Err(Error::GuestsOff) => None,
        Err(error) => return Err(error),
    };
    let t = client.lang();
    let begin = ConnectBegin {
        host,
        challenge,
        me: me.as_ref(),
        strings: t.strings("embed"),
    };
    let page = ConnectPage {
        t,
        lang: t.tag(),
        asset: assets::prefix(),
        site: host.split_once("://").map_or("", |(_, site)| site),
        name: me.as_ref().map_or("", |me| &me.person.name),
        passwords: state.config.accounts.passwords,
        boot: script_json(&begin)?,
    };
    let html = page.render().map_err(|error| {
        tracing::error!(%error, "the window for signing in could not be drawn");
        Error::Internal
    })?;
    Ok(HttpResponse::Ok()
        .content_type(ContentType::html())
        .insert_header((header::CACHE_CONTROL, "no-store"))
        // The window that opened it hears from it.
        .insert_header((header::CROSS_ORIGIN_OPENER_POLICY, "unsafe-none"))
        .body(html))
}

/// What a frame that is not shown asks for.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Since {
    /// The room's id.
    #[param(value_type = i64)]
    room: RoomId,
    /// The seq up to which a visitor has seen it, who has no read marker; without it nothing waits for them.
    #[param(value_type = Option<i64>)]
    since: Option<Seq>,
}

/// What waits in a room.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct NewsAnswer {
    /// The seq of the room's newest event.
    #[schema(value_type = i64)]
    head: Seq,
    /// Messages of others that the person has not read; a visitor is told at most 100.
    unread: i64,
    /// How many of them mention the person.
    mentions: i64,
}

/// `GET /api/v1/embed/news`: what waits in a room, for a frame that nobody has opened yet and that has no socket.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::BadToken`] without a frame's token.
#[utoipa::path(
    get,
    path = "/api/v1/embed/news",
    operation_id = "frame_news",
    tag = "Account",
    summary = "What waits in a room, for a frame that nobody has opened yet",
    params(Since),
    responses((status = 200, description = "Counts", body = NewsAnswer))
)]
pub async fn news(
    client: Client,
    state: web::Data<AppState>,
    since: web::Query<Since>,
) -> Result<Json<NewsAnswer>, Error> {
    client.frame().ok_or(Error::BadToken)?;
    state.shedding.admit(Workload::Reading)?;
    let principal = client.principal(&state).await?;
    let reader = principal.person.id;
    let rooms = state.chat.view_rooms(vec![since.room], principal).await?;
    let room = rooms.first().ok_or(Error::NotFound)?;
    let unread = match since.since {
        Some(seen) if room.role.is_none() && seen < room.head => {
            let id = room.id;
            state
                .store
                .read(move |db| messages::count_since(db, id, reader, seen, MOST_NEWS))
                .await?
        }
        _ => room.unread,
    };
    Ok(Json(NewsAnswer {
        head: room.head,
        unread,
        mentions: room.mentions,
    }))
}
