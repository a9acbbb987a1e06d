//! Whether somebody may do something: asked twice for each change, and nine times for each room that
//! is shown.

use std::hint::black_box;

use criterion::Criterion;
use teahouse::chat::about::Kind;
use teahouse::chat::permission::{Action, Actor, Place, may};
use teahouse::chat::person::Role;
use teahouse::chat::standing::Standing;

/// Times one answer, the one that lets a member talk and one that does not.
pub fn bench(criterion: &mut Criterion) {
    let actor = Actor {
        account: true,
        may_write: true,
        house: Role::Member,
        standing: Some(Standing::Member),
    };
    let place = Place {
        kind: Kind::Private,
        read_only: false,
        mute_all: false,
        archived: false,
        slow: 0,
    };
    let moderate = Action::Moderate(Some(Standing::Member));
    for (name, action) in [("granted", Action::Say), ("refused", moderate)] {
        criterion.bench_function(&format!("permission: {name}"), |bencher| {
            bencher.iter(|| {
                black_box(may(black_box(&actor), black_box(action), black_box(&place))).is_ok()
            });
        });
    }
}
