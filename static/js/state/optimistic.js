// @ts-check
// Changes of messages that the server does not have yet, and how their messages look with them. Pure data.

import { withOwnReaction, withoutFile } from "./message-reducer.js";

/** A message with what `does` puts on it or takes off; `waits` marks what the server does not have.
 *  @param {Entry} message
 *  @param {MarkWish} does
 *  @param {Me} me
 *  @param {boolean} [waits] */
export function withChange(message, does, me, waits = false) {
  if (does.do === "pin") return { ...message, pinned: does.on };
  if (does.do === "unfile") return { ...message, files: withoutFile(message.files, does.file) };
  return { ...message, reactions: withOwnReaction(message.reactions, does, me, waits) };
}

export class OptimisticChanges {
  /** @type {Map<Nonce, OutboxItem>} */
  #items = new Map();

  /** @param {OutboxItem} item */
  add(item) {
    this.#items.set(item.nonce, item);
  }

  /** False when it is not here.
   *  @param {Nonce} nonce */
  drop(nonce) {
    return this.#items.delete(nonce);
  }

  clear() {
    this.#items.clear();
  }

  /** The newest change of what the message says, or of whether it is there.
   *  @param {Entry["id"]} id */
  words(id) {
    return this.#of(id).findLast(({ does }) => !does);
  }

  /** The message as `me` is to see it.
   *  @returns {Entry}
   *  @param {Entry} message
   *  @param {Me} me */
  upon(message, me) {
    return this.#of(message.id).filter(({ does }) => does).reduce((now, { does }) => withChange(now, does, me, true), message);
  }

  /** @param {Entry["id"]} id */
  #of(id) {
    return [...this.#items.values()].filter(({ edits }) => edits === id);
  }
}
