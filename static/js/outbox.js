// What I said and the server has not yet confirmed. One message is under way at a time, so that the order is kept; each keeps its
// nonce, so that sending it again after a lost connection changes nothing. Knows no DOM: it tells its `rows` what happened.

import { serverNow } from "./dates.js";
import { SEND } from "./feed.js";
import { newNonce } from "./nonce.js";
import { say } from "./words.js";

/** More than this waiting is refused: the person should know that nothing goes out. */
const MOST = 50;
/** No answer for so long: the connection is not what it seems. */
const ANSWER_MS = 15_000;
/** A "not so fast" up to this many seconds is waited for; a longer one is shown as a failure. */
const PATIENCE_S = 30;
const KEEP = "teahouse.unsent";

export class Outbox {
  #feed;
  #room;
  #rows;
  #author;
  #items = [];
  #timer;
  #resting = false;

  constructor({ feed, room, author, rows }) {
    this.#feed = feed;
    this.#room = room;
    this.#author = author;
    this.#rows = rows;
  }

  /** Takes up what a reload of this tab left behind. What was written under another name waits for the person's word. */
  restore() {
    try {
      const kept = JSON.parse(sessionStorage.getItem(KEEP) ?? "null");
      if (kept?.room !== this.#room) return;
      const other = kept.author === this.#author ? {} : { why: say("other_name"), tried: false };
      for (const item of kept.items) this.#put({ ...item, ...other, nonce: other.why ? newNonce() : item.nonce });
    } catch {
      // A broken or forbidden storage keeps nothing; the page works without.
    }
  }

  /** How many are not yet with the server, without the failed ones. */
  get unsent() {
    return this.#items.filter((item) => !item.why && !item.shown).length;
  }

  get full() {
    return this.#items.length >= MOST;
  }

  add(content) {
    this.#put({ nonce: newNonce(), content, at: serverNow() });
    this.flush();
  }

  /** Sends the next one if the line is free. */
  flush() {
    if (this.#resting || this.#feed.state.name !== "live" || this.#items.some((item) => item.sent)) return;
    const next = this.#items.find((item) => !item.why);
    if (!next || !this.#feed.send(SEND, { nonce: next.nonce, room: this.#room, content: next.content })) return;
    next.sent = next.tried = true;
    this.#keep();
    this.#timer = setTimeout(() => this.#feed.again(), ANSWER_MS);
  }

  /** The connection is gone: nobody knows what arrived, so everything unconfirmed goes again. */
  lost() {
    this.#rest(0);
    for (const item of this.#items) item.sent = false;
  }

  /** Returns true when the ack belonged to a message of ours. */
  acked({ nonce, id, seq, at }) {
    const item = this.#take(nonce);
    if (!item) return false;
    this.#rows.settled(item, { id, seq, at });
    this.flush();
    return true;
  }

  /** Returns true when the error belonged to a message of ours. */
  refused({ nonce, message, retry_after }) {
    const item = this.#items.find((each) => each.nonce === nonce);
    if (!item) return false;
    item.sent = item.tried = item.shown = false;
    if (retry_after > 0 && retry_after <= PATIENCE_S) {
      this.#rows.delayed(item, message);
      this.#rest(retry_after * 1000);
      return true;
    }
    clearTimeout(this.#timer);
    item.why = message;
    this.#keep();
    this.#rows.failed(item);
    this.flush();
    return true;
  }

  /** My own event came before its ack: the message under way with these words is most likely the one.
   *  It stays here until the server says so: a wrong guess loses nothing. */
  claim(content) {
    const item = this.#items.find((each) => each.tried && !each.shown && !each.why && each.content.trim() === content.trim());
    if (item) item.shown = true;
    return item;
  }

  /** A failed one goes again, last in line. */
  retry(nonce) {
    const item = this.#take(nonce);
    if (!item) return;
    this.#rows.discarded(item);
    delete item.why;
    this.#put(item);
    this.flush();
  }

  discard(nonce) {
    const item = this.#take(nonce);
    if (item) this.#rows.discarded(item);
  }

  #put(item) {
    this.#items.push(item);
    this.#keep();
    if (item.why) this.#rows.failed(item);
    else this.#rows.waits(item);
  }

  #take(nonce) {
    const index = this.#items.findIndex((item) => item.nonce === nonce);
    if (index < 0) return undefined;
    const [item] = this.#items.splice(index, 1);
    if (item.sent) clearTimeout(this.#timer);
    item.sent = false;
    this.#keep();
    return item;
  }

  #rest(ms) {
    clearTimeout(this.#timer);
    this.#resting = ms > 0;
    if (ms > 0) {
      this.#timer = setTimeout(() => {
        this.#resting = false;
        this.flush();
      }, ms);
    }
  }

  #keep() {
    try {
      const items = this.#items.map(({ nonce, content, at, why, tried }) => ({ nonce, content, at, why, tried }));
      if (items.length) sessionStorage.setItem(KEEP, JSON.stringify({ author: this.#author, room: this.#room, items }));
      else sessionStorage.removeItem(KEEP);
    } catch {
      // Full or forbidden: the memory of this page still has them.
    }
  }
}
