// What can be done with a message: the buttons at its shoulder. The one for taking it back goes when its time is over.

import { serverNow } from "./dates.js";
import { clone } from "./row.js";

/** setTimeout counts in 32 bits; a longer window needs no timer within one visit. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export class Tools {
  #window;
  #may;
  #act;

  /** `window` in ms for a recall; `act` does one thing with an entry each, `may` says of each whether it is offered: `edit`, `recall`,
   *  `unread`; `may.forever()` says that I may take back what others said, at any time. */
  constructor({ window, may, act }) {
    this.#window = window;
    this.#may = may;
    this.#act = act;
  }

  set window(ms) {
    this.#window = ms;
  }

  /** Gives a row its buttons. */
  offer(entry) {
    if (entry.recalled || !entry.li || entry.li.querySelector(".tools")) return;
    const forever = this.#may.forever();
    const left = forever ? Infinity : entry.at + this.#window - serverNow();
    const offers = {
      unread: this.#may.unread(entry),
      edit: this.#may.edit(entry),
      recall: forever || (left > 0 && this.#may.recall(entry)),
    };
    if (!Object.values(offers).includes(true)) return;
    const tools = clone("tools-template");
    for (const [name, offered] of Object.entries(offers)) {
      const button = tools.querySelector(`.${name}`);
      if (!offered) button.remove();
      button.onclick = () => {
        entry.li.classList.remove("tapped");
        this.#act[name](entry);
      };
      if (name === "recall" && left < LONGEST_TIMER_MS) setTimeout(() => button.remove(), left);
    }
    entry.li.append(tools);
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
