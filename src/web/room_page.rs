//! The page: drawn by the server as the room is at one moment, then kept alive by its scripts,
//! which resume from that moment.

use std::collections::BTreeMap;

use askama::Template;
use serde::Serialize;

use super::invitations::Invited;
use super::rooms::may_make;
use super::row::{Row, rows};
use super::server_invitations::may_invite;
use super::{assets, emoji, site_page};
use crate::auth::preferences::{Preferences, Theme};
use crate::chat::requests::RoomSnapshot;
use crate::config::Registration;
use crate::error::Error;
use crate::model::membership::Notify;
use crate::model::person::{PersonKind, ServerRole};
use crate::model::policy::is_shown_bots;
use crate::model::principal::Principal;
use crate::model::room::RoomKind;
use crate::protocol::feed::Limits;
use crate::protocol::view::{Presence, RoomView};
use crate::text::catalog::Lang;
use crate::text::clock;
use crate::web::message_extras::Known;
use crate::web::message_files::{Other, Picture};
use crate::web::message_voice::Voice;
use crate::web::state::AppState;

/// What an invitation link leads to, or why it cannot be used.
pub(super) type Invitation = Option<Result<Invited, Error>>;

/// Data of `templates/room.html`.
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
    /// Whether some of the rooms are favourites.
    favourites: bool,
    /// Whether there is a room to show.
    found: bool,
    /// Whether the address names a message.
    named: bool,
    /// Whether there is no room because the reader is banned from the lobby.
    barred: bool,
    presence: &'a Presence,
    /// What people call the site by which they sign in here.
    site: Option<String>,
    /// Whether people of a site come in by its tokens.
    part_of_site: bool,
    /// Whether this server takes passwords.
    passwords: bool,
    /// Whether this person's account has one that it takes.
    has_password: bool,
    /// Whether its name is the site's.
    named_by_site: bool,
    /// Whether this person may register here and now.
    may_register: bool,
    /// The server's registration setting.
    registration: Registration,
    messages: Vec<Row<'a>>,
    /// An empty row, which the scripts clone and fill.
    blank: Row<'a>,
    blank_picture: Picture<'a>,
    blank_clip: Other<'a>,
    blank_voice: Voice,
    more: bool,
    /// Whether it is shown in a page of another site.
    embedded: bool,
    boot: String,
}

struct MeView<'a> {
    kind: &'static str,
    name: &'a str,
    avatar: &'a str,
    place: &'a str,
    /// Their server role, as the page says it.
    role_key: &'a str,
    /// Whether they administer the server.
    runs_server: bool,
    /// Whether people like them, or who sign in here, look after bots.
    has_bots: bool,
    may_write: bool,
    may_send_files: bool,
    may_send_voices: bool,
}

/// What the page's scripts start with, as JSON.
#[derive(Serialize)]
struct Boot<'a> {
    me: &'a Principal,
    room: &'a RoomView,
    rooms: &'a [RoomView],
    /// Whether the room of this address exists for this person; if not, `room` is the lobby without content.
    found: bool,
    invitation: Option<&'a Invited>,
    limits: Limits,
    /// Who may make an account, which rooms the reader may make and whether they may invite.
    permissions: Permissions,
    lang: Lang,
    theme: Theme,
    preferences: &'a Preferences,
    strings: BTreeMap<&'static str, &'static str>,
    /// Place names in the page's language, where they differ from the server's.
    places: Option<&'static BTreeMap<String, String>>,
    /// Paths of the modules that are loaded on demand.
    later: Vec<String>,
    /// Address of the emoji file.
    emoji: String,
    now: i64,
    /// Whether there are older messages than those of the page, and newer ones.
    more: bool,
    newer: bool,
    /// Quotes, reactions and pins of the page's messages.
    extras: Vec<Known<'a>>,
    presence: &'a Presence,
    /// Whether guests are off and this person has no account.
    closed: bool,
    /// In a frame of another site: what stands in the addresses of files.
    #[serde(skip_serializing_if = "Option::is_none")]
    files_key: Option<&'a str>,
}

