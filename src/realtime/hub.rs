//! The fan-out of one worker thread.
//!
//! ChatServer sends each hub broadcasts, encoded once for all, and unicasts; the hub writes them to the sockets
//! of its thread's [`Subscriptions`], a step at a time. Bounded by [`MAILBOX`]: a hub that falls behind so far that
//! its mailbox is full cuts its connections, whose clients come back and resume.

use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use actix::fut::{ActorFutureExt, wrap_future};
use actix::{Actor, AsyncContext, Context, Handler};

use crate::delivery::{CloseAll, Deliver, Dialect};
use crate::protocol::close::Close;
use crate::protocol::{feed, frame};
use crate::realtime::delivery_queue::DeliveryQueue;
use crate::realtime::subscriptions::Subscriptions;
use crate::{telemetry, vital};

/// Connections that are written to before the thread's other tasks have a turn: some 3 ms. With fewer, messages
/// wait while many people join at once; with more, what others send waits to be read.
const STEP: usize = 512;

/// Deliveries that may wait for a hub whose thread is busy: the first frames for every connection that
/// the largest server admits at once.
pub const MAILBOX: usize = 32_768;

/// The actor that owns a thread's fan-out.
#[derive(Debug)]
pub struct Hub {
    subscriptions: Rc<Subscriptions>,
    deliveries: DeliveryQueue,
    overrun: Arc<AtomicBool>,
}

impl Hub {
    /// The hub of `subscriptions`. Whoever finds its mailbox full sets `overrun`.
    #[must_use]
    pub fn new(subscriptions: Rc<Subscriptions>, overrun: Arc<AtomicBool>) -> Self {
        Self {
            deliveries: DeliveryQueue::new(Rc::clone(&subscriptions)),
            subscriptions,
            overrun,
        }
    }

    /// Takes a step, and another one when the thread's other tasks have had their turn.
    fn proceed(&mut self, ctx: &mut Context<Self>) {
        let _vital = vital::scope();
        if self.deliveries.step(STEP) {
            let others = wrap_future(tokio::task::yield_now());
            ctx.spawn(others.map(|(), hub: &mut Self, ctx| hub.proceed(ctx)));
        }
    }
}

impl Actor for Hub {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(MAILBOX);
    }
}

impl Handler<Deliver> for Hub {
    type Result = ();

    fn handle(&mut self, deliver: Deliver, ctx: &mut Self::Context) {
        let _vital = vital::scope();
        if self.overrun.swap(false, Ordering::AcqRel) {
            self.deliveries.clear();
            self.subscriptions.cut_all();
        } else if self.deliveries.put(deliver) {
            // Runs once the mailbox is empty, so that all that is in it leaves together.
            let rest = wrap_future(std::future::ready(()));
            ctx.spawn(rest.map(|(), hub: &mut Self, ctx| hub.proceed(ctx)));
        }
    }
}

impl Handler<CloseAll> for Hub {
    type Result = ();

    fn handle(&mut self, all: CloseAll, _ctx: &mut Self::Context) {
        let _vital = vital::scope();
        while self.deliveries.step(STEP) {}
        let close = frame::close(Close::Restart);
        self.subscriptions.each(|subscription, writer| {
            if subscription == Dialect::Feed {
                let wait = all.after_ms + rand::random_range(0..=all.spread_ms);
                let seconds = std::time::Duration::from_millis(wait).as_secs_f64();
                writer.send(&feed::bye(Close::Restart.reason(), Some(seconds)));
            }
            telemetry::closed(Close::Restart.reason());
            writer.close(&close);
        });
    }
}
