//! Voices: what becomes of a recording, and how classic clients send, hear and recall them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use teahouse::protocol::kinds;
use uuid::Uuid;

use crate::support::voice::{FIELDS, form, recording, wav};
use crate::support::{Guest, Member, Server, arrive, eventually};

/// Length in ms of a voice as everybody gets it, which must be what every player knows.
fn length(file: &[u8]) -> u32 {
    let number = |at: usize| u32::from_le_bytes(file[at..at + 4].try_into().unwrap());
    assert_eq!(&file[..4], b"RIFF");
    assert_eq!(number(4) as usize, file.len() - 8);
    assert_eq!(&file[8..24], b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    assert_eq!((number(24), number(28)), (16_000, 32_000));
    assert_eq!(&file[32..40], b"\x02\0\x10\0data");
    assert_eq!(number(40) as usize, file.len() - 44);
    number(40) / 32
}

#[tokio::test]
async fn a_recording_is_a_voice_that_everybody_can_play() {
    let server = Server::start(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    let (mut ws, welcome) = ada.hears(1).await;
    let limits = &welcome["limits"]["files"];
    assert_eq!(
        (&limits["voice"], &limits["voice_ms"]),
        (&json!(true), &json!(300_000))
    );
    let (mut classic, _) = arrive(&server, "vue").await;
    for (rate, channels, bits, bytes) in [
        (48_000, 2, 16, 48_000 * 4),
        (44_100, 1, 24, 44_100 * 3),
        (8_000, 1, 8, 8_000),
    ] {
        let sound = wav(rate, channels, bits, &vec![0; bytes]);
        let upload = ada.records(&sound).await;
        let file = &upload["file"];
        assert_eq!(file["kind"], "voice", "{upload}");
        assert_eq!(
            (&file["ms"], &file["type"]),
            (&json!(1_000), &json!("audio/wav"))
        );
        let wave = STANDARD.decode(file["wave"].as_str().unwrap()).unwrap();
        assert_eq!(wave.len(), 64);
        let ack = ws.sends_files(1, "", &json!([{"id": file["id"]}])).await;
        assert!(ack["id"].is_i64(), "{ack}");
        let record = classic.data(5).await;
        assert_eq!((&record["type"], &record["id"]), (&json!(5), &ack["id"]));
        let address = format!("/voice/{}.wav", file["id"].as_str().unwrap());
        assert_eq!(record["content"], json!(address), "nothing but its address");
        let got = Guest::of(&server).get(&address).await;
        assert_eq!(got.header("content-type"), Some("audio/wav"));
        assert_eq!(length(&got.body), 1_000);
        assert_eq!(file["size"], got.body.len());
        let range = [("range", "bytes=44-45")];
        let part = ada.guest.request("GET", &address, &range, b"").await;
        assert_eq!((part.status, part.body.len()), (206, 2));
    }
}

#[tokio::test]
async fn a_waveform_shows_where_it_is_loud() {
    let server = Server::start(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    let silence = vec![0; 32_000];
    let tone = &recording(16_000, 1_000)[44..];
    let upload = ada
        .records(&wav(16_000, 1, 16, &[&silence, tone].concat()))
        .await;
    let wave = upload["file"]["wave"].as_str().unwrap();
    let wave = STANDARD.decode(wave).unwrap();
    assert!(wave[..32].iter().all(|bar| *bar == 0), "{wave:?}");
    assert!(wave[32..].iter().all(|bar| *bar > 120), "{wave:?}");
}

#[tokio::test]
async fn what_is_no_recording_is_refused_in_words() {
    let server = Server::start(&[("uploads.voice_length", "2s")]);
    let mut ada = Member::new(&server, "Ada").await;
    let table = [
        (b"RIFF".to_vec(), "bad_voice", "cannot be read"),
        (
            wav(96_000, 1, 16, &[0; 96_000]),
            "bad_voice",
            "cannot be read",
        ),
        (wav(16_000, 1, 16, &[]), "bad_voice", "cannot be read"),
        (
            b"<svg onload='alert(1)'/>".to_vec(),
            "bad_voice",
            "cannot be read",
        ),
        (recording(16_000, 2_100), "voice_too_long", "0:02"),
    ];
    for (sound, code, words) in table {
        let upload = ada.records(&sound).await;
        assert_eq!(
            (&upload["state"], &upload["error"]["code"]),
            (&json!("refused"), &json!(code))
        );
        let message = upload["error"]["message"].as_str().unwrap();
        assert!(message.contains(words), "{message}");
    }
    let large = [("filename", "voice.wav"), ("as", "voice")];
    let refused = ada.guest.announce((30 << 20) + 1, &large).await;
    assert_eq!(
        (refused.status, refused.error()),
        (413, "file_too_big".to_owned())
    );
}

#[tokio::test]
async fn a_voice_stands_alone_and_is_not_edited() {
    let server = Server::start(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    let (mut ws, _) = ada.hears(1).await;
    let upload = ada.records(&recording(16_000, 500)).await;
    let voice = json!({"id": upload["file"]["id"]});
    let picture = json!({"id": ada.uploads("a.txt", b"a").await});
    let alone = "voice_alone";
    assert_eq!(ws.sends_files(1, "words", &json!([voice])).await, alone);
    assert_eq!(ws.sends_files(1, "", &json!([voice, picture])).await, alone);
    let ack = ws.sends_files(1, "", &json!([voice])).await;
    let refused = ws
        .try_change(json!({"room": 1, "id": ack["id"], "do": "edit", "content": "words"}))
        .await;
    assert_eq!(refused, "not_editable");
    for change in [
        json!({"room": 1, "id": ack["id"], "do": "react", "emoji": "🍵", "on": true}),
        json!({"room": 1, "id": ack["id"], "do": "recall"}),
    ] {
        let answer = ws.try_change(change.clone()).await;
        assert!(answer["seq"].is_i64(), "{change}: {answer}");
    }
}

#[tokio::test]
async fn a_classic_client_sends_a_voice_to_the_letter() {
    let server = Server::start(&[]);
    let (mut ws, _) = arrive(&server, "recorder").await;
    let mut sender = Guest::of(&server).with("user-agent", "recorder");
    for (path, rate) in [("/api/voice", 48_000), ("/voice", 44_100)] {
        let body = form(Some(&recording(rate, 1_500)), &FIELDS);
        let answer = sender.posts_form(path, &[], &body).await;
        assert_eq!(
            (answer.status, answer.text()),
            (
                200,
                r#"{"flag":true,"code":20000,"message":"操作成功","data":null}"#.to_owned()
            )
        );
        let record = ws.data(5).await;
        assert_eq!(record["type"], 5);
        assert_eq!(record["nickname"], "小明", "as in type 3");
        assert_eq!(record["avatar"], "https://example.org/face.png");
        assert_ne!(record["ipAddress"], "1.2.3.4", "nothing else is believed");
        assert_ne!(record["ipSource"], "火星");
        let address = record["content"].as_str().unwrap();
        let got = Guest::of(&server).get(address).await;
        assert_eq!(length(&got.body), 1_500);
    }
    ws.say("me").await;
    let me = ws.until_said("me").await.pop().unwrap()["data"].clone();
    let (_, history) = arrive(&server, "other").await;
    let records = history["chatRecordList"].as_array().unwrap();
    let kinds: Vec<&Value> = records.iter().map(|record| &record["type"]).collect();
    assert_eq!(kinds, [&json!(5), &json!(5), &json!(3)]);
    for record in records {
        assert_eq!(
            record["ipAddress"], me["ipAddress"],
            "one visitor: their own bubble"
        );
    }
}

/// What the classic pages keep: the players of the voices that they show, by their place in a list that type 4
/// makes shorter only where it says that it is a voice.
fn players(frames: &[Value]) -> Vec<Value> {
    let mut voices: Vec<Value> = Vec::new();
    for frame in frames {
        let data = &frame["data"];
        match frame["type"].as_u64() {
            Some(2) => {
                let records = data["chatRecordList"].as_array().unwrap().iter();
                let spoken = records.filter(|record| record["type"] == 5);
                voices.extend(spoken.map(|record| record["id"].clone()));
            }
            Some(5) => voices.push(data["id"].clone()),
            Some(4) if data["isVoice"] == true => voices.retain(|id| *id != data["id"]),
            _ => {}
        }
    }
    voices
}

#[tokio::test]
async fn of_three_voices_one_is_recalled_and_the_others_play_on() {
    let server = Server::start(&[]);
    let mut sender = Guest::of(&server).with("user-agent", "ada");
    let (mut ada, history) = arrive(&server, "ada").await;
    let mut frames = vec![json!({"type": 2, "data": history})];
    ada.say("words").await;
    frames.extend(ada.until_said("words").await);
    for _ in 0..3 {
        assert_eq!(sender.speaks(&recording(44_100, 1_000)).await.status, 200);
        frames.extend(ada.until("a voice", |frame| frame["type"] == 5).await);
    }
    let voices = players(&frames);
    assert_eq!(voices.len(), 3);
    let said = frames
        .iter()
        .find(|frame| frame["type"] == 3)
        .unwrap()
        .clone();
    let middle = frames
        .iter()
        .find(|frame| frame["data"]["id"] == voices[1])
        .unwrap()
        .clone();
    let address = middle["data"]["content"].as_str().unwrap();
    for id in [&voices[1], &said["data"]["id"]] {
        ada.send(&json!({"type": kinds::RECALL, "data": {"id": id, "isVoice": true}}))
            .await;
        frames.extend(ada.until("a recall", |frame| frame["type"] == 4).await);
    }
    assert_eq!(players(&frames), [voices[0].clone(), voices[2].clone()]);
    let last = frames.last().unwrap();
    assert_eq!(
        last["data"]["isVoice"], false,
        "whatever its sender says: {last}"
    );
    assert_eq!(Guest::of(&server).get(address).await.status, 404);
    let two = async || server.file_names().len() == 2;
    eventually("its bytes are gone", two).await;
}

#[tokio::test]
async fn a_recall_of_a_voice_from_before_the_restart_says_so() {
    let mut server = Server::start(&[("chat.history", "1")]);
    let mut ada = Member::new(&server, "Ada").await;
    let (mut ws, _) = ada.hears(1).await;
    let upload = ada.records(&recording(16_000, 500)).await;
    let ack = ws
        .sends_files(1, "", &json!([{"id": upload["file"]["id"]}]))
        .await;
    for place in 0..300 {
        ws.submit(Uuid::new_v4(), &format!("later {place}")).await;
        if place % 50 == 49 {
            ws.post("a pause").await;
        }
    }
    server.stop();
    server.launch();
    let ada = ada.follow(&server);
    let (mut ws, _) = ada.hears(1).await;
    let (mut classic, _) = arrive(&server, "vue").await;
    ws.change(&ack["id"], &json!({"do": "recall"})).await;
    let recall = classic.data(4).await;
    assert_eq!(recall, json!({"id": ack["id"], "isVoice": true}));
}

#[tokio::test]
async fn what_a_classic_client_may_not_send_is_answered_in_its_words() {
    let server = Server::start(&[("chat.guests", "read")]);
    let good = recording(16_000, 500);
    let refused = Guest::of(&server).speaks(&good).await;
    assert_eq!(
        (refused.status, &refused.json()["code"]),
        (403, &json!(51_000))
    );
    let server = Server::start(&[("uploads.voice", "members")]);
    let refused = Guest::of(&server).speaks(&good).await;
    assert_eq!(
        (refused.status, &refused.json()["flag"]),
        (401, &json!(false))
    );

    let server = Server::start(&[]);
    let (mut ws, _) = arrive(&server, "ear").await;
    let mut guest = Guest::of(&server);
    let many: Vec<(&str, &str)> = vec![("a", "b"); 20];
    let long = "x".repeat(5_000);
    for (body, code) in [
        (form(None, &FIELDS), 422),
        (form(Some(b""), &FIELDS), 422),
        (form(Some(b"no sound"), &FIELDS), 422),
        (form(Some(&good), &[("type", "3")]), 400),
        (form(Some(&good), &many), 400),
        (form(Some(&good), &[("nickname", &long)]), 400),
        (b"no form at all".to_vec(), 400),
    ] {
        let answer = guest.posts_form("/api/voice", &[], &body).await;
        let json = answer.json();
        assert_eq!(answer.status, code, "{json}");
        assert_eq!(
            (&json["flag"], &json["code"], &json["data"]),
            (&json!(false), &json!(52_000), &Value::Null)
        );
        assert!(
            json["message"].as_str().unwrap().chars().count() > 4,
            "{json}"
        );
    }
    let large = vec![0; 31 << 20];
    let answer = guest
        .posts_form("/api/voice", &[], &form(Some(&large), &FIELDS))
        .await;
    assert_eq!(answer.status, 413);
    ws.say("the end").await;
    let heard = ws.until_said("the end").await;
    assert_eq!(heard.len(), 1, "nobody heard any of it: {heard:?}");
    let incoming = server.data().join("files/incoming");
    eventually("nothing is left of it", async || {
        std::fs::read_dir(&incoming).is_ok_and(|left| left.count() == 0)
    })
    .await;
}

#[tokio::test]
async fn a_voice_comes_from_another_site_as_a_visitor_s_alone() {
    let server = Server::start(&[("server.allowed_origins", "[\"https://blog.example\"]")]);
    let body = form(Some(&recording(16_000, 500)), &FIELDS);
    let elsewhere = |origin: &'static str| [("origin", origin), ("sec-fetch-site", "cross-site")];
    let stranger = elsewhere("https://evil.example");
    let mut guest = Guest::visiting(&server).await;
    let refused = guest.posts_form("/api/voice", &stranger, &body).await;
    assert_eq!(refused.status, 403, "with our cookie");
    let friend = elsewhere("https://blog.example");
    assert_eq!(
        guest.posts_form("/api/voice", &friend, &body).await.status,
        200
    );
    let mut visitor = Guest::of(&server);
    let answer = visitor.posts_form("/api/voice", &stranger, &body).await;
    assert_eq!(answer.status, 200);
    let allowed = answer.header("access-control-allow-origin");
    assert_eq!(allowed, Some("https://evil.example"));
    assert_eq!(answer.header("access-control-allow-credentials"), None);
    assert_eq!(answer.header("set-cookie"), None);
}
