// Keys of the whole page: from room to room, on to the box, and the list of all keys.

import { later } from "./lazy.js";

const STEPS = { ArrowUp: -1, ArrowDown: 1 };
/** A link of the rail where something waits that is not muted. */
const WAITS = ".unread, :has(em.hit:not([hidden]))";
const FIELDS = "input, textarea, select, [contenteditable]";
/** What is over the room has keys of its own. */
const OVER = "dialog[open], [popover]:not(#toast):popover-open";

export function wireKeys() {
  const sheet = later(() => import("./shortcuts-dialog.js"), ({ KeysSheet }) => new KeysSheet());
  const open = async () => (await sheet())?.open();
  document.getElementById("open-keys").onclick = () => {
    document.getElementById("menu").hidePopover();
    open();
  };
  document.addEventListener("keydown", (event) => {
    const { key, altKey, ctrlKey, metaKey, shiftKey, target } = event;
    if (event.defaultPrevented || event.isComposing || event.keyCode === 229 || ctrlKey || metaKey || document.querySelector(OVER)) return;
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

/** The link of the rail before or after the open room's; with `waiting` the next one that way, and round, where something waits. */
function neighbour(way, waiting) {
  const links = [...document.querySelectorAll(".rail li a")].filter((link) => link.checkVisibility());
  if (way < 0) links.reverse();
  const here = links.findIndex((link) => link.hasAttribute("aria-current"));
  const after = links.slice(here + 1);
  return waiting ? [...after, ...links.slice(0, Math.max(0, here))].find((link) => link.matches(WAITS)) : after[0];
}
