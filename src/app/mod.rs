//! Every route, and the life of the server from its first connection to its last.

mod jobs;
pub mod startup;

use std::io::{self, Write};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU16, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use actix::Actor;
use actix_session::SessionMiddleware;
use actix_session::config::{PersistentSession, TtlExtensionPolicy};
use actix_web::cookie::SameSite;
use actix_web::middleware::{Compress, from_fn};
use actix_web::rt::System;
use actix_web::{App, HttpServer, web};

use crate::app::startup::Opened;
use crate::auth::session_store::Sessions;
use crate::chat::handle::ChatHandle;
use crate::chat::requests::HubLink;
use crate::config::Config;
use crate::realtime::hub::Hub;
use crate::realtime::socket::{self, Listener};
use crate::realtime::subscriptions::Subscriptions;
use crate::shutdown::Signals;
use crate::vital;
use crate::web::state::AppState;
use crate::web::{
    account, api, assets, bearer_gate, bot_events, bot_tokens, bots, classic_voice, credentials,
    devices, direct, docs, embed, embed_preview, embed_session, emoji, errors, export, files,
    files_gone, files_zip, gallery, history, hooks, house_audit, house_members, house_messages,
    house_online, house_people, house_sessions, invitations, manifest, me, members,
    message_changes, my_files, nodes, pages, password_links, person_presence, preview,
    registration, room_hooks, rooms, search, security, server_invitations, settings_pages,
    site_check, site_page, speaking, tokens, upgrade, uploads, versions,
};

/// The largest JSON body of the API, in bytes: a room with the longest notice, each character of
/// four bytes.
const JSON_LIMIT: usize = 16 * 1024;

/// Connections that the kernel queues until a worker accepts them: everybody may reconnect
/// at once.
const BACKLOG: u32 = 4096;

/// Every route of the server: each file of `web/` registers its own.
fn routes(config: &mut web::ServiceConfig) {
    config
        .configure(api::routes)
        .configure(assets::routes)
        .configure(emoji::routes)
        .configure(pages::routes)
        .configure(manifest::routes)
        .configure(docs::routes)
        .configure(embed::routes)
        .configure(embed_preview::routes)
        .configure(embed_session::routes)
        .configure(settings_pages::routes)
        .configure(site_check::routes)
        .configure(site_page::routes)
        .configure(registration::routes)
        .configure(account::routes)
        .configure(me::routes)
        .configure(credentials::routes)
        .configure(devices::routes)
        .configure(tokens::routes)
        .configure(bots::routes)
        .configure(bot_tokens::routes)
        .configure(export::routes)
        .configure(my_files::routes)
        .configure(files_zip::routes)
        .configure(upgrade::routes)
        .configure(password_links::routes)
        .configure(members::routes)
        .configure(nodes::routes)
        .configure(person_presence::routes)
        .configure(bot_events::routes)
        .configure(house_online::routes)
        .configure(house_messages::routes)
        .configure(house_people::routes)
        .configure(house_sessions::routes)
        .configure(house_members::routes)
        .configure(house_audit::routes)
        .configure(preview::routes)
        .configure(search::routes)
        .configure(gallery::routes)
        .configure(direct::routes)
        .configure(server_invitations::routes)
        .configure(invitations::routes)
        .configure(rooms::routes)
        .configure(room_hooks::routes)
        .configure(history::routes)
        .configure(speaking::routes)
        .configure(message_changes::routes)
        .configure(versions::routes)
        .configure(uploads::routes)
        .configure(files::routes)
        .configure(files_gone::routes)
        .configure(classic_voice::routes);
}

/// Opens the server and serves until a signal ends it. `announce` gets the address once it
/// listens.
///
/// # Errors
/// What keeps it from serving, as text for the operator.
pub fn serve(
    config: Config,
    announce: impl FnOnce(std::net::SocketAddr) -> io::Result<()>,
) -> anyhow::Result<()> {
    vital::thread();
    let signals = Signals::listen()?;
    let system = System::new();
    // Not within its runtime: where the start fails, connections to PostgreSQL are dropped, which have runtimes of their own.
    let opened = startup::open(config)?;
    system.block_on(run(opened, signals, announce))
}

