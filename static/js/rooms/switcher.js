// The quick way to a room or a person: Ctrl K, some letters, Enter. A combobox over a list (WAI-ARIA, "editable combobox").

import { clone } from "../ui/templates.js";
import { composes } from "../ui/composing.js";
import { findPeople } from "../people/direct.js";
import { icon } from "../ui/icon.js";
import { match } from "../ui/fuzzy-match.js";
import { Sheet } from "../ui/sheet.js";
import { say } from "../ui/i18n.js";

const MOST = 8;
const PAUSE_MS = 200;
const SIGN = { lobby: "room", public: "hash", private: "lock" };

export class Switcher {
  #sheet = new Sheet("switcher", () => this.#input.value = "");
  #input = document.getElementById("switcher-find");
  #list = document.getElementById("switcher-list");
  #state = document.getElementById("switcher-state");
  #rooms;
  #me;
  #go;
  #write;
  #people = [];
  #at = 0;
  #asked = 0;
  #timer;

  /** `go(id)` opens a room, `write(person)` the direct room with a person. */
  constructor({ rooms, me, go, write }) {
    this.#rooms = rooms;
    this.#me = me;
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
    if (!q || this.#me().kind === "visitor") return;
    this.#timer = setTimeout(async () => {
      // Without an answer the rooms are enough.
      const people = await findPeople(q).catch(() => []);
      if (asked !== this.#asked) return;
      this.#people = people.filter(({ id }) => id !== this.#me().id);
      this.#draw();
    }, PAUSE_MS);
  }

  #found() {
    const q = this.#input.value.trim();
    if (!q) return this.#rooms.own.slice(0, MOST);
    return this.#rooms.own
      .map((view) => [match(q, view.name), view])
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

  #room(view) {
    const option = this.#option(view.name, () => this.#go(view.id));
    const face = view.with?.[0]?.avatar;
    option.firstElementChild.replaceChildren(view.kind === "direct" && face ? Object.assign(new Image(22, 22), { className: "face", src: face, alt: "" }) : icon(SIGN[view.kind] ?? "hash"));
    option.querySelector("small").textContent = view.unread > 0 ? say("unread_wait", { n: view.unread }) : view.archived ? say("archived") : "";
    return option;
  }

  #person(person) {
    const option = this.#option(person.name, () => this.#write(person));
    option.firstElementChild.replaceChildren(Object.assign(new Image(22, 22), { className: "face", src: person.avatar, alt: "" }));
    option.querySelector("small").textContent = say("write");
    return option;
  }

  #option(name, act) {
    const option = clone("option-template");
    option.querySelector(".name").textContent = name;
    option.act = act;
    return option;
  }

  #key(event) {
    if (composes(event)) return;
    const options = this.#options;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Enter") this.#choose(options[this.#at]);
    else if (step && options.length) this.#point((this.#at + step + options.length) % options.length);
    else return;
    event.preventDefault();
  }

  #point(at) {
    const options = this.#options;
    this.#at = Math.min(at, Math.max(0, options.length - 1));
    options.forEach((option, place) => option.setAttribute("aria-selected", String(place === this.#at)));
    const chosen = options[this.#at];
    if (chosen) this.#input.setAttribute("aria-activedescendant", chosen.id);
    else this.#input.removeAttribute("aria-activedescendant");
    chosen?.scrollIntoView({ block: "nearest" });
  }

  #choose(option) {
    if (!option) return;
    this.#sheet.close();
    option.act();
  }
}
