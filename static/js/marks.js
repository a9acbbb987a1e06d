// Up to where I have read, as the server keeps it: what stands at the newest end before my eyes is read.

import { READ } from "./feed.js";

/** A mark goes out at most this often. */
const PACE_MS = 1_000;

export class Marks {
  #feed;
  #rooms;
  #room;
  #scroll;
  #timeline;
  #keeps;
  #timer;
  #sent = 0;
  /** Marked unread by hand: nothing here is read again before the room is entered anew. */
  #held = false;

  /** `keeps()`: the server keeps a mark of the open room for me. */
  constructor({ feed, rooms, room, scroll, timeline, keeps }) {
    this.#keeps = keeps;
    this.#feed = feed;
    this.#rooms = rooms;
    this.#room = room;
    this.#scroll = scroll;
    this.#timeline = timeline;
    document.addEventListener("visibilitychange", () => this.look());
  }

  leave() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#held = false;
  }

  /** Something came, or came into sight. */
  look() {
    if (this.#timer || !this.#news) return;
    this.#timer = setTimeout(() => this.#tell(), Math.max(0, this.#sent + PACE_MS - Date.now()));
  }

  /** This one and what follows shall be new again, here and on all my devices. */
  unreadFrom({ seq }) {
    this.leave();
    this.#held = true;
    this.#feed.send(READ, { room: this.#room.id, seq: seq - 1, unread: true });
  }

  get #news() {
    const { id, seq, here } = this.#room;
    const seen = here && !this.#held && !document.hidden && !this.#scroll.going && this.#scroll.stuck && !this.#timeline.torn;
    return seen && this.#keeps() && seq > this.#rooms.get(id).read;
  }

  #tell() {
    this.#timer = undefined;
    const { id, seq } = this.#room;
    if (!this.#news || !this.#feed.send(READ, { room: id, seq })) return;
    this.#sent = Date.now();
    this.#rooms.merge([{ id, read: seq, unread: 0, mentions: 0 }]);
  }
}
