// @ts-check
// The list of all keys. It is made when it is wanted first.

import { icon } from "./templates.js";
import { Sheet } from "./sheet.js";
import { say } from "./i18n.js";

/** @type {[string, string[][]][]} */
const ALL = [
  ["keys_writing", [
    ["key_send", "Enter"], ["key_line", "Shift Enter"], ["key_last", "↑"], ["key_cancel", "Esc"], ["key_type", "A … Z"],
    ["format_bold", "Ctrl B"], ["format_italic", "Ctrl I"], ["format_strike", "Ctrl Shift X"], ["format_code", "Ctrl E"], ["preview", "Ctrl Shift P"], ["attach", "Ctrl U"],
  ]],
  ["keys_messages", [["key_steps", "↑", "↓"], ["key_reply", "R"]]],
  ["keys_going", [
    ["key_rooms", "Alt ↑", "Alt ↓"], ["key_unread", "Alt Shift ↑", "Alt Shift ↓"],
    ["find", "Ctrl K"], ["search", "/", "Ctrl Shift F"], ["key_this", "?"],
  ]],
];

export class ShortcutsDialog extends Sheet {
  constructor() {
    document.body.append(draw());
    super("keys");
  }
}

function draw() {
  const dialog = make("dialog", { className: "sheet", id: "keys" });
  dialog.setAttribute("aria-labelledby", "keys-title");
  const close = make("button", { className: "quiet cancel", type: "button", ariaLabel: say("close") }, icon("close"));
  const inside = make("div", { className: "inside" }, make("header", {}, make("h2", { id: "keys-title", textContent: say("keys") }), close));
  for (const [title, keys] of ALL) inside.append(make("h3", { textContent: say(title) }), make("dl", { className: "formats" }, ...keys.map(row)));
  dialog.append(inside);
  return dialog;
}

/** @param {string[]} what */
function row([words, ...keys]) {
  const pressed = keys.map((key) => make("kbd", { textContent: key }));
  return make("div", {}, make("dt", { textContent: say(words) }), make("dd", {}, ...pressed));
}

/** @param {string} name
 *  @param {object} properties
 *  @param {...(string | Node)} children */
function make(name, properties, ...children) {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
}
