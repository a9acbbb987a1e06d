// @ts-check
// My keys: which there are, making one, ending one. A key itself is on the page once, until somebody goes on.

import { ApiError, call } from "../net/api.js";
import { app } from "../state/app.js";
import { session } from "../state/session.js";
import { clone } from "../ui/templates.js";
import { confirm } from "../ui/sheet.js";
import { copy } from "../ui/clipboard.js";
import { moment, when } from "../ui/dates.js";
import { placeName, say } from "../ui/i18n.js";
import { toast } from "../ui/toast.js";
import { SettingsForm } from "./form.js";

/** @type {Scope[]} */
const SCOPES = ["read", "write", "rooms"];
const MOST_DAYS = 366;
/** The field that a refusal is about. */
/** @type {Record<string, string>} */
const ABOUT = { bad_name: "name", no_scope: "scopes", no_room: "where", days_missing: "days" };

export class KeysTab {
  #list = document.getElementById("key-list");
  #none = document.getElementById("keys-none");
  #shown = document.getElementById("key-shown");
  #key = document.getElementById("key-text");
  #rooms = document.getElementById("key-rooms");
  #element = document.getElementById("key-form");
  #form = new SettingsForm("key-form", () => this.#make(), (code) => ABOUT[code]);
  #again;
  #asked = 0;

  constructor() {
    // Whom a site has brought has no password.
    this.#again = document.getElementById("again-form") && new SettingsForm("again-form", async ({ password }) => {
      await call("POST", "session", { name: session.me.name, password });
      this.#askAgain(false);
      this.#element.requestSubmit();
    }, (code) => (code === "wrong_credentials" ? "password" : undefined));
    this.#element.addEventListener("change", ({ target }) => {
      if (/** @type {HTMLInputElement} */ (target).name === "where") this.#rooms.hidden = this.#element.elements.where.value === "all";
    });
    document.getElementById("key-copy").onclick = () => copy(this.#key.value, say("key_copied"));
    document.getElementById("key-done").onclick = () => {
      this.#show("");
      document.getElementById("tab-keys").focus();
    };
  }

  open() {
    const rooms = app.rooms.own.map(({ id, name }) => {
      const row = clone("pick-template");
      row.querySelector("input").value = String(id);
      row.querySelector("span").textContent = name;
      return row;
    });
    this.#rooms.replaceChildren(this.#rooms.firstElementChild, ...rooms);
    return this.#load();
  }

  close() {
    this.#asked += 1;
    this.#show("");
    this.#askAgain(false);
    this.#clear();
  }

  #clear() {
    this.#form.clear();
    this.#rooms.hidden = true;
  }

  /** Shows a key that has just been made, or none.
   *  @param {string} key */
  #show(key) {
    this.#key.value = key;
    this.#shown.hidden = key === "";
  }

  /** Asks for the password instead, and keeps what stands in the form.
   *  @param {boolean} wanted */
  #askAgain(wanted) {
    if (!this.#again) return;
    this.#again.clear();
    this.#element.hidden = wanted;
    document.getElementById("again-form").hidden = !wanted;
    if (wanted) document.getElementById("again-password").focus();
  }

  async #load() {
    this.#asked += 1;
    const asked = this.#asked;
    this.#list.ariaBusy = "true";
    try {
      const { tokens } = await call("GET", "me/tokens");
      // A later answer has been drawn.
      if (asked !== this.#asked) return;
      this.#list.replaceChildren(...tokens.map((token) => this.#row(token)));
      this.#none.textContent = tokens.length ? "" : say("keys_none");
    } catch (error) {
      if (asked === this.#asked) this.#none.textContent = error.message;
    }
    this.#list.ariaBusy = "false";
  }

  /** @param {Token} token */
  #row({ id, name, scopes, rooms, at, used, place, expires }) {
    const row = clone("key-template");
    const button = row.querySelector("button");
    row.querySelector("b").textContent = name;
    row.querySelector(".may").textContent = scopes.map((scope) => say(`scope_${scope}`)).join(say("between"));
    const names = rooms?.map((room) => isolated(app.rooms.get(room)?.name ?? say("room_unknown"))).join(say("between"));
    row.querySelector(".where").textContent = names ? say("rooms_some", { names }) : say("rooms_all");
    const about = [
      used ? say("key_used", { when: moment(used) }) : say("key_unused"), used ? placeName(place) : "",
      say("key_since", { when: when(at) }), expires ? say("key_until", { when: when(expires) }) : say("key_ends"),
    ];
    row.querySelector(".used").textContent = about.filter(Boolean).join(" · ");
    button.setAttribute("aria-label", say("key_end_named", { name }));
    button.onclick = () => this.#end(id, name);
    return row;
  }

  async #make() {
    const { elements } = this.#element;
    const scopes = SCOPES.filter((scope) => elements[scope].checked);
    const rooms = elements.where.value === "all" ? undefined : this.#picked();
    const days = Number(elements.days.value);
    if (!scopes.length) refuse("no_scope");
    if (rooms?.length === 0) refuse("no_room");
    if (!Number.isInteger(days) || days < 1 || days > MOST_DAYS) refuse("days_missing");
    try {
      const { key } = await call("POST", "me/tokens", { name: elements.name.value, scopes, rooms, days });
      this.#clear();
      this.#show(key);
      this.#shown.focus();
    } catch (error) {
      if (error.code !== "sign_in_again") throw error;
      if (!this.#again) refuse("again_elsewhere");
      return this.#askAgain(true);
    }
    return this.#load();
  }

  #picked() {
    return [...this.#rooms.querySelectorAll("input")].filter(({ checked }) => checked).map(({ value }) => Number(value));
  }

  /** @param {string} id
   *  @param {string} name */
  async #end(id, name) {
    if (!await confirm({ title: say("key_end_ask", { name: isolated(name) }), text: say("key_end_hint"), yes: say("key_end_yes"), hurts: true })) return;
    try {
      await call("DELETE", `me/tokens/${id}`);
      toast(say("key_ended", { name: isolated(name) }));
    } catch (error) {
      if (error.code !== "not_found") return toast(error.message);
    }
    await this.#load();
    document.getElementById("tab-keys").focus();
  }
}

/** A name within words: it is not written into them from the other side (Unicode UAX #9, FSI and PDI).
 *  @param {string} name */
export function isolated(name) {
  return `\u2068${name}\u2069`;
}

/** @param {"no_scope" | "no_room" | "days_missing" | "again_elsewhere"} code
 *  @returns {never} */
function refuse(code) {
  throw new ApiError(code, say(code));
}
