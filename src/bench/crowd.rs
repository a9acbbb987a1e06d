//! The people of a run: all of them listening, one of them talking.

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

/// Lines that are open and listened to. They end with this value.
#[derive(Debug)]
pub struct Crowd {
    listeners: JoinSet<()>,
    /// What is put in here is sent by the one who talks.
    talk: mpsc::UnboundedSender<String>,
}

impl Crowd {
    /// Lets the people of these numbers in, greeted, and listening to everything for `hearing`.
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

    /// Lets people in who only pass by: they come `at_once` at the same time while others talk,
    /// and nobody waits until they have heard.
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

    /// Lets the one who talks send a frame.
    pub fn talk(&self, frame: String) {
        // Who is gone is counted by the hearing.
        let _gone = self.talk.send(frame);
    }

    /// Everybody goes, at once and without a word.
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
