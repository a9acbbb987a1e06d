// @ts-check
// A list that is searched: asks a little after the last letter, shows a page and offers the next, says when there is nothing.

import { say } from "./i18n.js";

const PAUSE_MS = 200;

export class SearchableList {
  #input;
  #list;
  #more;
  #state;
  #ask;
  #row;
  #nothing;
  #taken;
  #asked = 0;
  /** @type {string | undefined} */
  #next;
  /** @type {number | undefined} */
  #timer;

  /** `ask(q, after)` gives `{items, next?}`, `row(item)` an element, `nothing(q)` the words for an empty answer;
   *  `taken(answer)` hears of each that is shown.
   *  @param {ListParts} parts */
  constructor({ input, list, more, state, ask, row, nothing, taken = () => {} }) {
    this.#input = input;
    this.#list = list;
    this.#more = more;
    this.#state = state;
    this.#ask = ask;
    this.#row = row;
    this.#nothing = nothing;
    this.#taken = taken;
    const soon = () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.begin(), PAUSE_MS);
    };
    // The letters of an input method are not what is looked for yet.
    input.addEventListener("input", ({ isComposing }) => isComposing || soon());
    input.addEventListener("compositionend", soon);
    if (more) more.onclick = () => this.#fetch();
  }

  /** Asks anew, from the beginning. */
  begin() {
    clearTimeout(this.#timer);
    this.#next = undefined;
    return this.#fetch();
  }

  clear() {
    clearTimeout(this.#timer);
    this.#asked += 1;
    this.#input.value = "";
    this.#list.replaceChildren();
    this.#say("");
  }

  async #fetch() {
    const asked = ++this.#asked;
    const after = this.#next;
    const q = this.#input.value.trim();
    this.#list.setAttribute("aria-busy", "true");
    if (!this.#list.childElementCount) this.#say(say("loading_list"));
    try {
      const answer = await this.#ask(q, after);
      if (asked !== this.#asked) return;
      const { items, next } = answer;
      const rows = items.map((item) => this.#row(item));
      if (after === undefined) this.#list.replaceChildren(...rows);
      else this.#list.append(...rows);
      this.#next = next ?? undefined;
      this.#taken(answer);
      this.#say(this.#list.childElementCount ? "" : this.#nothing(q));
    } catch (error) {
      if (asked !== this.#asked) return;
      // What stands there is no answer to this.
      if (after === undefined) this.#list.replaceChildren();
      this.#say(error.message);
    }
    if (asked !== this.#asked) return;
    this.#list.setAttribute("aria-busy", "false");
    if (this.#more) this.#more.hidden = this.#next === undefined;
  }

  /** @param {string} text */
  #say(text) {
    this.#state.textContent = text;
  }
}
