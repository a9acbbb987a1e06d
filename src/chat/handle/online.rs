//! Who is online, as pages and the API ask.

use super::ChatHandle;
use crate::chat::mailbox;
use crate::chat::requests::{Online, PersonPresence};
use crate::error::Error;
use crate::model::person::Person;
use crate::model::person_id::PersonId;
use crate::model::principal::Principal;
use crate::model::room_id::RoomId;
use crate::protocol::view::{Presence, PresenceStatus};

impl ChatHandle {
    /// Whether these people are online, in their order.
    ///
    /// # Errors
    /// [`Error::Busy`].
    pub async fn presence(&self, people: Vec<PersonId>) -> Result<Vec<PresenceStatus>, Error> {
        self.ask(mailbox::GetPresence(people)).await
    }

    /// Where a person is online.
    ///
    /// # Errors
    /// [`Error::Busy`].
    pub async fn person_presence(&self, person: PersonId) -> Result<PersonPresence, Error> {
        self.ask(mailbox::GetPersonPresence(person)).await
    }

    /// Who is online: their number, and of those who come after `after` by their ids the first `limit`.
    ///
    /// # Errors
    /// [`Error::Busy`].
    pub async fn online(&self, after: PersonId, limit: usize) -> Result<Online, Error> {
        self.ask(mailbox::GetOnline { after, limit }).await
    }

    /// Who is in a room, `limit` people at most.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Busy`].
    pub async fn room_presence(
        &self,
        room: RoomId,
        principal: Principal,
        limit: usize,
    ) -> Result<Presence, Error> {
        let wanted = mailbox::GetRoomPresence {
            room,
            principal,
            limit,
        };
        self.ask(wanted).await?
    }

    /// The person of this id, if they are online.
    ///
    /// # Errors
    /// [`Error::Busy`].
    pub async fn find_person(&self, id: PersonId) -> Result<Option<Person>, Error> {
        self.ask(mailbox::FindPerson(id)).await
    }
}
