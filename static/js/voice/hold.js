// @ts-check
// What a finger, a mouse or a key on the microphone's button means: press and hold records, release sends, slide away discards, slide up
// keeps on recording without a finger. A short press does so too, and is what keys and screen readers have. Knows no DOM.

/** What is released before is a short press. */
export const SHORT_MS = 300;
/** So far a finger slides, in px, to the side or up. */
export const AWAY_PX = 90;
export const UP_PX = 70;
/** The click that a browser makes of a release comes within this time, and means nothing more. */
export const CLICK_MS = 500;

/** A place and a time, as events have them.
 *  @typedef {Pick<PointerEvent, "clientX" | "clientY" | "timeStamp">} Touch */

export class Hold {
  #does;
  /** Where and when a finger went down. @type {Touch | undefined} */
  #down;
  /** It has slid somewhere: the rest of its way means nothing. */
  #slid = false;
  #left = -Infinity;

  /** `start()` begins to record, `lock()` goes on without a finger, `send()` and `discard()` end it.
   *  @param {Record<"start" | "lock" | "send" | "discard", () => void>} does */
  constructor(does) {
    this.#does = does;
  }

  /** Whether a finger holds it. */
  get held() {
    return Boolean(this.#down) && !this.#slid;
  }

  /** @param {Touch} touch */
  press({ clientX, clientY, timeStamp }) {
    // One whose end was never heard of: a question of the browser's has covered it.
    this.#down = { clientX, clientY, timeStamp };
    this.#slid = false;
    this.#does.start();
  }

  /** @param {Touch} touch */
  move({ clientX, clientY }) {
    if (!this.held) return;
    const away = Math.abs(clientX - this.#down.clientX) >= AWAY_PX;
    if (!away && this.#down.clientY - clientY < UP_PX) return;
    this.#slid = true;
    if (away) this.#does.discard();
    else this.#does.lock();
  }

  /** @param {Touch} touch */
  release({ timeStamp }) {
    if (!this.#down) return;
    const { held } = this;
    const short = timeStamp - this.#down.timeStamp < SHORT_MS;
    this.#down = undefined;
    this.#left = timeStamp;
    if (!held) return;
    if (short) this.#does.lock();
    else this.#does.send();
  }

  /** The browser or the system has taken the finger away: what was said is kept. */
  cancel() {
    const { held } = this;
    this.#down = undefined;
    if (held) this.#does.lock();
  }

  /** A click without a press before it: a key, or a press that was over before there was somebody to hear of it.
   *  @param {Pick<Touch, "timeStamp">} click */
  click({ timeStamp }) {
    if (this.#down || timeStamp - this.#left < CLICK_MS) return;
    this.#does.start();
    this.#does.lock();
  }
}
