// @ts-check
// A form of the settings: submits, shows that it is busy, and shows each error of the server beside its field.

import { valuesOf } from "../ui/dialog.js";
import { say } from "../ui/i18n.js";

export class SettingsForm {
  #form;
  #send;
  #about;

  /** `send(values)` may throw an ApiError; `about` names the field that a code is about, where its words do not.
   *  @param {IdOf<HTMLFormElement>} id
   *  @param {(values: Record<string, string>) => Promise<unknown>} send
   *  @param {(code: string) => string | undefined} [about] */
  constructor(id, send, about = () => undefined) {
    this.#form = document.getElementById(id);
    this.#send = send;
    this.#about = about;
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
  }

  get fields() {
    return this.#form.elements;
  }

  clear() {
    this.#form.reset();
    this.mind();
  }

  /** Shows what is minded, beside the field it is about; without, everything is well.
   *  @param {string} [about]
   *  @param {string} [text] */
  mind(about, text = "") {
    for (const line of this.#form.querySelectorAll(".problem")) line.textContent = line.dataset.about === about ? text : "";
    for (const input of this.#form.querySelectorAll("input[required]")) {
      input.setAttribute("aria-invalid", String(input.name === about));
      if (input.name === about) input.focus();
    }
  }

  async #submit() {
    if (this.#form.ariaBusy === "true") return;
    this.mind();
    const missing = [...this.#form.querySelectorAll("input[required]")].find((input) => input.value.trim() === "");
    if (missing) return this.mind(missing.name, say(missing.type === "password" ? "password_missing" : `${missing.name}_missing`));
    this.#form.ariaBusy = "true";
    try {
      await this.#send(valuesOf(this.#form));
    } catch (error) {
      this.mind(this.#about(error.code) ?? "form", error.message);
    } finally {
      this.#form.ariaBusy = "false";
    }
  }
}
