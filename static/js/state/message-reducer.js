// What an event makes of a message: of the one that it is about, and of those that answer that one. Pure data. Of two views of one
// message the one with the greater rev is true, whether it came live, with a resume or in a page of history.

import { snippet } from "../message/plain-text.js";
import { settled } from "./reactions.js";

/** Kinds of events that are about a message which is there already. */
export const CHANGES = new Set(["edit", "recall", "react", "pin", "unpin"]);

/** Events remembered for history pages that were fetched before them and arrive after. */
const MOST = 500;

/** The message after `event`, which is about it. */
export function after(message, event) {
  const { kind, seq: rev, at, content, html, mentions } = event;
  if (rev <= message.rev) return message;
  if (kind === "react") return { ...message, rev, reactions: settled(message.reactions, event) };
  if (kind === "pin" || kind === "unpin") return { ...message, rev, pinned: kind === "pin" };
  // An edit without words: they have been withdrawn meanwhile, and the recall follows.
  if (kind === "edit" && content) return { ...message, rev, content, html, edited: at, mentions };
  const nothing = { html: undefined, edited: undefined, mentions: undefined, reply: undefined, reactions: undefined, pinned: undefined };
  return { ...message, ...nothing, rev, content: "", recalled: true };
}

/** What a message that answers the one of `event` shows of it from then on; undefined when it shows the same. */
export function quoteAfter(reply, { kind, id, content, html }) {
  if (reply?.id !== id || reply.gone || (kind !== "edit" && kind !== "recall")) return undefined;
  if (kind === "edit" && content) return { ...reply, text: snippet({ content, html }) };
  return { ...reply, by: { ...reply.by, name: "" }, text: "", gone: true };
}

/** A message as one that answers it shows it. */
export function quoteOf({ id, by, content, html, recalled }) {
  const quote = { id, by: { id: by.id, name: by.name ?? "" }, text: "" };
  return recalled ? { ...quote, gone: true } : { ...quote, text: snippet({ content, html }) };
}

/** The newest events about messages. */
export class Changes {
  #events = [];

  remember(event) {
    // Words that were withdrawn are kept nowhere.
    if (event.kind === "recall") this.#events = this.#events.filter(({ id }) => id !== event.id);
    this.#events.push(event);
    if (this.#events.length > MOST) this.#events.shift();
  }

  /** The message as it is now. */
  upon(message) {
    let now = { ...message };
    for (const event of this.#events) {
      if (event.id === now.id) now = after(now, event);
      else if (event.id === now.reply?.id) now.reply = quoteAfter(now.reply, event) ?? now.reply;
    }
    return now;
  }

  clear() {
    this.#events = [];
  }
}
