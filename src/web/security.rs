//! The checks that every request and answer passes: origin, cross-site requests, headers.
//!
//! State is changed by non-GET requests of our own pages only: `Sec-Fetch-Site` decides, else
//! `Origin`; a client that sends neither is no browser, and may go on only without our cookie. An answer
//! without cache headers is for its reader alone, and not to be stored.

use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use actix_session::storage::LoadError;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error as WebError, HttpRequest, HttpResponse, web};
use bytes::Bytes;

use super::client::{has_cookie, reader_lang};
use crate::auth::client_address;
use crate::error::Error;
use crate::realtime::socket::{InRequest, RawSocket, TurnedAway};
use crate::web::state::AppState;
use crate::web::{bearer, errors};

/// The Content-Security-Policy: no inline script or style, nothing from elsewhere, no framing.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
     img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self'; manifest-src 'self'; form-action 'self'; \
     base-uri 'none'; frame-ancestors 'none'";

/// Where classic clients send voices, from other sites too: their handler asks [`is_forged`] instead.
const CLASSIC_VOICE: [&str; 2] = ["/api/voice", "/voice"];

/// Set on every answer (OWASP HTTP Headers Cheat Sheet).
const HEADERS: [(HeaderName, &str); 3] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "same-origin"),
];

/// Set on every answer but a page's scripts, styles and images, of which there are a hundred: a browser
/// reads them of documents alone (HTML §7.1.3, RFC 7034 §2.1), and `frame-ancestors` is on all.
const OF_DOCUMENTS: [(HeaderName, &str); 2] = [
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::CROSS_ORIGIN_OPENER_POLICY, "same-origin"),
];

/// The HSTS header, sent where the server is at an https address: use https only, for a year.
/// Subdomains may be somebody else's, and are not included (RFC 6797 §14.4).
const STAY_SECURE: &str = "max-age=31536000";

/// The middleware: refuses cross-site changes, reports progress to the reaper, sets the headers.
///
/// # Errors
/// Those of the services within.
pub async fn guard(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<Timed>, WebError> {
    bearer::take(&mut request);
    let state = request.app_data::<web::Data<AppState>>().cloned();
    let secure = state.as_ref().is_some_and(|state| state.config.is_secure());
    let is_question = request.path() == "/readyz";
    let wants_page = errors::wants_page(request.request());
    let lang = reader_lang(request.request());
    let raw = request.conn_data::<Rc<RawSocket>>().cloned();
    let under_way = raw.map(RawSocket::begin_request);
    let refused = if request.conn_data::<TurnedAway>().is_some() {
        Some(Error::AddressFull)
    } else {
        let elsewhere = is_cross_site_change(request.request());
        let voice = CLASSIC_VOICE.contains(&request.path());
        (elsewhere && !voice).then_some(Error::CrossSite)
    };
    let answer = if let Some(error) = refused {
        Ok(request.into_response(errors::refusal(&error, lang)))
    } else {
        next.call(request)
            .await
            .map(ServiceResponse::map_into_boxed_body)
    };
    match answer {
        Ok(mut response) => {
            if !is_question {
                send_elsewhere(response.response_mut(), state.as_ref());
            }
            let framed = response.response().extensions().contains::<Framed>();
            protect(response.headers_mut(), secure, framed);
            // A WebSocket's answer lasts as long as the connection, and has timeouts of its own.
            let upgraded = response.status() == StatusCode::SWITCHING_PROTOCOLS;
            let under_way = under_way.filter(|_| !upgraded);
            let in_parts = response.response().extensions().contains::<InParts>();
            Ok(response.map_body(|_, body| Timed {
                body,
                under_way,
                in_parts,
            }))
        }
        Err(error) => {
            // Only the cookie session fails here, and would answer without a body.
            let why = why_no_session(&error, state.as_ref());
            let mut response = errors::answer(&why, lang, wants_page);
            send_elsewhere(&mut response, state.as_ref());
            protect(response.headers_mut(), secure, false);
            Err(InternalError::from_response(error, response).into())
        }
    }
}

/// The error for a session that could not be read or written.
fn why_no_session(error: &WebError, state: Option<&web::Data<AppState>>) -> Error {
    let cluster = state.and_then(|state| state.cluster.as_ref());
    if cluster.is_some_and(|cluster| cluster.is_cut_off()) {
        Error::StoreAway
    } else if error.as_error::<InternalError<LoadError>>().is_some() {
        Error::Busy
    } else {
        Error::NotSaved
    }
}

/// Makes a 502 of a 503 where another node is better off than this one: what is behind it does not answer. Proxies ask the next
/// one then, as they shall not after a 503, which all nodes may say when there is too much to do.
fn send_elsewhere<B>(response: &mut HttpResponse<B>, state: Option<&web::Data<AppState>>) {
    let cluster = state.and_then(|state| state.cluster.as_ref());
    if response.status() == StatusCode::SERVICE_UNAVAILABLE
        && cluster.is_some_and(|cluster| cluster.is_behind())
    {
        *response.status_mut() = StatusCode::BAD_GATEWAY;
    }
}

/// A body that tells the reaper when it has been sent.
#[derive(Debug)]
pub struct Timed {
    body: BoxBody,
    under_way: Option<InRequest>,
    in_parts: bool,
}

/// Marks an answer that is long and streamed: it is no slow request while its
/// reader goes on taking parts of it.
#[derive(Debug, Clone, Copy)]
pub struct InParts;

impl MessageBody for Timed {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let part = Pin::new(&mut self.body).poll_next(cx);
        if self.in_parts
            && part.is_ready()
            && let Some(request) = &self.under_way
        {
            request.goes_on();
        }
        part
    }
}

