// A quiet sheet over the room: opens, closes by its buttons, by Escape and by a press on the veil around it.

export class Sheet {
  #dialog;

  /** `closed()` hears when it is gone, whatever ended it. */
  constructor(id, closed = () => {}) {
    this.#dialog = document.getElementById(id);
    for (const button of this.#dialog.querySelectorAll(".cancel")) button.onclick = () => this.close();
    // One that began inside, e.g. selecting text, does not close.
    this.#dialog.addEventListener("pointerdown", (event) => event.target === this.#dialog && this.close());
    this.#dialog.addEventListener("close", closed);
  }

  open() {
    if (!this.#dialog.open) this.#dialog.showModal();
  }

  close() {
    this.#dialog.close();
  }

  find(css) {
    return this.#dialog.querySelector(css);
  }
}
