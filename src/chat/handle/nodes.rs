//! What ChatServer hears of other nodes, and the way to them.

use uuid::Uuid;

use super::ChatHandle;
use crate::chat::mailbox;
use crate::chat::swept::Sweeps;
use crate::chat::word::{Teller, Word};
use crate::error::Error;
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
    /// taken is found in the store when something newer of its room is heard. Returns once it is applied: until then more of
    /// it can gather.
    ///
    /// # Errors
    /// [`Error::Busy`], when nobody applies it any more.
    pub async fn hear_live(&self, committed: Vec<CommittedEvents>) -> Result<(), Error> {
        self.ask(mailbox::Heard(committed)).await
    }

    /// Asks everybody who is at this node to come back, to another one.
    pub fn send_away(&self) {
        self.notify(mailbox::SendAway);
    }

    /// Whom other nodes are told through who is here from now on.
    pub fn tell_through(&self, teller: Teller) {
        self.notify(mailbox::TellThrough(teller));
    }

    /// What other nodes say, each under its boot. Returns once it is taken in: until then more of it can gather.
    ///
    /// # Errors
    /// [`Error::Busy`], when nobody takes it in any more.
    pub async fn hear_words(&self, words: Vec<(Uuid, Word)>) -> Result<(), Error> {
        self.ask(mailbox::Words(words)).await
    }
}