/// What this person may begin: an account, invitations, rooms.
#[derive(Serialize)]
struct Permissions {
    registration: Registration,
    /// Whether they may register here and now.
    register: bool,
    /// The visitor's chosen name, offered for their account.
    name: Option<String>,
    /// Whether they may make invitations to the server.
    invites: bool,
    /// The kinds of rooms that they may make.
    rooms: Vec<&'static str>,
}

impl Permissions {
    fn of(state: &AppState, view: &View) -> Self {
        let me = &view.me;
        let account = me.person.id.user().is_some();
        let registration = state.config.accounts.registration();
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

/// Everything that one rendering of the page needs.
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
    /// Whether their account has a password.
    pub has_password: bool,
    /// Whether its name is the site's.
    pub named_by_site: bool,
    pub snapshot: RoomSnapshot,
    pub more: bool,
    pub newer: bool,
    pub invitation: Invitation,
    /// Whether it is shown in a page of another site.
    pub embedded: bool,
    /// Then what stands in the addresses of its files.
    pub files_key: Option<String>,
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
    let permissions = Permissions::of(state, view);
    let mut limits = state.limits;
    let uploads = &state.config.uploads;
    limits.files = limits.files.of(me, uploads.who, uploads.voice);
    let may_register = permissions.register;
    let registration = permissions.registration;
    let boot = Boot {
        me,
        room,
        rooms,
        found: *found,
        invitation: view.invitation.as_ref().and_then(|told| told.as_ref().ok()),
        limits,
        permissions,
        lang: *lang,
        theme: view.theme,
        preferences: &view.preferences,
        strings: lang.strings("page"),
        places: lang.places(),
        later: assets::later(*lang),
        emoji: emoji::address(),
        now: clock::now_ms(),
        more,
        newer: view.newer,
        extras: messages.iter().filter_map(|m| Known::of(m)).collect(),
        presence,
        closed: view.closed,
        files_key: view.files_key.as_deref(),
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
            role_key: lang.get(role_key(me)),
            runs_server: me.role >= ServerRole::Admin,
            has_bots: is_shown_bots(me.role, state.config.bots.makers),
            may_write: me.may_write,
            may_send_files: limits.files.may,
            may_send_voices: limits.files.voice,
        },
        room,
        rooms: in_rail(rooms),
        favourites: rooms.iter().any(|room| room.favourite),
        found: *found,
        barred: view.barred,
        named: view.named,
        presence,
        site: site_page::called(&state.config.site),
        part_of_site: state.site.is_some(),
        has_password: view.has_password && state.config.accounts.passwords,
        passwords: state.config.accounts.passwords,
        named_by_site: view.named_by_site,
        may_register,
        registration,
        messages: rows(messages, me, *lang),
        blank: Row::default(),
        blank_picture: Picture::blank(),
        blank_clip: Other::blank(),
        blank_voice: Voice::default(),
        more,
        embedded: view.embedded,
        boot: script_json(&boot)?,
    };
    page.render().map_err(|error| {
        tracing::error!(%error, "the page could not be drawn");
        Error::Internal
    })
}

/// The rooms in the order of the list: muted ones come last.
fn in_rail(rooms: &[RoomView]) -> Vec<&RoomView> {
    let mut rooms: Vec<_> = rooms.iter().collect();
    rooms.sort_by_key(|room| room.notify == Some(Notify::None));
    rooms
}

/// The message key of a server role's name.
fn role_key(me: &Principal) -> &'static str {
    match (me.person.kind, me.role) {
        (PersonKind::Visitor, _) => "page.visitor",
        (PersonKind::User, ServerRole::Owner) => "page.server_owner",
        (PersonKind::User, ServerRole::Admin) => "page.server_admin",
        (PersonKind::User, ServerRole::Member) => "page.member",
    }
}

/// JSON that may stand in a script element: nothing in it can end the element or open a comment
/// (HTML §4.12.1.3).
pub(super) fn script_json(value: &impl Serialize) -> Result<String, Error> {
    let json = serde_json::to_string(value).map_err(|_never| Error::Internal)?;
    Ok(json.replace('<', "\\u003c"))
}
