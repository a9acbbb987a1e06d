//! Log lines on their way to stderr: whoever logs never waits for whoever reads.
//!
//! One thread writes them, in order. Bounded by [`WAITING`] lines of [`LONGEST`] bytes; what comes
//! when nobody takes them (a full disk, a pipe that is full or closed) is lost, counted, and reported
//! once there is room again.

use std::io::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use tracing::Level;
use tracing::callsite::Identifier;
use tracing::metadata::Metadata;
use tracing_subscriber::fmt::MakeWriter;

use super::seldom::{Fate, Seldom};
use super::{SIGN_IN, TRAIL};
use crate::telemetry;

/// Lines that may wait: more than a server logs in a minute, less than memory notices.
const WAITING: usize = 1_024;

/// The longest line, in bytes: what is cut off was not written for people.
const LONGEST: usize = 4_096;

/// Lines of one kind in a minute.
const MOST: u32 = 60;

/// The same about sign-ins and accounts, see [`SIGN_IN`].
const MAX_SIGN_INS: u32 = 600;

/// How long the end of the process waits for what is still to be written.
const LAST: Duration = Duration::from_secs(1);

/// The way to stderr: cheap to clone, usable from any thread.
#[derive(Debug, Clone)]
pub(super) struct Lines {
    queue: SyncSender<Item>,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    coloured: bool,
    seldom: Mutex<Seldom>,
    /// Lines that were lost and not reported yet.
    lost: AtomicU64,
    /// What the thread takes, until it runs.
    taken: Mutex<Option<Receiver<Item>>>,
}

#[derive(Debug)]
enum Item {
    Line(Vec<u8>),
    /// Something is held back from now on.
    Wake,
    Flush(SyncSender<()>),
}

impl Lines {
    /// Lines that wait until [`Lines::start`].
    pub(super) fn new(coloured: bool) -> Self {
        let (queue, taken) = sync_channel(WAITING);
        Self {
            queue,
            shared: Arc::new(Shared {
                coloured,
                seldom: Mutex::default(),
                lost: AtomicU64::new(0),
                taken: Mutex::new(Some(taken)),
            }),
        }
    }

    /// Starts the thread that writes them to `out`.
    pub(super) fn start(&self, out: impl Write + Send + 'static) -> io::Result<()> {
        let Some(queue) = lock(&self.shared.taken).take() else {
            return Ok(());
        };
        let shared = Arc::clone(&self.shared);
        let thread = thread::Builder::new().name("log".into());
        thread.spawn(move || {
            let mut pen = Pen {
                out,
                shared,
                torn: false,
            };
            pen.write_all(&queue);
        })?;
        Ok(())
    }

    /// A whole line, with its end.
    pub(super) fn put(&self, line: Vec<u8>) {
        self.push(Item::Line(line));
    }

    /// Waits until everything that was logged is written, but not for long.
    pub(super) fn flush(&self) {
        let until = Instant::now() + LAST;
        let (done, wait) = sync_channel(1);
        let mut item = Item::Flush(done);
        while let Err(TrySendError::Full(back)) = self.queue.try_send(item) {
            if Instant::now() > until {
                return;
            }
            item = back;
            thread::sleep(Duration::from_millis(5));
        }
        // Nobody reads: then nothing is to be waited for.
        let _unread = wait.recv_timeout(until.saturating_duration_since(Instant::now()));
    }

    fn push(&self, item: Item) {
        if self.queue.try_send(item).is_err() {
            self.shared.lose();
        }
    }

    fn say(&self, kind: Option<&(Identifier, u32)>, line: Vec<u8>) {
        let Some((kind, most)) = kind else {
            return self.put(line);
        };
        let fate = lock(&self.shared.seldom).take(kind.clone(), *most, line, Instant::now());
        match fate {
            Fate::Said(line) => self.put(line),
            // When there is no room for this, the thread has enough to wake it.
            Fate::Held { first: true } => drop(self.queue.try_send(Item::Wake)),
            Fate::Held { first: false } => {}
        }
    }
}

impl Shared {
    fn lose(&self) {
        self.lost.fetch_add(1, Ordering::AcqRel);
        telemetry::log_line_lost();
    }
}

/// What the thread writes with.
struct Pen<W> {
    out: W,
    shared: Arc<Shared>,
    /// Whether the last line may have been written in part.
    torn: bool,
}

impl<W: Write> Pen<W> {
    fn write_all(&mut self, queue: &Receiver<Item>) {
        loop {
            let next = lock(&self.shared.seldom).next(Instant::now());
            let item = match next {
                Some(wait) => queue.recv_timeout(wait),
                None => queue.recv().map_err(|_gone| RecvTimeoutError::Disconnected),
            };
            match item {
                Ok(Item::Line(line)) => self.write(&line),
                Ok(Item::Wake) | Err(RecvTimeoutError::Timeout) => {}
                Ok(Item::Flush(done)) => {
                    self.emit(None);
                    // Whoever waited may have gone on.
                    let _gone = done.try_send(());
                }
                Err(RecvTimeoutError::Disconnected) => return,
            }
            self.emit(Some(Instant::now()));
        }
    }

