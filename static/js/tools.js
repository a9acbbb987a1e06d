// The buttons at the shoulder of a message: what one does most. The rest is in its menu.

import { clone } from "./row.js";

export class Tools {
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

  /** Gives a row its buttons. */
  offer(entry) {
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
