// @ts-check
// The room's messages in memory, oldest first, each once; whose they are and whom they call. Pure data: the timeline shows a window of it.

import { dayKey } from "../ui/dates.js";

/** About 5 MB of text at worst habits; reading further back lets go of the newest ones. */
const MOST = 5_000;
const GROUP_MS = 5 * 60_000;

export class MessageLog {
  /** @type {Entry[]} */
  #entries = [];
  /** @type {Map<Entry["id"], Entry>} */
  #byId = new Map();
  /** True when the newest messages are not in memory: what comes live does not join on. */
  torn = false;

  get size() {
    return this.#entries.length;
  }

  /** The newest seq in memory. */
  get head() {
    return this.#entries.at(-1)?.seq ?? 0;
  }

  /** @param {number} index */
  at(index) {
    return this.#entries[index];
  }

  /** @param {Entry["id"] | undefined} id */
  get(id) {
    return this.#byId.get(id);
  }

  /** The oldest that passes.
   *  @param {(entry: Entry) => unknown} passes */
  first(passes) {
    return this.#entries.find(passes);
  }

  /** The newest that passes.
   *  @param {(entry: Entry) => unknown} passes */
  last(passes) {
    return this.#entries.findLast(passes);
  }

  /** Those that answer this message.
   *  @param {number} id */
  answering(id) {
    return this.#entries.filter(({ reply }) => reply?.id === id);
  }

  /** What this person has said or withdrawn.
   *  @param {string} id */
  of(id) {
    return this.#entries.filter((entry) => entry.by.id === id && typeof entry.id === "number");
  }

  /** Those that came after `seq`, oldest first.
   *  @param {number} seq */
  since(seq) {
    const first = this.#entries.findIndex((entry) => entry.seq > seq);
    return first < 0 ? [] : this.#entries.slice(first);
  }

  /** @param {Entry} entry */
  indexOf(entry) {
    let low = 0, high = this.#entries.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      if (this.#entries[middle] === entry) return middle;
      if (this.#entries[middle].seq < entry.seq) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }

  /** Inserts by seq and returns the index. The caller has looked that the id is new.
   *  @param {Entry} entry */
  insert(entry) {
    let index = this.#entries.length;
    while (index > 0 && this.#entries[index - 1].seq > entry.seq) index -= 1;
    this.#entries.splice(index, 0, entry);
    this.#byId.set(entry.id, entry);
    return index;
  }

  /** Puts an older page before everything; returns how many were new.
   *  @param {Entry[]} page */
  prepend(page) {
    const fresh = page.filter((entry) => !this.#byId.has(entry.id));
    for (const entry of fresh) this.#byId.set(entry.id, entry);
    this.#entries.unshift(...fresh);
    return fresh.length;
  }

  /** Puts a newer page after everything.
   *  @param {Entry[]} page */
  append(page) {
    const fresh = page.filter((entry) => !this.#byId.has(entry.id));
    for (const entry of fresh) this.#byId.set(entry.id, entry);
    this.#entries.push(...fresh);
  }

  /** Keeps the bound by letting go of the oldest before `from`; returns how many.
   *  @param {number} from */
  trimOldest(from) {
    const over = Math.min(this.size - MOST, from);
    if (over <= 0) return 0;
    for (const entry of this.#entries.splice(0, over)) this.#byId.delete(entry.id);
    return over;
  }

  /** Keeps the bound by letting go of the newest from `to` on.
   *  @param {number} to */
  trimNewest(to) {
    const over = Math.min(this.size - MOST, this.size - to);
    if (over <= 0) return;
    for (const entry of this.#entries.splice(this.size - over)) this.#byId.delete(entry.id);
    this.torn = true;
  }

  clear() {
    this.#entries = [];
    this.#byId.clear();
    this.torn = false;
  }
}

/** The same author again within five minutes: no new face.
 *  @param {Pick<Entry, "by" | "at" | "recalled"> | undefined} last
 *  @param {Pick<Entry, "by" | "at">} entry */
export function follows(last, entry) {
  return Boolean(last) && !last.recalled && last.by.id === entry.by.id && entry.at - last.at < GROUP_MS && dayKey(last.at) === dayKey(entry.at);
}

/** Stands for whoever reads it. */
export const EVERYBODY = "all";

/** @param {Pick<Entry, "by" | "mentions">} entry
 *  @param {Me} me */
export function mentionsMe({ by, mentions = [] }, me) {
  return by.id !== me.id && mentions.some((id) => id === EVERYBODY || id === me.id);
}

/** Whether I said it, by this account or as the visitor that I was before it.
 *  @param {Pick<Entry, "by">} entry
 *  @param {Me} me */
export function isMine({ by }, me) {
  return by.id === me.id || by.id === me.was;
}
