//! Keys in the addresses of files: a frame in a page of another site gets no cookie, and a picture, a video or a link carries no header.
//! A key opens files alone, those that the frame's person may read, as long as the frame's session lives.

use std::rc::Rc;

use super::bearer_gate;
use super::state::AppState;
use crate::auth::codes;
use crate::auth::frame::Frame;
use crate::error::Error;

/// What keys are kept apart by from other seals.
const PURPOSE: &str = "files";

/// The key of a frame. It names the session by the hash of its token, which nobody can come in with.
pub(super) fn key_of(frame: &Frame, state: &AppState) -> String {
    let session = frame.key_hash();
    format!("{session}.{}", seal(session, state))
}

/// The frame whose key this is.
///
/// # Errors
/// [`Error::BadToken`] for a key of nobody, or of a session that has ended.
pub(super) async fn frame(key: &str, state: &AppState) -> Result<Rc<Frame>, Error> {
    let (session, given) = key.split_once('.').ok_or(Error::BadToken)?;
    if !codes::are_equal(&seal(session, state), given) {
        return Err(Error::BadToken);
    }
    bearer_gate::frame(session.to_owned(), state)
        .await
        .map(Rc::new)
}

fn seal(session: &str, state: &AppState) -> String {
    format!("{:032x}", state.secrets.digest(PURPOSE, session))
}
