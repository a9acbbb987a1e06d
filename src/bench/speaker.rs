//! The sender in a restart. It keeps what was not acked, reconnects as soon as the
//! server listens, sends it again under the same nonce, and goes on.

use std::collections::VecDeque;
use std::io;
use std::rc::Rc;
use std::time::Duration;

use tokio::time::{interval, sleep};
use uuid::Uuid;

use super::line::{Line, kind_of};
use super::measure::{every, send};
use super::outage::Outage;
use super::regular::Regular;

/// Time between two attempts to reconnect.
const AGAIN: Duration = Duration::from_millis(20);

/// What was sent and not acked: the message's number and its frame. No more than a run sends.
type Unacked = VecDeque<(usize, String)>;

/// Sends `rate` messages a second as long as the outage's `may_say` allows.
pub async fn speak(mut client: Regular, mut line: Line, rate: u32, outage: Rc<Outage>) {
    let mut unacked = Unacked::new();
    loop {
        // However it ended, the client reconnects.
        let _gone = talk(&mut client, &mut line, rate, &outage, &mut unacked).await;
        drop(line);
        line = loop {
            match client.resume(&outage).await {
                Ok(line) => break line,
                Err(_shut) => sleep(AGAIN).await,
            }
        };
    }
}

async fn talk(
    client: &mut Regular,
    line: &mut Line,
    rate: u32,
    outage: &Outage,
    unacked: &mut Unacked,
) -> io::Result<()> {
    for (_, frame) in unacked.iter() {
        line.send(frame).await?;
    }
    let mut ticks = interval(every(rate));
    loop {
        tokio::select! {
            _tick = ticks.tick() => {
                let number = outage.deliveries.said();
                if number < outage.may_say.get() {
                    let nonce = Uuid::now_v7();
                    let frame = send(nonce, &outage.deliveries.say(0));
                    outage.acks.sent(nonce, number);
                    unacked.push_back((number, frame.clone()));
                    line.send(&frame).await?;
                }
            }
            payload = line.next() => {
                let payload = payload?;
                match kind_of(&payload) {
                    Some(13) => {
                        let number = outage.acks.acked(&payload, &outage.deliveries, &client.receiver);
                        unacked.retain(|(unacked, _)| Some(*unacked) != number);
                    }
                    // A server that shuts down may refuse: the client sends again, as the page does.
                    Some(15) => {}
                    _ => outage.deliveries.hear(&mut client.receiver, &payload),
                }
            }
        }
    }
}
