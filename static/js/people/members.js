// @ts-check
// The members of the open room: fetched a page at a time when they are looked at, grouped by role and by who is here, and kept true
// by presence and by the room's events. In the lobby everybody is: there it is who may not talk or come in, for those who may lift that.

import { call } from "../net/api.js";
import { clone } from "../ui/templates.js";
import { updateKeyedList } from "../ui/keyed-list.js";
import { session } from "../state/session.js";
import { besideName, personName, say } from "../ui/i18n.js";

/** A longer list can be searched. */
const LONG = 20;
const PAUSE_MS = 200;
const HERE = new Set(["on", "idle"]);
/** In the order in which they stand in the list. */
const GROUPS = ["owner", "admin", "here", "looking", "away", "muted", "banned"];

export class Members {
  #panel = document.getElementById("members");
  #groups = document.getElementById("member-groups");
  #find = document.getElementById("find-member");
  #more = document.getElementById("more-members");
  #state = document.getElementById("members-state");
  #order = new Intl.Collator(document.documentElement.lang);
  #menu;
  #loaded;
  /** @type {RoomView | null} */
  #view = null;
  /** @type {Map<string, Person>} */
  #people = new Map();
  /** @type {Map<string, Person> | undefined} */
  #present;
  /** @type {string | undefined} */
  #next;
  #life = 0;
  #wanted = false;
  /** @type {number | undefined} */
  #timer;

  /** `menu` is what a person can be asked; `loaded()` hears when people have become known.
   *  @param {{ menu: PersonMenu, loaded: () => void }} parts */
  constructor({ menu, loaded }) {
    this.#menu = menu;
    this.#loaded = loaded;
    this.#more.onclick = () => this.#fetch();
    this.#find.addEventListener("input", () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#again(), PAUSE_MS);
    });
  }

  /** @param {string} id */
  get(id) {
    return this.#people.get(id);
  }

  /** Those that have been fetched and may talk here. */
  get known() {
    return [...this.#people.values()].filter(({ role }) => role !== "banned");
  }

  /** Null: this room's list is another one.
   *  @param {RoomView | null} view */
  enter(view) {
    this.#view = view;
    this.#panel.hidden = !view || this.#lobby;
    this.#panel.classList.toggle("some", this.#lobby);
    this.#find.value = "";
    this.#find.hidden = true;
    this.#present = undefined;
    this.#forget();
  }

  /** @param {RoomView} view */
  update(view) {
    if (!this.#view) return;
    this.#view = view;
    this.#draw();
  }

  /** Somebody looks at the list, or wants to know a face. */
  load() {
    if (!this.#view || this.#wanted) return;
    this.#wanted = true;
    this.#fetch();
  }

  /** Who is here now, all of them; of a crowd nobody is named.
   *  @param {Person[] | undefined} who */
  present(who) {
    this.#present = who && new Map(who.map((person) => [person.id, person]));
    if (!who) return;
    for (const person of this.#people.values()) this.#place(person);
    this.#draw();
  }

  /** A member has come, gone, or become another.
   *  @param {MembershipEvent} what */
  membershipChanged({ kind, by, who, role }) {
    if (!this.#view || !this.#wanted) return;
    const former = kind === "transfer" && this.#people.get(by.id);
    if (former) former.role = "admin";
    if (role === null || (role === "banned" && !this.#moderator) || (role === "member" && this.#lobby)) this.#people.delete(who.id);
    else this.#people.set(who.id, this.#place({ ...this.#people.get(who.id), ...who, role, here: "off" }));
    this.#draw();
  }

  /** Whether a member is here, and from where, is told by the room: a list that was fetched is older than it. Of a crowd only the list tells.
   *  @param {Person} person */
  #place(person) {
    if (!this.#present) return person;
    const present = this.#present.get(person.id);
    return Object.assign(person, { here: present?.here ?? "off", place: present?.place ?? "" });
  }

  get #lobby() {
    return this.#view?.kind === "lobby";
  }

  get #moderator() {
    return this.#view.may.includes("moderate");
  }

  #forget() {
    this.#life += 1;
    this.#people.clear();
    this.#next = undefined;
    this.#wanted = false;
    for (const name of GROUPS) this.#group(name, []);
    this.#say("");
  }

  /** Another search: what was found before is no answer to it. */
  #again() {
    this.#forget();
    this.load();
  }

  async #fetch() {
    const life = this.#life;
    this.#more.hidden = true;
    if (!this.#people.size) this.#say(say("loading_members"));
    const query = new URLSearchParams({ q: this.#find.value.trim(), after: this.#next ?? "" });
    for (const [name, value] of [...query]) if (!value) query.delete(name);
    try {
      const { members, next, total } = await call("GET", `rooms/${this.#view.id}/members?${query}`);
      if (life !== this.#life) return;
      for (const person of members) this.#people.set(person.id, this.#place(person));
      this.#next = next ?? undefined;
      if (total > LONG) this.#find.hidden = false;
      this.#say(members.length || this.#people.size || this.#lobby ? "" : say("nobody_found"));
      this.#draw();
      this.#loaded();
    } catch (error) {
      if (life !== this.#life) return;
      this.#wanted = false;
      this.#say(error.message);
    }
  }

  /** @param {string} text */
  #say(text) {
    this.#state.textContent = text;
    this.#state.hidden = !text;
    this.#more.hidden = true;
  }

  #draw() {
    if (!this.#view || !this.#wanted) return;
    const groups = Object.fromEntries(GROUPS.map((name) => [name, /** @type {Person[]} */ ([])]));
    for (const person of this.#people.values()) {
      const { role, here } = person;
      groups[this.#lobby || (role in groups && role !== "muted") ? role : HERE.has(here) ? "here" : "away"].push(person);
    }
    if (this.#lobby) this.#panel.hidden = this.#people.size === 0;
    else if (!this.#find.value) for (const person of this.#strangers()) groups[this.#next === undefined ? "looking" : "here"].push(person);
    for (const name of GROUPS) this.#group(name, groups[name]);
    this.#more.hidden = this.#next === undefined;
  }

  /** Who is here and not among the members that have been fetched. */
  #strangers() {
    return [...(this.#present?.values() ?? [])].filter(({ id }) => !this.#people.has(id));
  }

  /** @param {string} name
   *  @param {Person[]} people */
  #group(name, people) {
    const section = this.#groups.querySelector(`:scope > .${name}`);
    section.hidden = people.length === 0;
    section.firstElementChild.textContent = `${say(`group_${name}`)} · ${people.length}`;
    const sorted = people.sort((a, b) => this.#order.compare(a.name, b.name));
    updateKeyedList(/** @type {HTMLElement} */ (section.lastElementChild), sorted, () => clone("person-template"), (row, person) => this.#fillRow(row, person));
  }

  /** @param {HTMLElement} row
   *  @param {Person} person */
  #fillRow(row, person) {
    const { id, kind, avatar, role, here } = person;
    const mine = id === session.me.id;
    row.className = kind;
    row.classList.toggle("self", mine);
    row.classList.toggle("away", !HERE.has(here));
    row.querySelector(".face").src = avatar;
    row.querySelector(".name").textContent = row.querySelector(".name").title = personName(person);
    row.querySelector("small").textContent = role === "muted" ? say("role_muted") : mine ? say("you") : besideName(person);
    row.querySelector(".dot").className = `dot ${here ?? "off"}`;
    this.#menu.offer(row, person);
  }
}
