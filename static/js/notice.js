// The notice of a room: shown on entry while it is new to the reader, until he closes it.

import { reachByKey } from "./markup.js";

export class Notice {
  #banner = document.getElementById("notice");
  #text = document.getElementById("notice-text");
  #view;

  constructor() {
    reachByKey(this.#text);
    this.#banner.querySelector("button").onclick = () => {
      keep(this.#view);
      this.#banner.hidden = true;
    };
  }

  show(view) {
    this.#view = view;
    const { notice } = view;
    this.#banner.hidden = !notice || kept(view) === notice;
    if (this.#text.textContent !== notice) this.#text.textContent = notice ?? "";
  }
}

const name = ({ id }) => `teahouse.notice.${id}`;

function kept(view) {
  try {
    return localStorage.getItem(name(view));
  } catch {
    return null;
  }
}

function keep(view) {
  try {
    localStorage.setItem(name(view), view.notice);
  } catch {
    // It shows again at the next visit.
  }
}
