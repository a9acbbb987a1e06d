// @ts-check
// Presence: how many are here, and who; the pill in the head, the column or drawer at the right.

import { call } from "../net/api.js";
import { become } from "../account/sign-out.js";
import { boot } from "../state/boot.js";
import { clone } from "../ui/templates.js";
import { updateKeyedList } from "../ui/keyed-list.js";
import { keep, kept } from "../state/local-store.js";
import { session } from "../state/session.js";
import { placeName, say } from "../ui/i18n.js";

/** A crowd's list is asked for at most this often, and only while it is looked at. */
const ASK_AGAIN_MS = 15_000;
/** The column is folded away. */
const AWAY = "people";

export class People {
  #room;
  #panel = document.getElementById("people");
  #pill = document.getElementById("online");
  #list = document.getElementById("people-list");
  #stale = document.getElementById("people-stale");
  #rest = document.getElementById("people-rest");
  #wide = matchMedia("(width > 68rem)");
  #order = new Intl.Collator(document.documentElement.lang);
  #asked = 0;
  /** @type {number | undefined} */
  #timer;
  /** @type {RoomPresence} */
  #presence;
  #members;
  #menu;
  #kind;

  /** `members` draws the list of a room that has members, `menu` is what a person can be asked.
   *  @param {{ view: RoomView, presence: RoomPresence, members: Members, menu: PersonMenu }} parts */
  constructor({ view, presence, members, menu }) {
    this.#room = view.id;
    this.#kind = view.kind;
    this.#members = members;
    this.#menu = menu;
    this.#pill.addEventListener("click", (event) => this.#toggleColumn(event));
    this.#panel.addEventListener("toggle", () => this.#opened());
    this.#wide.addEventListener("change", () => this.#resized());
    if (kept(AWAY) === "away") document.documentElement.dataset.people = "away";
    this.#title(view);
    this.#listMembers(view);
    this.show(presence);
    this.#opened();
    session.subscribe(() => this.#meChanged());
  }

  /** Another room: how many are in it comes with its messages.
   *  @param {RoomView} view */
  enter(view) {
    this.#room = view.id;
    this.#kind = view.kind;
    this.#asked = 0;
    clearTimeout(this.#timer);
    this.#list.replaceChildren();
    if (this.#panel.matches(":popover-open")) this.#panel.hidePopover();
    this.#title(view);
    this.#listMembers(view);
    // It is the server that does not know, not the room.
    this.show({ people: 0, connections: 0, who: [], stale: this.#presence.stale });
    this.#opened();
  }

  /** What was known of the room in part is known now.
   *  @param {RoomView} view */
  update(view) {
    this.#title(view);
    if (view.kind === this.#kind) return this.#members.update(view);
    const presence = this.#presence;
    this.enter(view);
    this.show(presence);
  }

  /** @param {RoomPresence} presence */
  show(presence) {
    this.#presence = presence;
    const { people, connections, who, stale = false } = presence;
    document.getElementById("online-people").textContent = String(people);
    if (!this.#listed) document.getElementById("people-count").textContent = String(people);
    document.getElementById("online-connections").textContent = String(connections);
    this.#pill.title = say(stale ? "online_stale_label" : "online_label", { people });
    this.#pill.setAttribute("aria-label", this.#pill.title);
    this.#pill.classList.toggle("stale", stale);
    this.#stale.hidden = !stale;
    this.#members.present(who);
    if (!this.#listed && who) this.#draw(who);
    else if (!this.#listed) this.#ask();
    const mine = who?.find(({ id }) => id === session.me.id);
    // By another window's doing I look otherwise.
    if (mine && (mine.name !== session.me.name || mine.avatar !== session.me.avatar)) become({ ...session.me, name: mine.name, avatar: mine.avatar });
  }

  /** @param {RoomView} view */
  #listMembers(view) {
    this.#members.enter(this.#listed || view.may.includes("moderate") ? view : null);
  }

  /** @param {RoomView} roomView */
  #title({ members }) {
    document.getElementById("people-title").textContent = say(this.#listed ? "members" : "people_online");
    if (this.#listed) document.getElementById("people-count").textContent = String(members);
  }

  /** Those of them whose names are told. */
  get known() {
    return this.#presence.who ?? [];
  }

  /** Somebody of the open room, as far as they have been looked up.
   *  @param {string} id */
  get(id) {
    return this.#members.get(id) ?? this.#presence.who?.find((person) => person.id === id);
  }

  /** The list is the room's members, not only who is here now; in the lobby that would be everybody, and a visitor is no member. */
  get #listed() {
    return this.#kind !== "lobby" && !session.isVisitor;
  }

  #meChanged() {
    const { me } = session;
    const who = this.#presence.who?.map((person) => (person.id === me.id ? { ...person, ...me } : person));
    if (who && !this.#listed) this.#draw(who);
  }

  /** @param {Person[]} who */
  #draw(who) {
    const rank = (/** @type {Person} */ { id, kind }) => (id === session.me.id ? 0 : kind === "user" ? 1 : 2);
    const sorted = [...who].sort((a, b) => rank(a) - rank(b) || this.#order.compare(a.name, b.name));
    updateKeyedList(this.#list, sorted, () => clone("person-template"), (row, person) => this.#fillRow(row, person));
    const rest = this.#presence.people - who.length;
    this.#rest.hidden = rest <= 0;
    this.#rest.textContent = who.length ? say("people_rest", { n: rest }) : say("people_many");
  }

  /** @param {HTMLElement} row
   *  @param {Person} person */
  #fillRow(row, person) {
    row.className = person.kind;
    row.classList.toggle("self", person.id === session.me.id);
    row.querySelector(".face").src = person.avatar;
    row.querySelector(".name").textContent = person.name;
    row.querySelector(".name").title = person.name;
    row.querySelector("small").textContent = person.id === session.me.id ? say("you") : placeName(person.place);
    row.querySelector(".dot").className = `dot ${person.here ?? "on"}`;
    this.#menu.offer(row, person);
  }

  /** A crowd: counts come by themselves, names only when asked for. */
  #ask() {
    clearTimeout(this.#timer);
    if (boot.closed || !this.#seen()) return;
    const wait = Math.max(0, this.#asked + ASK_AGAIN_MS - Date.now());
    this.#timer = setTimeout(async () => {
      this.#asked = Date.now();
      const room = this.#room;
      // Without an answer the next change of the count asks again; one that comes late may be another room's, or of a crowd no more.
      const told = await call("GET", `rooms/${room}/people`).catch(/** @returns {undefined} */ () => undefined);
      if (told && room === this.#room && !this.#listed && !this.#presence.who) this.#draw(told.who ?? []);
    }, wait);
  }

  #seen() {
    return this.#wide.matches ? document.documentElement.dataset.people !== "away" : this.#panel.matches(":popover-open");
  }

  /** There is a line: what could not be fetched without one is asked for again. */
  live() {
    if (this.#seen()) this.#members.load();
  }

  #opened() {
    this.#pill.setAttribute("aria-expanded", String(this.#seen()));
    if (!this.#seen()) return;
    this.#members.load();
    if (!this.#listed && !this.#presence.who) this.#ask();
  }

  /** On a wide screen the pill folds the column away instead of opening a drawer.
   *  @param {Event} event */
  #toggleColumn(event) {
    if (!this.#wide.matches) return;
    event.preventDefault();
    const { dataset } = document.documentElement;
    if (dataset.people === "away") delete dataset.people;
    else dataset.people = "away";
    keep(AWAY, dataset.people);
    this.#opened();
  }

  #resized() {
    if (this.#panel.matches(":popover-open")) this.#panel.hidePopover();
    this.#opened();
  }
}
