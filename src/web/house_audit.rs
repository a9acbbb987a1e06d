//! The API for the site's own server: who has let whom or what in.

use actix_web::web::{self, Json};
use serde::{Deserialize, Serialize};

use super::house_caller::HouseCaller;
use crate::error::Error;
use crate::store::accounts::audit::{self, Entry};
use crate::web::get_route;
use crate::web::state::AppState;

/// Rows of one page.
const PAGE: usize = 50;

/// Registers this file's routes.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/api/v1/house/audit", get_route().to(list));
}

/// Where a page begins.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Place {
    /// The `next` of the page before.
    after: Option<String>,
}

/// What somebody has done.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = AuditEntry)]
pub struct EntryView {
    /// What names it.
    id: String,
    /// When, ms since 1970.
    at: i64,
    /// The public id of whoever has done it, or `operator`.
    by: String,
    /// What they have done, in one word such as `token_added`.
    what: String,
    /// The id of what it was done to.
    about: String,
    /// What else there is to know; no secret is in it.
    detail: String,
}

impl From<Entry> for EntryView {
    fn from(entry: Entry) -> Self {
        Self {
            id: entry.id,
            at: entry.at,
            by: entry.by,
            what: entry.what,
            about: entry.about,
            detail: entry.detail,
        }
    }
}

/// A page of the audit.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct AuditAnswer {
    /// The newest first.
    entries: Vec<EntryView>,
    /// The `after` of the next page; `null` on the last one.
    next: Option<String>,
}

/// `GET /api/v1/house/audit`
///
/// # Errors
/// [`Error::ScopeNeeded`]; [`Error::BadData`] for an invalid cursor; [`Error::Busy`].
#[utoipa::path(
    get,
    path = "/api/v1/house/audit",
    operation_id = "house_audit",
    tag = "House",
    summary = "Who has made, changed and ended tokens, bots and hooks, for a year",
    params(Place),
    responses((status = 200, description = "At most 50, the newest first, and a cursor", body = AuditAnswer))
)]
pub async fn list(
    _caller: HouseCaller,
    state: web::Data<AppState>,
    place: web::Query<Place>,
) -> Result<Json<AuditAnswer>, Error> {
    let after = place.into_inner().after.filter(|after| !after.is_empty());
    let found = state.store.read(move |db| {
        if let Some(after) = &after
            && !audit::is_there(db, after)?
        {
            return Ok(Err(Error::BadData));
        }
        let one_more = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
        audit::newest(db, after.as_deref(), one_more).map(Ok)
    });
    let mut entries = found.await??;
    let is_more = entries.len() > PAGE;
    entries.truncate(PAGE);
    let last = entries.last().filter(|_| is_more);
    Ok(Json(AuditAnswer {
        next: last.map(|entry| entry.id.clone()),
        entries: entries.into_iter().map(EntryView::from).collect(),
    }))
}
