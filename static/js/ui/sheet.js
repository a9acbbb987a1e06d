// @ts-check
// A sheet over the room: opens, closes by its buttons, by Escape and by a press on the veil around it. One of them asks before what
// cannot be taken back.

import { say } from "./i18n.js";

export class Sheet {
  #dialog;

  /** `closed()` hears when it is gone, whatever ended it.
   *  @param {IdOf<HTMLDialogElement>} id
   *  @param {() => void} [closed] */
  constructor(id, closed = () => {}) {
    this.#dialog = document.getElementById(id);
    for (const button of this.#dialog.querySelectorAll(".cancel")) button.onclick = () => this.close();
    // One that began inside, e.g. selecting text, does not close.
    this.#dialog.addEventListener("pointerdown", (event) => event.target === this.#dialog && this.close());
    this.#dialog.addEventListener("close", closed);
  }

  open() {
    if (!this.#dialog.open) this.#dialog.showModal();
  }

  close() {
    this.#dialog.close();
  }

  /** A part of it.
   *  @template {string} C
   *  @param {C} css */
  find(css) {
    return this.#dialog.querySelector(css);
  }
}

/** @type {(yes: boolean) => void} */
let answer;
/** @type {Sheet | undefined} */
let sheet;

/** Resolves to whether the person said yes. What `hurts` has the other answer under Enter.
 *  @param {{ title: string, text: string, yes: string, no?: string, hurts?: boolean }} what */
export function confirm({ title, text, yes, no = say("cancel"), hurts = false }) {
  sheet ??= new Sheet("confirm-dialog", () => answer(false));
  sheet.find("h2").textContent = title;
  sheet.find(".text").textContent = text;
  const button = sheet.find(".primary");
  button.textContent = yes;
  button.classList.toggle("hurts", hurts);
  sheet.find(".cancel").textContent = no;
  return new Promise((resolve) => {
    answer = resolve;
    button.onclick = () => {
      resolve(true);
      sheet.close();
    };
    sheet.open();
    // The harmless answer is the one under Enter.
    sheet.find(hurts ? ".cancel" : ".primary").focus();
  });
}
