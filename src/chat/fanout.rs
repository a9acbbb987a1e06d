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

    /// Sends news to rooms, then frames to single connections, through every hub that has
    /// something to do with them.
    pub fn send(&self, news: &[RoomBroadcast], tells: Vec<Unicast>) {
        let mut by_hub: HashMap<u16, Vec<Unicast>> = HashMap::new();
        for tell in tells {
            by_hub.entry(tell.to.hub()).or_default().push(tell);
        }
        for (number, link) in &self.0 {
            let tells = by_hub.remove(number).unwrap_or_default();
            if !news.is_empty() || !tells.is_empty() {
                let news = news.to_vec();
                link.deliver(Deliver { news, tells });
            }
        }
    }

    /// Sends frames to one connection.
    pub fn tell(&self, to: ConnId, frames: Bytes, then: AfterSend) {
        if let Some(link) = self.0.get(&to.hub()) {
            let tells = vec![Unicast { to, frames, then }];
            link.deliver(Deliver {
                tells,
                ..Deliver::default()
            });
        }
    }

    /// Tells everybody that the house closes.
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
