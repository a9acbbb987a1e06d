//! The page: drawn by the server as the room is at one moment, then kept alive by its scripts,
//! which resume from that moment.

use std::collections::BTreeMap;

use askama::Template;
use serde::Serialize;

use super::house_invitations::may_invite;
use super::invitations::Invited;
use super::rooms::may_make;
use super::row::{Row, rows};
use super::{assets, emoji};
use crate::auth::preferences::{Preferences, Theme};
use crate::chat::requests::RoomSnapshot;
use crate::config::Registration;
use crate::error::Error;
use crate::model::membership::Notify;
use crate::model::person::{PersonKind, ServerRole};
use crate::model::principal::Principal;
use crate::model::room::RoomKind;
use crate::protocol::feed::Limits;
use crate::protocol::view::{Presence, RoomView};
use crate::text::catalog::Lang;
use crate::text::clock;
use crate::web::message_extras::Known;
use crate::web::state::AppState;

/// What a link invites to, or why it does not.
pub(super) type Invitation = Option<Result<Invited, Error>>;

/// The room page's template; see `templates/room.html`.
#[derive(Template)]
#[template(path = "room.html")]
struct RoomPage<'a> {
    t: Lang,
    lang: &'static str,
    theme: &'static str,
    asset: String,
    me: MeView<'a>,
    room: &'a RoomView,
    rooms: Vec<&'a RoomView>,
    /// Whether some of them stand above the others.
    favourites: bool,
    /// Whether there is a room to show.
    found: bool,
    /// Whether the address names a message.
    named: bool,
    /// Whether there is none because he is kept out of the lobby.
    barred: bool,
    presence: &'a Presence,
    /// Whether this person may register here and now.
    may_register: bool,
    /// Why not, or the house would have them.
    registration: Registration,
    messages: Vec<Row<'a>>,
    /// The row that scripts fill.
    blank: Row<'a>,
    more: bool,
    boot: String,
}

struct MeView<'a> {
    kind: &'static str,
    name: &'a str,
    avatar: &'a str,
    place: &'a str,
    /// What he is in the house, in words.
    called: &'a str,
    /// Whether the house is his to look after.
    runs_house: bool,
    may_write: bool,
}

/// What the page's scripts begin with.
#[derive(Serialize)]
struct Boot<'a> {
    me: &'a Principal,
    room: &'a RoomView,
    rooms: &'a [RoomView],
    /// Whether the room of this address is there for this person; if not, `room` is the lobby's door.
    found: bool,
    invitation: Option<&'a Invited>,
    limits: Limits,
    /// Who may make an account, what I may make and whom I may invite.
    doors: Doors,
    lang: Lang,
    theme: Theme,
    preferences: &'a Preferences,
    strings: BTreeMap<&'static str, &'static str>,
    /// Places in the page's language, where they are not called as the server has them.
    places: Option<&'static BTreeMap<String, String>>,
    /// The parts that come when they are wanted first, beside the page's others.
    later: Vec<String>,
    /// Where the emoji are.
    emoji: String,
    now: i64,
    /// Whether there are older messages than those of the page, and newer ones.
    more: bool,
    newer: bool,
    /// What hangs on those messages that have something.
    attached: Vec<Known<'a>>,
    presence: &'a Presence,
    /// Whether nobody without an account is let in, and this one has none.
    closed: bool,
}

/// Which doors are open to this person.
#[derive(Serialize)]
struct Doors {
    registration: Registration,
    /// Whether they may register here and now.
    register: bool,
    /// The name that a visitor has chosen, for the account that they make.
    name: Option<String>,
    /// Whether they may invite to the house.
    invites: bool,
    /// The kinds of rooms that they may make.
    rooms: Vec<&'static str>,
}

