// @ts-check
// How the words will look: shown above the box while that is wished, drawn by the server, which draws messages too.

import { call } from "../net/api.js";
import { fitBoxes } from "../message/body.js";
import { Sheet } from "../ui/sheet.js";
import { keep } from "../state/local-store.js";

/** So long after the last letter. */
const PAUSE_MS = 250;
/** What is kept where it is wished; writing-aids.js looks for it. */
const WISHED = "preview";

export class Preview {
  #field;
  #pane = document.getElementById("preview");
  #body = document.getElementById("preview-body");
  #hint = document.getElementById("preview-hint");
  #button = document.getElementById("preview-button");
  #help = new Sheet("formatting");
  #drawn = "";
  #asking = false;
  #rests = 0;
  /** @type {number | undefined} */
  #timer;

  /** @param {HTMLTextAreaElement} field */
  constructor(field) {
    this.#field = field;
    document.getElementById("open-formatting").onclick = () => this.#help.open();
    field.addEventListener("input", () => this.changed());
  }

  /** The words are others now. */
  changed() {
    clearTimeout(this.#timer);
    if (this.#pane.hidden) return;
    if (this.#field.value.trim()) this.#timer = setTimeout(() => this.#ask(), Math.max(PAUSE_MS, this.#rests - Date.now()));
    else this.#draw("", "");
  }

  toggle() {
    this.#show(this.#pane.hidden);
    keep(WISHED, this.#pane.hidden ? "" : "on");
  }

  /** @param {boolean} wished */
  #show(wished) {
    this.#pane.hidden = !wished;
    this.#button.ariaPressed = String(wished);
    if (!wished) return clearTimeout(this.#timer);
    this.#draw("", "");
    if (this.#field.value.trim()) this.#ask();
  }

  /** One at a time: what was written meanwhile is asked for after it. */
  async #ask() {
    const content = this.#field.value;
    if (this.#asking || content === this.#drawn) return;
    this.#asking = true;
    try {
      const { html } = await call("POST", "preview", { content });
      if (!this.#pane.hidden && this.#field.value === content) this.#draw(content, html);
    } catch ({ retryAfter }) {
      // What was drawn before stays until the next letter asks again, or until the server may be asked again.
      this.#drawn = content;
      if (retryAfter > 0) {
        this.#rests = Date.now() + retryAfter * 1000;
        this.#drawn = "";
      }
    }
    this.#asking = false;
    if (!this.#pane.hidden && this.#field.value !== this.#drawn) this.changed();
  }

  /** @param {string} content
   *  @param {string} html */
  #draw(content, html) {
    this.#drawn = content;
    this.#hint.hidden = html !== "";
    this.#body.innerHTML = html;
    fitBoxes(this.#body);
    const { selectionEnd, value } = this.#field;
    if (selectionEnd === value.length) this.#body.scrollTop = this.#body.scrollHeight;
  }
}
