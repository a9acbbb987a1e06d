// Keeps what is written and not yet with the server where a reload, a closed tab and a crash of the browser do not reach it: in
// IndexedDB, which all tabs of a browser share. Each record has one tab that sends it; what no living tab looks after is taken over
// by one that asks. Where IndexedDB is forbidden nothing is kept, and the page works from memory.

import { newNonce } from "./nonce.js";

const STORE = "unsent";
/** How long the other tabs have to say that they live. A frozen one is late: then two send the same, which the nonces make one. */
const ANSWER_MS = 400;
/** How long the browser may take to open the database. */
const OPEN_MS = 3_000;

/** Whether `author` may see it. What a visitor wrote is for whoever he becomes by signing in; what an account wrote, and every edit,
 *  is its own: the next at this browser may be another person. */
export function isFor(author, { author: by, edits }) {
  return by === author || (edits === undefined && by.startsWith("v"));
}

export class Unsent {
  #tab = newNonce();
  #gone;
  #db = open();
  #channel = new BroadcastChannel("teahouse.unsent");
  #alive = new Set();

  /** `gone(nonce, ack)`: another tab has sent this one, or, without an ack, thrown it away. */
  constructor({ gone }) {
    this.#gone = gone;
    this.#channel.onmessage = ({ data }) => this.#heard(data);
  }

  put({ nonce, room, author, content, at, reply, edits, does, why }) {
    const answers = reply && { id: reply.id, by: reply.by };
    return this.#write((store) => store.put({ nonce, room, author, content, at, reply: answers, edits, does, why, tab: this.#tab }));
  }

  drop(nonce, ack) {
    this.#channel.postMessage({ kind: "gone", nonce, ack });
    return this.#write((store) => store.delete(nonce));
  }

  /** Takes over what no living tab looks after and `author` may see, the oldest first, `most` at most. */
  async take(author, most) {
    this.#alive.clear();
    if ((await this.#orphans(author)).length === 0) return [];
    this.#channel.postMessage({ kind: "who", tab: this.#tab });
    await new Promise((done) => setTimeout(done, ANSWER_MS));
    return this.#orphans(author, most);
  }

  /** With a number it makes so many of them its own, in one transaction, so that no other tab does the same. */
  async #orphans(author, most = 0) {
    this.#alive.add(this.#tab);
    let found = [];
    await this.#write((store) => {
      store.getAll().onsuccess = ({ target }) => {
        found = target.result.filter(({ tab, edits, author: by }) => !this.#alive.has(tab) && isFor(author, { author: by, edits }));
        if (most === 0) return;
        found = found.sort((a, b) => a.at - b.at).slice(0, most);
        for (const record of found) store.put({ ...record, tab: this.#tab });
      };
    });
    return found;
  }

  #heard({ kind, tab, nonce, ack }) {
    if (kind === "gone") return this.#gone(nonce, ack);
    this.#alive.add(tab);
    if (kind === "who") this.#channel.postMessage({ kind: "here", tab: this.#tab });
  }

  /** Resolves when it is on disk, or could not be: what this page has in memory is the better half then. */
  async #write(act) {
    const db = await this.#db;
    if (!db) return;
    await new Promise((done) => {
      try {
        const transaction = db.transaction(STORE, "readwrite", { durability: "strict" });
        transaction.oncomplete = transaction.onabort = done;
        act(transaction.objectStore(STORE));
      } catch {
        done();
      }
    });
  }
}

function open() {
  return new Promise((done) => {
    setTimeout(done, OPEN_MS);
    try {
      const request = indexedDB.open("teahouse", 1);
      request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "nonce" });
      request.onsuccess = () => {
        // A newer page in another tab wants another version of it.
        request.result.onversionchange = () => request.result.close();
        done(request.result);
      };
      request.onerror = () => done();
    } catch {
      done();
    }
  });
}
