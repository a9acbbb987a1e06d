// @ts-check
// Keys of the whole page: from room to room, on to the box, and the list of all keys; and whether a key belongs to an input method.

import { lazy } from "./lazy.js";

/** @type {Record<string, number>} */
const STEPS = { ArrowUp: -1, ArrowDown: 1 };
/** A link of the sidebar where something waits that is not muted. */
const WAITS = ".unread, :has(em.hit:not([hidden]))";
const FIELDS = "input, textarea, select, [contenteditable]";
/** What is over the room has keys of its own. */
const OVER = "dialog[open], [popover]:not(#toast):popover-open";

export function wireShortcuts() {
  const sheet = lazy(() => import("./shortcuts-dialog.js"), ({ ShortcutsDialog }) => new ShortcutsDialog());
  const open = async () => (await sheet())?.open();
  document.getElementById("open-keys").onclick = () => {
    document.getElementById("menu").hidePopover();
    open();
  };
  document.addEventListener("keydown", (event) => {
    const { key, altKey, ctrlKey, metaKey, shiftKey, target } = event;
    if (event.defaultPrevented || isComposingKey(event) || ctrlKey || metaKey || document.querySelector(OVER)) return;
    if (altKey && key in STEPS) {
      event.preventDefault();
      return neighbour(STEPS[key], shiftKey)?.click();
    }
    if (altKey || [...key].length !== 1 || key === " " || target.closest(FIELDS)) return;
    if (key !== "?") return document.getElementById("say").focus({ preventScroll: true });
    event.preventDefault();
    open();
  });
}

/** The link of the sidebar before or after the open room's; with `waiting` the next one that way, and round, where something waits.
 *  @param {number} way
 *  @param {boolean} waiting */
function neighbour(way, waiting) {
  const links = [...document.querySelectorAll(".rail li a")].filter((link) => link.checkVisibility());
  if (way < 0) links.reverse();
  const here = links.findIndex((link) => link.hasAttribute("aria-current"));
  const after = links.slice(here + 1);
  return waiting ? [...after, ...links.slice(0, Math.max(0, here))].find((link) => link.matches(WAITS)) : after[0];
}

/** Whether a key belongs to an input method: while it composes, its Enter chooses a word and its arrows go from one to another. Safari says
 *  so of the last one by its code only.
 *  @param {KeyboardEvent} what */
export function isComposingKey({ isComposing, keyCode }) {
  return isComposing || keyCode === 229;
}
