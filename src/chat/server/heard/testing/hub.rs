//! A hub that notes what it should send.

use std::sync::{Arc, Mutex};

use actix::{Actor, Context, Handler, Message};
use serde_json::Value;

use crate::delivery::{CloseAll, ConnId, Deliver};
use crate::model::room_id::RoomId;

/// What a node's hub was given to send.
#[derive(Debug, Clone)]
pub(in crate::chat::server::heard) enum Told {
    Room(RoomId, Value),
    One(ConnId, Value),
}

/// A hub that notes what it should send.
pub(in crate::chat::server::heard) struct Hub(
    pub(in crate::chat::server::heard) Arc<Mutex<Vec<Told>>>,
);

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
pub(in crate::chat::server::heard) struct HasSent;

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
