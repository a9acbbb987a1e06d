use super::*;
use crate::model::file::FileKind;
use crate::model::file_part::FilePart;
use crate::model::person_id::PersonId;
use crate::store::files::{Detail, FileRow, FileState};

fn upload(got: u64) -> FileRow {
    FileRow {
        id: FileId::new(7),
        owner: PersonId::User(1),
        state: FileState::Working,
        kind: FileKind::File,
        size: got,
        got,
        stored: got,
        name: "tea".to_owned(),
        media_type: String::new(),
        why: None,
        detail: Detail::default(),
        message: None,
        touched_at: 0,
    }
}

/// A directory that nodes share, of a server that has said so.
fn shared(root: &Path) -> Depot {
    let depot = Depot {
        place: FilePlace::open(root.to_owned()).unwrap(),
        kind: Kind::Shared,
    };
    depot.claim(uuid::Uuid::new_v4()).unwrap();
    depot
}

fn bring(depot: &Depot, start: u64, bytes: &[u8]) -> FilePart {
    let part = FilePart::new(start);
    let mut file = depot.begin_part(upload(0).id, part).unwrap();
    io::Write::write_all(&mut file, bytes).unwrap();
    depot.end_part(upload(0).id, part).unwrap();
    part
}

#[test]
fn parts_are_one_file_up_to_where_the_database_says() {
    let root = tempfile::tempdir().unwrap();
    let depot = shared(root.path());
    // The first was written on by a node that was taken for dead, and somebody else brought other bytes.
    let first = bring(&depot, 0, b"oolong and what nobody has asked for");
    let ghost = bring(&depot, 6, b"mate");
    let second = bring(&depot, 6, b" tea and more");
    let row = upload(10);
    let whole = depot.whole(&row, &[first, second]).unwrap().unwrap();
    assert_eq!(fs::read(&whole.path).unwrap(), b"oolong tea");
    assert!(depot.has_come(&row, &[first, second]).unwrap());
    // Two looks at once have a file each.
    let again = depot.whole(&row, &[first, second]).unwrap().unwrap();
    assert_ne!(whole.path, again.path);
    depot.keep(&whole, row.id, Rendition::Raw).unwrap();
    let left = again.path.clone();
    drop((whole, again));
    assert!(!left.exists(), "what was not kept is gone");
    let mut read = depot.read(row.id, Rendition::Raw, 2..8).unwrap();
    assert_eq!(read.part().unwrap().unwrap(), "long t");
    assert_eq!(read.part().unwrap(), None);
    for (parts, got) in [
        (&[first][..], 100),
        (&[second][..], 10),
        (&[FilePart::new(0)][..], 6),
        (&[][..], 6),
    ] {
        let row = upload(got);
        assert!(depot.whole(&row, parts).unwrap().is_none(), "{parts:?}");
        assert!(!depot.has_come(&row, parts).unwrap(), "{parts:?}");
    }
    depot.drop_part(row.id, ghost).unwrap();
    depot.remove_incoming(row.id).unwrap();
    let mut left = Vec::new();
    depot
        .walk(&mut |entry| {
            left.push(entry.path);
            Ok(())
        })
        .unwrap();
    assert_eq!(left, [depot.place().path(row.id, Rendition::Raw)]);
}

#[test]
fn where_nothing_is_mounted_nothing_is_written_and_nothing_has_gone() {
    let root = tempfile::tempdir().unwrap();
    let depot = shared(root.path());
    let id = upload(0).id;
    let part = bring(&depot, 0, b"oolong");
    let missing = depot.read(id, Rendition::Raw, 0..1).unwrap_err();
    assert!(
        !depot.is_away(&missing),
        "it is not there, and that is known"
    );
    fs::remove_file(root.path().join(HOUSE)).unwrap();
    let missing = depot.read(id, Rendition::Raw, 0..1).unwrap_err();
    assert!(depot.is_away(&missing));
    for failed in [
        depot.begin_part(id, FilePart::new(0)).map(drop),
        depot.put(id, Rendition::Raw, b"tea"),
        depot.remove(id),
        depot.remove_one(id, Rendition::Raw),
        depot.remove_incoming(id),
    ] {
        assert!(depot.is_away(&failed.unwrap_err()));
    }
    assert!(depot.place().part_path(id, part).exists());
}

#[test]
fn nodes_find_each_other_where_their_files_lie() {
    let root = tempfile::tempdir().unwrap();
    let (depot, boot, other) = (
        shared(root.path()),
        uuid::Uuid::new_v4(),
        uuid::Uuid::new_v4(),
    );
    depot.enter(boot, &[]).unwrap();
    assert!(depot.has_seen(boot).unwrap());
    assert!(!depot.has_seen(other).unwrap());
    // The name of one that has gone goes too, but not at once: it may be about to be one.
    depot.enter(other, &[]).unwrap();
    assert!(depot.has_seen(boot).unwrap());
    let old = std::time::SystemTime::now() - std::time::Duration::from_secs(7_200);
    for name in [boot, other] {
        let path = root.path().join("nodes").join(name.to_string());
        let file = File::options().write(true).open(path).unwrap();
        file.set_modified(old).unwrap();
    }
    depot.enter(uuid::Uuid::new_v4(), &[other]).unwrap();
    assert_eq!(
        (
            depot.has_seen(boot).unwrap(),
            depot.has_seen(other).unwrap()
        ),
        (false, true)
    );
}
