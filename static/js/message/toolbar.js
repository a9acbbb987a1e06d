// @ts-check
// The toolbar of a message: the most used actions, made when the row is first hovered or focused. The rest is in its menu.

import { clone } from "../ui/templates.js";
import { openAt, wireArrows } from "../ui/popup.js";

export class Toolbar {
  #find;
  #actions;

  /** `find(id)` is the message of a row, `actions` what one can do with it.
   *  @param {Pick<App, "list" | "actions"> & { find: (id: number) => Entry | undefined }} parts */
  constructor({ list, find, actions }) {
    this.#find = find;
    this.#actions = actions;
    const coming = (/** @type {On<Event>} */ { target }) => this.#offer(target.closest(".msg[data-id]"));
    list.addEventListener("pointerover", coming);
    list.addEventListener("focusin", coming);
    list.addEventListener("click", ({ target }) => {
      const button = target.closest(".tools > button");
      if (button) this.#press(button.closest(".msg"), button.className, button);
    });
  }

  /** @param {HTMLElement | null} row */
  #offer(row) {
    const entry = this.#entry(row);
    if (!entry || row.querySelector(".tools")) return;
    const tools = clone("tools-template");
    if (!this.#actions.may("edit", entry)) tools.querySelector(".edit").remove();
    row.append(tools);
  }

  /** @param {HTMLElement} row
   *  @param {string} name
   *  @param {HTMLButtonElement} button */
  #press(row, name, button) {
    const entry = this.#entry(row);
    row.classList.remove("tapped");
    if (entry) this.#actions.do(name, entry, button);
  }

  /** @param {HTMLElement | null} row */
  #entry(row) {
    return row && this.#find(Number(row.dataset.id));
  }
}

/** On a touch screen a tap on a message shows its buttons, a tap elsewhere hides them.
 *  @param {HTMLElement} list */
export function showToolsOnTap(list) {
  document.addEventListener("click", ({ target }) => {
    if (target.closest("a, button, input, textarea, .face")) return;
    const row = target.closest(".msg");
    for (const other of list.querySelectorAll(".tapped")) if (other !== row) other.classList.remove("tapped");
    if (row?.parentNode === list && row.querySelector(".tools")) row.classList.toggle("tapped");
  });
}

/** The menu of a message: all that one can do with it besides its buttons. */
export class MessageMenu {
  #menu = document.getElementById("message-menu");
  #actions;
  /** @type {Entry} */
  #entry;
  /** @type {HTMLButtonElement} */
  #button;

  /** @param {Pick<App, "actions">} parts */
  constructor({ actions }) {
    this.#actions = actions;
    wireArrows(this.#menu);
    for (const button of this.#items) button.onclick = () => this.#chosen(button.dataset.act);
  }

  /** @param {Entry} entry
   *  @param {HTMLButtonElement} button */
  open(entry, button) {
    this.#entry = entry;
    this.#button = button;
    for (const item of this.#items) item.hidden = !this.#actions.may(item.dataset.act, entry);
    openAt(this.#menu, button);
  }

  get #items() {
    return this.#menu.querySelectorAll("button");
  }

  /** @param {string} name */
  #chosen(name) {
    this.#menu.hidePopover();
    this.#actions.do(name, this.#entry, this.#button);
  }
}
