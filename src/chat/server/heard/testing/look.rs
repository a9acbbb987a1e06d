//! What a node knows, and what it has told to whom.

use std::collections::{BTreeMap, HashMap};

use actix::{Context, Handler, Message, MessageResult};
use serde_json::Value;

use super::hub::Told;
use super::{Base, Node};
use crate::chat::server::ChatServer;
use crate::delivery::ConnId;
use crate::model::message::Message as Said;
use crate::model::room::RoomKind;
use crate::model::room_id::RoomId;
use crate::model::room_registry::{RoomRecord, RoomRegistry};
use crate::model::seq::Seq;
use crate::protocol::kinds;

/// What a node knows.
#[derive(Debug)]
pub(in crate::chat::server::heard) struct Look {
    pub(in crate::chat::server::heard) image: BTreeMap<RoomId, String>,
    pub(in crate::chat::server::heard) epochs: HashMap<RoomId, String>,
    /// The newest messages of its live rooms.
    pub(in crate::chat::server::heard) pages: BTreeMap<RoomId, Vec<Said>>,
    /// Which rooms connections have open.
    pub(in crate::chat::server::heard) open: Vec<(ConnId, RoomId)>,
    pub(in crate::chat::server::heard) behind: bool,
}

#[derive(Message)]
#[rtype(result = "Look")]
pub(in crate::chat::server::heard) struct LookAt;

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
pub(in crate::chat::server::heard) struct StoreMarks;

impl Handler<StoreMarks> for ChatServer {
    type Result = ();

    fn handle(&mut self, _store: StoreMarks, _ctx: &mut Context<Self>) {
        self.store_read_markers();
    }
}

/// All that is known of each room, in one order.
pub(in crate::chat::server::heard) fn image_of(
    registry: &RoomRegistry,
) -> BTreeMap<RoomId, String> {
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

/// What goes on in a room, as somebody sees it who has it open: the seq that they are at, and how many fresh pages
/// they got.
pub(in crate::chat::server::heard) fn watch(told: &[Value]) -> (Option<i64>, usize) {
    let (mut at, mut resets) = (None, 0);
    for frame in told {
        if frame["type"] == kinds::EVENT {
            let seq = frame["data"]["seq"].as_i64().unwrap();
            assert!(at.is_none_or(|at| seq == at + 1), "{seq} after {at:?}");
            at = Some(seq);
        } else if frame["type"] == kinds::RESET {
            at = frame["data"]["head"].as_i64();
            resets += 1;
        }
    }
    (at, resets)
}

/// The acks that a node gave: each once, and after the event that it is of.
pub(in crate::chat::server::heard) fn acks(node: &Node) -> HashMap<String, i64> {
    let mut heads: HashMap<RoomId, i64> = HashMap::new();
    let mut acks = HashMap::new();
    for told in node.told.lock().unwrap().iter() {
        match told {
            Told::Room(room, frame) => {
                let data = &frame["data"];
                let head = data["seq"].as_i64().or(data["head"].as_i64());
                let head =
                    head.filter(|_| frame["type"] == kinds::EVENT || frame["type"] == kinds::RESET);
                heads.extend(head.map(|head| (*room, head)));
            }
            Told::One(_, frame) if frame["type"] == kinds::ACK => {
                let data = &frame["data"];
                let (room, seq) = (data["room"].as_i64(), data["seq"].as_i64().unwrap());
                let seen = heads.get(&RoomId(room.unwrap()));
                assert!(
                    seen.is_none_or(|seen| seq <= *seen),
                    "{frame} after {seen:?}"
                );
                let nonce = data["nonce"].as_str().unwrap().to_owned();
                assert_eq!(acks.insert(nonce, seq), None, "an ack came twice");
            }
            Told::One(..) => {}
        }
    }
    acks
}

/// Asserts that a node is what the database is.
pub(in crate::chat::server::heard) async fn agrees(node: &Node, base: &Base) {
    let look = node.quiet().await;
    let fresh = base.image().await;
    for (room, image) in &fresh {
        let here = look.image.get(room).map_or("", String::as_str);
        assert!(
            here == image,
            "{room}: here\n{here}\nin the database\n{image}"
        );
    }
    assert_eq!(look.image.len(), fresh.len());
    for (room, page) in &look.pages {
        assert_eq!(*page, base.page(*room).await, "{room}");
    }
}
