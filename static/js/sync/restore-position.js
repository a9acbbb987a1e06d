// @ts-check
// Where a reader stands once a room's messages have come: where they left off, at the message that they go to, or where they were.

export class RestorePosition {
  #app;

  /** @param {App} app */
  constructor(app) {
    this.#app = app;
  }

  /** Where they are in a room that will be told anew. */
  leaving() {
    const { room, scroll } = this.#app;
    return { seq: room.seq, place: scroll.place };
  }

  /** The newest messages are here; `left` says where they were when they did not go there, but have only been away.
   *  @param {{ seq: number, place?: Place } | undefined} left */
  async entered(left) {
    const { room, timeline, unread, jump, router, systemMessages } = this.#app;
    const { id } = room;
    systemMessages.entered();
    unread.entering();
    // Of whom the server keeps no mark, they have read what they had here.
    const kept = room.keepsReadMarker || !left;
    const read = kept ? room.view.read ?? Infinity : left.seq;
    let whole = timeline.reaches(read) || (kept && !room.view.unread);
    if (!whole && !left?.place && !router.hasTarget) whole = Boolean(await jump.since(read));
    if (room.id !== id || !room.ready) return;
    unread.entered(read, whole);
    this.#app.messagesChanged();
    if (left?.place) jump.back(left.place);
    else router.entered();
  }
}
