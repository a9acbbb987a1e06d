//! Notices: what all nodes of a server must learn, and what is no event of a room.
//!
//! Written in the transaction of what they tell of, and kept for an hour ([`forget`]). Taken twice they do no more than
//! once. Where there is one node nobody has to be told, and nothing is written.

use serde::{Deserialize, Serialize};

use super::db::{Db, Engine, StoreError, Value};
use crate::model::command::RoomDeleted;
use crate::model::expiry::Expired;
use crate::model::membership::RoomRole;
use crate::model::person_id::PersonId;
use crate::text::clock;

/// How long notices are kept, in ms: nodes that were away for longer begin anew.
const KEPT: i64 = 60 * 60 * 1_000;

/// Something that all nodes must learn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Notice {
    /// A cookie session has ended: its sockets end too.
    SessionEnded {
        /// The session's public id.
        sid: String,
    },
    /// A person's connections end. Taken twice it ends those that came back meanwhile, which come back again.
    ConnectionsEnded {
        /// Their public id.
        id: PersonId,
    },
    /// An account was deleted, or its name is off what it wrote: nothing in memory names it.
    PersonDeleted {
        /// Its public id.
        id: PersonId,
        /// The sessions whose sockets end.
        sids: Vec<String>,
    },
    /// A person has another name or picture.
    Profile {
        /// Their public id.
        id: PersonId,
        /// Their name.
        name: String,
        /// Their picture.
        avatar: String,
    },
    /// A visitor who was muted in or banned from the lobby has an account, which is so there too.
    LobbyRole {
        /// The account's public id.
        person: PersonId,
        /// What it is in the lobby.
        role: RoomRole,
    },
    /// A room was deleted.
    RoomDeleted(RoomDeleted),
    /// Messages and changes before `since` (ms since 1970) are gone from these rooms.
    Expired {
        /// ms since 1970.
        since: i64,
        /// The rooms.
        rooms: Vec<Expired>,
    },
    /// Every room has a new epoch.
    Epochs,
}

/// Has all nodes learn something once the transaction is committed.
///
/// # Errors
/// When the database fails.
pub fn write(db: &mut dyn Db, notice: &Notice) -> Result<(), StoreError> {
    if db.engine() == Engine::Sqlite {
        return Ok(());
    }
    let body = serde_json::to_string(notice).map_err(|_never| StoreError::Shape)?;
    db.execute(
        "INSERT INTO notices (body, at) VALUES ($1, $2)",
        &[Value::Text(&body), Value::Int(clock::now_ms())],
    )?;
    db.noticed();
    Ok(())
}

/// Tells all nodes of sessions that have ended.
///
/// # Errors
/// When the database fails.
pub(super) fn sessions_ended(db: &mut dyn Db, sids: &[String]) -> Result<(), StoreError> {
    for sid in sids.iter().filter(|sid| !sid.is_empty()) {
        write(db, &Notice::SessionEnded { sid: sid.clone() })?;
    }
    Ok(())
}

/// A notice from its row; `None` when a newer program has written it.
#[must_use]
pub fn read(body: &str) -> Option<Notice> {
    serde_json::from_str(body).ok()
}

/// Removes what was told of the names of somebody who is deleted.
///
/// # Errors
/// When the database fails.
pub(super) fn forget_profile(db: &mut dyn Db, id: PersonId) -> Result<(), StoreError> {
    if db.engine() == Engine::Sqlite {
        return Ok(());
    }
    let begins = format!("{{\"profile\":{{\"id\":\"{id}\"");
    db.execute(
        "DELETE FROM notices WHERE instr(body, $1) = 1",
        &[Value::Text(&begins)],
    )?;
    Ok(())
}

/// Removes those that every node has had time for.
///
/// # Errors
/// When the database fails.
pub fn forget(db: &mut dyn Db) -> Result<(), StoreError> {
    if db.engine() == Engine::Sqlite {
        return Ok(());
    }
    let before = clock::now_ms() - KEPT;
    db.execute("DELETE FROM notices WHERE at < $1", &[Value::Int(before)])?;
    Ok(())
}
