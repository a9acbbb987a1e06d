//! What stands in a message beside words: lists, code and tables keep to their place.

use thirtyfour::prelude::*;

use super::phone::nothing_sticks_out;
use super::{Browsers, site};
use crate::support::Server;

#[tokio::test]
async fn the_number_of_an_item_stands_beside_the_face_and_on_the_page() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = browsers.person(&site(&server), "en").await;
    ann.write("2019. was good").await;
    ann.press(Key::Enter).await;
    ann.hears("was good").await;
    ann.write("99. nearly\n100. there").await;
    ann.press(Key::Enter).await;
    ann.hears("nearlythere").await;
    ann.write("123456789. x").await;
    ann.press(Key::Enter).await;
    ann.hears("x").await;
    // A number is as wide as it is written, and stands before its item.
    let left = "((words) => {
        const row = [...document.querySelectorAll('#messages > .msg')].find((row) => row.querySelector('.body').textContent === words);
        const pen = document.createElement('canvas').getContext('2d');
        pen.font = getComputedStyle(row.querySelector('li')).font;
        const from = row.querySelector('li').getBoundingClientRect().left;
        const number = row.querySelector('ol').start + row.querySelectorAll('li').length - 1;
        return from - pen.measureText(`${number}. `).width - row.querySelector('.body').getBoundingClientRect().left;
    })";
    for width in [1280, 360] {
        ann.resize(width, 800).await;
        for words in ["was good", "nearlythere", "x"] {
            let inside: f64 = ann.look(&format!("{left}('{words}')")).await;
            assert!(inside >= -1.0, "{words} at {width} px: {inside}");
        }
        nothing_sticks_out(&ann).await;
    }
    ann.picture("phone-numbers").await;
    ann.leave().await;
}

#[tokio::test]
async fn the_button_that_copies_code_covers_no_more_than_its_first_line() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = browsers.person(&site(&server), "en").await;
    let lines = ["steep(180) ".repeat(9), "pour(3) ".repeat(12)].join("\n");
    ann.write(&format!("```\n{lines}\n```")).await;
    ann.send().await;
    ann.until("code", "document.querySelector('#messages .code .copy')")
        .await;
    for (width, height) in [(1280, 800), (390, 844)] {
        ann.resize(width, height).await;
        let (button, line): (f64, f64) = ann
            .look(
                "(() => {
                    const words = document.querySelector('#messages .code code').firstChild;
                    const second = document.createRange();
                    second.setStart(words, words.data.indexOf('pour'));
                    second.setEnd(words, words.data.length);
                    return [document.querySelector('#messages .copy').getBoundingClientRect().bottom, second.getBoundingClientRect().top];
                })()",
            )
            .await;
        assert!(button <= line + 1.0, "{button} over {line} at {width} px");
    }
    ann.leave().await;
}

#[tokio::test]
async fn a_wide_table_keeps_its_words_on_a_phone_and_shows_that_it_moves() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let lin = browsers.person(&site(&server), "zh-CN,zh").await;
    lin.resize(390, 844).await;
    lin.write(
        "| 城市 | 早上 | 中午 | 晚上 | 备注 |\n|-|-|-|-|-|\n\
         | 成都 | 多云转小雨 | 小雨 | 阴 | 记得带伞，地面很滑，骑车的朋友慢一点 |\n\
         | 乌鲁木齐 | 晴 | 晴 | 大风 | https://example.org/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa |",
    )
    .await;
    lin.click("#send").await;
    let table = "document.querySelector('#messages .body table')";
    lin.until("a table", table).await;
    let lines: f64 = lin
        .look(&format!(
            "Math.max(...[...{table}.querySelectorAll('th, td:not(:last-child)')].map((cell) => cell.clientHeight))"
        ))
        .await;
    let high: f64 = lin
        .look(&format!(
            "Math.max(...[...{table}.querySelectorAll('td:last-child')].map((cell) => cell.clientHeight))"
        ))
        .await;
    let line: f64 = lin
        .look(&format!(
            "[...{table}.querySelectorAll('th')].reduce((sum, cell) => Math.max(sum, parseFloat(getComputedStyle(cell).lineHeight)), 0)"
        ))
        .await;
    assert!(high < line * 6.0, "the notes are {high} px high");
    let heads: f64 = lin
        .look(&format!("{table}.querySelector('th').clientHeight"))
        .await;
    assert!(heads < line * 1.6, "城市 is {heads} px high");
    assert!(lines <= high + 1.0, "{lines} against {high}");
    nothing_sticks_out(&lin).await;
    let fades = format!("getComputedStyle({table}).maskImage !== 'none'");
    lin.until("there is more at the right", &fades).await;
    lin.picture("phone-table").await;
    lin.look::<f64>(&format!("{table}.scrollLeft = 10_000"))
        .await;
    let left = format!("{fades} && {table}.matches('.before') && !{table}.matches('.after')");
    lin.until("there is more at the left only", &left).await;
    lin.resize(1440, 900).await;
    lin.until("all of it is there", &format!("!({fades})"))
        .await;
    lin.leave().await;
}
