//! The bus: over NATS a node tells the others what it has committed, and hears what they have.
//!
//! It only makes things fast. NATS may lose whatever it likes and be away for as long as it likes; all of it is in the
//! database, where the [sweep](super::sweep) finds it within 0.6 s. So nobody ever waits for the bus: what it
//! cannot take at once it throws away.
//!
//! It has a thread of its own, with a runtime for the client. Bounds: [`QUEUE`] groups to be told, the envelopes given to
//! ChatServer at a time (`running.rs`), answers to other nodes (`asking.rs`), and what the client keeps (`nats.rs`).

pub mod asking;
mod running;
mod watch;

use std::collections::HashMap;
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, OnceLock};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use async_nats::Client;
use async_nats::connection::State;
use tokio::runtime::Builder;
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use self::asking::Answerer;
use self::running::Running;
use self::watch::{Log, Watch};
use super::Cluster;
use super::envelope::{Content, Envelopes};
use super::nats::Server;
use super::sweep::Wake;
use crate::auth::throttle::{Attempt, Throttle};
use crate::chat::handle::ChatHandle;
use crate::chat::word::Word;
use crate::model::command::{CommittedEvents, Outcome};
use crate::model::room_id::RoomId;
use crate::store::backend::WriteResult;
use crate::{telemetry, vital};

/// Groups that may wait to be told: as many as commands may wait for the writer.
const QUEUE: usize = 4_096;

/// How long a start waits for NATS.
const START: Duration = Duration::from_secs(3);

/// What is told together, and since when it waits.
type Group = (Instant, Vec<Content>);

/// Tells other nodes what this one has committed: cheap to clone, usable from any thread, never waits.
#[derive(Debug, Clone)]
pub struct Bus {
    queue: mpsc::Sender<Group>,
    client: Arc<OnceLock<Client>>,
    envelopes: Arc<Envelopes>,
    prefix: Arc<str>,
}

impl Bus {
    /// Tells of the outcomes of a group, after its commit.
    pub fn committed(&self, outcomes: &[WriteResult]) {
        self.tell(|| contents(outcomes));
    }

    /// Tells that notices were committed.
    pub fn noticed(&self) {
        self.tell(|| vec![Content::Notice]);
    }

    /// Tells something about people.
    pub fn say(&self, words: Vec<Word>) {
        self.tell(|| words.into_iter().map(Content::Word).collect());
    }

    /// Tells how an attempt to sign in has ended.
    pub fn tried(&self, attempt: Attempt) {
        self.tell(|| vec![Content::Attempt(attempt)]);
    }

    fn tell(&self, contents: impl FnOnce() -> Vec<Content>) {
        if self.connected().is_none() {
            telemetry::cluster::bus_dropped();
            return;
        }
        let Ok(place) = self.queue.try_reserve() else {
            telemetry::cluster::bus_dropped();
            return;
        };
        let contents = contents();
        if !contents.is_empty() {
            place.send((Instant::now(), contents));
        }
    }

    fn connected(&self) -> Option<&Client> {
        self.client.get().filter(|client| is_connected(client))
    }
}

/// What other nodes are told of a group: the events of each room together, in order.
///
/// A room that was made is not told with its first events: it is read by who hears of it. Heard after its end it would come
/// back otherwise.
fn contents(outcomes: &[WriteResult]) -> Vec<Content> {
    let mut rooms: Vec<CommittedEvents> = Vec::new();
    let mut places: HashMap<RoomId, usize> = HashMap::new();
    let outcomes = outcomes
        .iter()
        .filter_map(|(_, outcome)| outcome.as_ref().ok());
    for mut committed in outcomes.filter_map(Outcome::committed) {
        let place = *places.entry(committed.room).or_insert(rooms.len());
        match rooms.get_mut(place) {
            Some(room) => {
                room.head = committed.head;
                room.events.append(&mut committed.events);
            }
            None => rooms.push(CommittedEvents {
                created: None,
                ..committed
            }),
        }
    }
    rooms.into_iter().map(Content::Events).collect()
}

fn is_connected(client: &Client) -> bool {
    client.connection_state() == State::Connected
}

