//! A server by a clock of its own, which a test sets (libfaketime).

use super::Server;

/// Starts a program whose wall clock is so many seconds ahead as the file `clock` in its directory says;
/// for [`Server::start_by`] and [`Server::start_strict_by`]. What is measured by the monotonic clock
/// takes as long as it does.
pub const CLOCK_SCRIPT: &str = "[ -e clock ] || echo +0 > clock; \
     export LD_PRELOAD=$(echo /usr/lib/*/faketime/libfaketimeMT.so.1) FAKETIME_TIMESTAMP_FILE=$PWD/clock \
     FAKETIME_NO_CACHE=1 FAKETIME_DONT_FAKE_MONOTONIC=1; exec \"$@\"";

/// Sets the clock of a server that [`CLOCK_SCRIPT`] started: so many seconds ahead, or behind.
pub fn set_clock(server: &Server, seconds: i64) {
    // The server reads the file each time it looks at the clock: it must never find half of one.
    let next = server.home().join("next");
    std::fs::write(&next, format!("{seconds:+}")).unwrap();
    std::fs::rename(next, server.home().join("clock")).unwrap();
}
