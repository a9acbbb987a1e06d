//! What a person puts into a message, checked and rendered: on a worker thread, and not on ChatServer's only
//! one.

use crate::chat::requests::{MessageAction, MessageChange, NewMessage};
use crate::error::Error;
use crate::model::file::Attachment;
use crate::protocol::request::{Action, Change, Send, SentFile};
use crate::text::body::RenderedBody;
use crate::text::content::Format;
use crate::text::file_name;

/// How much one message may hold.
#[derive(Debug, Clone, Copy)]
pub struct Content {
    /// The longest message, in characters.
    pub message_chars: usize,
    /// The most files of a message.
    pub files_per_message: usize,
}

impl Content {
    /// What a feed client sends, as a message.
    #[must_use]
    pub fn message(self, send: Send) -> NewMessage {
        NewMessage {
            nonce: Some(send.nonce),
            room: send.room,
            body: match send.files.is_empty() {
                true => self.body(&send.content, Format::Markdown),
                false => self.words(&send.content),
            },
            reply: send.reply,
            files: self.attachments(send.files),
            claim: None,
        }
    }

    /// What a feed client wants to become of a message.
    #[must_use]
    pub fn change(self, change: Change) -> MessageChange {
        MessageChange {
            nonce: Some(change.nonce),
            room: change.room,
            id: change.id,
            action: match change.action {
                Action::Edit { content } => MessageAction::Edit(self.words(&content)),
                Action::Recall => MessageAction::Recall,
                Action::React { emoji, on } => MessageAction::React { emoji, on },
                Action::Pin { on } => MessageAction::Pin { on },
                Action::Unfile { file } => MessageAction::TakeFile(file),
            },
        }
    }

    /// The body of a message that is nothing but words.
    pub(super) fn body(self, content: &str, format: Format) -> Result<Box<RenderedBody>, Error> {
        RenderedBody::accept(content, format, self.message_chars).map(Box::new)
    }

    /// The body of a message that may have files, and then no words.
    fn words(self, content: &str) -> Result<Box<RenderedBody>, Error> {
        match self.body(content, Format::Markdown) {
            Err(Error::Empty) => Ok(Box::new(RenderedBody::new(String::new(), Format::Markdown))),
            other => other,
        }
    }

    /// The files that a new message is to have, what is said of them cleaned.
    fn attachments(self, files: Vec<SentFile>) -> Result<Vec<Attachment>, Error> {
        let limit = self.files_per_message;
        if files.len() > limit {
            return Err(Error::TooManyFiles { limit });
        }
        let files = files.into_iter().map(|file| Attachment {
            id: file.id,
            alt: file_name::description(&file.alt),
            spoiler: file.spoiler,
        });
        Ok(files.collect())
    }
}
