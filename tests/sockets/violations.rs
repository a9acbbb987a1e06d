//! What breaks RFC 6455, and the close code it is answered with: clients and proxies read those
//! codes. Nothing that comes after a violation is done.

use serde_json::json;
use teahouse::protocol::MAX_FRAME;

use crate::support::{Guest, Raw, Server, arrive, frame, header, op, within};

/// Sends `bytes` on a fresh socket and gives the close code of the answer; the server must then
/// end the connection.
async fn answer_to(guest: &Guest, bytes: &[u8]) -> Option<u16> {
    let mut raw = guest.raw("/ws").await;
    raw.send_or_be_cut(bytes).await;
    let code = raw.close_code().await;
    raw.end().await;
    code
}

#[tokio::test]
async fn text_that_is_not_utf_8_is_answered_with_1007() {
    let server = Server::start(&[]);
    let guest = Guest::of(&server);
    for bad in [
        &b"\xff"[..],
        b"\xc0\x80",
        b"\xed\xa0\x80",
        b"ok \xf0\x9f\x8d",
    ] {
        assert_eq!(
            answer_to(&guest, &frame(op::TEXT, bad)).await,
            Some(1007),
            "{bad:x?}"
        );
        let pieces = [frame(op::FIRST, b"{"), frame(op::LAST, bad)].concat();
        assert_eq!(
            answer_to(&guest, &pieces).await,
            Some(1007),
            "{bad:x?} in pieces"
        );
    }
    // A character that is cut by a fragment's end is whole in the message.
    let mut raw = guest.raw("/ws").await;
    let text = r#"{"type":3,"data":"茶"}"#.as_bytes();
    raw.send(&[frame(op::FIRST, &text[..19]), frame(op::LAST, &text[19..])].concat())
        .await;
    raw.text_with("\"content\":\"茶\"").await;
}

/// A text in whose middle is no character: U+110000, as the rule for smaller ones would write it. These
/// are the very bytes of Autobahn's cases 6.4.1 to 6.4.4.
const NO_TEXT: &[u8] = b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xf4\x90\x80\x80edited";

#[tokio::test]
async fn text_that_cannot_be_utf_8_any_more_is_answered_with_1007_before_the_rest_has_come() {
    let server = Server::start(&[]);
    let guest = Guest::of(&server);
    let whole = frame(op::TEXT, NO_TEXT);
    let header = whole.len() - NO_TEXT.len();
    // The second piece has all of the bad character, or ends with the byte that spoils it.
    for (first, second) in [(11, 15), (12, 13)] {
        let begun = frame(op::FIRST, &NO_TEXT[..first]);
        let spoilt = frame(op::NEXT, &NO_TEXT[first..second]);
        assert_eq!(
            answer_to(&guest, &[begun, spoilt].concat()).await,
            Some(1007),
            "three frames, cut at {first} and {second}"
        );
        assert_eq!(
            answer_to(&guest, &whole[..header + second]).await,
            Some(1007),
            "one frame, cut at {second}"
        );
        // In pieces that the server reads one by one, with a ping between the frames.
        let mut raw = guest.raw("/ws").await;
        raw.send(&frame(op::FIRST, &NO_TEXT[..first])).await;
        raw.send(&frame(op::PING, b"\xff in between")).await;
        while raw.frame().await.unwrap().0 != op::PONG {}
        raw.send(&frame(op::LAST, &NO_TEXT[first..])[..header + second - first])
            .await;
        assert_eq!(raw.close_code().await, Some(1007));
        raw.end().await;
    }
    // Bytes that are no text may be what they are.
    let mut raw = guest.raw("/ws").await;
    raw.send(&frame(op::FIRST & 0xf0 | 2, NO_TEXT)).await;
    raw.send(&frame(op::LAST, NO_TEXT)).await;
    raw.text_with("bad_frame").await;
    // A mask is taken off first.
    let masked = b"\x81\x84\x01\x02\x03\x04";
    let bad = [0xf4 ^ 1, 0x90 ^ 2];
    let bytes = [&masked[..], &bad].concat();
    assert_eq!(answer_to(&guest, &bytes).await, Some(1007));
}

#[tokio::test]
async fn frames_that_are_none_are_answered_with_1002() {
    let server = Server::start(&[]);
    let guest = Guest::of(&server);
    for reserved in [3, 4, 5, 6, 7, 11, 12, 13, 14, 15] {
        let bytes = frame(0x80 | reserved, b"");
        assert_eq!(
            answer_to(&guest, &bytes).await,
            Some(1002),
            "opcode {reserved}"
        );
    }
    let ping = frame(op::PING & 0x7f, b"");
    for (what, bytes) in [
        ("an unmasked frame", b"\x81\x02{}".to_vec()),
        ("a piece of nothing", frame(op::NEXT, b"x")),
        ("the last piece of nothing", frame(op::LAST, b"x")),
        (
            "a text inside of a text",
            [frame(op::FIRST, b"x"), frame(op::TEXT, b"y")].concat(),
        ),
        (
            "a beginning inside of a text",
            [frame(op::FIRST, b"x"), frame(op::FIRST, b"y")].concat(),
        ),
        ("a ping in pieces", ping),
        ("a ping of 126 bytes", frame(op::PING, &[b'x'; 126])),
        ("a pong of 126 bytes", frame(op::PONG, &[b'x'; 126])),
        ("a close of one byte", frame(op::CLOSE, b"x")),
    ] {
        let answer = within(what, answer_to(&guest, &bytes)).await;
        assert_eq!(answer, Some(1002), "{what}");
    }
}

