// @ts-check
// Whether somebody is before the page: without a touch for minutes, or out of sight so long, they are away.

import { IDLE } from "../net/socket.js";

const AWAY_MS = 5 * 60_000;
/** Touches of somebody who is here are looked at no more often than this. */
const PACE_MS = 1_000;

export class IdleDetector {
  #connection;
  /** @type {number | undefined} */
  #timer;
  #touched = 0;
  #idle = false;

  /** @param {Pick<App, "connection">} parts */
  constructor({ connection }) {
    this.#connection = connection;
    for (const touch of ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"]) {
      addEventListener(touch, () => this.#touch(), { passive: true, capture: true });
    }
    document.addEventListener("visibilitychange", () => !document.hidden && this.#touch());
    this.#touch();
  }

  /** A new connection believes that somebody is here. */
  welcomed() {
    if (this.#idle) this.#connection.send(IDLE, { idle: true });
  }

  #touch() {
    const now = Date.now();
    if (!this.#idle && now < this.#touched + PACE_MS) return;
    this.#touched = now;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#turn(true), AWAY_MS);
    this.#turn(false);
  }

  /** @param {boolean} idle */
  #turn(idle) {
    if (idle === this.#idle) return;
    this.#idle = idle;
    this.#connection.send(IDLE, { idle });
  }
}
