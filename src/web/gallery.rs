//! The API of a room's gallery: its files of some kinds, page by page.
//!
//! Bounds: [`gallery::PAGE`] files an answer; left out under overload as searching is.

use std::collections::BTreeSet;
use std::str::FromStr;

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};

use super::client::Client;
use crate::chat::shedding::Workload;
use crate::error::Error;
use crate::model::file::{File, FileKind};
use crate::model::message_id::MessageId;
use crate::model::room_id::RoomId;
use crate::protocol::view::PersonView;
use crate::store::files::gallery::{self, Item, Page, Position, Side};
use crate::web::get_route;
use crate::web::room_commands::view;
use crate::web::state::AppState;

/// Registers this file's routes.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/api/v1/rooms/{room}/files", get_route().to(list));
}

/// Which files are wanted; without a place, the newest.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// Kinds with commas between them: `picture` (moving ones too), `video`, `audio`, `voice`, `file`; all when
    /// absent.
    kind: Option<String>,
    /// Files older than the one at this place: `message.number`, a message's id and the number of a file in it, from 0.
    before: Option<String>,
    /// Files newer than the one at this place.
    after: Option<String>,
}

/// A file of a room.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = RoomFile)]
pub struct FileView<'a> {
    /// The message that has it.
    #[schema(value_type = i64)]
    pub message: MessageId,
    /// Its number among the files of the message, from 0.
    pub number: i64,
    /// When the message was sent, ms since 1970.
    pub at: i64,
    /// Who sent it, as they were then.
    pub by: PersonView<'a>,
    /// The file.
    pub file: &'a File,
}

/// A page of a room's files.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct FilesAnswer<'a> {
    /// The files, newest first, also where newer ones were asked for.
    pub files: Vec<FileView<'a>>,
    /// Where it goes on, on the side that was asked for: the next `before`, or `after`; `null` at the end.
    pub next: Option<String>,
}

/// `GET /api/v1/rooms/{room}/files`
///
/// # Errors
/// [`Error::NotFound`] for a room that does not exist, or that the sender may not see; [`Error::BadData`] for two
/// places at once, for none that is one, and for a kind that there is not; [`Error::GuestsOff`], [`Error::Busy`].
#[utoipa::path(
    get,
    path = "/api/v1/rooms/{room}/files",
    operation_id = "list_room_files",
    tag = "Files",
    summary = "The files of a room's messages",
    params(("room" = i64, Path, description = "The room's id; 1 is the lobby"), Which),
    responses((status = 200, description = "At most 40, newest first", body = FilesAnswer))
)]
pub async fn list(
    client: Client,
    state: web::Data<AppState>,
    room: web::Path<RoomId>,
    query: web::Query<Which>,
) -> Result<HttpResponse, Error> {
    let principal = client.principal(&state).await?;
    state.shedding.admit(Workload::Searching)?;
    let (kinds, side) = (query.kinds()?, query.side()?);
    let room = view(&state, *room, principal).await?.id;
    let read = state
        .store
        .read(move |db| gallery::page(db, room, &kinds, side));
    let page = read.await?;
    Ok(HttpResponse::Ok().json(FilesAnswer {
        files: page.items.iter().map(FileView::from).collect(),
        next: next(&page, side),
    }))
}

/// What `kind` takes, and the kinds of file that it means.
const KINDS: [(&str, &[FileKind]); 5] = [
    ("picture", &[FileKind::Picture, FileKind::Animation]),
    ("video", &[FileKind::Video]),
    ("audio", &[FileKind::Audio]),
    ("voice", &[FileKind::Voice]),
    ("file", &[FileKind::File]),
];

impl Which {
    fn kinds(&self) -> Result<Vec<FileKind>, Error> {
        let Some(asked) = &self.kind else {
            let all = KINDS.into_iter().flat_map(|(_, kinds)| kinds);
            return Ok(all.copied().collect());
        };
        // Twice the same is once: there is a walk along an index for each.
        let mut wanted = BTreeSet::new();
        for word in asked.split(',') {
            let known = KINDS.iter().find(|(known, _)| *known == word);
            let (_, kinds) = known.ok_or(Error::BadData)?;
            wanted.extend(kinds.iter().copied());
        }
        Ok(wanted.into_iter().collect())
    }

    fn side(&self) -> Result<Side, Error> {
        match (&self.before, &self.after) {
            (None, None) => Ok(Side::NEWEST),
            (Some(before), None) => position(before).map(Side::Before),
            (None, Some(after)) => position(after).map(Side::After),
            (Some(_), Some(_)) => Err(Error::BadData),
        }
    }
}

fn position(text: &str) -> Result<Position, Error> {
    let (message, place) = text.split_once('.').ok_or(Error::BadData)?;
    let bad = |_not_a_number| Error::BadData;
    Ok(Position {
        message: MessageId::from_str(message).map_err(bad)?,
        place: place.parse().map_err(bad)?,
    })
}

fn next(page: &Page, side: Side) -> Option<String> {
    let last = match side {
        Side::Before(_) => page.items.last(),
        Side::After(_) => page.items.first(),
    };
    let Position { message, place } = last.filter(|_| page.more)?.position;
    Some(format!("{message}.{place}"))
}

impl<'a> From<&'a Item> for FileView<'a> {
    fn from(item: &'a Item) -> Self {
        Self {
            message: item.position.message,
            number: item.position.place,
            at: item.at,
            by: PersonView::from(&item.by),
            file: &item.file,
        }
    }
}
