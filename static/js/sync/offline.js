// @ts-check
// The page for offline use: a service worker keeps it (worker.js). Here is when, and that nothing of it is left to whoever
// comes after.

import { boot } from "../state/boot.js";
import { session } from "../state/session.js";

/** The parts of the page that come when they are wanted first. */
const LATER = boot.later.map((/** @type {string} */ path) => new URL(`../${path}`, import.meta.url).href);
/** The worker's stores of pages, and of pictures in messages. */
const PAGES = "pages", PICTURES = "pictures";
/** Whose pages these are. */
const WHOSE = "teahouse.pages-of";
/** What is known of copies of files (files/copies.js). */
const COPIES = "teahouse.copies";
/** A page is drawn again by the server for this: not at every glance elsewhere. */
const EVERY_MS = 60_000;

/** What was kept is gone, and with it what is on its way into the stores (worker.js). */
export async function forgetPages() {
  await Promise.all([PAGES, PICTURES].map((name) => globalThis.caches?.delete(name).catch(() => {})));
}

/** A room's page is not to be shown any more; the worker knows whether one is on its way into the store.
 *  @param {string} path */
export async function forgetPage(path) {
  const forget = async () => {
    navigator.serviceWorker?.controller?.postMessage({ forget: path });
    await (await caches.open(PAGES)).delete(path);
  };
  if (globalThis.caches) await forget().catch(() => {});
}

/** Files that were taken back meanwhile stay in no store of this browser. */
export async function checkCopies() {
  try {
    if (localStorage[COPIES]) (await import("../files/copies.js")).checkCopies();
  } catch {
    // Next time.
  }
}

export class Offline {
  #path;
  #seq;
  #kept;
  #last = 0;

  /** `path()` is the open room's, undefined when none is open; `seq()` its newest event.
   *  @param {{ path: () => string | undefined, seq: () => number }} parts */
  constructor({ path, seq }) {
    this.#path = path;
    this.#seq = seq;
    // A frame is no page to come back to.
    if (boot.embedded || !("serviceWorker" in navigator)) return;
    this.#kept = this.#now;
    this.#become();
    session.subscribe(() => this.#become());
    // Not while the page has better things to do.
    const begin = () => this.#begin().catch(() => {});
    if (document.readyState === "complete") begin();
    else addEventListener("load", begin, { once: true });
    document.addEventListener("visibilitychange", () => document.hidden && this.#keep(navigator.serviceWorker.controller, LATER));
  }

  async #begin() {
    const { serviceWorker } = navigator;
    await serviceWorker.register("/worker.js");
    const { active } = await serviceWorker.ready;
    // A page that was under way when the worker became ready is not among those that it took over.
    if (!serviceWorker.controller) active.postMessage({ unclaimed: true });
    if (await caches.match(this.#path() ?? "/")) return;
    // A first visit: it has passed the worker by, and so have its parts, which the browser still has.
    this.#kept = undefined;
    const parts = performance.getEntriesByType("resource").map(({ name }) => name);
    this.#keep(active, parts.filter((name) => /^\/(?:static|avatar)\//.test(new URL(name).pathname)));
  }

  /** Another person reads here now: what was kept for the one before is gone. */
  #become() {
    const { id } = session.me;
    try {
      if (localStorage.getItem(WHOSE) === id) return;
      localStorage.setItem(WHOSE, id);
    } catch {
      // Where nothing can be remembered nothing is to be kept.
    }
    this.#kept = undefined;
    this.#last = 0;
    forgetPages();
  }

  get #now() {
    return `${this.#path()} ${this.#seq()}`;
  }

  /** @param {ServiceWorker | null} worker
   *  @param {string[]} parts */
  #keep(worker, parts) {
    if (!worker || !this.#path() || this.#kept === this.#now || Date.now() - this.#last < EVERY_MS) return;
    this.#last = Date.now();
    this.#kept = this.#now;
    worker.postMessage({ keep: this.#path(), parts });
  }
}
