//! `teahouse room`: rooms managed by the operator.

use anyhow::{Context, bail};
use clap::Subcommand;

use super::{list, open, open_alone, print};
use crate::config::Config;
use crate::model::command::RoomDeleted;
use crate::model::person_id::PersonId;
use crate::model::room::RoomKind;
use crate::model::room_id::RoomId;
use crate::store::queries::lists;
use crate::store::{room_erasure, search};
use crate::text::clock;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List every room.
    List,
    /// Delete a public or private room for good, with all its messages.
    Delete {
        /// The room's id, as the list and its address have it.
        id: i64,
        /// Confirm: there is no way back.
        #[arg(long)]
        yes: bool,
    },
}

/// Runs a room command.
pub(super) fn run(command: &Command, config: &Config) -> anyhow::Result<()> {
    match *command {
        Command::List => list::rooms(config),
        Command::Delete { id, yes } => delete(config, RoomId(id), yes),
    }
}

/// Deletes a room: a running server tells everybody and erases it; without one it is erased here.
fn delete(config: &Config, id: RoomId, yes: bool) -> anyhow::Result<()> {
    let mut storage = if yes {
        open_alone(config)?
    } else {
        open(config)?
    };
    let db = &mut *storage.db;
    let room = lists::rooms(db, Some(id))?.pop();
    let room =
        room.with_context(|| format!("there is no room with the id {id}: see teahouse room list"))?;
    if matches!(room.kind, RoomKind::Lobby | RoomKind::Direct) {
        bail!(
            "this is {}: only public and private rooms can be deleted",
            match room.kind {
                RoomKind::Lobby => "the lobby",
                _ => "a direct room, which is its people's own",
            }
        );
    }
    let what = format!(
        "the {} room {:?}, its people ({}) and all that was said there ({} messages)",
        room.kind.as_str(),
        room.name,
        room.people,
        room.messages
    );
    if !yes {
        bail!("there is no way back: add --yes to delete {what}");
    }
    let deleted = RoomDeleted {
        room: id,
        by: PersonId::Nobody,
    };
    db.in_one(|db| room_erasure::begin(db, &deleted, clock::now_ms()))?;
    if storage.hold.is_none() {
        return print(&format!(
            "{what}, is deleted; the server that runs takes it away from everybody within seconds\n"
        ));
    }
    while db.in_one(|db| room_erasure::step(db, id))? {}
    let mut first = true;
    while db.in_one(|db| search::settle(db, first))? {
        first = false;
    }
    db.in_one(|db| room_erasure::done(db, id))?;
    print(&format!("{what}, is deleted\n"))
}
