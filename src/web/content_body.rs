//! Bodies of calls that hold what a person has written: longer than others, and perhaps cut within a character.

use actix_web::web;
use serde::de::DeserializeOwned;

use crate::error::Error;
use crate::protocol::MAX_FRAME;
use crate::protocol::escapes::mended;
use crate::web::state::AppState;

/// Reads JSON as it is read of a WebSocket: of [`MAX_FRAME`] bytes, half characters as U+FFFD.
///
/// # Errors
/// [`Error::TooLong`], [`Error::BadData`].
pub(super) async fn read<T: DeserializeOwned>(
    state: &AppState,
    body: web::Payload,
) -> Result<T, Error> {
    let limit = state.limits.message_chars;
    let body = body.to_bytes_limited(MAX_FRAME).await;
    let body = body
        .map_err(|_longer| Error::TooLong { limit })?
        .map_err(|_broken| Error::BadData)?;
    let json = str::from_utf8(&body).map_err(|_not_text| Error::BadData)?;
    serde_json::from_str(&mended(json)).map_err(|_other_shape| Error::BadData)
}
