// @ts-check
// Changing a message of mine: the composer holds its words meanwhile, a bar above them says so.

import { say } from "../ui/i18n.js";

export class Editing {
  #bar = document.getElementById("editing");
  #title = document.getElementById("editing-title");
  #composer;
  #save;
  #begun;
  #ended;
  /** @type {Entry | undefined} */
  #entry;

  /** `save(id, words)` takes the new words; words that did not change are not saved. `begun()` and `ended()` hear when the composer is
   *  taken, and free again.
   *  @param {Pick<App, "composer"> & { save: (id: number, words: string) => void, begun: () => void, ended: () => void }} parts */
  constructor({ composer, save, begun, ended }) {
    this.#composer = composer;
    this.#save = save;
    this.#begun = begun;
    this.#ended = ended;
    this.#bar.querySelector(".cancel").onclick = () => this.stop();
    this.#bar.addEventListener("keydown", ({ key }) => key === "Escape" && this.stop());
  }

  /** `shown` is what its row says, `words` what the composer begins with.
   *  @param {Entry} entry
   *  @param {string} shown
   *  @param {string} [words] */
  start(entry, shown, words = shown) {
    this.stop();
    this.#begun();
    this.#entry = entry;
    entry.li?.classList.add("changing");
    this.#bar.hidden = false;
    // Said anew each time, so that a screen reader hears it.
    this.#title.textContent = say("editing");
    this.#composer.startEditing({
      words, bare: Boolean(entry.files?.some(({ gone }) => !gone)),
      quit: () => this.stop(),
      save: (next) => {
        this.stop();
        if (next !== shown) this.#save(Number(entry.id), next);
      },
    });
  }

  stop() {
    if (!this.#entry) return;
    this.#entry.li?.classList.remove("changing");
    this.#entry = undefined;
    this.#bar.hidden = true;
    this.#title.textContent = "";
    this.#composer.endEditing();
    this.#ended();
  }
}
