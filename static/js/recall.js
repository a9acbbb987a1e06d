// Taking back my own messages, as long as the window is open. A recall under way survives a lost connection with its nonce.

import { serverNow } from "./dates.js";
import { CHANGE } from "./feed.js";
import { newNonce } from "./nonce.js";
import { toast } from "./toast.js";

/** setTimeout counts in 32 bits; a longer window needs no timer within one visit. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export class Recalls {
  #feed;
  #room;
  #window;
  #waiting = new Map();

  constructor({ feed, room, window }) {
    this.#feed = feed;
    this.#room = room;
    this.#window = window;
  }

  set window(ms) {
    this.#window = ms;
  }

  /** Gives the button of this message its meaning, and takes it away in time. */
  offer({ id, at }, button) {
    const left = at + this.#window - serverNow();
    if (left <= 0) return button.remove();
    button.onclick = () => this.#ask(id, button);
    if (left < LONGEST_TIMER_MS) setTimeout(() => button.remove(), left);
  }

  /** Connected again: asks once more for what was not answered. */
  flush() {
    for (const [nonce, { id }] of this.#waiting) this.#send(nonce, id);
  }

  acked({ nonce }) {
    return this.#waiting.delete(nonce);
  }

  refused({ nonce, message }) {
    const asked = this.#waiting.get(nonce);
    if (!asked) return false;
    this.#waiting.delete(nonce);
    asked.button.disabled = false;
    toast(message);
    return true;
  }

  #ask(id, button) {
    const nonce = newNonce();
    button.disabled = true;
    this.#waiting.set(nonce, { id, button });
    if (this.#feed.state.name === "live") this.#send(nonce, id);
  }

  #send(nonce, id) {
    this.#feed.send(CHANGE, { nonce, room: this.#room, do: "recall", id });
  }
}
