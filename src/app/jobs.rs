//! RoomAction the house does by itself, from time to time: sessions that have expired, sockets whose
//! session has ended, accounts and rooms that were deleted, messages that no search finds yet.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use actix_web::web;

use crate::audit;
use crate::error::Error;
use crate::model::command::{RoomAction, RoomDeleted};
use crate::model::person::{Person, PersonKind, ServerRole};
use crate::model::person_id::PersonId;
use crate::model::principal::Principal;
use crate::store::accounts::{erasure, password_links, sessions, users};
use crate::store::db::{Db, StoreError};
use crate::store::queries::rooms;
use crate::store::{room_erasure, search};
use crate::text::clock;
use crate::web::room_commands::deed;
use crate::web::state::AppState;

/// How often open sockets are held against their sessions: some 3 µs each. RoomDeleted rooms and the database's
/// file are looked at as often.
pub(super) const SWEEP_EVERY: Duration = Duration::from_secs(5);

/// How often the house tidies up after itself.
pub(super) const TIDY_EVERY: Duration = Duration::from_secs(60);

/// How often sessions with open sockets are noted as seen: their owners look at days.
const STILL_HERE_EVERY: i64 = 5 * 60 * 1_000;

/// How long the house rests between two steps of making the index of what was said, or of emptying a
/// room, so that at most half of the writer's time goes there.
const REST: Duration = Duration::from_millis(30);

/// How often it is logged how far the index has come.
const INDEX_TOLD_EVERY: Duration = Duration::from_secs(10);

/// Sessions noted as seen in one transaction: the writer is not held up.
const SEEN_BATCH: usize = 256;

/// Expired sessions removed at a time: the writer is not held up.
const PURGE_BATCH: i64 = 1_000;

/// Removes expired sessions, a few at a time, and forgets whom the limits need not know.
pub async fn tidy(house: web::Data<AppState>) {
    let mut ticks = actix_web::rt::time::interval(TIDY_EVERY);
    loop {
        ticks.tick().await;
        house.account_pace.forget_idle();
        house.visitor_pace.forget_idle();
        house.deeds.forget_idle();
        house.previews.forget_idle();
        house.searches.forget_idle();
        let now = clock::now_ms();
        let purged = house
            .store
            .write(move |db| sessions::purge(db, now, PURGE_BATCH))
            .await;
        if let Err(error) = purged {
            tracing::warn!(%error, "expired sessions were not removed");
        }
        let purged = house
            .store
            .write(move |db| password_links::purge(db, now))
            .await;
        if let Err(error) = purged {
            tracing::warn!(%error, "expired links for a password were not removed");
        }
        write_sightings(&house).await;
    }
}

/// Writes down when and where the sessions of accounts were seen.
pub async fn write_sightings(house: &AppState) {
    let unwritten = house.sightings.unwritten(clock::now_ms());
    for seen in unwritten.chunks(SEEN_BATCH) {
        let seen = seen.to_vec();
        let noted = house.store.write(move |db| sessions::see(db, seen)).await;
        if let Err(error) = noted {
            tracing::warn!(%error, "it was not noted where accounts are signed in");
        }
    }
}

/// Lets open sockets know what has changed without this process's doing: sessions that have ended, by
/// expiry or by the command line, and roles in the house.
pub async fn end_stale_sockets(house: web::Data<AppState>) {
    let mut ticks = actix_web::rt::time::interval(SWEEP_EVERY);
    let mut noted = clock::now_ms();
    let mut roles: Option<HashMap<i64, ServerRole>> = None;
    loop {
        ticks.tick().await;
        let Ok(open) = house.chat.open_sessions().await else {
            continue;
        };
        let now = clock::now_ms();
        if now - noted > STILL_HERE_EVERY {
            noted = now;
            for open in open.chunks(SEEN_BATCH) {
                let open = open.to_vec();
                let seen = house
                    .store
                    .write(move |db| sessions::still_here(db, open, now))
                    .await;
                if let Err(error) = seen {
                    tracing::warn!(%error, "it was not noted where accounts are signed in");
                }
            }
        }
        if let Ok(in_charge) = house.store.read(users::in_charge).await {
            let now: HashMap<i64, ServerRole> = in_charge.into_iter().collect();
            if let Some(before) = roles.replace(now.clone()) {
                log_roles(&house, &before, &now).await;
            }
            let by_id = |(user, role)| (PersonId::User(user), role);
            let in_charge = now.into_iter().map(by_id).collect();
            house.chat.set_server_roles(in_charge);
        }
        let ended = house
            .store
            .read(move |db| sessions::ended(db, open, now))
            .await;
        for sid in ended.unwrap_or_default() {
            house.chat.end_session(sid);
        }
    }
}

/// Takes the names of deleted accounts off what they wrote: when one is deleted, and at the start
/// and from time to time what was broken off or deleted by the command line.
pub async fn erase(house: web::Data<AppState>) {
    loop {
        if let Err(error) = erase_all(&house).await {
            tracing::warn!(%error, "a deleted account was not erased yet");
        }
        let _either = tokio::time::timeout(TIDY_EVERY, house.deleted.notified()).await;
    }
}

async fn erase_all(house: &AppState) -> Result<(), StoreError> {
    loop {
        let pending = house.store.read(erasure::pending).await?;
        if pending.is_empty() {
            return Ok(());
        }
        for (user, visitor) in pending {
            // RoomAction the visitor said who made the account is its owner's, too.
            for author in visitor.into_iter().chain([PersonId::User(user)]) {
                erase_author(house, author).await?;
            }
            let now = clock::now_ms();
            house
                .store
                .write(move |db| erasure::finish(db, user, now))
                .await?;
        }
    }
}

