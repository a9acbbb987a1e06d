// @ts-check
// Up to where I have read, as the server keeps it: at the newest end all that stands before my eyes, further up what has left above.

import { READ } from "../net/socket.js";
import { isRoomListShown } from "../ui/viewport.js";

/** A mark goes out at most this often. */
const PACE_MS = 1_000;

export class ReadMarker {
  #connection;
  #rooms;
  #room;
  #scroll;
  #timeline;
  /** @type {number | undefined} */
  #timer;
  #sent = 0;
  /** Marked unread by hand: nothing here is read again before the room is entered anew. */
  #held = false;

  /** @param {Pick<App, "connection" | "rooms" | "room" | "scroll" | "timeline">} parts */
  constructor({ connection, rooms, room, scroll, timeline }) {
    this.#connection = connection;
    this.#rooms = rooms;
    this.#room = room;
    this.#scroll = scroll;
    this.#timeline = timeline;
    document.addEventListener("visibilitychange", () => this.update());
  }

  leave() {
    if (this.#timer) this.#send();
    this.#held = false;
  }

  /** Something came, or came into sight. */
  update() {
    if (this.#timer || !this.#maySend) return;
    this.#timer = setTimeout(() => this.#send(), Math.max(0, this.#sent + PACE_MS - Date.now()));
  }

  /** This one and what follows shall be new again, here and on all my devices.
   *  @param {Entry} entry */
  unreadFrom({ seq }) {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#held = true;
    this.#connection.send(READ, { room: this.#room.id, seq: seq - 1, unread: true });
  }

  get #maySend() {
    const { id, seq, ready } = this.#room;
    const seen = ready && !this.#held && !document.hidden && !isRoomListShown() && !this.#scroll.jumping;
    return seen && this.#room.keepsReadMarker && seq > this.#rooms.get(id).read;
  }

  /** The seq up to which I have read now. */
  get #reached() {
    if (this.#scroll.atNewest) return this.#room.seq;
    const { read } = this.#rooms.get(this.#room.id);
    const { id } = this.#scroll.place ?? {};
    // Who jumps over something has not read it.
    return id !== undefined && this.#timeline.reaches(read) ? this.#timeline.before(id) : read;
  }

  #send() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!this.#maySend) return;
    const { id, seq } = this.#room;
    const reached = this.#reached;
    if (reached <= this.#rooms.get(id).read || !this.#connection.send(READ, { room: id, seq: reached })) return;
    this.#sent = Date.now();
    this.#rooms.merge([reached === seq ? { id, read: seq, unread: 0, mentions: 0 } : { id, read: reached }]);
  }
}
