//! Whether somebody may do something: asked twice for each change, and nine times for each room that
//! is shown.

use std::hint::black_box;

use criterion::Criterion;
use teahouse::model::membership::RoomRole;
use teahouse::model::person::Person;
use teahouse::model::person_id::PersonId;
use teahouse::model::policy::{Action, RoomRules, authorize};
use teahouse::model::principal::Principal;
use teahouse::model::room::RoomKind;

/// Times one answer, the one that lets a member talk and one that does not.
pub fn bench(criterion: &mut Criterion) {
    let id = PersonId::User(1);
    let principal = Principal::member(Person {
        id,
        kind: id.into(),
        bot: false,
        name: "Ada".to_owned(),
        avatar: String::new(),
        place: String::new(),
    });
    let rules = RoomRules {
        kind: RoomKind::Private,
        read_only: false,
        mute_all: false,
        archived: false,
        slow: 0,
    };
    let moderate = Action::Moderate(Some(RoomRole::Member));
    for (name, action) in [("granted", Action::Send), ("refused", moderate)] {
        criterion.bench_function(&format!("permission: {name}"), |bencher| {
            bencher.iter(|| {
                black_box(authorize(
                    black_box(&principal),
                    black_box(Some(RoomRole::Member)),
                    black_box(action),
                    black_box(&rules),
                ))
                .is_ok()
            });
        });
    }
}
