//! How a request is refused: a status, and words in the language of who sent it.

use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, ResponseError, web};

use crate::error::Error;
use crate::protocol::feed::{ErrorView, RefusedAnswer};
use crate::telemetry;
use crate::text::catalog::Lang;
use crate::web::client::reader_lang;

/// An error and the language of who reads it.
#[derive(Debug, thiserror::Error)]
#[error("{error}")]
pub struct Refused {
    /// What was refused.
    pub error: Error,
    /// The reader's language.
    pub lang: Lang,
}

impl ResponseError for Refused {
    fn status_code(&self) -> actix_web::http::StatusCode {
        self.error.status()
    }

    fn error_response(&self) -> HttpResponse {
        telemetry::refused(self.error.code());
        let mut response = HttpResponse::build(self.error.status());
        if let Some(seconds) = self.error.retry_after() {
            response.insert_header((header::RETRY_AFTER, HeaderValue::from(seconds)));
        }
        response.json(RefusedAnswer {
            error: ErrorView::new(&self.error, self.lang, None),
        })
    }
}

impl From<crate::store::db::StoreError> for Error {
    fn from(error: crate::store::db::StoreError) -> Self {
        match error {
            crate::store::db::StoreError::Busy => Self::Busy,
            crate::store::db::StoreError::TooSlow => Self::TooSlow,
            other => {
                tracing::error!(error = %other, "the store failed");
                Self::NotSaved
            }
        }
    }
}

/// JSON bodies of at most `limit` bytes; what is no good is refused in the reader's language.
#[must_use]
pub fn json_config(limit: usize) -> web::JsonConfig {
    web::JsonConfig::default()
        .limit(limit)
        .error_handler(|_error, request| refusal(request, Error::BadData))
}

/// Queries that cannot be read are refused in the reader's language.
#[must_use]
pub fn query_config() -> web::QueryConfig {
    web::QueryConfig::default().error_handler(|_error, request| refusal(request, Error::BadData))
}

/// Addresses with a part that cannot be read name nothing that is here.
#[must_use]
pub fn path_config() -> web::PathConfig {
    web::PathConfig::default().error_handler(|_error, request| refusal(request, Error::NotFound))
}

/// Any address that no route has.
///
/// # Errors
/// Always: [`Error::NotFound`].
pub async fn nowhere(request: HttpRequest) -> Result<HttpResponse, actix_web::Error> {
    Err(refusal(&request, Error::NotFound))
}

fn refusal(request: &HttpRequest, error: Error) -> actix_web::Error {
    let lang = reader_lang(request);
    Refused { error, lang }.into()
}
