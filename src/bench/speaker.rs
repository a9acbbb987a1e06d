//! The one who talks through a restart. He keeps what was not acked, comes back as soon as the
//! door opens, sends it again under the same nonce, and talks on.

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

/// Between two tries to come back.
const AGAIN: Duration = Duration::from_millis(20);

/// What was said and not acked: the message's number and its frame. No more than a run says.
type Unacked = VecDeque<(usize, String)>;

/// Says so many messages a second as long as he may.
pub async fn speak(mut client: Regular, mut line: Line, rate: u32, outage: Rc<Outage>) {
    let mut unacked = Unacked::new();
    loop {
        // However it ended, he comes back.
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
                let number = outage.hearing.said();
                if number < outage.may_say.get() {
                    let nonce = Uuid::now_v7();
                    let frame = send(nonce, &outage.hearing.say(0));
                    outage.acks.sent(nonce, number);
                    unacked.push_back((number, frame.clone()));
                    line.send(&frame).await?;
                }
            }
            payload = line.next() => {
                let payload = payload?;
                match kind_of(&payload) {
                    Some(13) => {
                        let number = outage.acks.acked(&payload, &outage.hearing, &client.ear);
                        unacked.retain(|(unacked, _)| Some(*unacked) != number);
                    }
                    // A server that goes down may refuse him: he sends it again, as the page does.
                    Some(15) => {}
                    _ => outage.hearing.hear(&mut client.ear, &payload),
                }
            }
        }
    }
}
