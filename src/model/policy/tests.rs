//! The table: every room role in every kind of room, and what each may do there.

use RoomKind::{Private, Public};
use RoomRole::{Admin, Banned, Member, Muted, Owner};

use std::sync::Arc;

use crate::model::grant::Grant;
use crate::model::person::Person;
use crate::model::person_id::PersonId;
use crate::model::policy::*;

/// Every room role, in the order of the table's columns.
const COLUMNS: [Option<RoomRole>; 6] = [
    Some(Owner),
    Some(Admin),
    Some(Member),
    Some(Muted),
    Some(Banned),
    None,
];

/// The room that all of this is about.
const HERE: RoomId = RoomId(7);

fn somebody(id: PersonId) -> Principal {
    Principal::member(Person {
        id,
        kind: id.into(),
        bot: false,
        name: "Ada".to_owned(),
        avatar: String::new(),
        place: String::new(),
    })
}

fn account() -> Principal {
    somebody(PersonId::User(1))
}

/// A program with an account.
fn bot() -> Principal {
    let person = Person {
        bot: true,
        ..Person::clone(&account().person)
    };
    Principal::member(person)
}

fn place(kind: RoomKind) -> RoomRules {
    RoomRules::new(HERE, kind, &RoomSettings::default())
}

/// A letter for each answer: `y` yes, `n` not allowed, `-` not found, and the others below.
fn letter(answer: Result<(), Error>) -> char {
    match answer {
        Ok(()) => 'y',
        Err(Error::NotAllowed) => 'n',
        Err(Error::NotFound) => '-',
        Err(Error::Banned) => 'b',
        Err(Error::Muted) => 'm',
        Err(Error::ReadOnly) => 'r',
        Err(Error::AllMuted) => 'q',
        Err(Error::Archived) => 'a',
        Err(Error::NotMember) => 'j',
        Err(Error::AccountNeeded) => 's',
        Err(Error::GuestsRead) => 'g',
        Err(Error::OwnerStays) => 'o',
        Err(Error::ScopeNeeded) => 'k',
        Err(other) => panic!("{other:?}"),
    }
}

fn row(action: Action, place: &RoomRules) -> String {
    row_of(&account(), action, place)
}

fn row_of(principal: &Principal, action: Action, place: &RoomRules) -> String {
    let answers = COLUMNS.map(|role| letter(authorize(principal, role, action, place)));
    answers.into_iter().collect()
}

#[test]
fn every_standing_in_every_kind_of_room_has_its_answer_to_every_action() {
    let over = Action::Moderate(Some(Member));
    let over_admin = Action::Moderate(Some(Admin));
    let over_owner = Action::Moderate(Some(Owner));
    let appoint = Action::Appoint(Some(Member));
    let transfer = Action::Transfer(Some(Member));
    assert_eq!(bot().role, ServerRole::Member);
    // owner, admin, member, muted, banned, none:  lobby, public, private, direct
    for (action, rows) in [
        (Action::Read, ["yyyyby", "yyyy-y", "yyyy--", "yyyy--"]),
        (Action::MarkRead, ["yyyyby", "yyyy-y", "yyyy--", "yyyy--"]),
        (
            Action::ReadVersions { own: true },
            ["yyyyby", "yyyy-y", "yyyy--", "yyyy--"],
        ),
        (
            Action::ReadVersions { own: false },
            ["yynnbn", "yynn-n", "yynn--", "nnnn--"],
        ),
        (Action::Join, ["nnnnbn", "yyyy-y", "nnnn--", "nnnn--"]),
        (Action::Send, ["yyymby", "yyym-j", "yyym--", "yyym--"]),
        (Action::Recall, ["yyyyby", "yyyy-n", "yyyy--", "yyyy--"]),
        (Action::RecallAny, ["yynnbn", "yynn-n", "yynn--", "nnnn--"]),
        (Action::React, ["yyymby", "yyym-j", "yyym--", "yyym--"]),
        (Action::Pin, ["yynnbn", "yynn-n", "yynn--", "yyyy--"]),
        (Action::Leave, ["onnnbn", "oyyy-n", "oyyy--", "onnn--"]),
        (Action::Invite, ["nnnnbn", "yynn-n", "yynn--", "nnnn--"]),
        (Action::Configure, ["yynnbn", "yynn-n", "yynn--", "nnnn--"]),
        (Action::Integrate, ["yynnbn", "yynn-n", "yynn--", "nnnn--"]),
        (Action::OpenToSite, ["nnnnbn", "nnnn-n", "ynnn--", "nnnn--"]),
        (Action::Archive, ["nnnnbn", "ynnn-n", "ynnn--", "nnnn--"]),
        (Action::Delete, ["nnnnbn", "ynnn-n", "ynnn--", "nnnn--"]),
        (over, ["yynnbn", "yynn-n", "yynn--", "nnnn--"]),
        (over_admin, ["ynnnbn", "ynnn-n", "ynnn--", "nnnn--"]),
        (over_owner, ["nnnnbn", "nnnn-n", "nnnn--", "nnnn--"]),
        (appoint, ["nnnnbn", "ynnn-n", "ynnn--", "nnnn--"]),
        (Action::StepDown, ["nnnnbn", "nynn-n", "nynn--", "nnnn--"]),
        (transfer, ["nnnnbn", "ynnn-n", "ynnn--", "nnnn--"]),
    ] {
        for (kind, expected) in RoomKind::ALL.into_iter().zip(rows) {
            assert_eq!(row(action, &place(kind)), expected, "{action:?} {kind:?}");
            let of_bot = row_of(&bot(), action, &place(kind));
            assert_eq!(of_bot, expected, "a bot: {action:?} {kind:?}");
        }
    }
}

