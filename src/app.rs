//! The house put together: what everybody shares, every route, and the life of the server.

use std::io::{self, Write};
use std::net::IpAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU16, Ordering};
use std::time::{Duration, Instant};

use actix::{Actor, Addr, Arbiter};
use actix_session::SessionMiddleware;
use actix_session::config::{PersistentSession, TtlExtensionPolicy};
use actix_web::cookie::SameSite;
use actix_web::middleware::{Compress, from_fn};
use actix_web::{App, HttpServer, web};

use crate::auth::password::Pool;
use crate::auth::secrets::Secrets;
use crate::auth::session_store::Sessions;
use crate::auth::throttle::Throttle;
use crate::chat::message::LOBBY;
use crate::chat::messages::{Committed, HubReady, Shutdown as Goodbye};
use crate::chat::pace::Buckets;
use crate::chat::room::{self, Room};
use crate::chat::server::{self, ChatServer};
use crate::config::Config;
use crate::error::Error;
use crate::geo::Geo;
use crate::protocol::feed::Limits;
use crate::shutdown::{self, Shutdown};
use crate::store::{Place, Store, messages, rooms, sessions, writer};
use crate::text::catalog::Lang;
use crate::text::clock;
use crate::web::{account, api, assets, client, pages, security};
use crate::ws::heartbeat::Pulse;
use crate::ws::hub::{Hub, Wires};
use crate::ws::socket;
use crate::ws::upgrade::{self, Seats};

/// The largest JSON body of the API, in bytes: a name and a password.
const JSON_LIMIT: usize = 4 * 1024;

/// Connections that the kernel holds until a worker takes them: a whole house that comes back
/// at once.
const BACKLOG: u32 = 4096;

/// How often the house tidies up after itself.
const TIDY_EVERY: Duration = Duration::from_secs(60);

/// Expired sessions removed at a time: the writer is not held up.
const PURGE_BATCH: i64 = 1_000;

/// Sessions a minute that are made for new browsers of one address; a classroom fits. Who comes
/// after them sees the room and is known by address and browser until he comes again.
const NEW_VISITORS_PER_MINUTE: u32 = 120;

/// Frames a second that a connection may send beyond its messages: heartbeats and questions.
const SPARE_FRAMES_PER_SECOND: u32 = 20;

/// What every request and connection shares.
#[derive(Debug)]
pub struct House {
    /// The settings.
    pub config: Config,
    /// The actor that everything passes.
    pub chat: Addr<ChatServer>,
    /// The store.
    pub store: Store,
    /// Places of addresses.
    pub geo: Geo,
    /// The house's key.
    pub secrets: Secrets,
    /// Admitted connections.
    pub seats: Arc<Seats>,
    /// Whether the door is open.
    pub shutdown: Shutdown,
    /// Where passwords are hashed.
    pub passwords: Pool,
    /// Failed sign-ins.
    pub throttle: Throttle,
    /// How fast one address may sign in, register and rename.
    pub account_pace: Buckets<IpAddr>,
    /// How many new visitors one address may bring.
    pub visitor_pace: Buckets<IpAddr>,
    /// The heartbeat's times.
    pub pulse: Pulse,
    /// Frames a second of one connection, `None` = no limit.
    pub frames_per_second: Option<u32>,
}

impl House {
    /// The session cookie's name: with the prefix that pins it to this host where it is secure
    /// (RFC 6265bis §4.1.3.2).
    #[must_use]
    pub fn cookie_name(&self) -> &'static str {
        if self.config.is_secure() {
            "__Host-teahouse"
        } else {
            "teahouse"
        }
    }

    /// Counts one change of who somebody is from `address`.
    ///
    /// # Errors
    /// [`Error::SignInThrottled`] past `limits.sign_ins_per_minute`.
    pub fn pace_of(&self, address: IpAddr) -> Result<(), Error> {
        self.account_pace
            .take(&upgrade::prefix(address))
            .map_err(|retry_after| Error::SignInThrottled { retry_after })
    }

    /// The lobby's name for a reader of `lang`.
    #[must_use]
    pub fn room_name(&self, lang: Lang) -> &str {
        let name = &self.config.chat.name;
        if name.is_empty() {
            lang.get("room.lobby")
        } else {
            name
        }
    }

    /// The limits that clients are told.
    #[must_use]
    pub fn limits(&self) -> Limits {
        Limits {
            message_chars: self.config.chat.max_message_chars,
            recall_window: self.config.chat.recall_window.as_millis(),
            messages_per_minute: self.config.limits.messages_per_minute,
        }
    }
}

