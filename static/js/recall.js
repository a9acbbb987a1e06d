// Taking back my own messages, as long as the window is open. A recall under way survives a lost connection with its nonce.

import { serverNow } from "./dates.js";
import { CHANGE } from "./feed.js";
import { newNonce } from "./nonce.js";
import { clone } from "./row.js";
import { toast } from "./toast.js";

/** setTimeout counts in 32 bits; a longer window needs no timer within one visit. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export class Recalls {
  #feed;
  #room;
  #window;
  #isMine;
  #waiting = new Map();

  constructor({ feed, room, window, isMine }) {
    this.#feed = feed;
    this.#room = room;
    this.#window = window;
    this.#isMine = isMine;
  }

  set window(ms) {
    this.#window = ms;
  }

  /** Gives a row of mine its button, and takes it away in time. */
  offer(entry) {
    if (entry.recalled || !entry.li || !this.#isMine(entry) || entry.li.querySelector(".tools")) return;
    const left = entry.at + this.#window - serverNow();
    if (left <= 0) return;
    const tools = clone("tools-template");
    tools.querySelector(".recall").onclick = (event) => this.#ask(entry.id, event.currentTarget);
    entry.li.append(tools);
    if (left < LONGEST_TIMER_MS) setTimeout(() => tools.remove(), left);
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

/** On a touch screen a tap on a message of mine shows its button, a tap elsewhere hides it. */
export function showToolsOnTap(list) {
  document.addEventListener("click", ({ target }) => {
    if (target.closest("a, button, input, textarea")) return;
    const row = target.closest(".msg");
    for (const other of list.querySelectorAll(".tapped")) if (other !== row) other.classList.remove("tapped");
    if (row?.parentNode === list && row.querySelector(".tools")) row.classList.toggle("tapped");
  });
}
