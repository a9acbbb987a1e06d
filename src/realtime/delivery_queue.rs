//! What a hub still has to send, and how far it is.
//!
//! Deliveries are sent in the order in which they came. When several wait, they are sent as one,
//! so that everybody gets one write: with time to spare nothing waits, under load what waits is
//! grouped, room by room. A walk past the client writers of a room is done in steps, so that a large
//! room leaves its thread to others in between; not when [`WAITING`] deliveries wait, for most of them
//! are answers to what this thread has read, and it should read no more before they are out.

use std::collections::{HashMap, VecDeque};
use std::rc::Rc;

use crate::delivery::{ConnId, Deliver, EncodedFrames, RoomBroadcast};
use crate::model::room_id::RoomId;
use crate::realtime::subscriptions::Subscriptions;

/// Deliveries that wait before all of them are sent at once: a burst of answers.
const WAITING: usize = 1_024;

/// Bytes of waiting deliveries that are sent as one, in the longest dialect, beyond the first: what
/// the kernel takes of a socket at once.
const GROUP_BYTES: usize = 64 * 1024;

/// The deliveries of one hub.
#[derive(Debug)]
pub struct DeliveryQueue {
    subscriptions: Rc<Subscriptions>,
    waiting: VecDeque<Deliver>,
    walk: Option<Walk>,
}

/// A group of deliveries on its way past the client writers.
#[derive(Debug)]
struct Walk {
    /// What is broadcast to each room; the last one is being sent.
    rooms: Vec<(RoomId, EncodedFrames)>,
    /// The last connection of that room that was passed.
    after: Option<ConnId>,
    /// Connections that have had theirs already, ascending.
    recipients: Vec<ConnId>,
}

impl DeliveryQueue {
    /// A queue without deliveries, for the connections of `subscriptions`.
    #[must_use]
    pub fn new(subscriptions: Rc<Subscriptions>) -> Self {
        Self {
            subscriptions,
            waiting: VecDeque::new(),
            walk: None,
        }
    }

    /// Puts a delivery behind all others; returns whether the caller must begin to take steps.
    pub fn put(&mut self, deliver: Deliver) -> bool {
        let is_idle = self.walk.is_none() && self.waiting.is_empty();
        self.waiting.push_back(deliver);
        if self.waiting.len() >= WAITING {
            while self.step(usize::MAX) {}
        }
        is_idle
    }

    /// Sends to the next `count` client writers; returns whether something is left to send.
    pub fn step(&mut self, count: usize) -> bool {
        if let Some(mut walk) = self.walk.take().or_else(|| self.begin())
            && walk.proceed(&self.subscriptions, count)
        {
            self.walk = Some(walk);
        }
        self.walk.is_some() || !self.waiting.is_empty()
    }

    /// Drops everything that waits.
    pub fn clear(&mut self) {
        self.waiting = VecDeque::new();
        self.walk = None;
    }

    /// Begins the walk of all deliveries that can go as one. Connections that have a unicast of their
    /// own get it at once, with the broadcasts before and after it in their order.
    fn begin(&mut self) -> Option<Walk> {
        let mut broadcasts = Vec::new();
        let mut unicasts = Vec::new();
        for deliver in self.group() {
            broadcasts.extend(deliver.broadcasts);
            unicasts.extend(
                deliver
                    .unicasts
                    .into_iter()
                    .map(|unicast| (broadcasts.len(), unicast)),
            );
        }
        unicasts.sort_by_key(|(_, unicast)| unicast.to);
        let mut recipients = Vec::new();
        for of_one in unicasts.chunk_by(|(_, one), (_, other)| one.to == other.to) {
            if let Some((_, unicast)) = of_one.first() {
                recipients.push(unicast.to);
                self.subscriptions.tell(unicast.to, &broadcasts, of_one);
            }
        }
        let rooms = by_room(broadcasts);
        (!rooms.is_empty()).then_some(Walk {
            rooms,
            after: None,
            recipients,
        })
    }

    fn group(&mut self) -> Vec<Deliver> {
        let mut bytes = 0;
        let fits = self.waiting.iter().take_while(|deliver| {
            let longest = deliver
                .broadcasts
                .iter()
                .map(|broadcast| broadcast.frames.longest());
            bytes += longest.sum::<usize>();
            bytes <= GROUP_BYTES
        });
        let count = fits.count().max(1).min(self.waiting.len());
        let group = self.waiting.drain(..count).collect();
        if self.waiting.is_empty() {
            // A queue that was long once keeps no memory.
            self.waiting = VecDeque::new();
        }
        group
    }
}

impl Walk {
    /// Passes the next `count` client writers; returns whether some are left.
    fn proceed(&mut self, subscriptions: &Subscriptions, mut count: usize) -> bool {
        while count > 0
            && let Some((room, broadcasts)) = self.rooms.last()
        {
            let (passed, after) =
                subscriptions.walk(*room, broadcasts, self.after, &self.recipients, count);
            self.after = after;
            if after.is_none() {
                self.rooms.pop();
            }
            // A room that no connection of this thread has open costs a turn too.
            count = count.saturating_sub(passed.max(1));
        }
        !self.rooms.is_empty()
    }
}

