// @ts-check
// Pages of what was said: older ones when the reader comes near the top, newer ones when they come near the end and the newest are not
// in memory, and the page around any place in the room.

import { call } from "../net/api.js";

const PAGE = 50;
/** How long before the edge is reached. */
const EARLY = "600px";
/** So often a page is asked for again when everything was forgotten before it came. */
const TRIES = 3;
/** @type {Side[]} */
const SIDES = ["older", "newer"];

export class History {
  #timeline;
  #scroll;
  #room;
  #more;
  #moved;
  #watch;
  /** @type {Partial<Record<Side, number>>} */
  #busy = {};
  #edges = { older: document.getElementById("older"), newer: document.getElementById("newest") };
  #signs = {
    older: { beginning: document.getElementById("beginning"), loading: document.getElementById("loading"), broken: document.getElementById("broken") },
    newer: { loading: document.getElementById("loading-newer"), broken: document.getElementById("broken-newer") },
  };

  /** `more`: there are older messages than those in memory; `moved()` hears when newer ones have come.
   *  @param {Pick<App, "timeline" | "scroll"> & { box: HTMLElement, room: number, more: boolean, moved: () => void }} parts */
  constructor({ box, timeline, scroll, room, more, moved }) {
    this.#timeline = timeline;
    this.#scroll = scroll;
    this.#room = room;
    this.#more = more;
    this.#moved = moved;
    this.#watch = new IntersectionObserver((seen) => this.#near(seen), { root: box, rootMargin: `${EARLY} 0px` });
    for (const edge of Object.values(this.#edges)) this.#watch.observe(edge);
    this.#signs.older.broken.querySelector("button").onclick = () => this.load();
    this.#signs.newer.broken.querySelector("button").onclick = () => this.#loadNewer();
  }

  /** Another room: what is asked for meanwhile is no answer any more.
   *  @param {number} room */
  enter(room) {
    this.#room = room;
    this.#more = false;
    this.#show("older", null);
    this.#show("newer", null);
  }

  /** There is (or may be) something older than what is in memory.
   *  @param {boolean} more */
  set more(more) {
    this.#more = more;
    this.#settle();
  }

  /** Fetches the page before the oldest in memory, or the newest one when there is none. */
  load() {
    const { oldest: before } = this.#timeline;
    /** @type {Where} */
    const where = before === undefined ? {} : { before };
    return this.#extend("older", where, (page) => {
      this.#more = page.more;
      this.#timeline.prepend(page.messages);
    });
  }

  /** Stands at another place in the room, which `where` names as the API does. Gives the page that is there; none when the room is
   *  another one meanwhile, or `wanted()` says that it is not asked for any more.
   *  @param {Where} where
   *  @param {() => boolean} wanted */
  go(where, wanted) {
    const room = this.#room;
    return this.#timeline.during(async () => {
      for (let tries = TRIES; tries > 0; tries -= 1) {
        const { generation: life } = this.#timeline;
        const page = await this.#fetch(where);
        if (room !== this.#room || !wanted()) return undefined;
        // Meanwhile a reset may have told another story.
        if (life !== this.#timeline.generation) continue;
        this.#timeline.showPage(page);
        this.#more = page.more;
        this.#settle();
        return page;
      }
      return undefined;
    });
  }

  async #loadNewer() {
    const { newest: after } = this.#timeline;
    await this.#timeline.during(() => this.#extend("newer", { after }, (page) => this.#timeline.append(page)));
    this.#moved();
  }

  /** @param {Where} where */
  #fetch(where) {
    return call("GET", `rooms/${this.#room}/messages?${new URLSearchParams(/** @type {any} */ ({ limit: PAGE, ...where }))}`);
  }

  /** Fetches one more page at an edge, unless one is on its way.
   *  @param {Side} side
   *  @param {Where} where
   *  @param {(page: Page) => void} take */
  async #extend(side, where, take) {
    const { generation: life } = this.#timeline;
    if (this.#busy[side] === life) return;
    this.#busy[side] = life;
    this.#show(side, "loading");
    try {
      const page = await this.#fetch(where);
      // Meanwhile a reset may have put another beginning here, and changes in between that nobody told.
      if (life !== this.#timeline.generation) return;
      take(page);
      this.#show(side);
    } catch {
      if (life !== this.#timeline.generation) return;
      this.#show(side, "broken");
    } finally {
      if (this.#busy[side] === life) this.#busy[side] = undefined;
    }
    if (this.#signs[side].broken.hidden) this.#rearm(this.#edges[side]);
  }

  /** @param {IntersectionObserverEntry[]} seen */
  #near(seen) {
    for (const { isIntersecting, target } of seen) {
      if (!isIntersecting) continue;
      const older = target === this.#edges.older;
      if (older ? this.#timeline.showOlder() : this.#timeline.showNewer()) this.#rearm(target);
      else if (older && this.#more && this.#signs.older.broken.hidden) this.load();
      else if (!older && this.#timeline.torn && this.#signs.newer.broken.hidden) this.#loadNewer();
    }
  }

  /** Watching anew reports at once: the edge may still be near.
   *  @param {Element} edge */
  #rearm(edge) {
    this.#watch.unobserve(edge);
    this.#watch.observe(edge);
  }

  #settle() {
    for (const side of SIDES) {
      const edge = this.#edges[side];
      this.#show(side);
      this.#rearm(edge);
    }
  }

  /** @param {Side} side
   *  @param {string | null} [sign] */
  #show(side, sign = side === "newer" || this.#more || this.#timeline.oldest === undefined ? null : "beginning") {
    this.#scroll.keepPosition(() => {
      for (const [name, element] of Object.entries(this.#signs[side])) element.hidden = name !== sign;
    });
  }
}
