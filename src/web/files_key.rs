//! The key with which a frame's pictures, videos and links ask for files: they carry no header, and no cookie comes with them.
//! It is good for reading files alone, as whoever the frame's session is, and for as long as that session.

use std::rc::Rc;

use crate::auth::codes;
use crate::auth::frame::Frame;
use crate::auth::session_store::Keys;
use crate::error::Error;
use crate::store::accounts::sessions;
use crate::text::clock;
use crate::web::state::AppState;

/// What keys are kept apart by from other things that are sealed.
const PURPOSE: &str = "files";

/// The key of a frame's session.
#[must_use]
pub fn of(frame: &Frame, state: &AppState) -> Option<String> {
    let sid: String = frame.get(Keys::SID)?;
    let seal = seal(state, &sid);
    Some(format!("{sid}.{seal}"))
}

/// The session that a key was made for.
///
/// # Errors
/// [`Error::BadToken`] when it is none, or has ended.
pub async fn open(key: &str, state: &AppState) -> Result<Rc<Frame>, Error> {
    let (sid, given) = key.split_once('.').ok_or(Error::BadToken)?;
    if !codes::are_equal(&seal(state, sid), given) {
        return Err(Error::BadToken);
    }
    let (sid, now) = (sid.to_owned(), clock::now_ms());
    let found = state
        .store
        .read(move |db| sessions::frame_by_sid(db, &sid, now));
    let (key_hash, host, values) = found.await?.ok_or(Error::BadToken)?;
    let frame = Frame::kept(key_hash, host, &values);
    let frame = frame.filter(|frame| state.config.embed.allows(&frame.host));
    frame.map(Rc::new).ok_or(Error::BadToken)
}

fn seal(state: &AppState, sid: &str) -> String {
    format!("{:032x}", state.secrets.digest(PURPOSE, sid))
}
