// Older messages when the reader comes near the top, newer ones from memory when he comes back down.

import { call } from "./api.js";

const PAGE = 50;
/** How long before the edge is reached. */
const EARLY = "600px";

export class History {
  #timeline;
  #room;
  #more;
  #busy;
  #loading;
  #watch;
  #older = document.getElementById("older");
  #newest = document.getElementById("newest");
  #signs = { beginning: document.getElementById("beginning"), loading: document.getElementById("loading"), broken: document.getElementById("broken") };

  constructor({ box, timeline, room, more }) {
    this.#timeline = timeline;
    this.#room = room;
    this.#more = more;
    this.#watch = new IntersectionObserver((seen) => this.#near(seen), { root: box, rootMargin: `${EARLY} 0px` });
    this.#watch.observe(this.#older);
    this.#watch.observe(this.#newest);
    this.#signs.broken.querySelector("button").onclick = () => this.load();
  }

  /** Another room: what is asked for meanwhile is no answer any more. */
  enter(room) {
    this.#room = room;
    this.#more = false;
    this.#show(null);
  }

  get more() {
    return this.#more;
  }

  /** There is (or may be) something older than what is in memory. */
  set more(more) {
    this.#more = more;
    this.#show();
    this.#rearm(this.#older);
  }

  /** Fetches the page before the oldest in memory, or the newest one when there is none. */
  load() {
    const { life } = this.#timeline;
    if (this.#busy !== life) {
      this.#busy = life;
      this.#loading = this.#fetch(life);
    }
    return this.#loading;
  }

  async #fetch(life) {
    const { oldest: before } = this.#timeline;
    this.#show("loading");
    try {
      const page = await call("GET", `rooms/${this.#room}/messages?limit=${PAGE}${before === undefined ? "" : `&before=${before}`}`);
      // Meanwhile a reset may have put another beginning here, and changes in between that nobody told.
      if (life !== this.#timeline.life) return;
      this.#more = page.more;
      this.#timeline.prepend(page.messages);
      this.#show();
    } catch {
      if (life !== this.#timeline.life) return;
      this.#show("broken");
    } finally {
      if (this.#busy === life) this.#busy = undefined;
    }
    if (this.#signs.broken.hidden) this.#rearm(this.#older);
  }

  #near(seen) {
    for (const { isIntersecting, target } of seen) {
      if (!isIntersecting) continue;
      if (target === this.#newest ? this.#timeline.showNewer() : this.#timeline.showOlder()) this.#rearm(target);
      else if (target === this.#older && this.#more && this.#signs.broken.hidden) this.load();
    }
  }

  /** Watching anew reports at once: the edge may still be near. */
  #rearm(edge) {
    this.#watch.unobserve(edge);
    this.#watch.observe(edge);
  }

  #show(sign = this.#more || this.#timeline.oldest === undefined ? null : "beginning") {
    for (const [name, element] of Object.entries(this.#signs)) element.hidden = name !== sign;
  }
}
