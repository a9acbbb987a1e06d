//! Sockets that a token of the site opens (`/ws?token=…`): a page of the site has our socket without our page, our cookie and
//! our frame.
//!
//! Such a socket has a session of its own, to which nobody has a key: it is listed and ended like every other.

use std::rc::Rc;

use actix_web::HttpRequest;
use actix_web::http::header;

use super::client::Client;
use super::site_sign_in;
use crate::auth::frame::Frame;
use crate::auth::site_token::Refusal;
use crate::auth::via::Via;
use crate::error::Error;
use crate::store::accounts::sessions::{self, SOCKET_LIFE};
use crate::store::accounts::users::User;
use crate::store::db::Db;
use crate::text::clock;
use crate::web::state::AppState;

/// The oldest token that opens a socket, in ms: it stands in an address, and addresses are logged on the way.
const MAX_AGE: i64 = 60_000;

/// The longest origin that is kept; browsers' are shorter.
const MAX_ORIGIN: usize = 300;

/// The sender as who their token says that they are.
///
/// # Errors
/// [`Error::BadToken`], [`Error::TokenExpired`], [`Error::TokenUsed`]; [`Error::SignInThrottled`] for too many bad ones;
/// [`Error::NotSaved`].
pub(super) async fn enter(
    request: &HttpRequest,
    client: Client,
    state: &AppState,
    token: &str,
) -> Result<Client, Error> {
    let address = client.address();
    let claims = site_sign_in::verify(state, address, token)?;
    let now = clock::now_ms();
    if now - claims.issued > MAX_AGE {
        return Err(site_sign_in::refuse(state, address, Refusal::Old));
    }
    let host = page(request).unwrap_or_else(|| state.config.site.issuer.clone());
    let begin = move |db: &mut dyn Db, user: &User| {
        Frame::open(db, &host, user.id, Via::SiteSocket, now, SOCKET_LIFE)
    };
    let opened = site_sign_in::let_in(&client, state, &claims, Via::SiteSocket, begin).await?;
    for sid in opened.ended {
        state.chat.end_session(sid);
    }
    Ok(client.within(Rc::new(opened.frame)))
}

/// What is done when the socket is over: nobody can come back by its session, which its owner need not see any more.
pub(super) fn farewell(client: &Client, state: &AppState) -> impl FnOnce() + Send + 'static {
    let (store, sid) = (state.store.clone(), client.sid().unwrap_or_default());
    move || {
        let end = move |db: &mut dyn Db| sessions::end_socket(db, &sid);
        // Where the server goes down it ends by itself.
        if let Err(error) = store.writer().later(end) {
            tracing::debug!(%error, "the session of a socket was not ended");
        }
    }
}

/// The site whose page opens the socket, as a browser names it. It is shown to the account's owner, and lets nobody in.
fn page(request: &HttpRequest) -> Option<String> {
    let origin = request.headers().get(header::ORIGIN)?.to_str().ok()?;
    let is_one = origin.contains("://") && origin.len() <= MAX_ORIGIN;
    is_one.then(|| origin.to_ascii_lowercase())
}
