// @ts-check
// A tab of the settings that few open: its part of the page, its words, looks and script come when it is first opened.

import { boot } from "../state/boot.js";
import { loadStyle } from "../ui/lazy.js";
import { say } from "../ui/i18n.js";

/** @type {Promise<unknown> | undefined} */
let looks;

/** @typedef {{ open: () => unknown, close: () => void }} Tab */

export class LateTab {
  #name;
  #load;
  /** @type {Promise<Tab> | undefined} */
  #coming;
  /** @type {Tab | undefined} */
  #tab;
  #opened = 0;

  /** `load` gives the tab, once its part of the page is there.
   *  @param {"keys" | "hooks" | "bots" | "site"} name
   *  @param {() => Promise<Tab>} load */
  constructor(name, load) {
    this.#name = name;
    this.#load = load;
  }

  async open() {
    this.#opened += 1;
    const opened = this.#opened;
    const panel = document.getElementById(`set-${this.#name}`);
    try {
      this.#coming ??= this.#fetch(panel);
      this.#tab = await this.#coming;
      if (opened === this.#opened) this.#tab.open();
    } catch (error) {
      this.#coming = undefined;
      panel.replaceChildren(Object.assign(document.createElement("p"), { className: "problem", role: "alert", textContent: error.message }));
    }
  }

  close() {
    this.#opened += 1;
    this.#tab?.close();
  }

  /** @param {HTMLElement} panel */
  async #fetch(panel) {
    panel.replaceChildren(Object.assign(document.createElement("p"), { className: "hint", role: "status", textContent: say("loading_list") }));
    looks ??= loadStyle("access");
    const [html] = await Promise.all([part(this.#name), looks.catch(() => unreachable())]);
    panel.innerHTML = html;
    Object.assign(boot.strings, JSON.parse(panel.querySelector(".words").textContent));
    return this.#load().catch(() => unreachable());
  }
}

/** @param {string} name */
async function part(name) {
  const answer = await fetch(`/settings/${name}`).catch(() => unreachable());
  if (answer.ok) return answer.text();
  const { error } = await answer.json().catch(() => ({}));
  throw new Error(error?.message ?? say("unreachable"));
}

/** @returns {never} */
function unreachable() {
  looks = undefined;
  throw new Error(say("unreachable"));
}
