//! Which words find what: both languages, beginnings, parts and forms of words, parts of names.

use serde_json::json;

use crate::search::finds;
use crate::support::{Guest, Member, Server};

#[tokio::test]
async fn words_of_both_languages_are_found_however_they_are_written() {
    let server = Server::start(&[]);
    let mut guest = Guest::visiting(&server).await;
    let (mut ws, _) = guest.feed().await;
    for said in [
        "我们今天去北京大学喝茶",
        "The Kettle is ON, use C++ or foo_bar",
        "用Rust写的ＴＥＡ房",
        "mail ada@example.org, ﬁrst",
        "京，大",
        "🍵 好",
    ] {
        ws.post(said).await;
    }
    for (typed, found) in [
        ("kettle", &["The Kettle is ON, use C++ or foo_bar"][..]),
        ("KETTLE the", &["The Kettle is ON, use C++ or foo_bar"]),
        ("kettl", &["The Kettle is ON, use C++ or foo_bar"]),
        ("ettle", &[]),
        ("c++", &["The Kettle is ON, use C++ or foo_bar"]),
        ("bar", &["The Kettle is ON, use C++ or foo_bar"]),
        ("ｋｅｔｔｌｅ", &["The Kettle is ON, use C++ or foo_bar"]),
        (
            "\"kettle is on\"",
            &["The Kettle is ON, use C++ or foo_bar"],
        ),
        ("\"kettle on is\"", &[]),
        ("example.org", &["mail ada@example.org, ﬁrst"]),
        ("first", &["mail ada@example.org, ﬁrst"]),
        ("北京", &["我们今天去北京大学喝茶"]),
        ("京大", &["我们今天去北京大学喝茶"]),
        ("京 大", &["京，大", "我们今天去北京大学喝茶"]),
        ("北京大学", &["我们今天去北京大学喝茶"]),
        ("北大", &[]),
        ("北京 喝茶", &["我们今天去北京大学喝茶"]),
        ("喝茶 北京", &["我们今天去北京大学喝茶"]),
        ("“喝茶 北京”", &[]),
        ("茶", &["我们今天去北京大学喝茶"]),
        ("学", &["我们今天去北京大学喝茶"]),
        ("tea", &["用Rust写的ＴＥＡ房"]),
        ("用rust写", &["用Rust写的ＴＥＡ房"]),
        ("rust房", &[]),
        ("🍵", &["🍵 好"]),
        ("tea kettle", &[]),
    ] {
        assert_eq!(finds(&mut guest, typed).await, found, "{typed}");
    }
}

#[tokio::test]
async fn words_are_found_by_their_beginnings_their_parts_and_their_other_forms() {
    let server = Server::start(&[]);
    let mut guest = Guest::visiting(&server).await;
    let (mut ws, _) = guest.feed().await;
    for said in [
        "we use kubernetes",
        "running late",
        "two runners",
        "my iPhone15Pro",
        "at the café",
        "it costs ¥1,299.00",
        "update to v2.13.7",
        "資料庫壞了",
        "资料库好了",
    ] {
        ws.post(said).await;
    }
    for (typed, found) in [
        ("ku", &["we use kubernetes"][..]),
        ("kub", &["we use kubernetes"]),
        ("kubernet", &["we use kubernetes"]),
        ("kub use", &[]),
        ("\"kub\"", &[]),
        ("run", &["two runners", "running late"]),
        ("runner", &["two runners"]),
        ("runs late", &["running late"]),
        ("iphone", &["my iPhone15Pro"]),
        ("pro", &["my iPhone15Pro"]),
        ("iphone15", &["my iPhone15Pro"]),
        ("cafe", &["at the café"]),
        ("CAFÉ", &["at the café"]),
        ("1299", &["it costs ¥1,299.00"]),
        ("1,299", &["it costs ¥1,299.00"]),
        ("2.13", &["update to v2.13.7"]),
        ("v2", &["update to v2.13.7"]),
        ("资料库", &["资料库好了", "資料庫壞了"]),
        ("資料庫", &["资料库好了", "資料庫壞了"]),
    ] {
        assert_eq!(finds(&mut guest, typed).await, found, "{typed}");
    }
}

#[tokio::test]
async fn a_part_of_a_name_says_who_it_was_where_nobody_is_called_so() {
    let server = Server::start(&[]);
    for (name, said) in [("Jonas Holt", "tea by Jonas"), ("Jon", "tea by Jon")] {
        let member = Member::new(&server, name).await;
        let (mut ws, _) = member.hears(1).await;
        ws.post(said).await;
    }
    let mut guest = Guest::visiting(&server).await;
    guest
        .change("PUT", "/api/v1/me/name", &json!({"name": "Jonathan"}))
        .await;
    let (mut ws, _) = guest.feed().await;
    ws.post("tea by a visitor").await;
    for (typed, found) in [
        ("from:Jonas", &["tea by Jonas"][..]),
        ("from:holt tea", &["tea by Jonas"]),
        ("from:jona", &["tea by a visitor", "tea by Jonas"]),
        ("from:Jon", &["tea by Jon"]),
        ("from:nobody", &[]),
    ] {
        assert_eq!(finds(&mut guest, typed).await, found, "{typed}");
    }
}
