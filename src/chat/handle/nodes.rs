//! What ChatServer hears of other nodes, and the way to them.

use uuid::Uuid;

use super::ChatHandle;
use crate::chat::mailbox;
use crate::chat::presence::Neighbour;
use crate::chat::word::{Teller, Word};
use crate::error::Error;
use crate::model::command::CommittedEvents;
use crate::store::notices::Notice;

/// Other nodes.
impl ChatHandle {
    /// What other nodes of this server have committed, in whatever order, doubled or with holes. What is not taken
    /// is found in the store when something newer of its room is heard.
    ///
    /// # Errors
    /// [`Error::Busy`].
    pub fn hear(&self, committed: Vec<CommittedEvents>) -> Result<(), Error> {
        self.offer(mailbox::Heard(committed))
    }

    /// The same of a node that tells it as it happens. Returns once it is applied: until then more of it can gather.
    ///
    /// # Errors
    /// [`Error::Busy`], when nobody applies it any more.
    pub async fn hear_live(&self, committed: Vec<CommittedEvents>) -> Result<(), Error> {
        self.ask(mailbox::Heard(committed)).await
    }

    /// What another node of this server, or the command line, has changed beside the events of rooms. All rooms are to be
    /// [heard](Self::hear) of again where there is an error.
    ///
    /// # Errors
    /// [`Error::Busy`].
    pub fn learn(&self, notice: Notice) -> Result<(), Error> {
        match notice {
            Notice::SessionEnded { sid } => self.end_session(sid),
            Notice::PersonDeleted { id, sids } => self.disconnect_person(id, sids),
            Notice::Profile { id, name, avatar } => self.set_profile(id, name, avatar),
            Notice::LobbyRole { person, role } => {
                self.notify(mailbox::InheritLobbyRole { person, role });
            }
            Notice::RoomDeleted(deleted) => self.notify(mailbox::RoomsDeleted(vec![deleted])),
            Notice::Expired { since, rooms } => self.notify(mailbox::HaveExpired { since, rooms }),
            // What rooms are called now only the database knows.
            Notice::Epochs => return Err(Error::Busy),
        }
        Ok(())
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

    /// The other nodes that live, as the database says.
    ///
    /// # Errors
    /// [`Error::Busy`].
    pub fn know_nodes(&self, living: Vec<Neighbour>) -> Result<(), Error> {
        self.offer(mailbox::KnowNodes(living))
    }
}
