//! ChatServer's own thread: a busy room starves no worker, and no worker starves the room.

use actix::{Actor, Arbiter};

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
        let chat = ChatServer::start_in_arbiter(&thread.handle(), move |_| {
            vital::thread();
            ChatServer::new(settings, shedding, store, registry, lobby)
        });
        (Self(thread), ChatHandle::new(chat))
    }

    /// Ends the thread once it has done what it is at.
    pub fn stop(&self) {
        self.0.stop();
    }
}