#[test]
fn nobody_is_made_more_of_who_is_muted_banned_or_not_there() {
    let owner = account();
    for target in [Some(Muted), Some(Banned), Some(Owner), None] {
        for action in [Action::Appoint(target), Action::Transfer(target)] {
            assert_eq!(
                authorize(&owner, Some(Owner), action, &place(Public)),
                Err(Error::NotAllowed)
            );
        }
    }
}

#[test]
fn the_rules_of_talking_bind_members_and_not_those_who_look_after_the_room() {
    for (about, expected) in [
        (
            RoomSettings {
                read_only: true,
                ..RoomSettings::default()
            },
            "yyrm-j",
        ),
        (
            RoomSettings {
                mute_all: true,
                ..RoomSettings::default()
            },
            "yyqm-j",
        ),
        (
            RoomSettings {
                archived: true,
                ..RoomSettings::default()
            },
            "aaaa-a",
        ),
    ] {
        assert_eq!(
            row(Action::Send, &RoomRules::new(HERE, Public, &about)),
            expected
        );
        let reacts = expected.replace('r', "y");
        assert_eq!(
            row(Action::React, &RoomRules::new(HERE, Public, &about)),
            reacts
        );
    }
    let archived = RoomRules {
        archived: true,
        ..place(Private)
    };
    assert_eq!(row(Action::Read, &archived), "yyyy--");
    assert_eq!(
        row(Action::ReadVersions { own: false }, &archived),
        "yynn--"
    );
    assert_eq!(row(Action::Archive, &archived), "ynnn--");
    assert_eq!(row(Action::Recall, &archived), "aaaa--");
}

#[test]
fn the_house_looks_after_lobby_and_public_rooms_and_sees_nothing_private() {
    for (server_role, room_role, action, expected) in [
        (
            ServerRole::Admin,
            None,
            Action::Moderate(Some(Member)),
            "yy--",
        ),
        (ServerRole::Admin, Some(Banned), Action::Configure, "yy--"),
        (ServerRole::Admin, None, Action::Archive, "ny--"),
        (
            ServerRole::Owner,
            None,
            Action::Moderate(Some(Admin)),
            "yn--",
        ),
        (
            ServerRole::Owner,
            None,
            Action::Transfer(Some(Member)),
            "nn--",
        ),
        (ServerRole::Owner, Some(Member), Action::RecallAny, "yynn"),
    ] {
        let principal = Principal {
            role: server_role,
            ..account()
        };
        let answers: String = RoomKind::ALL
            .map(|kind| letter(authorize(&principal, room_role, action, &place(kind))))
            .into_iter()
            .collect();
        assert_eq!(
            answers, expected,
            "{server_role:?} {room_role:?} {action:?}"
        );
    }
}

#[test]
fn a_visitor_talks_in_the_lobby_if_the_server_lets_them_and_reads_what_is_public() {
    let visitor = |may_write| Principal {
        may_write,
        ..somebody(PersonId::Visitor(1))
    };
    for (may_write, action, expected) in [
        (true, Action::Read, "yy--"),
        (true, Action::Send, "ys--"),
        (false, Action::Send, "gg--"),
        (true, Action::Join, "ns--"),
        (true, Action::Configure, "nn--"),
    ] {
        let answers: String = RoomKind::ALL
            .map(|kind| letter(authorize(&visitor(may_write), None, action, &place(kind))))
            .into_iter()
            .collect();
        assert_eq!(answers, expected, "{may_write} {action:?}");
    }
}