/// The broadcasts of each room as one, in order.
fn by_room(broadcasts: Vec<RoomBroadcast>) -> Vec<(RoomId, EncodedFrames)> {
    let mut rooms: HashMap<RoomId, Vec<EncodedFrames>> = HashMap::new();
    for broadcast in broadcasts
        .into_iter()
        .filter(|broadcast| !broadcast.frames.is_empty())
    {
        rooms
            .entry(broadcast.room)
            .or_default()
            .push(broadcast.frames);
    }
    let joined = |(room, frames)| (room, EncodedFrames::join(frames));
    rooms.into_iter().map(joined).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::{AfterSend, Dialect, Unicast};
    use crate::realtime::client_writer::ClientWriter;
    use bytes::Bytes;
    use proptest::prelude::*;
    use std::io::Read;
    use std::net;
    use tokio::net::TcpStream;

    #[derive(Debug, Clone)]
    enum Act {
        /// Broadcasts to a room, and unicasts to connections that may have another room open from then on.
        Put {
            broadcasts: Option<RoomId>,
            unicasts: Vec<(usize, Option<Option<RoomId>>)>,
        },
        Step(usize),
        Leave(usize),
    }

    const CLIENTS: usize = 6;

    fn acts() -> impl Strategy<Value = Vec<Act>> {
        let room = || prop::option::of((1..4_i64).prop_map(RoomId));
        let unicasts = proptest::collection::vec((0..CLIENTS, prop::option::of(room())), 0..4);
        let act = prop_oneof![
            6 => (room(), unicasts).prop_map(|(broadcasts, unicasts)| Act::Put { broadcasts, unicasts }),
            4 => (1..4_usize).prop_map(Act::Step),
            1 => (0..CLIENTS).prop_map(Act::Leave),
        ];
        proptest::collection::vec(act, 0..60)
    }

    struct Client {
        id: ConnId,
        end: net::TcpStream,
        /// What it would have been sent, had each delivery been sent at once.
        owed: String,
        subscription: Option<RoomId>,
        left: bool,
    }

    fn client(subscriptions: &Subscriptions) -> Client {
        let listener = net::TcpListener::bind("127.0.0.1:0").unwrap();
        let end = net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (server, _) = listener.accept().unwrap();
        server.set_nonblocking(true).unwrap();
        let server = TcpStream::from_std(server).unwrap();
        Client {
            id: subscriptions.add(ClientWriter::new(server)),
            end,
            owed: String::new(),
            subscription: None,
            left: false,
        }
    }

    fn said(room: RoomId, feed: Bytes) -> RoomBroadcast {
        let frames = EncodedFrames {
            feed,
            ..EncodedFrames::default()
        };
        RoomBroadcast { room, frames }
    }

    fn perform(acts: Vec<Act>) {
        let subscriptions = Subscriptions::new(0);
        let mut outbox = DeliveryQueue::new(Rc::clone(&subscriptions));
        let mut clients: Vec<Client> = (0..CLIENTS).map(|_| client(&subscriptions)).collect();
        for (number, act) in acts.into_iter().enumerate() {
            match act {
                Act::Put {
                    broadcasts,
                    unicasts,
                } => {
                    let mut deliver = Deliver::default();
                    if let Some(room) = broadcasts {
                        let text = format!("all {number};");
                        deliver
                            .broadcasts
                            .push(said(room, Bytes::from(text.clone())));
                        let there = |client: &&mut Client| client.subscription == Some(room);
                        for client in clients.iter_mut().filter(there) {
                            client.owed += &text;
                        }
                    }
                    for (to, hear) in unicasts {
                        let client = &mut clients[to];
                        let text = format!("you {number};");
                        client.owed += &text;
                        client.subscription = hear.unwrap_or(client.subscription);
                        deliver.unicasts.push(Unicast {
                            to: client.id,
                            frames: Bytes::from(text),
                            after: hear.map_or(AfterSend::Nothing, |room| {
                                AfterSend::Subscribe(Dialect::Feed, room)
                            }),
                        });
                    }
                    outbox.put(deliver);
                }
                Act::Step(count) => {
                    outbox.step(count);
                }
                Act::Leave(number) => {
                    clients[number].left = true;
                    subscriptions.remove(clients[number].id);
                }
            }
        }
        while outbox.step(2) {}
        subscriptions.cut_all();
        for mut client in clients {
            let mut heard = String::new();
            client.end.read_to_string(&mut heard).unwrap();
            if client.left {
                assert!(client.owed.starts_with(&heard), "{heard} {}", client.owed);
            } else {
                assert_eq!(heard, client.owed);
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        /// However deliveries are grouped and walks interrupted, each client gets what it would
        /// have got had each been sent to all of them at once.
        #[test]
        fn each_hears_what_was_said_in_its_order(acts in acts()) {
            actix_web::rt::System::new().block_on(async move { perform(acts) });
        }
    }

    #[actix_web::test]
    async fn what_waits_goes_as_one_and_a_burst_goes_at_once() {
        let subscriptions = Subscriptions::new(0);
        let mut outbox = DeliveryQueue::new(Rc::clone(&subscriptions));
        let deliver = |bytes: usize| Deliver {
            broadcasts: vec![said(RoomId(1), Bytes::from(vec![b'x'; bytes]))],
            unicasts: Vec::new(),
        };
        assert!(outbox.put(deliver(10)));
        assert!(!outbox.put(deliver(10)));
        assert!(!outbox.put(deliver(GROUP_BYTES)));
        assert_eq!(outbox.group().len(), 2);
        assert_eq!(outbox.group().len(), 1);
        for _ in 0..WAITING - 1 {
            outbox.put(deliver(1));
        }
        assert_eq!(outbox.waiting.len(), WAITING - 1);
        outbox.put(deliver(1));
        assert!(outbox.waiting.is_empty());
    }
}
