use std::fs;

use super::*;
use crate::files::place::FilePlace;
use crate::model::file::{FileKind, PosterOf, Wanted};
use crate::model::person_id::PersonId;
use crate::store::files::uploads::NewUpload;
use crate::store::files::usage::Quotas;
use crate::store::{Place, writer};

const OWNER: PersonId = PersonId::User(1);
const VIDEO: FileId = FileId::new(1);

fn new(id: FileId, wanted: Wanted) -> NewUpload {
    let of = PosterOf {
        video: VIDEO,
        size: None,
        ms: None,
    };
    NewUpload {
        id,
        owner: OWNER,
        was: None,
        nonce: None,
        size: 10,
        name: "a".to_owned(),
        wanted,
        full: false,
        poster_of: (wanted == Wanted::Poster).then_some(of),
        at: 1_000,
    }
}

fn picture(bytes: &[u8]) -> Rendered {
    Rendered {
        rendition: Rendition::M,
        media_type: "image/jpeg",
        bytes: bytes.to_vec(),
    }
}

/// A whole upload that nobody has looked at.
async fn comes(store: &Store, new: NewUpload) {
    let quotas = Quotas {
        person: 0,
        total: 0,
    };
    let come = move |db: &mut dyn Db| {
        let id = new.id;
        let created = uploads::create(db, &new, quotas)?;
        uploads::received(db, id, 10, 2_000)?;
        Ok(created.map(|_| ()))
    };
    store.write(come).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_poster_that_was_thrown_away_while_it_was_looked_at_does_nothing_to_the_next() {
    let (writer, queues) = writer::channel(false);
    let store = Store::start(&Place::Memory, writer).unwrap();
    let _thread = queues
        .run(
            |role| Place::Memory.open(role),
            Box::new(|_| {}),
            Arc::new(|| {}),
        )
        .unwrap();
    let depot = Arc::new(Depot::own(FilePlace::temporary().unwrap()));
    let posters = Posters::default();
    comes(&store, new(VIDEO, Wanted::Any)).await;
    let (first, second, third) = (FileId::new(2), FileId::new(3), FileId::new(4));
    let at = depot.place().path(VIDEO, Rendition::Poster);
    comes(&store, new(first, Wanted::Poster)).await;
    let discard = move |db: &mut dyn Db| uploads::discard(db, first, &[OWNER]);
    assert!(store.write(discard).await.unwrap());
    comes(&store, new(second, Wanted::Poster)).await;
    let attach = |upload, bytes| posters.attach(&depot, &store, (upload, VIDEO), picture(bytes));
    // Before the next one is there, and afterwards.
    assert!(!attach(first, b"first").await.unwrap());
    assert!(!at.exists());
    assert!(attach(second, b"second").await.unwrap());
    assert!(!attach(first, b"first").await.unwrap());
    assert!(!attach(third, b"nobody's").await.unwrap());
    assert_eq!(fs::read(&at).unwrap(), b"second");
    let found = store.read(|db| find(db, VIDEO)).await.unwrap().unwrap();
    let stored = found.detail.renditions.get(&Rendition::Poster).unwrap();
    assert_eq!(stored.bytes, 6);
    assert_eq!((found.kind, found.detail.content.w), (FileKind::File, None));
}
