// @ts-check
// How what the outbox holds looks: a message is a row after the log's, a change shows in the row of its message.

import { quoteOf } from "../state/message-reducer.js";
import { sameFiles, sentFiles } from "./item-files.js";
import { keepDraft } from "./drafts.js";
import { toast } from "../ui/toast.js";
import { session } from "../state/session.js";
import { say } from "../ui/i18n.js";

/** A page may think the server's clock so far ahead, when its own is set meanwhile; otherwise it knows it late, never early. */
const UNSURE_MS = 1_000;

export class OutboxView {
  #scroll;
  #pendingRows;
  #timeline;
  #giveBack;
  #nameOf;

  /** `giveBack(id, words)` takes the words of an edit that failed; `nameOf(room)` is what the reader calls it.
   *  @param {Pick<App, "scroll" | "pendingRows" | "timeline"> & { giveBack: (id: number, words: string) => void, nameOf: (room: number) => string }} parts */
  constructor({ scroll, pendingRows, timeline, giveBack, nameOf }) {
    this.#nameOf = nameOf;
    this.#scroll = scroll;
    this.#pendingRows = pendingRows;
    this.#timeline = timeline;
    this.#giveBack = giveBack;
  }

  /** The id of the message of mine that this one seems to be already; `known` are those of others.
   *  @param {OutboxItem} outboxItem
   *  @param {OutboxItem["shown"][]} known */
  here({ content, at, reply, files }, known) {
    const says = (/** @type {Entry} */ entry) => entry.content.trim() === content.trim() && entry.reply?.id === reply?.id && sameFiles(files, entry.files);
    const same = (/** @type {Entry} */ entry) => entry.by.id === session.me.id && entry.at > at - UNSURE_MS && says(entry) && !known.includes(entry.id);
    return this.#timeline.last(same)?.id;
  }

  /** @param {OutboxItem} item */
  waits(item) {
    if (item.edits === undefined) this.#change(() => this.#pendingRows.showPending(this.#row(item)));
    else this.#timeline.showOptimistic(item);
  }

  /** Its files have come further.
   *  @param {OutboxItem} item */
  progressed(item) {
    this.#change(() => this.#pendingRows.showFiles(item));
  }

  /** A change that is only late says no more than its clock.
   *  @param {OutboxItem} item
   *  @param {string} why */
  delayed(item, why) {
    if (item.edits === undefined) this.#change(() => this.#pendingRows.showDelayed(this.#row(item), why));
  }

  /** @param {OutboxItem} item */
  failed(item) {
    if (item.edits === undefined) return this.#change(() => this.#pendingRows.showFailed(this.#row(item)));
    this.#timeline.settle(item);
    if (!item.content) return toast(item.why);
    toast(`${say("not_edited")} ${item.why}`);
    this.#giveBack(item.edits, item.content);
  }

  /** Its room is not open: the word about it is all there is to see now.
   *  @param {OutboxItem} item */
  failedElsewhere(item) {
    toast(say("not_sent_elsewhere", { room: this.#nameOf(item.room), why: item.why }));
    if (item.edits !== undefined && item.content) keepDraft(item.room, item.content);
  }

  /** @param {OutboxItem} item
   *  @param {Ack} ack */
  settled(item, ack) {
    if (item.edits !== undefined) return this.#timeline.settle(item, ack);
    const { id, seq, at } = ack;
    const li = this.#pendingRows.release(item.nonce);
    // Its event came first and knows more than I do; one that comes later, whatever its rev, does so too.
    if (this.#timeline.get(id)) li?.remove();
    else this.#timeline.put({ id, seq, rev: 0, at, by: session.me, content: item.content, reply: this.#row(item).reply, files: sentFiles(item.files) }, li);
  }

  /** @param {OutboxItem} item */
  discarded(item) {
    if (item.edits === undefined) this.#change(() => this.#pendingRows.remove(item.nonce));
    else this.#timeline.settle(item);
  }

  /** With the quote that stands above its words: as the message is now, or, where that is not in memory, of whom it is.
   *  @param {OutboxItem} item */
  #row(item) {
    if (!item.reply) return item;
    const entry = this.#timeline.get(item.reply.id);
    return { ...item, reply: entry ? quoteOf(entry) : { ...item.reply, text: "" } };
  }

  /** @param {() => void} act */
  #change(act) {
    this.#scroll.keepPosition(() => {
      act();
      this.#timeline.updateEdges();
    });
  }
}
