//! Two nodes over one database, whose events are told to each other as a test likes.

use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use actix::{Actor, Addr, Context, Handler, Message, MessageResult};
use serde_json::Value;
use uuid::Uuid;

use crate::chat::mailbox;
use crate::chat::requests::{Arrival, HubLink};
use crate::chat::ring;
use crate::chat::room_history::RoomHistory;
use crate::chat::server::{ChatServer, Settings};
use crate::chat::shedding::Shedding;
use crate::config::Uploaders;
use crate::delivery::{CloseAll, ConnId, Deliver};
use crate::model::command::{
    Command, CommittedEvents, Outcome, RoomAction, RoomBounds, RoomCommand, Target,
};
use crate::model::mention::Mentions;
use crate::model::message::{KIND_TEXT, LOBBY, Message as Said};
use crate::model::message_id::MessageId;
use crate::model::person::{Person, PersonKind, ServerRole};
use crate::model::person_id::PersonId;
use crate::model::principal::Principal;
use crate::model::room::RoomKind;
use crate::model::room_id::RoomId;
use crate::model::room_registry::{RoomRecord, RoomRegistry};
use crate::model::seq::Seq;
use crate::protocol::feed::{self, FileLimits, Limits};
use crate::protocol::request;
use crate::store::accounts::users;
use crate::store::backend::{RequestId, Role};
use crate::store::commands::apply::apply;
use crate::store::queries::{epochs, messages, room_registry};
use crate::store::writer;
use crate::store::{Place, Store};
use crate::text::body::{MessageBody, RenderedBody};
use crate::text::content::Format;

/// The accounts of the database.
pub(super) const PEOPLE: [&str; 4] = ["Ada", "Bob", "Cy", "Dee"];

/// How long a node may take to catch up: never, where it is wrong.
const PATIENCE: Duration = Duration::from_secs(30);

/// The database and its writer.
pub(super) struct Base {
    pub(super) store: Store,
    place: Place,
    writer: Option<JoinHandle<()>>,
    directory: Option<tempfile::TempDir>,
}

/// One process of the server.
pub(super) struct Node {
    chat: Addr<ChatServer>,
    hub: Addr<Hub>,
    pub(super) told: Arc<Mutex<Vec<Told>>>,
}

/// What a node's hub was given to send.
#[derive(Debug, Clone)]
pub(super) enum Told {
    Room(RoomId, Value),
    One(ConnId, Value),
}

/// A hub that notes what it should send.
struct Hub(Arc<Mutex<Vec<Told>>>);

impl Actor for Hub {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Context<Self>) {
        ctx.set_mailbox_capacity(100_000);
    }
}

impl Handler<Deliver> for Hub {
    type Result = ();

    fn handle(&mut self, deliver: Deliver, _ctx: &mut Context<Self>) {
        let mut told = self.0.lock().unwrap();
        for broadcast in deliver.broadcasts {
            let frames = frames(&broadcast.frames.feed);
            told.extend(
                frames
                    .into_iter()
                    .map(|frame| Told::Room(broadcast.room, frame)),
            );
        }
        for unicast in deliver.unicasts {
            let frames = frames(&unicast.frames);
            told.extend(frames.into_iter().map(|frame| Told::One(unicast.to, frame)));
        }
    }
}

impl Handler<CloseAll> for Hub {
    type Result = ();

    fn handle(&mut self, _all: CloseAll, _ctx: &mut Context<Self>) {}
}

/// Answered when the hub has noted what it was given before.
#[derive(Message)]
#[rtype(result = "()")]
struct HasSent;

impl Handler<HasSent> for Hub {
    type Result = ();

    fn handle(&mut self, _sent: HasSent, _ctx: &mut Context<Self>) {}
}

