// What comes live while a page of history is under way. The page may be older than that, and yet the newest there is: what it
// cannot have joins on to it.

/** More than this comes only to him who waits too long: then another page fills the gap. */
const MOST = 500;

export class Late {
  #waits = 0;
  #came = [];

  /** Runs `fetch`, which asks for a page and takes it in. */
  async during(fetch) {
    this.#waits += 1;
    try {
      return await fetch();
    } finally {
      this.#waits -= 1;
      if (!this.#waits) this.forget();
    }
  }

  /** `again()` does once more what came with `seq`. */
  add(seq, again) {
    if (this.#waits && this.whole) this.#came.push({ seq, again });
  }

  /** Nothing was left out. */
  get whole() {
    return this.#came.length < MOST;
  }

  /** Does again what came after `seq`, in order. */
  joinOn(seq) {
    for (const each of this.#came.filter((late) => late.seq > seq)) each.again();
  }

  forget() {
    this.#came = [];
  }
}
