//! Who gets which account, and what of it follows the issuer.

use super::*;
use crate::store::accounts::erasure;
use crate::store::schema;
use crate::store::sqlite::Sqlite;

const FOLLOWED: Rules = Rules {
    roles: true,
    names: Names::Site,
};

const NOW: i64 = 1_795_390_577_000;

fn house() -> Sqlite {
    schema::open(None).unwrap()
}

/// Somebody whom the site calls this, with a token of this number.
fn arrival(subject: &str, name: &str, token: u32) -> Arrival {
    Arrival {
        issuer: "site".to_owned(),
        subject: subject.to_owned(),
        name: name.to_owned(),
        role: None,
        issued: NOW - 1_000,
        token: Some(Token {
            id: format!("{subject} {token}"),
            until: NOW + 90_000,
        }),
    }
}

fn let_in(db: &mut Sqlite, arrival: &Arrival, rules: Rules) -> Result<Admitted, Refusal> {
    db.in_one(|db| admit(db, arrival, rules, NOW)).unwrap()
}

fn named(db: &mut Sqlite, subject: &str, name: &str) -> String {
    let_in(db, &arrival(subject, name, 1), FOLLOWED)
        .unwrap()
        .user
        .name
}

#[test]
fn the_same_subject_is_the_same_account_and_nothing_else_is() {
    let mut db = house();
    let taken = users::add(&mut db, "Ada", "hash", ServerRole::Owner, 0)
        .unwrap()
        .unwrap();
    let first = let_in(&mut db, &arrival("4711", "Ada", 1), FOLLOWED).unwrap();
    assert!(
        first.is_new && first.user.id != taken.id,
        "a name opens no account"
    );
    assert_eq!((&*first.user.name, &*first.user.password), ("Ada 2", ""));
    let again = let_in(&mut db, &arrival("4711", "Ada", 2), FOLLOWED).unwrap();
    assert_eq!(
        again,
        Admitted {
            is_new: false,
            ..first
        }
    );
    let other = let_in(&mut db, &arrival("4712", "Ada", 1), FOLLOWED).unwrap();
    assert_eq!(&*other.user.name, "Ada 3");
    let elsewhere = Arrival {
        issuer: "other".to_owned(),
        ..arrival("4711", "Ada", 1)
    };
    assert_eq!(
        &*let_in(&mut db, &elsewhere, FOLLOWED).unwrap().user.name,
        "Ada 4"
    );
}

#[test]
fn a_token_lets_somebody_in_once_and_a_refusal_changes_nothing() {
    let mut db = house();
    let one = arrival("4711", "Ada", 1);
    let user = let_in(&mut db, &one, FOLLOWED).unwrap().user;
    let renamed = Arrival {
        name: "Eve".to_owned(),
        role: Some(ServerRole::Admin),
        ..one.clone()
    };
    assert_eq!(let_in(&mut db, &renamed, FOLLOWED), Err(Refusal::Spent));
    let of_another = Arrival {
        token: one.token.clone(),
        ..arrival("4712", "Bob", 1)
    };
    assert_eq!(let_in(&mut db, &of_another, FOLLOWED), Err(Refusal::Spent));
    assert_eq!(users::by_id(&mut db, user.id), Ok(Some(user)));
    assert_eq!(identities::find(&mut db, "site", "4712"), Ok(None));
}

#[test]
fn what_was_said_before_a_sign_out_lets_nobody_in() {
    let mut db = house();
    let user = let_in(&mut db, &arrival("4711", "Ada", 1), FOLLOWED)
        .unwrap()
        .user;
    identities::end_tokens_of(&mut db, user.id, NOW).unwrap();
    let before = arrival("4711", "Ada", 2);
    assert_eq!(let_in(&mut db, &before, FOLLOWED), Err(Refusal::SignedOut));
    let after = Arrival {
        issued: NOW,
        ..before
    };
    assert!(
        let_in(&mut db, &after, FOLLOWED).is_ok(),
        "the token was not used by the refusal"
    );
}

