// How many are here, and who: the pill in the head, the column or drawer at the right.

import { call } from "../net/api.js";
import { boot } from "../state/boot.js";
import { clone } from "../ui/templates.js";
import { fillRows } from "../ui/keyed-list.js";
import { keep, kept } from "../state/local-store.js";
import { placeName, say } from "../ui/i18n.js";

/** A crowd's list is asked for at most this often, and only while it is looked at. */
const ASK_AGAIN_MS = 15_000;
/** The column is folded away. */
const AWAY = "people";

export class People {
  #room;
  #me;
  #panel = document.getElementById("people");
  #pill = document.getElementById("online");
  #list = document.getElementById("people-list");
  #rest = document.getElementById("people-rest");
  #wide = matchMedia("(width > 68rem)");
  #order = new Intl.Collator(document.documentElement.lang);
  #asked = 0;
  #timer;
  #presence;
  #members;
  #menu;
  #kind;
  #changed;

  /** `members` draws the list of a room that has members, `menu` is what a person can be asked; `changed({name, avatar})` is told when
   *  I look otherwise, by another window's doing. */
  constructor({ view, me, presence, members, menu, changed }) {
    this.#room = view.id;
    this.#kind = view.kind;
    this.#me = me;
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
    this.#changed = changed;
  }

  /** Another room: how many are in it comes with its messages. */
  enter(view) {
    this.#room = view.id;
    this.#kind = view.kind;
    this.#asked = 0;
    clearTimeout(this.#timer);
    this.#list.replaceChildren();
    if (this.#panel.matches(":popover-open")) this.#panel.hidePopover();
    this.#title(view);
    this.#listMembers(view);
    this.show({ people: 0, connections: 0, who: [] });
    this.#opened();
  }

  /** What was known of the room in part is known now. */
  update(view) {
    this.#title(view);
    if (view.kind === this.#kind) return this.#members.update(view);
    const presence = this.#presence;
    this.enter(view);
    this.show(presence);
  }

  show(presence) {
    this.#presence = presence;
    const { people, connections, who } = presence;
    document.getElementById("online-people").textContent = people;
    if (!this.#listed) document.getElementById("people-count").textContent = people;
    document.getElementById("online-connections").textContent = connections;
    this.#pill.title = say("online_label", { people });
    this.#pill.setAttribute("aria-label", this.#pill.title);
    this.#members.present(who);
    if (!this.#listed && who) this.#draw(who);
    else if (!this.#listed) this.#ask();
    const mine = who?.find(({ id }) => id === this.#me.id);
    if (mine && (mine.name !== this.#me.name || mine.avatar !== this.#me.avatar)) this.#changed?.({ name: mine.name, avatar: mine.avatar });
  }

  #listMembers(view) {
    this.#members.enter(this.#listed || view.may.includes("moderate") ? view : null);
  }

  #title({ members }) {
    document.getElementById("people-title").textContent = say(this.#listed ? "members" : "people_online");
    if (this.#listed) document.getElementById("people-count").textContent = members;
  }

  /** Those of them whose names are told. */
  get known() {
    return this.#presence.who ?? [];
  }

  get(id) {
    return this.#presence.who?.find((person) => person.id === id);
  }

  /** The list is the room's members, not only who is here now; in the lobby that would be everybody, and a visitor is no member. */
  get #listed() {
    return this.#kind !== "lobby" && this.#me.kind !== "visitor";
  }

  setMe(me) {
    this.#me = me;
    const who = this.#presence.who?.map((person) => (person.id === me.id ? { ...person, ...me } : person));
    if (who && !this.#listed) this.#draw(who);
  }

  #draw(who) {
    const rank = ({ id, kind }) => (id === this.#me.id ? 0 : kind === "user" ? 1 : 2);
    const sorted = [...who].sort((a, b) => rank(a) - rank(b) || this.#order.compare(a.name, b.name));
    fillRows(this.#list, sorted, () => clone("person-template"), (row, person) => this.#dress(row, person));
    const rest = this.#presence.people - who.length;
    this.#rest.hidden = rest <= 0;
    this.#rest.textContent = who.length ? say("people_rest", { n: rest }) : say("people_many");
  }

  #dress(row, person) {
    row.className = person.kind;
    row.classList.toggle("self", person.id === this.#me.id);
    row.querySelector(".face").src = person.avatar;
    row.querySelector(".name").textContent = person.name;
    row.querySelector(".name").title = person.name;
    row.querySelector("small").textContent = person.id === this.#me.id ? say("you") : placeName(person.place);
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
      const { who = [] } = await call("GET", `rooms/${room}/people`).catch(() => ({ who: null }));
      if (who && room === this.#room && !this.#listed && !this.#presence.who) this.#draw(who);
    }, wait);
  }

  #seen() {
    return this.#wide.matches ? document.documentElement.dataset.people !== "away" : this.#panel.matches(":popover-open");
  }

  #opened() {
    this.#pill.setAttribute("aria-expanded", String(this.#seen()));
    if (!this.#seen()) return;
    this.#members.load();
    if (!this.#listed && !this.#presence.who) this.#ask();
  }

  /** On a wide screen the pill folds the column away instead of opening a drawer. */
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
