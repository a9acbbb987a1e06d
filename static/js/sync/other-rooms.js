// @ts-check
// Updates of rooms that are not open, and from the reader's other devices.

import { session } from "../state/session.js";
import { blank, isOwn } from "../state/rooms.js";

export class OtherRooms {
  #app;

  /** @param {App} app */
  constructor(app) {
    this.#app = app;
  }

  /** Something was said in a room that is not open.
   *  @param {RoomView} where
   *  @param {RoomCall} what1 */
  notify(where, { id, by, text, file, at, mention }) {
    const files = file && [{ kind: file }];
    this.#app.notifier.arrived({ room: where, message: { id, seq: where.head, by, at, content: text, files }, mention, direct: where.kind === "direct" });
  }

  /** So much is unread in these rooms, whichever device has read. Where no mark is kept for me the server does not know.
   *  @param {Pick<RoomPart, "id" | "read" | "unread">[]} views */
  unreadChanged(views) {
    if (session.isVisitor) return;
    const kept = views.filter(({ id }) => isOwn(this.#app.rooms.get(id) ?? blank(id)));
    this.#app.notifier.read(kept);
    const here = kept.find(({ id }) => id === this.#app.room.id);
    if (here) this.#app.unread.read(here.unread);
  }

  /** Counts what waits in the other rooms. */
  countUnread() {
    const others = this.#app.rooms.own.filter(({ id, notify }) => id !== this.#app.room.id && notify !== "none");
    this.#app.unread.elsewhere = this.#app.router.showUnread(others);
  }
}
