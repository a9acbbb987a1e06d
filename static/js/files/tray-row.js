// @ts-check
// One file in the tray: its picture, name and size, how far it is, and what is said of it.

import { fillName, sizeText } from "../timeline/files-row.js";
import { icon } from "../ui/templates.js";
import { say } from "../ui/i18n.js";
import { fillRing, mayGoAsFile, ring } from "./rings.js";
import { isImage } from "./shrink.js";

const ALT_CHARS = 300;

export class TrayRow {
  li = document.createElement("li");
  #file;
  #act;
  #name = make("bdi", { className: "file-name", dir: "auto" }, make("span", {}), make("span", {}));
  #size = make("small", {});
  #sign = make("span", { className: "thumb" });
  #ring;
  #more;
  #details = make("div", { className: "details", hidden: true });
  #problem = make("p", { className: "problem", role: "status" });
  /** @type {HTMLButtonElement} */
  #earlier;
  /** @type {HTMLButtonElement} */
  #later;
  #shown = "";

  /** `changed()` hears that it is called or shown otherwise; the rest is what its buttons do.
   *  @param {LocalFile} file
   *  @param {Record<"changed" | "remove" | "retry" | "asFile", () => void> & { move: (by: number) => void, original: (full: boolean) => void }} act */
  constructor(file, act) {
    this.#file = file;
    this.#act = act;
    const { name } = file;
    this.#ring = ring(file);
    this.#more = button("quiet more", "more", say("file_more", { name }), () => this.open(this.#details.hidden));
    this.#more.ariaExpanded = "false";
    const remove = button("quiet remove", "close", say("file_remove", { name }), act.remove);
    this.li.append(this.#sign, make("div", { className: "what" }, this.#name, " ", this.#size), this.#ring, this.#more, remove, this.#problem, this.#details);
    this.#fillDetails();
    this.update();
  }

  /** @param {{ first: boolean, last: boolean }} place */
  show({ first, last }) {
    const { activeElement } = document;
    this.#more.hidden = first && last && !isImage(this.#file);
    this.#earlier.disabled = first;
    this.#later.disabled = last;
    // Who has moved it to the end goes on from the other button.
    if (activeElement === this.#earlier && first) this.#later.focus();
    if (activeElement === this.#later && last) this.#earlier.focus();
  }

  /** @param {boolean} [open] */
  open(open = true) {
    this.#details.hidden = !open;
    this.#more.ariaExpanded = String(open);
    if (open) this.#details.querySelector(":is(input, button):not([hidden], :disabled)").focus();
  }

  focus() {
    (this.#more.hidden ? this.li.querySelector(".remove") : this.#more).focus();
  }

  /** Shows it as it is now. */
  update() {
    const { name, size, file, problem } = this.#file;
    fillName(this.#name, name);
    this.#size.textContent = sizeText(size);
    this.#ring.hidden = Boolean(file || problem);
    fillRing(this.#ring, this.#file);
    this.#showPicture();
    this.#showProblem();
    const original = this.#details.querySelector(".original");
    // Without the file as it was chosen there is nothing to choose.
    original.hidden = !(this.#file.original && this.#file.as === "picture");
  }

  #showPicture() {
    const { url, w, posterUrl } = this.#file;
    const shown = (w ? url : posterUrl) ?? "";
    if (this.#sign.hasChildNodes() && shown === this.#shown) return;
    this.#shown = shown;
    this.#sign.replaceChildren(shown ? Object.assign(new Image(), { src: shown, alt: "" }) : icon("file"));
  }

  #showProblem() {
    const { problem, file } = this.#file;
    this.li.classList.toggle("stopped", Boolean(problem));
    this.#problem.replaceChildren();
    const words = problem?.message ?? (file?.still && say("still"));
    if (!words) return;
    const asFile = !problem || mayGoAsFile(this.#file);
    const again = make("button", { type: "button", className: "link", textContent: say(asFile ? "send_as_file" : "again"), onclick: asFile ? this.#act.asFile : this.#act.retry });
    this.#problem.append(words, " ", again);
  }

  #fillDetails() {
    const { name, alt = "", spoiler, full } = this.#file;
    const field = make("input", { type: "text", maxLength: ALT_CHARS, value: alt, placeholder: say("file_describe"), ariaLabel: say("file_describe_label", { name }), dir: "auto", autocomplete: "off" });
    field.onchange = () => {
      this.#file.alt = field.value.trim();
      this.#act.changed();
    };
    // It is not sent from here.
    field.onkeydown = (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      document.getElementById("say").focus();
    };
    const hide = toggle(say("file_spoiler"), Boolean(spoiler), (on) => {
      this.#file.spoiler = on;
      this.#act.changed();
    });
    const original = toggle(say("file_original"), Boolean(full), (on) => this.#act.original(on));
    original.classList.add("original");
    this.#earlier = button("quiet", "back", say("file_earlier", { name }), () => this.#act.move(-1));
    this.#later = button("quiet later", "back", say("file_later", { name }), () => this.#act.move(1));
    // What is not seen in the row is neither described nor hidden there.
    field.hidden = hide.hidden = !isImage(this.#file);
    this.#details.append(field, make("div", { className: "toggles" }, hide, original, make("span", { className: "moves" }, this.#earlier, this.#later)));
  }
}

/** @param {string} className
 *  @param {string} sign
 *  @param {string} text
 *  @param {() => void} onclick */
function button(className, sign, text, onclick) {
  return make("button", { type: "button", className, ariaLabel: text, title: text, onclick }, icon(sign));
}

/** @param {string} text
 *  @param {boolean} on
 *  @param {(on: boolean) => void} act */
function toggle(text, on, act) {
  const element = make("button", { type: "button", className: "toggle", textContent: text, ariaPressed: String(on) });
  element.onclick = () => {
    element.ariaPressed = String(element.ariaPressed !== "true");
    act(element.ariaPressed === "true");
  };
  return element;
}

/** @template {keyof HTMLElementTagNameMap} N
 *  @param {N} name
 *  @param {object} properties
 *  @param {...(string | Node)} children
 *  @returns {HTMLElementTagNameMap[N]} */
function make(name, properties, ...children) {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
}
