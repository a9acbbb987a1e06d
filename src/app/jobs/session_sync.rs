//! Tells open sockets what has changed outside this process: sessions that have ended, by expiry or
//! by the command line, and server roles. Some 3 µs for each socket.

use std::collections::HashMap;
use std::time::Duration;

use anyhow::Context;

use super::Job;
use crate::audit;
use crate::model::person::ServerRole;
use crate::model::person_id::PersonId;
use crate::store::accounts::{sessions, tokens, users};
use crate::store::db::Db;
use crate::text::clock;
use crate::web::state::AppState;

/// How often sessions with open sockets are noted as seen, in ms: their owners see days.
const SEEN_EVERY: i64 = 5 * 60 * 1_000;

/// Sessions noted as seen in one transaction, so that the writer is not held up.
const SEEN_BATCH: usize = 256;

pub(super) struct SessionSync {
    /// When the sessions were last noted as seen, ms since 1970.
    noted: i64,
    /// Accounts with a server role above member at the last run; `None` before the first.
    roles: Option<HashMap<i64, ServerRole>>,
}

impl Default for SessionSync {
    fn default() -> Self {
        Self {
            noted: clock::now_ms(),
            roles: None,
        }
    }
}

impl Job for SessionSync {
    const NAME: &'static str = "session_sync";
    const PERIOD: Duration = Duration::from_secs(5);

    async fn run(&mut self, state: &AppState) -> anyhow::Result<()> {
        let open = state.chat.open_sessions().await?;
        let now = clock::now_ms();
        let mut done = Ok(());
        if now - self.noted > SEEN_EVERY {
            self.noted = now;
            done = note(state, &open, now).await;
        }
        let done = done.and(self.sync_roles(state).await);
        let until = now + i64::try_from(Self::PERIOD.as_millis()).unwrap_or_default();
        let look = move |db: &mut dyn Db| {
            let ended = sessions::ended(db, &open, now)?;
            Ok((ended, tokens::ending(db, &open, now, until)?))
        };
        let (ended, ending) = state.store.read(look).await?;
        for sid in ended {
            state.chat.end_session(sid);
        }
        for (mark, at) in ending {
            end_then(state, mark, at - now);
        }
        done
    }
}

impl SessionSync {
    async fn sync_roles(&mut self, state: &AppState) -> anyhow::Result<()> {
        let in_charge = state.store.read(users::in_charge).await?;
        let now: HashMap<i64, ServerRole> = in_charge.into_iter().collect();
        if let Some(before) = self.roles.replace(now.clone()) {
            log_roles(state, &before, &now).await;
        }
        let by_id = |(user, role)| (PersonId::User(user), role);
        state
            .chat
            .set_server_roles(now.into_iter().map(by_id).collect());
        Ok(())
    }
}

/// Ends the sockets of a token in so many ms, before the next run: then its time is over.
fn end_then(state: &AppState, mark: String, ms: i64) {
    let chat = state.chat.clone();
    let wait = Duration::from_millis(u64::try_from(ms).unwrap_or_default());
    actix_web::rt::spawn(async move {
        actix_web::rt::time::sleep(wait).await;
        chat.end_session(mark);
    });
}

/// Notes the sessions with open sockets as seen at `now` (ms since 1970).
async fn note(state: &AppState, open: &[String], now: i64) -> anyhow::Result<()> {
    let mut written = Ok(());
    for open in open.chunks(SEEN_BATCH) {
        let open = open.to_vec();
        let seen = move |db: &mut dyn Db| sessions::still_here(db, &open, now);
        written = written.and(state.store.write(seen).await.map(drop));
    }
    written.context("it was not noted where accounts are signed in")
}

/// Logs which server roles the command line has changed, or the site.
async fn log_roles(
    state: &AppState,
    before: &HashMap<i64, ServerRole>,
    now: &HashMap<i64, ServerRole>,
) {
    let by_site = state.config.site.roles;
    for (user, role) in now {
        if before.get(user) != Some(role) {
            audit::role_changed(*user, *role, by_site);
        }
    }
    for user in before.keys().copied() {
        // A deleted account has no role to log.
        let account = state.store.read(move |db| users::by_id(db, user));
        if !now.contains_key(&user) && matches!(account.await, Ok(Some(_))) {
            audit::role_changed(user, ServerRole::Member, by_site);
        }
    }
}
