// @ts-check
// What the gallery of a room is made of: its sheet, a month, a picture as a tile, anything else as a line.

import { fileAddress } from "./address.js";
import { fillLine, isPicture } from "../timeline/files-row.js";
import { showDay } from "../ui/dates.js";
import { clone, icon } from "../ui/templates.js";
import { personName, say } from "../ui/i18n.js";
import { pathOf } from "../state/rooms.js";

/** Of a picture whose size is not known, in px: a tile is a square whatever it says. */
const EDGE = 240;
const months = new Intl.DateTimeFormat(document.documentElement.lang, { year: "numeric", month: "long" });

/** The sheet and its parts by their names; `tabs` are the names of its tabs.
 *  @param {string[]} tabs */
export function galleryParts(tabs) {
  const dialog = make("dialog", { id: "gallery-dialog", className: "sheet gallery" });
  dialog.setAttribute("aria-labelledby", "gallery-title");
  const close = make("button", { type: "button", className: "quiet", ariaLabel: say("close"), title: say("close") }, icon("close"));
  const list = make("div", { className: "chooser", role: "tablist" });
  list.setAttribute("aria-labelledby", "gallery-title");
  for (const name of tabs) {
    const tab = make("button", { type: "button", id: `gallery-${name}`, role: "tab" }, say(`gallery_${name}`));
    tab.setAttribute("aria-controls", "gallery-panel");
    list.append(tab);
  }
  const all = make("div", { className: "all" });
  const state = make("p", { className: "state", role: "status" });
  const more = make("button", { type: "button", className: "next", hidden: true }, say("more"));
  const panel = make("div", { id: "gallery-panel", className: "panel", role: "tabpanel", tabIndex: -1 }, all, state, more);
  dialog.append(make("header", {}, make("h2", { id: "gallery-title" }, say("room_files")), close), list, panel);
  document.body.append(dialog);
  return { dialog, close, list, panel, all, state, more };
}

/** The month of a time, in words.
 *  @param {number} at */
export function monthOf(at) {
  return months.format(at);
}

/** The place for the files of a month.
 *  @param {string} month
 *  @param {boolean} tiles */
export function section(month, tiles) {
  const list = make("ul", { className: tiles ? "tiles" : "lines" });
  list.setAttribute("role", "list");
  return { element: make("section", {}, make("h3", {}, month), list), list };
}

/** A picture or a video, seen as a square.
 *  @param {RoomFile} what
 *  @param {number} room */
export function tile({ message, at, by, file }, room) {
  const { id, kind, name, w = EDGE, h = EDGE, hash, alt, spoiler, poster } = file;
  const link = make("a", { href: isPicture(file) ? fileAddress(id, "l") : pathOf(room, message) });
  link.dataset.file = id;
  const box = make("div", { className: spoiler ? "pic spoiler" : "pic" }, link);
  if (hash) box.dataset.hash = hash;
  const says = spoiler ? say("gallery_hidden") : alt || name;
  if (isPicture(file) || poster) {
    const image = make("img", { width: w, height: h, loading: "lazy", decoding: "async", alt: says });
    image.src = fileAddress(id, isPicture(file) ? "s" : "poster");
    link.append(image);
  } else {
    link.ariaLabel = says;
  }
  if (kind !== "picture") box.append(make("span", { className: "sort" }, kind === "animation" ? "GIF" : icon("play")));
  const when = make("time", {});
  showDay(when, at);
  link.title = `${says}\n${personName(by)} · ${when.textContent}`;
  return make("li", {}, box);
}

/** Anything else: what it is, who sent it and when, and the way to its message. A voice is heard there.
 *  @param {RoomFile} what
 *  @param {number} room */
export function line({ message, at, by, file }, room) {
  const link = clone("clip-template").querySelector("a");
  const voice = file.kind === "voice";
  fillLine(link, voice ? { ...file, name: say("voice") } : file);
  if (voice) {
    link.href = pathOf(room, message);
    for (const saving of ["data-file", "download", "title"]) link.removeAttribute(saving);
    link.querySelector(".i").replaceWith(icon("play"));
    link.querySelector("small").textContent = length(file.ms ?? 0);
  }
  const when = make("time", {});
  showDay(when, at);
  const about = make("p", { className: "sender" }, make("bdi", {}, personName(by)), " · ", when);
  const there = make("a", { className: "quiet there", href: pathOf(room, message), ariaLabel: say("picture_go"), title: say("picture_go") }, icon("talk"));
  return make("li", {}, link, there, about);
}

/** Minutes and seconds.
 *  @param {number} ms */
function length(ms) {
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** @template {keyof HTMLElementTagNameMap} T
 *  @param {T} tag
 *  @param {Partial<HTMLElementTagNameMap[T]>} what
 *  @param {(Node | string)[]} within
 *  @returns {HTMLElementTagNameMap[T]} */
function make(tag, what, ...within) {
  const element = Object.assign(document.createElement(tag), what);
  element.append(...within);
  return element;
}
