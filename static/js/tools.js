// What can be done with a message of mine: the buttons at its shoulder.

import { clone } from "./row.js";

export class Tools {
  #recalls;
  #edit;
  #isMine;

  /** `edit(entry)` begins to change it; `isMine(entry)` says whether I may. */
  constructor({ recalls, edit, isMine }) {
    this.#recalls = recalls;
    this.#edit = edit;
    this.#isMine = isMine;
  }

  /** Gives a row of mine its buttons. */
  offer(entry) {
    if (entry.recalled || !entry.li || !this.#isMine(entry) || entry.li.querySelector(".tools")) return;
    const tools = clone("tools-template");
    tools.querySelector(".edit").onclick = () => {
      entry.li.classList.remove("tapped");
      this.#edit(entry);
    };
    this.#recalls.offer(entry, tools.querySelector(".recall"));
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
