// Up to where I have read, as the server keeps it: at the newest end all that stands before my eyes, further up what has left above.

import { READ } from "../net/socket.js";
import { covered } from "../ui/viewport.js";

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
    if (this.#timer) this.#tell();
    this.#held = false;
  }

  /** Something came, or came into sight. */
  look() {
    if (this.#timer || !this.#mayTell) return;
    this.#timer = setTimeout(() => this.#tell(), Math.max(0, this.#sent + PACE_MS - Date.now()));
  }

  /** This one and what follows shall be new again, here and on all my devices. */
  unreadFrom({ seq }) {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#held = true;
    this.#feed.send(READ, { room: this.#room.id, seq: seq - 1, unread: true });
  }

  get #mayTell() {
    const { id, seq, here } = this.#room;
    const seen = here && !this.#held && !document.hidden && !covered() && !this.#scroll.going;
    return seen && this.#keeps() && seq > this.#rooms.get(id).read;
  }

  /** The seq up to which he has read now. */
  get #reached() {
    if (this.#scroll.stuck) return this.#room.seq;
    const { read } = this.#rooms.get(this.#room.id);
    const { id } = this.#scroll.place ?? {};
    // Who jumps over something has not read it.
    return id !== undefined && this.#timeline.reaches(read) ? this.#timeline.before(id) : read;
  }

  #tell() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!this.#mayTell) return;
    const { id, seq } = this.#room;
    const reached = this.#reached;
    if (reached <= this.#rooms.get(id).read || !this.#feed.send(READ, { room: id, seq: reached })) return;
    this.#sent = Date.now();
    this.#rooms.merge([reached === seq ? { id, read: seq, unread: 0, mentions: 0 } : { id, read: reached }]);
  }
}
