// Up to where the others have read, in a small room: their faces at the last message that each has seen.

import { names, say } from "./words.js";

/** More faces than this are a number. */
const MOST = 4;

export class Seen {
  #timeline;
  #who;
  #me;
  #marks = [];
  #drawn = [];

  /** `who(id)` is a person of the room, as far as one is known. */
  constructor({ timeline, who, me }) {
    this.#timeline = timeline;
    this.#who = who;
    this.#me = me;
  }

  show(marks) {
    this.#marks = marks;
    this.draw();
  }

  leave() {
    this.#marks = [];
    this.#drawn = [];
  }

  /** Puts the faces where they belong now: a mark has moved, or the roll has. */
  draw() {
    for (const row of this.#drawn.splice(0)) row.remove();
    const byMessage = new Map();
    for (const { id, seq } of this.#marks) {
      const person = id === this.#me().id ? undefined : this.#who(id);
      const entry = person && this.#timeline.upTo(seq);
      if (entry?.li) byMessage.set(entry, [...(byMessage.get(entry) ?? []), person]);
    }
    for (const [entry, people] of byMessage) {
      const row = faces(people);
      this.#drawn.push(row);
      entry.li.append(row);
    }
  }
}

function faces(people) {
  const row = document.createElement("p");
  row.className = "seen";
  row.title = say("seen_by", { names: names(people) });
  for (const { avatar } of people.slice(0, MOST)) row.append(Object.assign(new Image(16, 16), { className: "face", src: avatar, alt: "" }));
  if (people.length > MOST) row.append(`+${people.length - MOST}`);
  row.append(Object.assign(document.createElement("span"), { className: "hush", textContent: row.title }));
  return row;
}
