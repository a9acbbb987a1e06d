//! Bearer tokens: who sends one is known by it alone. Whatever cookies come with it are taken away first, and a token that is
//! not good is refused: the request never goes on as somebody less.

use actix_web::dev::ServiceRequest;
use actix_web::http::header;
use actix_web::{HttpMessage, HttpRequest};

use crate::auth::bearer_token::BearerToken;
use crate::auth::frame::Frame;
use crate::auth::memory::Memory;
use crate::auth::session_store::Keys;
use crate::error::Error;
use crate::web::state::AppState;

/// The WebSocket subprotocol that clients with a token ask for, and are answered with.
pub const SUBPROTOCOL: &str = "teahouse.1";
/// What the subprotocol that carries the token begins with: a browser cannot set a header of a WebSocket, and an address would
/// be logged (as Kubernetes does it).
const IN_SUBPROTOCOL: &str = "teahouse.bearer.";
/// Where WebSockets are opened.
const SOCKET: &str = "/ws";

/// What a request has brought: a token of the right form, or something else.
#[derive(Debug, Clone)]
pub struct Brought(pub Result<BearerToken, Error>);

/// Takes the cookies off a request that brings a bearer token, before anybody has looked at them.
pub fn take(request: &mut ServiceRequest) {
    if let Some(token) = brought(request.request()) {
        request.headers_mut().remove(header::COOKIE);
        request.extensions_mut().insert(Brought(token));
    }
}

/// Whether a request brought a bearer token, good or not. It has no identity then that a browser adds by itself.
#[must_use]
pub fn is_brought(request: &HttpRequest) -> bool {
    request.extensions().contains::<Brought>()
}

/// Where what a request's token says is; `None` without one.
#[must_use]
pub fn memory(request: &HttpRequest) -> Option<Memory> {
    request.extensions().get::<Memory>().cloned()
}

fn brought(request: &HttpRequest) -> Option<Result<BearerToken, Error>> {
    let mut given = request.headers().get_all(header::AUTHORIZATION);
    let tokens = given.by_ref().map(|value| {
        let text = String::from_utf8_lossy(value.as_bytes());
        let (scheme, token) = text.split_once(' ').unwrap_or((&text, ""));
        scheme
            .eq_ignore_ascii_case("bearer")
            .then(|| token.trim().parse())
    });
    // What proxies ask people for themselves ("Basic") is none of ours.
    let mut tokens = tokens.flatten().chain(in_subprotocol(request));
    let first = tokens.next()?;
    Some(match tokens.next() {
        None => first,
        Some(_second) => Err(Error::BadToken),
    })
}

fn in_subprotocol(request: &HttpRequest) -> Option<Result<BearerToken, Error>> {
    if request.path() != SOCKET {
        return None;
    }
    let offered = request.headers().get_all(header::SEC_WEBSOCKET_PROTOCOL);
    let mut names = offered
        .filter_map(|value| value.to_str().ok())
        .flat_map(|names| names.split(','));
    let token = names.find_map(|name| name.trim().strip_prefix(IN_SUBPROTOCOL))?;
    Some(token.parse())
}

/// How long a frame's session lives after its last use, in ms.
#[must_use]
pub fn ttl(frame: &Frame, state: &AppState) -> i64 {
    let is_account = frame.get::<i64>(Keys::USER).is_some();
    let ttl = if is_account {
        state.config.embed.session
    } else {
        state.config.session.ttl
    };
    i64::try_from(ttl.as_millis()).unwrap_or(i64::MAX)
}
