// @ts-check
// The number of unread messages in the title and the icon of the tab.

import { yieldToMain } from "../ui/lazy.js";

export class Badge {
  #link = document.querySelector("link[rel=icon]");
  #plain = { href: this.#link.href, type: this.#link.type };
  #title = document.title;
  #n = 0;

  /** What the page is called without a number.
   *  @param {string} title */
  set title(title) {
    this.#title = title;
    this.#name();
  }

  /** @param {number} n */
  async show(n) {
    if (n === this.#n) return;
    this.#n = n;
    this.#name();
    await yieldToMain();
    // Without a line there is the title alone.
    const drawn = n && await import("./tab-icon.js").catch(() => {});
    if (n === this.#n) Object.assign(this.#link, drawn ? { href: drawn.iconWith(short(n)), type: "image/png" } : this.#plain);
  }

  #name() {
    document.title = this.#n ? `(${short(this.#n)}) ${this.#title}` : this.#title;
  }
}

/** @param {number} n */
function short(n) {
  return n > 99 ? "99+" : String(n);
}
