//! What an event makes of a message: of the one that it is about, and of those that answer that one.
//! `static/js/state/message-reducer.js` does the same in the page.

use crate::model::event::{Event, EventContent};
use crate::model::file::File;
use crate::model::mention::Mentions;
use crate::model::message::Message;
use crate::text::body::{MessageBody, SNIPPET};

impl Message {
    /// The message after `event`, which is about it. One that was read from the store later than the event was
    /// written has it already.
    #[must_use]
    pub fn after(&self, event: &Event) -> Self {
        let mut next = self.clone();
        if event.seq <= self.rev {
            return next;
        }
        next.rev = event.seq;
        match &event.change {
            EventContent::Edited {
                at, body, mentions, ..
            } => {
                next.edited = Some(*at);
                next.body = body.clone();
                next.mentions = mentions.clone();
            }
            EventContent::Recalled { .. } => {
                next.recalled = true;
                next.body = MessageBody::default();
                next.mentions = Mentions::default();
                next.reply = None;
                next.files.clear();
                next.reactions.clear();
                next.pinned = false;
            }
            EventContent::Reacted { reaction, .. } => reaction.settle(&mut next.reactions),
            EventContent::Pinned { on, .. } => next.pinned = *on,
            EventContent::FileTaken { file, .. } => {
                for one in next.files.iter_mut().filter(|one| one.id == *file) {
                    *one = File::gone(one.id, one.kind);
                }
            }
            EventContent::Message(_)
            | EventContent::Settings { .. }
            | EventContent::Membership { .. } => {}
        }
        next
    }

    /// The message after `event`, which is about the one that it answers; `None` when it shows
    /// the same.
    #[must_use]
    pub fn quoting(&self, event: &Event) -> Option<Self> {
        let quoted = self.reply.as_ref()?;
        // What is gone stays so, also where an older event comes after it was read.
        if event.change.message() != Some(quoted.id) || quoted.gone {
            return None;
        }
        let mut quote = quoted.clone();
        match &event.change {
            EventContent::Edited { body, .. } => quote.text = body.line(SNIPPET),
            EventContent::Recalled { .. } => quote.withdraw(),
            EventContent::FileTaken { first, .. } => quote.file = *first,
            _ => return None,
        }
        Some(Self {
            reply: Some(quote),
            ..self.clone()
        })
    }
}
