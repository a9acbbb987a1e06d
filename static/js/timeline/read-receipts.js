// @ts-check
// Up to where the others have read, in a small room: their faces at the last message that each has seen.

import { session } from "../state/session.js";
import { names, say } from "../ui/i18n.js";

/** The margin has room for so many faces; of more it shows one, and how many are behind it. */
const MOST = 3;

export class ReadReceipts {
  #timeline;
  #who;
  /** @type {SeenMark[]} */
  #marks = [];
  /** The rows of faces, by the message that they stand at.
   *  @type {Map<Entry, { key: string, row: HTMLElement }>} */
  #drawn = new Map();

  /** `who(id)` is a person of the room, as far as one is known.
   *  @param {Pick<App, "timeline"> & { who: (id: string) => Person | undefined }} parts */
  constructor({ timeline, who }) {
    this.#timeline = timeline;
    this.#who = who;
  }

  /** @param {SeenMark[]} marks */
  show(marks) {
    this.#marks = marks;
    this.draw();
  }

  leave() {
    this.#marks = [];
    this.#drawn.clear();
  }

  /** Puts the faces where they belong now: a mark has moved, or the timeline has. Where the same ones stand they are left alone. */
  draw() {
    /** @type {Map<Entry, Person[]>} */
    const byMessage = new Map();
    for (const { id, seq } of this.#marks) {
      const person = id === session.me.id ? undefined : this.#who(id);
      // A bot says, and reads nothing.
      const entry = person && !person.bot && this.#timeline.upTo(seq);
      if (entry?.li) byMessage.set(entry, [...(byMessage.get(entry) ?? []), person]);
    }
    const before = this.#drawn;
    this.#drawn = new Map();
    for (const [entry, people] of byMessage) {
      const key = people.map(({ id, name, avatar }) => `${id} ${name} ${avatar}`).join("\n");
      const known = before.get(entry);
      const same = known?.key === key && known.row.parentNode === entry.li;
      const row = same ? known.row : faces(people);
      if (same) before.delete(entry);
      else entry.li.append(row);
      this.#drawn.set(entry, { key, row });
    }
    for (const { row } of before.values()) row.remove();
  }
}

/** @param {Person[]} people */
function faces(people) {
  const row = document.createElement("p");
  row.className = "seen";
  // Who has read is seen by whoever looks for it: it is no news to be read out.
  row.ariaLive = "off";
  row.title = say("seen_by", { names: names(people) });
  const shown = people.length > MOST ? 1 : people.length;
  for (const { avatar } of people.slice(0, shown)) row.append(Object.assign(new Image(16, 16), { className: "face", src: avatar, alt: "" }));
  if (people.length > shown) row.append(Object.assign(document.createElement("b"), { textContent: `+${people.length - shown}` }));
  row.append(Object.assign(document.createElement("span"), { className: "hush", textContent: row.title }));
  return row;
}
