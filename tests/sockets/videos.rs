//! Videos: nobody is given what a camera has written beside one, and its poster is part of it.

use std::fs;

use serde_json::{Value, json};

use crate::look::make::{jpeg, quarters};
use crate::support::video::{boxed, mp4, telling, webm, with_places};
use crate::support::{Answer, Member, Server, eventually};

pub const MARKER: &[u8] = b"+35.6586+139.7454/";

/// Whether somebody could learn a place of it.
pub fn has_marker(bytes: &[u8]) -> bool {
    bytes.windows(MARKER.len()).any(|each| each == MARKER)
}

/// Announces an upload and brings all of it; its address.
pub async fn brings(who: &mut Member, pairs: &[(&str, &str)], bytes: &[u8]) -> String {
    let created = who.guest.announce(bytes.len(), pairs).await;
    assert_eq!(created.status, 201, "{created:?}");
    let location = created.header("location").unwrap().to_owned();
    let sent = who.guest.continues(&location, 0, bytes).await;
    assert_eq!(sent.status, 204, "{sent:?}");
    location
}

pub fn id_of(location: &str) -> &str {
    location.rsplit_once('/').unwrap().1
}

/// Announces the poster of a video.
async fn announces_poster(who: &mut Member, video: &str, length: usize) -> Answer {
    let pairs = [
        ("filename", "poster"),
        ("as", "poster"),
        ("of", video),
        ("w", "640"),
        ("h", "99999999"),
        ("ms", "2500"),
    ];
    who.guest.announce(length, &pairs).await
}

/// Brings the poster of a video; its upload when it was looked at.
pub async fn brings_poster(who: &mut Member, video: &str, bytes: &[u8]) -> Value {
    let created = announces_poster(who, video, bytes.len()).await;
    assert_eq!(created.status, 201, "{created:?}");
    let location = created.header("location").unwrap().to_owned();
    let sent = who.guest.continues(&location, 0, bytes).await;
    assert_eq!(sent.status, 204, "{sent:?}");
    who.guest.awaits(&location).await
}

