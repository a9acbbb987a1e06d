//! Names and accounts: renamed, registered, signed out and in, as others see it.

use thirtyfour::prelude::*;

use super::{Browsers, Person, site};
use crate::support::Server;

const PASSWORD: &str = "七碗 chest of leaves";

/// The people list shows this name.
async fn knows(person: &Person, name: &str) {
    let listed = format!(
        "[...document.querySelectorAll('#people-list .name')].some((each) => each.textContent === '{name}')"
    );
    person
        .until(&format!("{name} is in the list"), &listed)
        .await;
}

#[tokio::test]
async fn a_visitor_changes_their_name_and_others_see_it() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = browsers.person(&site(&server), "en").await;
    let lin = browsers.person(&site(&server), "zh-CN,zh").await;
    ann.expects("the server responded with a status of 400");
    ann.post("who am I?").await;

    ann.choose("#open-rename").await;
    ann.fill("#rename-dialog", &[("name", "。。。")]).await;
    ann.until("the reason", "document.getElementById('rename-name-problem').innerText.startsWith('This cannot be a name')")
        .await;
    ann.fill("#rename-dialog", &[("name", "青青")]).await;
    ann.reads("#me-name", "青青").await;
    ann.reads("#toast", "Name changed.").await;
    assert!(
        !ann.look::<bool>("document.getElementById('rename-dialog').open")
            .await
    );
    knows(&lin, "青青").await;
    ann.post("now I know").await;
    assert_eq!(lin.hears("now I know").await.name, "青青");
    ann.reload().await;
    assert_eq!(ann.text("#me-name").await, "青青");
    ann.leave().await;
    lin.leave().await;
}

#[tokio::test]
async fn a_person_registers_signs_out_and_signs_in_again() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let lin = browsers.person(&site(&server), "zh-CN,zh").await;
    let ann = browsers.person(&site(&server), "en").await;
    lin.expects("the server responded with a status of 401");
    ann.expects("the server responded with a status of 409");
    ann.expects("the server responded with a status of 401");

    lin.choose("#open-register").await;
    lin.picture("register").await;
    lin.fill(
        "#register-dialog",
        &[("name", "林小满"), ("password", PASSWORD)],
    )
    .await;
    lin.reads("#me-name", "林小满").await;
    lin.is_live().await;
    assert!(lin.text("#me-about").await.starts_with("茶友"));
    knows(&ann, "林小满").await;
    lin.post("我有名字了").await;
    assert_eq!(ann.hears("我有名字了").await.name, "林小满");

    // The name is theirs now: another cannot have it.
    ann.choose("#open-register").await;
    ann.fill(
        "#register-dialog",
        &[("name", "林小满"), ("password", PASSWORD)],
    )
    .await;
    ann.reads("#register-name-problem", "This name is taken.")
        .await;
    ann.click("#register-dialog .other").await;
    ann.fill(
        "#sign-in-dialog",
        &[("password", "a guess, and not a good one")],
    )
    .await;
    ann.reads(
        "#sign-in-dialog .problem[data-about=form]",
        "The name or the password is wrong.",
    )
    .await;
    ann.picture("sign-in-refused").await;
    ann.press(Key::Escape).await;

    lin.choose("#sign-out").await;
    lin.until(
        "a visitor again",
        "document.getElementById('me-name').textContent.includes('的')",
    )
    .await;
    lin.is_live().await;
    assert!(lin.text("#me-about").await.starts_with("茶客"));
    assert!(!lin.hears("我有名字了").await.mine, "it is another's now");

    lin.choose("#open-sign-in").await;
    lin.fill(
        "#sign-in-dialog",
        &[("name", "林小满"), ("password", "八碗")],
    )
    .await;
    lin.reads(
        "#sign-in-dialog .problem[data-about=form]",
        "名字或密码不对。",
    )
    .await;
    lin.fill(
        "#sign-in-dialog",
        &[("name", "林小满"), ("password", PASSWORD)],
    )
    .await;
    lin.reads("#me-name", "林小满").await;
    lin.is_live().await;
    assert!(lin.hears("我有名字了").await.mine);
    ann.leave().await;
    lin.leave().await;
}