#[test]
fn bots_are_looked_after_by_whoever_made_them_and_by_those_who_look_after_the_server() {
    let as_role = |role| Principal { role, ..account() };
    let with = |scopes: &[Scope], rooms: Option<Vec<RoomId>>| Principal {
        grant: Some(Arc::new(Grant {
            scopes: scopes.to_vec(),
            rooms,
        })),
        ..as_role(ServerRole::Owner)
    };
    let everybody = [
        somebody(PersonId::Visitor(1)),
        as_role(ServerRole::Member),
        as_role(ServerRole::Admin),
        as_role(ServerRole::Owner),
        with(&[Scope::House], None),
        with(&[Scope::Read, Scope::Write, Scope::Rooms], None),
        with(&Scope::ALL, Some(vec![HERE])),
    ];
    let key = |own, house| BotAction::MakeKey { own, house };
    // A visitor, a member, an admin, the owner; the site's server, a program with everything else, and one with some rooms.
    for (action, makers, expected) in [
        (BotAction::Make, Makers::Members, "syyyykk"),
        (BotAction::Make, Makers::Admins, "snyyykk"),
        (BotAction::Make, Makers::Nobody, "snnnnkk"),
        (BotAction::Manage { own: true }, Makers::Nobody, "syyyykk"),
        (BotAction::Manage { own: false }, Makers::Members, "snyynkk"),
        (key(true, false), Makers::Nobody, "syyyykk"),
        (key(false, false), Makers::Members, "snyynkk"),
        (key(true, true), Makers::Members, "snyynkk"),
        (key(false, true), Makers::Members, "snyynkk"),
    ] {
        let answers: String = everybody
            .iter()
            .map(|principal| letter(may_with_bots(principal, makers, action)))
            .collect();
        assert_eq!(answers, expected, "{action:?} {makers:?}");
    }
}

#[test]
fn a_token_is_good_for_its_scopes_in_its_rooms_and_lends_nothing() {
    let over = Action::Moderate(Some(Member));
    let with = |scopes: &[Scope], rooms: Option<&[RoomId]>| Principal {
        grant: Some(Arc::new(Grant {
            scopes: scopes.to_vec(),
            rooms: rooms.map(<[RoomId]>::to_vec),
        })),
        ..account()
    };
    let elsewhere = [RoomId(8)];
    let here = [RoomId(8), HERE];
    // Read, write and rooms, all three, house alone; narrowed to this room, and to another one.
    let tokens = [
        with(&[Scope::Read], None),
        with(&[Scope::Write], None),
        with(&[Scope::Rooms], None),
        with(&[Scope::Read, Scope::Write, Scope::Rooms], None),
        with(&[Scope::House], None),
        with(&[Scope::Read, Scope::Write, Scope::Rooms], Some(&here)),
        with(&[Scope::Read, Scope::Write, Scope::Rooms], Some(&elsewhere)),
        with(&Scope::ALL, Some(&[])),
    ];
    // As owner, as member and as nobody of a private room.
    for (action, rows) in [
        (Action::Read, ["ykkyky--", "ykkyky--", "--------"]),
        (Action::MarkRead, ["kykyky--", "kykyky--", "--------"]),
        (
            Action::ReadVersions { own: false },
            ["ykkyky--", "nkknkn--", "--------"],
        ),
        (Action::Join, ["kknnkn--", "kknnkn--", "--------"]),
        (Action::Send, ["kykyky--", "kykyky--", "--------"]),
        (Action::Recall, ["kykyky--", "kykyky--", "--------"]),
        (Action::React, ["kykyky--", "kykyky--", "--------"]),
        (Action::Pin, ["kykyky--", "knknkn--", "--------"]),
        (Action::Configure, ["kkyyky--", "kknnkn--", "--------"]),
        (Action::Integrate, ["kkkkyk--", "kkkknk--", "--------"]),
        (Action::Invite, ["kkyyky--", "kknnkn--", "--------"]),
        (Action::Delete, ["kkyyky--", "kknnkn--", "--------"]),
        (over, ["kkyyky--", "kknnkn--", "--------"]),
    ] {
        for (role, row) in [Some(Owner), Some(Member), None].into_iter().zip(rows) {
            let answer =
                |token: &Principal| letter(authorize(token, role, action, &place(Private)));
            let answers: String = tokens.iter().map(answer).collect();
            assert_eq!(answers, row, "{action:?} as {role:?}");
        }
    }
    // What the account may not do, no token may: of all actions the answer without a token stands where the token is good.
    for role in COLUMNS {
        for kind in [RoomKind::Lobby, Public, Private, RoomKind::Direct] {
            for action in [
                Action::Read,
                Action::Send,
                Action::Pin,
                Action::Leave,
                over,
                Action::Transfer(Some(Member)),
            ] {
                let own = authorize(&account(), role, action, &place(kind));
                let token = authorize(&with(&Scope::ALL, None), role, action, &place(kind));
                assert_eq!(token, own, "{action:?} as {role:?} in {kind:?}");
            }
        }
    }
}
