//! How a request is refused: a status, and a message in the sender's language.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{HttpRequest, HttpResponse, ResponseError, web};
use askama::Template;

use crate::error::Error;
use crate::protocol::feed::{ErrorView, RefusedAnswer};
use crate::telemetry;
use crate::text::catalog::Lang;
use crate::web::client::reader_lang;

/// Handlers return errors; [`localize`] turns them into answers.
impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        self.status()
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status())
    }
}

/// The middleware that answers a handler's error in the language of whoever sent the request. It
/// runs inside the cookie session, which knows the language that they chose.
///
/// # Errors
/// Those of the services within.
pub async fn localize(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let response = next.call(request).await?.map_into_boxed_body();
    let refused = response.response().error();
    let Some(error) = refused.and_then(|error| error.as_error::<Error>()) else {
        return Ok(response);
    };
    let request = response.request();
    let worded = answer(error, reader_lang(request), wants_page(request));
    Ok(response.into_response(worded))
}

/// Whether somebody waits for a page, and not a program for an answer.
#[must_use]
pub fn wants_page(request: &HttpRequest) -> bool {
    let header = |name: &str| {
        request
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
    };
    match header("sec-fetch-dest") {
        Some(wanted_for) => wanted_for == "document",
        None => header("accept").is_some_and(|kinds| kinds.contains("text/html")),
    }
}

/// What a browser shows instead of a page that cannot be made just now, until it can.
#[derive(Template)]
#[template(path = "later.html")]
struct LaterPage {
    lang: &'static str,
    title: &'static str,
    message: String,
    seconds: u64,
}

/// The answer for `error` in the reader's language: a page that asks again by itself, where one is wanted and waiting helps.
#[must_use]
pub fn answer(error: &Error, lang: Lang, wants_page: bool) -> HttpResponse {
    let seconds = error
        .retry_after()
        .filter(|_| wants_page && error.status().is_server_error());
    let page = seconds.and_then(|seconds| {
        let page = LaterPage {
            lang: lang.tag(),
            title: "Teahouse",
            message: error.message(lang),
            seconds,
        };
        page.render().ok()
    });
    let mut answer = refusal(error, lang);
    if let Some(page) = page {
        answer = answer.set_body(BoxBody::new(page));
        let html = HeaderValue::from_static("text/html; charset=utf-8");
        answer.headers_mut().insert(header::CONTENT_TYPE, html);
    }
    answer
}

/// The answer for `error` in the reader's language.
#[must_use]
pub fn refusal(error: &Error, lang: Lang) -> HttpResponse {
    telemetry::refused(error.code());
    let mut response = HttpResponse::build(error.status());
    if let Some(seconds) = error.retry_after() {
        response.insert_header((header::RETRY_AFTER, HeaderValue::from(seconds)));
    }
    response.json(RefusedAnswer {
        error: ErrorView::new(error, lang, None),
    })
}

impl From<crate::store::db::StoreError> for Error {
    fn from(error: crate::store::db::StoreError) -> Self {
        match error {
            crate::store::db::StoreError::Busy => Self::Busy,
            crate::store::db::StoreError::TooSlow => Self::TooSlow,
            other => {
                tracing::error!(error = %other, "the store failed");
                match other {
                    crate::store::db::StoreError::Gone(_) => Self::StoreAway,
                    _ => Self::NotSaved,
                }
            }
        }
    }
}

/// JSON bodies of at most `limit` bytes; an invalid one is refused in the reader's language.
#[must_use]
pub fn json_config(limit: usize) -> web::JsonConfig {
    web::JsonConfig::default()
        .limit(limit)
        .error_handler(|_error, _request| Error::BadData.into())
}

/// Query strings that cannot be parsed are refused in the reader's language.
#[must_use]
pub fn query_config() -> web::QueryConfig {
    web::QueryConfig::default().error_handler(|_error, _request| Error::BadData.into())
}

/// Path parameters that cannot be parsed give [`Error::NotFound`].
#[must_use]
pub fn path_config() -> web::PathConfig {
    web::PathConfig::default().error_handler(|_error, _request| Error::NotFound.into())
}

/// The handler for addresses without a route.
///
/// # Errors
/// Always: [`Error::NotFound`].
pub async fn nowhere() -> Result<HttpResponse, Error> {
    Err(Error::NotFound)
}
