//! Everything that the server keeps of an account, as one JSON document.
//!
//! It may be long, so it is streamed: [`PAGE`] messages are in memory at a time, and
//! the next ones are read when the client has taken them.

use std::borrow::Cow;

use actix_web::http::header::{self, ContentType};
use actix_web::{HttpResponse, web};
use bytes::Bytes;
use futures_util::stream;
use serde::Serialize;

use super::client::Client;
use super::devices;
use super::security::InParts;
use crate::auth::preferences::Preferences;
use crate::chat::shedding::Workload;
use crate::error::Error;
use crate::model::file::{File, FileKind, Rendition};
use crate::model::message::Message;
use crate::model::message_id::MessageId;
use crate::model::person::ServerRole;
use crate::model::person_id::PersonId;
use crate::model::room_id::RoomId;
use crate::store::accounts::identities::{self, Identity};
use crate::store::accounts::users;
use crate::store::queries::messages;
use crate::store::queries::versions::{self, Version};
use crate::web::get_route;
use crate::web::state::AppState;

/// Registers this file's routes.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/api/v1/me/export", get_route().to(download));
}

/// Messages per query: some 2 MB of the longest at most.
const PAGE: i64 = 100;

/// A message that the account's owner wrote.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = OwnMessage)]
pub struct Own<'a> {
    #[schema(value_type = i64)]
    id: MessageId,
    #[schema(value_type = i64)]
    room: RoomId,
    /// Time of sending, ms since 1970.
    at: i64,
    /// The author's name at that time.
    name: &'a str,
    place: &'a str,
    /// The Markdown as it was written.
    content: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    edited: Option<i64>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    recalled: bool,
    /// Its earlier versions, oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    earlier: Vec<Earlier<'a>>,
    /// Its files.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    files: Vec<Attached<'a>>,
}

/// A file of one of the owner's messages.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = AttachedFile)]
pub struct Attached<'a> {
    /// The path of its bytes on this server, as long as it is there and the owner may read its room.
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    /// The file as its message has it.
    #[serde(flatten)]
    file: &'a File,
}

/// An earlier version of one of the owner's messages.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = OwnVersion)]
pub struct Earlier<'a> {
    /// Time of this version, ms since 1970.
    at: i64,
    content: Cow<'a, str>,
}

/// The account's own data.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Account {
    /// The account's public id.
    #[schema(value_type = String)]
    id: PersonId,
    name: String,
    role: ServerRole,
    /// Creation time, ms since 1970.
    created: Option<i64>,
    /// Hue of the identicon in degrees; `null` is the one derived from the id.
    hue: Option<u16>,
}

/// Who the account's owner is elsewhere.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = OwnIdentity)]
pub struct Elsewhere {
    issuer: String,
    subject: String,
    /// What the issuer calls them.
    name: String,
    /// Since when the account is theirs, ms since 1970.
    since: i64,
    /// When they last came in, ms since 1970.
    seen: i64,
}

impl From<Identity> for Elsewhere {
    fn from(identity: Identity) -> Self {
        Self {
            issuer: identity.issuer,
            subject: identity.subject,
            name: identity.name,
            since: identity.linked,
            seen: identity.seen,
        }
    }
}

/// What precedes the messages.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = DataHead)]
pub struct Head {
    account: Account,
    preferences: Preferences,
    devices: Vec<devices::Device>,
    identities: Vec<Elsewhere>,
}

/// Everything that the server keeps of an account.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct DataAnswer<'a> {
    /// Everything but the messages.
    #[serde(flatten)]
    pub head: Head,
    /// The account's messages, oldest first.
    pub messages: Vec<Own<'a>>,
}

/// `GET /api/v1/me/export`
///
/// [`Error::SignInThrottled`] for too many exports; [`Error::Busy`].
/// [`Error::SignInThrottled`] for too many of them; [`Error::Busy`].
#[utoipa::path(
    get,
    path = "/api/v1/me/export",
    operation_id = "export_data",
    tag = "Account",
    summary = "Everything that is kept of the account",
    responses((status = 200, description = "A download, written while it is sent", body = DataAnswer)),
    security(("session" = []))
)]
pub async fn download(client: Client, state: web::Data<AppState>) -> Result<HttpResponse, Error> {
    let (id, visitor, head) = begin(&client, &state).await?;
    // The visitor's messages are older than the account's.
    let authors = std::iter::once(id).chain(visitor).collect();
    let name = format!("attachment; filename=\"teahouse-{id}.json\"");
    let mut response = HttpResponse::Ok()
        .content_type(ContentType::json())
        .insert_header((header::CONTENT_DISPOSITION, name))
        .streaming(stream::try_unfold(Next::Head(head, authors), move |next| {
            part(state.clone(), next)
        }));
    response.extensions_mut().insert(InParts);
    Ok(response)
}

