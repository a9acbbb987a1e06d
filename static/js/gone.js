// A room that cannot be seen, or no more: what happened, and ways on.

import { say } from "./words.js";

export class Gone {
  #panel = document.getElementById("gone");

  /** `why` is what the server said, `name` what the room was called, if it was known; `lobby`: it is the one to which a way leads. */
  show({ why, name, lobby }) {
    const [, title, text] = this.#panel.children;
    title.textContent = say(`gone_${why}`, { room: name || say("this_room") });
    text.textContent = say(`gone_${why}_hint`);
    this.#panel.querySelector("a").hidden = lobby;
    // The box where he wrote is gone too.
    this.#panel.querySelector(":is(a, button):not([hidden])").focus();
  }
}
