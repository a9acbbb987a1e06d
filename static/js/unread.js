// What came while the reader was elsewhere: the number in the title, the line above the first new one, the button to the newest.

import { say } from "./words.js";

/** This far up, the button shows even when nothing is new. */
const FAR_PX = 600;

export class Unread {
  #timeline;
  #scroll;
  #button = document.getElementById("newer");
  #title = document.title;
  #hidden = 0;
  #below = 0;
  #marked = false;

  /** `jump()` brings the reader to the newest. */
  constructor({ timeline, scroll, jump }) {
    this.#timeline = timeline;
    this.#scroll = scroll;
    this.#button.onclick = jump;
    document.addEventListener("visibilitychange", () => this.#looked());
  }

  /** Somebody else's message has come. */
  arrived(entry) {
    if (document.hidden) this.#hidden += 1;
    if (!this.#scroll.stuck) this.#below += 1;
    if ((document.hidden || !this.#scroll.stuck) && !this.#marked && this.#timeline.get(entry.id)) {
      this.#marked = true;
      this.#timeline.mark(entry);
    }
    this.#show();
  }

  /** I spoke: everything above has been read. */
  spoke() {
    this.#marked = false;
    this.#timeline.mark(null);
  }

  moved() {
    if (this.#scroll.stuck) this.#below = 0;
    this.#show();
  }

  #looked() {
    if (document.hidden) {
      if (this.#scroll.stuck) this.spoke();
    } else {
      this.#hidden = 0;
    }
    this.#show();
  }

  #show() {
    document.title = this.#hidden ? `(${this.#hidden}) ${this.#title}` : this.#title;
    const news = this.#below > 0;
    this.#button.hidden = !news && this.#scroll.above < FAR_PX && !this.#timeline.torn;
    this.#button.classList.toggle("news", news);
    this.#button.firstElementChild.textContent = news ? say("new_messages", { n: this.#below }) : say("to_newest");
  }
}
