// What the frames of the feed mean for this room: events in order, each once; resume after a gap; who gets which answer.

import { syncClock } from "./dates.js";
import { ACK, BATCH, ERROR, EVENT, HEAD, PRESENCE, RESET, WELCOME } from "./feed.js";
import { toast } from "./toast.js";

export class Room {
  #id;
  #epoch;
  #seq;
  #parts;

  /** parts: feed, timeline, outbox, history, unread, people, and `welcomed(welcome)`. */
  constructor({ id, epoch, head }) {
    this.#id = id;
    this.#epoch = epoch;
    this.#seq = head;
  }

  connect(parts) {
    this.#parts = parts;
  }

  /** Where to go on from. */
  get hello() {
    return { resume: { [this.#id]: { epoch: this.#epoch, seq: this.#seq } } };
  }

  receive(type, data) {
    const { outbox, people } = this.#parts;
    switch (type) {
      case WELCOME: return this.#welcome(data);
      case EVENT: return this.#mine(data) && this.#event(data);
      case BATCH: return this.#mine(data) && this.#batch(data);
      case RESET: return this.#mine(data) && this.#reset(data);
      case HEAD: return this.#mine(data) && this.#missed(data);
      case ACK: return this.#mine(data) && this.#acked(data);
      case ERROR: return outbox.refused(data) || toast(data.message);
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
  }

  #batch({ epoch, events, more }) {
    if (epoch !== this.#epoch) return;
    for (const event of events) if (!this.#event(event)) return;
    if (!more) this.#parts.feed.caughtUp();
  }

  #reset({ epoch, head, page }) {
    const { timeline, history, feed } = this.#parts;
    this.#epoch = epoch;
    this.#seq = head;
    timeline.clear();
    timeline.prepend(page);
    timeline.jumpToNewest();
    history.more = page.length > 0;
    feed.caughtUp();
  }

  /** Applies the next event. False when there is a gap: the connection is made anew and resumes from before it. */
  #event(event) {
    if (event.seq <= this.#seq) return true;
    if (event.seq > this.#seq + 1) {
      this.#parts.feed.again();
      return false;
    }
    this.#seq = event.seq;
    if (event.kind === "message") this.#message(event.message);
    else if (event.kind === "edit" || event.kind === "recall") this.#parts.timeline.change(event);
    return true;
  }

  /** The room is at `seq`: when we are not, an event was lost without a sign. Before the resume is answered that is no news. */
  #missed({ epoch, seq }) {
    const { feed } = this.#parts;
    if (feed.state.name === "live" && epoch === this.#epoch && seq > this.#seq) feed.again();
  }

  /** An ack comes after its event: one that is ahead of us is a sign of loss like any other. */
  #acked(data) {
    this.#parts.outbox.acked(data);
    this.#missed({ epoch: this.#epoch, seq: data.seq });
  }

  #message(message) {
    const { timeline, outbox, unread, me } = this.#parts;
    if (message.by.id === me().id) {
      const item = timeline.get(message.id) ? null : outbox.claim(message.content);
      timeline.put(message, item && this.#parts.tail.release(item.nonce));
      return;
    }
    const entry = timeline.put(message);
    if (entry) unread.arrived(entry);
  }
}
