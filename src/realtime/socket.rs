//! The raw socket of a connection, from `on_connect` to the client writer.
//!
//! actix-web shows the TCP stream once, when the connection comes. A dup of it waits in the
//! connection's extensions until an upgrade takes it, or [`reap`] ends a connection that has
//! been silent too long between requests or slow in sending one: actix-http times only the first
//! request's head. Each worker thread keeps its own list.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::net::Shutdown;
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::dev::Extensions;
use actix_web::rt::net::TcpStream;
use ipnet::IpNet;
use socket2::{SockRef, Socket};

use crate::auth::client_address;
use crate::config::Config;
use crate::error::Error;
use crate::protocol::feed::{ErrorView, RefusedAnswer};
use crate::realtime::shares::{Share, Shares};
use crate::telemetry;
use crate::text::catalog::Lang;

/// Kernel memory for what a client has not read. Unset, the kernel lets one slow reader have
/// 4 MB; this is seconds of a busy room.
const SEND_BUFFER: usize = 64 * 1024;

/// How long the kernel keeps retransmitting to a peer that acknowledges nothing.
const USER_TIMEOUT: Duration = Duration::from_secs(15);

/// How long a connection may stay without a complete request head.
const HEAD_TIME: Duration = Duration::from_secs(10);

/// How long a request may take with its body and answer, upgrades not counted.
const REQUEST_TIME: Duration = Duration::from_secs(30);

/// Connections of one address on which HTTP is spoken, for each WebSocket that it may have: as many as a
/// browser opens to one server.
const HTTP_PER_WEBSOCKET: usize = 6;

/// Of all descriptors one address may hold a quarter: HTTP takes two for a connection.
const ADDRESSES: u64 = 2 * 4;

/// How often each worker checks for connections to end.
pub const REAP_EVERY: Duration = Duration::from_secs(1);

thread_local! {
    static CONNECTIONS: RefCell<Vec<Weak<RawSocket>>> = const { RefCell::new(Vec::new()) };
}

/// A connection before, or instead of, its upgrade.
#[derive(Debug)]
pub struct RawSocket {
    dup: RefCell<Option<Socket>>,
    since: Cell<Instant>,
    in_request: Cell<bool>,
    /// Its address's, unless that is a proxy's.
    share: RefCell<Option<Share>>,
}

impl RawSocket {
    /// Takes the dup for a client writer: from now on the connection is none of the reaper's business,
    /// and no HTTP.
    pub fn take(&self) -> Option<Socket> {
        self.share.borrow_mut().take();
        self.dup.borrow_mut().take()
    }

    /// A request head has arrived; the request lasts until what is returned is dropped.
    pub fn begin_request(self: Rc<Self>) -> InRequest {
        self.set_flow(true);
        InRequest(self)
    }

    /// A part of a long request or answer has passed: the next one has as much time again.
    pub fn goes_on(&self) {
        self.set_flow(true);
    }

    fn set_flow(&self, in_request: bool) {
        self.since.set(Instant::now());
        self.in_request.set(in_request);
    }

    fn is_overdue(&self, now: Instant) -> bool {
        let allowed = if self.in_request.get() {
            REQUEST_TIME
        } else {
            HEAD_TIME
        };
        now.saturating_duration_since(self.since.get()) > allowed
    }

    fn end(&self) {
        if let Some(socket) = self.take() {
            telemetry::slow_request();
            let _gone = socket.shutdown(Shutdown::Both);
        }
    }
}

/// A request under way, from its head to the end of its answer.
#[derive(Debug)]
pub struct InRequest(Rc<RawSocket>);

impl InRequest {
    /// See [`RawSocket::goes_on`].
    pub fn goes_on(&self) {
        self.0.goes_on();
    }
}

impl Drop for InRequest {
    fn drop(&mut self) {
        self.0.set_flow(false);
    }
}

/// Who may hold connections on which HTTP is spoken, which nothing else counts.
#[derive(Debug)]
pub struct Listener {
    shares: Arc<Shares>,
    proxies: Vec<IpNet>,
}

/// The flag of a connection that is closed by the server: nothing that comes on it is done.
#[derive(Debug, Clone, Copy)]
pub struct TurnedAway;

impl Listener {
    /// For a process that may have so many descriptors.
    #[must_use]
    pub fn new(config: &Config, descriptors: u64) -> Self {
        let most = usize::try_from(descriptors / ADDRESSES).unwrap_or(usize::MAX);
        let per_address = config.limits.connections_per_address as usize;
        let wanted = per_address.saturating_mul(HTTP_PER_WEBSOCKET);
        Self {
            shares: Shares::new(wanted.min(most)),
            proxies: config.server.trusted_proxies.clone(),
        }
    }

    /// For `HttpServer::on_connect`: sets the socket's options and keeps a dup of it, or ends it where its
    /// address has too many.
    pub fn on_connect(&self, stream: &dyn Any, extensions: &mut Extensions) {
        let Some(stream) = stream.downcast_ref::<TcpStream>() else {
            return;
        };
        let socket = SockRef::from(stream);
        let peer = stream.peer_addr().map(|peer| peer.ip()).ok();
        let peer = peer.filter(|peer| !client_address::is_proxy(*peer, &self.proxies));
        let share = match peer.map(|peer| {
            self.shares
                .take(client_address::subscriber(peer.to_canonical()))
        }) {
            Some(None) => {
                extensions.insert(TurnedAway);
                return refuse(&socket);
            }
            Some(share) => share,
            None => None,
        };
        let tuned = socket
            .set_tcp_nodelay(true)
            .and_then(|()| socket.set_send_buffer_size(SEND_BUFFER))
            .and_then(|()| socket.set_tcp_user_timeout(Some(USER_TIMEOUT)));
        if let Err(error) = tuned {
            tracing::debug!(%error, "socket options");
        }
        match socket.try_clone() {
            Ok(dup) => {
                let raw = Rc::new(RawSocket {
                    dup: RefCell::new(Some(dup)),
                    since: Cell::new(Instant::now()),
                    in_request: Cell::new(false),
                    share: RefCell::new(share),
                });
                CONNECTIONS.with_borrow_mut(|all| all.push(Rc::downgrade(&raw)));
                extensions.insert(raw);
            }
            Err(error) => tracing::warn!(%error, "no descriptor for a connection"),
        }
    }
}

/// Says why, without waiting for what the client wants, and ends the connection.
fn refuse(socket: &Socket) {
    let error = Error::AddressFull;
    telemetry::refused(error.code());
    let wait = error.retry_after().unwrap_or_default();
    let answer = RefusedAnswer {
        error: ErrorView::new(&error, Lang::default(), None),
    };
    let body = serde_json::to_string(&answer).unwrap_or_default();
    let answer = format!(
        "HTTP/1.1 {}\r\nconnection: close\r\nretry-after: {wait}\r\ncache-control: no-store\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        error.status(),
        body.len(),
    );
    let _gone = socket.send(answer.as_bytes());
    let _gone = socket.shutdown(Shutdown::Both);
}

/// Ends this thread's overdue connections and forgets those that are gone or upgraded.
pub fn reap() {
    let now = Instant::now();
    CONNECTIONS.with_borrow_mut(|all| {
        all.retain(|weak| {
            let Some(raw) = weak.upgrade() else {
                return false;
            };
            if raw.is_overdue(now) {
                raw.end();
            }
            raw.dup.borrow().is_some()
        });
        all.shrink_to(64);
    });
}