/// Every route of the house.
fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/healthz", web::get().to(api::healthz))
        .route("/readyz", web::get().to(api::readyz))
        .route("/metrics", web::get().to(api::metrics))
        .route("/avatar/{digest}.svg", web::get().to(assets::avatar))
        .route("/", web::get().to(pages::room))
        .route("/", web::head().to(pages::room))
        .route("/static/{hash}/{path:.*}", web::get().to(assets::file))
        .route("/api/v1/register", web::post().to(account::register))
        .route("/api/v1/session", web::post().to(account::sign_in))
        .route("/api/v1/session", web::delete().to(account::sign_out))
        .route("/api/v1/me/name", web::put().to(account::rename))
        .route("/api/v1/door", web::get().to(upgrade::door))
        .route("/api/v1/preferences", web::put().to(account::prefer))
        .route("/api/v1/rooms/{room}/messages", web::get().to(api::older))
        .route("/api/v1/rooms/{room}/people", web::get().to(api::people));
}

/// Opens the house and serves until a signal ends it. `announce` is told the address once it
/// listens.
///
/// # Errors
/// What keeps it from serving, in words for the operator.
pub async fn serve(
    config: Config,
    announce: impl FnOnce(std::net::SocketAddr) -> io::Result<()>,
) -> anyhow::Result<()> {
    raise_descriptors(&config);
    let Opened {
        house,
        writer_thread,
        chat_thread,
        lock,
    } = open(config)?;
    let house = web::Data::new(house);
    let hubs = Arc::new(AtomicU16::new(0));
    let for_workers = house.clone();
    let session_key = house.secrets.cookie_key();
    let mut server = HttpServer::new(move || {
        let house = for_workers.clone();
        let wires = start_hub(&hubs, &house.chat);
        actix_web::rt::spawn(reap());
        let sessions =
            SessionMiddleware::builder(Sessions::new(house.store.clone()), session_key.clone())
                .cookie_name(house.cookie_name().to_owned())
                .cookie_secure(house.config.is_secure())
                .cookie_http_only(true)
                .cookie_same_site(SameSite::Lax)
                .cookie_path("/".to_owned())
                .session_lifecycle(
                    PersistentSession::default()
                        .session_ttl(cookie_time(house.config.session.ttl.as_duration()))
                        .session_ttl_extension_policy(TtlExtensionPolicy::OnStateChanges),
                )
                .build();
        App::new()
            .app_data(house)
            .app_data(web::Data::new(wires))
            .app_data(client::json_config(JSON_LIMIT))
            .wrap(from_fn(security::guard))
            .service(
                web::resource("/ws")
                    .wrap(sessions.clone())
                    .route(web::get().to(upgrade::upgrade)),
            )
            .service(
                web::scope("")
                    .wrap(sessions)
                    .wrap(Compress::default())
                    .configure(routes),
            )
    })
    .on_connect(socket::on_connect)
    .client_disconnect_timeout(Duration::ZERO)
    .backlog(BACKLOG)
    .shutdown_timeout(shutdown::LAST_REQUESTS.as_secs())
    .disable_signals();
    if house.config.server.workers > 0 {
        server = server.workers(house.config.server.workers);
    }
    let bind = house.config.server.bind;
    let server = server.bind(bind).map_err(|error| {
        anyhow::anyhow!(
            "cannot listen on {bind}: {error}; choose another address with --bind or [server] bind"
        )
    })?;
    let address = server.addrs().first().copied().unwrap_or(bind);
    let server = server.run();
    let handle = server.handle();
    let serving = actix_web::rt::spawn(server);
    actix_web::rt::spawn(tidy(house.clone()));
    announce(address)?;
    Shutdown::signalled().await?;
    say_goodbye(&house).await;
    handle.stop(true).await;
    serving.await??;
    house.store.writer().close();
    let joined = web::block(move || writer_thread.join()).await?;
    joined.map_err(|_panic| anyhow::anyhow!("the store's writer panicked"))?;
    chat_thread.stop();
    drop(lock);
    Ok(())
}

