// The menu of a message: all that one can do with it besides its buttons.

import { openAt, wireArrows } from "../ui/popup.js";

export class MessageMenu {
  #menu = document.getElementById("message-menu");
  #acts;
  #entry;
  #button;

  constructor({ acts }) {
    this.#acts = acts;
    wireArrows(this.#menu);
    for (const button of this.#items) button.onclick = () => this.#chosen(button.dataset.act);
  }

  open(entry, button) {
    this.#entry = entry;
    this.#button = button;
    for (const item of this.#items) item.hidden = !this.#acts.may(item.dataset.act, entry);
    openAt(this.#menu, button);
  }

  get #items() {
    return this.#menu.querySelectorAll("button");
  }

  #chosen(name) {
    this.#menu.hidePopover();
    this.#acts.do(name, this.#entry, this.#button);
  }
}
