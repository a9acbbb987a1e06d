// @ts-check
// A history of the frame's own, in place of the browser's: entries of a frame stand in that of the site around it, whose Back button would
// lead through rooms, and whose frame would be reloaded at an address that no frame may have.

class FrameHistory {
  /** @type {{ path: string, state: any }[]} */
  #entries;
  #at = 0;

  /** @param {string} path */
  constructor(path) {
    this.#entries = [{ path, state: null }];
  }

  get path() {
    return this.#entries[this.#at].path;
  }

  get state() {
    return this.#entries[this.#at].state;
  }

  get length() {
    return this.#entries.length;
  }

  /** @param {any} state
   *  @param {string} _title
   *  @param {string} [path] */
  pushState(state, _title, path = this.path) {
    this.#entries.splice(this.#at + 1, Infinity, { path, state: structuredClone(state) });
    this.#at += 1;
  }

  /** @param {any} state
   *  @param {string} _title
   *  @param {string} [path] */
  replaceState(state, _title, path = this.path) {
    this.#entries[this.#at] = { path, state: structuredClone(state) };
  }

  back() {
    this.go(-1);
  }

  forward() {
    this.go(1);
  }

  /** As the browser's: not at once, and only to what there is.
   *  @param {number} by */
  go(by) {
    setTimeout(() => {
      if (!this.#entries[this.#at + by]) return;
      this.#at += by;
      dispatchEvent(new PopStateEvent("popstate", { state: this.state }));
    });
  }
}

/** From now on `history` is the frame's own, and stands at this path.
 *  @param {string} path */
export function useOwnHistory(path) {
  Object.defineProperty(globalThis, "history", { value: new FrameHistory(path), configurable: true });
}