struct Opened {
    house: House,
    writer_thread: std::thread::JoinHandle<()>,
    chat_thread: Arbiter,
    /// Held while the house is open.
    lock: Option<std::fs::File>,
}

/// Opens the store and starts ChatServer on a thread of its own.
fn open(config: Config) -> anyhow::Result<Opened> {
    let place = config.database().map_or(Place::Memory, Place::File);
    let (secrets, lock) = match &place {
        Place::Memory => (Secrets::random(), None),
        Place::File(_) => {
            make_data_directory(&config)?;
            let lock = lock(&config.server.data)?;
            (Secrets::open(&config.server.data)?, Some(lock))
        }
    };
    let named = |error| match &place {
        Place::File(path) => {
            anyhow::anyhow!("cannot open the database {}: {error}", path.display())
        }
        Place::Memory => anyhow::anyhow!("cannot open the database: {error}"),
    };
    let mut db = place.open().map_err(named)?;
    let head = rooms::open(&mut db, LOBBY).map_err(named)?;
    let newest = messages::page(&mut db, LOBBY, None, room::MESSAGES as i64).map_err(named)?;
    let events = messages::events(&mut db, LOBBY, room::EVENTS as i64).map_err(named)?;
    let lobby = Room::new(
        LOBBY,
        head.epoch,
        head.seq,
        newest,
        &events,
        config.chat.history,
        config.server.public_url.clone(),
    );
    let (writer, queue) = writer::channel();
    let store = Store::start(&place, writer.clone()).map_err(named)?;
    let settings = server::Settings {
        recall_window: config.chat.recall_window.as_duration(),
        max_message_chars: config.chat.max_message_chars,
        messages_per_minute: config.limits.messages_per_minute,
        room_name: config.chat.name.clone(),
    };
    let chat_thread = Arbiter::new();
    let chat = ChatServer::start_in_arbiter(&chat_thread.handle(), move |_| {
        ChatServer::new(settings, writer, lobby)
    });
    let told = chat.clone();
    // Bounded: there are never more outcomes under way than the writer's queue holds.
    let writer_thread = queue.run(
        db,
        Box::new(move |outcomes| told.do_send(Committed(outcomes))),
    )?;
    let limits = config.limits.clone();
    let heartbeat = &config.heartbeat;
    let pulse = Pulse {
        interval: heartbeat.interval.as_duration(),
        grace: heartbeat.grace.as_duration(),
        timeout: heartbeat.timeout.as_duration(),
    };
    let house = House {
        chat,
        store,
        geo: Geo::open(&config.geo.database)?,
        secrets,
        seats: Seats::new(
            limits.connections as usize,
            limits.connections_per_address as usize,
        ),
        shutdown: Shutdown::default(),
        passwords: Pool::new()
            .map_err(|error| anyhow::anyhow!("cannot hash passwords: {error}"))?,
        throttle: Throttle::default(),
        account_pace: Buckets::new(limits.sign_ins_per_minute),
        visitor_pace: Buckets::new(NEW_VISITORS_PER_MINUTE),
        pulse,
        frames_per_second: (limits.messages_per_minute > 0).then(|| {
            limits.messages_per_minute.div_ceil(60).saturating_mul(4) + SPARE_FRAMES_PER_SECOND
        }),
        config,
    };
    Ok(Opened {
        house,
        writer_thread,
        chat_thread,
        lock,
    })
}

