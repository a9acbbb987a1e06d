//! People with accounts who only read, type, fall idle and come back: what that sends to each of
//! them, and what it costs. One sends a message now and then, so that there is something to read;
//! what that costs is measured before, while nobody else does anything, and subtracted.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use anyhow::bail;
use tokio::task::JoinSet;
use tokio::time::{Instant, interval_at};

use super::come_in::{AT_ONCE, come_in};
use super::effort::Effort;
use super::faults::Faults;
use super::line::{Line, field, kind_of};
use super::measure::{kind, send};
use super::options::{Options, Protocol};
use super::people::{people, register};
use super::progress::wait;
use super::report::Report;
use super::target::Target;

/// How often each person does something: as often as a page reports typing.
const EVERY: Duration = Duration::from_secs(3);

/// Every so many-th action is falling idle, or coming back.
const IDLES: u64 = 3;

/// One person types for so many who do not.
const TYPES: usize = 5;

/// Time until the traffic of the joins has died down.
const SETTLE: Duration = Duration::from_secs(10);

/// Duration of a measurement.
const TIME: Duration = Duration::from_secs(30);

/// State that all people share.
#[derive(Debug, Default)]
struct Room {
    /// Whether the people do something.
    lively: Cell<bool>,
    /// Frames received by all, without messages.
    frames: Cell<u64>,
    /// The seq of the newest message.
    head: Cell<u64>,
    /// Connections that have ended.
    ended: Cell<u64>,
}

/// What a measurement cost.
struct Cost {
    /// Frames per second and connection.
    frames: f64,
    /// The server's share of a core, 1.0 = all of it; `None` where it is not known.
    core: Option<f64>,
}

/// Runs one round.
///
/// # Errors
/// When the server cannot be started, refuses somebody, or ends a connection.
pub async fn round(options: &Options, count: usize) -> anyhow::Result<(Report, Faults)> {
    if options.url.is_some() {
        bail!("ephemeral registers accounts: only on a server of the tool's own, without --url");
    }
    let target = Target::of(options)?;
    let members = register(&target, people(&target, 0..count).await?).await?;
    let room = Rc::new(Room::default());
    let mut lives = JoinSet::new();
    let mut number = 0;
    come_in(&target, Protocol::Feed, members, AT_ONCE, |guest| {
        lives.spawn_local(live(guest.line, number, count, Rc::clone(&room)));
        number += 1;
    })
    .await?;
    let effort = Effort::begin();
    wait("seconds until all is calm", SETTLE).await;
    let calm = cost(&target, &room, count).await;
    room.lively.set(true);
    wait("seconds until all are lively", SETTLE).await;
    let lively = cost(&target, &room, count).await;
    if room.ended.get() > 0 {
        bail!("{} lines have ended", room.ended.get());
    }
    let mut report = Report::default();
    report.add(
        "frames",
        lively.frames,
        "1/s",
        "frames a second and connection, what was said aside",
    );
    report.add("calm_frames", calm.frames, "1/s", "the same, while calm");
    let percent = |core: Option<f64>| core.map(|core| core * 100.0);
    let more = lively.core.zip(calm.core).map(|(now, then)| now - then);
    report.maybe(
        "core",
        percent(more),
        "%",
        "of a core for reading, typing, idling",
    );
    report.maybe(
        "calm_core",
        percent(calm.core),
        "%",
        "of a core, while calm",
    );
    report.tool(effort.share());
    Ok((report, Faults::default()))
}

async fn cost(target: &Target, room: &Room, count: usize) -> Cost {
    let (cpu, frames) = (target.cpu(), room.frames.get());
    wait("seconds measured", TIME).await;
    let used = target.cpu().zip(cpu);
    let used = used.and_then(|(now, then)| now.checked_sub(then));
    let seconds = TIME.as_secs_f64();
    Cost {
        frames: (room.frames.get() - frames) as f64 / seconds / count as f64,
        core: used.map(|used| used.as_secs_f64() / seconds),
    }
}

/// One person's connection; number 0 sends messages.
async fn live(mut line: Line, number: usize, count: usize, room: Rc<Room>) {
    // Spread over the interval, so that people do not act at the same time.
    let offset = EVERY.mul_f64(number as f64 / count as f64);
    let mut ticks = interval_at(Instant::now() + offset, EVERY);
    let mut turn = 0;
    loop {
        let told = tokio::select! {
            _ = ticks.tick() => {
                turn += 1;
                act(&mut line, number, turn, &room).await
            }
            payload = line.next() => payload.map(|payload| hear(&payload, &room)),
        };
        if told.is_err() {
            return room.ended.set(room.ended.get() + 1);
        }
    }
}

fn hear(payload: &[u8], room: &Room) {
    if kind_of(payload) == Some(kind(Protocol::Feed)) {
        let seq = field(payload, "seq").and_then(|seq| seq.parse().ok());
        room.head.set(seq.unwrap_or_else(|| room.head.get()));
    } else {
        room.frames.set(room.frames.get() + 1);
    }
}

async fn act(line: &mut Line, number: usize, turn: u64, room: &Room) -> std::io::Result<()> {
    if number == 0 {
        line.send(&send(uuid::Uuid::now_v7(), "something to read"))
            .await?;
    }
    if !room.lively.get() {
        return Ok(());
    }
    let seq = room.head.get();
    line.send(&format!(
        "{{\"type\":24,\"data\":{{\"room\":1,\"seq\":{seq}}}}}"
    ))
    .await?;
    if number.is_multiple_of(TYPES) {
        line.send("{\"type\":22,\"data\":{\"room\":1}}").await?;
    }
    // Shifted, so that not all of them go idle in the same turn.
    let turn = turn + number as u64;
    if turn.is_multiple_of(IDLES) {
        let idle = (turn / IDLES).is_multiple_of(2);
        line.send(&format!("{{\"type\":26,\"data\":{{\"idle\":{idle}}}}}"))
            .await?;
    }
    Ok(())
}
