//! How many sends a second are acked, and how long an ack takes: the full path, from the socket to
//! the storage and to everybody. All people send, and all receive everything.

use std::cell::Cell;
use std::rc::Rc;

use anyhow::bail;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::acks::Acks;
use super::come_in::{AT_ONCE, come_in};
use super::deliveries::Deliveries;
use super::effort::Effort;
use super::faults::Faults;
use super::line::{Line, kind_of};
use super::measure::{SETTLE, every, heard_by_all, kind, send};
use super::options::{Options, Protocol};
use super::people::people;
use super::receiver::Receiver;
use super::report::Report;
use super::said::Says;
use super::target::Target;

/// State that all senders share.
#[derive(Debug)]
struct Talk {
    deliveries: Deliveries,
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
        deliveries: Deliveries::new(Says::Words(kind(Protocol::Feed)), 0)?,
        acks: Acks::new()?,
        closed: options.rate.is_none(),
        random: options.random,
        end: Cell::new(count),
    });
    let people = people(&target, 0..count).await?;
    let (mut members, mut cues) = (JoinSet::new(), Vec::new());
    let arrival = come_in(&target, Protocol::Feed, people, AT_ONCE, |guest| {
        let (cue, mine) = mpsc::unbounded_channel();
        let receiver = talk.deliveries.listener();
        members.spawn_local(member(
            guest.line,
            cues.len(),
            receiver,
            mine,
            Rc::clone(&talk),
        ));
        cues.push(cue);
    });
    arrival.await?;
    // Everybody sends one first, so that caches and buffers are warm.
    for cue in &cues {
        cue.send(())?;
    }
    all_acked(&talk, 0, count).await;
    tokio::time::sleep(SETTLE).await;

    let report = measure(options, &target, &talk, &cues).await?;
    members.shutdown().await;
    Ok((report, talk.deliveries.faults() + talk.acks.faults()))
}

async fn measure(
    options: &Options,
    target: &Target,
    talk: &Talk,
    cues: &[mpsc::UnboundedSender<()>],
) -> anyhow::Result<Report> {
    let (begin, messages) = (talk.deliveries.said(), options.messages());
    let end = begin + messages;
    talk.end.set(end);
    talk.deliveries.begin();
    talk.acks.begin();
    let (effort, cpu) = (Effort::begin(), target.cpu());
    match options.rate {
        Some(rate) => {
            let mut ticks = tokio::time::interval(every(rate));
            for cue in cues.iter().cycle().take(messages) {
                ticks.tick().await;
                cue.send(())?;
            }
        }
        None => {
            for cue in cues.iter().cycle().take(cues.len() * options.window()) {
                cue.send(())?;
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
    let deliveries = talk.deliveries.deliveries() as f64;
    report.add(
        "per_second",
        deliveries / took,
        "1/s",
        "deliveries a second",
    );
    let words = "from saying to hearing, 99 of 100";
    report.maybe("heard_p99_ms", talk.deliveries.latency(99.0), "ms", words);
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
    if heard_by_all(&talk.deliveries, begin, end).await {
        talk.acks.until(end).await;
    }
}

/// One person, who sends when it is their turn, and receives everything.
async fn member(
    mut line: Line,
    name: usize,
    mut receiver: Receiver,
    mut cue: mpsc::UnboundedReceiver<()>,
    talk: Rc<Talk>,
) {
    loop {
        tokio::select! {
            mine = cue.recv() => {
                if mine.is_none() {
                    return;
                }
            }
            payload = line.next() => {
                let Ok(payload) = payload else {
                    return talk.deliveries.ended();
                };
                if kind_of(&payload) != Some(13) {
                    talk.deliveries.hear(&mut receiver, &payload);
                    continue;
                }
                talk.acks.acked(&payload, &talk.deliveries, &receiver);
                if !talk.closed {
                    continue;
                }
            }
        }
        let number = talk.deliveries.said();
        if number >= talk.end.get() {
            continue;
        }
        let nonce = if talk.random {
            Uuid::new_v4()
        } else {
            Uuid::now_v7()
        };
        let frame = send(nonce, &talk.deliveries.say(name));
        talk.acks.sent(nonce, number);
        if line.send(&frame).await.is_err() {
            return talk.deliveries.ended();
        }
    }
}
