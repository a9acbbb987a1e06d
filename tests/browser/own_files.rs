//! Taking one's own files away: out of a message, and from the list in the settings.

use serde_json::json;
use thirtyfour::prelude::*;

use super::company::{PASSWORD, member, other_device};
use super::file_words::png;
use super::settings::settings;
use super::voice_player::{tone, uploads_voice};
use super::{Browsers, site};
use crate::support::{Member, Server};

#[tokio::test]
async fn a_file_is_taken_out_of_its_message_and_another_in_the_settings() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = member(&browsers, &server, &site(&server), "Ann").await;
    let lin = browsers.person(&site(&server), "zh-CN").await;
    lin.is_live().await;
    for person in [&ann, &lin] {
        // What is gone is asked for once more, so that no copy stays.
        person.expects("the server responded with a status of 404");
    }
    let guest = other_device(&server, "Ann").await;
    let (mut feed, _) = guest.feed().await;
    let id = String::new();
    let mut phone = Member { guest, id };
    let picture = phone.uploads("bowl.png", &png(300, 200, 40)).await;
    let text = phone.uploads("tea.txt", b"oolong").await;
    let files = json!([{"id": picture}, {"id": text}]);
    feed.sends_files(1, "two files", &files).await;
    for person in [&ann, &lin] {
        let shown = "document.querySelector('#messages .pic img')?.naturalWidth > 0";
        person.until("the picture", shown).await;
    }
    assert!(!lin.offers("two files").await.contains(&"unfile".to_owned()));
    ann.choose_for("unfile", "two files").await;
    let offered = "[...document.querySelectorAll('#unfile-files label')].map((it) => it.innerText.trim().replace(/\\s+/, ' ')).join() === 'bowl.png [picture],tea.txt [file]'";
    ann.until("both are offered", offered).await;
    let marks = "[...document.querySelectorAll('#unfile-files input')].every((it) => it.getBoundingClientRect().width < 24)";
    ann.until("a mark is no field", marks).await;
    ann.picture("unfile-dialog").await;
    ann.click("#unfile-dialog .danger").await;
    for (person, says) in [(&ann, "A file was removed."), (&lin, "文件已移除。")] {
        person.reads("#messages .files .absent", says).await;
        let left = "!document.querySelector('#messages .pic') && document.querySelector('#messages .file-name').textContent === 'tea.txt'";
        person.until("the other one is there", left).await;
        person.reload().await;
        person.reads("#messages .files .absent", says).await;
    }

    ann.choose_for("edit", "two files").await;
    ann.until(
        "nothing is attached",
        "!document.getElementById('attach').checkVisibility()",
    )
    .await;
    let drop = "(() => {
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File(['oolong'], 'late.txt'));
        return document.getElementById('timeline').dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
    })()";
    assert!(!ann.look::<bool>(drop).await);
    ann.reads(
        "#toast",
        "A message that is being edited takes no more files.",
    )
    .await;
    ann.press(Key::Escape).await;
    ann.until(
        "something is attached again",
        "document.getElementById('attach').checkVisibility()",
    )
    .await;

    settings(&ann, "files").await;
    ann.reads("#my-files-use", "6 B of 2 GB in one file").await;
    ann.reads("#my-files li b", "tea.txt").await;
    ann.click("#my-files li button").await;
    ann.click("#confirm-dialog .primary").await;
    ann.reads("#my-files-use", "You have sent no files.").await;
    let both = "document.querySelectorAll('#messages .files .absent').length === 2";
    lin.until("both are gone", both).await;
    assert_eq!(lin.texts().await, ["two files"]);
    ann.leave().await;
    lin.leave().await;
}

#[tokio::test]
async fn whoever_deletes_their_account_may_leave_their_files_but_not_their_voice() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let lin = browsers.person(&site(&server), "en").await;
    // What is gone is asked for once more, so that no copy stays.
    lin.expects("the server responded with a status of 404");
    let picture = "document.querySelector('#messages .pic img')?.naturalWidth > 0";
    let voice = "document.querySelector('#messages .voice')";
    for (name, keeps) in [("Bea", false), ("Ann", true)] {
        let ann = member(&browsers, &server, &site(&server), name).await;
        ann.expects("the server responded with a status of 404");
        let guest = other_device(&server, name).await;
        let (mut feed, _) = guest.feed().await;
        let id = String::new();
        let mut phone = Member { guest, id };
        let bowl = phone.uploads("bowl.png", &png(300, 200, 40)).await;
        let words = format!("the bowl of {name}");
        feed.sends_files(1, &words, &json!([{"id": bowl}])).await;
        let spoken = uploads_voice(&mut phone, &tone(2)).await;
        feed.sends_files(1, "", &json!([{"id": spoken}])).await;
        lin.until("both are there", &format!("{picture} && {voice}"))
            .await;
        settings(&ann, "account").await;
        ann.write_into("#delete-password", PASSWORD).await;
        if keeps {
            ann.click("#delete-form label.switch").await;
        }
        ann.click("#delete-form .danger").await;
        ann.reads("#toast", "Your account is deleted.").await;
        lin.until("the voice is taken away", &format!("!{voice}"))
            .await;
        if !keeps {
            lin.reads("#messages .files .absent", "A file was removed.")
                .await;
        }
        lin.reload().await;
        assert_eq!(lin.hears(&words).await.name, "Deleted account");
        let left = if keeps {
            picture.to_owned()
        } else {
            format!("!({picture})")
        };
        lin.until("what was to stay", &left).await;
        ann.leave().await;
    }
    lin.leave().await;
}
