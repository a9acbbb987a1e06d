//! Whether somebody may do something: asked twice for each change, and nine times for each room that
//! is shown.

use std::hint::black_box;

use criterion::Criterion;
use teahouse::model::membership::RoomRole;
use teahouse::model::person::ServerRole;
use teahouse::model::policy::{Action, Actor, RoomRules, authorize};
use teahouse::model::room::RoomKind;

/// Times one answer, the one that lets a member talk and one that does not.
pub fn bench(criterion: &mut Criterion) {
    let actor = Actor {
        account: true,
        may_write: true,
        house: ServerRole::Member,
        standing: Some(RoomRole::Member),
    };
    let place = RoomRules {
        kind: RoomKind::Private,
        read_only: false,
        mute_all: false,
        archived: false,
        slow: 0,
    };
    let moderate = Action::Moderate(Some(RoomRole::Member));
    for (name, action) in [("granted", Action::Say), ("refused", moderate)] {
        criterion.bench_function(&format!("permission: {name}"), |bencher| {
            bencher.iter(|| {
                black_box(authorize(
                    black_box(&actor),
                    black_box(action),
                    black_box(&place),
                ))
                .is_ok()
            });
        });
    }
}
