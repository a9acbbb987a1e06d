// @ts-check
// Bots: accounts of programs, those that I look after. Their keys are in the tab of keys.

import { call } from "../net/api.js";
import { clone } from "../ui/templates.js";
import { confirm } from "../ui/sheet.js";
import { when } from "../ui/dates.js";
import { say } from "../ui/i18n.js";
import { toast } from "../ui/toast.js";
import { SettingsForm } from "./form.js";
import { isolated } from "./keys.js";
import { want } from "./wanted.js";

export class BotsTab {
  #list = document.getElementById("bot-list");
  #none = document.getElementById("bots-none");
  #form = new SettingsForm("bot-form", ({ bot }) => this.#make(bot), (code) => (["bad_name", "name_taken"].includes(code) ? "bot" : undefined));
  #asked = 0;

  open() {
    return this.#load();
  }

  close() {
    this.#asked += 1;
    this.#form.clear();
  }

  async #load() {
    this.#asked += 1;
    const asked = this.#asked;
    this.#list.ariaBusy = "true";
    try {
      const { bots } = await call("GET", "bots");
      // A later answer has been drawn.
      if (asked !== this.#asked) return;
      this.#list.replaceChildren(...bots.map((bot) => this.#row(bot)));
      this.#none.textContent = bots.length ? "" : say("bots_none");
    } catch (error) {
      if (asked === this.#asked) this.#none.textContent = error.message;
    }
    this.#list.ariaBusy = "false";
  }

  /** @param {Bot} bot */
  #row({ id, name, tokens, hooks, at }) {
    const row = clone("bot-template");
    const [keys, end] = [row.querySelector(".keys-of"), row.querySelector(".end")];
    row.querySelector("b").textContent = name;
    row.querySelector(".may").textContent = say("bot_has", { keys: tokens, hooks });
    row.querySelector(".used").textContent = say("key_since", { when: when(at) });
    keys.setAttribute("aria-label", say("keys_named", { name }));
    keys.onclick = () => showKeys(id);
    end.setAttribute("aria-label", say("key_end_named", { name }));
    end.onclick = () => this.#end(id, name);
    return row;
  }

  /** @param {string} name */
  async #make(name) {
    const { bot } = await call("POST", "bots", { name });
    this.#form.clear();
    showKeys(bot.id);
  }

  /** @param {string} id
   *  @param {string} name */
  async #end(id, name) {
    if (!await confirm({ title: say("bot_end_ask", { name: isolated(name) }), text: say("bot_end_hint"), yes: say("key_end_yes"), hurts: true })) return;
    try {
      await call("DELETE", `bots/${id}`);
      toast(say("bot_ended", { name: isolated(name) }));
    } catch (error) {
      if (error.code !== "not_found") return toast(error.message);
    }
    await this.#load();
    document.getElementById("tab-bots").focus();
  }
}

/** Opens the tab of keys with those of a bot.
 *  @param {string} bot */
function showKeys(bot) {
  want({ bot });
  const tab = document.getElementById("tab-keys");
  tab.click();
  tab.focus();
}
