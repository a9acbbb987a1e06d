//! The people of a run: all of them receive, one of them sends.

use std::ops::Range;
use std::rc::Rc;

use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::door::{AT_ONCE, Arrival, come_in};
use super::ear::Ear;
use super::hearing::Hearing;
use super::line::{Line, Who, field};
use super::options::Protocol;
use super::people::people;
use super::target::Target;

/// Open connections that are read. They close when this value is dropped.
#[derive(Debug)]
pub struct Crowd {
    listeners: JoinSet<()>,
    /// Frames put in here are sent by the sender.
    talk: mpsc::UnboundedSender<String>,
}

impl Crowd {
    /// Connects the people of these numbers, greeted, and reading everything for `hearing`.
    ///
    /// # Errors
    /// When somebody is not let in.
    pub async fn enter(
        target: &Target,
        protocol: Protocol,
        numbers: Range<usize>,
        hearing: &Rc<Hearing>,
    ) -> anyhow::Result<(Self, Arrival)> {
        let people = people(target, numbers).await?;
        let (talk, words) = mpsc::unbounded_channel();
        let (mut listeners, mut words) = (JoinSet::new(), Some(words));
        let arrival = come_in(target, protocol, people, AT_ONCE, |guest| {
            let (ear, hears) = (hearing.listener(), Rc::clone(hearing));
            match words.take() {
                Some(words) => listeners.spawn_local(talker(guest.line, ear, words, hears)),
                None => listeners.spawn_local(listener(guest.line, ear, hears)),
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
        hearing: &Rc<Hearing>,
    ) -> anyhow::Result<(Self, Arrival)> {
        let (talk, _nobody) = mpsc::unbounded_channel();
        let mut listeners = JoinSet::new();
        let arrival = come_in(target, protocol, people, at_once, |guest| {
            let head = field(&guest.greeting, "head").and_then(|head| head.parse().ok());
            let ear = hearing.passer_by(head.filter(|_| protocol == Protocol::Feed));
            listeners.spawn_local(listener(guest.line, ear, Rc::clone(hearing)));
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

async fn listener(mut line: Line, mut ear: Ear, hears: Rc<Hearing>) {
    while let Ok(payload) = line.next().await {
        hears.hear(&mut ear, &payload);
    }
    hears.ended();
}

async fn talker(
    mut line: Line,
    mut ear: Ear,
    mut words: mpsc::UnboundedReceiver<String>,
    hears: Rc<Hearing>,
) {
    loop {
        let text = tokio::select! {
            text = words.recv() => match text {
                Some(text) => text,
                None => return,
            },
            payload = line.next() => match payload {
                Ok(payload) => {
                    hears.hear(&mut ear, &payload);
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
