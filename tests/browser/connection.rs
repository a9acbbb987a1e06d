//! The connection is lost and comes back: nothing is lost with it, nothing comes twice.

use super::{Browsers, Road};
use crate::support::{Guest, Server};

#[tokio::test]
async fn what_is_said_while_the_server_is_down_arrives_once_it_is_back() {
    let mut server = Server::start(&[]);
    let mut road = Road::to(&server).await;
    let browsers = Browsers::start();
    let ann = browsers.person(&road.site(), "en").await;
    ann.expects_cuts();
    ann.post("before the storm").await;
    let bob = Guest::visiting(&server).await;

    server.kill();
    road.cut().await;
    ann.until("the page says so", "/^Connection lost. Reconnecting in \\d+ s/.test(document.getElementById('state').innerText)")
        .await;
    ann.say("into the storm").await;
    ann.say("and again").await;
    let rows = ann.messages().await;
    let waiting: Vec<bool> = rows.iter().map(|row| row.waiting).collect();
    assert_eq!(waiting, [false, true, true], "{rows:?}");
    let clocks: u32 = ann
        .look("document.querySelectorAll('#messages .clock').length")
        .await;
    assert_eq!(clocks, 2, "they wait visibly");
    ann.until(
        "the page counts them",
        "document.getElementById('state').innerText.includes('2 unsent')",
    )
    .await;

    ann.picture("reconnecting").await;

    server.launch();
    let bob = bob.follow(&server);
    let (mut feed, _) = bob.feed().await;
    feed.post("meanwhile").await;
    feed.post("elsewhere").await;
    road.mend(&server).await;

    ann.is_live().await;
    ann.hears("and again").await;
    let whole = [
        "before the storm",
        "meanwhile",
        "elsewhere",
        "into the storm",
        "and again",
    ];
    assert_eq!(ann.texts().await, whole, "in order, each once");
    assert_eq!(
        ann.look::<u32>("document.querySelectorAll('#messages .clock').length")
            .await,
        0
    );
    assert_eq!(ann.text("#state").await, "");
    feed.until_said("and again").await;

    ann.reload().await;
    assert_eq!(ann.texts().await, whole, "the server says the same");
    ann.leave().await;
}

#[tokio::test]
async fn what_waits_survives_a_reload_of_the_page() {
    let server = Server::start(&[]);
    let mut road = Road::to(&server).await;
    let browsers = Browsers::start();
    let ann = browsers.person(&road.site(), "en").await;
    ann.expects_cuts();
    road.cut().await;
    ann.until(
        "the page says so",
        "document.querySelector('#state[data-state=waiting]')",
    )
    .await;
    ann.say("do not forget me").await;
    road.mend(&server).await;
    ann.reload().await;
    ann.hears("do not forget me").await;
    assert_eq!(ann.texts().await, ["do not forget me"]);
    ann.leave().await;
}

#[tokio::test]
async fn a_message_the_server_refuses_says_why_and_can_be_discarded() {
    let server = Server::start_strict(&[("limits.messages_per_minute", "1")]);
    let browsers = Browsers::start();
    let ann = browsers.person(&super::site(&server), "en").await;
    for number in 1..=20 {
        ann.say(&format!("fast {number}")).await;
        if ann
            .look::<bool>("document.querySelector('.failed') !== null")
            .await
        {
            break;
        }
    }
    ann.until("it is refused", "document.querySelector('.failed .why')")
        .await;
    let why = ann.text(".failed .why").await;
    assert!(
        why.starts_with("Not sent. That was too fast. Try again in "),
        "{why}"
    );
    ann.picture("refused").await;
    let before = ann.texts().await.len();
    ann.click(".failed .discard").await;
    assert_eq!(ann.texts().await.len(), before - 1);
    ann.leave().await;
}
