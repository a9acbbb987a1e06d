// The buttons at the shoulder of a message: what one does most. The rest is in its menu. A row has them once somebody comes to it.

import { clone } from "../ui/templates.js";

export class Tools {
  #find;
  #acts;

  /** `find(id)` is the message of a row, `acts` what one can do with it. */
  constructor({ list, find, acts }) {
    this.#find = find;
    this.#acts = acts;
    for (const coming of ["pointerover", "focusin"]) list.addEventListener(coming, ({ target }) => this.#offer(target.closest(".msg[data-id]")));
    list.addEventListener("click", ({ target }) => {
      const button = target.closest(".tools > button");
      if (button) this.#press(button.closest(".msg"), button.className, button);
    });
  }

  #offer(row) {
    const entry = this.#entry(row);
    if (!entry || row.querySelector(".tools")) return;
    const tools = clone("tools-template");
    if (!this.#acts.may("edit", entry)) tools.querySelector(".edit").remove();
    row.append(tools);
  }

  #press(row, name, button) {
    const entry = this.#entry(row);
    row.classList.remove("tapped");
    if (entry) this.#acts.do(name, entry, button);
  }

  #entry(row) {
    return row && this.#find(Number(row.dataset.id));
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
