// @ts-check
// What a message said before it was edited: each version with its time, the newest first.

import { call } from "../net/api.js";
import { clone } from "../ui/templates.js";
import { showDay } from "../ui/dates.js";
import { enhanceBody, makeScrollableByKey } from "./body.js";
import { session } from "../state/session.js";
import { Sheet } from "../ui/sheet.js";
import { say } from "../ui/i18n.js";

const list = document.getElementById("versions-list");
const state = document.getElementById("versions-state");
const sheet = new Sheet("versions-dialog", () => show([]));
let asked = 0;

/** @param {{ room: number, entry: Entry }} what */
export async function showVersions({ room, entry }) {
  const life = show([]);
  state.textContent = say("loading_list");
  sheet.open();
  try {
    const { versions } = await call("GET", `rooms/${room}/messages/${entry.id}/versions`);
    if (life !== asked) return;
    show(versions.map((version, place) => row(version, place === versions.length - 1)).reverse());
    // It may have been withdrawn meanwhile.
    state.textContent = versions.length ? "" : say("withdrawn");
  } catch (error) {
    if (life === asked) state.textContent = error.message;
  }
}

/** Gives the number of what is shown: an answer that comes after something else is none.
 *  @param {HTMLElement[]} rows */
function show(rows) {
  list.replaceChildren(...rows);
  asked += 1;
  return asked;
}

/** @param {Version} what0
 *  @param {boolean} newest */
function row({ at, content, html }, newest) {
  const li = clone("version-template");
  const body = li.querySelector(".body");
  showDay(li.querySelector("time"), at);
  li.querySelector(".tag").hidden = !newest;
  if (html === undefined) body.textContent = content;
  else body.innerHTML = html;
  enhanceBody(body, session.me);
  makeScrollableByKey(body);
  return li;
}
