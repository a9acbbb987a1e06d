//! ChatServer's own thread: a busy room starves no worker, and no worker starves the room.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{self, Poll};
use std::time::{Duration, Instant};

use actix::dev::ContextFut;
use actix::dev::channel::channel;
use actix::{Addr, Arbiter, AsyncContext, Context};

use super::server::{ChatServer, Settings};
use crate::chat::handle::ChatHandle;
use crate::chat::room_history::RoomHistory;
use crate::chat::shedding::Shedding;
use crate::model::room_registry::RoomRegistry;
use crate::store::Store;
use crate::vital;

/// The thread; it ends with [`ChatThread::stop`].
#[derive(Debug)]
pub struct ChatThread(Arbiter);

impl ChatThread {
    /// Starts ChatServer with the rooms as the store has them.
    #[must_use]
    pub fn start(
        settings: Settings,
        shedding: Shedding,
        store: Store,
        registry: RoomRegistry,
        lobby: RoomHistory,
    ) -> (Self, ChatHandle) {
        let thread = Arbiter::new();
        thread.spawn_fn(|| {
            // For whoever looks at the threads of the process; a system without it has none to look at.
            let _unnamed = std::fs::write("/proc/thread-self/comm", "chat-server");
        });
        // It sets the capacity of its mailbox itself when it starts.
        let (chat, mailbox) = channel(1);
        thread.spawn_fn(move || {
            vital::thread();
            let watches = settings.clustered;
            let server = ChatServer::new(settings, shedding, store, registry, lobby);
            actix::spawn(Running {
                running: Context::with_receiver(mailbox).into_future(server),
                watches,
                last: Instant::now(),
            });
        });
        (Self(thread), ChatHandle::new(Addr::new(chat)))
    }

    /// Ends the thread once it has done what it is at.
    pub fn stop(&self) {
        self.0.stop();
    }
}

/// A process in which ChatServer has done nothing for so long stood still: it does something every half second.
const STOOD_STILL: Duration = Duration::from_secs(3);

/// ChatServer as it runs, which sweeps first when the process stood still.
struct Running {
    running: ContextFut<ChatServer, Context<ChatServer>>,
    /// Whether there may be other nodes, which change things meanwhile.
    watches: bool,
    /// When it last did something.
    last: Instant,
}

impl Future for Running {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<()> {
        let now = Instant::now();
        let last = std::mem::replace(&mut self.last, now);
        if self.watches && now.duration_since(last) > STOOD_STILL {
            self.running.ctx().wait(ChatServer::sweep_first());
        }
        pin!(&mut self.running).poll(cx)
    }
}
