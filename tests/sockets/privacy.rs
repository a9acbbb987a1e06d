//! What nobody is told: a whole visit from 127.0.0.77, and then a search for that address, and for
//! what is made of it without a secret, in every frame, answer, row and log line.

use serde_json::json;
use teahouse::protocol::kinds;
use uuid::Uuid;

use crate::support::{Guest, Server, eventually, on_postgres};

const ADDRESS: &str = "127.0.0.77";
const AGENT: &str = "a rather unusual program";
const PHRASE: &str = "marker-pass-phrase-4711";
const WRONG: &str = "marker-wrong-phrase-4712";
const SAID: &str = "marker-content-4713";

/// Does everything that leaves traces; gives all that anybody heard, and the cookies.
async fn visit(server: &Server) -> (String, Vec<String>) {
    let mut heard = String::new();
    let mut cookies = Vec::new();
    let (mut witness, _) = Guest::visiting(server).await.feed().await;
    let (mut classic_witness, _) = Guest::of(server).classic().await;
    let mut browser = Guest::of(server).at(ADDRESS).with("user-agent", AGENT);
    // Without a cookie, as classic clients come.
    let (mut classic, _) = browser.classic().await;
    classic.say(SAID).await;
    let id = classic.data(3).await["id"].clone();
    classic.send_text("not json").await;
    classic.error().await;
    classic
        .send(&json!({"type": kinds::RECALL, "data": id}))
        .await;
    classic.data(4).await;
    classic.say(SAID).await;
    classic.data(3).await;
    for forged in ["x-forwarded-for", "forwarded"] {
        browser
            .request("GET", "/", &[(forged, "for=198.51.100.7")], b"")
            .await;
    }
    heard += &browser.visit().await.text();
    cookies.extend(browser.cookie.clone());
    browser
        .change("PUT", "/api/v1/me/name", &json!({"name": "Somebody"}))
        .await;
    heard += &browser.register("Ada", PHRASE).await.text();
    cookies.extend(browser.cookie.clone());
    let (mut page, _) = browser.feed().await;
    page.post(SAID).await;
    heard += &browser.sign_in("Ada", WRONG).await.text();
    heard += &browser.get("/api/v1/rooms/1/people").await.text();
    heard += &browser.get("/api/v1/rooms/1/messages").await.text();
    heard += &browser.get("/nowhere").await.text();
    heard += &browser.sign_out().await.text();
    cookies.extend(browser.cookie.clone());
    page.closed().await;
    let mut raw = browser.raw("/ws").await;
    raw.send(&[0xff; 16]).await;
    raw.close_code().await;
    raw.end().await;
    witness.submit(Uuid::new_v4(), "the end").await;
    witness.until_said("the end").await;
    classic_witness.until_said("the end").await;
    let (newcomer, history) = Guest::of(server)
        .with("user-agent", "newcomer")
        .classic()
        .await;
    heard += &history.to_string();
    heard += &Guest::of(server).get("/metrics").await.text();
    for ws in [&witness, &classic_witness, &classic, &page, &newcomer] {
        heard += &ws.heard;
    }
    assert!(heard.contains(SAID), "the search sees what was heard");
    (heard, cookies)
}

/// Every byte under the data directory, and what a database elsewhere has.
fn written(server: &Server) -> Vec<u8> {
    let mut all = match on_postgres() {
        true => format!("{:?}", server.cells()).into_bytes(),
        false => Vec::new(),
    };
    let mut directories = vec![server.data()];
    while let Some(directory) = directories.pop() {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => directories.push(path),
                false => all.extend(std::fs::read(path).unwrap()),
            }
        }
    }
    all
}

fn contains(haystack: &[u8], needle: &str) -> bool {
    haystack
        .windows(needle.len())
        .any(|window| window == needle.as_bytes())
}

#[tokio::test]
async fn an_address_is_in_no_frame_no_row_and_no_log_line() {
    let mut server = Server::start_strict(&[]);
    let (heard, cookies) = visit(&server).await;
    let while_open = written(&server);
    let stopped = server.stop();
    let after = written(&server);
    assert_eq!(stopped.code, Some(0));
    assert!(
        contains(&after, SAID) || contains(&while_open, SAID),
        "the search sees what was written"
    );
    let fingerprint = format!("{:x}", md5::compute(format!("{ADDRESS}{AGENT}")));
    let bare = format!("{:x}", md5::compute(ADDRESS));
    for trace in [ADDRESS, fingerprint.as_str(), bare.as_str()] {
        assert!(!heard.contains(trace), "{trace} was told to somebody");
        assert!(
            !contains(&while_open, trace) && !contains(&after, trace),
            "{trace} was written"
        );
        // Whoever is refused at the door is named to those who keep it.
        let mut log = stopped
            .log
            .lines()
            .filter(|line| !line.contains(" sign-in refused "));
        assert!(
            log.all(|line| !line.contains(trace)),
            "{trace} was logged: {}",
            stopped.log
        );
    }
    // Secrets and words stay out of the log too, and passwords and cookies out of the files.
    let mut secrets: Vec<&str> = cookies
        .iter()
        .map(|pair| pair.split_once('=').unwrap().1)
        .collect();
    secrets.extend([PHRASE, WRONG]);
    for secret in secrets {
        assert!(
            !stopped.log.contains(secret) && !heard.contains(secret),
            "{secret}"
        );
        assert!(
            !contains(&while_open, secret) && !contains(&after, secret),
            "{secret}"
        );
    }
    assert!(!stopped.log.contains(SAID), "{}", stopped.log);
}

#[tokio::test]
async fn an_operator_who_asks_for_it_shows_addresses_to_classic_clients() {
    let server = Server::start(&[("chat.show_ip", "true")]);
    let (mut classic, history) = Guest::of(&server).at(ADDRESS).classic().await;
    assert_eq!(history["ipAddress"], ADDRESS);
    classic.say("from an address").await;
    let record = classic.data(3).await;
    assert_eq!(
        (&record["ipAddress"], &record["ipAddr"]),
        (&json!(ADDRESS), &json!(ADDRESS))
    );
    let (mut page, _) = Guest::visiting(&server).await.at(ADDRESS).feed().await;
    page.submit(Uuid::new_v4(), "to the page").await;
    page.until_said("to the page").await;
    assert!(
        !page.heard.contains(ADDRESS),
        "the page never shows it: {}",
        page.heard
    );
}

#[tokio::test]
async fn what_clients_without_a_cookie_are_called_says_nothing_about_others_or_other_servers() {
    let (one, other) = (Server::start(&[]), Server::start(&[]));
    let mut seen = Vec::new();
    for server in [&one, &other] {
        let guest = Guest::of(server).at(ADDRESS).with("user-agent", AGENT);
        let (_ws, history) = guest.classic().await;
        seen.push(history["ipAddress"].as_str().unwrap().to_owned());
    }
    assert_ne!(seen[0], seen[1], "a pseudonym is this server's own");
    eventually("both are alone again", || async {
        Guest::of(&one).get("/api/v1/rooms/1/people").await.json()["people"] == 0
    })
    .await;
}
