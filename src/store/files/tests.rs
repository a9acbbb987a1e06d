//! What files take is what is counted, whatever happens to them in whatever order.

mod parts;
mod poster;

use proptest::prelude::*;

use super::uploads::{LOOSE, NewUpload};
use super::usage::Quotas;
use super::*;
use crate::error::Error;
use crate::model::file::{Attachment, FileKind, Inspected, Stored};
use crate::model::person::{Person, PersonKind};
use crate::store::testing::{self, Open, TestDb, on_both};

on_both!(
    offsets_grow_and_end_with_the_upload,
    quotas_count_what_is_promised_and_free_what_is_gone,
    a_nonce_is_an_upload_until_that_is_gone,
    a_file_is_claimed_once_by_its_owner_and_goes_with_its_message,
    what_is_counted_is_what_is_there,
    files_of_both_owners_come_in_one_order,
);

const FREE: Quotas = Quotas {
    person: 0,
    total: 0,
};

fn person(user: i64) -> Principal {
    Principal::member(Person {
        id: PersonId::User(user),
        kind: PersonKind::User,
        bot: false,
        name: String::new(),
        avatar: String::new(),
        place: String::new(),
    })
}

fn new(id: u128, owner: i64, size: u64) -> NewUpload {
    NewUpload {
        id: FileId::new(id),
        owner: PersonId::User(owner),
        was: None,
        nonce: None,
        size,
        name: "a".to_owned(),
        wanted: Wanted::Any,
        full: false,
        poster_of: None,
        at: 1_000,
    }
}

fn looked(bytes: u64) -> Inspected {
    let stored = Stored {
        media_type: "image/jpeg".to_owned(),
        bytes,
    };
    Inspected {
        kind: FileKind::Picture,
        media_type: "image/jpeg".to_owned(),
        content: Content::default(),
        sha256: "0".repeat(64),
        renditions: [(Rendition::L, stored)].into(),
    }
}

fn create(db: &mut TestDb, upload: &NewUpload, quotas: Quotas) -> Result<FileRow, Error> {
    uploads::create(db, upload, quotas).unwrap()
}

/// A file of `owner` that can be sent.
fn ready(db: &mut TestDb, id: u128, owner: i64) -> FileId {
    create(db, &new(id, owner, 10), FREE).unwrap();
    let id = FileId::new(id);
    let now = uploads::received(db, id, 10, 2_000).unwrap();
    assert_eq!(now, Some(FileState::Working));
    assert!(uploads::ready(db, id, &looked(7)).unwrap());
    id
}

/// A video as it was looked at.
fn video() -> Inspected {
    let stored = Stored {
        media_type: "video/webm".to_owned(),
        bytes: 10,
    };
    Inspected {
        kind: FileKind::Video,
        media_type: "video/webm".to_owned(),
        renditions: [(Rendition::Raw, stored)].into(),
        ..looked(0)
    }
}

/// An upload of the poster of a video.
fn poster(id: u128, owner: i64, video: FileId) -> NewUpload {
    NewUpload {
        wanted: Wanted::Poster,
        poster_of: Some(PosterOf {
            video,
            size: Some((640, 360)),
            ms: Some(2_500),
        }),
        ..new(id, owner, 10)
    }
}

/// The poster as it lies on the disk.
fn still() -> Stored {
    Stored {
        media_type: "image/jpeg".to_owned(),
        bytes: 3,
    }
}

fn attachment(id: FileId) -> Attachment {
    Attachment {
        id,
        alt: "bowls".to_owned(),
        spoiler: false,
    }
}

fn offsets_grow_and_end_with_the_upload(open: Open) {
    let mut db = open();
    let upload = create(&mut db, &new(1, 1, 10), FREE).unwrap();
    let id = upload.id;
    for (got, state, then) in [
        (4, Some(FileState::Receiving), 4),
        (3, None, 4),
        (11, None, 4),
        (10, Some(FileState::Working), 10),
        (4, None, 10),
    ] {
        assert_eq!(
            uploads::received(&mut db, id, got, 2_000).unwrap(),
            state,
            "{got}"
        );
        assert_eq!(find(&mut db, id).unwrap().unwrap().got, then);
    }
    assert_eq!(uploads::working(&mut db, 9).unwrap().len(), 1);
    assert_eq!(uploads::promised(&mut db).unwrap(), 0);
}

