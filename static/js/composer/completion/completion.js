// @ts-check
// Completion of names and emoji: a list above the box, from which arrows and Enter take (WAI-ARIA, "list autocomplete"). Enter
// takes no guess that nobody has pointed at: it goes on to mean what it means. An input method that composes is left alone.

import { clone } from "../../ui/templates.js";
import { isComposingKey } from "../../ui/keyboard.js";
import { inCode, insert } from "../text-field.js";
import { say } from "../../ui/i18n.js";

/** None of them is pointed at. */
const NOTHING = -1;
/** @type {CompletionOption[]} */
const NONE = [];

export class Completion {
  #list = document.getElementById("completion");
  #said = document.getElementById("completion-spoken");
  #field;
  #sources;
  /** @type {number | undefined} */
  #from;
  /** @type {number | undefined} */
  #letters;
  #at = 0;
  #asked = 0;
  /** @type {{ from: number, letters: number } | undefined} */
  #quit;

  /** A source has `find(before)`, which gives `{from, query}` when the words before the caret are its matter, and `options(query)`,
   *  which gives, now or later, a list of `{text, name, note?, sign, meant}`: `text` is what is written from `from` on, `meant` says that
   *  the query names it.
   *  @param {{ field: HTMLTextAreaElement, sources: CompletionSource[] }} parts */
  constructor({ field, sources }) {
    this.#field = field;
    this.#sources = sources;
    field.addEventListener("input", ({ isComposing }) => !isComposing && this.look());
    field.addEventListener("compositionend", () => this.look());
    field.addEventListener("blur", () => this.close());
    // A caret that is led elsewhere leaves the word.
    field.addEventListener("click", () => this.#open && this.look());
    field.addEventListener("keyup", ({ key }) => this.#open && /^(?:Arrow(?:Left|Right)|Home|End)$/.test(key) && this.look());
    // Before others take Enter for the end of the message.
    field.addEventListener("keydown", (event) => this.#key(event), { capture: true });
    this.#list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.#list.addEventListener("click", ({ target }) => this.#take(target.closest("[role=option]")));
  }

  /** Looks anew what may be meant; also when a source has learned more. */
  async look() {
    const asked = ++this.#asked;
    const found = this.#find();
    // Whoever takes letters back looks for another one.
    const answered = found && this.#quit?.from === found.from && found.query.length >= this.#quit.letters;
    if (!answered) this.#quit = undefined;
    if (!found || answered) return this.close();
    const options = await Promise.resolve(found.source.options(found.query)).catch(() => NONE);
    if (asked !== this.#asked) return;
    if (options.length) this.#show(found, options);
    else this.close();
  }

  /** Other words stand there: what was answered in those before is no answer. */
  forget() {
    this.#quit = undefined;
    this.close();
  }

  close() {
    this.#asked += 1;
    if (!this.#open) return;
    this.#list.hidden = true;
    this.#list.replaceChildren();
    this.#said.textContent = "";
    this.#field.removeAttribute("aria-activedescendant");
  }

  get #options() {
    return this.#list.querySelectorAll("li");
  }

  get #open() {
    return !this.#list.hidden;
  }

  #find() {
    const { selectionStart: caret, selectionEnd: end, value } = this.#field;
    if (caret !== end || document.activeElement !== this.#field) return undefined;
    const before = value.slice(0, caret);
    const found = this.#sources.map((source) => ({ ...source.find(before), source })).filter(({ from }) => from !== undefined);
    // A name may have blanks in it: what was begun last is meant.
    const last = found.reduce((one, other) => (one && one.from > other.from ? one : other), undefined);
    return last && !inCode(before.slice(0, last.from)) ? last : undefined;
  }

  /** @param {{ from: number, query: string }} what0
   *  @param {CompletionOption[]} options */
  #show({ from, query }, options) {
    const chosen = from === this.#from && this.#open ? this.#list.children[this.#at]?.dataset.text : undefined;
    this.#from = from;
    this.#letters = query.length;
    this.#list.replaceChildren(...options.map(({ text, name, note = "", sign }, place) => {
      const option = clone("option-template");
      option.id = `completion-${place}`;
      option.dataset.text = text;
      option.querySelector(".sign").append(sign);
      option.querySelector(".name").textContent = name;
      option.querySelector("small").textContent = note;
      return option;
    }));
    this.#list.hidden = false;
    this.#said.textContent = say("suggestions", { n: options.length });
    // More options that come late do not take away the one that was pointed at.
    const kept = options.findIndex(({ text }) => text === chosen);
    this.#point(kept >= 0 ? kept : options[0].meant ? 0 : NOTHING);
  }

  /** @param {number} at */
  #point(at) {
    const options = [...this.#list.children];
    this.#at = at;
    options.forEach((option, place) => option.ariaSelected = String(place === at));
    if (at === NOTHING) return this.#field.removeAttribute("aria-activedescendant");
    this.#field.setAttribute("aria-activedescendant", options[at].id);
    options[at].scrollIntoView({ block: "nearest" });
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const { key, shiftKey, ctrlKey, metaKey, altKey } = event;
    if (!this.#open || isComposingKey(event) || shiftKey || ctrlKey || metaKey || altKey) return;
    const count = this.#list.childElementCount;
    if (key === "ArrowDown") this.#point((this.#at + 1) % count);
    else if (key === "ArrowUp") this.#point((Math.max(this.#at, 0) + count - 1) % count);
    else if (key === "Tab" || (key === "Enter" && this.#at !== NOTHING)) this.#take(this.#options[Math.max(this.#at, 0)]);
    else if (key === "Escape") this.#leave();
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  /** @param {HTMLElement | null} option */
  #take(option) {
    if (!option) return;
    const { text } = option.dataset;
    const caret = this.#field.selectionStart;
    this.#leave();
    // Behind a name stands one blank, whether it was there before or not.
    insert(this.#field, text.endsWith(" ") && this.#field.value[caret] === " " ? text.trimEnd() : text, this.#from, caret);
  }

  /** This word has had its answer: the list stays away until another begins. */
  #leave() {
    this.#quit = { from: this.#from, letters: this.#letters };
    this.close();
  }
}
