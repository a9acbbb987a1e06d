// @ts-check
// Sets up what helps with writing: emoji picker, completion, Markdown keys, preview, paste.

import { formatByKeys, insert } from "./text-field.js";
import { kept } from "../state/local-store.js";
import { lazy } from "../ui/lazy.js";
import { pasteMarkdown } from "./paste.js";

/** What names and emoji begin with. */
const BEGIN = /[@＠:：]/;

const picker = lazy(() => import("./emoji/picker.js"), ({ pickEmoji }) => pickEmoji);

export class WritingAids {
  #field = document.getElementById("say");
  #button = document.getElementById("emoji-button");
  /** @type {import("./completion/completion.js").Completion | undefined} */
  #completion;
  /** What ended with a colon, and where, while completion was on its way.
   *  @type {TypedShortcode | undefined} */
  #ended;
  /** @type {import("./preview.js").Preview | undefined} */
  #preview;
  #loadPreview = lazy(() => import("./preview.js"), ({ Preview }) => this.#preview = new Preview(this.#field));

  /** `room` is the open one, `near()` who is known here, the likeliest first.
   *  @param {Pick<App, "room"> & { near: () => Author[] }} parts */
  constructor({ room, near }) {
    let composing = false;
    /** @param {InputEvent | CompositionEvent} event */
    const complete = async (event) => {
      if (this.#completion) return;
      composing = event.type === "input" && /** @type {InputEvent} */ (event).isComposing;
      if (!BEGIN.test(this.#field.value)) return;
      if (event.data?.endsWith(":")) this.#ended = { event, to: this.#field.selectionStart };
      const part = await import("./completion/setup.js").catch(/** @returns {undefined} */ () => undefined);
      if (part) this.#completion ??= part.complete({ field: this.#field, room, near, composing, ended: this.#ended });
    };
    this.#field.addEventListener("input", complete);
    this.#field.addEventListener("compositionend", complete);
    formatByKeys(this.#field);
    pasteMarkdown(this.#field);
    const preview = async () => (await this.#loadPreview())?.toggle();
    document.getElementById("preview-button").onclick = preview;
    document.addEventListener("keydown", (event) => {
      if (!(event.ctrlKey || event.metaKey) || !event.shiftKey || event.altKey || event.key.toLowerCase() !== "p" || this.#field.disabled) return;
      event.preventDefault();
      preview();
    });
    if (kept("preview")) preview();
    let open = false;
    // By the time of the click a press outside of the picker has closed it.
    this.#button.addEventListener("pointerdown", () => open = this.#button.ariaExpanded === "true");
    this.#button.onclick = () => {
      if (!open) this.#pick();
      open = false;
    };
  }

  /** The words became others, not by hand. */
  changed() {
    this.#completion?.forget();
    this.#ended = undefined;
    this.#preview?.changed();
  }

  async #pick() {
    const write = (/** @type {string} */ emoji) => insert(this.#field, emoji);
    const each = (/** @type {string} */ emoji) => {
      const { activeElement } = document;
      write(emoji);
      activeElement.focus();
    };
    const pickEmoji = await picker();
    const emoji = await pickEmoji?.({ anchor: this.#button, each });
    if (emoji) write(emoji);
  }
}
