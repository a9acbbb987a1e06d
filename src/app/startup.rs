//! Opening what is on the disk and starting ChatServer, from the configuration.
//!
//! Owns the order (descriptors, the lock of the data directory, key, store, ChatServer) and the messages to the
//! operator when a step fails.

mod bus;
mod keys;
mod load_error;
mod loading;
pub mod sharing;

use std::path::Path;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use tokio::sync::Notify;
use uuid::Uuid;

use crate::auth::last_seen::LastSeen;
use crate::auth::password::Pool;
use crate::auth::site_token::Verifier;
use crate::auth::throttle::Throttle;
use crate::chat::presence::Headcount;
use crate::chat::rate_limit::{PersonRates, RateLimits};
use crate::chat::room_history::RoomHistory;
use crate::chat::server;
use crate::chat::shedding::Shedding;
use crate::chat::thread::ChatThread;
use crate::cluster::bus::BusThread;
use crate::cluster::sweep::SweepThread;
use crate::cluster::{self, Cluster, NodeDetail};
use crate::config::{Config, Failover};
use crate::data_dir::{self, DataDirLock};
use crate::files::Files;
use crate::files::depot::Depot;
use crate::geo::Geo;
use crate::model::message::LOBBY;
use crate::protocol::feed::{FileLimits, Limits};
use crate::realtime::admission::AdmissionControl;
use crate::realtime::heartbeat::HeartbeatTimes;
use crate::shutdown::Shutdown;
use crate::store::backend::Role;
use crate::store::db::StoreError;
use crate::store::postgres::Address;
use crate::store::{Place, Store, writer};
use crate::web::assets;
use crate::web::bounded_gate::BoundedGate;
use crate::web::file_streams::FileStreams;
use crate::web::foreign_assets::ForeignAssets;
use crate::web::hook_memory::HookMemory;
use crate::web::state::AppState;
use load_error::LoadError;
use loading::{Loaded, load, wait_for};

/// Sessions a minute that are made for new browsers of one address; a classroom fits. Whoever comes
/// after them sees the room and is known by address and browser until they come again.
const NEW_VISITORS_PER_MINUTE: u32 = 120;

/// Ten calls a second: what follows a few busy rooms asks as often.
const TOKEN_CALLS_PER_MINUTE: u32 = 600;

/// Room commands a minute that one person may send through the API, invitations among them:
/// somebody who moderates a raid clicks no faster for long.
const ROOM_COMMANDS_PER_MINUTE: u32 = 120;

/// Previews a minute of one person: one for each time that they stop writing.
const PREVIEWS_PER_MINUTE: u32 = 120;

/// Searches a minute of one person: the page searches while they type.
const SEARCHES_PER_MINUTE: u32 = 120;

/// Uploads a minute that one person may announce: an album every few seconds.
const UPLOADS_PER_MINUTE: u32 = 120;

/// Searches that may wait, of members and of strangers each. One runs at a time, so that the
/// other reader threads are free for everything else.
const SEARCHES_WAITING: usize = 16;

/// An opened server, and what must be ended in order when it shuts down.
#[derive(Debug)]
pub struct Opened {
    /// What requests and connections share.
    pub state: AppState,
    /// The threads of the store's writer, which end after `Writer::close`.
    pub writer_threads: Vec<JoinHandle<()>>,
    /// The thread that asks what other nodes do, where there may be some.
    pub sweep_thread: Option<SweepThread>,
    /// The thread that tells other nodes what this one does, where there is NATS.
    pub bus_thread: Option<BusThread>,
    /// The thread of ChatServer.
    pub chat_thread: ChatThread,
    /// Files and connections that this process may open at the same time.
    pub descriptors: u64,
}

