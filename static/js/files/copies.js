// @ts-check
// Copies of files that this browser has: what is taken back while its reader is elsewhere goes from here too, when they are back.

import { fileAddress } from "./address.js";
import { authorized } from "../net/credential.js";
import { call } from "../net/api.js";

/** The ids of files that were fetched, the oldest first. */
const KEY = "teahouse.copies";
/** So many are asked for at once (src/web/files_gone.rs). */
const MOST = 200;
/** Rooms may be leafed through faster; and after a restart not all of a house asks at once. */
const EVERY_MS = 10_000, SPREAD_MS = 10_000;
/** So often in a row. */
const TRIES = 4;
const ADDRESS = /^\/files\/([a-z2-7]{26})\/[a-z]+$/;
/** All forms in which a browser may have a file. */
const FORMS = ["s", "m", "l", "raw", "poster"];

let last = -EVERY_MS;
/** @type {number | undefined} */
let next;
/** @type {number | undefined} */
let saving;
/** Not remembered yet. @type {Set<string>} */
const fetched = new Set();
/** Those that were let go of, and asked for only for that. @type {Set<string>} */
const released = new Set();

/** @returns {string[]} */
function known() {
  try {
    return [].concat(JSON.parse(localStorage.getItem(KEY) ?? "[]"));
  } catch {
    return [];
  }
}

/** Another page may have remembered others meanwhile. */
function save() {
  saving = undefined;
  const before = known().filter((id) => !fetched.has(id));
  const all = [...before, ...fetched].filter((id) => !released.has(id));
  fetched.clear();
  try {
    localStorage.setItem(KEY, JSON.stringify(all.slice(-MOST)));
  } catch {
    // A browser that remembers nothing keeps no cache either, or says so to its reader.
  }
}

/** From now on, what this page has fetched and what it fetches is remembered. */
export function rememberCopies() {
  new PerformanceObserver((list) => {
    for (const { name, responseStatus } of /** @type {PerformanceResourceTiming[]} */ (list.getEntries())) {
      if (responseStatus >= 400) continue;
      const { origin, pathname } = new URL(name);
      const [, id] = (origin === location.origin && ADDRESS.exec(pathname)) || [];
      if (id) fetched.add(id);
    }
    if (fetched.size) saving ??= setTimeout(save, 500);
  }).observe({ type: "resource", buffered: true });
  addEventListener("pagehide", save);
}

/** Asks soon which of them are not to be seen any more, and lets go of those; a busy server is asked again.
 *  @param {number} [tries] */
export function checkCopies(tries = TRIES) {
  const again = () => { if (tries > 1) checkCopies(tries - 1); };
  next ??= setTimeout(() => check().catch(again), Math.max(0, last + EVERY_MS - performance.now()) + Math.random() * SPREAD_MS);
}

async function check() {
  next = undefined;
  last = performance.now();
  save();
  const copies = known();
  if (!copies.length) return;
  const { files } = await call("POST", "files/gone", { files: copies });
  for (const id of files) await release(id);
  save();
}

/** Throws a file out of the stores of this browser: it is asked for past them. One that is there after all is remembered on.
 *  @param {string} id */
export async function release(id) {
  released.add(id);
  const asked = FORMS.map((form) => fetch(fileAddress(id, form), authorized({ cache: "reload" })).catch(/** @returns {undefined} */ () => undefined));
  const gone = (await Promise.all(asked)).every((answer) => answer && !answer.ok);
  if (!gone) released.delete(id);
}