/// The thread of the bus.
#[derive(Debug)]
pub struct BusThread {
    stop: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

/// What the bus has to do with.
#[derive(Debug)]
pub struct Parts {
    /// Where NATS is.
    pub server: Server,
    /// The id of the server, which others do not have that may use the same NATS.
    pub id: Uuid,
    /// The key that nodes of this server know each other by.
    pub key: [u8; 32],
    /// What this node knows of itself and the others.
    pub cluster: Arc<Cluster>,
    /// Who applies what is heard.
    pub chat: ChatHandle,
    /// Who looks for what was not heard.
    pub sweep: Wake,
    /// Who counts guesses of passwords.
    pub throttle: Arc<Throttle>,
    /// Who has the files of the page.
    pub answerer: Answerer,
}

impl BusThread {
    /// Starts it, and waits a moment for NATS. Where that is away or refuses this node, it is tried again for ever.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(parts: Parts) -> std::io::Result<(Self, Bus)> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let (queue, waiting) = mpsc::channel(QUEUE);
        let client = Arc::new(OnceLock::new());
        let bus = Bus {
            queue,
            client: Arc::clone(&client),
            envelopes: Arc::new(Envelopes::new(parts.key, parts.cluster.boot)),
            prefix: prefix(parts.id).into(),
        };
        parts.cluster.have_nats(false);
        let (stop, stopped) = oneshot::channel();
        let (ready, when_ready) = sync_channel(1);
        let running = Running {
            prefix: Arc::clone(&bus.prefix),
            envelopes: Arc::clone(&bus.envelopes),
            watch: Arc::new(Watch {
                client,
                cluster: parts.cluster,
                sweep: parts.sweep,
                log: Log::default(),
            }),
            server: parts.server,
            chat: parts.chat,
            throttle: parts.throttle,
            answerer: parts.answerer,
        };
        let thread = thread::Builder::new()
            .name("cluster-bus".into())
            .spawn(move || {
                vital::thread();
                runtime.block_on(running.run(waiting, stopped, &ready));
            })?;
        // Without it everything works, only slower.
        let _away = when_ready.recv_timeout(START);
        Ok((Self { stop, thread }, bus))
    }

    /// Ends it, once what was told last has left or a second has passed. Blocks until then.
    pub fn stop(self) {
        // One that is gone has stopped.
        let _gone = self.stop.send(());
        let _panicked = self.thread.join();
    }
}

/// What the subjects of a server begin with.
fn prefix(id: Uuid) -> String {
    let id = id.simple().to_string();
    format!("th.{}.", id.get(..12).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::command::RoomCreated;
    use crate::model::event::{Event as Change, EventContent};
    use crate::model::message_id::MessageId;
    use crate::model::person::PersonRef;
    use crate::model::person_id::PersonId;
    use crate::model::room::RoomKind;
    use crate::model::seq::Seq;
    use crate::store::backend::RequestId;

    fn event(room: i64, seq: i64) -> Change {
        Change {
            room: RoomId(room),
            seq: Seq(seq),
            change: EventContent::Pinned {
                id: MessageId(1),
                at: 0,
                by: PersonRef {
                    id: PersonId::User(1),
                    name: String::new(),
                },
                on: true,
            },
        }
    }

    #[test]
    fn of_a_group_the_events_of_each_room_are_told_together() {
        let request = RequestId {
            connection: 1,
            nonce: None,
        };
        let made = Outcome::Events {
            room: RoomId(3),
            created: Some(RoomCreated {
                id: RoomId(3),
                kind: RoomKind::Public,
                epoch: "e".to_owned(),
            }),
            events: vec![event(3, 1), event(3, 2)],
        };
        let outcomes = [
            Outcome::Event(event(1, 7)),
            made,
            Outcome::Refused(crate::error::Error::NotFound),
            Outcome::Event(event(1, 8)),
        ];
        let outcomes = outcomes.map(|outcome| (request, Ok(outcome)));
        let told = |room, epoch: Option<&str>, seqs: [i64; 2]| {
            Content::Events(CommittedEvents {
                room: RoomId(room),
                epoch: epoch.map(str::to_owned),
                created: None,
                events: seqs.map(|seq| event(room, seq)).into(),
                head: Seq(seqs[1]),
            })
        };
        assert_eq!(
            contents(&outcomes),
            [told(1, None, [7, 8]), told(3, Some("e"), [1, 2])]
        );
    }

    #[test]
    fn subjects_begin_with_the_server_they_are_of() {
        assert_eq!(prefix(Uuid::from_u128(0x1234 << 112)), "th.123400000000.");
    }
}