/// The JSON of WebSocket frames.
fn frames(mut bytes: &[u8]) -> Vec<Value> {
    let mut all = Vec::new();
    while !bytes.is_empty() {
        let (start, length) = match bytes[1] {
            126 => (4, usize::from(u16::from_be_bytes([bytes[2], bytes[3]]))),
            127 => (
                10,
                u64::from_be_bytes(bytes[2..10].try_into().unwrap()) as usize,
            ),
            short => (2, usize::from(short)),
        };
        let json = &bytes[start..start + length];
        all.extend(serde_json::from_slice::<Value>(json));
        bytes = &bytes[start + length..];
    }
    all
}

impl Base {
    pub(super) fn open() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let place = Place::File(directory.path().join("teahouse.db"));
        let mut db = place.open(Role::Writer).unwrap();
        epochs::open(&mut *db, LOBBY).unwrap();
        for name in PEOPLE {
            users::add(&mut *db, name, "", ServerRole::Member, 0)
                .unwrap()
                .unwrap();
        }
        let (writer, queues) = writer::channel(false);
        let store = Store::start(&place, writer).unwrap();
        drop(db);
        let open = |role| place.open(role);
        let mut threads = queues.run(open, Box::new(|_| {})).unwrap();
        let thread = threads.pop().unwrap();
        Self {
            store,
            place,
            writer: Some(thread),
            directory: Some(directory),
        }
    }

    /// Starts a node with what is in the database now.
    pub(super) fn node(&self) -> Node {
        let mut db = self.place.open(Role::Writer).unwrap();
        let registry = room_registry::load(&mut *db).unwrap();
        let limits = Limits {
            message_chars: 4_000,
            recall_window: 1_000_000,
            messages_per_minute: 0,
            files: FileLimits {
                may: false,
                voice: false,
                voice_ms: 0,
                file_bytes: 0,
                picture_bytes: 0,
                each: 0,
            },
        };
        let settings = Settings {
            uploaders: Uploaders::Nobody,
            speakers: Uploaders::Nobody,
            limits,
            lobby: String::new(),
            welcome: String::new(),
            seen_by: false,
            clustered: true,
        };
        let newest = messages::newest(&mut *db, LOBBY, 300, ring::EVENTS as i64);
        let newest = newest.unwrap().unwrap();
        let lobby = RoomHistory::new(
            LOBBY,
            newest.epoch,
            newest.head,
            newest.messages,
            newest.events,
            0,
            String::new(),
        );
        let store = Store::start(&self.place, self.store.writer().clone()).unwrap();
        let chat = ChatServer::new(settings, Shedding::default(), store, registry, lobby).start();
        let told = Arc::new(Mutex::new(Vec::new()));
        let hub = Hub(Arc::clone(&told)).start();
        chat.do_send(mailbox::HubReady(HubLink {
            number: 0,
            deliver: hub.clone().recipient(),
            close_all: hub.clone().recipient(),
            overrun: Arc::default(),
        }));
        Node { chat, hub, told }
    }

    /// Commits a command, as the writer does.
    pub(super) async fn write(&self, command: Command) -> Outcome {
        let nonce = Some(Uuid::new_v4());
        let written = self
            .store
            .write(move |db| apply(db, nonce, command.clone()));
        written.await.unwrap()
    }

    /// The rooms as a node has them that starts now.
    pub(super) async fn image(&self) -> BTreeMap<RoomId, String> {
        let registry = self.store.read(room_registry::load).await.unwrap();
        image_of(&registry)
    }

    /// The newest messages of a room.
    pub(super) async fn page(&self, room: RoomId) -> Vec<Said> {
        let page = self
            .store
            .read(move |db| messages::page(db, room, None, 50));
        page.await.unwrap()
    }
}

impl Drop for Base {
    fn drop(&mut self) {
        self.store.writer().close();
        self.writer.take().map(JoinHandle::join);
        self.directory.take();
    }
}

impl Node {
    /// A person connects and opens a room; returns when they have it.
    pub(super) async fn open(&self, serial: u64, number: usize, room: RoomId) -> ConnId {
        self.connect(serial, number, room, BTreeMap::new()).await
    }

