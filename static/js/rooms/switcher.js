// @ts-check
// The quick switcher: Ctrl K, some letters, Enter. A combobox over a list (WAI-ARIA, "editable combobox").

import { clone, icon } from "../ui/templates.js";
import { isComposingKey } from "../ui/keyboard.js";
import { findPeople } from "../people/direct.js";
import { Sheet } from "../ui/sheet.js";
import { session } from "../state/session.js";
import { say } from "../ui/i18n.js";

const MOST = 8;
const PAUSE_MS = 200;
/** @type {Record<string, string>} */
const SIGN = { lobby: "room", public: "hash", private: "lock" };

export class Switcher {
  #sheet = new Sheet("switcher", () => this.#input.value = "");
  #input = document.getElementById("switcher-find");
  #list = document.getElementById("switcher-list");
  #state = document.getElementById("switcher-state");
  #rooms;
  #go;
  #write;
  /** @type {Person[]} */
  #people = [];
  #at = 0;
  /** What each option does.
   *  @type {WeakMap<Element, () => void>} */
  #acts = new WeakMap();
  #asked = 0;
  /** @type {number | undefined} */
  #timer;

  /** `go(id)` opens a room, `write(person)` the direct room with a person.
   *  @param {Pick<App, "rooms"> & { go: (id: number) => void, write: App["writeTo"] }} parts */
  constructor({ rooms, go, write }) {
    this.#rooms = rooms;
    this.#go = go;
    this.#write = write;
    this.#input.addEventListener("input", () => this.#changed());
    this.#input.addEventListener("keydown", (event) => this.#key(event));
    this.#list.addEventListener("click", ({ target }) => this.#choose(target.closest("[role=option]")));
  }

  open() {
    this.#sheet.open();
    this.#input.focus();
    this.#changed();
  }

  get #options() {
    return [...this.#list.querySelectorAll("[role=option]")];
  }

  #changed() {
    const q = this.#input.value.trim();
    this.#people = [];
    this.#at = 0;
    this.#draw();
    clearTimeout(this.#timer);
    const asked = ++this.#asked;
    if (!q || session.isVisitor) return;
    this.#timer = setTimeout(async () => {
      // Without an answer the rooms are enough.
      const people = await findPeople(q).catch(/** @returns {Person[]} */ () => []);
      if (asked !== this.#asked) return;
      this.#people = people.filter(({ id }) => id !== session.me.id);
      this.#draw();
    }, PAUSE_MS);
  }

  #found() {
    const q = this.#input.value.trim();
    if (!q) return this.#rooms.own.slice(0, MOST);
    return this.#rooms.own
      .map((view) => /** @type {[number, RoomView]} */ ([match(q, view.name), view]))
      .filter(([fit]) => fit > 0)
      .sort(([a], [b]) => b - a)
      .slice(0, MOST)
      .map(([, view]) => view);
  }

  #draw() {
    const rooms = this.#found();
    this.#list.replaceChildren(
      ...this.#group("rooms", rooms.map((view) => this.#room(view))),
      ...this.#group("people_found", this.#people.slice(0, MOST).map((person) => this.#person(person))),
    );
    this.#options.forEach((option, place) => { option.id = `option-${place}`; });
    this.#state.textContent = this.#options.length ? "" : say("nothing_found");
    this.#point(this.#at);
  }

  /** @param {string} name
   *  @param {HTMLElement[]} options */
  #group(name, options) {
    if (!options.length) return [];
    const group = document.createElement("ul");
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", say(name));
    const title = Object.assign(document.createElement("li"), { className: "group", textContent: say(name) });
    title.setAttribute("role", "presentation");
    group.append(title, ...options);
    return [group];
  }

  /** @param {RoomView} view */
  #room(view) {
    const option = this.#option(view.name, () => this.#go(view.id));
    const face = view.with?.[0]?.avatar;
    option.firstElementChild.replaceChildren(view.kind === "direct" && face ? Object.assign(new Image(22, 22), { className: "face", src: face, alt: "" }) : icon(SIGN[view.kind] ?? "hash"));
    option.querySelector("small").textContent = view.unread > 0 ? say("unread_wait", { n: view.unread }) : view.archived ? say("archived") : "";
    return option;
  }

  /** @param {Person} person */
  #person(person) {
    const option = this.#option(person.name, () => this.#write(person));
    option.firstElementChild.replaceChildren(Object.assign(new Image(22, 22), { className: "face", src: person.avatar, alt: "" }));
    option.querySelector("small").textContent = say("write");
    return option;
  }

  /** @param {string} name
   *  @param {() => void} act */
  #option(name, act) {
    const option = clone("option-template");
    option.querySelector(".name").textContent = name;
    this.#acts.set(option, act);
    return option;
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (isComposingKey(event)) return;
    const options = this.#options;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Enter") this.#choose(options[this.#at]);
    else if (step && options.length) this.#point((this.#at + step + options.length) % options.length);
    else return;
    event.preventDefault();
  }

  /** @param {number} at */
  #point(at) {
    const options = this.#options;
    this.#at = Math.min(at, Math.max(0, options.length - 1));
    options.forEach((option, place) => option.setAttribute("aria-selected", String(place === this.#at)));
    const chosen = options[this.#at];
    if (chosen) this.#input.setAttribute("aria-activedescendant", chosen.id);
    else this.#input.removeAttribute("aria-activedescendant");
    chosen?.scrollIntoView({ block: "nearest" });
  }

  /** @param {HTMLElement | null | undefined} option */
  #choose(option) {
    if (!option) return;
    this.#sheet.close();
    this.#acts.get(option)();
  }
}

/** How well a few letters fit a name: all of them, in order, best at the beginning and side by side. 0 is not at all.
 *  @param {string} letters
 *  @param {string} name */
export function match(letters, name) {
  const wanted = [...letters.toLowerCase()].filter((letter) => letter.trim());
  const there = [...name.toLowerCase()];
  let fit = 0, from = 0, last = -2;
  for (const letter of wanted) {
    const at = there.indexOf(letter, from);
    if (at < 0) return 0;
    fit += 1 + (at === last + 1 ? 2 : 0) + (at === 0 || !/[\p{L}\p{N}]/u.test(there[at - 1]) ? 3 : 0);
    last = at;
    from = at + 1;
  }
  return fit / (1 + there.length / 100);
}
