//! Many people who connect at once and leave at once, while others hold a conversation: how many are let
//! in a second, what the server sends for each of them, and what the others notice. A storm of a
//! quarter of the size goes before: what one join costs must not grow with their number.

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::bail;
use tokio::time::{interval, sleep};

use super::come_in::Arrival;
use super::crowd::Crowd;
use super::deliveries::Deliveries;
use super::faults::Faults;
use super::line::Who;
use super::measure::{SETTLE, every, frame, heard_by_all, kind};
use super::options::Options;
use super::people::people;
use super::report::Report;
use super::said::Says;
use super::target::{Target, open_lines};

/// People who are connected before, and stay.
pub const RESIDENTS: usize = 100;

/// Messages a second that they send by default: to 9,000 people a quarter of what
/// one core can deliver, so that the conversation itself is no storm.
const RATE: u32 = 5;

/// The first storm has one person for so many of the second.
const ONE_IN: usize = 4;

/// People who connect at the same time: well below the 4,096 that wait in the kernel to be
/// accepted, because whoever finds no place there tries again after a whole second.
const AT_ONCE: usize = 1_000;

/// How often the server is asked how many are left.
const LOOK: Duration = Duration::from_millis(20);

/// Somebody who is still counted so long after leaving counts as never removed.
const PATIENCE: Duration = Duration::from_secs(60);

/// Figures of a storm.
#[derive(Debug)]
struct Storm {
    arrival: Arrival,
    /// Frames of all types that anybody got while people connected.
    frames: f64,
    /// Frames until the counts had died down, without the conversation, per person who came.
    each: f64,
    /// The residents' p99 while people connected, in ms; `None` when nothing was sent.
    p99: Option<f64>,
    /// Until the server no longer counted them; `None` where it does not say.
    gone: Option<Duration>,
}

/// Runs one round.
///
/// # Errors
/// When the server cannot be started, does not let everybody in, or counts people who have gone.
pub async fn round(options: &Options, count: usize) -> anyhow::Result<(Report, Faults)> {
    let target = Target::of(options)?;
    let protocol = options.protocol;
    let deliveries = Rc::new(Deliveries::new(Says::Words(kind(protocol)), 0)?);
    let (residents, _) = Crowd::enter(&target, protocol, 0..RESIDENTS, &deliveries).await?;
    let people = people(&target, RESIDENTS..RESIDENTS + count).await?;
    sleep(SETTLE).await;

    let residents = Rc::new(residents);
    let talks = Rc::new(Cell::new(true));
    let talk = tokio::task::spawn_local({
        let (residents, deliveries) = (Rc::clone(&residents), Rc::clone(&deliveries));
        let (talks, rate) = (Rc::clone(&talks), options.rate.unwrap_or(RATE));
        async move {
            let mut ticks = interval(every(rate));
            while talks.get() {
                ticks.tick().await;
                residents.talk(frame(protocol, &deliveries.say(0)));
            }
        }
    });
    let before = calm(options, &deliveries).await;
    let few: Vec<Who> = people
        .iter()
        .take(count.div_ceil(ONE_IN))
        .cloned()
        .collect();
    let small = storm(&target, options, few, &deliveries).await?;
    calm(options, &deliveries).await;
    let large = storm(&target, options, people, &deliveries).await?;
    talks.set(false);
    talk.await?;
    deliveries.until_complete(deliveries.said()).await;
    Ok((report(&small, &large, before, count), deliveries.faults()))
}

/// Lets the residents talk, and gives their p99 in ms.
async fn calm(options: &Options, deliveries: &Deliveries) -> Option<f64> {
    deliveries.begin();
    let said = deliveries.said();
    heard_by_all(deliveries, said, said + options.messages()).await;
    deliveries.latency(99.0)
}

/// Everybody connects, and everybody leaves.
async fn storm(
    target: &Target,
    options: &Options,
    people: Vec<Who>,
    deliveries: &Rc<Deliveries>,
) -> anyhow::Result<Storm> {
    let count = people.len() as f64;
    let there = open_lines(target.address).await;
    deliveries.begin();
    let comes = Crowd::pass_by(target, options.protocol, people, AT_ONCE, deliveries);
    let (crowd, arrival) = comes.await?;
    let p99 = deliveries.latency(99.0);
    let frames = deliveries.frames() as f64 + count;
    sleep(SETTLE).await;
    let others = deliveries.frames().saturating_sub(deliveries.deliveries());
    let went = Instant::now();
    crowd.leave().await;
    let mut gone = None;
    while let (Some(there), Some(left)) = (there, open_lines(target.address).await) {
        if left <= there {
            gone = Some(went.elapsed());
            break;
        }
        if went.elapsed() > PATIENCE {
            bail!("{} people who have gone are still counted", left - there);
        }
        sleep(LOOK).await;
    }
    Ok(Storm {
        arrival,
        frames,
        each: others as f64 / count + 1.0,
        p99,
        gone,
    })
}

fn report(small: &Storm, large: &Storm, before: Option<f64>, count: usize) -> Report {
    let mut report = Report::default();
    let took = large.arrival.took.as_secs_f64();
    report.add(
        "joins_per_second",
        count as f64 / took,
        "1/s",
        "people let in and greeted a second",
    );
    report.add(
        "shut",
        large.arrival.shut as f64,
        "",
        "times that somebody was not let in at once",
    );
    report.add(
        "frames_per_second",
        large.frames / took,
        "1/s",
        "frames sent a second meanwhile, the conversation's too",
    );
    report.add(
        "frames_per_join",
        large.each,
        "",
        "frames sent for each who came, without the conversation",
    );
    report.add(
        "growth",
        large.each / small.each,
        "",
        "the same ÷ in a storm of a quarter of the size",
    );
    report.maybe(
        "before_p99_ms",
        before,
        "ms",
        "the residents' time from saying to hearing before, 99 of 100",
    );
    report.maybe(
        "during_p99_ms",
        large.p99,
        "ms",
        "the same while people came in",
    );
    let ratio = large
        .p99
        .zip(before)
        .map(|(during, before)| during / before);
    report.maybe("ratio", ratio, "", "while people came in ÷ before");
    report.maybe(
        "gone_s",
        large.gone.map(|gone| gone.as_secs_f64()),
        "s",
        "until all who left at once were counted out",
    );
    report.tool(large.arrival.share);
    report
}
