// @ts-check
// Hooks: addresses at which tools speak in a room. Those of a room, for who looks after it; an address is on the page once.

import { call } from "../net/api.js";
import { app } from "../state/app.js";
import { clone } from "../ui/templates.js";
import { confirm } from "../ui/sheet.js";
import { copy } from "../ui/clipboard.js";
import { moment, when } from "../ui/dates.js";
import { say } from "../ui/i18n.js";
import { toast } from "../ui/toast.js";
import { SettingsForm } from "./form.js";
import { isolated } from "./keys.js";
import { take } from "./wanted.js";

/** What stands in Alertmanager's configuration; it wants a channel, which nobody looks at here.
 *  @param {string} address */
const alertmanager = (address) => [
  "receivers:",
  "  - name: teahouse",
  "    slack_configs:",
  `      - api_url: ${address}`,
  "        channel: \"#alerts\"",
  "        send_resolved: true",
].join("\n");

export class HooksTab {
  #room = document.getElementById("hook-room");
  #list = document.getElementById("hook-list");
  #none = document.getElementById("hooks-none");
  #shown = document.getElementById("hook-shown");
  #address = document.getElementById("hook-address");
  #secret = document.getElementById("hook-secret");
  #form;
  #asked = 0;

  constructor() {
    this.#form = new SettingsForm("hook-form", ({ bot, name, signed }) => this.#make(bot, name, signed === "on"), (code) => (["bad_name", "name_taken"].includes(code) ? "bot" : undefined));
    this.#room.addEventListener("change", () => {
      this.#show("");
      this.#load();
    });
    document.getElementById("hook-copy").onclick = () => copy(this.#address.value, say("hook_copied"));
    document.getElementById("hook-secret-copy").onclick = () => copy(this.#secret.value, say("hook_secret_copied"));
    document.getElementById("hook-done").onclick = () => {
      this.#show("");
      document.getElementById("tab-hooks").focus();
    };
  }

  open() {
    const before = take("room") ?? Number(this.#room.value);
    const rooms = app.rooms.own.filter(({ may }) => may.includes("configure"));
    this.#room.replaceChildren(...rooms.map(({ id, name }) => new Option(name, String(id))));
    if (rooms.some(({ id }) => id === before)) this.#room.value = String(before);
    const some = rooms.length > 0;
    document.getElementById("hook-form").hidden = !some;
    if (some) return this.#load();
    this.#none.textContent = say("hooks_no_room");
  }

  close() {
    this.#asked += 1;
    this.#show("");
    this.#form.clear();
  }

  /** Shows an address that has just been made, and the secret of a signed one; or none.
   *  @param {string} address
   *  @param {string} [secret] */
  #show(address, secret = "") {
    this.#address.value = address;
    this.#secret.value = secret;
    document.getElementById("hook-secret-part").hidden = secret === "";
    // Tools that cannot sign have no use for it.
    for (const part of this.#shown.querySelectorAll("[data-unsigned]")) part.hidden = secret !== "";
    document.getElementById("hook-github").textContent = address && `${address}/github`;
    document.getElementById("hook-alertmanager").textContent = address && alertmanager(address);
    this.#shown.hidden = address === "";
  }

  async #load() {
    this.#asked += 1;
    const asked = this.#asked;
    this.#list.ariaBusy = "true";
    try {
      const { hooks } = await call("GET", `hooks?room=${this.#room.value}`);
      // A later answer has been drawn.
      if (asked !== this.#asked) return;
      this.#list.replaceChildren(...hooks.map((hook) => this.#row(hook)));
      this.#none.textContent = hooks.length ? "" : say("hooks_none");
    } catch (error) {
      if (asked !== this.#asked) return;
      this.#list.replaceChildren();
      this.#none.textContent = error.message;
    }
    this.#list.ariaBusy = "false";
  }

  /** @param {Hook} hook */
  #row({ id, name, bot, at, used, signed }) {
    const row = clone("hook-template");
    const button = row.querySelector("button");
    const title = name || bot.name;
    row.querySelector("b").textContent = title;
    const speaks = say("hook_as", { bot: isolated(bot.name) });
    row.querySelector(".may").textContent = signed ? [speaks, say("hook_is_signed")].join(" · ") : speaks;
    row.querySelector(".used").textContent = [used ? say("key_used", { when: moment(used) }) : say("key_unused"), say("key_since", { when: when(at) })].join(" · ");
    button.setAttribute("aria-label", say("key_end_named", { name: title }));
    button.onclick = () => this.#end(id, title);
    return row;
  }

  /** @param {string} bot
   *  @param {string} name
   *  @param {boolean} signed */
  async #make(bot, name, signed) {
    const { url, secret } = await call("POST", "hooks", { room: Number(this.#room.value), bot, name, signed });
    this.#form.clear();
    this.#show(new URL(url, location.origin).href, secret);
    this.#shown.focus();
    return this.#load();
  }

  /** @param {string} id
   *  @param {string} name */
  async #end(id, name) {
    if (!await confirm({ title: say("hook_end_ask", { name: isolated(name) }), text: say("hook_end_hint"), yes: say("key_end_yes"), hurts: true })) return;
    try {
      await call("DELETE", `hooks/${id}`);
      toast(say("hook_ended", { name: isolated(name) }));
    } catch (error) {
      if (error.code !== "not_found") return toast(error.message);
    }
    await this.#load();
    document.getElementById("tab-hooks").focus();
  }
}
