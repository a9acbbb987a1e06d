//! What is read of the database before anything else starts.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use uuid::Uuid;

use super::load_error::LoadError;
use super::{keys, sharing};
use crate::auth::secrets::Secrets;
use crate::chat::{ring, room_history};
use crate::cluster::Cluster;
use crate::config::{Config, Durability};
use crate::files::depot::Depot;
use crate::model::message::LOBBY;
use crate::model::room_registry::RoomRegistry;
use crate::store::backend::{Backend, Role};
use crate::store::db::{Db, StoreError};
use crate::store::postgres::sweep::{Myself, Seen, Sweeper};
use crate::store::queries::messages::{self, Newest};
use crate::store::queries::{epochs, room_registry};
use crate::store::{self, Place};
use crate::text::clock;

/// Between two looks whether the database is there.
const WAITING: Duration = Duration::from_millis(500);

/// How often it is logged that it is not.
const WAITING_LOG: Duration = Duration::from_secs(10);

/// What is read before anything else starts.
pub(super) struct Loaded {
    pub(super) db: Box<dyn Backend>,
    pub(super) secrets: Secrets,
    pub(super) registry: RoomRegistry,
    pub(super) newest: Newest,
    pub(super) sweeper: Option<Sweeper>,
    /// By what the server is told from others, where it may have several nodes.
    pub(super) id: Option<Uuid>,
    /// When it started, ms since 1970.
    pub(super) since: i64,
}

/// Reads as soon as the database is there: whoever starts everything at once need not start it in order.
pub(super) fn wait_for<T>(load: impl Fn() -> Result<T, LoadError>) -> Result<T, LoadError> {
    let mut logged: Option<Instant> = None;
    loop {
        match load() {
            Err(LoadError::Store(StoreError::Gone(error))) => {
                if logged.is_none_or(|logged| logged.elapsed() >= WAITING_LOG) {
                    logged = Some(Instant::now());
                    tracing::warn!(%error, "waiting for the database: is it running at the address of [storage] url?");
                }
                thread::sleep(WAITING);
            }
            loaded => return loaded,
        }
    }
}

/// Opens the connection of the writer, and reads every room and what was said in the lobby last.
pub(super) fn load(
    place: &Place,
    (config, depot): (&Config, &Depot),
    cluster: Option<&Cluster>,
) -> Result<Loaded, LoadError> {
    let relaxed = config.storage.durability == Durability::Relaxed;
    let kept = room_history::kept_messages(config.chat.history);
    let mut db = place.open(Role::Writer)?;
    if cluster.is_some() {
        follow_clock(&mut *db)?;
    }
    let since = clock::now_ms();
    let secrets = keys::open(&mut *db, place, config)?;
    if cluster.is_some() {
        keys::agree(&mut *db, &secrets)?;
    }
    if relaxed {
        db.relax()?;
    }
    epochs::renew_after_crash(&mut *db, relaxed, boot().as_deref())?;
    epochs::open(&mut *db, LOBBY)?;
    if store::is_demo(&mut *db)? {
        tracing::warn!(
            "this server was filled by teahouse demo: everybody in it has the same password, the owner too; \
             do not let others reach it"
        );
    }
    let boot_id = cluster.map(|cluster| cluster.boot);
    let has_store = !config.uploads.store.is_empty();
    let id = (cluster.is_some() || has_store)
        .then(|| store::server_id(&mut *db))
        .transpose()?;
    if let Some(id) = id {
        sharing::claim(&mut *db, config, depot, id)?;
    }
    sharing::look_for_one(&mut *db, depot)?;
    if let Some(boot_id) = boot_id {
        sharing::enter(&mut *db, depot, boot_id)?;
    }
    // All of it as it is at one moment: what other nodes change after that is heard of.
    let read = db.in_one_moment(|db| {
        let seen = cluster.map(|_| Seen::now(db)).transpose()?;
        let registry = room_registry::load(db)?;
        let newest = messages::newest(db, LOBBY, kept as i64, ring::EVENTS as i64)?;
        Ok((seen, registry, newest.ok_or(StoreError::Shape)?))
    });
    let (seen, registry, newest) = read?;
    let sweeper = match (place, cluster, seen) {
        (Place::Postgres(address, _), Some(cluster), Some(seen)) => {
            let myself = Myself {
                boot: cluster.boot,
                node: cluster.node.clone(),
                since,
                print: secrets.print(),
            };
            Some(Sweeper::start(address.as_ref().clone(), myself, seen)?)
        }
        _ => None,
    };
    if let Some(boot_id) = boot_id
        && let Err(refused) = agrees(&mut *db, (config, depot), &secrets, boot_id)
    {
        // Nobody is kept waiting by a node that is none.
        sweeper.map_or(Ok(()), Sweeper::leave)?;
        return Err(refused);
    }
    Ok(Loaded {
        db,
        secrets,
        registry,
        newest,
        sweeper,
        id,
        since,
    })
}

/// All nodes have the database's clock, from their first moment on: sweeps only correct it.
fn follow_clock(db: &mut dyn Db) -> Result<(), StoreError> {
    let asked = clock::machine_ms();
    let now = "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)";
    let mut row = db.first(now, &[])?.ok_or(StoreError::Shape)?;
    clock::set(row.int()? - i64::midpoint(asked, clock::machine_ms()));
    Ok(())
}

/// Whether those who came at the same moment have the same key, and all who live the same files.
fn agrees(
    db: &mut dyn Backend,
    (config, depot): (&Config, &Depot),
    secrets: &Secrets,
    boot: Uuid,
) -> Result<(), LoadError> {
    keys::are_agreed(db, secrets)?;
    sharing::agrees(db, config, depot, boot)
}

/// The system's boot id, which changes with each boot (random(4), `boot_id`).
fn boot() -> Option<String> {
    fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()
}