/// Marks a document that pages of other sites may show; its policy says which.
#[derive(Debug, Clone, Copy)]
pub struct Framed;

fn protect(headers: &mut HeaderMap, secure: bool, framed: bool) {
    let of_documents = if framed || is_part(headers) {
        &[]
    } else {
        &OF_DOCUMENTS[..]
    };
    for (name, value) in HEADERS.iter().chain(of_documents) {
        if !headers.contains_key(name) {
            headers.insert(name.clone(), HeaderValue::from_static(value));
        }
    }
    if secure {
        let stay = HeaderValue::from_static(STAY_SECURE);
        headers.insert(header::STRICT_TRANSPORT_SECURITY, stay);
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.append(header::VARY, HeaderValue::from_static("cookie"));
    }
}

/// Whether the answer is a script, style or image of a page.
fn is_part(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or("");
    let mut parts = ["text/javascript", "text/css", "image/"].into_iter();
    parts.any(|part| kind.starts_with(part))
}

/// Whether a request that carries our cookie may open a WebSocket: it has no Origin (no browser),
/// or exactly ours, or one that the operator has configured. With two Origin headers neither is trusted.
#[must_use]
pub fn is_own_origin(request: &HttpRequest, state: &AppState) -> bool {
    let allowed = &state.config.server.allowed_origins;
    origin(request)
        .is_none_or(|origin| allowed.contains(&origin) || is_ours(&origin, request, state))
}

/// The Origin of a request, in lower case; the empty origin, which matches nothing, when
/// there are two.
fn origin(request: &HttpRequest) -> Option<String> {
    let mut origins = request.headers().get_all(header::ORIGIN);
    let first = origins.next()?;
    let only = origins.next().map_or(first.to_str().ok(), |_second| None);
    Some(only.unwrap_or_default().to_ascii_lowercase())
}

/// Whether an origin is that of the address by which this server is asked.
pub(super) fn is_ours(origin: &str, request: &HttpRequest, state: &AppState) -> bool {
    let server = &state.config.server;
    if !server.public_url.is_empty() {
        return origin == server.public_url;
    }
    let mut hosts = request.headers().get_all(header::HOST);
    let (Some(host), None) = (hosts.next(), hosts.next()) else {
        return false;
    };
    let Ok(host) = host.to_str() else {
        return false;
    };
    let secure = client_address::is_from_proxy(request, &server.trusted_proxies)
        && request
            .headers()
            .get("x-forwarded-proto")
            .is_some_and(|scheme| scheme.as_bytes() == b"https");
    let scheme = if secure { "https" } else { "http" };
    origin == format!("{scheme}://{}", host.to_ascii_lowercase())
}

/// Whether a request carries our cookie from a page that is not ours, and not of `allowed_origins` either: what
/// a classic client sends is refused then, as its socket.
#[must_use]
pub fn is_forged(request: &HttpRequest, state: &AppState) -> bool {
    let allowed = &state.config.server.allowed_origins;
    let is_allowed = origin(request).is_some_and(|origin| allowed.contains(&origin));
    has_cookie(request, state) && is_cross_site_change(request) && !is_allowed
}

/// Whether a request would change something for a page that is not ours. Sites in `allowed_origins` may
/// open the socket and send voices, and nothing else. A bearer token is no identity that a browser adds by itself: whoever
/// sends it has it.
fn is_cross_site_change(request: &HttpRequest) -> bool {
    if matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    ) || bearer::is_brought(request)
    {
        return false;
    }
    let Some(state) = request.app_data::<web::Data<AppState>>() else {
        return true;
    };
    let mut sites = request.headers().get_all("sec-fetch-site").peekable();
    if sites.peek().is_some() {
        return !sites.all(|site| matches!(site.as_bytes(), b"same-origin" | b"none"));
    }
    match origin(request) {
        Some(origin) => !is_ours(&origin, request, state),
        None => has_cookie(request, state),
    }
}
