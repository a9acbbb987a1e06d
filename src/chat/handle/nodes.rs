//! What ChatServer hears of other nodes, and the way to them.

use uuid::Uuid;

use super::ChatHandle;
use crate::chat::mailbox::{self, Then};
use crate::chat::swept::Sweeps;
use crate::chat::word::{Teller, Word};
use crate::model::command::CommittedEvents;

/// Other nodes.
impl ChatHandle {
    /// Something lies among what [sweeps](Sweeps) have found.
    pub fn have_swept(&self) {
        self.notify(mailbox::HaveSwept);
    }

    /// Where that lies.
    pub fn sweep_through(&self, sweeps: Sweeps) {
        self.notify(mailbox::SweepThrough(sweeps));
    }

    /// What another node of this server has committed, as it tells it, in whatever order, doubled or with holes. What is not
    /// taken is found in the store when something newer of its room is heard. `then` is called once it is applied, and
    /// dropped when nobody applies it any more.
    pub fn hear_live(&self, committed: Vec<CommittedEvents>, then: impl FnOnce() + Send + 'static) {
        let then = Then::new(then);
        self.notify(mailbox::Heard { committed, then });
    }

    /// Asks everybody who is at this node to come back, to another one.
    pub fn send_away(&self) {
        self.notify(mailbox::SendAway);
    }

    /// Whom other nodes are told through who is here from now on.
    pub fn tell_through(&self, teller: Teller) {
        self.notify(mailbox::TellThrough(teller));
    }

    /// What other nodes say, each under its boot. `then` is called once it is taken in, and dropped when nobody takes it in
    /// any more.
    pub fn hear_words(&self, words: Vec<(Uuid, Word)>, then: impl FnOnce() + Send + 'static) {
        let then = Then::new(then);
        self.notify(mailbox::Words { words, then });
    }
}
