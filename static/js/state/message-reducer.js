// @ts-check
// What an event makes of a message and of what people think of it: of the one that it is about, and of those that answer that one. Pure data.
// Of two views of one message the one with the greater rev is true, whether it came live, with a resume or in a page of history.

import { snippet } from "../message/plain-text.js";

const MESSAGE_CHANGES = new Set(["edit", "recall", "react", "pin", "unpin", "file"]);

/** Whether an event is about a message which is there already.
 *  @param {MessageChange | RoomChange} event
 *  @returns {event is MessageChange} */
export function isMessageChange(event) {
  return MESSAGE_CHANGES.has(event.kind);
}

/** Events remembered for history pages that were fetched before them and arrive after. */
const MOST = 500;

/** The message after `event`, which is about it.
 *  @template {Entry} M
 *  @param {M} message
 *  @param {MessageChange} event
 *  @returns {M} */
export function after(message, event) {
  const { kind, seq: rev } = event;
  if (rev <= message.rev) return message;
  if (kind === "react") return { ...message, rev, reactions: withReaction(message.reactions, event) };
  if (kind === "pin" || kind === "unpin") return { ...message, rev, pinned: kind === "pin" };
  if (kind === "file") return { ...message, rev, files: withoutFile(message.files, event.file) };
  // An edit without words: there are files to them, or they have been withdrawn meanwhile, and the recall follows.
  if (kind === "edit" && (event.content || message.files)) return { ...message, rev, content: event.content, html: event.html, edited: event.at, mentions: event.mentions };
  /** @type {Partial<Entry>} */
  const nothing = { html: undefined, edited: undefined, mentions: undefined, reply: undefined, reactions: undefined, pinned: undefined, files: undefined };
  return { ...message, ...nothing, rev, content: "", recalled: true };
}

/** `files` after one was taken out: its place stays.
 *  @param {ShownFile[] | undefined} files
 *  @param {string} taken
 *  @returns {ShownFile[] | undefined} */
export function withoutFile(files, taken) {
  return files?.map((file) => (file.id === taken ? { id: file.id, kind: file.kind, gone: true } : file));
}

/** What a message that answers the one of `event` shows of it from then on; undefined when it shows the same.
 *  @param {Quote | undefined} reply
 *  @param {MessageChange} event
 *  @returns {Quote | undefined} */
export function quoteAfter(reply, event) {
  const { kind, id } = event;
  if (reply?.id !== id || reply.gone) return undefined;
  if (kind === "file") return { ...reply, file: event.first };
  if (kind !== "edit" && kind !== "recall") return undefined;
  if (kind === "edit" && (event.content || reply.file)) return { ...reply, text: snippet(event) };
  return { ...reply, by: { ...reply.by, name: "" }, text: "", file: undefined, gone: true };
}

/** A message as one that answers it shows it.
 *  @param {Entry} message
 *  @returns {Quote} */
export function quoteOf({ id, by, content, html, recalled, files }) {
  const quote = { id: Number(id), by: { id: by.id, name: by.name ?? "" }, text: "" };
  if (recalled) return { ...quote, gone: true };
  const first = files?.find((file) => !file.gone);
  return { ...quote, text: snippet({ content, html }), file: first?.kind, ms: first?.ms };
}

/** The newest events about messages. */
export class RecentChanges {
  /** @type {MessageChange[]} */
  #events = [];

  /** @param {MessageChange} event */
  remember(event) {
    // Words that were withdrawn are kept nowhere.
    if (event.kind === "recall") this.#events = this.#events.filter(({ id }) => id !== event.id);
    this.#events.push(event);
    if (this.#events.length > MOST) this.#events.shift();
  }

  /** The message as it is now.
   *  @param {Message} message */
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

/** `all` with one emoji as it stands now; n is 0 when nobody means it any more. Of a crowd `who` are only the first: `also` are
 *  others who were seen to put it there, `by` and `on` being the last one.
 *  @param {KnownReaction[] | undefined} all
 *  @param {Reaction & { by?: { id: string }, on?: boolean }} what
 *  @returns {KnownReaction[]} */
export function withReaction(all = [], { emoji, n, who, place, by, on }) {
  const others = all.filter((other) => other.emoji !== emoji);
  const before = all.find((other) => other.emoji === emoji)?.also ?? [];
  const also = by ? before.filter((id) => id !== by.id).concat(on ? [by.id] : []) : before;
  if (n > 0) others.push(n > who.length ? { emoji, n, who, place, also } : { emoji, n, who, place });
  return others.sort((a, b) => a.place - b.place);
}

/** `all` as `me` wishes it, before the server has it: with the emoji of mine, or without.
 *  @param {KnownReaction[] | undefined} all
 *  @param {{ emoji: string, on: boolean }} what
 *  @param {Me} me
 *  @param {boolean} waits */
export function withOwnReaction(all = [], { emoji, on }, me, waits) {
  // A new one stands last until the server gives it its place.
  /** @type {KnownReaction} */
  const there = all.find((each) => each.emoji === emoji) ?? { emoji, n: 0, who: [], place: Number.MAX_SAFE_INTEGER };
  if (isMyReaction(there, me) === on) return all;
  const who = on ? [...there.who, { id: me.id, name: me.name }] : there.who.filter(({ id }) => id !== me.id);
  const now = withReaction(all, { ...there, who, n: there.n + (on ? 1 : -1), by: me, on });
  return waits ? now.map((each) => (each.emoji === emoji ? { ...each, waits } : each)) : now;
}

/** @param {KnownReaction} reaction
 *  @param {{ id: string }} me */
export function isMyReaction({ who, also = [] }, me) {
  return who.some(({ id }) => id === me.id) || also.includes(me.id);
}
