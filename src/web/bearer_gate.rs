//! Who a bearer token is, and which calls they may make with it.

use std::rc::Rc;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::{Error as WebError, HttpMessage, HttpRequest, web};

use super::bearer::{Brought, ttl};
use super::client::{accepted_lang, reader_lang};
use crate::auth::bearer_token::{BearerToken, Carrier};
use crate::auth::client_address;
use crate::auth::frame::Frame;
use crate::auth::memory::Memory;
use crate::auth::session_store::Keys;
use crate::error::Error;
use crate::model::grant::Scope;
use crate::store::accounts::sessions;
use crate::store::accounts::tokens::{self, Token};
use crate::telemetry;
use crate::text::clock;
use crate::web::state::AppState;
use crate::web::{errors, scopes, security};

/// A session is prolonged once per this fraction of its lifetime: a write costs more than a read.
const PROLONGED_EVERY: i64 = 10;

/// Where the addresses of the API begin.
const API: &str = "/api/";

/// That a token was used is noted this often at most, in ms.
const USED_EVERY: i64 = 5 * 60 * 1_000;

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
        count_call(&request, "cookie");
        return Ok(next.call(request).await?.map_into_boxed_body());
    };
    let by = token.as_ref().ok().map(|token| match token.carrier {
        Carrier::Frame => "frame",
        Carrier::Person => "token",
        Carrier::Bot => "bot",
    });
    let state = request.app_data::<web::Data<AppState>>().cloned();
    let opened = match (token, &state) {
        (Ok(token), Some(state)) => open(&request, &token, state).await,
        (Err(error), _) => Err(error),
        (Ok(_), None) => Err(Error::Internal),
    };
    let memory = match opened {
        Ok(memory) => memory,
        Err(error) => return Ok(refuse(request, &error)),
    };
    if let Some(by) = by {
        count_call(&request, by);
    }
    request.extensions_mut().insert(memory.clone());
    let response = next.call(request).await?.map_into_boxed_body();
    if let (Some(state), Memory::Frame(frame)) = (&state, &memory)
        && frame.has_changed()
        && let Err(error) = keep(frame, state).await
    {
        let (request, _) = response.into_parts();
        let refused = errors::answer(&error, reader_lang(&request), false);
        return Ok(ServiceResponse::new(request, refused));
    }
    Ok(response)
}

fn count_call(request: &ServiceRequest, by: &'static str) {
    if request.path().starts_with(API) {
        telemetry::api_called(by);
    }
}

fn refuse(request: ServiceRequest, error: &Error) -> ServiceResponse<BoxBody> {
    let lang = accepted_lang(request.request());
    let refused = errors::refusal(error, lang);
    request.into_response(refused)
}

/// What a token says of its sender, if they may make this call.
async fn open(
    request: &ServiceRequest,
    token: &BearerToken,
    state: &AppState,
) -> Result<Memory, Error> {
    let memory = match token.carrier {
        Carrier::Frame => Memory::Frame(Rc::new(
            frame(request.request(), token.hash(), state).await?,
        )),
        Carrier::Person | Carrier::Bot => Memory::Token(Rc::new(program(token, state).await?)),
    };
    let pattern = request.match_pattern().unwrap_or_default();
    let grant = match &memory {
        Memory::Token(token) => Some(&token.grant),
        Memory::Frame(_) | Memory::Cookie(_) => None,
    };
    scopes::admit(request.method(), &pattern, grant)?;
    if let Memory::Token(token) = &memory {
        count(request, token, state).await?;
    }
    Ok(memory)
}

/// The session of the frame whose token has this hash.
pub(super) async fn frame(
    request: &HttpRequest,
    hash: String,
    state: &AppState,
) -> Result<Frame, Error> {
    let now = clock::now_ms();
    let looked = hash.clone();
    let found = state
        .store
        .read(move |db| sessions::load_frame(db, &looked, now))
        .await?;
    let (host, values) = found.ok_or(Error::BadToken)?;
    // What the operator takes off the list has no frames any more. Those of the server's own preview are never on it.
    let is_good = |frame: &Frame| {
        state.config.embed.allows(&frame.host) || security::is_ours(&frame.host, request, state)
    };
    let frame = Frame::kept(hash, host, &values).filter(is_good);
    let frame = frame.ok_or(Error::BadToken)?;
    let seen = frame.get::<i64>(Keys::SEEN).unwrap_or(0);
    if now.saturating_sub(seen) > ttl(&frame, state) / PROLONGED_EVERY {
        frame.remember(Keys::SEEN, now)?;
    }
    Ok(frame)
}

/// The token of a program.
async fn program(token: &BearerToken, state: &AppState) -> Result<Token, Error> {
    let (hash, now) = (token.hash(), clock::now_ms());
    let found = state
        .store
        .read(move |db| tokens::by_key(db, &hash, now))
        .await?;
    let mut found = found.ok_or(Error::BadToken)?;
    // The site's own server is a bot.
    if token.carrier == Carrier::Person {
        found.grant.scopes.retain(|scope| *scope != Scope::House);
    }
    Ok(found)
}

/// Counts a call of a token, and notes from time to time that it is used.
async fn count(request: &ServiceRequest, token: &Token, state: &AppState) -> Result<(), Error> {
    state
        .token_rates
        .take(&token.id)
        .map_err(|retry_after| Error::TooFast { retry_after })?;
    let now = clock::now_ms();
    let before = now.saturating_sub(USED_EVERY);
    if token.used.is_none_or(|used| used <= before) {
        let proxies = &state.config.server.trusted_proxies;
        let address = client_address::of(request.request(), proxies);
        let place = address.map_or_else(String::new, |address| state.geo.place(address));
        let id = token.id.clone();
        let noted = state
            .store
            .write(move |db| tokens::see(db, &id, now, &place, before));
        if let Err(error) = noted.await {
            tracing::warn!(%error, "when a token was used was not noted");
        }
    }
    Ok(())
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
