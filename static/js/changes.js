// What a change makes of its message. Pure data. Of two views of one message the one with the greater rev is true, whether it came
// live, with a resume or in a page of history.

/** Changes remembered for history pages that were fetched before them and arrive after. */
const MOST = 500;

/** The view of its message that an edit or a recall gives. */
export function viewOf({ kind, id, seq, at, content, html }) {
  // An edit without words: they have been withdrawn meanwhile, and the recall follows.
  if (kind === "edit" && content) return { id, rev: seq, content, html, edited: at, recalled: undefined };
  return { id, rev: seq, content: "", html: undefined, edited: undefined, recalled: true };
}

/** The newest views of messages that were not in memory when they changed. */
export class Changes {
  #views = new Map();

  remember(view) {
    this.#views.delete(view.id);
    this.#views.set(view.id, view);
    if (this.#views.size > MOST) this.#views.delete(this.#views.keys().next().value);
  }

  /** The message as it is now. */
  upon(message) {
    const view = this.#views.get(message.id);
    return view && view.rev > message.rev ? { ...message, ...view } : { ...message };
  }

  clear() {
    this.#views.clear();
  }
}
