//! The one way out of ChatServer: every frame for clients leaves through here, to the hubs.
//!
//! Bounded by the hubs' mailboxes. A hub whose mailbox is full is marked as overrun: it cuts its
//! connections, which come back and resume.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use actix::Recipient;
use actix::prelude::SendError;
use bytes::Bytes;

use crate::chat::requests::HubLink;
use crate::delivery::{AfterSend, CloseAll, ConnId, Deliver, RoomBroadcast, Unicast};
use crate::telemetry;

/// The hubs of all worker threads, by number.
#[derive(Debug, Default)]
pub struct Fanout(HashMap<u16, Link>);

#[derive(Debug)]
struct Link {
    deliver: Recipient<Deliver>,
    close_all: Recipient<CloseAll>,
    overrun: Arc<AtomicBool>,
}

impl Fanout {
    /// Adds a worker thread's hub.
    pub fn add(&mut self, hub: HubLink) {
        let HubLink {
            number,
            deliver,
            close_all,
            overrun,
        } = hub;
        let link = Link {
            deliver,
            close_all,
            overrun,
        };
        self.0.insert(number, link);
    }

    /// Sends broadcasts to rooms, then unicasts to single connections, through every hub that has
    /// something to do with them.
    pub fn send(&self, broadcasts: &[RoomBroadcast], unicasts: Vec<Unicast>) {
        let mut by_hub: HashMap<u16, Vec<Unicast>> = HashMap::new();
        for unicast in unicasts {
            by_hub.entry(unicast.to.hub()).or_default().push(unicast);
        }
        for (number, link) in &self.0 {
            let unicasts = by_hub.remove(number).unwrap_or_default();
            if !broadcasts.is_empty() || !unicasts.is_empty() {
                let broadcasts = broadcasts.to_vec();
                link.deliver(Deliver {
                    broadcasts,
                    unicasts,
                });
            }
        }
    }

    /// Sends frames to one connection.
    pub fn unicast(&self, to: ConnId, frames: Bytes, after: AfterSend) {
        if let Some(link) = self.0.get(&to.hub()) {
            let unicasts = vec![Unicast { to, frames, after }];
            link.deliver(Deliver {
                unicasts,
                ..Deliver::default()
            });
        }
    }

    /// Sends every hub the command to close all of its connections: the server shuts down.
    pub fn close_all(&self, all: CloseAll) {
        for link in self.0.values() {
            link.close_all.do_send(all);
        }
    }
}

impl Link {
    fn deliver(&self, deliver: Deliver) {
        if let Err(SendError::Full(_)) = self.deliver.try_send(deliver) {
            telemetry::hub_overrun();
            self.overrun.store(true, Ordering::Release);
        }
    }
}
