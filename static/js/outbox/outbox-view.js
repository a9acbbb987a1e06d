// How what the outbox holds looks: a message is a row after the log's, a change shows in the row of its message.

import { quoteOf } from "../state/message-reducer.js";
import { keepDraft } from "./drafts.js";
import { toast } from "../ui/toast.js";
import { say } from "../ui/i18n.js";

/** A page may think the server's clock so far ahead, when its own is set meanwhile; otherwise it knows it late, never early. */
const UNSURE_MS = 1_000;

export class Waiting {
  #scroll;
  #tail;
  #timeline;
  #me;
  #giveBack;
  #nameOf;

  /** `me()` is who I am now; `giveBack(id, words)` takes the words of an edit that failed; `nameOf(room)` is what the reader calls it. */
  constructor({ scroll, tail, timeline, me, giveBack, nameOf }) {
    this.#nameOf = nameOf;
    this.#scroll = scroll;
    this.#tail = tail;
    this.#timeline = timeline;
    this.#me = me;
    this.#giveBack = giveBack;
  }

  /** The id of the message of mine that this one seems to be already; `known` are those of others. */
  here({ content, at, reply }, known) {
    const says = (entry) => entry.content.trim() === content.trim() && entry.reply?.id === reply?.id;
    const same = (entry) => entry.by.id === this.#me().id && entry.at > at - UNSURE_MS && says(entry) && !known.includes(entry.id);
    return this.#timeline.last(same)?.id;
  }

  waits(item) {
    if (item.edits === undefined) this.#change(() => this.#tail.waits(this.#row(item)));
    else this.#timeline.await(item);
  }

  /** A change that is only late says no more than its clock. */
  delayed(item, why) {
    if (item.edits === undefined) this.#change(() => this.#tail.delayed(this.#row(item), why));
  }

  failed(item) {
    if (item.edits === undefined) return this.#change(() => this.#tail.failed(this.#row(item)));
    this.#timeline.settle(item);
    if (!item.content) return toast(item.why);
    toast(`${say("not_edited")} ${item.why}`);
    this.#giveBack(item.edits, item.content);
  }

  /** Its room is not open: the word about it is all there is to see now. */
  failedElsewhere(item) {
    toast(say("not_sent_elsewhere", { room: this.#nameOf(item.room), why: item.why }));
    if (item.edits !== undefined && item.content) keepDraft(item.room, item.content);
  }

  settled(item, ack) {
    if (item.edits !== undefined) return this.#timeline.settle(item, ack);
    const { id, seq, at } = ack;
    const li = this.#tail.release(item.nonce);
    // Its event came first and knows more than I do; one that comes later, whatever its rev, does so too.
    if (this.#timeline.get(id)) li?.remove();
    else this.#timeline.put({ id, seq, rev: 0, at, by: this.#me(), content: item.content, reply: this.#row(item).reply }, li);
  }

  discarded(item) {
    if (item.edits === undefined) this.#change(() => this.#tail.remove(item.nonce));
    else this.#timeline.settle(item);
  }

  /** With the quote that stands above its words: as the message is now, or, where that is not in memory, of whom it is. */
  #row(item) {
    if (!item.reply) return item;
    const entry = this.#timeline.get(item.reply.id);
    return { ...item, reply: entry ? quoteOf(entry) : { ...item.reply, text: "" } };
  }

  #change(act) {
    this.#scroll.keep(() => {
      act();
      this.#timeline.mend();
    });
  }
}
