//! The people of a run: all of them receive, one of them sends.

use std::ops::Range;
use std::rc::Rc;

use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::come_in::{AT_ONCE, Arrival, come_in};
use super::deliveries::Deliveries;
use super::line::{Line, Who, field};
use super::options::Protocol;
use super::people::people;
use super::receiver::Receiver;
use super::target::Target;

/// Open connections that are read. They close when this value is dropped.
#[derive(Debug)]
pub struct Crowd {
    listeners: JoinSet<()>,
    /// Frames put in here are sent by the sender.
    talk: mpsc::UnboundedSender<String>,
}

impl Crowd {
    /// Connects the people of these numbers, greeted, and reading everything for `deliveries`.
    ///
    /// # Errors
    /// When somebody is not let in.
    pub async fn enter(
        target: &Target,
        protocol: Protocol,
        numbers: Range<usize>,
        deliveries: &Rc<Deliveries>,
    ) -> anyhow::Result<(Self, Arrival)> {
        let people = people(target, numbers).await?;
        let (talk, words) = mpsc::unbounded_channel();
        let (mut listeners, mut words) = (JoinSet::new(), Some(words));
        let arrival = come_in(target, protocol, people, AT_ONCE, |guest| {
            let (receiver, hears) = (deliveries.listener(), Rc::clone(deliveries));
            match words.take() {
                Some(words) => listeners.spawn_local(talker(guest.line, receiver, words, hears)),
                None => listeners.spawn_local(listener(guest.line, receiver, hears)),
            };
        });
        let arrival = arrival.await?;
        Ok((Self { listeners, talk }, arrival))
    }

    /// Connects people for a short visit: `at_once` at the same time while others send,
    /// and nobody waits until they have received anything.
    ///
    /// # Errors
    /// When somebody is not let in.
    pub async fn pass_by(
        target: &Target,
        protocol: Protocol,
        people: Vec<Who>,
        at_once: usize,
        deliveries: &Rc<Deliveries>,
    ) -> anyhow::Result<(Self, Arrival)> {
        let (talk, _nobody) = mpsc::unbounded_channel();
        let mut listeners = JoinSet::new();
        let arrival = come_in(target, protocol, people, at_once, |guest| {
            let head = field(&guest.greeting, "head").and_then(|head| head.parse().ok());
            let receiver = deliveries.passer_by(head.filter(|_| protocol == Protocol::Feed));
            listeners.spawn_local(listener(guest.line, receiver, Rc::clone(deliveries)));
        });
        let arrival = arrival.await?;
        Ok((Self { listeners, talk }, arrival))
    }

    /// Makes the sender send a frame.
    pub fn talk(&self, frame: String) {
        // A connection that is gone is counted by the hearing.
        let _gone = self.talk.send(frame);
    }

    /// Closes all connections at once, without a close frame.
    pub async fn leave(mut self) {
        self.listeners.shutdown().await;
    }
}

async fn listener(mut line: Line, mut receiver: Receiver, hears: Rc<Deliveries>) {
    while let Ok(payload) = line.next().await {
        hears.hear(&mut receiver, &payload);
    }
    hears.ended();
}

async fn talker(
    mut line: Line,
    mut receiver: Receiver,
    mut words: mpsc::UnboundedReceiver<String>,
    hears: Rc<Deliveries>,
) {
    loop {
        let text = tokio::select! {
            text = words.recv() => match text {
                Some(text) => text,
                None => return,
            },
            payload = line.next() => match payload {
                Ok(payload) => {
                    hears.hear(&mut receiver, &payload);
                    continue;
                }
                Err(_gone) => return hears.ended(),
            },
        };
        if line.send(&text).await.is_err() {
            return hears.ended();
        }
    }
}
