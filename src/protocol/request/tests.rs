//! What frames are read as, and what those are refused with that cannot be read.

use crate::model::message_id::MessageId;

use super::*;

#[test]
fn heartbeats_of_every_dialect_are_understood() {
    for frame in [
        r#"{"type":6,"data":"ping"}"#,
        r#"{"type":6,"data":null}"#,
        r#"{"type":"6"}"#,
    ] {
        assert_eq!(parse(frame), Ok(Request::Ping { number: 6 }), "{frame}");
    }
    assert_eq!(
        parse(r#"{"type":5,"data":"ping"}"#),
        Ok(Request::Ping { number: 5 })
    );
}

#[test]
fn a_text_may_be_bare_or_a_record_full_of_claims() {
    let bare = parse(r#"{"type":3,"data":"hi"}"#);
    assert!(matches!(bare, Ok(Request::Text { content, .. }) if content == "hi"));
    let record = parse(
        r#"{"type":3,"data":{"nickname":"a","avatar":null,"content":"hi","userId":"x","type":3,"ipAddress":{},"id":1e99}}"#,
    );
    assert_eq!(
        record,
        Ok(Request::Text {
            content: "hi".into(),
            nickname: Some("a".into()),
            avatar: None
        })
    );
}

#[test]
fn a_recall_may_name_its_record_either_way() {
    let record = parse(r#"{"type":4,"data":{"id":17,"isVoice":false}}"#);
    assert_eq!(
        record,
        Ok(Request::Recall {
            id: MessageId(17),
            bare: false
        })
    );
    let bare = parse(r#"{"type":4,"data":17}"#);
    assert_eq!(
        bare,
        Ok(Request::Recall {
            id: MessageId(17),
            bare: true
        })
    );
}

#[test]
fn what_is_not_ours_is_named_and_nothing_panics() {
    for (frame, error) in [
        ("", Error::BadFrame),
        ("ping", Error::BadFrame),
        ("[]", Error::BadFrame),
        ("{}", Error::BadFrame),
        (r#"{"type":null}"#, Error::BadFrame),
        (r#"{"type":{"a":1}}"#, Error::BadFrame),
        (r#"{"type":1e400}"#, Error::BadFrame),
        (r#"{"type":99}"#, Error::UnknownType),
        (r#"{"type":-1}"#, Error::UnknownType),
        (r#"{"type":"six"}"#, Error::UnknownType),
        (r#"{"type":3}"#, Error::BadData),
        (r#"{"type":3,"data":7}"#, Error::BadData),
        (r#"{"type":3,"data":{"content":7}}"#, Error::BadData),
        (r#"{"type":4,"data":"17"}"#, Error::BadData),
        (r#"{"type":4,"data":99999999999999999999}"#, Error::BadData),
        (r#"{"type":10,"data":{}}"#, Error::BadData),
        (
            r#"{"type":14,"data":{"nonce":"6f1c7c5e-1a52-4b8a-9a93-0e6f5d1f3f10","room":1,"do":"edit","id":1}}"#,
            Error::BadData,
        ),
        (
            r#"{"type":14,"data":{"nonce":"6f1c7c5e-1a52-4b8a-9a93-0e6f5d1f3f10","room":1,"do":"shout","id":1}}"#,
            Error::BadData,
        ),
        (
            r#"{"type":12,"data":{"nonce":"x","room":1,"content":""}}"#,
            Error::BadData,
        ),
    ] {
        assert_eq!(parse(frame), Err(error), "{frame}");
    }
}

#[test]
fn what_cannot_be_read_is_known_by_its_mark() {
    let nonce = "6f1c7c5e-1a52-4b8a-9a93-0e6f5d1f3f10";
    for frame in [
        r#"{"type":12,"data":{"nonce":"N","room":"1","content":"x"}}"#,
        r#"{"type":14,"data":{"nonce":"N","room":1,"do":"shout","id":1}}"#,
        r#"{"type":14,"data":{"do":"edit","content":["\ud83d"],"nonce":"N"}}"#,
        r#"{"type":99,"data":{"nonce":"N"}}"#,
        r#"{"type":null,"data":{"nonce":"N"}}"#,
    ] {
        let frame = frame.replace('N', nonce);
        assert!(parse(&frame).is_err(), "{frame}");
        assert_eq!(nonce_of(&frame), nonce.parse().ok(), "{frame}");
    }
    for frame in [
        "",
        "[]",
        r#"{"type":12,"data":{"nonce":7}}"#,
        r#"{"data":null}"#,
    ] {
        assert_eq!(nonce_of(frame), None, "{frame}");
    }
}

#[test]
fn deep_nesting_is_refused_not_followed() {
    let deep = format!(r#"{{"type":3,"data":{}}}"#, "[".repeat(60_000));
    assert_eq!(parse(&deep), Err(Error::BadFrame));
}
