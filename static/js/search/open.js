// @ts-check
// Opens the search: a button, the room's menu, two keys. Its code is loaded when it is first opened.

import { isComposingKey } from "../ui/keyboard.js";
import { lazy, loadStyle } from "../ui/lazy.js";

/** `parts` are what the search needs to know. Gives what opens it; `here`: in the open room.
 *  @param {SearchParts} parts */
export function wireSearch(parts) {
  const search = lazy(load, ([{ Search }]) => new Search(parts));
  const open = async (here = false) => (await search())?.open(here);
  document.getElementById("open-search").onclick = () => open();
  document.addEventListener("keydown", (event) => {
    if (!wanted(event)) return;
    event.preventDefault();
    open();
  });
  return open;
}

/** Ctrl Shift F anywhere, a slash where nobody writes.
 *  @param {On<KeyboardEvent>} event */
function wanted(event) {
  const { key, ctrlKey, metaKey, shiftKey, altKey, target } = event;
  if (isComposingKey(event) || altKey || document.querySelector("dialog[open]")) return false;
  if (ctrlKey || metaKey) return shiftKey && key.toLowerCase() === "f";
  return key === "/" && !target.closest("input, textarea, select, [contenteditable]");
}

function load() {
  return Promise.all([import("./search.js"), loadStyle("search")]);
}