impl Doors {
    fn of(state: &AppState, view: &View) -> Self {
        let me = &view.me;
        let account = me.person.id.user().is_some();
        let registration = state.config.accounts.registration;
        let invited = matches!(view.invitation, Some(Ok(_)));
        let kinds = [RoomKind::Public, RoomKind::Private];
        Self {
            registration,
            register: !account
                && (registration == Registration::Open
                    || registration == Registration::Invited && invited),
            name: (!account && view.chosen).then(|| me.person.name.clone()),
            invites: account && may_invite(state, me.role),
            rooms: kinds
                .into_iter()
                .filter(|kind| account && may_make(state, me.role, *kind))
                .map(RoomKind::as_str)
                .collect(),
        }
    }
}

/// What somebody sees at an address at one moment.
pub(super) struct View {
    pub lang: Lang,
    pub theme: Theme,
    pub preferences: Preferences,
    pub me: Principal,
    pub closed: bool,
    pub barred: bool,
    pub named: bool,
    /// Whether the visitor has chosen their name.
    pub chosen: bool,
    pub snapshot: RoomSnapshot,
    pub more: bool,
    pub newer: bool,
    pub invitation: Invitation,
}

/// The page as HTML.
///
/// # Errors
/// [`Error::Internal`], which is logged, when it cannot be drawn.
pub(super) fn render(view: &View, state: &AppState) -> Result<String, Error> {
    let View { lang, me, .. } = view;
    let RoomSnapshot {
        found,
        room,
        rooms,
        messages,
        presence,
    } = &view.snapshot;
    let more = view.more;
    let doors = Doors::of(state, view);
    let may_register = doors.register;
    let registration = doors.registration;
    let boot = Boot {
        me,
        room,
        rooms,
        found: *found,
        invitation: view.invitation.as_ref().and_then(|told| told.as_ref().ok()),
        limits: state.limits,
        doors,
        lang: *lang,
        theme: view.theme,
        preferences: &view.preferences,
        strings: lang.page_strings(),
        places: lang.places(),
        later: assets::later(),
        emoji: emoji::address(),
        now: clock::now_ms(),
        more,
        newer: view.newer,
        attached: messages.iter().filter_map(|m| Known::of(m)).collect(),
        presence,
        closed: view.closed,
    };
    let page = RoomPage {
        t: *lang,
        lang: lang.tag(),
        theme: view.theme.as_str(),
        asset: assets::prefix(),
        me: MeView {
            kind: me.person.kind.as_str(),
            name: &me.person.name,
            avatar: &me.person.avatar,
            place: &me.person.place,
            called: lang.get(called(me)),
            runs_house: me.role >= ServerRole::Admin,
            may_write: me.may_write,
        },
        room,
        rooms: in_rail(rooms),
        favourites: rooms.iter().any(|room| room.favourite),
        found: *found,
        barred: view.barred,
        named: view.named,
        presence,
        may_register,
        registration,
        messages: rows(messages, me, *lang),
        blank: Row::default(),
        more,
        boot: script_json(&boot)?,
    };
    page.render().map_err(|error| {
        tracing::error!(%error, "the page could not be drawn");
        Error::Internal
    })
}

/// What shall not disturb stands last.
fn in_rail(rooms: &[RoomView]) -> Vec<&RoomView> {
    let mut rooms: Vec<_> = rooms.iter().collect();
    rooms.sort_by_key(|room| room.notify == Some(Notify::None));
    rooms
}

/// The word for what somebody is in the house.
fn called(me: &Principal) -> &'static str {
    match (me.person.kind, me.role) {
        (PersonKind::Visitor, _) => "page.visitor",
        (PersonKind::User, ServerRole::Owner) => "page.house_owner",
        (PersonKind::User, ServerRole::Admin) => "page.house_admin",
        (PersonKind::User, ServerRole::Member) => "page.member",
    }
}

/// JSON that may stand in a script element: nothing in it can end the element or open a comment
/// (HTML §4.12.1.3).
fn script_json(value: &impl Serialize) -> Result<String, Error> {
    let json = serde_json::to_string(value).map_err(|_never| Error::Internal)?;
    Ok(json.replace('<', "\\u003c"))
}
