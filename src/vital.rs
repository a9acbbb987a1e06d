//! Threads that the server cannot do without.
//!
//! A session that panics ends by itself, and nobody else notices. Where the writer, a reader,
//! ChatServer, a hub or a background job panics, nothing would go on, and nothing would
//! say so: there the process ends (`log::panicked`), and whoever watches it starts it again.

use std::cell::Cell;

/// The exit code of a process that could not go on (sysexits.h: an internal software error).
pub const EXIT_CODE: i32 = 70;

/// The thread of actix-server without which no connection is accepted.
const ACCEPTOR: &str = "actix-server acceptor";

thread_local! {
    static VITAL: Cell<bool> = const { Cell::new(false) };
}

/// From now on the server cannot do without the thread that calls this.
pub fn thread() {
    VITAL.set(true);
}

/// While the value lives, the server cannot do without what the thread is doing.
#[must_use]
pub fn scope() -> Scope {
    Scope(VITAL.replace(true))
}

/// See [`scope`].
#[derive(Debug)]
pub struct Scope(bool);

impl Drop for Scope {
    fn drop(&mut self) {
        VITAL.set(self.0);
    }
}

/// Whether the server can do without what the calling thread, of this name, is doing.
#[must_use]
pub fn here(name: &str) -> bool {
    VITAL.get() || name == ACCEPTOR
}
