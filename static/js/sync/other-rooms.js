// What goes on in the rooms that are not open, and on the reader's other devices: who is told of it, and what counts.

import { blank, isOwn } from "../state/rooms.js";

export class Background {
  #rooms;
  #room;
  #me;
  #notifier;
  #unread;
  #waits;

  /** `waits(rooms)` gives how many wait in them, and shows it where only the open room is in sight. */
  constructor({ rooms, room, me, notifier, unread, waits }) {
    this.#waits = waits;
    this.#rooms = rooms;
    this.#room = room;
    this.#me = me;
    this.#notifier = notifier;
    this.#unread = unread;
  }

  /** Something was said in a room that is not open. */
  called(where, { id, by, text, at, mention }) {
    this.#notifier.arrived({ room: where, message: { id, seq: where.head, by, at, content: text }, mention, direct: where.kind === "direct" });
  }

  /** So much is unread in these rooms, whichever device has read. Where no mark is kept for me the server does not know. */
  counted(views) {
    if (this.#me().kind !== "user") return;
    const kept = views.filter(({ id }) => isOwn(this.#rooms.get(id) ?? blank(id)));
    this.#notifier.read(kept);
    const here = kept.find(({ id }) => id === this.#room.id);
    if (here) this.#unread.read(here.unread);
  }

  /** Counts what waits in the other rooms. */
  count() {
    const others = this.#rooms.own.filter(({ id, notify }) => id !== this.#room.id && notify !== "none");
    this.#unread.elsewhere = this.#waits(others);
  }
}
