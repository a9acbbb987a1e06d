// The rooms that this person knows of, each as the server last told it. Pure data: who wants to know of a change is told.

export const LOBBY = 1;

/** What a view leaves open that came in part. */
const PLAIN = {
  kind: "public", name: "", topic: "", notice: "", read_only: false, mute_all: false, slow: 0, archived: false,
  members: 0, role: null, may: [], at: null, unread: 0, mentions: 0, notify: null,
};

/** A room of which nothing is known yet. */
export function blank(id) {
  return { ...PLAIN, id };
}

/** Whether it stands among his rooms; a public one may be looked at from outside. */
export function isOwn({ kind, role }) {
  return role !== "banned" && (kind === "lobby" || role !== null);
}

/** The address of a room's page, or of one of its messages. */
export function pathOf(id, message) {
  if (message !== undefined) return `/rooms/${id}/${message}`;
  return id === LOBBY ? "/" : `/rooms/${id}`;
}

/** A link to a message, good for everybody who may read it. */
export function permalink(room, id) {
  return location.origin + pathOf(room, id);
}

/** The room of an address of this page; whoever comes with an invitation stands in the lobby first. */
export function roomOf(path) {
  const [, id] = /^\/rooms\/(\d+)(?:\/\d+)?$/.exec(path) ?? [];
  if (id !== undefined) return Number(id);
  return path === "/" || path === "/password" || path.startsWith("/join/") ? LOBBY : undefined;
}

/** The message of an address of this page, whether it says in which room or not. */
export function messageOf(path) {
  const [, id] = /^\/(?:rooms\/\d+|m)\/(\d+)$/.exec(path) ?? [];
  return id === undefined ? undefined : Number(id);
}

/** Both are plain data, with their parts in the server's order. */
function same(before, after) {
  return JSON.stringify(before) === JSON.stringify(after);
}

export class Rooms {
  #views = new Map();
  #changed;

  /** `changed(view, before)` hears of each; without a view it is gone, without a before it is new. */
  constructor({ views, changed }) {
    this.#changed = changed;
    for (const view of views) this.#views.set(view.id, { ...PLAIN, ...view });
  }

  get(id) {
    return this.#views.get(id);
  }

  /** His rooms: the lobby first, then those where something was said last. */
  get own() {
    const first = ({ id, at }) => (id === LOBBY ? Infinity : at ?? 0);
    return [...this.#views.values()].filter(isOwn).sort((a, b) => first(b) - first(a) || a.id - b.id);
  }

  merge(views) {
    for (const view of views) {
      const before = this.#views.get(view.id);
      const after = { ...PLAIN, ...before, ...view };
      if (before && same(before, after)) continue;
      this.#views.set(view.id, after);
      this.#changed(after, before);
    }
  }

  /** All of his at once; what he only looks at stays. */
  replace(views) {
    const told = new Set(views.map(({ id }) => id));
    for (const view of this.own) if (!told.has(view.id)) this.drop(view.id);
    this.merge(views);
  }

  drop(id) {
    const before = this.#views.get(id);
    if (this.#views.delete(id)) this.#changed(undefined, before);
  }
}
