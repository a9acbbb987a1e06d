// How long to wait before the next try: full jitter, so that a thousand pages do not come back in one second.

const FIRST_MS = 500;
const LONGEST_MS = 30_000;

export class Backoff {
  #tries = 0;

  /** The next wait in ms. What the server asked for (seconds) goes first, spread by a quarter. */
  next(askedFor) {
    const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** this.#tries);
    this.#tries += 1;
    if (askedFor > 0) return askedFor * 1000 * (1 + Math.random() / 4);
    return Math.random() * ceiling;
  }

  reset() {
    this.#tries = 0;
  }
}