/// Opens the store and starts ChatServer on a thread of its own.
///
/// # Errors
/// What keeps the server from starting, as text for the operator.
pub fn open(config: Config) -> anyhow::Result<Opened> {
    say_hello(&config);
    let descriptors = raise_descriptors(&config);
    let place = place_of(&config)?;
    let hold = match &place {
        Place::Memory => None,
        Place::File(_) | Place::Postgres(..) => {
            Some(DataDirLock::take(&config, config.database().as_deref())?)
        }
    };
    let boot_id = Uuid::now_v7();
    let cluster = match &place {
        Place::Postgres(_, node) => Some(Arc::new(Cluster::new(
            node.clone(),
            boot_id,
            config.prints(),
        ))),
        Place::File(_) | Place::Memory => None,
    };
    let named = |error| cannot_open_at(&place, &error);
    let depot = Depot::open(&config)?;
    // On a thread of its own, as everywhere: a connection blocks the thread that waits for it.
    let files = (&config, &depot);
    let load = || wait_for(|| load(&place, files, cluster.as_deref()));
    let loading = thread::scope(|scope| scope.spawn(load).join());
    let Loaded {
        db,
        secrets,
        registry,
        newest,
        sweeper,
        id,
        since,
    } = loading
        .map_err(|_panic| anyhow::anyhow!("reading the database panicked"))?
        .map_err(|error| match error {
            LoadError::Store(error) => named(error),
            LoadError::Refused(words) => anyhow::anyhow!(words),
        })?;
    let lobby = RoomHistory::new(
        LOBBY,
        newest.epoch,
        newest.head,
        newest.messages,
        newest.events,
        config.chat.history,
        config.server.public_url.clone(),
    );
    let (writer, queues) = writer::channel(place.is_shared());
    let store = Store::start(&place, writer).map_err(named)?;
    let limits = Limits {
        message_chars: config.chat.max_message_chars,
        recall_window: config.chat.recall_window.as_millis(),
        messages_per_minute: config.limits.messages_per_minute,
        files: FileLimits {
            may: false,
            voice: false,
            voice_ms: config.uploads.voice_length.as_millis(),
            file_bytes: config.uploads.file_bytes.bytes(),
            picture_bytes: config.uploads.picture_bytes.bytes(),
            each: config.uploads.files_per_message,
        },
    };
    let headcount = Headcount::default();
    let settings = server::Settings {
        limits,
        bot_messages_per_minute: config.bots.messages_per_minute,
        uploaders: config.uploads.who,
        speakers: config.uploads.voice,
        lobby: config.chat.name.clone(),
        welcome: config.chat.notice.clone(),
        seen_by: config.rooms.seen_by,
        clustered: place.is_shared(),
        boot: boot_id,
        headcount: headcount.clone(),
    };
    let shedding = Shedding::default();
    let (chat_thread, chat) =
        ChatThread::start(settings, shedding.clone(), store.clone(), registry, lobby);
    let mut db = Some(db);
    let open = |role| match db.take_if(|_| role == Role::Writer) {
        Some(db) => Ok(db),
        None => place.open(role),
    };
    let deleted = Arc::new(Notify::new());
    let shutdown = Shutdown::default();
    let admission = AdmissionControl::new(
        config.limits.connections as usize,
        config.limits.connections_per_address as usize,
    );
    let sweep_thread = match (sweeper, &cluster) {
        (Some(sweeper), Some(cluster)) => {
            let deleted = Arc::clone(&deleted);
            let wake = move || deleted.notify_one();
            let cluster = Arc::clone(cluster);
            let (admission, shutdown) = (Arc::clone(&admission), shutdown.clone());
            let ends = shutdown.clone();
            let headcount = headcount.clone();
            let assets = assets::hash();
            let detail = move || NodeDetail {
                version: env!("CARGO_PKG_VERSION").to_owned(),
                connections: admission.taken(),
                people: headcount.people(),
                draining: !shutdown.is_open(),
                assets: assets.clone(),
                ..NodeDetail::default()
            };
            Some(SweepThread::start(
                sweeper,
                chat.clone(),
                cluster,
                detail,
                wake,
                move |why| ends.must(why),
            )?)
        }
        _ => None,
    };
    let throttle = Arc::new(Throttle::new(secrets.clone()));
    let (bus_thread, telling) = match (&sweep_thread, &cluster, id) {
        (Some(sweep_thread), Some(cluster), Some(id)) => {
            let parts = bus::Here {
                cluster,
                sweep_thread,
                chat: &chat,
                throttle: &throttle,
            };
            bus::open(&config, &secrets, id, &parts)?
        }
        _ => (None, None),
    };
    let foreign_assets = telling.clone().zip(cluster.clone());
    let foreign_assets = foreign_assets.map(|(bus, cluster)| ForeignAssets::new(bus, cluster));
    let (on_commit, on_notice) = bus::told_of_commits(&chat, telling);
    let writer_threads = queues.run(open, on_commit, on_notice).map_err(named)?;
    if let Some(hold) = &hold {
        hold.warn_of_onlookers(&config);
    }
    let files = Files::new(&config, &store, depot);
    let heartbeat = &config.heartbeat;
    let heartbeat_times = HeartbeatTimes {
        interval: heartbeat.interval.as_duration(),
        grace: heartbeat.grace.as_duration(),
        timeout: heartbeat.timeout.as_duration(),
    };
    let state = AppState {
        chat,
        shedding,
        store,
        hold,
        cluster,
        geo: Geo::open(&config.geo.database)?,
        secrets,
        admission,
        headcount,
        shutdown,
        boot: boot_id,
        since,
        site: Verifier::new(&config.site, &config.server.public_url),
        passwords: Pool::new(),
        throttle,
        foreign_assets,
        last_seen: LastSeen::default(),
        deleted,
        account_rates: RateLimits::new(config.limits.sign_ins_per_minute),
        visitor_rates: RateLimits::new(NEW_VISITORS_PER_MINUTE),
        hooks: HookMemory::default(),
        room_command_rates: RateLimits::new(ROOM_COMMANDS_PER_MINUTE),
        token_rates: RateLimits::new(TOKEN_CALLS_PER_MINUTE),
        previews: PersonRates::new(PREVIEWS_PER_MINUTE),
        searches: PersonRates::new(SEARCHES_PER_MINUTE),
        uploads: PersonRates::new(UPLOADS_PER_MINUTE),
        files,
        file_streams: FileStreams::default(),
        search_gate: BoundedGate::new(SEARCHES_WAITING),
        limits,
        heartbeat_times,
        config,
    };
    Ok(Opened {
        state,
        writer_threads,
        sweep_thread,
        bus_thread,
        chat_thread,
        descriptors,
    })
}

