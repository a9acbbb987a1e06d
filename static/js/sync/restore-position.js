// Where a reader stands once a room's messages have come: where he left off, at the message that he goes to, or where he was.

export class Arrival {
  #parts;

  /** parts: room, timeline, scroll, unread, jump, visit, happenings; `view()` is the open room's view, `keeps()` whether the server keeps how far I
   *  have read in it, `arrived()` hears when the roll stands. */
  constructor(parts) {
    this.#parts = parts;
  }

  /** Where he is in a room that will be told anew. */
  leaving() {
    const { room, scroll } = this.#parts;
    return { seq: room.seq, place: scroll.place };
  }

  /** The newest messages are here; `left` says where he was when he did not go there, but has only been away. */
  async entered(left) {
    const { room, timeline, unread, jump, visit, happenings, view, keeps, arrived } = this.#parts;
    const { id } = room;
    happenings.entered();
    unread.entering();
    // Of whom the server keeps no mark, he has read what he had here.
    const kept = keeps() || !left;
    const read = kept ? view().read ?? Infinity : left.seq;
    let whole = timeline.reaches(read) || (kept && !view().unread);
    if (!whole && !left?.place && !visit.bound) whole = await jump.since(read);
    if (room.id !== id || !room.here) return;
    unread.entered(read, whole);
    arrived();
    if (left?.place) jump.back(left.place);
    else visit.entered();
  }
}
