// @ts-check
// Copies of files that this browser has: what is taken back while its reader is elsewhere goes from here too, when they are back.

import { call } from "../net/api.js";

/** What was fetched of which files, the oldest first: `{id: [rendition, …]}`. */
const KEY = "teahouse.copies";
/** So many are asked for at once (src/web/files_gone.rs). */
const MOST = 200;
/** Rooms may be leafed through faster; and after a restart not all of a house asks at once. */
const EVERY_MS = 10_000, SPREAD_MS = 10_000;
/** So often in a row. */
const TRIES = 4;
const ADDRESS = /^\/files\/([a-z2-7]{26})\/([a-z]+)$/;

let last = -EVERY_MS;
/** @type {number | undefined} */
let next;
/** @type {number | undefined} */
let saving;
/** Not remembered yet. @type {string[][]} */
const fetched = [];
/** Those that were let go of, and asked for only for that. @type {Set<string>} */
const released = new Set();

/** @returns {Record<string, string[]>} */
function known() {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "{}");
  } catch {
    return {};
  }
}

/** Another page may have remembered others meanwhile.
 *  @param {(copies: Map<string, string[]>) => void} make */
function change(make) {
  const copies = new Map(Object.entries(known()));
  make(copies);
  try {
    localStorage.setItem(KEY, JSON.stringify(Object.fromEntries([...copies].slice(-MOST))));
  } catch {
    // A browser that remembers nothing keeps no cache either, or says so to its reader.
  }
}

function save() {
  saving = undefined;
  change((copies) => {
    for (const [id, rendition] of fetched.splice(0)) {
      if (released.has(id)) continue;
      const before = copies.get(id) ?? [];
      copies.delete(id);
      copies.set(id, before.includes(rendition) ? before : [...before, rendition]);
    }
  });
}

/** From now on, what this page has fetched and what it fetches is remembered. */
export function rememberCopies() {
  new PerformanceObserver((list) => {
    for (const { name, responseStatus } of /** @type {PerformanceResourceTiming[]} */ (list.getEntries())) {
      if (responseStatus >= 400) continue;
      const { origin, pathname } = new URL(name);
      const [, id, rendition] = (origin === location.origin && ADDRESS.exec(pathname)) || [];
      if (id) fetched.push([id, rendition]);
    }
    if (fetched.length) saving ??= setTimeout(save, 500);
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
  if (!Object.keys(copies).length) return;
  const { files } = await call("POST", "files/gone", { files: Object.keys(copies) });
  for (const id of files) {
    if (await release(id, copies[id])) change((now) => now.delete(id));
  }
}

/** Throws these renditions of a file out of the stores of this browser: they are asked for past them. False where they are there.
 *  @param {string} id
 *  @param {string[]} renditions */
export async function release(id, renditions) {
  released.add(id);
  const asked = renditions.map((rendition) => fetch(`/files/${id}/${rendition}`, { cache: "reload" }).catch(/** @returns {undefined} */ () => undefined));
  const gone = (await Promise.all(asked)).every((answer) => answer && !answer.ok);
  if (!gone) released.delete(id);
  return gone;
}
