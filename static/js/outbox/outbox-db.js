// @ts-check
// Keeps what is not acknowledged yet where a reload, a closed tab and a crash of the browser do not reach it: in
// IndexedDB, which all tabs of a browser share. Each record has one tab that sends it; what no living tab looks after is taken over
// by one that asks. Where IndexedDB is forbidden nothing is kept, and the page works from memory.

import { openChannel } from "../state/channel.js";
import { UNSENT, write } from "../state/database.js";
import { newNonce } from "../net/nonce.js";
import { recordOf } from "./item-files.js";

/** How long the other tabs have to say that they live. A frozen one is late: then two send the same, which the nonces make one. */
const ANSWER_MS = 400;

/** Whether `author` may see it. What a visitor wrote is for whoever they become by signing in; what an account wrote, and every edit,
 *  is its own: the next at this browser may be another person.
 *  @param {string} author
 *  @param {Pick<OutboxItem, "author" | "edits">} outboxItem */
export function isFor(author, { author: by, edits }) {
  return by === author || (edits === undefined && by.startsWith("v"));
}

export class OutboxDb {
  #tab = newNonce();
  #gone;
  #channel = openChannel("teahouse.unsent");
  #alive = new Set();

  /** `gone(nonce, ack)`: another tab has sent this one, or, without an ack, thrown it away.
   *  @param {{ gone: (nonce: Nonce, ack?: Ack) => void }} parts */
  constructor({ gone }) {
    this.#gone = gone;
    this.#channel.onmessage = ({ data }) => this.#heard(data);
  }

  /** @param {OutboxItem} outboxItem */
  put({ nonce, room, author, content, at, reply, edits, does, why, files, tray }) {
    const answers = reply && { id: reply.id, by: reply.by };
    return write(UNSENT, (store) => store.put({ nonce, room, author, content, at, reply: answers, edits, does, why, tray, files: files?.map(recordOf), tab: this.#tab }));
  }

  /** @param {Nonce} nonce
   *  @param {Ack} [ack] */
  drop(nonce, ack) {
    this.#channel.postMessage({ kind: "gone", nonce, ack });
    return write(UNSENT, (store) => store.delete(nonce));
  }

  /** Takes over what no living tab looks after and `author` may see, the oldest first, `most` at most.
   *  @param {string} author
   *  @param {number} most */
  async take(author, most) {
    this.#alive.clear();
    if ((await this.#orphans(author)).length === 0) return [];
    this.#channel.postMessage({ kind: "who", tab: this.#tab });
    await new Promise((done) => setTimeout(done, ANSWER_MS));
    return this.#orphans(author, most);
  }

  /** With a number it makes so many of them its own, in one transaction, so that no other tab does the same.
   *  @param {string} author
   *  @param {number} [most] */
  async #orphans(author, most = 0) {
    this.#alive.add(this.#tab);
    /** @type {OutboxItem[]} */
    let found = [];
    await write(UNSENT, (store) => {
      /** @type {IDBRequest<OutboxItem[]>} */
      const all = store.getAll();
      all.onsuccess = () => {
        found = all.result.filter((item) => !this.#alive.has(item.tab) && isFor(author, item));
        if (most === 0) return;
        found = found.sort((a, b) => a.at - b.at).slice(0, most);
        for (const record of found) store.put({ ...record, tab: this.#tab });
      };
    });
    return found;
  }

  /** @param {{ kind: string, tab: string, nonce: Nonce, ack?: Ack }} what */
  #heard({ kind, tab, nonce, ack }) {
    if (kind === "gone") return this.#gone(nonce, ack);
    this.#alive.add(tab);
    if (kind === "who") this.#channel.postMessage({ kind: "here", tab: this.#tab });
  }
}
