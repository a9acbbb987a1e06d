//! Every route, and the life of the server from its first connection to its last.

mod expiry;
pub mod jobs;
pub mod startup;
use std::io::{self, Write};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU16, Ordering};
use std::time::{Duration, Instant};

use actix::Actor;
use actix_session::SessionMiddleware;
use actix_session::config::{PersistentSession, TtlExtensionPolicy};
use actix_web::cookie::SameSite;
use actix_web::middleware::{Compress, from_fn};
use actix_web::{App, HttpServer, Route, guard, web};

use crate::app::startup::Opened;
use crate::auth::session_store::Sessions;
use crate::chat::handle::ChatHandle;
use crate::chat::requests::HubLink;
use crate::config::Config;
use crate::realtime::hub::Hub;
use crate::realtime::socket::{self, Door};
use crate::realtime::subscriptions::Subscriptions;
use crate::shutdown::Signals;
use crate::vital;
use crate::web::state::AppState;
use crate::web::{
    account, api, assets, credentials, devices, direct, docs, emoji, errors, export, history,
    house_invitations, invitations, manifest, me, members, pages, password_links, preview,
    registration, rooms, search, security, upgrade, versions,
};

/// The largest JSON body of the API, in bytes: a room with the longest notice, each character of
/// four bytes.
const JSON_LIMIT: usize = 16 * 1024;

/// Connections that the kernel holds until a worker takes them: a whole house that comes back
/// at once.
const BACKLOG: u32 = 4096;

/// Every route of the house.
fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/healthz", read().to(api::healthz))
        .route("/readyz", read().to(api::readyz))
        .route("/metrics", read().to(api::metrics))
        .route("/avatar/{digest}.svg", read().to(assets::avatar))
        .route("/emoji/{hash}.json", read().to(emoji::file))
        .route("/", read().to(pages::lobby))
        .route("/rooms/{room}", read().to(pages::room))
        .route("/rooms/{room}/{message}", read().to(pages::message))
        .route("/m/{message}", read().to(pages::find))
        .route("/join/{code}", read().to(pages::join))
        .route("/password", read().to(pages::lobby))
        .route("/manifest.webmanifest", read().to(manifest::manifest))
        .route("/worker.js", read().to(manifest::worker))
        .route("/api/docs", read().to(docs::page))
        .route("/api/openapi.json", read().to(docs::document))
        .route("/static/{hash}/{path:.*}", read().to(assets::file))
        .route("/api/v1/register", web::post().to(registration::register))
        .route("/api/v1/session", web::post().to(account::sign_in))
        .route("/api/v1/session", web::delete().to(account::sign_out))
        .route("/api/v1/me", read().to(me::me))
        .route("/api/v1/me", web::delete().to(credentials::delete))
        .route("/api/v1/me/name", web::put().to(me::rename))
        .route("/api/v1/me/look", web::put().to(me::dress))
        .route("/api/v1/me/password", web::put().to(credentials::change))
        .route("/api/v1/me/devices", read().to(devices::list))
        .route(
            "/api/v1/me/devices",
            web::delete().to(devices::sign_out_others),
        )
        .route(
            "/api/v1/me/devices/{id}",
            web::delete().to(devices::sign_out),
        )
        .route("/api/v1/me/data", read().to(export::download))
        .route("/api/v1/door", read().to(upgrade::door))
        .route("/api/v1/password", web::post().to(password_links::show))
        .route("/api/v1/password", web::put().to(password_links::spend))
        .route("/api/v1/preferences", web::put().to(me::prefer))
        .route("/api/v1/people", read().to(members::search))
        .route(
            "/api/v1/people/{person}/password-link",
            web::post().to(password_links::make),
        )
        .route("/api/v1/preview", web::post().to(preview::draw))
        .route("/api/v1/search", read().to(search::search))
        .route("/api/v1/direct", web::post().to(direct::begin))
        .route("/api/v1/invitations", read().to(house_invitations::list))
        .route(
            "/api/v1/invitations",
            web::post().to(house_invitations::make),
        )
        .route("/api/v1/invitations/{code}", read().to(invitations::show))
        .route(
            "/api/v1/invitations/{code}",
            web::delete().to(house_invitations::revoke),
        )
        .route(
            "/api/v1/invitations/{code}",
            web::post().to(invitations::accept),
        )
        .route("/api/v1/rooms", read().to(rooms::browse))
        .route("/api/v1/rooms", web::post().to(rooms::make))
        .route("/api/v1/rooms/{room}", read().to(rooms::one))
        .route("/api/v1/rooms/{room}", web::patch().to(rooms::settle))
        .route("/api/v1/rooms/{room}", web::delete().to(rooms::delete))
        .route(
            "/api/v1/rooms/{room}/messages",
            read().to(history::messages),
        )
        .route(
            "/api/v1/rooms/{room}/messages/{message}",
            read().to(history::one),
        )
        .route(
            "/api/v1/rooms/{room}/messages/{message}/versions",
            read().to(versions::list),
        )
        .route("/api/v1/rooms/{room}/pins", read().to(history::pins))
        .route("/api/v1/rooms/{room}/people", read().to(api::people))
        .route("/api/v1/rooms/{room}/join", web::post().to(rooms::join))
        .route("/api/v1/rooms/{room}/leave", web::post().to(rooms::leave))
        .route("/api/v1/rooms/{room}/notify", web::put().to(rooms::notify))
        .route(
            "/api/v1/rooms/{room}/favourite",
            web::put().to(rooms::favourite),
        )
        .route("/api/v1/rooms/{room}/members", read().to(members::list))
        .route(
            "/api/v1/rooms/{room}/members/{person}",
            web::put().to(members::stand),
        )
        .route(
            "/api/v1/rooms/{room}/members/{person}",
            web::delete().to(members::remove),
        )
        .route(
            "/api/v1/rooms/{room}/invitations",
            read().to(invitations::list),
        )
        .route(
            "/api/v1/rooms/{room}/invitations",
            web::post().to(invitations::make),
        )
        .route(
            "/api/v1/rooms/{room}/invitations/{code}",
            web::delete().to(invitations::revoke),
        );
}

