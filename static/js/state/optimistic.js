// Changes of messages that the server does not have yet, and how their messages look with them. Pure data.

import { wished } from "./reactions.js";

/** A message with what `does` puts on it or takes off; `waits` marks what the server does not have. */
export function hung(message, does, me, waits = false) {
  if (does.do === "pin") return { ...message, pinned: does.on };
  return { ...message, reactions: wished(message.reactions, does, me, waits) };
}

export class Wishes {
  #items = new Map();

  add(item) {
    this.#items.set(item.nonce, item);
  }

  /** False when it is not here. */
  drop(nonce) {
    return this.#items.delete(nonce);
  }

  clear() {
    this.#items.clear();
  }

  /** The newest change of what the message says, or of whether it is there. */
  words(id) {
    return this.#of(id).findLast(({ does }) => !does);
  }

  /** The message as `me` is to see it. */
  upon(message, me) {
    return this.#of(message.id).filter(({ does }) => does).reduce((now, { does }) => hung(now, does, me, true), message);
  }

  #of(id) {
    return [...this.#items.values()].filter(({ edits }) => edits === id);
  }
}
