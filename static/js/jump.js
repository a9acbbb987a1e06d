// To a message, wherever it stands: in the roll, in memory, or in older pages that are fetched until it is there.

import { toast } from "./toast.js";
import { say } from "./words.js";

/** Further back than so many pages is too far. */
const PAGES = 10;
/** How long the message stands out when it has been reached. */
const FLASH_MS = 2_000;

export class Jump {
  #timeline;
  #scroll;
  #history;
  #toNewest;
  #asked = 0;

  /** `toNewest()` brings the newest messages into memory when they are not. */
  constructor({ timeline, scroll, history, toNewest }) {
    this.#timeline = timeline;
    this.#scroll = scroll;
    this.#history = history;
    this.#toNewest = toNewest;
  }

  async to(id) {
    const asked = ++this.#asked;
    if (!this.#timeline.get(id)) {
      if (this.#timeline.torn && id > this.#timeline.newest) await this.#toNewest();
      const { life } = this.#timeline;
      await this.#fetch(id, () => asked === this.#asked && life === this.#timeline.life);
      // Another room, or another jump, is what the reader wants now.
      if (asked !== this.#asked || life !== this.#timeline.life) return;
    }
    if (!this.#timeline.get(id)) return toast(say("too_far_back"));
    this.#show(this.#timeline.reveal(id));
  }

  async #fetch(id, wanted) {
    for (let page = 0; page < PAGES && this.#history.more && this.#timeline.oldest > id && wanted(); page += 1) {
      const before = this.#timeline.oldest;
      await this.#history.load();
      if (this.#timeline.oldest === before) return;
    }
  }

  #show(row) {
    this.#scroll.toRow(row);
    row.tabIndex = -1;
    row.focus({ preventScroll: true });
    row.classList.add("found");
    setTimeout(() => row.classList.remove("found"), FLASH_MS);
  }
}
