//! Deletes messages that are older than the operator wants them kept (`[chat] keep_days`): at
//! the start, and every hour.
//!
//! In steps of some milliseconds of the store's writer with a pause between them; after each ChatServer
//! is informed, and waited for.

use std::time::Duration;

use anyhow::Context;

use super::{Job, search_index};
use crate::model::expiry::{Expired, Kept};
use crate::model::membership::FeedPosition;
use crate::model::message_id::MessageId;
use crate::model::room_id::RoomId;
use crate::store::db::{Db, StoreError};
use crate::store::expiry;
use crate::store::notices::{self, Notice};
use crate::telemetry;
use crate::text::clock;
use crate::web::state::AppState;

/// How often expired messages are looked for, in ms of wall-clock time: a machine that was
/// asleep looks as soon as it wakes.
const EVERY: i64 = 60 * 60 * 1_000;

/// Delay after a run that failed, in ms.
const AGAIN: i64 = 60 * 1_000;

/// Pause between two steps. A step writes some MB, because old messages are spread over the file: the pause leaves
/// the disk to current messages, and 1,000 messages are deleted per second, which is more than arrive.
const REST: Duration = Duration::from_millis(200);

/// A day, in ms.
const DAY: i64 = 24 * 60 * 60 * 1_000;

/// Deletes what is too old, if `[chat] keep_days` is set.
#[derive(Default)]
pub(super) struct Retention {
    /// When it ran last and how long it then pauses, both in ms of wall-clock time.
    last: Option<(i64, i64)>,
}

impl Job for Retention {
    const NAME: &'static str = "retention";
    /// How often the job looks at the clock.
    const PERIOD: Duration = Duration::from_secs(5);
    const FOR_ALL: bool = true;

    fn is_due(&self, state: &AppState) -> bool {
        let now = clock::now_ms();
        // By absolute distance, so that a clock that was set back does not delay the next run.
        let rests = |(last, rest): (i64, i64)| (now - last).abs() < rest;
        state.config.chat.keep_days > 0 && !self.last.is_some_and(rests) && state.keeps_alike()
    }

    async fn run(&mut self, state: &AppState) -> anyhow::Result<()> {
        let now = clock::now_ms();
        let keep_days = i64::from(state.config.chat.keep_days);
        let since = now - keep_days * DAY;
        let mut gone = Gone::default();
        let done = expire_all(state, Kept { since, now }, &mut gone).await;
        let Gone { messages, changes } = gone;
        if messages > 0 || changes > 0 {
            tracing::info!(messages, changes, keep_days, "deleted what was too old");
        }
        self.last = Some(match done {
            Ok(()) => (now, EVERY),
            Err(_) => (clock::now_ms(), AGAIN),
        });
        done.context("not all is deleted that is too old")
    }
}

/// Counts of what a run has deleted.
#[derive(Debug, Default)]
struct Gone {
    messages: u64,
    changes: usize,
}

async fn expire_all(state: &AppState, kept: Kept, gone: &mut Gone) -> Result<(), StoreError> {
    let mut more = true;
    while more {
        let delete = move |db: &mut dyn Db| {
            let step = expiry::step(db, kept)?;
            tell(db, kept, &step.expired)?;
            Ok(step)
        };
        let step = state.store.write(delete).await?;
        more = step.more;
        gone.messages += step.messages;
        publish(state, kept, step.expired).await?;
        telemetry::messages_expired(step.messages);
        if more {
            tokio::time::sleep(REST).await;
        }
    }
    more = true;
    while more {
        let delete = move |db: &mut dyn Db| {
            let aside = expiry::aside(db, kept)?;
            let of_room = |room: &RoomId| Expired {
                room: *room,
                last: MessageId(0),
                begin: FeedPosition::default(),
            };
            let rooms: Vec<Expired> = aside.rooms.iter().map(of_room).collect();
            tell(db, kept, &rooms)?;
            Ok((aside, rooms))
        };
        let (aside, rooms) = state.store.write(delete).await?;
        gone.changes += aside.changes;
        more = aside.more;
        publish(state, kept, rooms).await?;
        if more {
            tokio::time::sleep(REST).await;
        }
    }
    if gone.messages > 0 {
        search_index::settle(state).await?;
    }
    Ok(())
}

/// Has all other nodes forget what was deleted.
fn tell(db: &mut dyn Db, kept: Kept, rooms: &[Expired]) -> Result<(), StoreError> {
    if rooms.is_empty() {
        return Ok(());
    }
    let expired = Notice::Expired {
        since: kept.since,
        rooms: rooms.to_vec(),
    };
    notices::write(db, &expired)
}

/// Lets ChatServer forget what was deleted.
async fn publish(state: &AppState, kept: Kept, rooms: Vec<Expired>) -> Result<(), StoreError> {
    let since = kept.since;
    if rooms.is_empty() {
        return Ok(());
    }
    let logged = state.chat.have_expired(since, rooms).await;
    logged.map_err(|_busy| StoreError::Busy)
}
