//! The rules that every request and answer meets: origin, cross-site requests, headers.
//!
//! State is changed by non-GET requests of our own pages only: `Sec-Fetch-Site` decides, else
//! `Origin`; a client that sends neither is no browser, and may go on only without our cookie.

use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error as WebError, HttpRequest, web};
use bytes::Bytes;

use super::address;
use super::client::{Refused, has_cookie, reader_lang};
use crate::error::Error;
use crate::house::House;
use crate::ws::socket::{InRequest, RawSocket};

/// No inline script or style, nothing from elsewhere, no framing.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
     img-src 'self' data:; connect-src 'self'; manifest-src 'self'; form-action 'self'; \
     base-uri 'none'; frame-ancestors 'none'";

/// Set on every answer (OWASP HTTP Headers Cheat Sheet).
const HEADERS: [(HeaderName, &str); 3] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "same-origin"),
];

/// Set on every answer but a page's scripts, styles and pictures, of which there are a hundred: a browser
/// reads them of documents alone (HTML §7.1.3, RFC 7034 §2.1), and `frame-ancestors` is on all.
const OF_DOCUMENTS: [(HeaderName, &str); 2] = [
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::CROSS_ORIGIN_OPENER_POLICY, "same-origin"),
];

/// The middleware: refuses cross-site changes, keeps the reaper informed, sets the headers.
///
/// # Errors
/// Those of the services within.
pub async fn guard(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<Timed>, WebError> {
    let raw = request.conn_data::<Rc<RawSocket>>().cloned();
    let under_way = raw.map(RawSocket::begin_request);
    let answer = if is_cross_site_change(request.request()) {
        let lang = reader_lang(request.request());
        let error = Error::CrossSite;
        Ok(request.error_response(Refused { error, lang }))
    } else {
        next.call(request)
            .await
            .map(ServiceResponse::map_into_boxed_body)
    };
    match answer {
        Ok(mut response) => {
            protect(response.headers_mut());
            // A WebSocket's answer lasts as long as the connection, and has a clock of its own.
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
            let mut response = error.error_response();
            protect(response.headers_mut());
            Err(InternalError::from_response(error, response).into())
        }
    }
}

/// A body that tells the reaper when it has been sent.
#[derive(Debug)]
pub struct Timed {
    body: BoxBody,
    under_way: Option<InRequest>,
    in_parts: bool,
}

/// The mark of an answer that is long and made while it is sent: it is no slow request while its
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

fn protect(headers: &mut HeaderMap) {
    let of_documents = if is_part(headers) {
        &[]
    } else {
        &OF_DOCUMENTS[..]
    };
    for (name, value) in HEADERS.iter().chain(of_documents) {
        if !headers.contains_key(name) {
            headers.insert(name.clone(), HeaderValue::from_static(value));
        }
    }
}

/// Whether it is a script, style or picture of a page.
fn is_part(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or("");
    let mut parts = ["text/javascript", "text/css", "image/"].into_iter();
    parts.any(|part| kind.starts_with(part))
}

/// Whether a request that carries our cookie may open a WebSocket: it has no Origin (no browser),
/// or exactly ours, or one that the operator has named.
#[must_use]
pub fn is_own_origin(request: &HttpRequest, house: &House) -> bool {
    match request.headers().get(header::ORIGIN) {
        None => true,
        Some(origin) => origin
            .to_str()
            .is_ok_and(|origin| is_ours(origin, request, house)),
    }
}

fn is_ours(origin: &str, request: &HttpRequest, house: &House) -> bool {
    let server = &house.config.server;
    let origin = origin.to_ascii_lowercase();
    if server.allowed_origins.contains(&origin) {
        return true;
    }
    if !server.public_url.is_empty() {
        return origin == server.public_url;
    }
    let Some(host) = request
        .headers()
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
    else {
        return false;
    };
    let secure = address::is_from_proxy(request, &server.trusted_proxies)
        && request
            .headers()
            .get("x-forwarded-proto")
            .is_some_and(|scheme| scheme.as_bytes() == b"https");
    let scheme = if secure { "https" } else { "http" };
    origin == format!("{scheme}://{}", host.to_ascii_lowercase())
}

fn is_cross_site_change(request: &HttpRequest) -> bool {
    if matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    ) {
        return false;
    }
    let Some(house) = request.app_data::<web::Data<House>>() else {
        return true;
    };
    match request.headers().get("sec-fetch-site") {
        Some(site) => !matches!(site.as_bytes(), b"same-origin" | b"none"),
        None if request.headers().contains_key(header::ORIGIN) => !is_own_origin(request, house),
        None => has_cookie(request, house),
    }
}
