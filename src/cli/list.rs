//! Lists for the operator: one line each, columns separated by tabs, for people and `cut`.

use jiff::Timestamp;

use super::{open, print};
use crate::config::Config;
use crate::store::accounts::{bots, hooks};
use crate::store::db::Db;
use crate::store::queries::lists;

/// `teahouse user list`
pub(super) fn users(config: &Config) -> anyhow::Result<()> {
    let mut storage = open(config)?;
    let mut text = "id\trole\tmade\tseen\tname\n".to_owned();
    for user in lists::accounts(&mut *storage.db)? {
        text += &format!(
            "u{}\t{}\t{}\t{}\t{}\n",
            user.id,
            user.role.as_str(),
            day(Some(user.made)),
            day(user.seen),
            user.name,
        );
    }
    print(&text)
}

/// `teahouse bot list`
pub(super) fn bots(config: &Config) -> anyhow::Result<()> {
    let mut storage = open(config)?;
    let mut text = "id\tkeys\thooks\tmade\tby\tname\n".to_owned();
    for bot in bots::list(&mut *storage.db)? {
        let by = bot.made_by.map_or("-".to_owned(), |by| format!("u{by}"));
        text += &format!(
            "u{}\t{}\t{}\t{}\t{by}\t{}\n",
            bot.id,
            bot.tokens,
            bot.hooks,
            day(Some(bot.made)),
            bot.name,
        );
    }
    print(&text)
}

/// `teahouse hook list`
pub(super) fn hooks(db: &mut dyn Db) -> anyhow::Result<()> {
    let mut text = "id\troom\tbot\tmade\tused\tby\tsigned\tname\n".to_owned();
    for (hook, bot) in hooks::list(db, None)? {
        text += &format!(
            "{}\t{}\t{bot}\t{}\t{}\t{}\t{}\t{}\n",
            hook.id,
            hook.room,
            day(Some(hook.made)),
            day(hook.used),
            hook.made_by,
            if hook.signed { "signed" } else { "-" },
            hook.name,
        );
    }
    print(&text)
}

/// `teahouse room list`
pub(super) fn rooms(config: &Config) -> anyhow::Result<()> {
    let mut storage = open(config)?;
    let mut text = "id\tkind\tpeople\tmessages\tlast\tname\n".to_owned();
    for room in lists::rooms(&mut *storage.db, None)? {
        let archived = if room.archived { ", archived" } else { "" };
        text += &format!(
            "{}\t{}{archived}\t{}\t{}\t{}\t{}\n",
            room.id,
            room.kind.as_str(),
            room.people,
            room.messages,
            day(room.last),
            room.name,
        );
    }
    print(&text)
}

/// The day (UTC) of a time in ms since 1970, `-` where there is none.
fn day(at: Option<i64>) -> String {
    let at = at.and_then(|at| Timestamp::from_millisecond(at).ok());
    at.map_or("-".to_owned(), |at| at.strftime("%F").to_string())
}
