// @ts-check
// What the page adds to the markup that the server made of somebody's words: which names are the reader's, keys to what moves in a
// box of its own, a button that copies code.

import { copy } from "../ui/clipboard.js";
import { clone } from "../ui/templates.js";
import { EVERYBODY } from "../state/messages.js";
import { say } from "../ui/i18n.js";

/** A box that holds more than it shows is reached by the keyboard, so that the arrows move it, and shows at which side there is more. */
const boxes = new ResizeObserver((seen) => {
  for (const each of seen) {
    const target = /** @type {HTMLElement} */ (each.target);
    if (target.scrollWidth > target.clientWidth || target.scrollHeight > target.clientHeight + 1) target.tabIndex = 0;
    else target.removeAttribute("tabindex");
    hint(target);
  }
});

/** Lets the keyboard reach a box while it holds more than it shows.
 *  @param {HTMLElement} box */
export function makeScrollableByKey(box) {
  boxes.observe(box);
  box.onscroll = () => hint(box);
}

/** Dresses a body as `me` sees it.
 *  @param {HTMLElement} body
 *  @param {Me} me */
export function enhanceBody(body, me) {
  highlightMentions(body, me);
  fitBoxes(body);
  for (const pre of body.querySelectorAll("pre")) {
    if (!pre.parentElement.classList.contains("code")) wrap(pre);
  }
}

/** Gives room to what may need it: boxes that move, numbers of many digits.
 *  @param {HTMLElement} body */
export function fitBoxes(body) {
  for (const box of body.querySelectorAll("pre, table")) makeScrollableByKey(box);
  for (const list of body.querySelectorAll("ol")) list.style.setProperty("--digits", String(digits(list)));
}

/** @param {HTMLElement} box */
function hint(box) {
  const rest = box.scrollWidth - box.clientWidth;
  // Where one reads from the right, the way there is counted below 0.
  const from = box.scrollLeft < 0 || getComputedStyle(box).direction === "rtl" ? rest + box.scrollLeft : box.scrollLeft;
  box.classList.toggle("before", from > 1);
  box.classList.toggle("after", rest - from > 1);
}

/** How many digits the widest number of a list has.
 *  @param {HTMLOListElement} list */
function digits(list) {
  let number = list.start - 1, widest = 1;
  for (const item of list.children) {
    number = (item instanceof HTMLLIElement && item.value) || number + 1;
    widest = Math.max(widest, String(number).length);
  }
  return widest;
}

/** The names that are mine, and everybody's, stand out.
 *  @param {HTMLElement} body
 *  @param {Me} me */
export function highlightMentions(body, me) {
  for (const name of body.querySelectorAll(".mention")) name.classList.toggle("me", name.dataset.id === me.id || name.dataset.id === EVERYBODY);
}

/** The names in a message can be pressed like its author's.
 *  @param {HTMLElement} body */
export function makeMentionsPressable(body) {
  for (const name of body.querySelectorAll(".mention")) {
    if (name.dataset.id !== EVERYBODY) Object.assign(name, { role: "button", tabIndex: 0 });
  }
}

/** @param {HTMLElement} pre */
function wrap(pre) {
  const box = Object.assign(document.createElement("div"), { className: "code" });
  const button = clone("copy-template");
  button.onclick = () => copy(pre.textContent.trimEnd());
  Object.assign(pre, { role: "group", ariaLabel: say("code") });
  pre.before(box);
  box.append(pre, button);
}
