//! The earlier versions of an edited message, for those who may see them.

use actix_web::{HttpResponse, web};
use serde::Serialize;

use super::client::Client;
use crate::chat::shedding::Workload;
use crate::error::Error;
use crate::model::message_id::MessageId;
use crate::model::room_id::RoomId;
use crate::model::seq::Seq;
use crate::protocol::view::BodyView;
use crate::store::queries::versions::{self, Version};
use crate::web::get_route;
use crate::web::state::AppState;

/// Registers this file's routes.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route(
        "/api/v1/rooms/{room}/messages/{message}/versions",
        get_route().to(list),
    );
}

/// The versions of a message.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct VersionsAnswer<'a> {
    /// The versions, oldest first; the last is the current one. At most 50 earlier ones are kept.
    pub versions: Vec<VersionView<'a>>,
}

/// One version of a message.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Version)]
pub struct VersionView<'a> {
    /// The seq of the change that made this version.
    #[schema(value_type = i64)]
    rev: Seq,
    /// When it was made, ms since 1970.
    at: i64,
    #[serde(flatten)]
    body: BodyView<'a>,
}

impl<'a> From<&'a Version> for VersionView<'a> {
    fn from(version: &'a Version) -> Self {
        Self {
            rev: version.rev,
            at: version.at,
            body: BodyView::from(&version.body),
        }
    }
}

/// `GET /api/v1/rooms/{room}/messages/{message}/versions`
///
/// # Errors
/// [`Error::NotFound`] for a message or room that does not exist, or that the sender may not see;
/// [`Error::NotAllowed`] for another's message in a room of which the sender is neither owner nor admin;
/// [`Error::GuestsOff`], [`Error::Busy`].
#[utoipa::path(
    get,
    path = "/api/v1/rooms/{room}/messages/{message}/versions",
    operation_id = "list_versions",
    tag = "Messages",
    summary = "The versions of a message",
    params(
        ("room" = i64, Path, description = "The room's id; 1 is the lobby"),
        ("message" = i64, Path, description = "The message's id")
    ),
    responses((status = 200, description = "Oldest first, the last is the current one; none when it was recalled", body = VersionsAnswer))
)]
pub async fn list(
    client: Client,
    state: web::Data<AppState>,
    path: web::Path<(RoomId, MessageId)>,
) -> Result<HttpResponse, Error> {
    let (room, message) = path.into_inner();
    let principal = client.principal(&state).await?;
    state.shedding.admit(Workload::Reading)?;
    let found = state
        .store
        .read(move |db| versions::of(db, room, message, &principal))
        .await??;
    let versions = found.iter().map(VersionView::from).collect();
    Ok(HttpResponse::Ok().json(VersionsAnswer { versions }))
}
