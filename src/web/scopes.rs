//! What may be asked with a bearer token: what is not in this table is for browsers with the server's cookie alone.

use actix_web::http::Method;

use crate::error::Error;
use crate::model::grant::{Grant, Scope};

/// Who may make a call with a bearer token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needed {
    /// A token with this scope; and a frame, but for what is the site's own.
    Scope(Scope),
    /// The same, and its token is good in all rooms: the call is about none in particular.
    Everywhere(Scope),
    /// The same as with `write`, and `read`: its answer is a message that may be another's.
    Telling,
    /// The room's own page in a frame alone: names, preferences, its own end.
    Frame,
}

impl Needed {
    /// All scopes that a token needs. Whoever changes a room is told how it is then.
    #[must_use]
    pub fn scopes(self) -> &'static [Scope] {
        match self {
            Self::Scope(Scope::Read) | Self::Everywhere(Scope::Read) => &[Scope::Read],
            Self::Scope(Scope::Write) | Self::Everywhere(Scope::Write) => &[Scope::Write],
            Self::Scope(Scope::Rooms) | Self::Everywhere(Scope::Rooms) => {
                &[Scope::Read, Scope::Rooms]
            }
            Self::Scope(Scope::House) | Self::Everywhere(Scope::House) => &[Scope::House],
            Self::Telling => &[Scope::Read, Scope::Write],
            Self::Frame => &[],
        }
    }
}

use Needed::{Everywhere, Frame, Telling};

const READ: Needed = Needed::Scope(Scope::Read);
const WRITE: Needed = Needed::Scope(Scope::Write);
const ROOMS: Needed = Needed::Scope(Scope::Rooms);
const HOUSE: Needed = Everywhere(Scope::House);

