// @ts-check
// Heartbeat: pings when nothing came for a while, and gives the connection up when no answer comes.

const QUIET_MS = 30_000;
const ANSWER_MS = 8_000;

export class Heartbeat {
  #ask;
  #dead;
  /** @type {number | undefined} */
  #timer;

  /** @param {Record<"ask" | "dead", () => void>} parts */
  constructor({ ask, dead }) {
    this.#ask = ask;
    this.#dead = dead;
  }

  /** Something came from the server. */
  heard() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.probe(), QUIET_MS);
  }

  /** Asks now, e.g. after sleep, and waits no longer than `within` ms.
   *  @param {number} [within] */
  probe(within = ANSWER_MS) {
    clearTimeout(this.#timer);
    this.#ask();
    this.#timer = setTimeout(this.#dead, within);
  }

  stop() {
    clearTimeout(this.#timer);
  }
}
