//! Deletes what deleted rooms have left in the store: soon after they are deleted, by whomever, and at the
//! start what was interrupted.

use std::time::Duration;

use anyhow::Context;

use super::{Job, search_index};
use crate::model::command::RoomDeleted;
use crate::store::db::{Db, StoreError};
use crate::store::room_erasure;
use crate::web::state::AppState;

/// Pause between two steps, so that at most half of the writer's time goes there.
const REST: Duration = Duration::from_millis(30);

pub(super) struct RoomErasure;

impl Job for RoomErasure {
    const NAME: &'static str = "room_erasure";
    const PERIOD: Duration = Duration::from_secs(5);
    const FOR_ALL: bool = true;

    async fn run(&mut self, state: &AppState) -> anyhow::Result<()> {
        let erased = erase_all(state).await;
        erased.context("not all is gone of a room that was deleted")
    }
}

async fn erase_all(state: &AppState) -> Result<(), StoreError> {
    loop {
        let pending = state.store.read(room_erasure::pending).await?;
        let Some(&RoomDeleted { room, .. }) = pending.first() else {
            return Ok(());
        };
        // Rooms that the command line has deleted still exist for ChatServer.
        let logged = state.chat.rooms_deleted(pending).await;
        logged.map_err(|_busy| StoreError::Busy)?;
        let step = move |db: &mut dyn Db| room_erasure::step(db, room);
        if state.store.write(step).await? {
            tokio::time::sleep(REST).await;
            continue;
        }
        search_index::settle(state).await?;
        let done = move |db: &mut dyn Db| room_erasure::done(db, room);
        state.store.write(done).await?;
    }
}