fn quotas_count_what_is_promised_and_free_what_is_gone(open: Open) {
    let mut db = open();
    let quotas = Quotas {
        person: 25,
        total: 30,
    };
    create(&mut db, &new(1, 1, 20), quotas).unwrap();
    let full = Error::QuotaFull { limit: 25 };
    assert_eq!(create(&mut db, &new(2, 1, 6), quotas), Err(full));
    assert_eq!(
        create(&mut db, &new(2, 2, 11), quotas),
        Err(Error::StorageFull)
    );
    create(&mut db, &new(2, 2, 10), quotas).unwrap();
    assert_eq!(uploads::promised(&mut db).unwrap(), 30);
    let owner = [PersonId::User(1)];
    assert!(!uploads::discard(&mut db, FileId::new(2), &owner).unwrap());
    assert!(uploads::discard(&mut db, FileId::new(1), &owner).unwrap());
    assert!(!uploads::discard(&mut db, FileId::new(1), &owner).unwrap());
    assert_eq!(usage::total(&mut db).unwrap(), 10);
    create(&mut db, &new(3, 2, 15), quotas).unwrap();
    for id in 4..4 + LOOSE as u128 {
        create(&mut db, &new(id, 3, 1), FREE).unwrap();
    }
    let too_many = Error::TooManyUploads { limit: LOOSE };
    assert_eq!(create(&mut db, &new(99, 3, 1), FREE), Err(too_many));
}

fn a_nonce_is_an_upload_until_that_is_gone(open: Open) {
    let mut db = open();
    let named = |id, owner| NewUpload {
        nonce: Some(uuid::Uuid::from_u128(7)),
        ..new(id, owner, 10)
    };
    let first = create(&mut db, &named(1, 1), FREE).unwrap();
    assert_eq!(create(&mut db, &named(2, 1), FREE).unwrap(), first);
    assert_ne!(create(&mut db, &named(3, 2), FREE).unwrap().id, first.id);
    // One that expired is begun anew under its nonce.
    assert_eq!(uploads::expire(&mut db, 1_001, 9).unwrap().len(), 2);
    assert_eq!(
        create(&mut db, &named(4, 1), FREE).unwrap().id,
        FileId::new(4)
    );
    let expired = find(&mut db, FileId::new(1)).unwrap().unwrap();
    assert_eq!(expired.state, FileState::Expired);
    assert_eq!(usage::total(&mut db).unwrap(), 10);
}

fn a_file_is_claimed_once_by_its_owner_and_goes_with_its_message(open: Open) {
    let mut db = open();
    let id = ready(&mut db, 1, 1);
    let other = attached::claimable(&mut db, &[attachment(id)], &person(2)).unwrap();
    assert_eq!(other, Err(Error::FileGone));
    // The account that a visitor has made may send what the visitor had.
    let mut later = person(2);
    later.was = Some(PersonId::User(1));
    let twice = [attachment(id), attachment(id)];
    let files = attached::claimable(&mut db, &twice, &later)
        .unwrap()
        .unwrap();
    assert_eq!(
        (files.len(), files[0].size, &*files[0].alt),
        (1, 7, "bowls")
    );
    attached::claim(&mut db, &files, RoomId(1), MessageId(5)).unwrap();
    assert_eq!(attached::of_message(&mut db, MessageId(5)).unwrap(), files);
    let again = attached::claimable(&mut db, &twice, &later).unwrap();
    assert_eq!(again, Err(Error::FileGone));
    assert!(attached::claim(&mut db, &files, RoomId(1), MessageId(6)).is_err());
    assert!(uploads::expire(&mut db, i64::MAX, 9).unwrap().is_empty());
    attached::doom_of_message(&mut db, MessageId(5)).unwrap();
    assert!(
        attached::of_message(&mut db, MessageId(5))
            .unwrap()
            .is_empty()
    );
    let row = find(&mut db, id).unwrap().unwrap();
    assert_eq!(
        (row.state, &*row.name, row.message),
        (FileState::Doomed, "", None)
    );
    assert_eq!(uploads::doomed(&mut db, 9).unwrap(), [id]);
    uploads::forget(&mut db, &[id]).unwrap();
    assert_eq!(find(&mut db, id).unwrap(), None);
    assert_eq!(usage::total(&mut db).unwrap(), 0);
}

fn what_is_counted_is_what_is_there(open: Open) {
    let step = (0..13_u8, 0..6_u128, 0..3_i64);
    proptest!(ProptestConfig::with_cases(64), |(steps in prop::collection::vec(step, 1..60))| {
        counted(open, steps)?;
    });
}

