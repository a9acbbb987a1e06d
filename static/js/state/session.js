// @ts-check
// Who reads this page, and within which limits, as the server last told it: everybody asks here, and is told of changes.

import { boot } from "./boot.js";

class Session {
  #me = boot.me;
  #limits = boot.limits;
  /** @type {((before: { me: Me, limits: Limits }) => void)[]} */
  #subscribers = [];

  /** Who I am: an account, or a visitor. */
  get me() {
    return this.#me;
  }

  get limits() {
    return this.#limits;
  }

  get isVisitor() {
    return this.#me.kind === "visitor";
  }

  /** Calls `changed({me, limits})` with what was before after each change, in the order in which they subscribed.
   *  @param {(before: { me: Me, limits: Limits }) => void} changed */
  subscribe(changed) {
    this.#subscribers.push(changed);
  }

  /** The server has said who I am, or something of it, or other limits.
   *  @param {{ me?: Me, limits?: Limits }} what */
  update({ me = this.#me, limits = this.#limits }) {
    const before = { me: this.#me, limits: this.#limits };
    this.#me = me;
    this.#limits = limits;
    for (const changed of this.#subscribers) changed(before);
  }
}

export const session = new Session();