#[tokio::test]
async fn reserved_bits_without_an_extension_are_answered_with_1002() {
    let server = Server::start(&[]);
    let guest = Guest::of(&server);
    for bits in [0x40, 0x20, 0x10, 0x70] {
        let bytes = frame(op::TEXT | bits, b"{}");
        assert_eq!(answer_to(&guest, &bytes).await, Some(1002), "{bits:#x}");
    }
}

#[tokio::test]
async fn a_close_is_answered_with_its_own_code_or_1002_where_nobody_may_send_it() {
    let server = Server::start(&[]);
    let guest = Guest::of(&server);
    for code in [
        1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1014, 3000, 4000, 4999,
    ] {
        let bytes = frame(op::CLOSE, &u16::to_be_bytes(code));
        assert_eq!(answer_to(&guest, &bytes).await, Some(code));
    }
    assert_eq!(
        answer_to(&guest, &frame(op::CLOSE, b"")).await,
        None,
        "no code, no code"
    );
    for code in [
        0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535,
    ] {
        let bytes = frame(op::CLOSE, &u16::to_be_bytes(code));
        assert_eq!(answer_to(&guest, &bytes).await, Some(1002), "{code}");
    }
    let reason = [&1000u16.to_be_bytes()[..], b"\xff\xff"].concat();
    let answer = answer_to(&guest, &frame(op::CLOSE, &reason)).await;
    assert!(
        matches!(answer, Some(1002 | 1007)),
        "a reason that is not UTF-8: {answer:?}"
    );
}

#[tokio::test]
async fn too_long_is_answered_with_1009_in_one_piece_or_many() {
    let server = Server::start(&[]);
    let guest = Guest::of(&server);
    assert_eq!(
        answer_to(&guest, &header(op::TEXT, MAX_FRAME as u64 + 1)).await,
        Some(1009)
    );
    assert_eq!(
        answer_to(&guest, &header(op::BINARY, 1 << 40)).await,
        Some(1009)
    );
    let half = vec![b' '; MAX_FRAME / 2];
    let pieces = [
        frame(op::FIRST, &half),
        frame(op::NEXT, &half),
        frame(op::LAST, b" "),
    ];
    assert_eq!(answer_to(&guest, &pieces.concat()).await, Some(1009));
    // Exactly the limit is a message like another.
    let mut raw = guest.raw("/ws").await;
    raw.send(&[frame(op::FIRST, &half), frame(op::LAST, &half)].concat())
        .await;
    raw.text_with("bad_frame").await;
}

#[tokio::test]
async fn a_message_in_a_few_pieces_with_pings_between_them_is_fine() {
    let server = Server::start(&[]);
    let mut raw = Guest::of(&server).raw("/ws").await;
    raw.send(&frame(op::FIRST, br#"{"type":3,"#)).await;
    raw.send(&frame(op::PING, b"in between")).await;
    loop {
        match raw.frame().await.unwrap() {
            (op::PONG, payload) => break assert_eq!(payload, b"in between"),
            (op::TEXT, _) => {}
            other => panic!("{other:?}"),
        }
    }
    for _ in 0..500 {
        raw.send(&frame(op::NEXT, b"")).await;
    }
    raw.send(&frame(op::LAST, br#""data":"in pieces"}"#)).await;
    raw.text_with("in pieces").await;
}

#[tokio::test]
async fn empty_pieces_without_end_are_a_flood() {
    let server = Server::start(&[]);
    let guest = Guest::of(&server);
    let mut bytes = frame(op::FIRST, b"");
    for _ in 0..1_100 {
        bytes.extend(frame(op::NEXT, b""));
    }
    assert_eq!(answer_to(&guest, &bytes).await, Some(1008));
}

#[tokio::test]
async fn pings_and_pongs_without_end_are_a_flood() {
    let server = Server::start_strict(&[]);
    let guest = Guest::of(&server);
    for (kind, enough) in [(op::PING, 1_000), (op::PONG, 1_000)] {
        let bytes = frame(kind, b"x").repeat(enough);
        assert_eq!(answer_to(&guest, &bytes).await, Some(1008), "{kind:#x}");
    }
    // What a lively client may do is answered.
    let mut raw: Raw = guest.raw("/ws").await;
    raw.send(&frame(op::PING, b"x").repeat(10)).await;
    let mut pongs = 0;
    while pongs < 10 {
        pongs += u32::from(raw.frame().await.unwrap() == (op::PONG, b"x".to_vec()));
    }
}

#[tokio::test]
async fn what_comes_after_a_violation_or_a_goodbye_is_not_done() {
    let server = Server::start(&[]);
    let (mut witness, _) = arrive(&server, "witness").await;
    let guest = Guest::of(&server).with("user-agent", "violator");
    for (what, violation) in [
        ("a close", frame(op::CLOSE, &1000u16.to_be_bytes())),
        ("a flood", frame(op::PING, b"").repeat(200)),
        ("too many pieces", {
            let half = vec![b' '; MAX_FRAME / 2 + 1];
            [frame(op::FIRST, &half), frame(op::LAST, &half)].concat()
        }),
        ("broken text", frame(op::TEXT, b"\xff")),
    ] {
        let mut raw = guest.raw("/ws").await;
        let after = frame(op::TEXT, br#"{"type":3,"data":"said after the end"}"#);
        raw.send_or_be_cut(&[violation, after].concat()).await;
        raw.close_code().await;
        raw.end().await;
        witness.say(what).await;
        let heard = witness.until_said(what).await;
        let late = json!("said after the end");
        assert!(
            heard.iter().all(|frame| frame["data"]["content"] != late),
            "{what}"
        );
    }
}
