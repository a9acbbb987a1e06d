//! What may be asked with a bearer token: what is not in this table is for browsers with the server's cookie alone.

use actix_web::http::Method;

/// What a call does to what its sender may reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Reads what the account may read.
    Read,
    /// Says, changes, recalls, reacts, pins, marks as read.
    Write,
    /// Makes and configures rooms, joins, invites, moderates.
    Rooms,
    /// What only the room's own page in a frame does: names, preferences, its own end.
    Frame,
}

/// Each call that a bearer token may make: its method, the pattern of its address, and the scope.
const CALLS: &[(&str, &str, Scope)] = &[
    ("GET", "/ws", Scope::Read),
    ("GET", "/api/v1/connect/check", Scope::Read),
    ("GET", "/api/v1/me", Scope::Read),
    ("GET", "/api/v1/people", Scope::Read),
    ("GET", "/api/v1/rooms", Scope::Read),
    ("GET", "/api/v1/rooms/{room}", Scope::Read),
    ("GET", "/api/v1/rooms/{room}/people", Scope::Read),
    ("GET", "/api/v1/rooms/{room}/members", Scope::Read),
    ("GET", "/api/v1/rooms/{room}/messages", Scope::Read),
    (
        "GET",
        "/api/v1/rooms/{room}/messages/{message}",
        Scope::Read,
    ),
    (
        "GET",
        "/api/v1/rooms/{room}/messages/{message}/versions",
        Scope::Read,
    ),
    ("GET", "/api/v1/rooms/{room}/pins", Scope::Read),
    ("GET", "/api/v1/rooms/{room}/files", Scope::Read),
    ("GET", "/api/v1/search", Scope::Read),
    ("GET", "/api/v1/uploads", Scope::Read),
    ("GET", "/api/v1/uploads/{file}", Scope::Read),
    ("POST", "/api/v1/files/gone", Scope::Read),
    ("GET", "/files/{file}/{rendition}", Scope::Read),
    ("GET", "/voice/{file}.wav", Scope::Read),
    ("POST", "/api/v1/preview", Scope::Write),
    ("POST", "/api/v1/uploads", Scope::Write),
    ("HEAD", "/api/v1/uploads/{file}", Scope::Write),
    ("PATCH", "/api/v1/uploads/{file}", Scope::Write),
    ("DELETE", "/api/v1/uploads/{file}", Scope::Write),
    ("POST", "/api/v1/direct", Scope::Rooms),
    ("POST", "/api/v1/rooms", Scope::Rooms),
    ("PATCH", "/api/v1/rooms/{room}", Scope::Rooms),
    ("DELETE", "/api/v1/rooms/{room}", Scope::Rooms),
    ("POST", "/api/v1/rooms/{room}/join", Scope::Rooms),
    ("POST", "/api/v1/rooms/{room}/leave", Scope::Rooms),
    ("PUT", "/api/v1/rooms/{room}/notify", Scope::Rooms),
    ("PUT", "/api/v1/rooms/{room}/favourite", Scope::Rooms),
    ("PUT", "/api/v1/rooms/{room}/members/{person}", Scope::Rooms),
    (
        "DELETE",
        "/api/v1/rooms/{room}/members/{person}",
        Scope::Rooms,
    ),
    ("GET", "/api/v1/rooms/{room}/invitations", Scope::Rooms),
    ("POST", "/api/v1/rooms/{room}/invitations", Scope::Rooms),
    (
        "DELETE",
        "/api/v1/rooms/{room}/invitations/{code}",
        Scope::Rooms,
    ),
    ("GET", "/api/v1/invitations/{code}", Scope::Rooms),
    ("POST", "/api/v1/invitations/{code}", Scope::Rooms),
    ("PUT", "/api/v1/me/name", Scope::Frame),
    ("PUT", "/api/v1/preferences", Scope::Frame),
    ("DELETE", "/api/v1/session", Scope::Frame),
    ("GET", "/embed/rooms/{room}/page", Scope::Frame),
    ("GET", "/api/v1/embed/news", Scope::Frame),
];

/// The scope of a call; `None` for what no token may ask.
#[must_use]
pub fn of(method: &Method, pattern: &str) -> Option<Scope> {
    let is_it = |as_method: &str| {
        let mut calls = CALLS.iter();
        calls.find(|(method, address, _)| *method == as_method && *address == pattern)
    };
    let found = is_it(method.as_str());
    // A HEAD is a GET without its body, where it is nothing of its own.
    let found = found.or_else(|| (*method == Method::HEAD).then(|| is_it("GET")).flatten());
    found.map(|(_, _, scope)| *scope)
}

/// Whether the room's page in a frame may make this call.
#[must_use]
pub fn is_for_frames(method: &Method, pattern: &str) -> bool {
    of(method, pattern).is_some()
}
