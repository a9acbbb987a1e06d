// @ts-check
// The rooms that this person knows of, each as the server last told it. Pure data: who wants to know of a change is told.

export const LOBBY = 1;

/** What a view leaves open that came in part. */
/** @type {Partial<RoomView>} */
const PLAIN = {
  kind: "public", name: "", topic: "", notice: "", read_only: false, mute_all: false, slow: 0, archived: false, open_to_site: false,
  members: 0, role: null, may: [], at: null, unread: 0, mentions: 0, notify: null, favourite: false,
};

/** Settings come whole: what they do not say is not so. */
const UNSAID = { open_to_site: false };

/** A room of which nothing is known yet.
 *  @returns {RoomView}
 *  @param {number} id */
export function blank(id) {
  return /** @type {RoomView} */ ({ ...PLAIN, id });
}

/** Whether it stands among my rooms; a public one may be looked at from outside.
 *  @param {Pick<RoomView, "kind" | "role">} roomView */
export function isOwn({ kind, role }) {
  return role !== "banned" && (kind === "lobby" || role !== null);
}

/** What the sidebar shows in each of its sections, in order: what shall not disturb stands last in its own.
 *  @param {RoomView[]} views */
export function railSections(views) {
  const ordered = [...views].sort((a, b) => Number(a.notify === "none") - Number(b.notify === "none"));
  const others = ordered.filter(({ favourite }) => !favourite);
  return {
    favourites: ordered.filter(({ favourite }) => favourite),
    rooms: others.filter(({ kind }) => kind !== "direct"),
    direct: others.filter(({ kind }) => kind === "direct"),
  };
}

/** The address of a room's page, or of one of its messages.
 *  @param {number} id
 *  @param {Entry["id"]} [message] */
export function pathOf(id, message) {
  if (message !== undefined) return `/rooms/${id}/${message}`;
  return id === LOBBY ? "/" : `/rooms/${id}`;
}

/** A link to a message, good for everybody who may read it.
 *  @param {number} room
 *  @param {Entry["id"]} id */
export function permalink(room, id) {
  return location.origin + pathOf(room, id);
}

/** The room of an address of this page; whoever comes with an invitation stands in the lobby first.
 *  @param {string} path */
export function roomOf(path) {
  const [, id] = /^\/rooms\/(\d+)(?:\/\d+)?$/.exec(path) ?? [];
  if (id !== undefined) return Number(id);
  return path === "/" || path === "/password" || path.startsWith("/join/") ? LOBBY : undefined;
}

/** The message of an address of this page, whether it says in which room or not.
 *  @param {string} path */
export function messageOf(path) {
  const [, id] = /^\/(?:rooms\/\d+|m)\/(\d+)$/.exec(path) ?? [];
  return id === undefined ? undefined : Number(id);
}

/** Both are plain data, with their parts in the server's order.
 *  @param {unknown} before
 *  @param {unknown} after */
function same(before, after) {
  return JSON.stringify(before) === JSON.stringify(after);
}

export class Rooms {
  /** @type {Map<number, RoomView>} */
  #views = new Map();
  #changed;

  /** `changed(view, before)` hears of each; without a view it is gone, without a before it is new.
   *  @param {{ views: RoomView[], changed: (view: RoomView | undefined, before?: RoomView) => void }} parts */
  constructor({ views, changed }) {
    this.#changed = changed;
    for (const view of views) this.#views.set(view.id, { ...PLAIN, ...view });
  }

  /** @param {number} id */
  get(id) {
    return this.#views.get(id);
  }

  /** My rooms: the lobby first, then those where something was said last. */
  get own() {
    const first = (/** @type {RoomView} */ { id, at }) => (id === LOBBY ? Infinity : at ?? 0);
    return [...this.#views.values()].filter(isOwn).sort((a, b) => first(b) - first(a) || a.id - b.id);
  }

  /** @param {RoomPart[]} views */
  merge(views) {
    for (const view of views) {
      const before = this.#views.get(view.id);
      const after = { ...PLAIN, ...before, ...("archived" in view && UNSAID), ...view };
      if (before && same(before, after)) continue;
      this.#views.set(view.id, after);
      this.#changed(after, before);
    }
  }

  /** All of mine at once; what I only look at stays.
   *  @param {RoomView[]} views */
  replace(views) {
    const told = new Set(views.map(({ id }) => id));
    for (const view of this.own) if (!told.has(view.id)) this.drop(view.id);
    this.merge(views);
  }

  /** @param {number} id */
  drop(id) {
    const before = this.#views.get(id);
    if (this.#views.delete(id)) this.#changed(undefined, before);
  }
}
