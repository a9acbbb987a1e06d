// @ts-check
// Closer to a picture and back: by steps, two fingers, a wheel or a double press; one that is larger than its box is moved by a hand. A
// whole one that is wiped to the side is a step to its neighbour.

const NEAREST = 6;
const STEP = 1.5;
/** A double press goes this near, and back. */
const PRESSED = 2.5;
/** So far a finger wipes for a step, in px; less is a press. */
const WIPE_PX = 60;
const PRESS_PX = 8;
/** Two presses within this time, in ms, and this far from each other are a double one. */
const DOUBLE_MS = 350;
const DOUBLE_PX = 30;

export class Zoom {
  #stage;
  #image;
  #step;
  #changed;
  #scale = 1;
  #x = 0;
  #y = 0;
  /** Fingers that are down, by their ids: where each is. @type {Map<number, Point>} */
  #down = new Map();
  /** Where the one began that may be a wipe or a press. @type {Point | undefined} */
  #began;
  /** @type {(Point & { at: number }) | undefined} */
  #pressed;

  /** `step(by)` goes to a neighbour, `changed()` hears that it is nearer or farther.
   *  @param {{ stage: HTMLElement, image: HTMLElement, step: (by: number) => void, changed: () => void }} parts */
  constructor({ stage, image, step, changed }) {
    this.#stage = stage;
    this.#image = image;
    this.#step = step;
    this.#changed = changed;
    stage.addEventListener("pointerdown", (event) => this.#touched(event));
    stage.addEventListener("pointermove", (event) => this.#moved(event));
    for (const name of /** @type {const} */ (["pointerup", "pointercancel"])) stage.addEventListener(name, (event) => this.#left(event));
    stage.addEventListener("wheel", (event) => {
      event.preventDefault();
      this.#to(this.#scale * Math.exp(-event.deltaY / 300), event);
    }, { passive: false });
  }

  /** Whether all of it is seen. */
  get isWhole() {
    return this.#scale === 1;
  }

  get isNearest() {
    return this.#scale === NEAREST;
  }

  /** Another picture: it is seen whole. */
  reset() {
    this.#down.clear();
    this.#began = this.#pressed = undefined;
    this.#to(1);
  }

  /** So many steps nearer.
   *  @param {number} steps */
  by(steps) {
    this.#to(this.#scale * STEP ** steps);
  }

  /** @param {number} scale
   *  @param {Point} [around] what stays where it is */
  #to(scale, around) {
    const before = this.#scale;
    this.#scale = Math.min(NEAREST, Math.max(1, scale));
    const { left, top, width, height } = this.#stage.getBoundingClientRect();
    const [x, y] = around ? [around.clientX - left - width / 2, around.clientY - top - height / 2] : [0, 0];
    const grown = this.#scale / before;
    this.#move(x - (x - this.#x) * grown, y - (y - this.#y) * grown);
    this.#changed();
  }

  /** As far as there is something of it to be seen.
   *  @param {number} x
   *  @param {number} y */
  #move(x, y) {
    const { clientWidth, clientHeight } = this.#stage;
    const { offsetWidth, offsetHeight } = this.#image;
    const within = (/** @type {number} */ at, /** @type {number} */ size, /** @type {number} */ box) => {
      const most = Math.max(0, (size * this.#scale - box) / 2);
      return Math.min(most, Math.max(-most, at));
    };
    this.#x = within(x, offsetWidth, clientWidth);
    this.#y = within(y, offsetHeight, clientHeight);
    this.#image.style.transform = this.isWhole ? "" : `translate(${this.#x}px, ${this.#y}px) scale(${this.#scale})`;
    this.#stage.classList.toggle("near", !this.isWhole);
  }

  /** @param {PointerEvent} event */
  #touched(event) {
    if (event.button || /** @type {Element} */ (event.target).closest("button")) return;
    this.#stage.setPointerCapture(event.pointerId);
    this.#down.set(event.pointerId, pointOf(event));
    this.#began = this.#down.size === 1 ? pointOf(event) : undefined;
  }

  /** @param {PointerEvent} event */
  #moved(event) {
    const before = this.#down.get(event.pointerId);
    if (!before) return;
    const now = pointOf(event);
    const other = [...this.#down].find(([id]) => id !== event.pointerId)?.[1];
    this.#down.set(event.pointerId, now);
    if (other) this.#to(this.#scale * distance(now, other) / Math.max(1, distance(before, other)), middle(now, other));
    else if (!this.isWhole) this.#move(this.#x + now.clientX - before.clientX, this.#y + now.clientY - before.clientY);
  }

  /** @param {PointerEvent} event */
  #left(event) {
    const began = this.#began;
    if (!this.#down.delete(event.pointerId) || !began) return;
    this.#began = undefined;
    if (event.type === "pointercancel") return;
    const now = pointOf(event);
    const [wide, high] = [now.clientX - began.clientX, now.clientY - began.clientY];
    if (distance(now, began) < PRESS_PX) this.#press(now, event.timeStamp);
    else if (this.isWhole && Math.abs(wide) >= WIPE_PX && Math.abs(wide) > Math.abs(high)) this.#step(wide < 0 ? 1 : -1);
  }

  /** @param {Point} now
   *  @param {number} at */
  #press(now, at) {
    const last = this.#pressed;
    this.#pressed = { ...now, at };
    if (!last || at - last.at > DOUBLE_MS || distance(now, last) > DOUBLE_PX) return;
    this.#pressed = undefined;
    this.#to(this.isWhole ? PRESSED : 1, now);
  }
}

/** @typedef {{ clientX: number, clientY: number }} Point */

/** @param {Point} event
 *  @returns {Point} */
function pointOf({ clientX, clientY }) {
  return { clientX, clientY };
}

/** @param {Point} one
 *  @param {Point} other */
function distance(one, other) {
  return Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
}

/** @param {Point} one
 *  @param {Point} other
 *  @returns {Point} */
function middle(one, other) {
  return { clientX: (one.clientX + other.clientX) / 2, clientY: (one.clientY + other.clientY) / 2 };
}
