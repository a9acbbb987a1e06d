//! How many sends a second are acked, and how long an ack takes: the full path, from the socket to
//! the storage and to everybody. All people send, and all receive everything.

use std::cell::Cell;
use std::rc::Rc;

use anyhow::bail;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::acks::Acks;
use super::door::{AT_ONCE, come_in};
use super::ear::Ear;
use super::effort::Effort;
use super::faults::Faults;
use super::hearing::Hearing;
use super::line::{Line, kind_of};
use super::measure::{SETTLE, every, heard_by_all, kind, send};
use super::options::{Options, Protocol};
use super::people::people;
use super::report::Report;
use super::said::Says;
use super::target::Target;

/// State that all senders share.
#[derive(Debug)]
struct Talk {
    hearing: Hearing,
    acks: Acks,
    /// Whether an ack triggers the next send.
    closed: bool,
    random: bool,
    /// Messages to send in all.
    end: Cell<usize>,
}

/// Runs one round.
///
/// # Errors
/// When the server cannot be started or does not let everybody in, and for classic clients, who
/// get no acks.
pub async fn round(options: &Options, count: usize) -> anyhow::Result<(Report, Faults)> {
    if options.protocol == Protocol::Classic {
        bail!("classic clients get no acks: post measures the feed only");
    }
    let target = Target::of(options)?;
    let talk = Rc::new(Talk {
        hearing: Hearing::new(Says::Words(kind(Protocol::Feed)), 0)?,
        acks: Acks::new()?,
        closed: options.rate.is_none(),
        random: options.random,
        end: Cell::new(count),
    });
    let people = people(&target, 0..count).await?;
    let (mut members, mut turns) = (JoinSet::new(), Vec::new());
    let arrival = come_in(&target, Protocol::Feed, people, AT_ONCE, |guest| {
        let (turn, mine) = mpsc::unbounded_channel();
        let ear = talk.hearing.listener();
        members.spawn_local(member(guest.line, turns.len(), ear, mine, Rc::clone(&talk)));
        turns.push(turn);
    });
    arrival.await?;
    // Everybody sends one first, so that caches and buffers are warm.
    for turn in &turns {
        turn.send(())?;
    }
    all_acked(&talk, 0, count).await;
    tokio::time::sleep(SETTLE).await;

    let report = measure(options, &target, &talk, &turns).await?;
    members.shutdown().await;
    Ok((report, talk.hearing.faults() + talk.acks.faults()))
}

async fn measure(
    options: &Options,
    target: &Target,
    talk: &Talk,
    turns: &[mpsc::UnboundedSender<()>],
) -> anyhow::Result<Report> {
    let (begin, messages) = (talk.hearing.said(), options.messages());
    let end = begin + messages;
    talk.end.set(end);
    talk.hearing.begin();
    talk.acks.begin();
    let (effort, cpu) = (Effort::begin(), target.cpu());
    match options.rate {
        Some(rate) => {
            let mut ticks = tokio::time::interval(every(rate));
            for turn in turns.iter().cycle().take(messages) {
                ticks.tick().await;
                turn.send(())?;
            }
        }
        None => {
            for turn in turns.iter().cycle().take(turns.len() * options.window()) {
                turn.send(())?;
            }
        }
    }
    all_acked(talk, begin, end).await;
    let took = effort.took().as_secs_f64();
    let used = target.cpu().zip(cpu);
    let cost = used.and_then(|(now, then)| Some(now.checked_sub(then)?.as_secs_f64() * 1e6));
    let mut report = Report::default();
    let words = match (&options.url, options.disk) {
        (Some(_), _) => "acks a second",
        (None, true) => "acks a second, kept on disk",
        (None, false) => "acks a second, kept in memory only (--disk keeps them on disk)",
    };
    report.add("acks_per_second", messages as f64 / took, "1/s", words);
    for (key, share, words) in [
        ("p50_ms", 50.0, "from sending to the ack, half of the sends"),
        ("p99_ms", 99.0, "from sending to the ack, 99 of 100"),
        ("p999_ms", 99.9, "from sending to the ack, 999 of 1,000"),
    ] {
        report.maybe(key, talk.acks.latency(share), "ms", words);
    }
    let deliveries = talk.hearing.deliveries() as f64;
    report.add(
        "per_second",
        deliveries / took,
        "1/s",
        "deliveries a second",
    );
    let words = "from saying to hearing, 99 of 100";
    report.maybe("heard_p99_ms", talk.hearing.latency(99.0), "ms", words);
    let words = "CPU of the server an acked send, with its deliveries";
    report.maybe(
        "cpu_us",
        cost.map(|cost| cost / messages as f64),
        "µs",
        words,
    );
    report.tool(effort.share());
    Ok(report)
}

/// Waits until everybody has received the messages from `begin` to `end` and all are acked; not
/// after a fault.
async fn all_acked(talk: &Talk, begin: usize, end: usize) {
    if heard_by_all(&talk.hearing, begin, end).await {
        talk.acks.until(end).await;
    }
}

/// One person, who sends when it is their turn, and receives everything.
async fn member(
    mut line: Line,
    name: usize,
    mut ear: Ear,
    mut turn: mpsc::UnboundedReceiver<()>,
    talk: Rc<Talk>,
) {
    loop {
        tokio::select! {
            mine = turn.recv() => {
                if mine.is_none() {
                    return;
                }
            }
            payload = line.next() => {
                let Ok(payload) = payload else {
                    return talk.hearing.ended();
                };
                if kind_of(&payload) != Some(13) {
                    talk.hearing.hear(&mut ear, &payload);
                    continue;
                }
                talk.acks.acked(&payload, &talk.hearing, &ear);
                if !talk.closed {
                    continue;
                }
            }
        }
        let number = talk.hearing.said();
        if number >= talk.end.get() {
            continue;
        }
        let nonce = if talk.random {
            Uuid::new_v4()
        } else {
            Uuid::now_v7()
        };
        let frame = send(nonce, &talk.hearing.say(name));
        talk.acks.sent(nonce, number);
        if line.send(&frame).await.is_err() {
            return talk.hearing.ended();
        }
    }
}
