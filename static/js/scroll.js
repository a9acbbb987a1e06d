// Where the reader stands in the roll. The box is a reversed column: scrollTop is 0 at the newest end and negative above it.

/** So near to the end counts as being there. */
const NEAR_PX = 48;
/** What is looked for stands so far below the upper end, as a part of the box. */
const HEADROOM = 0.2;

export class Scroll {
  #box;
  #list;
  #moved;
  #keeping = false;
  /** The end of the roll is not the newest one: nothing holds the reader there. */
  detached = false;

  constructor({ box, list, moved }) {
    this.#box = box;
    this.#list = list;
    this.#moved = moved;
    box.addEventListener("scroll", moved, { passive: true });
  }

  get stuck() {
    return !this.detached && this.above < NEAR_PX;
  }

  /** How far above the newest end, in px. */
  get above() {
    return -this.#box.scrollTop;
  }

  toBottom() {
    this.#box.scrollTop = 0;
    // The end may be another one where he has been already.
    this.#moved();
  }

  /** Brings a row near to the upper end of the box. */
  toRow(row) {
    this.#box.scrollTop += row.getBoundingClientRect().top - this.#box.getBoundingClientRect().top - this.#box.clientHeight * HEADROOM;
  }

  /** Makes a change and leaves what the reader looks at where it was. At the newest end the box does that by itself. */
  keep(change) {
    if (this.#keeping || this.stuck) return change();
    this.#keeping = true;
    const places = this.#visible();
    change();
    this.#keeping = false;
    const [row, top] = places.find(([each]) => each.isConnected) ?? [];
    if (row) this.#box.scrollTop += row.getBoundingClientRect().top - top;
  }

  #visible() {
    const { top, bottom } = this.#box.getBoundingClientRect();
    const places = [];
    for (const row of this.#list.children) {
      const place = row.getBoundingClientRect();
      if (place.top > bottom) break;
      if (place.bottom > top) places.push([row, place.top]);
    }
    return places;
  }
}
