// @ts-check
// Keys of mine, and of bots that I look after: which there are, making one, ending one. A key itself is on the page once, until somebody goes on.

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
import { take } from "./wanted.js";

/** @type {Scope[]} */
const SCOPES = ["read", "write", "rooms", "house"];
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
  #whose = document.getElementById("key-whose");
  #left = document.getElementById("keys-left");
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
    this.#whose.addEventListener("change", () => {
      this.#show("");
      this.#clear();
      this.#load();
    });
    document.getElementById("keys-end").onclick = () => this.#endAll();
    document.getElementById("key-copy").onclick = () => copy(this.#key.value, say("key_copied"));
    document.getElementById("key-done").onclick = () => {
      this.#show("");
      document.getElementById("tab-keys").focus();
    };
  }

  async open() {
    const rooms = app.rooms.own.map(({ id, name }) => {
      const row = clone("pick-template");
      row.querySelector("input").value = String(id);
      row.querySelector("span").textContent = name;
      return row;
    });
    this.#rooms.replaceChildren(this.#rooms.firstElementChild, ...rooms);
    this.#left.hidden = !take("left");
    await this.#offer(take("bot") ?? this.#whose.value);
    return this.#load();
  }

  close() {
    this.#asked += 1;
    this.#show("");
    this.#left.hidden = true;
    this.#askAgain(false);
    this.#clear();
  }

  #clear() {
    this.#form.clear();
    this.#rooms.hidden = true;
    const bot = this.#whose.value !== "";
    const { days } = this.#element.elements;
    days.required = !bot;
    if (bot) days.value = "";
    document.getElementById("key-days-hint").hidden = !bot;
    const house = document.getElementById("key-house");
    if (house) house.hidden = !bot;
  }

  /** Mine, and those of the bots that I look after.
   *  @param {string} chosen */
  async #offer(chosen) {
    const asked = this.#asked;
    const bots = document.getElementById("tab-bots") ? await call("GET", "bots").then((answer) => answer.bots, () => /** @type {Bot[]} */ ([])) : [];
    if (asked !== this.#asked) return;
    this.#whose.replaceChildren(new Option(say("keys_own"), ""), ...bots.map(({ id, name }) => new Option(name, id)));
    if (bots.some(({ id }) => id === chosen)) this.#whose.value = chosen;
    document.getElementById("key-owners").hidden = !bots.length;
    this.#clear();
  }

  /** @returns {"me/tokens" | `bots/${string}/tokens`} */
  get #path() {
    return this.#whose.value ? `bots/${this.#whose.value}/tokens` : "me/tokens";
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
      const { tokens } = await call("GET", this.#path);
      // A later answer has been drawn.
      if (asked !== this.#asked) return;
      this.#list.replaceChildren(...tokens.map((token) => this.#row(token)));
      this.#none.textContent = tokens.length ? "" : say(this.#whose.value ? "keys_bot_none" : "keys_none");
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
    const scopes = SCOPES.filter((scope) => elements[scope]?.checked);
    const rooms = elements.where.value === "all" ? undefined : this.#picked();
    const days = elements.days.value === "" && this.#whose.value ? undefined : Number(elements.days.value);
    if (!scopes.length) refuse("no_scope");
    if (rooms?.length === 0) refuse("no_room");
    if (days !== undefined && (!Number.isInteger(days) || days < 1 || days > MOST_DAYS)) refuse("days_missing");
    try {
      const { key } = await call("POST", this.#path, { name: elements.name.value, scopes, rooms, days });
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

  async #endAll() {
    try {
      await call("DELETE", "me/tokens");
    } catch (error) {
      return toast(error.message);
    }
    toast(say("keys_ended"));
    this.#left.hidden = true;
    await this.#load();
    document.getElementById("tab-keys").focus();
  }

  #picked() {
    return [...this.#rooms.querySelectorAll("input")].filter(({ checked }) => checked).map(({ value }) => Number(value));
  }

  /** @param {string} id
   *  @param {string} name */
  async #end(id, name) {
    if (!await confirm({ title: say("key_end_ask", { name: isolated(name) }), text: say("key_end_hint"), yes: say("key_end_yes"), hurts: true })) return;
    try {
      await call("DELETE", `${this.#path}/${id}`);
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