/// The account's public id, that of its visitor before, and the beginning of the document up to the messages.
async fn begin(
    client: &Client,
    state: &AppState,
) -> Result<(PersonId, Option<PersonId>, Vec<u8>), Error> {
    let user = client.account(state).await?;
    state.count_account_attempt(client.address())?;
    let id = user.id;
    let created = state.store.read(move |db| users::created(db, id)).await?;
    let identities = state.store.read(move |db| identities::of_user(db, id));
    let identities = identities.await?;
    let public = PersonId::User(user.id);
    let head = Head {
        account: Account {
            id: public,
            name: user.name,
            role: user.role,
            created,
            hue: user.hue,
        },
        preferences: client.preferences(state).await?,
        devices: devices::of(client, state).await?,
        identities: identities.into_iter().map(Elsewhere::from).collect(),
    };
    let head = serde_json::to_value(&head).and_then(|head| serde_json::to_vec(&head));
    let mut head = head.map_err(|_never| Error::Internal)?;
    // The closing brace comes after the messages.
    head.pop();
    head.extend_from_slice(b",\"messages\":[");
    Ok((public, user.visitor, head))
}

/// What the stream writes next.
enum Next {
    /// The head, followed by the messages of these authors.
    Head(Vec<u8>, Vec<PersonId>),
    Messages(Messages),
    Nothing,
}

/// The position in the messages.
struct Messages {
    /// Authors that are left; the last one comes first.
    authors: Vec<PersonId>,
    /// Id of the last message written of the current author.
    after: i64,
    /// Whether a comma is needed: a message was written before.
    follows: bool,
}

async fn part(state: web::Data<AppState>, next: Next) -> Result<Option<(Bytes, Next)>, Error> {
    let Messages {
        mut authors,
        mut after,
        mut follows,
    } = match next {
        Next::Head(head, authors) => {
            let next = Messages {
                authors,
                after: 0,
                follows: false,
            };
            return Ok(Some((head.into(), Next::Messages(next))));
        }
        Next::Messages(next) => next,
        Next::Nothing => return Ok(None),
    };
    let page = loop {
        let Some(author) = authors.last().cloned() else {
            return Ok(Some((Bytes::from_static(b"]}\n"), Next::Nothing)));
        };
        let page = read(&state, author, after).await?;
        if let Some((message, _)) = page.last() {
            after = message.id.0;
            break page;
        }
        authors.pop();
        after = 0;
    };
    let mut out = Vec::new();
    for (message, earlier) in &page {
        out.extend_from_slice(if follows { b",\n" } else { b"\n" });
        follows = true;
        serde_json::to_writer(&mut out, &own(message, earlier))
            .map_err(|_never| Error::Internal)?;
    }
    let next = Messages {
        authors,
        after,
        follows,
    };
    Ok(Some((out.into(), Next::Messages(next))))
}

/// The next messages of an author, each with its earlier versions.
async fn read(
    state: &AppState,
    author: PersonId,
    after: i64,
) -> Result<Vec<(Message, Vec<Version>)>, Error> {
    state.shedding.admit(Workload::Reading)?;
    let page = state.store.read(move |db| {
        let page = messages::of_author(db, author, after, PAGE)?;
        page.into_iter()
            .map(|message| {
                let earlier = match message.edited {
                    Some(_) => versions::earlier(db, message.id)?,
                    None => Vec::new(),
                };
                Ok((message, earlier))
            })
            .collect::<Result<Vec<_>, _>>()
    });
    Ok(page.await?)
}

fn own<'a>(message: &'a Message, earlier: &'a [Version]) -> Own<'a> {
    Own {
        id: message.id,
        room: message.room,
        at: message.at,
        name: &message.by.name,
        place: &message.by.place,
        content: message.body.content(),
        edited: message.edited,
        recalled: message.recalled,
        earlier: earlier
            .iter()
            .map(|version| Earlier {
                at: version.at,
                content: version.body.content(),
            })
            .collect(),
        files: message.files.iter().map(attached).collect(),
    }
}

fn attached(file: &File) -> Attached<'_> {
    let rendition = match file.kind {
        FileKind::Picture | FileKind::Animation => Rendition::L,
        _ => Rendition::Raw,
    };
    let address = format!("/files/{}/{}?save", file.id, rendition.as_str());
    Attached {
        address: (!file.gone).then_some(address),
        file,
    }
}