    /// What was held back until `now`, or at all, and how much was lost.
    fn emit(&mut self, now: Option<Instant>) {
        let due = lock(&self.shared.seldom).due(now);
        for line in due {
            self.write(&line);
        }
        let lost = self.shared.lost.load(Ordering::Acquire);
        if lost > 0 && !self.torn {
            let now = jiff::Timestamp::now();
            let line = format!("{now:.6}  WARN {lost} lines of the log were lost\n");
            if self.out.write_all(line.as_bytes()).is_ok() {
                self.shared.lost.fetch_sub(lost, Ordering::AcqRel);
            }
        }
    }

    fn write(&mut self, line: &[u8]) {
        let begin: &[u8] = if self.torn { b"\n" } else { b"" };
        let written = self.out.write_all(begin);
        let written = written.and_then(|()| self.out.write_all(line));
        self.torn = written.is_err();
        if self.torn {
            self.shared.lose();
        }
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Line<'a>;

    fn make_writer(&'a self) -> Line<'a> {
        Line {
            lines: self,
            kind: None,
        }
    }

    fn make_writer_for(&'a self, about: &Metadata<'_>) -> Line<'a> {
        let most = match about.target() {
            SIGN_IN => MAX_SIGN_INS,
            _ => MOST,
        };
        // Whoever asks for more than INFO wants all of it.
        let bounded = *about.level() <= Level::INFO && about.target() != TRAIL;
        Line {
            lines: self,
            kind: bounded.then(|| (about.callsite(), most)),
        }
    }
}

/// Takes one line.
#[derive(Debug)]
pub(super) struct Line<'a> {
    lines: &'a Lines,
    /// What it is about and how many of these there may be, where that is bounded.
    kind: Option<(Identifier, u32)>,
}

impl Write for Line<'_> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(line);
        self.lines
            .say(self.kind.as_ref(), clean(&text, self.lines.shared.coloured));
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// One line and no more, whatever is in it: signs that move what a reader sees are written out.
fn clean(text: &str, coloured: bool) -> Vec<u8> {
    let text = text.strip_suffix('\n').unwrap_or(text);
    let mut line = String::with_capacity(text.len() + 1);
    for sign in text.chars() {
        if line.len() >= LONGEST {
            line.push('…');
            break;
        }
        if moves(sign) && !(coloured && sign == '\u{1b}') {
            line.extend(sign.escape_default());
        } else {
            line.push(sign);
        }
    }
    line.push('\n');
    line.into_bytes()
}

/// Control characters, ends of lines, and what turns the direction of others.
fn moves(sign: char) -> bool {
    sign.is_control()
        || matches!(sign, '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn lock<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    what.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_makes_a_line_of_its_own_or_turns_another_round() {
        let forged = "refused name=Ada\n2026-07-01 INFO all is well\r\u{1b}[2K\u{202e}\u{2028}茶\n";
        let line = String::from_utf8(clean(forged, false)).unwrap();
        assert_eq!(
            line,
            "refused name=Ada\\n2026-07-01 INFO all is well\\r\\u{1b}[2K\\u{202e}\\u{2028}茶\n"
        );
        let long = clean(&"茶".repeat(LONGEST), false);
        assert!(long.len() < LONGEST + 8 && long.ends_with("…\n".as_bytes()));
    }

    /// Takes nothing until it is told to.
    struct Stuck(Receiver<()>, Arc<Mutex<Vec<u8>>>);

    impl Write for Stuck {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let _free = self.0.recv();
            lock(&self.1).extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn what_finds_no_room_is_lost_and_told_when_there_is_room_again() {
        let (free, stuck) = std::sync::mpsc::channel();
        let written = Arc::new(Mutex::new(Vec::new()));
        let lines = Lines::new(false);
        lines.start(Stuck(stuck, Arc::clone(&written))).unwrap();
        let all = WAITING + 100;
        for number in 0..all {
            lines.put(format!("line {number}\n").into_bytes());
        }
        drop(free);
        let until = Instant::now() + Duration::from_secs(60);
        while !String::from_utf8_lossy(&lock(&written)).contains("lines of the log were lost") {
            assert!(Instant::now() < until);
            lines.flush();
        }
        let text = String::from_utf8(lock(&written).clone()).unwrap();
        let kept = text
            .lines()
            .filter(|line| line.starts_with("line "))
            .count();
        // One of them was already on its way.
        assert!(kept == WAITING || kept == WAITING + 1, "{kept}");
        let lost = all - kept;
        assert!(
            text.contains(&format!(" WARN {lost} lines of the log were lost\n")),
            "{text}"
        );
    }
}
