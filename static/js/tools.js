// What can be done with a message of mine: the buttons at its shoulder. The one for taking it back goes when its time is over.

import { serverNow } from "./dates.js";
import { clone } from "./row.js";

/** setTimeout counts in 32 bits; a longer window needs no timer within one visit. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export class Tools {
  #window;
  #edit;
  #recall;
  #isMine;

  /** `window` in ms for a recall; `edit(entry)` begins to change it, `recall(entry)` takes it back; `isMine(entry)` says whether I may. */
  constructor({ window, edit, recall, isMine }) {
    this.#window = window;
    this.#edit = edit;
    this.#recall = recall;
    this.#isMine = isMine;
  }

  set window(ms) {
    this.#window = ms;
  }

  /** Gives a row of mine its buttons. */
  offer(entry) {
    if (entry.recalled || !entry.li || !this.#isMine(entry) || entry.li.querySelector(".tools")) return;
    const tools = clone("tools-template");
    const act = (name, does) => {
      const button = tools.querySelector(name);
      button.onclick = () => {
        entry.li.classList.remove("tapped");
        does(entry);
      };
      return button;
    };
    act(".edit", this.#edit);
    const recall = act(".recall", this.#recall);
    const left = entry.at + this.#window - serverNow();
    if (left <= 0) recall.remove();
    else if (left < LONGEST_TIMER_MS) setTimeout(() => recall.remove(), left);
    entry.li.append(tools);
  }
}

/** On a touch screen a tap on a message of mine shows its buttons, a tap elsewhere hides them. */
export function showToolsOnTap(list) {
  document.addEventListener("click", ({ target }) => {
    if (target.closest("a, button, input, textarea")) return;
    const row = target.closest(".msg");
    for (const other of list.querySelectorAll(".tapped")) if (other !== row) other.classList.remove("tapped");
    if (row?.parentNode === list && row.querySelector(".tools")) row.classList.toggle("tapped");
  });
}
