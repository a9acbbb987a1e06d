// The notice of a room: shown on entry while it is new to the reader, until they close it.

import { keep, kept } from "../state/local-store.js";

const seen = ({ id }) => `notice.${id}`;

import { reachByKey } from "../message/body.js";

export class Notice {
  #banner = document.getElementById("notice");
  #text = document.getElementById("notice-text");
  #view;

  constructor() {
    reachByKey(this.#text);
    this.#banner.querySelector("button").onclick = () => {
      keep(seen(this.#view), this.#view.notice);
      this.#banner.hidden = true;
    };
  }

  show(view) {
    this.#view = view;
    const { notice } = view;
    this.#banner.hidden = !notice || kept(seen(view)) === notice;
    if (this.#text.textContent !== notice) this.#text.textContent = notice ?? "";
  }
}