/// A route that reads: a HEAD is answered as a GET without its body (RFC 9110 §9.3.2).
fn read() -> Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
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
    vital::thread();
    let Opened {
        house,
        writer_thread,
        chat_thread,
        descriptors,
    } = startup::open(config)?;
    let door = Door::new(&house.config, descriptors);
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
            .app_data(errors::json_config(JSON_LIMIT))
            .app_data(errors::query_config())
            .app_data(errors::path_config())
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
                    .configure(routes)
                    .default_service(web::to(errors::nowhere)),
            )
    })
    .on_connect(move |stream, extensions| door.on_connect(stream, extensions))
    .client_disconnect_timeout(Duration::ZERO)
    .backlog(BACKLOG)
    .shutdown_timeout(crate::shutdown::LAST_REQUESTS.as_secs())
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
    actix_web::rt::spawn(jobs::tidy(house.clone()));
    actix_web::rt::spawn(jobs::end_stale_sockets(house.clone()));
    actix_web::rt::spawn(jobs::erase(house.clone()));
    actix_web::rt::spawn(jobs::empty_rooms(house.clone()));
    actix_web::rt::spawn(jobs::index(house.clone()));
    actix_web::rt::spawn(expiry::expire(house.clone()));
    actix_web::rt::spawn(jobs::watch_database(house.clone()));
    // Whoever reads the line may send a signal at once.
    let mut signals = Signals::listen()?;
    announce(address)?;
    signals.next().await;
    actix_web::rt::spawn(async move {
        signals.next().await;
        crate::shutdown::end_now();
    });
    say_goodbye(&house).await;
    handle.stop(true).await;
    serving.await??;
    jobs::write_sightings(&house).await;
    house.store.writer().close();
    let joined = web::block(move || writer_thread.join()).await?;
    joined.map_err(|_panic| anyhow::anyhow!("the store's writer panicked"))?;
    chat_thread.stop();
    Ok(())
}

/// The hub of this worker's thread, made known to ChatServer.
fn start_hub(hubs: &AtomicU16, chat: &ChatHandle) -> Rc<Subscriptions> {
    let number = hubs.fetch_add(1, Ordering::AcqRel);
    let wires = Subscriptions::new(number);
    let overrun = Arc::new(AtomicBool::new(false));
    let hub = Hub::new(Rc::clone(&wires), Arc::clone(&overrun)).start();
    chat.add_hub(HubLink {
        number,
        deliver: hub.clone().recipient(),
        close_all: hub.recipient(),
        overrun,
    });
    wires
}

/// Ends this worker's connections that do not get on with their requests.
async fn reap() {
    let mut ticks = actix_web::rt::time::interval(socket::REAP_EVERY);
    loop {
        ticks.tick().await;
        let _vital = vital::scope();
        socket::reap();
    }
}

/// Closes the door, tells everybody, and waits until they have gone, but not for ever.
async fn say_goodbye(house: &AppState) {
    tracing::info!("going down");
    house.shutdown.begin();
    house.chat.shut_down();
    let until = Instant::now() + crate::shutdown::GOODBYE;
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
/// When it cannot be written.
pub fn announce(address: std::net::SocketAddr) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "teahouse is listening on http://{address}")?;
    out.flush()
}
