// @ts-check
// How loud it is while one speaks: bars that move on from the end, the newest last. Nothing for those who want nothing to move.

/** In CSS px. */
const STEP = 5, WIDE = 3, LEAST = 3;
/** A bar for each of these. */
const EVERY_MS = 90;
/** Speech is soft: as loud as this fills the height. */
const LOUD = .5;
const still = matchMedia("(prefers-reduced-motion: reduce)");

export class LiveBars {
  canvas = Object.assign(document.createElement("canvas"), { className: "live", ariaHidden: "true" });
  /** @type {number[]} */
  #bars = [];
  #at = 0;

  /** @param {number} ms how long one has been speaking
   *  @param {number} loudness */
  show(ms, loudness) {
    if (still.matches) return;
    const bars = Math.floor(ms / EVERY_MS);
    // Of a page that was out of sight nobody saw the bars between.
    if (bars > this.#at) this.#bars.push(Math.min(1, loudness / LOUD));
    else this.#bars.push(Math.max(this.#bars.pop() ?? 0, Math.min(1, loudness / LOUD)));
    this.#at = bars;
    this.#draw();
  }

  clear() {
    this.#bars = [];
    this.#at = 0;
    this.#draw();
  }

  #draw() {
    const { canvas } = this;
    const { clientWidth: wide, clientHeight: high } = canvas;
    canvas.width = wide * devicePixelRatio;
    canvas.height = high * devicePixelRatio;
    const context = canvas.getContext("2d");
    context.scale(devicePixelRatio, devicePixelRatio);
    context.fillStyle = getComputedStyle(canvas).color;
    this.#bars = this.#bars.slice(-Math.ceil(wide / STEP));
    this.#bars.forEach((loud, place) => {
      const tall = Math.max(LEAST, loud * high);
      context.roundRect(wide - (this.#bars.length - place) * STEP, (high - tall) / 2, WIDE, tall, WIDE / 2);
    });
    context.fill();
  }
}
