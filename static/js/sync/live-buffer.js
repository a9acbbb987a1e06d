// @ts-check
// What comes live while a page of history is under way. The page may be older than that, and yet the newest there is: what it
// cannot have joins on to it.

/** More than this comes only to those who wait too long: then another page fills the gap. */
const MOST = 500;

export class LiveBuffer {
  #waits = 0;
  /** @type {{ seq: number, again: () => void }[]} */
  #came = [];

  /** Runs `fetch`, which asks for a page and takes it in.
   *  @template T
   *  @param {() => Promise<T>} fetch */
  async during(fetch) {
    this.#waits += 1;
    try {
      return await fetch();
    } finally {
      this.#waits -= 1;
      if (!this.#waits) this.forget();
    }
  }

  /** `again()` does once more what came with `seq`.
   *  @param {number} seq
   *  @param {() => void} again */
  add(seq, again) {
    if (this.#waits && this.whole) this.#came.push({ seq, again });
  }

  /** Nothing was left out. */
  get whole() {
    return this.#came.length < MOST;
  }

  /** Does again what came after `seq`, in order.
   *  @param {number} seq */
  joinOn(seq) {
    for (const each of this.#came.filter((late) => late.seq > seq)) each.again();
  }

  forget() {
    this.#came = [];
  }
}
