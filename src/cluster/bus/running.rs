//! What the thread of the bus does: it connects, tells what waits, and hears what others say.

use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::time::{Duration, Instant};

use async_nats::{Client, Message, Subscriber};
use futures_util::{FutureExt, StreamExt};
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::time::{MissedTickBehavior, interval};

use super::asking::{Answerer, mac_of, with};
use super::watch::Watch;
use super::{Group, is_connected};
use crate::auth::throttle::Throttle;
use crate::chat::handle::ChatHandle;
use crate::cluster::envelope::{Beat, Content, Envelopes, Opened, Refused, Sealed};
use crate::cluster::nats::{self, NotConnected, Server};
use crate::cluster::replays::Replays;
use crate::telemetry;
use crate::text::clock;

/// What waited for longer is not told any more: the sweeps of the others have found it.
const LATE: Duration = Duration::from_secs(1);

/// Envelopes that ChatServer is given at a time: as many as commands are written together.
const TOGETHER: usize = 256;

/// How often it is given some before it has taken in the first of them.
const UNDER_WAY: usize = 4;

/// How often the others are told how this node is.
const BEAT: Duration = Duration::from_secs(1);

/// How long the end waits until what was said last has left.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// What NATS adds to an envelope and counts with it, in bytes: the header.
const HEADERS: usize = 256;

/// The bus as its thread has it.
pub(super) struct Running {
    pub(super) server: Server,
    pub(super) prefix: Arc<str>,
    pub(super) envelopes: Arc<Envelopes>,
    pub(super) chat: ChatHandle,
    pub(super) throttle: Arc<Throttle>,
    pub(super) answerer: Answerer,
    pub(super) watch: Arc<Watch>,
}

impl Running {
    /// Connects, tells and hears, until it is `stopped` or nobody has anything to tell any more. `ready` hears when there is a
    /// connection, or when there will be none before the settings are others.
    pub(super) async fn run(
        self,
        waiting: mpsc::Receiver<Group>,
        stopped: oneshot::Receiver<()>,
        ready: &SyncSender<()>,
    ) {
        let stopped = stopped.shared();
        let connected = tokio::select! {
            connected = self.connect(ready) => Some(connected),
            _ = stopped.clone() => None,
        };
        let Some((client, heard)) = connected else {
            return;
        };
        let ended = async {
            let _gone = stopped.await;
            tokio::time::sleep(LAST_WORDS).await;
        };
        tokio::select! {
            () = self.tell(&client, waiting) => {}
            () = self.hear(&client, heard) => {}
            () = ended => {}
        }
        let _away = tokio::time::timeout(LAST_WORDS, client.flush()).await;
    }

    /// Connects, however long that takes.
    async fn connect(&self, ready: &SyncSender<()>) -> (Client, Subscriber) {
        let mut attempt = 0;
        loop {
            match self.try_to_connect().await {
                Ok(connected) => {
                    let _nobody = ready.try_send(());
                    return connected;
                }
                Err(NotConnected { words, passes }) => {
                    self.watch.log.away(&words);
                    if !passes {
                        let _nobody = ready.try_send(());
                    }
                }
            }
            attempt += 1;
            tokio::time::sleep(nats::delay(attempt)).await;
        }
    }

    async fn try_to_connect(&self) -> Result<(Client, Subscriber), NotConnected> {
        let watch = Arc::clone(&self.watch);
        let client = self.server.connect(move |event| watch.happened(&event));
        let client = client.await?;
        let all = format!("{}>", self.prefix);
        let heard = client.subscribe(all).await.map_err(NotConnected::passing)?;
        let flushed = tokio::time::timeout(LAST_WORDS, client.flush()).await;
        flushed
            .map_err(NotConnected::passing)?
            .map_err(NotConnected::passing)?;
        let _first = self.watch.client.set(client.clone());
        self.watch.log.here();
        self.watch.sweep.soon();
        self.watch.is_there(true);
        Ok((client, heard))
    }

    /// Tells what waits, and every [`BEAT`] how this node is.
    async fn tell(&self, client: &Client, mut waiting: mpsc::Receiver<Group>) {
        let mut beats = interval(BEAT);
        beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut worse_off = 0;
        loop {
            let group = tokio::select! {
                group = waiting.recv() => group,
                _ = beats.tick() => {
                    self.send_away(&mut worse_off);
                    let beat = is_connected(client).then(|| self.beat()).flatten();
                    Some((Instant::now(), beat.into_iter().collect()))
                }
            };
            let Some((since, contents)) = group else {
                return;
            };
            for content in contents {
                // What the client takes while there is no connection it sends when there is one.
                let is_late = since.elapsed() > LATE || !is_connected(client);
                if !is_late && self.publish(client, content).await.is_some() {
                    telemetry::cluster::bus_told();
                } else {
                    telemetry::cluster::bus_dropped();
                }
            }
        }
    }

