//! What a message said before it was edited, for those who may see it.

use actix_web::{HttpResponse, web};

use super::client::Client;
use crate::chat::shedding::Workload;
use crate::error::Error;
use crate::store::queries::versions;
use crate::web::get_route;
use crate::web::responses::{self, VersionView};
use crate::web::state::AppState;

/// The addresses of this file.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route(
        "/api/v1/rooms/{room}/messages/{message}/versions",
        get_route().to(list),
    );
}

/// `GET /api/v1/rooms/{room}/messages/{message}/versions`
///
/// # Errors
/// [`Error::NotFound`] for a message or room that is not there, or not for him;
/// [`Error::NotAllowed`] for another's in a room that he does not look after;
/// [`Error::GuestsOff`], [`Error::Busy`].
#[utoipa::path(
    get,
    path = "/api/v1/rooms/{room}/messages/{message}/versions",
    operation_id = "list_versions",
    tag = "Messages",
    summary = "What a message has said",
    params(
        ("room" = i64, Path, description = "The room's id; 1 is the lobby"),
        ("message" = i64, Path, description = "The message's id")
    ),
    responses((status = 200, description = "Oldest first, the last is what it says now; nothing when it was withdrawn", body = responses::VersionsAnswer))
)]
pub async fn list(
    client: Client,
    house: web::Data<AppState>,
    path: web::Path<(i64, i64)>,
) -> Result<HttpResponse, Error> {
    let (room, message) = path.into_inner();
    let principal = client.principal(&house).await?;
    house.load.admit(Workload::Reading)?;
    let found = house
        .store
        .read(move |db| versions::of(db, room, message, &principal))
        .await??;
    let versions = found.iter().map(VersionView::from).collect();
    Ok(HttpResponse::Ok().json(responses::VersionsAnswer { versions }))
}
