// The ways into the search: a button, the room's menu, two keys. What it needs is loaded when it is wanted first.

import { toast } from "./toast.js";
import { say } from "./words.js";

const STYLE = new URL("../css/search.css", import.meta.url);
let search;

/** `parts` are what the search needs to know. Gives what opens it; `here`: in the open room. */
export function wireSearch(parts) {
  const open = async (here = false) => {
    try {
      search ??= load(parts);
      (await search).open(here);
    } catch {
      search = undefined;
      toast(say("unreachable"));
    }
  };
  document.getElementById("open-search").onclick = () => open();
  document.addEventListener("keydown", (event) => {
    if (!wanted(event)) return;
    event.preventDefault();
    open();
  });
  return open;
}

/** Ctrl Shift F anywhere, a slash where nobody writes. */
function wanted({ key, ctrlKey, metaKey, shiftKey, altKey, target, isComposing }) {
  if (isComposing || altKey || document.querySelector("dialog[open]")) return false;
  if (ctrlKey || metaKey) return shiftKey && key.toLowerCase() === "f";
  return key === "/" && !target.closest("input, textarea, select, [contenteditable]");
}

async function load(parts) {
  const [{ Search }] = await Promise.all([import("./search.js"), style()]);
  return new Search(parts);
}

function style() {
  const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href: STYLE });
  return new Promise((loaded, failed) => {
    link.onload = loaded;
    link.onerror = () => {
      link.remove();
      failed();
    };
    document.head.append(link);
  });
}
