// What the frames of the feed mean for this room: events in order, each once; resume after a gap; who gets which answer.

import { syncClock } from "./dates.js";
import { ACK, BATCH, ERROR, EVENT, PRESENCE, RESET, WELCOME } from "./feed.js";
import { toast } from "./toast.js";

export class Room {
  #id;
  #epoch;
  #seq;
  #head;
  #parts;

  /** parts: feed, timeline, outbox, recalls, history, unread, people, and `welcomed(welcome)`. */
  constructor({ id, epoch, head }) {
    this.#id = id;
    this.#epoch = epoch;
    this.#seq = this.#head = head;
  }

  connect(parts) {
    this.#parts = parts;
  }

  /** Where to go on from. */
  get hello() {
    return { resume: { [this.#id]: { epoch: this.#epoch, seq: this.#seq } } };
  }

  receive(type, data) {
    const { outbox, recalls, people } = this.#parts;
    switch (type) {
      case WELCOME: return this.#welcome(data);
      case EVENT: return this.#mine(data) && this.#event(data, true);
      case BATCH: return this.#mine(data) && this.#batch(data);
      case RESET: return this.#mine(data) && this.#reset(data);
      case ACK: return outbox.acked(data) || recalls.acked(data);
      case ERROR: return outbox.refused(data) || recalls.refused(data) || toast(data.message);
      case PRESENCE: return this.#mine(data) && people.show(data);
      // Types that a newer server may add are not for us.
    }
  }

  #mine({ room }) {
    return room === this.#id;
  }

  #welcome(data) {
    syncClock(data.now);
    this.#parts.welcomed(data);
    const room = data.rooms.find(({ id }) => id === this.#id);
    if (!room) return;
    this.#head = room.head;
    // Another epoch: what we know is of another history, and a reset is on its way.
    if (room.epoch === this.#epoch) this.#settle();
  }

  #batch({ epoch, events, more }) {
    if (epoch !== this.#epoch) return;
    for (const event of events) if (!this.#event(event, false)) return;
    if (!more) this.#parts.feed.caughtUp();
  }

  #reset({ epoch, head, page }) {
    const { timeline, history, feed } = this.#parts;
    this.#epoch = epoch;
    this.#seq = this.#head = head;
    timeline.clear();
    timeline.prepend(page);
    timeline.jumpToNewest();
    history.more = page.length > 0;
    feed.caughtUp();
  }

  /** Applies the next event. False when there is a gap: the connection is made anew and resumes from before it. */
  #event(event, live) {
    if (event.seq <= this.#seq) return true;
    if (event.seq > this.#seq + 1) {
      this.#parts.feed.again();
      return false;
    }
    this.#seq = event.seq;
    if (event.kind === "message") this.#message(event.message);
    else if (event.kind === "recall") this.#parts.timeline.recall(event.id);
    if (!live) this.#settle();
    return true;
  }

  #message(message) {
    const { timeline, outbox, unread, me } = this.#parts;
    if (message.by.id === me().id) {
      const item = timeline.has(message.id) ? null : outbox.claim(message.content);
      timeline.put(message, item && this.#parts.tail.release(item.nonce));
      return;
    }
    const entry = timeline.put(message);
    if (entry) unread.arrived(entry);
  }

  #settle() {
    if (this.#seq >= this.#head) this.#parts.feed.caughtUp();
  }
}
