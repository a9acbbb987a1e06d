//! Two nodes over one database, whose events are told to each other as a test likes.

mod commands;
mod hub;
mod look;

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use actix::{Actor, Addr};
use serde_json::Value;
use uuid::Uuid;

pub(in crate::chat::server::heard) use commands::*;
pub(in crate::chat::server::heard) use hub::Told;
use hub::{HasSent, Hub};
pub(in crate::chat::server::heard) use look::{Look, acks, agrees, watch};
use look::{LookAt, StoreMarks, image_of};

use crate::chat::mailbox::{self, Then};
use crate::chat::presence::Headcount;
use crate::chat::requests::{Arrival, HubLink};
use crate::chat::ring;
use crate::chat::room_history::RoomHistory;
use crate::chat::server::{ChatServer, Settings};
use crate::chat::shedding::Shedding;
use crate::chat::word::Word;
use crate::config::Uploaders;
use crate::delivery::ConnId;
use crate::model::command::{Command, CommittedEvents, Outcome};
use crate::model::message::{LOBBY, Message as Said};
use crate::model::person::ServerRole;
use crate::model::room_id::RoomId;
use crate::model::seq::Seq;
use crate::protocol::feed::{self, FileLimits, Limits};
use crate::protocol::request;
use crate::store::accounts::users;
use crate::store::backend::{RequestId, Role};
use crate::store::commands::apply::apply;
use crate::store::queries::{epochs, messages, room_registry};
use crate::store::writer;
use crate::store::{Place, Store};

/// The accounts of the database.
pub(in crate::chat::server::heard) const PEOPLE: [&str; 4] = ["Ada", "Bob", "Cy", "Dee"];

/// How long a node may take to catch up: never, where it is wrong.
const PATIENCE: Duration = Duration::from_secs(30);

/// The database and its writer.
pub(in crate::chat::server::heard) struct Base {
    pub(in crate::chat::server::heard) store: Store,
    place: Place,
    writer: Option<JoinHandle<()>>,
    directory: Option<tempfile::TempDir>,
}

/// One process of the server.
pub(in crate::chat::server::heard) struct Node {
    chat: Addr<ChatServer>,
    hub: Addr<Hub>,
    pub(in crate::chat::server::heard) told: Arc<Mutex<Vec<Told>>>,
}

impl Base {
    pub(in crate::chat::server::heard) fn open() -> Self {
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
        let mut threads = queues.run(open, Box::new(|_| {}), Arc::new(|| {})).unwrap();
        let thread = threads.pop().unwrap();
        Self {
            store,
            place,
            writer: Some(thread),
            directory: Some(directory),
        }
    }

    /// Starts a node with what is in the database now.
    pub(in crate::chat::server::heard) fn node(&self) -> Node {
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
            bot_messages_per_minute: 0,
            speakers: Uploaders::Nobody,
            limits,
            lobby: String::new(),
            welcome: String::new(),
            seen_by: false,
            clustered: true,
            boot: Uuid::new_v4(),
            headcount: Headcount::default(),
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
    pub(in crate::chat::server::heard) async fn write(&self, command: Command) -> Outcome {
        let nonce = Some(Uuid::new_v4());
        let written = self
            .store
            .write(move |db| apply(db, nonce, command.clone()));
        written.await.unwrap()
    }

    /// The rooms as a node has them that starts now.
    pub(in crate::chat::server::heard) async fn image(&self) -> BTreeMap<RoomId, String> {
        let registry = self.store.read(room_registry::load).await.unwrap();
        image_of(&registry)
    }

    /// The newest messages of a room.
    pub(in crate::chat::server::heard) async fn page(&self, room: RoomId) -> Vec<Said> {
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
    pub(in crate::chat::server::heard) async fn open(
        &self,
        serial: u64,
        number: usize,
        room: RoomId,
    ) -> ConnId {
        self.connect(serial, number, room, BTreeMap::new()).await
    }

    /// The same, where they have the room up to `seq` already.
    pub(in crate::chat::server::heard) async fn resume(
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
    pub(in crate::chat::server::heard) fn own(&self, conn: ConnId, nonce: Uuid, outcome: Outcome) {
        let request = RequestId {
            connection: conn.to_raw(),
            nonce: Some(nonce),
        };
        self.chat
            .do_send(mailbox::Committed(vec![(request, Ok(outcome))]));
    }

    /// Another node tells what it has committed.
    pub(in crate::chat::server::heard) fn hear(&self, committed: Vec<CommittedEvents>) {
        let then = Then::new(|| {});
        self.chat.do_send(mailbox::Heard { committed, then });
    }

    /// Another node says something about people.
    pub(in crate::chat::server::heard) fn hear_words(&self, words: Vec<Word>) {
        let words = words.into_iter().map(|word| (Uuid::nil(), word));
        let words = words.collect();
        let then = Then::new(|| {});
        self.chat.do_send(mailbox::Words { words, then });
    }

    /// The node as it is when it lacks nothing that it knows of.
    pub(in crate::chat::server::heard) async fn quiet(&self) -> Look {
        self.until(|look| !look.behind).await
    }

    /// The node as it is when it is as wanted.
    pub(in crate::chat::server::heard) async fn until(
        &self,
        wanted: impl Fn(&Look) -> bool,
    ) -> Look {
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
    pub(in crate::chat::server::heard) async fn store_marks(&self, base: &Base) {
        self.chat.send(StoreMarks).await.unwrap();
        base.store.write(|_| Ok(())).await.unwrap();
    }

    /// What was told to everybody who has `room` open.
    pub(in crate::chat::server::heard) fn told_to(&self, room: RoomId) -> Vec<Value> {
        let told = self.told.lock().unwrap();
        let to_room = told.iter().filter_map(|one| match one {
            Told::Room(of, frame) if *of == room => Some(frame.clone()),
            _ => None,
        });
        to_room.collect()
    }
}