    /// How this node is.
    fn beat(&self) -> Option<Content> {
        let swept = self.watch.cluster.since_sweep()?;
        let swept_ms = u64::try_from(swept.as_millis()).unwrap_or(u64::MAX);
        Some(Content::Beat(Beat { swept_ms }))
    }

    /// Has those who are here go to another node, where that was better off than this one for so many beats: one that stood
    /// still knows at the second what the others do.
    fn send_away(&self, beats: &mut u32) {
        let is_worse_off = self.watch.cluster.is_worse_off();
        *beats = if is_worse_off {
            beats.saturating_add(1)
        } else {
            0
        };
        if *beats == 2 {
            tracing::warn!(
                "this node does not reach the database, and another one does: people are sent there"
            );
            self.chat.send_away();
        }
    }

    async fn publish(&self, client: &Client, content: Content) -> Option<()> {
        let subject = format!("{}{}", self.prefix, content.subject());
        let max = client.max_payload().saturating_sub(HEADERS);
        let Sealed { json, mac } = self.envelopes.seal(content, clock::now_ms(), max)?;
        let published = client.publish_with_headers(subject, with(mac), json).await;
        published.ok()
    }

    /// Takes what others say. While ChatServer has too much to do this waits, and NATS or its client throws away what
    /// does not fit.
    async fn hear(&self, client: &Client, heard: Subscriber) {
        let mut replays = Replays::default();
        let under_way = Arc::new(Semaphore::new(UNDER_WAY));
        let mut heard = heard.ready_chunks(TOGETHER);
        while let Some(messages) = heard.next().await {
            let mut events = Vec::new();
            let mut words = Vec::new();
            let mut said = Vec::new();
            for message in messages {
                let Some(opened) = self.open(&message, &mut replays) else {
                    continue;
                };
                match opened.content {
                    Content::Events(committed) => {
                        events.push(committed);
                        said.push(opened.at);
                    }
                    Content::Word(word) => words.push((opened.node, word)),
                    Content::Notice => self.watch.sweep.soon(),
                    Content::Beat(Beat { swept_ms }) => {
                        let swept = Duration::from_millis(swept_ms);
                        self.watch.cluster.hear_beat(swept);
                    }
                    Content::Attempt(attempt) => {
                        self.throttle.heard(attempt, Instant::now());
                    }
                    Content::Asset(wanted) => {
                        if let Some(place) = message.reply {
                            let envelopes = Arc::clone(&self.envelopes);
                            self.answerer
                                .answer(wanted, place, client.clone(), envelopes);
                        }
                    }
                }
            }
            if !events.is_empty() {
                let place = Arc::clone(&under_way).acquire_owned().await;
                self.chat.hear_live(events, move || {
                    let now = clock::now_ms();
                    for at in said {
                        let ms = u64::try_from(now - at).unwrap_or_default();
                        telemetry::cluster::heard_after(Duration::from_millis(ms));
                    }
                    drop(place);
                });
            }
            if !words.is_empty() {
                let place = Arc::clone(&under_way).acquire_owned().await;
                self.chat.hear_words(words, move || drop(place));
            }
        }
    }

    fn open(&self, message: &Message, replays: &mut Replays) -> Option<Opened> {
        let subject = message.subject.strip_prefix(&*self.prefix)?;
        let (mac, now) = (mac_of(message), clock::now_ms());
        let opened = self.envelopes.open(subject, mac, &message.payload, now);
        let opened = opened.and_then(|opened| {
            let may_come_again = matches!(
                opened.content,
                Content::Events(_) | Content::Notice | Content::Asset(_)
            );
            let Opened { node, count, .. } = opened;
            if may_come_again || replays.is_new(node, count, Instant::now()) {
                Ok(opened)
            } else {
                Err(Refused::Old)
            }
        });
        match opened {
            Ok(opened) => {
                telemetry::cluster::bus_heard(opened.content.name());
                Some(opened)
            }
            Err(refused) => {
                telemetry::cluster::bus_refused(refused.name());
                None
            }
        }
    }
}
