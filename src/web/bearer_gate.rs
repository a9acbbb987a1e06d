//! Who a bearer token is, and which calls they may make with it.

use std::rc::Rc;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::{Error as WebError, HttpMessage, web};

use super::bearer::{Brought, ttl};
use super::client::{accepted_lang, reader_lang};
use crate::auth::frame::{BearerToken, Frame};
use crate::auth::session_store::Keys;
use crate::error::Error;
use crate::store::accounts::sessions;
use crate::text::clock;
use crate::web::state::AppState;
use crate::web::{errors, scopes};

/// A session is prolonged once per this fraction of its lifetime: a write costs more than a read.
const PROLONGED_EVERY: i64 = 10;

/// The middleware outside of the cookie session: finds out who a bearer token is, and whether they may make this call with it.
/// What a frame's session has learnt in the call is kept before it is answered.
///
/// # Errors
/// Those of the services within.
pub async fn admit(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, WebError> {
    let brought = request.extensions().get::<Brought>().cloned();
    let Some(Brought(token)) = brought else {
        return Ok(next.call(request).await?.map_into_boxed_body());
    };
    let state = request.app_data::<web::Data<AppState>>().cloned();
    let opened = match (token, &state) {
        (Ok(token), Some(state)) => open(&request, token, state).await,
        (Err(error), _) => Err(error),
        (Ok(_), None) => Err(Error::Internal),
    };
    let frame = match opened {
        Ok(frame) => frame,
        Err(error) => return Ok(refuse(request, &error)),
    };
    request.extensions_mut().insert(Rc::clone(&frame));
    let response = next.call(request).await?.map_into_boxed_body();
    if let Some(state) = &state
        && frame.has_changed()
        && let Err(error) = keep(&frame, state).await
    {
        let (request, _) = response.into_parts();
        let refused = errors::answer(&error, reader_lang(&request), false);
        return Ok(ServiceResponse::new(request, refused));
    }
    Ok(response)
}

fn refuse(request: ServiceRequest, error: &Error) -> ServiceResponse<BoxBody> {
    let lang = accepted_lang(request.request());
    let refused = errors::refusal(error, lang);
    request.into_response(refused)
}

/// The session that a token opens, if it may make this call.
async fn open(
    request: &ServiceRequest,
    token: BearerToken,
    state: &AppState,
) -> Result<Rc<Frame>, Error> {
    let now = clock::now_ms();
    let hash = token.hash();
    let looked = hash.clone();
    let found = state
        .store
        .read(move |db| sessions::load_frame(db, &looked, now))
        .await?;
    let (host, values) = found.ok_or(Error::BadToken)?;
    // What the operator takes off the list has no frames any more.
    let frame =
        Frame::kept(hash, host, &values).filter(|frame| state.config.embed.allows(&frame.host));
    let frame = frame.ok_or(Error::BadToken)?;
    if !scopes::is_for_frames(
        request.method(),
        &request.match_pattern().unwrap_or_default(),
    ) {
        return Err(Error::NotForTokens);
    }
    let seen = frame.get::<i64>(Keys::SEEN).unwrap_or(0);
    if now.saturating_sub(seen) > ttl(&frame, state) / PROLONGED_EVERY {
        frame.remember(Keys::SEEN, now)?;
    }
    Ok(Rc::new(frame))
}

async fn keep(frame: &Frame, state: &AppState) -> Result<(), Error> {
    let now = clock::now_ms();
    let kept = frame.to_keep(now, now.saturating_add(ttl(frame, state)))?;
    // One that has ended meanwhile stays so.
    state
        .store
        .write(move |db| sessions::update(db, &kept).map(drop))
        .await?;
    Ok(())
}
