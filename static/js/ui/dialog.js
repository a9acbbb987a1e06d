// @ts-check
// A form in a dialog: opens, submits, shows that it is busy, and shows each error of the server beside its field.

import { say } from "./i18n.js";

export class FormDialog {
  #dialog;
  #form;
  #send;

  /** `send(values)` may throw an ApiError; when it does not, the dialog closes, and what it gave goes on from there.
   *  @param {IdOf<HTMLDialogElement>} id
   *  @param {(values: Record<string, string>) => Promise<any>} send */
  constructor(id, send) {
    this.#dialog = document.getElementById(id);
    this.#form = this.#dialog.querySelector("form");
    this.#send = send;
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    for (const button of this.#dialog.querySelectorAll(".cancel")) button.onclick = () => this.#dialog.close();
    const reveal = this.#dialog.querySelector(".reveal");
    if (reveal) reveal.onclick = () => this.#reveal(reveal.getAttribute("aria-pressed") !== "true");
    // A press on the veil closes; one that began inside, e.g. selecting text, does not.
    this.#dialog.addEventListener("pointerdown", (event) => event.target === this.#dialog && this.#dialog.close());
    this.#dialog.addEventListener("close", () => this.#clear());
  }

  /** @param {Record<string, string | number | boolean>} [values] */
  open(values = {}) {
    for (const [name, value] of Object.entries(values)) {
      const field = this.#form.elements[name];
      if (field.type === "checkbox") field.checked = value;
      else field.value = value;
    }
    this.#dialog.showModal();
    const first = this.#form.querySelector("input:not([type=radio]):not([type=checkbox]):not([hidden])");
    first?.focus();
    first?.select();
  }

  close() {
    this.#dialog.close();
  }

  get values() {
    return valuesOf(this.#form);
  }

  async #submit() {
    if (this.#form.ariaBusy === "true") return;
    this.#mind();
    const missing = [...this.#form.querySelectorAll("input[required]")].find((input) => input.value.trim() === "");
    if (missing) return this.#mind(missing.name, say(`${missing.name}_missing`));
    this.#form.ariaBusy = "true";
    try {
      const after = await this.#send(this.values);
      this.#dialog.close();
      after?.();
    } catch (error) {
      this.#mind(this.#about(error.code), error.message);
    } finally {
      this.#form.ariaBusy = "false";
    }
  }

  /** Codes say what they are about: name_taken, bad_name, password_short.
   *  @param {string} [code] */
  #about(code = "") {
    return code.split("_").find((word) => this.#form.elements.namedItem(word)) ?? "form";
  }

  /** @param {string} [about]
   *  @param {string} [text] */
  #mind(about, text = "") {
    for (const line of this.#form.querySelectorAll(".problem")) line.textContent = line.dataset.about === about ? text : "";
    for (const input of /** @type {NodeListOf<HTMLInputElement>} */ (this.#form.querySelectorAll("input, textarea"))) {
      input.setAttribute("aria-invalid", String(input.name === about));
      if (input.name === about) input.focus();
    }
  }

  /** @param {boolean} shown */
  #reveal(shown) {
    const button = this.#dialog.querySelector(".reveal");
    button?.setAttribute("aria-pressed", String(shown));
    const input = this.#form.elements.password;
    if (input) input.type = shown ? "text" : "password";
  }

  #clear() {
    this.#form.reset();
    this.#reveal(false);
    this.#mind();
  }
}

/** What stands in the fields of a form: the page has none for files.
 *  @param {HTMLFormElement} form
 *  @returns {Record<string, string>} */
export function valuesOf(form) {
  return Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value)]));
}
