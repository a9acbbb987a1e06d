//! What is logged, and how it gets out.
//!
//! One line each to stderr, with a time in UTC. A log that cannot be written kills nothing and
//! holds nobody up: lines wait in [`lines`], and are lost, and counted, when nobody takes them.
//! What strangers can bring about as often as they like is bounded by [`seldom`]; no text can
//! forge a line of its own. Lines never hold contents, cookies or passwords; addresses stand in
//! those about refused sign-ins alone.

mod lines;
mod seldom;

use std::backtrace::{Backtrace, BacktraceStatus};
use std::io::{self, IsTerminal, Write};
use std::panic::PanicHookInfo;
use std::sync::OnceLock;

use tracing_subscriber::EnvFilter;

use crate::vital;
use lines::Lines;

/// The target of lines that moderators must find whole. Only people with an account bring them
/// about, as often as `app/startup.rs` lets them.
pub(crate) const TRAIL: &str = "teahouse::trail";

/// The target of lines about sign-ins, registrations and deleted accounts, of which what reads them
/// needs more than of others.
pub(crate) const SIGN_IN: &str = "teahouse::sign_in";

/// What is logged where `RUST_LOG` does not choose: `info` of this program, warnings of others. The client of NATS calls
/// each attempt to reach a server that is away an error; `cluster/bus.rs` says it once.
const LOGGED: &str = "warn,teahouse=info,async_nats=off";

/// What actix-http logs of each connection that becomes a WebSocket is no error (`ws::handover`):
/// left out unless it is asked for by name.
const NO_ERROR: &str = "actix_http::h1::dispatcher";

static LINES: OnceLock<Lines> = OnceLock::new();

/// Starts logging to stderr.
///
/// # Errors
/// When the system gives no thread.
pub fn start() -> io::Result<()> {
    let asked = std::env::var(EnvFilter::DEFAULT_ENV).unwrap_or_default();
    let logged = if asked.is_empty() { LOGGED } else { &asked };
    let filter = if logged.contains(NO_ERROR) {
        EnvFilter::new(logged)
    } else {
        EnvFilter::new(format!("{logged},{NO_ERROR}=off"))
    };
    let coloured = io::stderr().is_terminal();
    let lines = LINES.get_or_init(|| Lines::new(coloured));
    lines.start(io::stderr())?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(lines.clone())
        .with_ansi(coloured)
        .with_target(false)
        .log_internal_errors(false)
        .init();
    std::panic::set_hook(Box::new(panicked));
    Ok(())
}

/// Says why the program ends, and waits a little until all that was logged is written.
pub fn last_words(words: &str) {
    let line = format!("{words}\n");
    match LINES.get() {
        Some(lines) => {
            lines.put(line.into_bytes());
            lines.flush();
        }
        // Nobody is held up yet, and there is nobody else to tell.
        None => drop(io::stderr().write_all(line.as_bytes())),
    }
}

/// Waits a little until all that was logged is written.
pub fn flush() {
    if let Some(lines) = LINES.get() {
        lines.flush();
    }
}

/// A panic is a line like any other; on a thread that the server cannot do without it ends the
/// process, for whoever starts it again.
fn panicked(panic: &PanicHookInfo<'_>) {
    let thread = std::thread::current();
    let thread = thread.name().unwrap_or("without a name");
    let place = panic.location().map(ToString::to_string);
    let place = place.unwrap_or_default();
    let words = panic.payload_as_str().unwrap_or_default();
    tracing::error!("thread {thread} panicked at {place}: {words}");
    let trace = Backtrace::capture();
    if trace.status() == BacktraceStatus::Captured {
        for line in trace.to_string().lines() {
            tracing::error!(target: TRAIL, "{line}");
        }
    }
    if vital::here(thread) {
        tracing::error!("the server cannot go on without thread {thread}, and ends");
        flush();
        std::process::exit(vital::EXIT_CODE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    /// Runs the test of this name, of this module, in a process of its own.
    fn again(name: &str, part: &str) -> std::process::Output {
        Command::new(std::env::current_exe().unwrap())
            .args(["--exact", &format!("log::tests::{name}"), "--nocapture"])
            .env(PART, part)
            .env("RUST_BACKTRACE", "0")
            .output()
            .unwrap()
    }

    /// What the process is to do.
    const PART: &str = "TEAHOUSE_TEST_PART";

    #[test]
    fn a_panic_ends_the_process_where_the_house_cannot_go_on_and_only_there() {
        let name = "a_panic_ends_the_process_where_the_house_cannot_go_on_and_only_there";
        if let Ok(part) = std::env::var(PART) {
            start().unwrap();
            let panics = std::thread::Builder::new().name("store-writer".to_owned());
            let thread = panics.spawn(move || {
                let _scope = (part == "scope").then(vital::scope);
                if part == "thread" {
                    vital::thread();
                }
                if part == "after" {
                    drop(vital::scope());
                }
                panic!("the disk\nis gone");
            });
            assert!(thread.unwrap().join().is_err());
            flush();
            std::process::exit(7);
        }
        for (part, code) in [
            ("thread", vital::EXIT_CODE),
            ("scope", vital::EXIT_CODE),
            ("after", 7),
            ("session", 7),
        ] {
            let ended = again(name, part);
            let log = String::from_utf8_lossy(&ended.stderr).into_owned();
            assert_eq!(ended.status.code(), Some(code), "{part}: {log}");
            let line = "thread store-writer panicked at src/log/mod.rs";
            assert!(log.contains(line), "{log}");
            assert!(log.contains(": the disk\\nis gone\n"), "one line: {log}");
        }
    }
}
