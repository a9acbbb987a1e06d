// @ts-check
// What the large picture is made of.

import { icon } from "../ui/templates.js";
import { say } from "../ui/i18n.js";

/** The dialog and its parts by their names. */
export function lightboxParts() {
  // A press on it keeps the keys in it.
  const dialog = make("dialog", { className: "lightbox", tabIndex: -1, ariaLabel: say("picture_large") });
  const who = make("bdi", { className: "who" });
  const time = make("time", {});
  const count = make("span", { className: "count" });
  const image = make("img", { draggable: false, decoding: "async" });
  const show = make("button", { type: "button", className: "show", hidden: true }, icon("eye"), say("file_show"));
  const words = make("p", { className: "words" });
  const stage = make("div", { className: "stage" }, image, show, words);
  const alt = make("p", { className: "alt", dir: "auto" });
  const spoken = make("p", { className: "hush" });
  spoken.role = "status";
  const close = button(say("close"), icon("close"));
  const back = button(say("picture_earlier"), icon("back"));
  const later = button(say("picture_later"), icon("back"));
  later.classList.add("later");
  const farther = button(say("zoom_out"), "−");
  const closer = button(say("zoom_in"), "+");
  const save = make("a", { className: "quiet", download: "", ariaLabel: say("file_save"), title: say("file_save") }, icon("down"));
  const link = button(say("copy_link"), icon("link"));
  const there = button(say("picture_go"), icon("talk"));
  const line = make("p", { className: "line" }, who, " ", time, " ", count);
  const acts = make("div", { className: "acts" }, back, farther, closer, save, link, there, later);
  acts.role = "group";
  acts.ariaLabel = say("picture_acts");
  dialog.append(make("header", {}, line, close), stage, make("footer", {}, alt, acts), spoken);
  document.body.append(dialog);
  return { dialog, who, time, count, image, show, words, stage, alt, spoken, close, back, later, farther, closer, save, link, there };
}

/** @param {string} text
 *  @param {Node | string} sign */
function button(text, sign) {
  return make("button", { type: "button", className: "quiet", ariaLabel: text, title: text }, sign);
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
