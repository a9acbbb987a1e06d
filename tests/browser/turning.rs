//! A page that becomes wider or narrower breaks its lines anew; what its reader looks at stays where
//! it was.

use uuid::Uuid;

use super::{Browsers, Person, site};
use crate::support::{Guest, Server};

const SAID: usize = 400;

/// How often, and how far, the reader goes up.
const STEPS: usize = 6;
const STEP_PX: usize = 800;

/// A row may move by this much, in px.
const STILL: f64 = 20.0;

/// The first row in sight: its text, and how far below the upper end of the box it begins.
const FIRST: &str = "(() => {
    const { top } = document.getElementById('timeline').getBoundingClientRect();
    const row = [...document.querySelectorAll('#messages > .msg')].find((row) => row.getBoundingClientRect().bottom > top + 1);
    return [row.dataset.id, row.getBoundingClientRect().top - top];
})()";

async fn goes_up(reader: &Person) {
    for _ in 0..STEPS {
        let at: f64 = reader
            .look("document.getElementById('timeline').scrollTop")
            .await;
        reader
            .browser
            .execute(
                format!("document.getElementById('timeline').scrollTop -= {STEP_PX}"),
                vec![],
            )
            .await
            .unwrap();
        let moved = format!(
            "document.getElementById('timeline').scrollTop < {at} - 100 && document.getElementById('loading').hidden"
        );
        reader.until("they go up", &moved).await;
    }
}

#[tokio::test]
async fn the_row_that_is_read_stays_when_the_page_is_turned_or_made_narrower() {
    let server = Server::start(&[]);
    let (mut teller, _) = Guest::visiting(&server).await.feed().await;
    let mut last = Uuid::nil();
    for number in 1..=SAID {
        last = Uuid::new_v4();
        let words = if number % 3 == 0 { 120 } else { 2 };
        teller
            .submit(last, &format!("tale {number}{}", " and more".repeat(words)))
            .await;
    }
    teller.ack(last).await;

    let browsers = Browsers::start();
    let reader = browsers.person(&site(&server), "en").await;
    reader.resize(1400, 900).await;
    goes_up(&reader).await;
    let (row, below): (String, f64) = reader.look(FIRST).await;
    let away = format!(
        "(document.querySelector('#messages > [data-id=\"{row}\"]').getBoundingClientRect().top
            - document.getElementById('timeline').getBoundingClientRect().top - {below})"
    );
    let still = format!("Math.abs({away}) <= {STILL}");
    for (width, height) in [(1200, 900), (390, 844), (844, 390), (1400, 900)] {
        reader.resize(width, height).await;
        // Twice in a row: it has come to rest.
        for _ in 0..2 {
            let frame =
                "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))";
            reader
                .browser
                .execute(format!("return {frame}"), vec![])
                .await
                .unwrap();
            reader.until("it stands where it stood", &still).await;
        }
    }
    // A list at the side that goes away makes the room wider, too.
    reader.click("#online").await;
    reader
        .until(
            "it is away",
            "document.documentElement.dataset.people === 'away'",
        )
        .await;
    reader.until("it stands where it stood", &still).await;
    reader.leave().await;
}
