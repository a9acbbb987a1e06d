// @ts-check
// Lazy loading: parts of the page that come when they are wanted first, so that a first visit is a small one, and a breath
// between two pieces of work, so that what the reader does meanwhile comes first (W3C Prioritized Task Scheduling).

import { toast } from "./toast.js";
import { say } from "./i18n.js";

/** Gives what fetches the part once: `load` imports its module, `make(module)` puts it to work. Without a line there is nothing, and a
 *  word to the reader.
 *  @template M, T
 *  @param {() => Promise<M>} load
 *  @param {(module: M) => T} make */
export function lazy(load, make) {
  /** @type {T | undefined} */
  let part;
  return async () => {
    const module = part ? undefined : await load().catch(() => toast(say("unreachable")));
    if (module) part ??= make(module);
    return part;
  };
}

/** A lazy part for another that cannot do without it: where it does not come, the other does not come either.
 *  @template T
 *  @param {Promise<T | undefined>} part
 *  @returns {Promise<T>} */
export async function needed(part) {
  return await part ?? Promise.reject(new Error("a part did not come"));
}

/** A style sheet that is not the page's from the beginning.
 *  @param {string} name */
export function loadStyle(name) {
  const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href: new URL(`../css/${name}.css`, import.meta.url) });
  return new Promise((loaded, failed) => {
    link.onload = loaded;
    link.onerror = () => {
      link.remove();
      failed();
    };
    document.head.append(link);
  });
}

/** Lets the browser do what waits. */
export function yieldToMain() {
  return globalThis.scheduler?.yield?.() ?? new Promise((done) => setTimeout(done));
}
