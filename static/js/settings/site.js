// @ts-check
// The room in pages of one's site: the snippet, what config.toml still lacks, and a token that is tried. The server tells admins alone
// which sites it lists.

import { call } from "../net/api.js";
import { app } from "../state/app.js";
import { copy } from "../ui/clipboard.js";
import { when } from "../ui/dates.js";
import { say } from "../ui/i18n.js";
import { SettingsForm } from "./form.js";
import { configLines, isListed, originOf, previewPath, snippet } from "./snippet.js";

export class SiteTab {
  #form = document.getElementById("snippet-form");
  #text = document.getElementById("snippet");
  #config = document.getElementById("snippet-config");
  #state = document.getElementById("snippet-host-state");
  #result = document.getElementById("check-result");
  #check;
  /** @type {{ house: string, hosts: string[] }} */
  #site = JSON.parse(document.getElementById("site-begin").textContent);

  constructor() {
    this.#form.addEventListener("input", () => this.#draw());
    this.#form.addEventListener("submit", (event) => event.preventDefault());
    const lines = this.#config.querySelector("pre");
    this.#config.querySelector("button").onclick = () => copy(lines.textContent, say("lines_copied"));
    document.getElementById("snippet-copy").onclick = () => copy(this.#text.textContent, say("snippet_copied"));
    this.#check = new SettingsForm("check-form", async ({ token }) => {
      this.#result.textContent = "";
      this.#result.textContent = verdict(await call("POST", "site/check", { token }));
    });
    document.getElementById("check-token").addEventListener("input", () => {
      this.#result.textContent = "";
    });
  }

  open() {
    const { room } = this.#form.elements;
    const before = room.value;
    // Where two talk nobody else comes in by a page.
    const rooms = app.rooms.own.filter(({ kind }) => kind !== "direct");
    room.replaceChildren(...rooms.map(({ id, name }) => new Option(name, String(id))));
    if (rooms.some(({ id }) => String(id) === before)) room.value = before;
    this.#draw();
  }

  close() {
    this.#check.clear();
    this.#result.textContent = "";
  }

  #draw() {
    const { elements } = this.#form;
    const inside = elements.way.value === "inside";
    const { checked: coloured } = /** @type {HTMLInputElement} */ (elements.coloured);
    const look = {
      room: elements.room.value, inside, position: elements.position.value, lang: elements["frame-lang"].value,
      theme: elements["frame-theme"].value, accent: coloured ? elements.accent.value : "",
    };
    document.getElementById("snippet-side").hidden = inside;
    document.getElementById("snippet-colour").hidden = !coloured;
    this.#text.textContent = snippet(look, this.#site.house || location.origin);
    document.getElementById("snippet-preview").href = previewPath(look);
    this.#drawHost(elements.host.value);
  }

  /** @param {string} address */
  #drawHost(address) {
    const { hosts } = this.#site;
    const origin = originOf(address);
    const lacks = origin !== undefined && !isListed(hosts, origin);
    this.#config.hidden = !lacks;
    if (lacks) this.#config.querySelector("pre").textContent = configLines(hosts, origin);
    const words = !address.trim() ? "" : !origin ? say("host_bad") : say(lacks ? "host_missing" : "host_listed", { host: origin });
    // What is said already is not said again with each key.
    if (this.#state.textContent !== words) this.#state.textContent = words;
  }
}

/** @param {SiteCheck} answer */
function verdict({ check, why, who }) {
  if (!who) return say("check_failed", { check, why });
  const values = { when: when(who.until), name: `\u2068${who.name}\u2069`, subject: `\u2068${who.subject}\u2069`, account: `\u2068${who.account}\u2069` };
  return say(who.account === null ? "check_new" : "check_known", values);
}
