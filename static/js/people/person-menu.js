// @ts-check
// The menu of a person: direct messages, and moderation (moderation.js) for the room's owner and admins.

import { call } from "../net/api.js";
import { clone } from "../ui/templates.js";
import { openAt } from "../ui/popup.js";
import { lazy } from "../ui/lazy.js";
import { session } from "../state/session.js";
import { besideName, personName, say } from "../ui/i18n.js";

export class PersonMenu {
  #menu = document.getElementById("person-menu");
  #room;
  #write;
  /** @type {Person} */
  #person;
  /** The room in which the person was pressed.
   *  @type {number | undefined} */
  #where;
  /** @type {WeakMap<Element, Person>} */
  #persons = new WeakMap();
  #act = lazy(() => import("./moderation.js"), ({ act }) => act);
  #makeLink = lazy(() => import("../account/password-link.js"), ({ makeLink }) => makeLink);

  /** `room` is the open one, `write(person)` opens the direct room with them.
   *  @param {Pick<App, "room"> & { write: (person: Person) => void }} parts */
  constructor({ room, write }) {
    this.#room = room;
    this.#write = write;
    for (const button of this.#menu.querySelectorAll("button")) button.onclick = () => this.#chosen(button.dataset.act);
  }

  /** Gives a row its button, when there is anything to do with the person whose row it is now.
   *  @param {HTMLElement} row
   *  @param {Person} person */
  offer(row, person) {
    const able = this.#offers(person).length > 0;
    const there = row.querySelector(".about");
    this.#persons.set(row, person);
    row.classList.toggle("able", able);
    if (!able) return there?.remove();
    const button = there ?? clone("more-template");
    button.setAttribute("aria-label", say("more_about", { name: personName(person) }));
    if (there) return;
    button.onclick = () => this.open(this.#persons.get(row), button);
    row.onclick = ({ target }) => /** @type {Element} */ (target).closest("button") || !button.isConnected || button.click();
    row.append(button);
  }

  /** @param {Person} person */
  #offers({ id, kind, bot, role }) {
    const me = session.me;
    if (me.kind === "visitor") return [];
    const { may, kind: room, role: mine, archived } = this.#room.view;
    if (id === me.id) return mine === "admin" && !archived ? ["resign"] : [];
    const offers = room === "direct" || kind !== "user" ? [] : ["write"];
    // Whoever runs the server helps those who have lost their password; an admin not the owner, which only the server knows.
    if (kind === "user" && !bot && me.role !== "member" && this.#menu.querySelector("[data-act=password]")) offers.push("password");
    const below = role !== "owner" && (role !== "admin" || mine === "owner");
    if (may.includes("appoint") && role === "member") offers.push("appoint");
    if (may.includes("appoint") && role === "admin") offers.push("dismiss");
    if (may.includes("transfer") && (role === "admin" || role === "member")) offers.push("transfer");
    if (may.includes("moderate") && below) {
      if (role === "banned") offers.push("unban");
      // Who is not in the room can only be kept out of it.
      else if (role === undefined && room !== "lobby") offers.push(...(kind === "user" ? ["ban"] : []));
      else offers.push(role === "muted" ? "unmute" : "mute", ...(room === "lobby" ? [] : ["remove"]), "ban");
    }
    return offers;
  }

  /** Opens at a button that stands for the person.
   *  @param {Person} person
   *  @param {HTMLElement} button */
  async open(person, button) {
    const { id: where, may } = this.#room.view;
    if (person.role === undefined && may.includes("moderate")) person = { ...person, role: await this.#roleOf(person) };
    // What is offered is meant for this room.
    if (where !== this.#room.view.id) return;
    this.#where = where;
    this.#person = person;
    const offers = this.#offers(person);
    for (const each of this.#menu.querySelectorAll("button")) each.hidden = !offers.includes(each.dataset.act);
    this.#menu.setAttribute("aria-label", person.name);
    this.#menu.querySelector("b").textContent = person.name;
    this.#menu.querySelector("small").textContent = [say(person.kind === "visitor" ? "visitor" : "member"), besideName(person)].filter(Boolean).join(" · ");
    openAt(this.#menu, button);
  }

  /** What somebody is who was only seen to be here.
   *  @param {Person} person */
  async #roleOf({ id, name }) {
    const found = await call("GET", `rooms/${this.#room.view.id}/members?${new URLSearchParams({ q: name })}`).catch(/** @returns {undefined} */ () => undefined);
    return found?.members.find((/** @type {Person} */ member) => member.id === id)?.role;
  }

  /** @param {string} act */
  async #chosen(act) {
    const [person, where] = [this.#person, this.#where];
    this.#menu.hidePopover();
    if (act === "write") return this.#write(person);
    if (act === "password") return (await this.#makeLink())?.(person);
    (await this.#act())?.(act, person, where);
  }
}
