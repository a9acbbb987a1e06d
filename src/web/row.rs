//! One message as the page's template draws it, in the reader's language. `static/js/timeline/message-row.js` does the
//! same for those that come later.

use std::borrow::Cow;
use std::sync::Arc;

use crate::model::message::Message;
use crate::model::message_id::MessageId;
use crate::model::person_id::PersonId;
use crate::model::principal::Principal;
use crate::model::seq::Seq;
use crate::text::catalog::Lang;
use crate::text::clock;
use crate::web::message_extras::MessageExtras;

/// Messages of one author within this time, in ms, are grouped under one avatar.
const GROUP_MS: i64 = 5 * 60 * 1_000;

/// A row; the default is the empty one that scripts fill.
#[derive(Debug, Default)]
pub(super) struct Row<'a> {
    pub id: MessageId,
    pub seq: Seq,
    pub rev: Seq,
    pub by: PersonId,
    /// The author's name.
    pub name: &'a str,
    /// Whether the author's account was deleted.
    pub nobody: bool,
    pub avatar: Cow<'a, str>,
    /// Where the author is, or that they are a bot.
    pub place: &'a str,
    pub bot: bool,
    pub html: Cow<'a, str>,
    /// The Markdown source, where the HTML differs from it: for whoever edits or copies the message.
    pub source: Option<&'a str>,
    /// Whether it is the first of its group, with avatar and name.
    pub first: bool,
    pub mine: bool,
    /// Whether it mentions the reader.
    pub mentions_me: bool,
    pub recalled: bool,
    pub datetime: String,
    /// When the body was edited; empty when it never was.
    pub edited: String,
    pub extras: MessageExtras<'a>,
}

impl<'a> Row<'a> {
    fn of(m: &'a Message, follows: bool, me: &Principal, lang: Lang) -> Self {
        let mine = m.by.id == me.person.id || me.was == Some(m.by.id);
        let me = me.person.id;
        Self {
            id: m.id,
            seq: m.seq,
            rev: m.rev,
            by: m.by.id,
            name: m.by.name_in(lang),
            nobody: m.by.name.is_empty(),
            avatar: m.by.own_avatar(),
            place: match m.by.bot {
                true => lang.get("page.bot"),
                false => lang.place(&m.by.place),
            },
            bot: m.by.bot,
            html: m.body.page_html(),
            source: m.body.rendered().map(|_| m.body.source()),
            first: !follows,
            mine,
            mentions_me: !mine && m.mentions.is_for(me),
            recalled: m.recalled,
            datetime: clock::rfc3339(m.at),
            edited: m.edited.map(clock::rfc3339).unwrap_or_default(),
            extras: MessageExtras::to(m, me, lang),
        }
    }
}

/// Rows of consecutive messages, as `me` sees them.
pub(super) fn rows<'a>(messages: &'a [Arc<Message>], me: &Principal, lang: Lang) -> Vec<Row<'a>> {
    let mut previous: Option<&Message> = None;
    messages
        .iter()
        .map(|m| {
            let follows = previous.is_some_and(|before| {
                before.by.id == m.by.id && !before.recalled && m.at - before.at < GROUP_MS
            });
            previous = Some(m);
            Row::of(m, follows, me, lang)
        })
        .collect()
}
