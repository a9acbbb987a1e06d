//! What a person puts into a message, checked and rendered: on a worker thread, and not on ChatServer's only
//! one.

use crate::error::Error;
use crate::model::file::Attachment;
use crate::protocol::request::SentFile;
use crate::text::body::RenderedBody;
use crate::text::content::Format;
use crate::text::file_name;

/// How much one message may hold.
#[derive(Debug, Clone, Copy)]
pub(super) struct Content {
    /// The longest message, in characters.
    pub(super) message_chars: usize,
    /// The most files of a message.
    pub(super) files_per_message: usize,
}

impl Content {
    /// The body of a message that is nothing but words.
    pub(super) fn body(self, content: &str, format: Format) -> Result<Box<RenderedBody>, Error> {
        RenderedBody::accept(content, format, self.message_chars).map(Box::new)
    }

    /// The body of a message that may have files, and then no words.
    pub(super) fn words(self, content: &str) -> Result<Box<RenderedBody>, Error> {
        match self.body(content, Format::Markdown) {
            Err(Error::Empty) => Ok(Box::new(RenderedBody::new(String::new(), Format::Markdown))),
            other => other,
        }
    }

    /// The files that a new message is to have, what is said of them cleaned.
    pub(super) fn attachments(self, files: Vec<SentFile>) -> Result<Vec<Attachment>, Error> {
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
