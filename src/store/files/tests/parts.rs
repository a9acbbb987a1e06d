//! Up to where an upload has come is decided in its row, whoever brings bytes for it.

use super::*;
use crate::model::file_part::FilePart;
use crate::store::files::parts::{all, may_grow, received, wanted};

on_both!(
    of_two_parts_for_one_place_one_counts,
    an_upload_has_no_end_of_parts,
    parts_are_known_as_long_as_somebody_may_want_them,
);

fn of_two_parts_for_one_place_one_counts(open: Open) {
    let db = &mut open();
    let upload = create(db, &new(1, 1, 10), FREE).unwrap();
    let part = FilePart::new;
    let (first, other) = (part(0), part(0));
    assert!(received(db, upload.id, first, 6, 2_000).unwrap());
    assert!(!received(db, upload.id, other, 8, 2_000).unwrap());
    // The database may have it done again when nobody knows whether it was.
    assert!(received(db, upload.id, first, 6, 2_000).unwrap());
    assert!(!received(db, upload.id, part(4), 10, 2_000).unwrap());
    assert!(!received(db, upload.id, part(6), 11, 2_000).unwrap());
    let last = part(6);
    assert!(received(db, upload.id, last, 10, 3_000).unwrap());
    let (now, parts) = all(db, upload.id).unwrap().unwrap();
    assert_eq!((now.state, now.got), (FileState::Working, 10));
    assert_eq!(now.touched_at, 3_000);
    assert_eq!(parts, [first, last]);
    assert!(!received(db, upload.id, part(10), 10, 4_000).unwrap());
}

fn an_upload_has_no_end_of_parts(open: Open) {
    let db = &mut open();
    let upload = create(db, &new(1, 1, 1_500), FREE).unwrap();
    for start in 0..1_000 {
        assert!(may_grow(db, &upload).unwrap(), "{start}");
        let part = FilePart::new(start);
        assert!(received(db, upload.id, part, start + 1, 2_000).unwrap());
    }
    assert!(!may_grow(db, &upload).unwrap());
}

fn parts_are_known_as_long_as_somebody_may_want_them(open: Open) {
    let db = &mut open();
    let bring = |db: &mut TestDb, id| {
        let upload = create(db, &new(id, 1, 10), FREE).unwrap();
        let part = FilePart::new(0);
        assert!(received(db, upload.id, part, 10, 2_000).unwrap());
        assert_eq!(wanted(db, upload.id).unwrap(), [part]);
        upload.id
    };
    let (kept, refused, gone) = (bring(db, 1), bring(db, 2), bring(db, 3));
    assert!(uploads::ready(db, kept, &looked(7)).unwrap());
    uploads::refuse(db, refused, "bad_picture").unwrap();
    assert!(uploads::discard(db, gone, &[PersonId::User(1)]).unwrap());
    for id in [kept, refused, gone] {
        assert_eq!(wanted(db, id).unwrap(), []);
    }
    let left = db.first("SELECT count(*) FROM file_parts", &[]).unwrap();
    assert_eq!(left.unwrap().int().unwrap(), 0);
}
