//! Whether a page is sound: nothing sticks out of the window or is cut off, what one wants to press can
//! be pressed, and nothing has gone wrong in it.

use std::time::Instant;

use serde_json::json;

use crate::answers::row;
use crate::person::BLINK;
use crate::{PATIENCE, Person};

/// What is wrong with how the page is laid out, as words; empty when it is well.
const LAYOUT: &str = "(() => {
    const told = (element) => `${element.tagName}#${element.id}.${element.className} “${element.textContent.trim().slice(0, 40)}”`;
    const wide = document.scrollingElement.scrollWidth;
    const wrong = wide > innerWidth ? [`the page is ${wide} px wide`] : [];
    for (const picture of document.images)
        if (picture.checkVisibility({ visibilityProperty: true }) && picture.currentSrc && picture.complete && !picture.naturalWidth) wrong.push(`no picture at ${picture.currentSrc}`);
    for (const element of document.body.querySelectorAll(':not(svg, svg *, input, textarea, .hush, .hush *, .skip)')) {
        if (!element.checkVisibility({ visibilityProperty: true })) continue;
        const { left, right, width } = element.getBoundingClientRect();
        const style = getComputedStyle(element);
        const hides = ['hidden', 'clip'].includes(style.overflowX);
        if (hides && style.clipPath === 'none' && element.clientWidth > 2 && style.textOverflow !== 'ellipsis' && element.scrollWidth > element.clientWidth + 1) wrong.push(`${told(element)} hides ${element.scrollWidth - element.clientWidth} px`);
        if (width === 0 || (left >= -1 && right <= innerWidth + 1)) continue;
        let around = element.parentElement;
        while (around && !['auto', 'scroll'].includes(getComputedStyle(around).overflowX)) around = around.parentElement;
        if (!around) wrong.push(`${told(element)} stands at ${left} to ${right} of ${innerWidth}`);
    }
    return wrong.join('\\n');
})()";

/// What keeps somebody from pressing the first visible one of these elements: it is looked for where
/// scrolling up and down brings it; nothing else is moved.
const PRESS: &str = "(() => {
    const element = [...document.querySelectorAll(CSS)].find((each) => each.checkVisibility({ visibilityProperty: true }));
    if (!element) return 'it is not there';
    const around = [];
    for (let each = element.parentElement; each; each = each.parentElement) around.push([each, each.scrollLeft]);
    element.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    for (const [each, left] of around) each.scrollLeft = left;
    const { left, right, top, bottom, width, height } = element.getBoundingClientRect();
    const place = `${left},${top} to ${right},${bottom} of ${innerWidth} × ${innerHeight}`;
    if (width < 1 || height < 1) return `it has no size: ${place}`;
    if (left < -1 || top < -1 || right > innerWidth + 1 || bottom > innerHeight + 1) return `it is at ${place}`;
    const hit = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
    if (!element.contains(hit)) return `over ${place} is ${hit?.tagName}#${hit?.id}.${hit?.className}`;
    if (element.disabled) return 'it is disabled';
    return '';
})()";

/// The page is laid out well, and nothing has gone wrong in it.
pub async fn is_sound(person: &Person, when: &str) {
    comes_to_be_well(person, LAYOUT, when).await;
    let complaints = person.complaints().await;
    assert!(complaints.is_empty(), "{when}: {complaints:#?}");
}

/// Whoever has this page before them can press each of these.
pub async fn can_press(person: &Person, all: &[&str]) {
    for css in all {
        let obstacle = PRESS.replace("CSS", &json!(css).to_string());
        comes_to_be_well(person, &obstacle, css).await;
    }
}

/// A message from right to left stands where its reader begins to read.
pub async fn begins_at_the_right(person: &Person, text: &str) {
    let right = format!(
        "(() => {{
            const body = {}.querySelector('.body');
            const words = document.createRange();
            words.selectNodeContents(body);
            return Math.abs(words.getBoundingClientRect().right - body.getBoundingClientRect().right) <= 1;
        }})()",
        row(text)
    );
    person
        .until(&format!("{text:?} at the right"), &right)
        .await;
}

/// Waits until nothing is wrong: what moves comes to rest.
async fn comes_to_be_well(person: &Person, wrong: &str, what: &str) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let wrong: String = person.look(wrong).await;
        if wrong.is_empty() {
            return;
        }
        assert!(Instant::now() < deadline, "{what}: {wrong}");
        tokio::time::sleep(BLINK).await;
    }
}
