//! What happens in rooms, as programs ask that have no connection.

use tokio::sync::oneshot;

use super::ChatHandle;
use crate::chat::mailbox;
use crate::chat::requests::{HeardRoom, Wake};
use crate::error::Error;
use crate::model::principal::Principal;

impl ChatHandle {
    /// The rooms that a program hears, and its wish to be told once that something has happened in one of them: nothing
    /// that happens after this answer is missed. `by` is what its calls are known by; the one before is told that it
    /// has been taken over.
    ///
    /// # Errors
    /// [`Error::Busy`], where too many wait, too.
    pub async fn wait_for_events(
        &self,
        by: String,
        principal: Principal,
        wake: oneshot::Sender<Wake>,
    ) -> Result<Vec<HeardRoom>, Error> {
        let ask = mailbox::WaitForEvents {
            by,
            principal,
            wake,
        };
        self.ask(ask).await?
    }
}
