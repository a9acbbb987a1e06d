//! Messages found by their files.

use super::*;
use crate::store::files::attached;

on_both!(
    files_are_found_by_name_description_and_kind_however_the_index_was_made,
    a_hit_shows_the_words_then_the_files,
);

/// Gives a message of the lobby a file more.
fn has_file(db: &mut TestDb, message: i64, kind: FileKind, name: &str, detail: &str) {
    let place = attached::of_message(db, MessageId(message)).unwrap().len();
    db.execute(
        "INSERT INTO files (id, owner, state, kind, size, got, stored, name, media_type, detail, room_id, message_id, place, created_at, touched_at) \
         VALUES ($1, 'u1', 3, $2, 1, 1, 1, $3, '', $4, 1, $5, $6, 1, 1)",
        &[
            Value::Text(&crate::model::file_id::FileId::new(message as u128 * 100 + place as u128).to_string()),
            Value::Int(kind.code()),
            Value::Text(name),
            Value::Text(detail),
            Value::Int(message),
            Value::Int(place as i64),
        ],
    )
    .unwrap();
    db.execute(
        "UPDATE messages SET files = files + 1 WHERE id = $1",
        &[Value::Int(message)],
    )
    .unwrap();
}

fn filled_with_files(open: Open) -> TestDb {
    let mut db = filled(open);
    for id in 1..=7 {
        let words = if id == 7 {
            "see https://example.org/"
        } else {
            ""
        };
        said(&mut db, id, RoomId(1), PersonId::User(1), words);
    }
    has_file(&mut db, 1, FileKind::File, "报告_2026.final.pdf", "{}");
    has_file(
        &mut db,
        2,
        FileKind::Picture,
        "IMG.jpg",
        r#"{"alt":"Two bowls"}"#,
    );
    has_file(
        &mut db,
        2,
        FileKind::Animation,
        "b.gif",
        r#"{"alt":"a fox","spoiler":true}"#,
    );
    has_file(&mut db, 3, FileKind::Video, "茶馆开业.mp4", "{}");
    has_file(&mut db, 4, FileKind::Audio, "שלום עולם.mp3", "{}");
    has_file(&mut db, 5, FileKind::Voice, "voice.wav", "{}");
    has_file(
        &mut db,
        6,
        FileKind::Animation,
        "AnnualReport2025.gif",
        "{}",
    );
    db
}

/// What is found in the lobby, by the words that were typed; the newest first.
const FOUND: [(&str, &[i64]); 20] = [
    ("报告", &[1]),
    ("2026", &[1]),
    ("final", &[1]),
    ("pdf", &[1]),
    ("报告_2026.final.pdf", &[1]),
    ("\"final pdf\"", &[1]),
    ("bowls", &[2]),
    ("fox", &[]),
    ("img", &[2]),
    ("开业", &[3]),
    ("שלום", &[4]),
    ("עולם mp3", &[4]),
    ("report", &[6]),
    ("has:file", &[6, 5, 4, 3, 2, 1]),
    ("有:图片", &[6, 2]),
    ("has:video", &[3]),
    ("has:audio", &[4]),
    ("has:voice", &[5]),
    ("has:link", &[7]),
    ("has:picture bowls", &[2]),
];

fn files_are_found_by_name_description_and_kind_however_the_index_was_made(open: Open) {
    let mut db = filled_with_files(open);
    begin_anew(&mut db).unwrap();
    while step(&mut db).unwrap().is_some() {}
    for (typed, expected) in FOUND {
        assert_eq!(ids(&mut db, typed), expected, "taken in: {typed}");
    }
    let mut db = filled_with_files(open);
    for id in 1..=7 {
        refresh(&mut db, MessageId(id)).unwrap();
    }
    for (typed, expected) in FOUND {
        assert_eq!(ids(&mut db, typed), expected, "refreshed: {typed}");
    }
    for no_word in ["!file", "!picture"] {
        assert!(ids(&mut db, no_word).is_empty(), "{no_word}");
    }
}

fn a_hit_shows_the_words_then_the_files(open: Open) {
    let mut db = filled_with_files(open);
    said(&mut db, 8, RoomId(1), PersonId::User(1), "here they are");
    has_file(
        &mut db,
        8,
        FileKind::File,
        "茶 单.txt",
        r#"{"alt":"all teas"}"#,
    );
    has_file(
        &mut db,
        8,
        FileKind::File,
        "b.pdf",
        r#"{"alt":"hidden","spoiler":true}"#,
    );
    refresh(&mut db, MessageId(8)).unwrap();
    refresh(&mut db, MessageId(2)).unwrap();
    let mut shown = |typed: &str| {
        let found = page(&mut db, &wanted(typed)).unwrap();
        found.hits.into_iter().next().unwrap().piece
    };
    let all = shown("b.pdf");
    assert_eq!(all.text, "here they are · 茶 单.txt · all teas · b.pdf");
    let units: Vec<u16> = all.text.encode_utf16().collect();
    let marked = all
        .marks
        .iter()
        .map(|[from, to]| String::from_utf16(&units[*from..*to]).unwrap());
    assert_eq!(marked.collect::<Vec<_>>(), ["b.pdf"]);
    assert_eq!(shown("bowls").text, "IMG.jpg · Two bowls · b.gif");
}
