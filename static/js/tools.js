// The buttons at the shoulder of a message: what one does most. The rest is in its menu.

import { clone } from "./row.js";

/** However busy the page is, a message has its buttons after this time. */
const LATEST_MS = 500;

export class Tools {
  #waiting = new Set();
  #find;
  #acts;

  /** `find(id)` is the message of a row, `acts` what one can do with it. */
  constructor({ list, find, acts }) {
    this.#find = find;
    this.#acts = acts;
    list.addEventListener("click", ({ target }) => {
      const button = target.closest(".tools > button");
      if (button) this.#press(button.closest(".msg"), button.className, button);
    });
    list.addEventListener("keydown", (event) => this.#key(event));
  }

  /** Gives a row its buttons, when the page has nothing better to do: nobody reaches for them while it is being drawn. */
  offer(entry) {
    if (!this.#waiting.size) soon((rest) => this.#work(rest));
    this.#waiting.add(entry);
  }

  #work(rest) {
    for (const entry of this.#waiting) {
      this.#waiting.delete(entry);
      this.#give(entry);
      if (!rest.didTimeout && rest.timeRemaining() <= 0) break;
    }
    if (this.#waiting.size) soon((next) => this.#work(next));
  }

  #give(entry) {
    if (entry.recalled || !entry.li || entry.li.querySelector(".tools")) return;
    const tools = clone("tools-template");
    if (!this.#acts.may("edit", entry)) tools.querySelector(".edit").remove();
    entry.li.append(tools);
  }

  #press(row, name, button) {
    const entry = this.#find(Number(row.dataset.id));
    row.classList.remove("tapped");
    if (entry) this.#acts.do(name, entry, button);
  }

  /** R answers the message that has the focus. */
  #key(event) {
    const { key, target, ctrlKey, metaKey, altKey, shiftKey } = event;
    if (key.toLowerCase() !== "r" || ctrlKey || metaKey || altKey || shiftKey) return;
    const row = target.closest(".msg[data-id]");
    const entry = row && this.#find(Number(row.dataset.id));
    if (!entry || !this.#acts.may("reply", entry)) return;
    event.preventDefault();
    this.#press(row, "reply");
  }
}

/** On a touch screen a tap on a message shows its buttons, a tap elsewhere hides them. */
export function showToolsOnTap(list) {
  document.addEventListener("click", ({ target }) => {
    if (target.closest("a, button, input, textarea, .face")) return;
    const row = target.closest(".msg");
    for (const other of list.querySelectorAll(".tapped")) if (other !== row) other.classList.remove("tapped");
    if (row?.parentNode === list && row.querySelector(".tools")) row.classList.toggle("tapped");
  });
}

/** Safari knows no idle time. */
function soon(work) {
  if ("requestIdleCallback" in window) requestIdleCallback(work, { timeout: LATEST_MS });
  else setTimeout(() => work({ didTimeout: true }), 0);
}
