use super::*;

#[test]
fn a_file_is_there_whole_or_not_at_all_and_leaves_nothing() {
    let data = tempfile::tempdir().unwrap();
    let place = FilePlace::open(data.path().to_owned()).unwrap();
    let id = FileId::new(7);
    fs::write(place.incoming(id), "bytes").unwrap();
    let whole = place.incoming(id);
    place.keep(&whole, id, Rendition::Raw).unwrap();
    // The server ended before its row said so.
    let whole = place.path(id, Rendition::Raw);
    place.keep(&whole, id, Rendition::Raw).unwrap();
    assert_eq!(fs::read(place.path(id, Rendition::Raw)).unwrap(), b"bytes");
    place.put(id, Rendition::S, b"small").unwrap();
    assert_eq!(fs::read(place.path(id, Rendition::S)).unwrap(), b"small");
    // Two renditions are written beside each other.
    let half = place.path(id, Rendition::S);
    fs::create_dir(half.with_file_name(format!("{id}.s.half"))).unwrap();
    place.put(id, Rendition::M, b"medium").unwrap();
    assert!(place.put(id, Rendition::S, b"other").is_err());
    fs::remove_dir(half.with_file_name(format!("{id}.s.half"))).unwrap();
    place.remove(id).unwrap();
    place.remove(id).unwrap();
    let shard = place.path(id, Rendition::Raw);
    let left = fs::read_dir(shard.parent().unwrap()).unwrap().count();
    assert_eq!(left, 0);
}

#[test]
fn what_lies_there_is_known_by_its_name_and_place() {
    let data = tempfile::tempdir().unwrap();
    let place = FilePlace::open(data.path().to_owned()).unwrap();
    let (id, other) = (FileId::new(7), FileId::new(u128::MAX));
    fs::write(place.incoming(id), "came").unwrap();
    place.put(id, Rendition::M, b"medium").unwrap();
    place.put(other, Rendition::Raw, b"raw").unwrap();
    let shard = place.path(id, Rendition::M);
    for (name, bytes) in [
        (format!("{id}.poster.half"), "half"),
        (format!("{id}.half"), "half"),
        (format!("{id}.exe.half"), "exe"),
        (format!("{other}.raw"), "in another's directory"),
        (id.to_string(), "no rendition"),
        ("notes.txt".to_owned(), "notes"),
    ] {
        fs::write(shard.with_file_name(name), bytes).unwrap();
    }
    fs::write(place.root.join("README"), "here").unwrap();
    let mut seen = Vec::new();
    let all = place.walk(&mut |entry| {
        seen.push((entry.bytes, entry.part));
        Ok(())
    });
    all.unwrap();
    seen.sort_by_key(|(bytes, part)| (*bytes, *part == Part::Foreign, *part == Part::Half));
    assert_eq!(
        seen,
        [
            (3, Part::Rendition(other, Rendition::Raw)),
            (3, Part::Foreign),
            (4, Part::Incoming(id)),
            (4, Part::Half),
            (4, Part::Half),
            (4, Part::Foreign),
            (5, Part::Foreign),
            (6, Part::Rendition(id, Rendition::M)),
            (12, Part::Foreign),
            (22, Part::Foreign),
        ]
    );
    assert!(
        FilePlace::existing(PathBuf::from("/none"))
            .walk(&mut |_| Ok(()))
            .is_ok()
    );
}

#[test]
fn a_temporary_place_goes_with_its_server() {
    let place = FilePlace::temporary().unwrap();
    let root = place.root.clone();
    place.put(FileId::new(1), Rendition::Raw, b"x").unwrap();
    assert!(root.exists());
    drop(place);
    assert!(!root.exists());
}
