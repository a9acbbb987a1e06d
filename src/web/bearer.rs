//! Bearer tokens, and tokens of the site that open sockets: who sends one is known by it alone. Whatever cookies come with it are
//! taken away first, and a token that is not good is refused: the request never goes on as somebody less.

use actix_web::dev::ServiceRequest;
use actix_web::http::header;
use actix_web::{HttpMessage, HttpRequest};
use url::form_urlencoded;

use crate::auth::bearer_token::BearerToken;
use crate::auth::frame::Frame;
use crate::auth::memory::Memory;
use crate::auth::session_store::Keys;
use crate::error::Error;
use crate::text::catalog::Lang;
use crate::web::state::AppState;

/// The WebSocket subprotocol that clients with a token ask for, and are answered with.
pub const SUBPROTOCOL: &str = "teahouse.1";
/// What the subprotocol that carries the token begins with: a browser cannot set a header of a WebSocket, and an address would
/// be logged (as Kubernetes does it).
const IN_SUBPROTOCOL: &str = "teahouse.bearer.";
/// What the subprotocol that names a language begins with.
const LANG_IN_SUBPROTOCOL: &str = "teahouse.lang.";
/// Where WebSockets are opened.
const SOCKET: &str = "/ws";

/// What a request has brought: a token of the right form, or something else.
#[derive(Debug, Clone)]
pub struct Brought(pub Result<BearerToken, Error>);

/// A token of the site that stands in the address of a socket, good or not.
#[derive(Clone)]
pub struct InAddress(pub String);

impl std::fmt::Debug for InAddress {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("InAddress")
    }
}

/// Takes the cookies off a request that brings a token, before anybody has looked at them.
pub fn take(request: &mut ServiceRequest) {
    let (bearer, mut site) = (brought(request.request()), in_address(request.request()));
    if bearer.is_none() && site.is_empty() {
        return;
    }
    request.headers_mut().remove(header::COOKIE);
    let mut extensions = request.extensions_mut();
    match (bearer, site.pop()) {
        (None, Some(token)) if site.is_empty() => drop(extensions.insert(InAddress(token))),
        (Some(token), None) => drop(extensions.insert(Brought(token))),
        // Of two, who could say which one is meant?
        _ => drop(extensions.insert(Brought(Err(Error::BadToken)))),
    }
}

/// The token of the site with which a request would open a socket.
#[must_use]
pub fn of_site(request: &HttpRequest) -> Option<InAddress> {
    request.extensions().get::<InAddress>().cloned()
}

fn in_address(request: &HttpRequest) -> Vec<String> {
    if request.path() != SOCKET {
        return Vec::new();
    }
    let pairs = form_urlencoded::parse(request.query_string().as_bytes());
    let tokens = pairs.filter(|(name, _)| name == "token");
    tokens.map(|(_, token)| token.into_owned()).collect()
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
    offered(request, IN_SUBPROTOCOL).map(str::parse)
}

/// The language that a WebSocket's client asks for among the subprotocols: a browser cannot set that header either.
#[must_use]
pub fn socket_lang(request: &HttpRequest) -> Option<Lang> {
    offered(request, LANG_IN_SUBPROTOCOL).and_then(Lang::from_code)
}

/// What follows `prefix` in the first subprotocol that begins with it, of a request for a WebSocket.
fn offered<'a>(request: &'a HttpRequest, prefix: &str) -> Option<&'a str> {
    if request.path() != SOCKET {
        return None;
    }
    let offered = request.headers().get_all(header::SEC_WEBSOCKET_PROTOCOL);
    let mut names = offered
        .filter_map(|value| value.to_str().ok())
        .flat_map(|names| names.split(','));
    names.find_map(|name| name.trim().strip_prefix(prefix))
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
