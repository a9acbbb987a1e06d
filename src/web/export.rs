//! Everything that the house keeps of a person's own, as one JSON document.
//!
//! It may be long, so it is written while it is sent: [`PAGE`] messages are in memory at a time, and
//! a reader that does not take them is asked for no more.

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
use crate::model::message::Message;
use crate::model::person::ServerRole;
use crate::model::person_id::PersonId;
use crate::store::accounts::users;
use crate::store::queries::messages;
use crate::store::queries::versions::{self, Version};
use crate::web::get_route;
use crate::web::state::AppState;

/// The addresses of this file.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/api/v1/me/export", get_route().to(download));
}

/// Messages read at a time: at most some 2 MB of the longest.
const PAGE: i64 = 100;

/// A message of his own.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = OwnMessage)]
pub struct Own<'a> {
    id: i64,
    room: i64,
    /// ms since 1970.
    at: i64,
    /// What he was called then.
    name: &'a str,
    place: &'a str,
    /// As he wrote it.
    content: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    edited: Option<i64>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    recalled: bool,
    /// What it said before it was edited, oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    earlier: Vec<Earlier<'a>>,
}

/// What a message of his own said before.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = OwnVersion)]
pub struct Earlier<'a> {
    /// ms since 1970.
    at: i64,
    content: Cow<'a, str>,
}

/// The account itself.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Account {
    /// Its public id.
    #[schema(value_type = String)]
    id: PersonId,
    name: String,
    role: ServerRole,
    /// When it was made, ms since 1970.
    created: Option<i64>,
    /// The colour of the identicon in degrees, `null` = its own.
    hue: Option<u16>,
}

/// What stands before the messages.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = DataHead)]
pub struct Head {
    account: Account,
    preferences: Preferences,
    devices: Vec<devices::Device>,
}

/// Everything that the house keeps of an account.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct DataAnswer<'a> {
    /// All but the messages.
    #[serde(flatten)]
    pub head: Head,
    /// What they have said, oldest first.
    pub messages: Vec<Own<'a>>,
}

/// `GET /api/v1/me/export`
///
/// # Errors
/// [`Error::SignInThrottled`] for too many of them; [`Error::Busy`].
#[utoipa::path(
    get,
    path = "/api/v1/me/export",
    operation_id = "export_data",
    tag = "Account",
    summary = "Everything that is kept of me",
    responses((status = 200, description = "A download, written while it is sent", body = DataAnswer)),
    security(("session" = []))
)]
pub async fn download(client: Client, state: web::Data<AppState>) -> Result<HttpResponse, Error> {
    let (id, visitor, head) = begin(&client, &state).await?;
    // The visitor spoke before the account did.
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

/// The public id, that of the visitor before, and the beginning of the document: all but the messages.
async fn begin(
    client: &Client,
    state: &AppState,
) -> Result<(PersonId, Option<PersonId>, Vec<u8>), Error> {
    let user = client.account(state).await?;
    state.count_account_attempt(client.address())?;
    let id = user.id;
    let created = state.store.read(move |db| users::created(db, id)).await?;
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
    };
    let head = serde_json::to_value(&head).and_then(|head| serde_json::to_vec(&head));
    let mut head = head.map_err(|_never| Error::Internal)?;
    // The object goes on.
    head.pop();
    head.extend_from_slice(b",\"messages\":[");
    Ok((public, user.visitor, head))
}

/// What is to be written next.
enum Next {
    /// Before the messages of these authors.
    Head(Vec<u8>, Vec<PersonId>),
    Messages(Messages),
    Nothing,
}

/// Where in the messages it goes on.
struct Messages {
    /// Whose; the last comes first.
    authors: Vec<PersonId>,
    /// Of the last one the messages after this id.
    after: i64,
    /// Whether others stand before them.
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
            after = message.id;
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

/// The next messages of an author, each with what it said before.
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
    }
}