    /// The same, where they have the room up to `seq` already.
    pub(super) async fn resume(
        &self,
        serial: u64,
        number: usize,
        room: RoomId,
        seq: Seq,
    ) -> ConnId {
        let look = self.quiet().await;
        let epoch = look.epochs.get(&room).cloned().unwrap_or_default();
        let resume = BTreeMap::from([(room.to_string(), request::Position { epoch, seq })]);
        self.connect(serial, number, room, resume).await
    }

    async fn connect(
        &self,
        serial: u64,
        number: usize,
        room: RoomId,
        resume: BTreeMap<String, request::Position>,
    ) -> ConnId {
        let conn = ConnId::new(0, serial);
        let arrival = Box::new(Arrival {
            principal: principal(number),
            named: true,
            address: String::new(),
            sid: None,
            greet: false,
            prefix: IpAddr::V4(Ipv4Addr::LOCALHOST),
        });
        self.chat.do_send(mailbox::Connect { conn, arrival });
        let hello = request::Hello {
            v: feed::VERSION,
            resume,
            open: Some(room),
        };
        self.chat.do_send(mailbox::Hello { conn, hello });
        self.until(|look| look.open.contains(&(conn, room))).await;
        conn
    }

    /// This node's own writer has committed something that `conn` asked for under `nonce`.
    pub(super) fn own(&self, conn: ConnId, nonce: Uuid, outcome: Outcome) {
        let request = RequestId {
            connection: conn.to_raw(),
            nonce: Some(nonce),
        };
        self.chat
            .do_send(mailbox::Committed(vec![(request, Ok(outcome))]));
    }

    /// Another node tells what it has committed.
    pub(super) fn hear(&self, committed: Vec<CommittedEvents>) {
        self.chat.do_send(mailbox::Heard(committed));
    }

    /// The node as it is when it lacks nothing that it knows of.
    pub(super) async fn quiet(&self) -> Look {
        self.until(|look| !look.behind).await
    }

    /// The node as it is when it is as wanted.
    pub(super) async fn until(&self, wanted: impl Fn(&Look) -> bool) -> Look {
        let began = Instant::now();
        loop {
            let look = self.chat.send(LookAt).await.unwrap();
            if wanted(&look) {
                self.hub.send(HasSent).await.unwrap();
                return look;
            }
            assert!(began.elapsed() < PATIENCE, "it stays as it is: {look:?}");
            actix::clock::sleep(Duration::from_millis(2)).await;
        }
    }

    /// Has read markers written.
    pub(super) async fn store_marks(&self, base: &Base) {
        self.chat.send(StoreMarks).await.unwrap();
        base.store.write(|_| Ok(())).await.unwrap();
    }

    /// What was told to everybody who has `room` open.
    pub(super) fn told_to(&self, room: RoomId) -> Vec<Value> {
        let told = self.told.lock().unwrap();
        let to_room = told.iter().filter_map(|one| match one {
            Told::Room(of, frame) if *of == room => Some(frame.clone()),
            _ => None,
        });
        to_room.collect()
    }
}

/// What a node knows.
#[derive(Debug)]
pub(super) struct Look {
    pub(super) image: BTreeMap<RoomId, String>,
    epochs: HashMap<RoomId, String>,
    /// The newest messages of its live rooms.
    pub(super) pages: BTreeMap<RoomId, Vec<Said>>,
    /// Which rooms connections have open.
    open: Vec<(ConnId, RoomId)>,
    behind: bool,
}

#[derive(Message)]
#[rtype(result = "Look")]
struct LookAt;

impl Handler<LookAt> for ChatServer {
    type Result = MessageResult<LookAt>;