#[test]
fn whoever_deletes_their_account_comes_back_as_somebody_new_unless_they_are_banned() {
    let mut db = house();
    let ada = let_in(&mut db, &arrival("4711", "Ada", 1), FOLLOWED)
        .unwrap()
        .user;
    db.in_one(|db| erasure::begin(db, ada.id, false, "u1", NOW))
        .unwrap();
    let back = let_in(&mut db, &arrival("4711", "Ada", 2), FOLLOWED).unwrap();
    assert!(back.is_new && back.user.id != ada.id);
    let banned = "INSERT INTO members (room_id, person, role, name, since, read_seq, read_said, notify) \
                  SELECT 1, 'u' || max(id), 5, '', 0, 0, 0, 0 FROM users";
    db.execute(banned, &[]).unwrap();
    db.in_one(|db| erasure::begin(db, back.user.id, false, "u1", NOW))
        .unwrap();
    let third = let_in(&mut db, &arrival("4711", "Ada", 3), FOLLOWED);
    assert_eq!(third, Err(Refusal::Blocked));
}

#[test]
fn names_are_numbered_cut_and_made_up() {
    let mut db = house();
    assert_eq!(
        named(&mut db, "1", "  Grace \u{3000} Hopper\n"),
        "Grace Hopper"
    );
    assert_eq!(
        named(&mut db, "2", "管理员"),
        "管理员 2",
        "nobody speaks for the house"
    );
    assert_eq!(named(&mut db, "3", &"长".repeat(40)), "长".repeat(24));
    assert_eq!(
        named(&mut db, "4", &"长".repeat(40)),
        format!("{} 2", "长".repeat(22))
    );
    assert_eq!(named(&mut db, "5", "аdа"), "аdа");
    assert_eq!(
        named(&mut db, "6", "Ada"),
        "Ada 2",
        "nobody can tell them apart"
    );
    for (number, none) in ["", "!!!", "\u{202e}\u{200b}", "🍵"]
        .into_iter()
        .enumerate()
    {
        let guest = named(&mut db, &format!("none {number}"), none);
        assert!(
            guest.starts_with("茶客 ") && guest.chars().count() == 7,
            "{guest}"
        );
        assert_eq!(
            named(&mut db, &format!("none {number}+"), none)
                .chars()
                .count(),
            7
        );
    }
}

#[test]
fn the_fifty_first_of_a_name_is_a_guest() {
    let mut db = house();
    let names: Vec<_> = (1..=51)
        .map(|subject| named(&mut db, &subject.to_string(), "Zoë"))
        .collect();
    assert_eq!(names[..3], ["Zoë", "Zoë 2", "Zoë 3"]);
    assert_eq!(names[49], "Zoë 50");
    assert!(names[50].starts_with("茶客 "), "{}", names[50]);
}

#[test]
fn a_new_name_at_the_site_is_a_new_name_here_unless_people_choose_their_own() {
    let own = Rules {
        names: Names::Own,
        ..FOLLOWED
    };
    let mut db = house();
    named(&mut db, "1", "Ada");
    let second = let_in(&mut db, &arrival("2", "Ada", 1), FOLLOWED)
        .unwrap()
        .user;
    assert_eq!(second.name, "Ada 2");
    let first = identities::find(&mut db, "site", "1").unwrap().unwrap();
    assert!(users::rename(&mut db, first.user, "Countess").unwrap());
    let kept = let_in(&mut db, &arrival("1", "Ada", 2), own).unwrap();
    assert_eq!((&*kept.user.name, kept.is_renamed), ("Countess", false));
    let same = let_in(&mut db, &arrival("2", "Ada", 2), FOLLOWED).unwrap();
    assert_eq!(
        (&*same.user.name, same.is_renamed),
        ("Ada 2", false),
        "it stays, although Ada is free"
    );
    let followed = let_in(&mut db, &arrival("1", "Lovelace", 3), FOLLOWED).unwrap();
    assert_eq!(
        (&*followed.user.name, followed.is_renamed),
        ("Lovelace", true)
    );
    let taken = let_in(&mut db, &arrival("2", "Lovelace", 3), FOLLOWED).unwrap();
    assert_eq!((&*taken.user.name, taken.is_renamed), ("Lovelace 2", true));
    let known = identities::find(&mut db, "site", "2").unwrap().unwrap();
    assert_eq!((&*known.name, known.seen), ("Lovelace", NOW));
}

