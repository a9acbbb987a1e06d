// @ts-check
// The dialog that begins a direct room: find people, choose, open.

import { clone } from "../ui/templates.js";
import { findPeople, openDirect } from "./direct.js";
import { SearchableList } from "../ui/searchable-list.js";
import { session } from "../state/session.js";
import { Sheet } from "../ui/sheet.js";
import { besideName, names, say } from "../ui/i18n.js";

/** A direct room holds ten, oneself included. */
const MOST = 9;

export class DirectDialog {
  #sheet = new Sheet("direct-dialog", () => this.#clear());
  #finder;
  /** @type {Map<string, Person>} */
  #chosen = new Map();
  #line = document.getElementById("direct-chosen");
  #start;
  #made;

  /** `made(room)` takes the room.
   *  @param {{ made: (room: RoomView) => void }} parts */
  constructor({ made }) {
    this.#made = made;
    this.#start = this.#sheet.find(".primary");
    this.#start.onclick = () => this.#go();
    this.#finder = new SearchableList({
      input: document.getElementById("direct-find"), list: document.getElementById("direct-list"), state: document.getElementById("direct-state"),
      ask: async (q) => ({ items: (await findPeople(q)).filter(({ id }) => id !== session.me.id) }),
      row: (person) => this.#row(person),
      nothing: (q) => q && say("nobody_found"),
    });
  }

  open() {
    this.#sheet.open();
    this.#show();
    this.#finder.begin();
  }

  #clear() {
    this.#chosen.clear();
    this.#finder.clear();
  }

  /** @param {Person} person */
  #row(person) {
    const row = clone("choice-template");
    const button = row.querySelector("button");
    row.querySelector(".face").src = person.avatar;
    row.querySelector(".dot").className = `dot ${person.here ?? "off"}`;
    row.querySelector(".name").textContent = person.name;
    row.querySelector("small").textContent = besideName(person);
    button.setAttribute("aria-pressed", String(this.#chosen.has(person.id)));
    button.onclick = () => {
      if (!this.#chosen.delete(person.id) && this.#chosen.size < MOST) this.#chosen.set(person.id, person);
      button.setAttribute("aria-pressed", String(this.#chosen.has(person.id)));
      this.#show();
    };
    return row;
  }

  #show() {
    this.#line.textContent = this.#chosen.size ? say("talk_with", { names: names([...this.#chosen.values()]) }) : say("choose_people");
    this.#start.disabled = this.#chosen.size === 0;
  }

  #go() {
    return openDirect([...this.#chosen.keys()], (room) => {
      this.#sheet.close();
      this.#made(room);
    });
  }
}