    fn handle(&mut self, _look: LookAt, _ctx: &mut Context<Self>) -> Self::Result {
        let rooms = self.live_rooms.iter().map(|(id, live_room)| {
            let page = live_room.room.page().map(|message| Said::clone(message));
            (*id, page.collect())
        });
        let connections = self.connections.iter();
        let records = self
            .registry
            .ids()
            .filter_map(|id| Some((id, self.registry.get(id)?)));
        let epochs = records.map(|(id, record)| (id, record.epoch.clone()));
        MessageResult(Look {
            image: image_of(&self.registry),
            epochs: epochs.collect(),
            pages: rooms.collect(),
            open: connections
                .filter_map(|(conn, connection)| Some((*conn, connection.open?)))
                .collect(),
            behind: !self.resequencer.is_empty() || !self.loading.is_empty(),
        })
    }
}

#[derive(Message)]
#[rtype(result = "()")]
struct StoreMarks;

impl Handler<StoreMarks> for ChatServer {
    type Result = ();

    fn handle(&mut self, _store: StoreMarks, _ctx: &mut Context<Self>) {
        self.store_read_markers();
    }
}

/// All that is known of each room, in one order.
fn image_of(registry: &RoomRegistry) -> BTreeMap<RoomId, String> {
    let rooms = registry
        .ids()
        .filter_map(|id| Some((id, registry.get(id)?)));
    rooms.map(|(id, record)| (id, image(record))).collect()
}

fn image(record: &RoomRecord) -> String {
    let RoomRecord {
        kind,
        settings,
        epoch,
        head,
        begin,
        at,
        memberships,
        company,
        ..
    } = record;
    let members: BTreeMap<_, _> = memberships
        .iter()
        .map(|(id, one)| {
            // Who joins has read up to before that, or has read that too: what counts is the same.
            let mark = one.read_marker;
            let counts = [mark.said, record.unread(mark), record.mentions(*id, mark)];
            (id, (one.room_role, one.notify, one.favourite, counts))
        })
        // In the lobby somebody is known once they were mentioned. Whose mention was taken back before a node read it
        // is not known to that node, and has nothing to be told.
        .filter(|(_, (.., [_, _, mentions]))| *kind != RoomKind::Lobby || *mentions > 0)
        .collect();
    let company: BTreeMap<_, _> = company.iter().map(|one| (one.id, one)).collect();
    let recalled = record.tally.recalled_after(Seq(0));
    format!(
        "{kind:?} {settings:?} {epoch} {head:?} {begin:?} {at:?} {recalled} {members:?} {company:?}"
    )
}

pub(super) fn person(number: usize) -> Person {
    let id = PersonId::User(number as i64 + 1);
    Person {
        avatar: Person::identicon(id),
        kind: PersonKind::User,
        name: PEOPLE[number].to_owned(),
        id,
        place: String::new(),
    }
}

pub(super) fn principal(number: usize) -> Principal {
    Principal::member(person(number))
}

pub(super) fn say(number: usize, room: RoomId, words: &str) -> Command {
    Command::Send {
        message: Box::new(Said {
            id: MessageId(0),
            room,
            seq: Seq(0),
            rev: Seq(0),
            at: 7,
            kind: KIND_TEXT,
            by: person(number),
            address: String::new(),
            body: MessageBody::default(),
            edited: None,
            recalled: false,
            mentions: Mentions::default(),
            reply: None,
            reactions: Vec::new(),
            files: Vec::new(),
            pinned: false,
        }),
        body: body(words),
        attachments: Vec::new(),
        fallback_name: None,
        principal: principal(number),
    }
}

pub(super) fn body(words: &str) -> Box<RenderedBody> {
    Box::new(RenderedBody::new(words.to_owned(), Format::Markdown))
}

pub(super) fn target(number: usize, room: RoomId, id: MessageId) -> Box<Target> {
    let principal = principal(number);
    Box::new(Target {
        room,
        id,
        principal,
        at: 8,
    })
}

pub(super) fn command(number: usize, room: RoomId, action: RoomAction) -> Command {
    Command::Room(Box::new(RoomCommand {
        principal: principal(number),
        at: 9,
        room,
        action,
        bounds: RoomBounds {
            rooms: 100,
            owned: 100,
            joined: 100,
            members: 100,
        },
    }))
}