async fn run(
    opened: Opened,
    mut signals: Signals,
    announce: impl FnOnce(std::net::SocketAddr) -> io::Result<()>,
) -> anyhow::Result<()> {
    let Opened {
        state,
        writer_threads,
        sweep_thread,
        bus_thread,
        chat_thread,
        descriptors,
    } = opened;
    let listener = Listener::new(&state.config, descriptors);
    let state = web::Data::new(state);
    let hubs = Arc::new(AtomicU16::new(0));
    let for_workers = state.clone();
    let session_key = state.secrets.cookie_key();
    let mut server = HttpServer::new(move || {
        let state = for_workers.clone();
        let subscriptions = start_hub(&hubs, &state.chat);
        actix_web::rt::spawn(reap());
        let sessions =
            SessionMiddleware::builder(Sessions::new(state.store.clone()), session_key.clone())
                .cookie_name(state.cookie_name().to_owned())
                .cookie_secure(state.config.is_secure())
                .cookie_http_only(true)
                .cookie_same_site(SameSite::Lax)
                .cookie_path("/".to_owned())
                .session_lifecycle(
                    PersistentSession::default()
                        .session_ttl(cookie_time(state.config.session.ttl.as_duration()))
                        .session_ttl_extension_policy(TtlExtensionPolicy::OnStateChanges),
                )
                .build();
        App::new()
            .app_data(state)
            .app_data(web::Data::new(subscriptions))
            .app_data(errors::json_config(JSON_LIMIT))
            .app_data(errors::query_config())
            .app_data(errors::path_config())
            .wrap(from_fn(security::guard))
            .service(
                web::resource("/ws")
                    .wrap(from_fn(errors::localize))
                    .wrap(sessions.clone())
                    .wrap(from_fn(bearer_gate::admit))
                    .route(web::get().to(upgrade::upgrade)),
            )
            .configure(api::probes)
            .configure(hooks::routes)
            .service(
                web::scope("")
                    .wrap(from_fn(errors::localize))
                    .wrap(sessions)
                    .wrap(from_fn(bearer_gate::admit))
                    .wrap(Compress::default())
                    .configure(routes)
                    .default_service(web::to(errors::nowhere)),
            )
    })
    .on_connect(move |stream, extensions| listener.on_connect(stream, extensions))
    .client_disconnect_timeout(Duration::ZERO)
    .backlog(BACKLOG)
    .shutdown_timeout(crate::shutdown::LAST_REQUESTS.as_secs())
    .disable_signals();
    if state.config.server.workers > 0 {
        server = server.workers(state.config.server.workers);
    }
    let bind = state.config.server.bind;
    let server = server.bind(bind).map_err(|error| {
        anyhow::anyhow!(
            "cannot listen on {bind}: {error}; choose another address with --bind or [server] bind"
        )
    })?;
    let address = server.addrs().first().copied().unwrap_or(bind);
    let server = server.run();
    let handle = server.handle();
    let serving = actix_web::rt::spawn(server);
    jobs::start(&state);
    // Whoever reads the announcement may send a signal at once.
    signals.wait();
    announce(address)?;
    let must = tokio::select! {
        () = signals.next() => None,
        why = state.shutdown.has_to() => Some(why),
    };
    let is_shared = state.cluster.is_some();
    actix_web::rt::spawn(async move {
        tokio::select! {
            () = signals.next() => {}
            () = actix_web::rt::time::sleep(crate::shutdown::ALL), if is_shared => {
                tracing::error!("the database does not answer: the server ends without it, and nothing is lost that was acked");
            }
        }
        crate::shutdown::end_now();
    });
    say_goodbye(&state).await;
    state.files.incoming.end_all().await;
    handle.stop(true).await;
    serving.await??;
    if let Err(error) = jobs::write_last_seen(&state).await {
        tracing::warn!("{error:#}");
    }
    if let Err(error) = state.chat.store_read_markers().await {
        tracing::warn!(%error, "the newest read marks were not kept");
    }
    web::block(move || drop(sweep_thread)).await?;
    state.store.writer().close();
    let joined = web::block(move || writer_threads.into_iter().try_for_each(JoinHandle::join));
    let joined = joined.await?;
    joined.map_err(|_panic| anyhow::anyhow!("the store's writer panicked"))?;
    if let Some(bus_thread) = bus_thread {
        web::block(move || bus_thread.stop()).await?;
    }
    chat_thread.stop();
    must.map_or(Ok(()), |why| Err(anyhow::anyhow!(why)))
}

/// The hub of this worker's thread, registered with ChatServer.
fn start_hub(hubs: &AtomicU16, chat: &ChatHandle) -> Rc<Subscriptions> {
    let number = hubs.fetch_add(1, Ordering::AcqRel);
    let subscriptions = Subscriptions::new(number);
    let overrun = Arc::new(AtomicBool::new(false));
    let hub = Hub::new(Rc::clone(&subscriptions), Arc::clone(&overrun)).start();
    chat.add_hub(HubLink {
        number,
        deliver: hub.clone().recipient(),
        close_all: hub.recipient(),
        overrun,
    });
    subscriptions
}

/// Closes this worker's connections whose requests make no progress.
async fn reap() {
    let mut ticks = actix_web::rt::time::interval(socket::REAP_EVERY);
    loop {
        ticks.tick().await;
        let _vital = vital::scope();
        socket::reap();
    }
}

/// Stops taking connections, says `bye` to everybody, and waits until they have gone, for a limited time.
async fn say_goodbye(state: &AppState) {
    tracing::info!("going down");
    state.shutdown.begin();
    state.chat.shut_down();
    let until = Instant::now() + crate::shutdown::GOODBYE;
    while state.admission.taken() > 0 && Instant::now() < until {
        actix_web::rt::time::sleep(Duration::from_millis(20)).await;
    }
}

fn cookie_time(span: Duration) -> actix_web::cookie::time::Duration {
    actix_web::cookie::time::Duration::seconds(i64::try_from(span.as_secs()).unwrap_or(i64::MAX))
}

/// Prints the line with the address, which scripts wait for.
///
/// # Errors
/// When it cannot be written.
pub fn announce(address: std::net::SocketAddr) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "teahouse is listening on http://{address}")?;
    out.flush()
}
