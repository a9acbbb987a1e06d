//! What was said so long ago that the operator does not want it kept (`[chat] keep_days`) goes for good: at
//! the start, and every hour.
//!
//! In steps of some milliseconds of the store's writer with a rest between them; after each ChatServer
//! is told, and waited for.

use std::time::Duration;

use actix_web::web;

use super::jobs::{SWEEP_EVERY, TIDY_EVERY, settle_index};
use crate::model::expiry::{Expired, Kept};
use crate::model::membership::FeedPosition;
use crate::store::db::StoreError;
use crate::store::expiry;
use crate::telemetry;
use crate::text::clock;
use crate::web::state::AppState;

/// How often it is looked for what has become too old, in ms by the clock on the wall: a machine that was
/// asleep looks as soon as it wakes.
const EVERY: i64 = 60 * 60 * 1_000;

/// How long the house rests between two steps. A step writes some MB, for what is old lies everywhere: so the
/// disk is there for those who talk, and 1,000 messages go in a second, which is more than come.
const REST: Duration = Duration::from_millis(200);

/// A day, in ms.
const DAY: i64 = 24 * 60 * 60 * 1_000;

/// What a run has deleted.
#[derive(Debug, Default)]
struct Gone {
    messages: u64,
    changes: usize,
}

/// Deletes what is too old, if anything ever is.
pub async fn expire(house: web::Data<AppState>) {
    let days = i64::from(house.config.chat.keep_days);
    if days == 0 {
        return;
    }
    let mut last: Option<i64> = None;
    let mut ticks = actix_web::rt::time::interval(SWEEP_EVERY);
    loop {
        ticks.tick().await;
        let now = clock::now_ms();
        // However the clock was set: what is too old by now is looked for.
        if last.is_some_and(|last| (now - last).abs() < EVERY) {
            continue;
        }
        let since = now - days * DAY;
        let mut gone = Gone::default();
        let done = expire_all(&house, Kept { since, now }, &mut gone).await;
        let Gone { messages, changes } = gone;
        if messages > 0 || changes > 0 {
            tracing::info!(
                messages,
                changes,
                keep_days = days,
                "deleted what was too old"
            );
        }
        match done {
            Ok(()) => last = Some(now),
            Err(error) => {
                tracing::warn!(%error, "not all is deleted that is too old");
                tokio::time::sleep(TIDY_EVERY).await;
            }
        }
    }
}

async fn expire_all(house: &AppState, kept: Kept, gone: &mut Gone) -> Result<(), StoreError> {
    let mut more = true;
    while more {
        let step = house.store.write(move |db| expiry::step(db, kept)).await?;
        more = step.more;
        gone.messages += step.messages;
        tell(house, kept, step.expired).await?;
        telemetry::messages_expired(step.messages);
        if more {
            tokio::time::sleep(REST).await;
        }
    }
    more = true;
    while more {
        let aside = house.store.write(move |db| expiry::aside(db, kept)).await?;
        gone.changes += aside.changes;
        more = aside.more;
        let of_room = |room| Expired {
            room,
            last: 0,
            begin: FeedPosition::default(),
        };
        tell(house, kept, aside.rooms.into_iter().map(of_room).collect()).await?;
        if more {
            tokio::time::sleep(REST).await;
        }
    }
    if gone.messages > 0 {
        settle_index(house).await?;
    }
    Ok(())
}

/// Lets ChatServer forget what is gone.
async fn tell(house: &AppState, kept: Kept, rooms: Vec<Expired>) -> Result<(), StoreError> {
    let since = kept.since;
    if rooms.is_empty() {
        return Ok(());
    }
    let told = house.chat.have_expired(since, rooms).await;
    told.map_err(|_busy| StoreError::Busy)
}
