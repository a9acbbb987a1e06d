// @ts-check
// What hangs on a message: the quote above its words, files and what people think of it below them, the sign that it is pinned. The server
// draws the same (src/web/message_extras.rs).

import { attachFiles } from "./files-row.js";
import { clone } from "../ui/templates.js";
import { isMyReaction } from "../state/message-reducer.js";
import { fileWord, personName, say } from "../ui/i18n.js";

/** Writes all of it into the row of a message, as `me` sees it.
 *  @param {HTMLElement} li
 *  @param {Pick<Entry, "reply" | "reactions" | "pinned" | "files">} entry
 *  @param {Me} me */
export function attach(li, { reply, reactions = [], pinned, files }, me) {
  quote(li, reply);
  attachFiles(li, files);
  chips(li, reactions, me);
  pin(li, pinned);
}

/** @param {HTMLElement} li
 *  @param {Quote | undefined} reply */
function quote(li, reply) {
  const there = li.querySelector(".quote");
  if (!reply) return there?.remove();
  const button = there ?? clone("quote-template");
  const { id, by, text, file, gone } = reply;
  button.dataset.id = String(id);
  button.disabled = Boolean(gone);
  button.querySelector("b").textContent = gone ? "" : personName(by);
  button.querySelector(".words").textContent = gone ? say("withdrawn") : text || fileWord(file);
  if (!there) li.querySelector(".body").before(button);
}

/** @param {HTMLElement} li
 *  @param {KnownReaction[]} reactions
 *  @param {Me} me */
function chips(li, reactions, me) {
  const there = li.querySelector(".chips");
  if (!reactions.length) return removeChips(li, there);
  const box = there ?? clone("chips-template");
  const known = new Map([...box.querySelectorAll("button[data-emoji]")].map((each) => [each.dataset.emoji, each]));
  reactions.forEach((reaction, place) => {
    const each = fillChip(known.get(reaction.emoji) ?? clone("chip-template"), reaction, me);
    known.delete(reaction.emoji);
    // One that stands where it stood keeps the focus.
    if (box.children[place] !== each) box.insertBefore(each, box.children[place] ?? null);
  });
  for (const gone of known.values()) {
    if (gone === document.activeElement) box.lastElementChild.focus();
    gone.remove();
  }
  if (!there) (li.querySelector(".files") ?? li.querySelector(".unfold") ?? li.querySelector(".body")).after(box);
}

/** The last one has gone: who was on it can go on from there.
 *  @param {HTMLElement} li
 *  @param {HTMLElement | null} box */
function removeChips(li, box) {
  if (box?.contains(document.activeElement)) li.querySelector(".tools .react")?.focus({ preventScroll: true });
  box?.remove();
}

/** @param {HTMLButtonElement} button
 *  @param {KnownReaction} reaction
 *  @param {Me} me */
function fillChip(button, reaction, me) {
  const { emoji, n } = reaction;
  const names = namesOf(reaction, me);
  button.dataset.emoji = emoji;
  button.title = names;
  button.classList.toggle("waits", Boolean(reaction.waits));
  button.ariaPressed = String(isMyReaction(reaction, me));
  button.ariaLabel = say("reacted", { emoji, count: String(n), names });
  button.querySelector("span").textContent = emoji;
  button.querySelector("b").textContent = String(n);
  return button;
}

/** Who put it there: the first of them by name, the others as a number.
 *  @param {KnownReaction} knownReaction
 *  @param {Me} me */
function namesOf({ n, who }, me) {
  const names = who.map((by) => (by.id === me.id ? say("you") : personName(by))).join(say("between"));
  return n > who.length ? say("and_others", { names, n: n - who.length }) : names;
}

/** @param {HTMLElement} li
 *  @param {boolean | undefined} pinned */
function pin(li, pinned) {
  const there = li.querySelector(".pinned");
  if (!pinned) there?.remove();
  else if (!there) li.querySelector(".head").append(clone("pinned-template"));
}

/** What hangs on a message after the account of `nobody` was deleted; undefined when it is the same.
 *  @param {Entry} entry
 *  @param {Author} nobody */
export function withoutName({ reply, reactions = [] }, nobody) {
  const named = (/** @type {Named} */ by) => by.id === nobody.id && by.name !== "";
  const cleared = (/** @type {Named} */ by) => (named(by) ? { ...by, name: "" } : by);
  if (!(reply && named(reply.by)) && !reactions.some(({ who }) => who.some(named))) return undefined;
  return {
    reply: reply && { ...reply, by: cleared(reply.by) },
    reactions: reactions.map((each) => ({ ...each, who: each.who.map(cleared) })),
  };
}
