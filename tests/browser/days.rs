//! Days as places: from the line of a day to others, and a day as a filter of the search.

use serde_json::json;

use super::permalink::{is_at, tell};
use super::search::{chooses, looks};
use super::{Browsers, site};
use crate::support::{Guest, Server};

#[tokio::test]
async fn a_day_in_the_roll_leads_to_other_days() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let (mut bob, _) = Guest::visiting(&server).await.feed().await;
    tell(&mut bob, 120).await;
    let ann = browsers.person(&site(&server), "en").await;
    assert!(!ann.texts().await.contains(&"tale 1".to_owned()));
    for (days, words) in [
        (0, ""),
        (
            -2,
            "Nothing was said before this day: this is where the room begins.",
        ),
        (2, "Nothing has been said since that day."),
    ] {
        ann.browser
            .execute(
                "document.querySelector('#messages .day button').click()",
                vec![],
            )
            .await
            .unwrap();
        ann.until(
            "a day is asked for",
            "document.getElementById('date-day').value",
        )
        .await;
        let choose = format!(
            "const field = document.getElementById('date-day');
             const day = new Date(`${{field.value}}T12:00Z`);
             day.setUTCDate(day.getUTCDate() + {days});
             field.value = day.toISOString().slice(0, 10);"
        );
        ann.browser.execute(choose, vec![]).await.unwrap();
        ann.picture("go-date").await;
        ann.click("#date-dialog .primary").await;
        if words.is_empty() {
            is_at(&ann, "tale 1").await;
        } else {
            ann.reads("#toast", words).await;
        }
    }
    ann.hears("tale 120").await;
    ann.leave().await;
}

#[tokio::test]
async fn a_day_that_was_not_chosen_looks_like_no_filter_and_a_chosen_one_does() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = browsers.person(&site(&server), "en").await;
    ann.resize(1440, 900).await;
    looks(&ann).await;
    let look = "['since', 'before', 'in'].map((name) => {
        const label = document.getElementById(`search-${name}`).closest('label');
        return getComputedStyle(label).borderTopColor;
    })";
    let words = "getComputedStyle(document.getElementById('search-since')).color";
    let [since, before, room]: [String; 3] = ann.look(look).await;
    assert_eq!(since, room);
    assert_eq!(before, room);
    // Whatever some browsers write there.
    let empty: String = ann.look(words).await;
    assert_eq!(empty, "rgba(0, 0, 0, 0)");
    chooses(&ann, "since", "2026-01-02").await;
    let [since, before, room]: [String; 3] = ann.look(look).await;
    assert_ne!(since, room, "it narrows");
    assert_eq!(before, room);
    assert_ne!(
        ann.look::<String>(words).await,
        empty,
        "its day can be read"
    );
    // The filters stand in straight rows.
    let rows: Vec<(f64, f64)> = ann
        .look(
            "Object.values(Object.groupBy([...document.querySelectorAll('#search .narrow > :is(label, button)')].map((each) => each.getBoundingClientRect()), ({ top }) => top))
                .map((row) => [row[0].left, row.at(-1).right])",
        )
        .await;
    assert!(rows.iter().all(|row| *row == rows[0]), "{rows:?}");
    ann.picture("search-day").await;
    chooses(&ann, "since", "").await;
    let [since, _, room]: [String; 3] = ann.look(look).await;
    assert_eq!(since, room);
    ann.leave().await;
}

#[tokio::test]
async fn a_time_before_ten_is_as_wide_with_its_day_as_without() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let (mut bob, _) = Guest::visiting(&server).await.feed().await;
    bob.post("early tea").await;
    let ann = browsers.person(&site(&server), "zh-CN,zh").await;
    // Where it is between four and five in the morning now.
    let hour: i32 = ann.look("new Date().getUTCHours()").await;
    let ahead = if hour < 17 { 4 - hour } else { 28 - hour };
    let zone = format!(
        "Etc/GMT{}{}",
        if ahead < 0 { '+' } else { '-' },
        ahead.abs()
    );
    ann.devtools("Emulation.setTimezoneOverride", json!({"timezoneId": zone}))
        .await;
    ann.reload().await;
    ann.until(
        "the time",
        "/^0[45]:\\d\\d$/.test(document.querySelector('#messages time').textContent)",
    )
    .await;
    looks(&ann).await;
    ann.write_into("#search-find", "early").await;
    ann.until(
        "the day and the time",
        "/日 0[45]:\\d\\d$/.test(document.querySelector('#search-list .when')?.textContent)",
    )
    .await;
    ann.leave().await;
}