#[test]
fn admins_are_made_and_unmade_by_the_site_and_owners_are_not() {
    let mut db = house();
    let mut token = 0;
    let mut role = |db: &mut Sqlite, role: Option<ServerRole>, rules: Rules| {
        token += 1;
        let arrival = Arrival {
            role,
            ..arrival("4711", "Ada", token)
        };
        let admitted = let_in(db, &arrival, rules).unwrap();
        (admitted.user.role, admitted.has_other_role)
    };
    use ServerRole::{Admin, Member, Owner};
    let deaf = Rules {
        roles: false,
        ..FOLLOWED
    };
    assert_eq!(role(&mut db, Some(Admin), deaf), (Member, false));
    assert_eq!(role(&mut db, Some(Admin), FOLLOWED), (Admin, true));
    assert_eq!(role(&mut db, Some(Admin), FOLLOWED), (Admin, false));
    assert_eq!(
        role(&mut db, None, FOLLOWED),
        (Admin, false),
        "it has said nothing"
    );
    assert_eq!(role(&mut db, Some(Member), deaf), (Admin, false));
    assert_eq!(role(&mut db, Some(Member), FOLLOWED), (Member, true));
    assert_eq!(
        role(&mut db, Some(Owner), FOLLOWED),
        (Admin, true),
        "no owner comes from outside"
    );
    users::set_role(&mut db, "Ada", Owner).unwrap();
    assert_eq!(role(&mut db, Some(Member), FOLLOWED), (Owner, false));
    let made = Arrival {
        role: Some(Owner),
        ..arrival("4712", "Bob", 1)
    };
    assert_eq!(let_in(&mut db, &made, FOLLOWED).unwrap().user.role, Admin);
}

#[test]
fn whose_session_goes_on_is_known_without_using_a_token() {
    let mut db = house();
    let ada = arrival("4711", "Ada", 1);
    let user = let_in(&mut db, &ada, FOLLOWED).unwrap().user.id;
    let other = let_in(&mut db, &arrival("4712", "Bob", 1), FOLLOWED);
    let other = other.unwrap().user.id;
    let mut known = |arrival: &Arrival, rules, user| recognise(&mut db, arrival, rules, user);
    assert_eq!(known(&ada, FOLLOWED, user), Ok(Ok(Known::Same)), "used");
    assert_eq!(known(&ada, FOLLOWED, other), Ok(Ok(Known::Other)));
    let stranger = arrival("4713", "Ada", 1);
    assert_eq!(known(&stranger, FOLLOWED, user), Ok(Ok(Known::Other)));
    let renamed = arrival("4711", "Countess", 2);
    assert_eq!(known(&renamed, FOLLOWED, user), Ok(Ok(Known::Changed)));
    let admin = Arrival {
        role: Some(ServerRole::Admin),
        ..arrival("4711", "Ada", 3)
    };
    assert_eq!(known(&admin, FOLLOWED, user), Ok(Ok(Known::Changed)));
    let not_followed = Rules {
        roles: false,
        ..FOLLOWED
    };
    assert_eq!(known(&admin, not_followed, user), Ok(Ok(Known::Same)));
    users::set_role(&mut db, "Ada", ServerRole::Owner).unwrap();
    let mut known = |arrival: &Arrival| recognise(&mut db, arrival, FOLLOWED, user);
    assert_eq!(known(&admin), Ok(Ok(Known::Same)), "an owner stays one");
    identities::end_tokens_of(&mut db, user, NOW).unwrap();
    let refused = recognise(&mut db, &ada, FOLLOWED, user);
    assert_eq!(refused, Ok(Err(Refusal::SignedOut)));
}
