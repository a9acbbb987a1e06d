//! What happens to messages: for every kind of event a snapshot and the events after it are the
//! newer snapshot, heard live, from memory and from the store.

use serde_json::{Value, json};

use teahouse::model::event::EventContent;

use crate::support::{Guest, Member, Server, View};

/// What makes an event of a kind, given the ids of three messages of Ada's, then those of the files of the last two.
type Making = fn(&[Value]) -> Vec<(Value, Value)>;

#[tokio::test]
async fn a_snapshot_and_the_events_after_it_are_the_newer_snapshot_for_every_kind() {
    let table: [(&str, Making); 15] = [
        ("message", |_| vec![]),
        ("edit", |ids| {
            vec![(
                ids[1].clone(),
                json!({"do": "edit", "content": "two, as https://example.org says"}),
            )]
        }),
        ("edit", |ids| {
            vec![
                (ids[1].clone(), json!({"do": "edit", "content": "two <b>"})),
                (ids[1].clone(), json!({"do": "edit", "content": "zwei"})),
            ]
        }),
        ("recall", |ids| {
            vec![(ids[1].clone(), json!({"do": "recall"}))]
        }),
        ("recall", |ids| {
            vec![
                (ids[2].clone(), json!({"do": "edit", "content": "drei"})),
                (ids[2].clone(), json!({"do": "recall"})),
                (ids[2].clone(), json!({"do": "recall"})),
            ]
        }),
        ("recall", |ids| {
            vec![
                (ids[0].clone(), json!({"do": "recall"})),
                (ids[1].clone(), json!({"do": "edit", "content": "II"})),
            ]
        }),
        ("react", |ids| {
            vec![
                (
                    ids[1].clone(),
                    json!({"do": "react", "emoji": "🍵", "on": true}),
                ),
                (
                    ids[2].clone(),
                    json!({"do": "react", "emoji": "👍", "on": true}),
                ),
                (
                    ids[2].clone(),
                    json!({"do": "react", "emoji": "❤️", "on": true}),
                ),
            ]
        }),
        ("react", |ids| {
            [("🍵", true), ("👍", true), ("🍵", false), ("🍵", true)]
                .map(|(emoji, on)| {
                    (
                        ids[1].clone(),
                        json!({"do": "react", "emoji": emoji, "on": on}),
                    )
                })
                .to_vec()
        }),
        ("edit", |ids| {
            let edit = |content: &str| json!({"do": "edit", "content": content});
            vec![
                (ids[1].clone(), edit("two for @Cy, whom it called")),
                (ids[2].clone(), edit("three for nobody any more")),
                (ids[0].clone(), edit("one for @Cy, whom it did not call")),
            ]
        }),
        ("recall", |ids| {
            vec![(ids[2].clone(), json!({"do": "recall"}))]
        }),
        ("pin", |ids| {
            vec![(ids[0].clone(), json!({"do": "pin", "on": true}))]
        }),
        ("unpin", |ids| {
            [true, false, false]
                .map(|on| (ids[0].clone(), json!({"do": "pin", "on": on})))
                .to_vec()
        }),
        ("recall", |ids| {
            vec![
                (
                    ids[1].clone(),
                    json!({"do": "react", "emoji": "🍵", "on": true}),
                ),
                (ids[1].clone(), json!({"do": "pin", "on": true})),
                (ids[1].clone(), json!({"do": "recall"})),
            ]
        }),
        ("file", |ids| {
            vec![
                (ids[1].clone(), json!({"do": "unfile", "file": ids[3]})),
                (ids[1].clone(), json!({"do": "unfile", "file": ids[3]})),
                (ids[2].clone(), json!({"do": "edit", "content": "drei"})),
                (ids[2].clone(), json!({"do": "unfile", "file": ids[4]})),
            ]
        }),
        ("recall", |ids| {
            vec![
                (ids[1].clone(), json!({"do": "unfile", "file": ids[3]})),
                (ids[1].clone(), json!({"do": "recall"})),
                (ids[2].clone(), json!({"do": "edit", "content": ""})),
                (ids[2].clone(), json!({"do": "unfile", "file": ids[4]})),
            ]
        }),
    ];
    // What happens to rooms and their people is in `room_events`.
    for kind in EventContent::KINDS.iter().take(7) {
        assert!(table.iter().any(|row| row.0 == *kind), "no row for {kind}");
    }
    for (kind, making) in table {
        let mut server = Server::start(&[]);
        let mut reader = Guest::visiting(&server).await;
        let mut ada = Member::new(&server, "Ada").await;
        server.crown("Ada");
        let _called = Member::new(&server, "Cy").await;
        let files = [
            ada.uploads("two.txt", b"2").await,
            ada.uploads("three.txt", b"3").await,
        ];
        let (mut ada, welcome) = ada.guest.feed().await;
        let mut ids = ada.post_all(&["one".into()]).await;
        for (content, file) in ["two, @Cy", "three, @all and @Cy"].iter().zip(&files) {
            let files = json!([{"id": file, "alt": content}]);
            let sent = ada.sends_files(1, content, &files).await;
            ids.push(sent["id"].clone());
        }
        ids.extend(files.map(Value::String));
        let mut before = View::empty(&welcome);
        before.seq = 3;
        before.show(&snapshot(&mut reader).await);
        let (mut live, _) = reader.feed().await;
        for (id, change) in making(&ids) {
            ada.change(&id, &change).await;
        }
        ada.post_all(&["four".into()]).await;
        let after = snapshot(&mut reader).await;
        let mut whole = View::default();
        whole.show(&after);

        let mut listening = before.clone();
        let mut kinds = Vec::new();
        for frame in live.until_said("four").await {
            kinds.extend(listening.take(&frame));
        }
        assert!(kinds.iter().any(|event| event["kind"] == kind), "{kinds:?}");
        assert_eq!(listening.messages, whole.messages, "{kind}, heard live");

        let (mut ws, _) = reader.resume(&before.resume()).await;
        let mut resumed = before.clone();
        assert!(!resumed.catch_up(&mut ws).await.is_empty(), "all was there");
        assert_eq!(resumed.messages, whole.messages, "{kind}, from memory");

        server.stop();
        server.launch();
        let mut reader = reader.follow(&server);
        let (mut ws, _) = reader.resume(&before.resume()).await;
        let mut resumed = before.clone();
        assert!(!resumed.catch_up(&mut ws).await.is_empty(), "all was there");
        assert_eq!(resumed.messages, whole.messages, "{kind}, from the store");
        assert_eq!(snapshot(&mut reader).await, after);

        // Snapshots that are newer than the events on top of them change nothing.
        let mut twice = before.clone();
        twice.show(&after);
        let (mut ws, _) = reader.resume(&before.resume()).await;
        twice.catch_up(&mut ws).await;
        assert_eq!(
            twice.messages, whole.messages,
            "{kind}, on top of a newer page"
        );
    }
}

/// The messages of the lobby, as the server tells them.
async fn snapshot(reader: &mut Guest) -> Value {
    reader.get("/api/v1/rooms/1/messages").await.json()["messages"].take()
}