/// Why the database at `path` cannot be used, and what to do about it.
#[must_use]
pub fn cannot_open(path: &Path, error: &StoreError) -> anyhow::Error {
    let space = data_dir::space(path);
    anyhow::anyhow!(
        "cannot open the database {}: {error}{space}",
        path.display()
    )
}

/// Why the database at `place` cannot be used.
#[must_use]
pub fn cannot_open_at(place: &Place, error: &StoreError) -> anyhow::Error {
    match place {
        Place::File(path) => cannot_open(path, error),
        Place::Memory | Place::Postgres(..) => {
            anyhow::anyhow!("cannot open the database: {error}")
        }
    }
}

/// Where the database of these settings is.
///
/// # Errors
/// When the settings lead to none, in words for the operator.
pub fn place_of(config: &Config) -> anyhow::Result<Place> {
    let Some(url) = config.postgres() else {
        return Ok(config.database().map_or(Place::Memory, Place::File));
    };
    let password = config.storage.password()?;
    let address = Address::parse(url, password.as_deref(), config.storage.tls_ca())
        .map_err(|error| anyhow::anyhow!("[storage] url or tls_ca: {error}"))?;
    let address = match config.storage.failover {
        Failover::Lossy => address,
        Failover::Lossless => address.lossless(),
    };
    let node = match config.cluster.node.as_str() {
        "" => cluster::host(),
        node => node.to_owned(),
    };
    Ok(Place::Postgres(Box::new(address), node))
}

/// Logs what an operator looks for first.
fn say_hello(config: &Config) {
    let database = match config.postgres() {
        Some(url) => Some(url.into()),
        None => config.database(),
    };
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        data = ?config.server.data,
        database = ?database.unwrap_or_else(|| "memory:".into()),
        durability = config.storage.durability.as_str(),
        public_url = ?config.server.public_url,
        "teahouse starts",
    );
}

/// Descriptors that are not WebSockets: files, the database, threads, and 500 requests in progress,
/// which take two each.
const OTHER_DESCRIPTORS: u64 = 1_200;

/// Raises the limit of descriptors as far as the system allows; returns it.
fn raise_descriptors(config: &Config) -> u64 {
    let needed = match config.limits.connections {
        0 => u64::MAX,
        connections => u64::from(connections) + OTHER_DESCRIPTORS,
    };
    let raised = rlimit::increase_nofile_limit(needed);
    match &raised {
        Ok(limit) if *limit < needed && needed < u64::MAX => tracing::warn!(
            "this process may open {limit} files, which is enough for {} connections, not for [limits] \
             connections = {}: raise the limit (ulimit -Hn, LimitNOFILE) or lower the setting",
            limit.saturating_sub(OTHER_DESCRIPTORS),
            config.limits.connections,
        ),
        Ok(_) => {}
        Err(error) => tracing::warn!(%error, "the limit of open files cannot be raised"),
    }
    raised.unwrap_or(OTHER_DESCRIPTORS)
}
