//! Rooms as one person sees them.

use std::sync::Arc;

use super::{ChatServer, Settings};
use crate::delivery::ConnId;
use crate::model::membership::RoomRole;
use crate::model::message::LOBBY;
use crate::model::person::picture_path;
use crate::model::person_id::PersonId;
use crate::model::policy::Action;
use crate::model::principal::Principal;
use crate::model::room::{RoomKind, RoomSettings};
use crate::model::room_id::RoomId;
use crate::model::room_registry::RoomRecord;
use crate::model::seq::Seq;
use crate::protocol::feed::{self, Welcome};
use crate::protocol::view::{PersonHere, RoomView};
use crate::text::catalog::Lang;
use crate::text::clock;

/// The actions that a client learns it may do, with their names in the protocol.
const MAY: [(&str, Action); 13] = [
    ("say", Action::Send),
    ("react", Action::React),
    ("join", Action::Join),
    ("leave", Action::Leave),
    ("invite", Action::Invite),
    ("pin", Action::Pin),
    ("configure", Action::Configure),
    ("open_to_site", Action::OpenToSite),
    ("archive", Action::Archive),
    ("delete", Action::Delete),
    ("moderate", Action::Moderate(Some(RoomRole::Member))),
    ("appoint", Action::Appoint(Some(RoomRole::Member))),
    ("transfer", Action::Transfer(Some(RoomRole::Member))),
];

impl ChatServer {
    /// A room as `principal` sees it, if they may.
    pub(super) fn view(&self, id: RoomId, principal: &Principal) -> Option<RoomView> {
        let record = self.registry.get(id)?;
        record.authorize(principal, Action::Read).ok()?;
        let membership = record.memberships.get(&principal.id());
        let read_marker = membership.map_or(record.head, |membership| membership.read_marker);
        let unread = record.unread(read_marker);
        let with: Vec<PersonHere> = self.company(record, principal.id()).collect();
        Some(RoomView {
            id,
            kind: record.kind,
            settings: self.settings(record, &with, principal.lang),
            avatar: match with.as_slice() {
                [one] => one.person.avatar.clone(),
                _ => picture_of(id),
            },
            head: record.head.seq,
            epoch: record.epoch.clone(),
            members: record.members(),
            role: membership.map(|membership| membership.room_role),
            may: MAY
                .into_iter()
                .filter(|(_, action)| record.authorize(principal, *action).is_ok())
                .map(|(word, _)| word)
                .collect(),
            at: record.at,
            read: read_marker.seq,
            unread,
            mentions: record.mentions(principal.id(), read_marker),
            notify: membership.and_then(|membership| membership.notify),
            favourite: membership.is_some_and(|membership| membership.favourite),
            with,
        })
    }

    /// The lobby as it is seen from outside: its name, and whether `principal` is banned from it.
    pub(super) fn lobby_from_outside(&self, principal: &Principal) -> RoomView {
        let lobby = self.registry.get(LOBBY);
        let settings = lobby.map(|lobby| self.settings(lobby, &[], principal.lang));
        RoomView {
            id: LOBBY,
            kind: RoomKind::Lobby,
            settings: Arc::new(RoomSettings {
                name: settings.map_or_else(String::new, |settings| settings.name.clone()),
                ..RoomSettings::default()
            }),
            avatar: picture_of(LOBBY),
            head: Seq(0),
            epoch: String::new(),
            members: 0,
            role: lobby.and_then(|lobby| lobby.role(principal.id())),
            may: Vec::new(),
            at: None,
            read: Seq(0),
            unread: 0,
            mentions: 0,
            notify: None,
            favourite: false,
            with: Vec::new(),
        }
    }

    /// The rooms of `principal`: the lobby, then their own, those with the newest message first.
    pub(super) fn views(&self, principal: &Principal) -> Vec<RoomView> {
        let mut own: Vec<RoomId> = self.registry.of(principal.id()).to_vec();
        let at = |id: &RoomId| self.registry.get(*id).and_then(|record| record.at);
        own.sort_unstable_by_key(|id| (std::cmp::Reverse(at(id)), *id));
        let lobby = self.view(LOBBY, principal).into_iter();
        lobby
            .chain(own.into_iter().filter_map(|id| self.view(id, principal)))
            .collect()
    }

    /// The others of a direct room, and whether they are online.
    pub(super) fn company<'a>(
        &'a self,
        record: &'a RoomRecord,
        but: PersonId,
    ) -> impl Iterator<Item = PersonHere> + 'a {
        let others = record.company.iter().filter(move |other| other.id != but);
        others.map(|other| PersonHere {
            person: other.clone(),
            here: self.presence.here(other.id),
        })
    }

    /// What is settled about a room, with the names that a reader of `lang` sees.
    pub(super) fn settings(
        &self,
        record: &RoomRecord,
        with: &[PersonHere],
        lang: Lang,
    ) -> Arc<RoomSettings> {
        match record.kind {
            RoomKind::Lobby => {
                let mut settings = RoomSettings::clone(&record.settings);
                if settings.name.is_empty() {
                    lang.given_or(&self.settings.lobby, "room.lobby")
                        .clone_into(&mut settings.name);
                }
                if settings.topic.is_empty() {
                    lang.given_or(&self.settings.welcome, "page.notice")
                        .clone_into(&mut settings.topic);
                }
                Arc::new(settings)
            }
            RoomKind::Direct => {
                let mut settings = RoomSettings::clone(&record.settings);
                let names: Vec<&str> = with.iter().map(|other| &*other.person.name).collect();
                settings.name = names.join(lang.get("room.and"));
                Arc::new(settings)
            }
            RoomKind::Public | RoomKind::Private => Arc::clone(&record.settings),
        }
    }

    pub(super) fn welcome(&self, conn: ConnId) -> Option<Welcome> {
        let connection = self.connections.get(&conn)?;
        let mut limits = self.settings.limits;
        let Settings {
            uploaders,
            speakers,
            ..
        } = self.settings;
        if connection.principal.person.bot {
            limits.messages_per_minute = self.settings.bot_messages_per_minute;
        }
        limits.files = limits.files.of(&connection.principal, uploaders, speakers);
        Some(Welcome {
            v: feed::VERSION,
            me: connection.principal.clone(),
            connection: conn.to_string(),
            now: clock::now_ms(),
            rooms: self.views(&connection.principal),
            limits,
        })
    }
}

/// Address of a room's picture.
pub(super) fn picture_of(room: RoomId) -> String {
    picture_path(&format!("room {room}"))
}