/// Whether what is counted is what is there after each of these steps.
fn counted(open: Open, steps: Vec<(u8, u128, i64)>) -> Result<(), TestCaseError> {
    let mut db = open();
    for (what, file, owner) in steps {
        let id = FileId::new(file);
        match what {
            0 | 1 if find(&mut db, id).unwrap().is_none() => {
                create(&mut db, &new(file, owner, 10), FREE).unwrap();
            }
            2 => drop(uploads::received(&mut db, id, 10, 1_000).unwrap()),
            10 if find(&mut db, FileId::new(file + 100)).unwrap().is_none() => {
                let _may_not = create(&mut db, &poster(file + 100, owner, id), FREE);
            }
            11 => drop(uploads::received(&mut db, FileId::new(file + 100), 10, 1_000).unwrap()),
            12 => drop(posters::attach(&mut db, FileId::new(file + 100), &still()).unwrap()),
            3 if file < 3 => drop(uploads::ready(&mut db, id, &video()).unwrap()),
            3 => drop(uploads::ready(&mut db, id, &looked(7)).unwrap()),
            4 => uploads::refuse(&mut db, id, "bad_data").unwrap(),
            5 => drop(uploads::discard(&mut db, id, &[PersonId::User(owner)]).unwrap()),
            6 => {
                let wanted = [attachment(id)];
                if let Ok(files) = attached::claimable(&mut db, &wanted, &person(owner)).unwrap() {
                    attached::claim(&mut db, &files, RoomId(1), MessageId(owner)).unwrap();
                }
            }
            9 => drop(attached::expire(&mut db, 1_001, 1).unwrap()),
            7 => attached::doom_of_message(&mut db, MessageId(owner)).unwrap(),
            8 => {
                uploads::expire(&mut db, 1_001, 2).unwrap();
                uploads::forget_expired(&mut db, 1_001, 1).unwrap();
                let doomed = uploads::doomed(&mut db, 1).unwrap();
                uploads::forget(&mut db, &doomed).unwrap();
            }
            _ => {}
        }
        for owner in 0..3 {
            let row = db.first(
                    "SELECT CAST(coalesce(sum(stored), 0) AS BIGINT), count(*) FROM files WHERE owner = $1 AND state IN (0, 1, 2, 3)",
                    &[Value::Person(PersonId::User(owner))],
                ).unwrap();
            let mut row = row.unwrap();
            let there = (row.int().unwrap(), row.int().unwrap());
            let counted = db
                .first(
                    "SELECT bytes, files FROM file_use WHERE owner = $1",
                    &[Value::Person(PersonId::User(owner))],
                )
                .unwrap();
            let counted =
                counted.map_or((0, 0), |mut row| (row.int().unwrap(), row.int().unwrap()));
            prop_assert_eq!(counted, there, "{}", owner);
        }
    }
    Ok(())
}

#[test]
fn what_is_in_no_message_is_found_without_reading_all_files() {
    const LISTED: &str = "state IN (0, 1, 2, 5, 6) AND";
    let mut db = testing::sqlite();
    let source = include_str!("uploads.rs");
    for condition in [
        "state = 1 ORDER BY",
        "state = 0",
        "state = 5 AND owner = $1",
        "state = $1 AND touched_at < $2",
        "state = 5 AND touched_at < $1",
    ] {
        let listed = format!("{LISTED} {condition}");
        assert!(source.contains(&listed), "{condition}");
        let condition = listed.replace("$1", "1").replace("$2", "2");
        let condition = condition.trim_end_matches("ORDER BY");
        let how = db.plan(&format!("SELECT * FROM files WHERE {condition}"));
        assert!(
            how.contains("SEARCH files USING INDEX files_loose (state=?"),
            "{condition}: {how}"
        );
    }
}

fn files_of_both_owners_come_in_one_order(open: Open) {
    let mut db = open();
    for number in 1..=6 {
        let owner = 1 + number % 2;
        let id = ready(&mut db, number.try_into().unwrap(), owner);
        let files = attached::claimable(&mut db, &[attachment(id)], &person(owner)).unwrap();
        attached::claim(&mut db, &files.unwrap(), RoomId(1), MessageId(number)).unwrap();
        let insert = "INSERT INTO messages (id, room_id, seq, rev, kind, format, author, name, avatar, place, address, \
             content, created_at) VALUES ($1, 1, $1, $1, 0, 0, 'u1', '', '', '', '', '', 0)";
        db.execute(insert, &[Value::Int(number)]).unwrap();
    }
    let (owners, mut after, mut all) = ([1, 2].map(PersonId::User), own::FIRST, Vec::new());
    for _ in 0..3 {
        let page = own::page(&mut db, &owners, own::Order::New, after, 2).unwrap();
        after = page.last().unwrap().place;
        all.extend(page.iter().map(|own| own.place.0));
    }
    assert_eq!(all, [6, 5, 4, 3, 2, 1]);
}
