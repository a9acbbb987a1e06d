//! Two people meet and talk, and the server counts them.

use thirtyfour::prelude::*;

use super::company::member;
use super::{Browsers, Person, site};
use crate::support::Server;

async fn sees_people(person: &Person, people: u32, connections: u32) {
    person.reads("#online-people", &people.to_string()).await;
    person.reads("#people-count", &people.to_string()).await;
    let seen = format!("document.querySelectorAll('#people-list > li').length === {people}");
    person.until("as many names as people", &seen).await;
    person
        .reads("#online-connections", &connections.to_string())
        .await;
}

/// The message's face is shown, and its time is a time.
async fn looks_like_a_message(person: &Person, text: &str) {
    let shown = person.hears(text).await;
    assert!(shown.first, "{shown:?}");
    // "08:05" or "8:05 AM", by the habit of their browser.
    let (hours, rest) = shown.time.split_once(':').unwrap();
    let minutes: String = rest.chars().take_while(char::is_ascii_digit).collect();
    assert!(
        hours.parse::<u8>().unwrap() < 24 && minutes.parse::<u8>().unwrap() < 60,
        "{shown:?}"
    );
    let face = "document.querySelector('#messages > .msg:last-child .face').naturalWidth > 0";
    person.until("the avatar", face).await;
}

#[tokio::test]
async fn two_people_open_the_page_and_talk() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = browsers.person(&site(&server), "en").await;
    sees_people(&ann, 1, 1).await;
    ann.picture("empty").await;
    let (ann_is, hint) = (ann.text("#me-name").await, ann.text(".empty").await);
    assert!(ann_is.contains(' '), "a friendly English name: {ann_is}");
    assert!(hint.contains("You go first"), "{hint}");

    let lin = browsers.person(&site(&server), "zh-CN,zh").await;
    let lin_is = lin.text("#me-name").await;
    assert!(lin_is.contains('的'), "a friendly Chinese name: {lin_is}");
    sees_people(&ann, 2, 2).await;
    sees_people(&lin, 2, 2).await;
    let names = ann.text("#people-list").await;
    assert!(
        names.contains(&ann_is) && names.contains(&lin_is),
        "{names}"
    );

    ann.say("Good evening!").await;
    let heard = lin.hears("Good evening!").await;
    assert_eq!(
        (heard.name, heard.place),
        (ann_is.clone(), "内网".to_owned())
    );
    assert!(!heard.mine && !lin.may_change("Good evening!").await);
    lin.say("晚上好，坐。").await;
    let heard = ann.hears("晚上好，坐。").await;
    assert_eq!((heard.name, heard.place), (lin_is, "local".to_owned()));
    for person in [&ann, &lin] {
        looks_like_a_message(person, "晚上好，坐。").await;
        assert_eq!(person.texts().await, ["Good evening!", "晚上好，坐。"]);
    }
    let own = &ann.messages().await[0];
    assert!(own.mine && own.name == ann_is, "{own:?}");
    assert!(ann.may_change("Good evening!").await);
    assert!(
        !ann.look::<bool>("document.querySelector('.empty').offsetHeight > 0")
            .await
    );

    lin.leave().await;
    sees_people(&ann, 1, 1).await;
    ann.leave().await;
}

#[tokio::test]
async fn two_tabs_of_one_browser_are_one_person_with_two_connections() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = browsers.person(&site(&server), "en").await;
    let name = ann.text("#me-name").await;
    let first_tab = ann.browser.window().await.unwrap();

    let second_tab = ann.browser.new_tab().await.unwrap();
    ann.browser.switch_to_window(second_tab).await.unwrap();
    ann.open().await;
    assert_eq!(ann.text("#me-name").await, name);
    sees_people(&ann, 1, 2).await;
    ann.post("from the second tab").await;

    ann.browser
        .switch_to_window(first_tab.clone())
        .await
        .unwrap();
    sees_people(&ann, 1, 2).await;
    let heard = ann.hears("from the second tab").await;
    assert!(heard.mine && ann.may_change("from the second tab").await);

    let windows: Vec<WindowHandle> = ann.browser.windows().await.unwrap();
    for window in windows.into_iter().filter(|window| *window != first_tab) {
        ann.browser.switch_to_window(window).await.unwrap();
        ann.browser.close_window().await.unwrap();
    }
    ann.browser.switch_to_window(first_tab).await.unwrap();
    sees_people(&ann, 1, 1).await;
    ann.leave().await;
}

#[tokio::test]
async fn those_who_run_the_server_are_called_so_and_alone_see_how_many_connections_there_are() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ada = member(&browsers, &server, &site(&server), "Ada").await;
    let lin = browsers.person(&site(&server), "zh-CN,zh").await;
    server.crown("Ada");
    ada.reload().await;
    for _drawn_by_server_and_script in 0..2 {
        ada.reads("#me-about", "Owner of the house · local").await;
        let seen = "document.getElementById('connections').checkVisibility()";
        assert!(ada.look::<bool>(seen).await);
        assert!(!lin.look::<bool>(seen).await);
        sees_people(&ada, 2, 2).await;
        let label = "document.getElementById('online').ariaLabel";
        assert_eq!(ada.look::<String>(label).await, "2 online");
        assert_eq!(lin.look::<String>(label).await, "2 人在线");
        for person in [&ada, &lin] {
            person.reload().await;
        }
    }
    ada.leave().await;
    lin.leave().await;
}
