// @ts-check
// How long to wait before the next try: full jitter, so that a thousand pages do not come back in one second.

const FIRST_MS = 500;
const LONGEST_MS = 30_000;
/** After a connection that worked, however short, waits begin no higher than this many doublings: 2 s. */
const EASED = 2;

export class Backoff {
  #tries = 0;

  /** The next wait in ms. What the server asked for (seconds) goes first, spread by a quarter.
   *  @param {number} askedFor */
  next(askedFor) {
    if (askedFor > 0) {
      // It goes in order and will be back: no failure to count.
      this.reset();
      return askedFor * 1000 * (1 + Math.random() / 4);
    }
    const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** this.#tries);
    this.#tries += 1;
    return Math.random() * ceiling;
  }

  /** A connection got as far as to be live. */
  ease() {
    this.#tries = Math.min(this.#tries, EASED);
  }

  reset() {
    this.#tries = 0;
  }
}
