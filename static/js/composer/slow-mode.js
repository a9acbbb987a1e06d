// @ts-check
// Slow mode: how long until I may speak again in a room, as the room says and as the server has said.

import { serverNow } from "../ui/dates.js";

export class SlowMode {
  /** @type {Map<number, number>} */
  #until = new Map();
  #rooms;
  #show;

  /** `show(room, until)` hears when a wait begins, in ms since 1970 of the server's clock.
   *  @param {Pick<App, "rooms"> & { show: (room: number, until: number) => void }} parts */
  constructor({ rooms, show }) {
    this.#rooms = rooms;
    this.#show = show;
  }

  /** @param {number} room */
  until(room) {
    return this.#until.get(room) ?? 0;
  }

  /** I have spoken: the room's own pace begins. Who looks after the room is not held to it.
   *  @param {AckFrame} what */
  spoke({ room, at }) {
    const { slow = 0, role } = this.#rooms.get(room) ?? {};
    if (slow > 0 && role === "member") this.#wait(room, at + slow * 1000);
  }

  /** The server has said how long.
   *  @param {OutboxItem} outboxItem
   *  @param {ErrorFrame} what1 */
  refused({ room }, { code, retry_after }) {
    if (code === "slow_mode") this.#wait(room, serverNow() + retry_after * 1000);
  }

  /** @param {number} room
   *  @param {number} until */
  #wait(room, until) {
    this.#until.set(room, until);
    this.#show(room, until);
  }
}
