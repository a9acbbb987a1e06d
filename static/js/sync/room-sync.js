// What the frames of the feed mean for the open room: events in order, each once; resume after a gap; who gets which answer. What
// they say of the other rooms goes to the store of rooms.

import { CHANGES } from "../state/message-reducer.js";
import { syncClock } from "../ui/dates.js";
import { ACK, BATCH, ERROR, EVENT, GONE, HEAD, MARK, OPEN, PRESENCE, RESET, ROOMS, SEEN, TYPERS, WELCOME } from "../net/socket.js";
import { toast } from "../ui/toast.js";

/** A live connection that has not opened a room after this time is not what it seems. */
const ANSWER_MS = 10_000;
/** Of rooms that are passed faster than this only the last one is asked for. */
const PAUSE_MS = 250;

export class Room {
  #id;
  #epoch;
  #seq;
  #parts;
  /** `entering` until its messages have come, then `here`; `gone` when there is nothing to see. */
  #stage = "here";
  #timer;
  #entered = 0;

  /** parts: feed, rooms, timeline, tail, outbox, history, unread, people, typing, seen, slow, background, me, and what others do:
   *  `welcomed(welcome)`, `entered(left)` with what `leaving()` gave when he only comes back, `withdrawn(id)`, `gone({room, why})`, `happened(event)`, `looked()`, `stands(stage)`. */
  constructor({ id, epoch, head }) {
    this.#id = id;
    this.#epoch = epoch;
    this.#seq = head;
  }

  connect(parts) {
    this.#parts = parts;
  }

  get id() {
    return this.#id;
  }

  /** The newest event that was applied. */
  get seq() {
    return this.#seq;
  }

  get here() {
    return this.#stage === "here";
  }

  get gone() {
    return this.#stage === "gone";
  }

  /** Where to go on from; of a room that has not come yet, everything. */
  get hello() {
    return { open: this.#id, resume: { [this.#id]: { epoch: this.#epoch, seq: this.#seq } } };
  }

  /** Opens another one; its messages come as a reset. */
  enter(id) {
    this.#id = id;
    this.#epoch = "";
    this.#seq = 0;
    this.#stand("entering");
    const [before, now] = [this.#entered, Date.now()];
    this.#entered = now;
    if (now - before < PAUSE_MS) this.#timer = setTimeout(() => this.#ask(), PAUSE_MS);
    else this.#ask();
  }

  #ask() {
    // Without a connection the next hello asks for it.
    if (!this.#parts.feed.send(OPEN, { room: this.#id })) return;
    this.#timer = setTimeout(() => this.#parts.feed.state.name === "live" && this.#parts.feed.again(), ANSWER_MS);
  }

  /** There is nothing to see in it, or no more. */
  close() {
    this.#epoch = "";
    this.#seq = 0;
    this.#stand("gone");
  }

  receive(type, data) {
    const { people, rooms, typing, seen } = this.#parts;
    switch (type) {
      case WELCOME: return this.#welcome(data);
      case EVENT: return this.#mine(data) && this.#event(data);
      case BATCH: return this.#mine(data) && this.#batch(data);
      case RESET: return this.#mine(data) && this.#reset(data);
      case HEAD: return this.#mine(data) && this.#missed(data);
      case ACK: return this.#acked(data);
      case ERROR: return this.#refused(data);
      case PRESENCE: return this.#mine(data) && people.show(data);
      case ROOMS: return this.#told(data.rooms);
      case MARK: return this.#told([{ id: data.room, read: data.read, unread: data.unread, mentions: data.mentions }]);
      case GONE: return this.#parts.gone(data);
      case TYPERS: return this.#mine(data) && typing.show(data);
      case SEEN: return this.#mine(data) && seen.show(data.marks);
      // Types that a newer server may add are not for us.
    }
  }

  /** A part may bring the message that the numbers are about. */
  #told(parts) {
    this.#parts.rooms.merge(parts.map(({ call, withdrawn, ...part }) => part));
    for (const { id, call, withdrawn = [] } of parts) {
      if (call) this.#parts.background.called(this.#parts.rooms.get(id), call);
      for (const message of withdrawn) this.#parts.withdrawn(message);
    }
    this.#parts.background.counted(parts.filter(({ unread }) => unread !== undefined));
  }

  #mine({ room }) {
    return room === this.#id && this.#stage !== "gone";
  }

  #stand(stage) {
    clearTimeout(this.#timer);
    this.#stage = stage;
    this.#parts.stands(stage);
  }

  #welcome(data) {
    syncClock(data.now);
    this.#parts.welcomed(data);
    this.#parts.background.counted(data.rooms);
    // Of a room that is gone nothing comes that could end the wait.
    if (this.#stage === "gone") this.#parts.feed.caughtUp();
  }

  #batch({ epoch, events, more }) {
    if (epoch !== this.#epoch) return;
    for (const event of events) if (!this.#event(event)) return;
    if (!more) this.#parts.feed.caughtUp();
  }

  #reset({ epoch, head, page }) {
    const { timeline, history, feed, entered, leaving } = this.#parts;
    const left = this.#stage === "entering" ? undefined : leaving();
    this.#epoch = epoch;
    this.#seq = head;
    timeline.clear();
    timeline.prepend(page);
    timeline.jumpToNewest();
    history.more = page.length > 0;
    this.#stand("here");
    entered(left);
    feed.caughtUp();
  }

  /** Applies the next event. False when there is a gap: the connection is made anew and resumes from before it. */
  #event(event) {
    if (event.seq <= this.#seq || !this.here) return true;
    if (event.seq > this.#seq + 1) {
      this.#parts.feed.again();
      return false;
    }
    this.#seq = event.seq;
    if (event.kind === "message") this.#message(event.message);
    else if (CHANGES.has(event.kind)) this.#parts.timeline.change(event);
    if (event.kind !== "message") this.#parts.happened(event);
    this.#parts.looked();
    return true;
  }

  /** The room is at `seq`: when we are not, an event was lost without a sign. Before the resume is answered that is no news. */
  #missed({ epoch, seq }) {
    const { feed } = this.#parts;
    if (feed.state.name === "live" && this.here && epoch === this.#epoch && seq > this.#seq) feed.again();
  }

  /** An ack comes after its event: one that is ahead of us is a sign of loss like any other. */
  #acked(data) {
    const item = this.#parts.outbox.acked(data);
    if (item && item.edits === undefined) this.#parts.slow.spoke(data);
    if (this.#mine(data)) this.#missed({ epoch: this.#epoch, seq: data.seq });
  }

  #refused(error) {
    const { outbox, gone, slow } = this.#parts;
    const item = outbox.refused(error);
    if (item) return slow.refused(item, error);
    if (error.room === undefined) return toast(error.message);
    if (error.room !== this.#id || this.#stage !== "entering") return;
    clearTimeout(this.#timer);
    // The wish stands until it can be granted.
    if (error.retry_after > 0) this.#timer = setTimeout(() => this.#ask(), error.retry_after * 1000);
    else gone({ room: this.#id, why: "not_found" });
  }

  #message(message) {
    const { timeline, outbox, unread, me } = this.#parts;
    if (message.by.id === me().id) {
      const item = timeline.get(message.id) ? null : outbox.claim(message);
      timeline.put(message, item && this.#parts.tail.release(item.nonce));
      return;
    }
    const entry = timeline.put(message);
    if (entry) unread.arrived(entry);
  }
}
