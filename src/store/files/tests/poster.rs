//! Posters: part of their video, or nothing.

use super::*;

on_both!(
    a_poster_becomes_part_of_its_video_before_or_after_that_is_looked_at,
    a_poster_is_refused_where_no_video_waits_for_it,
    a_poster_goes_with_a_video_that_was_never_sent_and_takes_no_videos_place,
    only_what_may_be_a_video_gets_a_poster,
    an_account_brings_the_poster_of_what_its_visitor_has_sent,
);

fn a_poster_becomes_part_of_its_video_before_or_after_that_is_looked_at(open: Open) {
    for (first, mp4) in [(true, false), (false, false), (true, true), (false, true)] {
        let mut db = open();
        let (id, by) = (FileId::new(1), FileId::new(2));
        create(&mut db, &new(1, 1, 10), FREE).unwrap();
        create(&mut db, &poster(2, 1, id), FREE).unwrap();
        let mut looked = video();
        if mp4 {
            looked.media_type = "video/mp4".to_owned();
            looked.content.h = Some(5);
        }
        uploads::received(&mut db, id, 10, 2_000).unwrap();
        uploads::received(&mut db, by, 10, 2_000).unwrap();
        if !first {
            assert!(uploads::ready(&mut db, id, &looked).unwrap());
        }
        assert!(posters::attach(&mut db, by, &still()).unwrap());
        if first {
            assert!(uploads::ready(&mut db, id, &looked).unwrap());
        }
        let row = find(&mut db, id).unwrap().unwrap();
        let content = row.file().content;
        let claimed = (Some(640), Some(360), Some(2_500));
        let expected = if mp4 { (None, Some(5), None) } else { claimed };
        assert_eq!((content.w, content.h, content.ms), expected, "{first}");
        assert!(content.poster);
        assert_eq!(
            row.detail.renditions.get(&Rendition::Poster),
            Some(&still())
        );
        assert_eq!((row.stored, usage::total(&mut db).unwrap()), (13, 13));
        // One is enough, and it is nothing by itself.
        let again = create(&mut db, &poster(3, 1, id), FREE);
        assert_eq!(again, Err(Error::NotFound));
        let alone = attached::claimable(&mut db, &[attachment(by)], &person(1)).unwrap();
        assert_eq!(alone, Err(Error::FileGone));
        let files = attached::claimable(&mut db, &[attachment(id)], &person(1)).unwrap();
        attached::claim(&mut db, &files.unwrap(), RoomId(1), MessageId(5)).unwrap();
        assert_eq!(
            uploads::doomed(&mut db, 9).unwrap(),
            [by],
            "what is left of it"
        );
        assert_eq!(usage::both(&mut db, PersonId::User(1)).unwrap(), (13, 1));
    }
}

fn a_poster_is_refused_where_no_video_waits_for_it(open: Open) {
    let mut db = open();
    let id = FileId::new(1);
    let none = Err(Error::NotFound);
    assert_eq!(create(&mut db, &poster(2, 1, id), FREE), none, "no video");
    create(&mut db, &new(1, 1, 10), FREE).unwrap();
    assert_eq!(create(&mut db, &poster(2, 2, id), FREE), none, "another's");
    create(&mut db, &poster(2, 1, id), FREE).unwrap();
    let of_poster = create(&mut db, &poster(3, 1, FileId::new(2)), FREE);
    assert_eq!(of_poster, none, "a poster's");
    // One that did not arrive gives way; one that is looked at does not.
    create(&mut db, &poster(3, 1, id), FREE).unwrap();
    assert_eq!(uploads::doomed(&mut db, 9).unwrap(), [FileId::new(2)]);
    uploads::received(&mut db, FileId::new(3), 10, 2_000).unwrap();
    assert_eq!(create(&mut db, &poster(4, 1, id), FREE), none);
    // The file is no video.
    uploads::received(&mut db, id, 10, 2_000).unwrap();
    assert!(uploads::ready(&mut db, id, &looked(7)).unwrap());
    assert!(!posters::attach(&mut db, FileId::new(3), &still()).unwrap());
    uploads::refuse(&mut db, FileId::new(3), "file_gone").unwrap();
    assert_eq!(usage::total(&mut db).unwrap(), 7);
    // One came before that was known.
    create(&mut db, &new(5, 1, 10), FREE).unwrap();
    create(&mut db, &poster(6, 1, FileId::new(5)), FREE).unwrap();
    for id in [5, 6] {
        uploads::received(&mut db, FileId::new(id), 10, 2_000).unwrap();
    }
    assert!(posters::attach(&mut db, FileId::new(6), &still()).unwrap());
    assert!(uploads::ready(&mut db, FileId::new(5), &looked(7)).unwrap());
    let row = find(&mut db, FileId::new(5)).unwrap().unwrap();
    assert!(!row.file().content.poster && row.file().content.w.is_none());
    assert_eq!(row.stored, 7);
}

fn a_poster_goes_with_a_video_that_was_never_sent_and_takes_no_videos_place(open: Open) {
    let mut db = open();
    for id in 0..LOOSE as u128 {
        create(&mut db, &new(id, 1, 10), FREE).unwrap();
        create(&mut db, &poster(100 + id, 1, FileId::new(id)), FREE).unwrap();
    }
    let too_many = Err(Error::TooManyUploads { limit: LOOSE });
    assert_eq!(create(&mut db, &new(99, 1, 10), FREE), too_many);
    let owner = [PersonId::User(1)];
    assert!(uploads::discard(&mut db, FileId::new(0), &owner).unwrap());
    let gone = [FileId::new(0), FileId::new(100)];
    assert_eq!(uploads::doomed(&mut db, 9).unwrap(), gone);
    uploads::expire(&mut db, i64::MAX, 100).unwrap();
    assert_eq!(usage::both(&mut db, owner[0]).unwrap(), (0, 0));
    assert!(uploads::loose_of(&mut db, owner[0]).unwrap().is_empty());
}

fn only_what_may_be_a_video_gets_a_poster(open: Open) {
    for wanted in [Wanted::Picture, Wanted::File, Wanted::Voice] {
        let mut db = open();
        let other = NewUpload {
            wanted,
            ..new(1, 1, 10)
        };
        create(&mut db, &other, FREE).unwrap();
        let refused = create(&mut db, &poster(2, 1, FileId::new(1)), FREE);
        assert_eq!(refused, Err(Error::NotFound), "{wanted:?}");
    }
}

fn an_account_brings_the_poster_of_what_its_visitor_has_sent(open: Open) {
    let mut db = open();
    let (visitor, account) = (PersonId::User(1), PersonId::User(2));
    create(&mut db, &new(1, 1, 10), FREE).unwrap();
    let later = NewUpload {
        was: Some(visitor),
        ..poster(2, 2, FileId::new(1))
    };
    create(&mut db, &later, FREE).unwrap();
    uploads::received(&mut db, FileId::new(2), 10, 2_000).unwrap();
    assert!(posters::attach(&mut db, FileId::new(2), &still()).unwrap());
    // It counts for whoever the video is.
    assert_eq!(usage::both(&mut db, visitor).unwrap(), (13, 1));
    assert_eq!(usage::both(&mut db, account).unwrap(), (0, 1));
    assert!(check::drifts(&mut db, 9).unwrap().is_empty());
}
