// What came while the reader was elsewhere: how many, the line above the first new one, the button to the newest.

import { boot } from "./boot.js";
import { say } from "./words.js";

/** This far up, the button shows even when nothing is new. */
const FAR_PX = 600;

export class Unread {
  #timeline;
  #scroll;
  #button = document.getElementById("newer");
  #notifier;
  #hidden = 0;
  #below = 0;
  #marked = false;

  /** `jump()` brings the reader to the newest; `notifier` tells who is elsewhere. */
  constructor({ timeline, scroll, jump, notifier }) {
    this.#notifier = notifier;
    this.#timeline = timeline;
    this.#scroll = scroll;
    this.#button.onclick = jump;
    document.addEventListener("visibilitychange", () => this.#looked());
  }

  /** Somebody else's message has come. */
  arrived(entry) {
    if (document.hidden) this.#hidden += 1;
    this.#notifier.arrived({ room: boot.room, message: entry });
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
    this.#notifier.count(this.#hidden);
    const news = this.#below > 0;
    this.#button.hidden = !news && this.#scroll.above < FAR_PX && !this.#timeline.torn;
    this.#button.classList.toggle("news", news);
    this.#button.firstElementChild.textContent = news ? say("new_messages", { n: this.#below }) : say("to_newest");
  }
}
