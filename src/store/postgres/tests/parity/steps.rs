//! What people do, before it is known what there is.

use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::model::membership::RoomRole;
use crate::model::room::{RoomKind, RoomPatch};

/// The last one is a visitor; the first runs the server.
pub(super) const PEOPLE: [&str; 5] = ["Ada", "Bob", "Cy", "Dee", "Ed"];

/// Words that are said.
pub(super) const WORDS: [&str; 4] = ["oolong", "sencha", "matcha", "leaf"];

/// Files of each account, which nobody has sent.
pub(super) const FILES: usize = 4;

/// What rooms are called.
const NAMES: [&str; 3] = ["Tea", "Coffee", "tea"];

/// What a step says of its nonce.
#[derive(Debug, Clone, Copy)]
pub(super) enum Nonce {
    None,
    New,
    /// One of a few of this person in this room: it may have been there before, with whatever command.
    OfFew(u8),
}

/// A command before it is known what there is.
#[derive(Debug, Clone)]
pub(super) struct Step {
    pub(super) who: usize,
    pub(super) nonce: Nonce,
    pub(super) deed: Deed,
}

#[derive(Debug, Clone)]
pub(super) enum Deed {
    Say(Index, Words, Option<Index>, Option<usize>),
    Edit(Whose, Index, Words),
    Recall(Whose, Index, bool),
    React(Whose, Index, &'static str, bool),
    Pin(Whose, Index, bool),
    TakeFile(Whose, Index, usize),
    Create(RoomKind, &'static str, usize),
    Update(Index, RoomPatch),
    Delete(Index),
    Join(Index, bool),
    Admit(Index),
    Leave(Index),
    DeleteAccount(Index),
    SetRole(Index, usize, Option<RoomRole>),
}

/// Whether somebody changes their own message.
type Whose = bool;

/// Words, and whom they mention: somebody, or everybody.
pub(super) type Words = (&'static str, Option<usize>);

pub(super) fn steps() -> impl Strategy<Value = Step> {
    let nonce = prop_oneof![
        1 => Just(Nonce::None),
        5 => Just(Nonce::New),
        2 => (0..3_u8).prop_map(Nonce::OfFew),
    ];
    // The first of them is often whoever may.
    let who = prop_oneof![1 => Just(0), 1 => 0..PEOPLE.len()];
    (who, nonce, deeds()).prop_map(|(who, nonce, deed)| Step { who, nonce, deed })
}

fn deeds() -> impl Strategy<Value = Deed> {
    let one = any::<Index>;
    let words = || (select(&WORDS[..]), proptest::option::of(0..=PEOPLE.len()));
    let whose = || proptest::bool::weighted(0.7);
    let emoji = select(&["🍵", "❤️"][..]);
    let kinds = select(&[RoomKind::Public, RoomKind::Private, RoomKind::Direct][..]);
    let mut roles = vec![None];
    roles.extend(RoomRole::ALL.map(Some));
    let say = (
        one(),
        words(),
        proptest::option::weighted(0.2, one()),
        proptest::option::weighted(0.2, 0..FILES),
    );
    prop_oneof![
        24 => say.prop_map(|(room, words, quote, file)| Deed::Say(room, words, quote, file)),
        4 => (whose(), one(), words()).prop_map(|(whose, which, words)| Deed::Edit(whose, which, words)),
        2 => (whose(), one(), any::<bool>()).prop_map(|(whose, which, late)| Deed::Recall(whose, which, late)),
        4 => (whose(), one(), emoji, any::<bool>()).prop_map(|(whose, which, emoji, on)| Deed::React(whose, which, emoji, on)),
        2 => (whose(), one(), any::<bool>()).prop_map(|(whose, which, on)| Deed::Pin(whose, which, on)),
        2 => (whose(), one(), 0..FILES).prop_map(|(whose, which, file)| Deed::TakeFile(whose, which, file)),
        3 => (kinds, select(&NAMES[..]), 0..PEOPLE.len()).prop_map(|(kind, name, other)| Deed::Create(kind, name, other)),
        2 => (one(), patches()).prop_map(|(room, patch)| Deed::Update(room, patch)),
        1 => one().prop_map(Deed::Delete),
        3 => (one(), proptest::bool::weighted(0.2)).prop_map(|(room, invited)| Deed::Join(room, invited)),
        2 => one().prop_map(Deed::Admit),
        2 => one().prop_map(Deed::Leave),
        1 => one().prop_map(Deed::DeleteAccount),
        4 => (one(), 0..PEOPLE.len(), select(roles)).prop_map(|(room, whom, to)| Deed::SetRole(room, whom, to)),
    ]
}

fn patches() -> impl Strategy<Value = RoomPatch> {
    let bit = || proptest::option::weighted(0.2, proptest::bool::weighted(0.4));
    let name = proptest::option::weighted(0.3, select(&NAMES[..]));
    let slow = proptest::option::of(select(&[0, 5][..]));
    (name, bit(), bit(), bit(), bit(), slow).prop_map(
        |(name, read_only, mute_all, archived, open_to_site, slow)| RoomPatch {
            name: name.map(str::to_owned),
            read_only,
            mute_all,
            archived,
            open_to_site,
            slow,
            ..RoomPatch::default()
        },
    )
}
