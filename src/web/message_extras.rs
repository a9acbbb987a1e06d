//! What the page shows around a message's body: the quote above it, files and reactions below
//! it, and the sign that it is pinned. `static/js/timeline/message-extras.js` writes the same.

use serde::Serialize;

use crate::model::file::{File, FileKind};
use crate::model::message::{Message, Quote};
use crate::model::message_id::MessageId;
use crate::model::person::PersonRef;
use crate::model::person_id::PersonId;
use crate::model::reaction::Reaction;
use crate::text::catalog::Lang;
use crate::web::message_files::MessageFiles;

/// Quote, reactions, files and pin of one message, in the reader's language.
#[derive(Debug, Default)]
pub(super) struct MessageExtras<'a> {
    pub quote: Option<QuoteView<'a>>,
    pub chips: Vec<Chip<'a>>,
    pub pinned: bool,
    pub files: MessageFiles<'a>,
}

#[derive(Debug)]
pub(super) struct QuoteView<'a> {
    pub id: MessageId,
    pub name: &'a str,
    pub text: &'a str,
    pub gone: bool,
}

#[derive(Debug)]
pub(super) struct Chip<'a> {
    pub emoji: &'a str,
    pub count: i64,
    pub who: String,
    pub label: String,
    pub mine: bool,
}

/// What the page's scripts need of it and the row's HTML does not have.
#[derive(Debug, Serialize)]
pub(super) struct Known<'a> {
    id: MessageId,
    #[serde(skip_serializing_if = "Option::is_none")]
    reply: Option<&'a Quote>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    reactions: &'a [Reaction],
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pinned: bool,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    files: &'a [File],
}

impl<'a> Known<'a> {
    /// `None` when there is nothing around the message.
    pub fn of(message: &'a Message) -> Option<Self> {
        let known = Self {
            id: message.id,
            reply: message.reply.as_deref(),
            reactions: &message.reactions,
            pinned: message.pinned,
            files: &message.files,
        };
        let any = known.pinned
            || known.reply.is_some()
            || !known.reactions.is_empty()
            || !known.files.is_empty();
        any.then_some(known)
    }
}

impl<'a> MessageExtras<'a> {
    /// The extras of `message`, as person `me` sees it.
    pub fn to(message: &'a Message, me: PersonId, lang: Lang) -> Self {
        Self {
            quote: message.reply.as_deref().map(|quote| QuoteView {
                id: quote.id,
                name: name(&quote.by, lang),
                text: words(quote, lang),
                gone: quote.gone,
            }),
            chips: message
                .reactions
                .iter()
                .map(|reaction| chip(reaction, me, lang))
                .collect(),
            pinned: message.pinned,
            files: MessageFiles::of(&message.files),
        }
    }
}

fn chip<'a>(reaction: &'a Reaction, me: PersonId, lang: Lang) -> Chip<'a> {
    let who = who(reaction, me, lang);
    let count = reaction.count.to_string();
    let values = [
        ("emoji", reaction.emoji.as_str()),
        ("count", count.as_str()),
        ("names", who.as_str()),
    ];
    Chip {
        emoji: &reaction.emoji,
        count: reaction.count,
        label: lang.with("page.reacted", &values),
        mine: reaction.who.iter().any(|by| by.id == me),
        who,
    }
}

/// Who reacted: the first people by name, the others as a number.
fn who(reaction: &Reaction, me: PersonId, lang: Lang) -> String {
    let named = reaction.who.iter().map(|by| {
        if by.id == me {
            lang.get("page.you")
        } else {
            name(by, lang)
        }
    });
    let names = named.collect::<Vec<_>>().join(lang.get("page.between"));
    let others = reaction.count - i64::try_from(reaction.who.len()).unwrap_or(0);
    if others < 1 {
        return names;
    }
    let forms = lang.get("page.and_others");
    let form = match forms.split_once('|') {
        Some((one, _)) if others == 1 => one,
        Some((_, many)) => many,
        None => forms,
    };
    form.replace("{n}", &others.to_string())
        .replace("{names}", &names)
}

/// What a quote shows of the message: its words, or what its first file is.
fn words(quote: &Quote, lang: Lang) -> &str {
    match quote.file {
        Some(kind) => lang.given_or(&quote.text, file_word(kind)),
        None => &quote.text,
    }
}

/// The key of what stands for the words of a message that has a file and none.
fn file_word(kind: FileKind) -> &'static str {
    match kind {
        FileKind::File => "page.kind_file",
        FileKind::Picture | FileKind::Poster => "page.kind_picture",
        FileKind::Animation => "page.kind_animation",
        FileKind::Video => "page.kind_video",
        FileKind::Audio => "page.kind_audio",
        FileKind::Voice => "page.kind_voice",
    }
}

/// A person's name; that of a deleted account is a placeholder.
fn name(by: &PersonRef, lang: Lang) -> &str {
    lang.given_or(&by.name, "page.nobody")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by(id: MessageId, name: &str) -> PersonRef {
        PersonRef {
            id: PersonId::User(id.0),
            name: name.to_owned(),
        }
    }

    #[test]
    fn a_few_are_named_and_the_others_are_a_number() {
        let mut reaction = Reaction {
            emoji: "🍵".to_owned(),
            count: 2,
            who: vec![by(MessageId(1), "Ada"), by(MessageId(2), "")],
            place: 1,
        };
        let said = |reaction: &Reaction, lang| who(reaction, PersonId::User(1), lang);
        assert_eq!(said(&reaction, Lang::En), "you, Deleted account");
        reaction.count = 3;
        assert_eq!(
            said(&reaction, Lang::En),
            "you, Deleted account and 1 other"
        );
        reaction.count = 12;
        assert_eq!(
            said(&reaction, Lang::En),
            "you, Deleted account and 10 others"
        );
        assert_eq!(said(&reaction, Lang::Zh), "你、已注销和另外 10 人");
        assert!(chip(&reaction, PersonId::User(2), Lang::En).mine);
        assert!(!chip(&reaction, PersonId::User(3), Lang::En).mine);
    }
}
