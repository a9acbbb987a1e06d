// @ts-check
// What a voice has about it in this browser: whether its reader has heard it, and how fast they listen.

import { keep, kept } from "../state/local-store.js";
import { say } from "../ui/i18n.js";

const HEARD = "heard";
/** As many are known one by one; what is older than all of them counts as heard. */
const MOST = 300;

const SPEED = "speed";
const SPEEDS = [1, 1.5, 2];

/** The messages that are known to be heard, the oldest first: their ids grow. */
function known() {
  return kept(HEARD).split(" ").filter(Boolean).map(Number);
}

/** @param {number} message */
export function isHeard(message) {
  const all = known();
  return all.includes(message) || (all.length >= MOST && message < all[0]);
}

/** @param {number} message */
export function rememberHeard(message) {
  if (!isHeard(message)) keep(HEARD, [...known(), message].sort((a, b) => a - b).slice(-MOST).join(" "));
}

export function speed() {
  const wanted = Number(kept(SPEED));
  return SPEEDS.includes(wanted) ? wanted : SPEEDS[0];
}

/** The next one, after the fastest the first again. */
export function changeSpeed() {
  const next = SPEEDS[(SPEEDS.indexOf(speed()) + 1) % SPEEDS.length];
  keep(SPEED, String(next));
  return next;
}

/** The message whose row a voice stands in; undefined where it is none yet.
 *  @param {Element} box */
export function messageOf(box) {
  return Number(box.closest("[data-id]")?.dataset.id) || undefined;
}

/** Shows what this browser knows of it.
 *  @param {HTMLElement} box */
export function showVoice(box) {
  const button = box.querySelector(".speed");
  button.textContent = `${speed()}×`;
  button.ariaLabel = button.title = say("voice_speed", { n: String(speed()) });
  const message = messageOf(box);
  const fresh = message !== undefined && box.closest(".msg:not(.mine)") && !isHeard(message);
  const dot = box.querySelector(".unheard");
  if (!fresh) dot?.remove();
  else if (!dot) box.append(Object.assign(document.createElement("i"), { className: "unheard", role: "img", ariaLabel: say("voice_unheard"), title: say("voice_unheard") }));
}