/// Descriptors that are neither a connection's nor its wire's: files, the database, threads.
const OTHER_DESCRIPTORS: u64 = 200;

/// Takes as many descriptors as the system allows; each WebSocket needs two.
fn raise_descriptors(config: &Config) {
    let needed = u64::from(config.limits.connections) * 2 + OTHER_DESCRIPTORS;
    match rlimit::increase_nofile_limit(needed) {
        Ok(limit) if limit < needed => tracing::warn!(
            "this process may open {limit} files, which is enough for {} connections, not for [limits] \
             connections = {}: raise the limit (ulimit -Hn, LimitNOFILE) or lower the setting",
            limit.saturating_sub(OTHER_DESCRIPTORS) / 2,
            config.limits.connections,
        ),
        Ok(_) => {}
        Err(error) => tracing::warn!(%error, "the limit of open files cannot be raised"),
    }
}

/// Keeps a second server off the data directory; the system gives the lock back when the process
/// ends, however it ends.
fn lock(data: &std::path::Path) -> anyhow::Result<std::fs::File> {
    let path = data.join("lock");
    let file = std::fs::File::create(&path)
        .map_err(|error| anyhow::anyhow!("cannot write to {}: {error}", path.display()))?;
    file.try_lock().map_err(|error| match error {
        std::fs::TryLockError::WouldBlock => {
            anyhow::anyhow!("another teahouse is serving from {}: stop it, or choose another directory with --data", data.display())
        }
        std::fs::TryLockError::Error(error) => anyhow::anyhow!("cannot lock {}: {error}", path.display()),
    })?;
    Ok(file)
}

fn make_data_directory(config: &Config) -> anyhow::Result<()> {
    let data = &config.server.data;
    std::fs::create_dir_all(data).map_err(|error| {
        anyhow::anyhow!("cannot make the data directory {}: {error}", data.display())
    })
}

/// The hub of this worker's thread, made known to ChatServer.
fn start_hub(hubs: &AtomicU16, chat: &Addr<ChatServer>) -> Rc<Wires> {
    let number = hubs.fetch_add(1, Ordering::AcqRel);
    let wires = Wires::new(number);
    let overrun = Arc::new(AtomicBool::new(false));
    let hub = Hub::new(Rc::clone(&wires), Arc::clone(&overrun)).start();
    chat.do_send(HubReady {
        number,
        hub,
        overrun,
    });
    wires
}

/// Ends this worker's connections that do not get on with their requests.
async fn reap() {
    let mut ticks = actix_web::rt::time::interval(socket::REAP_EVERY);
    loop {
        ticks.tick().await;
        socket::reap();
    }
}

/// Removes expired sessions, a few at a time, and forgets whom the limits need not know.
async fn tidy(house: web::Data<House>) {
    let mut ticks = actix_web::rt::time::interval(TIDY_EVERY);
    loop {
        ticks.tick().await;
        house.account_pace.forget_idle();
        house.visitor_pace.forget_idle();
        let now = clock::now_ms();
        let purged = house
            .store
            .write(move |db| sessions::purge(db, now, PURGE_BATCH))
            .await;
        if let Err(error) = purged {
            tracing::warn!(%error, "expired sessions were not removed");
        }
    }
}

/// Closes the door, tells everybody, and waits until they have gone, but not for ever.
async fn say_goodbye(house: &House) {
    tracing::info!("going down");
    house.shutdown.begin();
    house.chat.do_send(Goodbye);
    let until = Instant::now() + shutdown::GOODBYE;
    while house.seats.taken() > 0 && Instant::now() < until {
        actix_web::rt::time::sleep(Duration::from_millis(20)).await;
    }
}

fn cookie_time(span: Duration) -> actix_web::cookie::time::Duration {
    actix_web::cookie::time::Duration::seconds(i64::try_from(span.as_secs()).unwrap_or(i64::MAX))
}

/// The line that scripts wait for.
///
/// # Errors
/// When nobody reads it.
pub fn announce(address: std::net::SocketAddr) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "teahouse is listening on http://{address}")?;
    out.flush()
}