/// Each call that a bearer token may make: its method, the pattern of its address, and what it needs.
const CALLS: &[(&str, &str, Needed)] = &[
    ("GET", "/ws", READ),
    ("GET", "/api/v1/connect/check", READ),
    ("GET", "/api/v1/me", READ),
    ("GET", "/api/v1/people", READ),
    ("GET", "/api/v1/rooms", READ),
    ("GET", "/api/v1/rooms/{room}", READ),
    ("GET", "/api/v1/rooms/{room}/people", READ),
    ("GET", "/api/v1/rooms/{room}/members", READ),
    ("GET", "/api/v1/rooms/{room}/messages", READ),
    ("GET", "/api/v1/rooms/{room}/messages/{message}", READ),
    (
        "GET",
        "/api/v1/rooms/{room}/messages/{message}/versions",
        READ,
    ),
    ("GET", "/api/v1/rooms/{room}/pins", READ),
    ("GET", "/api/v1/rooms/{room}/files", READ),
    ("GET", "/api/v1/bot/events", READ),
    ("GET", "/api/v1/search", READ),
    ("GET", "/api/v1/uploads", READ),
    ("GET", "/api/v1/uploads/{file}", READ),
    ("POST", "/api/v1/files/gone", READ),
    ("GET", "/files/{file}/{rendition}", READ),
    ("GET", "/voice/{file}.wav", READ),
    ("POST", "/api/v1/rooms/{room}/messages", WRITE),
    ("PATCH", "/api/v1/rooms/{room}/messages/{message}", WRITE),
    ("DELETE", "/api/v1/rooms/{room}/messages/{message}", Telling),
    (
        "PUT",
        "/api/v1/rooms/{room}/messages/{message}/reactions/{emoji}",
        Telling,
    ),
    (
        "DELETE",
        "/api/v1/rooms/{room}/messages/{message}/reactions/{emoji}",
        Telling,
    ),
    (
        "PUT",
        "/api/v1/rooms/{room}/messages/{message}/pin",
        Telling,
    ),
    (
        "DELETE",
        "/api/v1/rooms/{room}/messages/{message}/pin",
        Telling,
    ),
    ("PUT", "/api/v1/rooms/{room}/read", WRITE),
    (
        "POST",
        "/api/v1/people/{person}/messages",
        Everywhere(Scope::Write),
    ),
    ("POST", "/api/v1/preview", WRITE),
    ("POST", "/api/v1/uploads", WRITE),
    ("HEAD", "/api/v1/uploads/{file}", WRITE),
    ("PATCH", "/api/v1/uploads/{file}", WRITE),
    ("DELETE", "/api/v1/uploads/{file}", WRITE),
    ("POST", "/api/v1/direct", Everywhere(Scope::Rooms)),
    ("POST", "/api/v1/rooms", Everywhere(Scope::Rooms)),
    ("PATCH", "/api/v1/rooms/{room}", ROOMS),
    ("DELETE", "/api/v1/rooms/{room}", ROOMS),
    ("POST", "/api/v1/rooms/{room}/join", ROOMS),
    ("POST", "/api/v1/rooms/{room}/leave", ROOMS),
    ("PUT", "/api/v1/rooms/{room}/notify", ROOMS),
    ("PUT", "/api/v1/rooms/{room}/favourite", ROOMS),
    ("PUT", "/api/v1/rooms/{room}/members/{person}", ROOMS),
    ("DELETE", "/api/v1/rooms/{room}/members/{person}", ROOMS),
    ("GET", "/api/v1/rooms/{room}/invitations", ROOMS),
    ("POST", "/api/v1/rooms/{room}/invitations", ROOMS),
    ("DELETE", "/api/v1/rooms/{room}/invitations/{code}", ROOMS),
    ("GET", "/api/v1/invitations/{code}", ROOMS),
    ("POST", "/api/v1/invitations/{code}", ROOMS),
    ("GET", "/api/v1/bots", HOUSE),
    ("POST", "/api/v1/bots", HOUSE),
    ("PATCH", "/api/v1/bots/{bot}", HOUSE),
    ("DELETE", "/api/v1/bots/{bot}", HOUSE),
    ("GET", "/api/v1/bots/{bot}/tokens", HOUSE),
    ("POST", "/api/v1/bots/{bot}/tokens", HOUSE),
    ("PATCH", "/api/v1/bots/{bot}/tokens/{token}", HOUSE),
    ("DELETE", "/api/v1/bots/{bot}/tokens/{token}", HOUSE),
    ("GET", "/api/v1/hooks", HOUSE),
    ("POST", "/api/v1/hooks", HOUSE),
    ("PATCH", "/api/v1/hooks/{hook}", HOUSE),
    ("DELETE", "/api/v1/hooks/{hook}", HOUSE),
    ("GET", "/api/v1/house/audit", HOUSE),
    ("GET", "/api/v1/house/online", HOUSE),
    ("GET", "/api/v1/house/online/people", HOUSE),
    ("POST", "/api/v1/house/messages", HOUSE),
    ("GET", "/api/v1/house/people", HOUSE),
    ("PUT", "/api/v1/house/people", HOUSE),
    ("DELETE", "/api/v1/house/people/{person}", HOUSE),
    ("POST", "/api/v1/house/people/{person}/messages", HOUSE),
    ("POST", "/api/v1/house/people/{person}/sign-out", HOUSE),
    ("POST", "/api/v1/house/people/{person}/disconnect", HOUSE),
    ("PUT", "/api/v1/house/rooms/{room}/members/{person}", HOUSE),
    (
        "DELETE",
        "/api/v1/house/rooms/{room}/members/{person}",
        HOUSE,
    ),
    ("PUT", "/api/v1/me/name", Frame),
    ("PUT", "/api/v1/preferences", Frame),
    ("DELETE", "/api/v1/session", Frame),
    ("GET", "/embed/rooms/{room}/page", Frame),
    ("GET", "/api/v1/embed/news", Frame),
];

/// What a call needs; `None` for what no token may ask.
#[must_use]
pub fn of(method: &Method, pattern: &str) -> Option<Needed> {
    let is_it = |as_method: &str| {
        let mut calls = CALLS.iter();
        calls.find(|(method, address, _)| *method == as_method && *address == pattern)
    };
    let found = is_it(method.as_str());
    // A HEAD is a GET without its body, where it is nothing of its own.
    let found = found.or_else(|| (*method == Method::HEAD).then(|| is_it("GET")).flatten());
    found.map(|(_, _, needed)| *needed)
}

/// Whether a call may be made with a token of this grant; `None` is a frame.
///
/// # Errors
/// [`Error::NotForTokens`], [`Error::ScopeNeeded`].
pub fn admit(method: &Method, pattern: &str, grant: Option<&Grant>) -> Result<(), Error> {
    let needed = of(method, pattern).ok_or(Error::NotForTokens)?;
    let is_good = match (needed, grant) {
        (Needed::Scope(Scope::House) | Everywhere(Scope::House), None) | (Frame, Some(_)) => {
            return Err(Error::NotForTokens);
        }
        (_, None) => true,
        (needed, Some(grant)) => {
            let is_somewhere = matches!(needed, Everywhere(_)) && grant.rooms.is_some();
            !is_somewhere && needed.scopes().iter().all(|scope| grant.has(*scope))
        }
    };
    is_good.then_some(()).ok_or(Error::ScopeNeeded)
}