/// Logs which roles in the house have changed: the command line gives and takes them.
async fn log_roles(
    house: &AppState,
    before: &HashMap<i64, ServerRole>,
    now: &HashMap<i64, ServerRole>,
) {
    for (user, role) in now {
        if before.get(user) != Some(role) {
            audit::role_changed(*user, *role);
        }
    }
    for user in before.keys().copied() {
        // Whoever has deleted their account is nothing any more.
        let account = house.store.read(move |db| users::by_id(db, user));
        if !now.contains_key(&user) && matches!(account.await, Ok(Some(_))) {
            audit::role_changed(user, ServerRole::Member);
        }
    }
}

/// Takes what deleted rooms have left out of the store: soon after they are deleted, by whomever, and
/// from the start on what was broken off.
pub async fn empty_rooms(house: web::Data<AppState>) {
    loop {
        if let Err(error) = empty_all(&house).await {
            tracing::warn!(%error, "not all is gone of a room that was deleted");
        }
        tokio::time::sleep(SWEEP_EVERY).await;
    }
}

async fn empty_all(house: &AppState) -> Result<(), StoreError> {
    loop {
        let pending = house.store.read(room_erasure::pending).await?;
        let Some(&RoomDeleted { room, .. }) = pending.first() else {
            return Ok(());
        };
        // Those that the command line has deleted are still here for everybody.
        let told = house.chat.rooms_deleted(pending).await;
        told.map_err(|_busy| StoreError::Busy)?;
        let step = move |db: &mut dyn Db| room_erasure::step(db, room);
        if house.store.write(step).await? {
            tokio::time::sleep(REST).await;
            continue;
        }
        settle_index(house).await?;
        let done = move |db: &mut dyn Db| room_erasure::done(db, room);
        house.store.write(done).await?;
    }
}

/// Lets the words that no message has any more go out of the index.
pub(super) async fn settle_index(house: &AppState) -> Result<(), StoreError> {
    let mut first = true;
    while house
        .store
        .write(move |db| search::settle(db, first))
        .await?
    {
        first = false;
    }
    Ok(())
}

/// Looks whether the database is still where it was, and whole: what is written to a file without a name
/// is lost with the process.
pub async fn watch_database(house: web::Data<AppState>) {
    let Some(hold) = &house.hold else { return };
    let mut ticks = actix_web::rt::time::interval(SWEEP_EVERY);
    let mut told: Option<Instant> = None;
    loop {
        ticks.tick().await;
        let Err(words) = hold.look() else {
            told = None;
            continue;
        };
        if told.is_none_or(|told| told.elapsed() >= TIDY_EVERY) {
            told = Some(Instant::now());
            tracing::error!(
                "{words}: what is said now is lost; stop the server and put the database back"
            );
        }
    }
}

async fn erase_author(house: &AppState, author: PersonId) -> Result<(), StoreError> {
    let forget = |sids| house.chat.disconnect_person(author, sids);
    forget(Vec::new());
    leave_rooms(house, author).await?;
    let mut after = Some(i64::MIN);
    while let Some(last) = after {
        let step = move |db: &mut dyn Db| erasure::messages(db, author, last);
        after = house.store.write(step).await?;
    }
    if author.is_visitor() {
        settle_index(house).await?;
    }
    let mut left = true;
    while left {
        let step = move |db: &mut dyn Db| erasure::reactions(db, author);
        left = house.store.write(step).await?;
    }
    let mut after = Some((i64::MIN, 0));
    while let Some(place) = after {
        let step = move |db: &mut dyn Db| erasure::events(db, author, place);
        after = house.store.write(step).await?;
    }
    forget(Vec::new());
    Ok(())
}

/// Takes what was said before there was an index into it, when the house opens and when it has been
/// begun anew by the command line.
pub async fn index(house: web::Data<AppState>) {
    loop {
        if let Err(error) = index_all(&house).await {
            tracing::warn!(%error, "not all messages can be found yet");
        }
        tokio::time::sleep(TIDY_EVERY).await;
    }
}

async fn index_all(house: &AppState) -> Result<(), StoreError> {
    if house.store.read(search::is_whole).await? {
        return Ok(());
    }
    let mut told: Option<Instant> = None;
    while let Some(left) = house.store.write(search::step).await? {
        if told.is_none_or(|told| told.elapsed() >= INDEX_TOLD_EVERY) {
            told = Some(Instant::now());
            tracing::info!(
                "taking old messages into the index: those up to id {left} cannot be found yet"
            );
        }
        tokio::time::sleep(REST).await;
    }
    tracing::info!("all messages can be found");
    Ok(())
}

/// Lets a deleted account go out of every room, as nobody: the rooms that were his get another
/// owner, or are archived.
async fn leave_rooms(house: &AppState, id: PersonId) -> Result<(), StoreError> {
    let mut person = Person {
        id,
        kind: PersonKind::from(id),
        name: String::new(),
        avatar: String::new(),
        place: String::new(),
    };
    person.forget();
    let nobody = Principal::member(person);
    for room in house.store.read(move |db| rooms::of(db, id)).await? {
        let deed = deed(house, &nobody, room, RoomAction::Vanish);
        let gone = house.chat.run(deed, None).await;
        if let Err(Error::Busy | Error::NotSaved) = gone {
            return Err(StoreError::Busy);
        }
    }
    Ok(())
}