/// What lies on the disk of a file, by names.
fn on_disk(server: &Server, id: &str) -> Vec<String> {
    let shard = server.data().join("files").join(id.split_at(2).0);
    let Ok(there) = fs::read_dir(shard) else {
        return Vec::new();
    };
    let names = there.map(|each| each.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.filter(|name| name.starts_with(id)).collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_video_tells_nobody_where_it_was_filmed_and_is_otherwise_the_same() {
    let server = Server::start(&[]);
    let (mut ada, mut bob, room) = Member::two_in_a_room(&server, "Kitchen").await;
    let (mut ws, _) = ada.hears(room).await;
    let sent = mp4(&telling(MARKER));
    assert!(has_marker(&sent));
    let location = brings(&mut ada, &[("filename", "trip.mp4")], &sent).await;
    let upload = ada.guest.awaits(&location).await;
    let (id, file) = (id_of(&location), &upload["file"]);
    // Whoever sends it is given no more than others, and as soon.
    assert_eq!(
        (&file["kind"], &file["type"], &file["size"]),
        (&json!("video"), &json!("video/mp4"), &json!(sent.len()))
    );
    assert_eq!(
        (&file["w"], &file["h"], &file["ms"]),
        (&json!(720), &json!(1280), &json!(1500))
    );
    ws.sends_files(room, "", &json!([{"id": id}])).await;
    for who in [&mut ada, &mut bob] {
        let got = who.guest.get(&format!("/files/{id}/raw")).await;
        assert_eq!(got.status, 200);
        assert!(!has_marker(&got.body));
        assert_eq!(got.body.len(), sent.len());
        let differ = sent.iter().zip(&got.body).filter(|(a, b)| a != b).count();
        let told = 3 * telling(MARKER).len();
        assert!(differ < told, "{differ} of {told} bytes are others");
        let frees = got.body.windows(4).filter(|each| each == b"free").count();
        assert_eq!(frees, 9);
    }
    // Nothing is left of it on the disk either, and what lies there is what is known of it.
    for entry in fs::read_dir(server.data().join("files").join(id.split_at(2).0)).unwrap() {
        assert!(!has_marker(&fs::read(entry.unwrap().path()).unwrap()));
    }
    let (code, out, err) = server.run(&["files", "check", "--hash"], "");
    assert_eq!((code, err.as_str()), (Some(0), ""), "{out}");
}

#[tokio::test]
async fn what_cannot_be_walked_or_is_wanted_to_the_byte_is_only_saved() {
    let server = Server::start(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    let whole = mp4(&telling(MARKER));
    // In its movie.
    let cut = &whole[..whole.len() - telling(MARKER).len() - 5];
    let as_file = [("filename", "trip.mp4"), ("as", "file")];
    for (pairs, bytes) in [(&as_file[..1], cut), (&as_file[..], &whole[..])] {
        let location = brings(&mut ada, pairs, bytes).await;
        let upload = ada.guest.awaits(&location).await;
        assert_eq!(upload["file"]["kind"], "file", "{upload}");
        let got = ada
            .guest
            .get(&format!("/files/{}/raw", id_of(&location)))
            .await;
        assert_eq!(got.header("content-type"), Some("application/octet-stream"));
        let disposition = got.header("content-disposition").unwrap();
        assert!(disposition.starts_with("attachment"), "{disposition}");
        assert!(got.body == bytes);
    }
}

#[tokio::test]
async fn places_in_a_track_or_behind_the_end_go_too_and_what_is_shown_stays() {
    let server = Server::start(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    let sport = with_places(MARKER);
    // What is behind the last box, and a copy of which the end is missing.
    let trailing = [&mp4(b"")[..], b"\xFF\xFF\xFF\xFFinst", MARKER].concat();
    let mut cut = [mp4(&telling(MARKER)), boxed(b"mdat", &[7; 900])].concat();
    cut.truncate(cut.len() - 400);
    // Of each what may change at most: tracks, places and heads.
    for (sent, most) in [(&sport, 600), (&trailing, 40), (&cut, 900)] {
        assert!(has_marker(sent));
        let location = brings(&mut ada, &[("filename", "ride.mp4")], sent).await;
        let upload = ada.guest.awaits(&location).await;
        assert_eq!(upload["file"]["kind"], "video", "{upload}");
        assert_eq!(upload["file"]["w"], 720, "{upload}");
        let path = format!("/files/{}/raw", id_of(&location));
        let got = ada.guest.get(&path).await;
        assert!(!has_marker(&got.body));
        assert_eq!(got.body.len(), sent.len());
        let differ = sent.iter().zip(&got.body).filter(|(a, b)| a != b).count();
        assert!(differ < most, "{differ} bytes are others");
    }
    let (code, out, err) = server.run(&["files", "check", "--hash"], "");
    assert_eq!((code, err.as_str()), (Some(0), ""), "{out}");
}

#[tokio::test]
async fn a_poster_is_part_of_its_video_and_goes_with_it() {
    let server = Server::start(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    let mut bob = Member::new(&server, "Bob").await;
    let mut eve = Member::new(&server, "Eve").await;
    let room = ada.makes("private", "Cellar").await;
    let code = ada.invites(room, &json!({})).await;
    bob.accepts(&code).await;
    let (mut ws, _) = ada.hears(room).await;
    let (mut bob_ws, _) = bob.hears(room).await;
    let still = jpeg(&quarters(1_600, 900));
    let mut ids = Vec::new();
    // Before the last byte of its video has come, and after it was looked at.
    for early in [true, false] {
        let video = webm();
        let created = ada
            .guest
            .announce(video.len(), &[("filename", "a.webm")])
            .await;
        let location = created.header("location").unwrap().to_owned();
        let id = id_of(&location).to_owned();
        let first = if early { 100 } else { video.len() };
        ada.guest.continues(&location, 0, &video[..first]).await;
        if !early {
            let upload = ada.guest.awaits(&location).await;
            assert!(upload["file"].get("poster").is_none(), "{upload}");
        }
        let poster = brings_poster(&mut ada, &id, &still).await;
        assert_eq!(poster["state"], "ready", "{poster}");
        ada.guest.continues(&location, first, &video[first..]).await;
        let upload = ada.guest.awaits(&location).await;
        let file = &upload["file"];
        assert_eq!(file["poster"], true, "{upload}");
        assert_eq!(
            (&file["w"], &file["h"], &file["ms"]),
            (&json!(640), &json!(16_384), &json!(2_500)),
            "claims, clipped"
        );
        assert_eq!(
            announces_poster(&mut ada, &id, 9).await.error(),
            "not_found"
        );
        let alone = json!([{"id": poster["id"]}]);
        assert_eq!(ws.sends_files(room, "", &alone).await, "file_gone");
        let ack = ws.sends_files(room, "", &json!([{"id": id}])).await;
        let event = bob_ws
            .expect("the message", |frame| frame["data"]["kind"] == "message")
            .await;
        assert_eq!(
            event["data"]["message"]["files"][0]["poster"], true,
            "{event}"
        );
        let path = format!("/files/{id}/poster");
        let got = bob.guest.get(&path).await;
        assert_eq!(
            (got.status, got.header("content-type")),
            (200, Some("image/jpeg"))
        );
        let drawn = image::load_from_memory(&got.body).unwrap();
        assert_eq!((drawn.width(), drawn.height()), (1_080, 608));
        assert_eq!(eve.guest.get(&path).await.status, 404);
        assert_eq!(
            announces_poster(&mut ada, &id, 9).await.error(),
            "not_found",
            "it is sent"
        );
        ids.push((id, ack["id"].clone()));
    }
    let (code, out, err) = server.run(&["files", "check", "--hash"], "");
    assert_eq!((code, err.as_str()), (Some(0), ""), "{out}");
    assert_eq!(out, "2 files: database and disk agree\n");
    let [(first, message), (second, other)] = &ids[..] else {
        panic!()
    };
    for change in [
        json!({"room": room, "id": message, "do": "recall"}),
        json!({"room": room, "id": other, "do": "unfile", "file": second}),
    ] {
        let done = ws.try_change(change).await;
        assert!(done.is_object(), "{done}");
    }
    for id in [first, second] {
        eventually("its bytes are gone", async || {
            on_disk(&server, id).is_empty()
        })
        .await;
        assert_eq!(
            bob.guest.get(&format!("/files/{id}/poster")).await.status,
            404
        );
    }
}

#[tokio::test]
async fn what_is_no_picture_or_no_videos_is_no_poster_and_hinders_nothing() {
    let server = Server::start(&[("uploads.unsent", "1h")]);
    let mut ada = Member::new(&server, "Ada").await;
    let mut bob = Member::new(&server, "Bob").await;
    let location = brings(&mut ada, &[("filename", "a.webm")], &webm()).await;
    let id = id_of(&location).to_owned();
    ada.guest.awaits(&location).await;
    assert_eq!(
        announces_poster(&mut bob, &id, 9).await.error(),
        "not_found"
    );
    let nobodys = "a".repeat(26);
    assert_eq!(
        announces_poster(&mut ada, &nobodys, 9).await.error(),
        "not_found"
    );
    let too_large = announces_poster(&mut ada, &id, (2 << 20) + 1).await;
    assert_eq!(too_large.error(), "file_too_big");
    let without = ada.guest.announce(9, &[("as", "poster")]).await;
    assert_eq!(
        (without.status, without.error()),
        (400, "bad_upload".to_owned())
    );
    for no_picture in [
        &b"<svg onload='alert(1)'/>"[..],
        &jpeg(&quarters(64, 64))[..99],
        &webm(),
    ] {
        let poster = brings_poster(&mut ada, &id, no_picture).await;
        assert_eq!(poster["state"], "refused", "{poster}");
        assert_eq!(poster["error"]["code"], "bad_picture", "{poster}");
    }
    let upload = ada.guest.awaits(&location).await;
    assert!(upload["file"].get("poster").is_none(), "{upload}");
    // A file that is none keeps no poster.
    let text = ada.guest.announce(10, &[("filename", "a.txt")]).await;
    let text = text.header("location").unwrap().to_owned();
    let poster = brings_poster(&mut ada, id_of(&text), &jpeg(&quarters(64, 64))).await;
    assert_eq!(poster["state"], "ready", "{poster}");
    ada.guest.continues(&text, 0, b"plain text").await;
    let upload = ada.guest.awaits(&text).await;
    assert!(upload["file"].get("poster").is_none(), "{upload}");
    let path = format!("/files/{}/poster", id_of(&text));
    assert_eq!(ada.guest.get(&path).await.status, 404);
    let only = [format!("{}.raw", id_of(&text))];
    eventually("its poster is gone", async || {
        on_disk(&server, id_of(&text)) == only
    })
    .await;
    // Thrown away with its video.
    let poster = brings_poster(&mut ada, &id, &jpeg(&quarters(64, 64))).await;
    assert_eq!(poster["state"], "ready", "{poster}");
    assert_eq!(
        ada.guest.get(&format!("/files/{id}/poster")).await.status,
        200,
        "one's own"
    );
    assert_eq!(
        bob.guest.get(&format!("/files/{id}/poster")).await.status,
        404
    );
    let site = ("sec-fetch-site", "same-origin");
    let gone = ada.guest.request("DELETE", &location, &[site], b"").await;
    assert_eq!(gone.status, 204);
    eventually("its bytes are gone", async || {
        on_disk(&server, &id).is_empty()
    })
    .await;
    let mine = ada.may("GET", "uploads", &Value::Null).await;
    let left: Vec<_> = mine["uploads"]
        .as_array()
        .unwrap()
        .iter()
        .map(|each| each["state"].clone())
        .collect();
    assert!(!left.contains(&json!("receiving")), "{mine}");
}
