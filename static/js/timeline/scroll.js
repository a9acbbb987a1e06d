// @ts-check
// The scroll position of the timeline. The box is a reversed column: scrollTop is 0 at the newest end and negative above it.

/** So near to the end counts as being there. */
const NEAR_PX = 48;
/** What is looked for stands so far below the upper end, as a part of the box. */
const HEADROOM = 0.2;
const FOLLOWING = "following";
const GOING = "going";

export class Scroll {
  #box;
  #list;
  #moved;
  #keeping = false;
  #detached = false;
  /** Asked of the box when it may be another, not at every message: the answer costs a layout. */
  #above = 0;
  #width;
  /** What the reader looked at when the box had this width.
   *  @type {Place | undefined} */
  #place;

  /** @param {Pick<App, "list"> & { box: HTMLElement, moved: () => void }} parts */
  constructor({ box, list, moved }) {
    this.#box = box;
    this.#list = list;
    this.#moved = moved;
    const scrolled = () => {
      this.#look();
      moved();
    };
    box.addEventListener("scroll", scrolled, { passive: true });
    this.#width = box.clientWidth;
    new ResizeObserver(() => this.#turned()).observe(box);
  }

  /** At the newest end, where what comes moves the rest up. */
  get atNewest() {
    return !this.#detached && this.#above < NEAR_PX;
  }

  /** How far above the newest end, in px. */
  get above() {
    return this.#above;
  }

  /** The end of the timeline is not the newest one: nothing holds the reader there.
   *  @param {boolean} detached */
  set detached(detached) {
    this.#detached = detached;
    this.#follow();
  }

  toBottom() {
    this.#scrollTo(0);
    // The end may be another one where the reader has been already.
    this.#moved();
  }

  /** Brings a row near to the upper end of the box, or so many px below it.
   *  @param {Element} row
   *  @param {number} [below] */
  toRow(row, below = this.#box.clientHeight * HEADROOM) {
    // From here to there each row has its true height.
    this.#list.classList.remove(FOLLOWING);
    this.#scrollTo(this.#box.scrollTop + this.#below(row) - below);
  }

  /** The message that the reader looks at first, unless they follow the end: its id, and how many px below the upper end of the box. */
  get place() {
    if (this.atNewest) return undefined;
    const [row] = this.#visible().find(([each]) => each.dataset.id) ?? [];
    return row && { id: Number(row.dataset.id), below: this.#below(row) };
  }

  /** Makes a change and leaves what the reader looks at where it was. At the newest end the box does that by itself.
   *  @param {() => void} change */
  keepPosition(change) {
    if (this.#keeping || this.atNewest) return change();
    this.#keeping = true;
    const places = this.#visible();
    change();
    this.#keeping = false;
    const [row, top] = places.find(([each]) => each.isConnected) ?? [];
    if (row) this.#scrollTo(this.#box.scrollTop + row.getBoundingClientRect().top - top);
  }

  /** The timeline is hidden: it is on its way to another place. */
  get jumping() {
    return this.#list.classList.contains(GOING);
  }

  /** @param {boolean} going */
  set jumping(going) {
    this.#list.classList.toggle(GOING, going);
  }

  /** @param {Element} row */
  #below(row) {
    return row.getBoundingClientRect().top - this.#box.getBoundingClientRect().top;
  }

  /** @param {number} top */
  #scrollTo(top) {
    this.#box.scrollTop = top;
    this.#look();
  }

  #look() {
    if (this.#turned()) return;
    this.#above = -this.#box.scrollTop;
    this.#follow();
    this.#place = this.place;
  }

  /** The box has another width, and lines break elsewhere: what was looked at is brought back to where it was. Whoever scrolls may
   *  hear of it first. */
  #turned() {
    const { clientWidth } = this.#box;
    if (clientWidth === this.#width) return false;
    this.#width = clientWidth;
    const row = this.#place && this.#list.querySelector(`[data-id="${this.#place.id}"]`);
    if (row) this.#scrollTo(this.#box.scrollTop + this.#below(row) - this.#place.below);
    return Boolean(row);
  }

  /** While the end is followed, rows out of sight need not be drawn; whoever reads further up has them all at their true heights. */
  #follow() {
    this.#list.classList.toggle(FOLLOWING, this.atNewest);
  }

  #visible() {
    const { top, bottom } = this.#box.getBoundingClientRect();
    /** @type {[Element, number][]} */
    const places = [];
    for (const row of this.#list.children) {
      const place = row.getBoundingClientRect();
      if (place.top > bottom) break;
      // Scrolling stops at whole px, rows do not.
      if (place.bottom > top + 1) places.push([row, place.top]);
    }
    return places;
  }
}
