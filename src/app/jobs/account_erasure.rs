//! Takes the names of deleted accounts off their messages, and their files out of them: as soon as one is deleted, and at the start and
//! periodically for those where that was interrupted or that the command line has deleted.

use std::time::Duration;

use anyhow::Context;

use super::{Job, search_index};
use crate::error::Error;
use crate::model::command::RoomAction;
use crate::model::message_id::MessageId;
use crate::model::person::{Person, PersonKind};
use crate::model::person_id::PersonId;
use crate::model::principal::Principal;
use crate::model::room_id::RoomId;
use crate::model::seq::Seq;
use crate::store::accounts::erasure;
use crate::store::db::{Db, StoreError};
use crate::store::files::attached;
use crate::store::queries::rooms;
use crate::text::clock;
use crate::web::room_commands::room_command;
use crate::web::state::AppState;

/// Between two steps of taking files out of messages: each is up to 100 changes that whole rooms are sent.
const BREATH: Duration = Duration::from_millis(500);

pub(super) struct AccountErasure;

impl Job for AccountErasure {
    const NAME: &'static str = "account_erasure";
    const PERIOD: Duration = Duration::from_secs(60);
    const FOR_ALL: bool = true;

    async fn run(&mut self, state: &AppState) -> anyhow::Result<()> {
        let erased = erase_all(state).await;
        erased.context("a deleted account was not erased yet")
    }

    async fn woken(state: &AppState) {
        state.deleted.notified().await;
    }
}

async fn erase_all(state: &AppState) -> Result<(), StoreError> {
    loop {
        let pending = state.store.read(erasure::pending).await?;
        if pending.is_empty() {
            return Ok(());
        }
        for account in pending {
            let (user, visitor) = (account.user, account.visitor);
            // The messages of the visitor who made the account belong to it, too.
            let authors = visitor.into_iter().chain([PersonId::User(user)]);
            // Nobody sends as any of them while their files are taken.
            for author in authors.clone() {
                state.chat.disconnect_person(author, Vec::new());
            }
            for author in authors {
                erase_files(state, author, account.keep_files).await?;
                erase_author(state, author).await?;
            }
            let now = clock::now_ms();
            let finish = move |db: &mut dyn Db| erasure::finish(db, user, now);
            state.store.write(finish).await?;
        }
    }
}

async fn erase_author(state: &AppState, author: PersonId) -> Result<(), StoreError> {
    let anonymise = |sids| state.chat.disconnect_person(author, sids);
    anonymise(Vec::new());
    leave_rooms(state, author).await?;
    let mut after = Some(MessageId::default());
    while let Some(last) = after {
        let step = move |db: &mut dyn Db| erasure::messages(db, author, last);
        after = state.store.write(step).await?;
    }
    if author.is_visitor() {
        search_index::settle(state).await?;
    }
    let mut left = true;
    while left {
        let step = move |db: &mut dyn Db| erasure::reactions(db, author);
        left = state.store.write(step).await?;
    }
    let mut after = Some((RoomId(i64::MIN), Seq(0)));
    while let Some(place) = after {
        let step = move |db: &mut dyn Db| erasure::events(db, author, place);
        after = state.store.write(step).await?;
    }
    anonymise(Vec::new());
    Ok(())
}

/// Takes the files of a deleted account out of its messages, or its voices alone: everybody is told. What is left
/// is looked up anew for each step.
async fn erase_files(state: &AppState, owner: PersonId, voices: bool) -> Result<(), StoreError> {
    let nobody = nameless(owner);
    loop {
        let next = move |db: &mut dyn Db| attached::room_of_owner(db, owner, voices);
        let Some(room) = state.store.read(next).await? else {
            return Ok(());
        };
        let command = room_command(state, &nobody, room, RoomAction::EraseFiles { voices });
        match state.chat.run(command, None).await {
            // One that was deleted meanwhile takes its files along.
            Ok(_) | Err(Error::NotFound) => tokio::time::sleep(BREATH).await,
            Err(_) => return Err(StoreError::Busy),
        }
    }
}

/// Who a person is once their account is deleted.
fn nameless(id: PersonId) -> Principal {
    let mut person = Person {
        id,
        kind: PersonKind::from(id),
        bot: false,
        name: String::new(),
        avatar: String::new(),
        place: String::new(),
    };
    person.anonymise();
    Principal::member(person)
}

/// Removes a deleted account from every room; rooms that it owned get another
/// owner, or are archived.
async fn leave_rooms(state: &AppState, id: PersonId) -> Result<(), StoreError> {
    let nobody = nameless(id);
    for room in state.store.read(move |db| rooms::of(db, id)).await? {
        let command = room_command(state, &nobody, room, RoomAction::DeleteAccount);
        let gone = state.chat.run(command, None).await;
        if let Err(Error::Busy | Error::NotSaved | Error::StoreAway) = gone {
            return Err(StoreError::Busy);
        }
    }
    Ok(())
}
