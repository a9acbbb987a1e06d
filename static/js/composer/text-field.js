// @ts-check
// Writing into a text field as a hand would, and the keys that put Markdown around what is chosen and take it off again.

import { isComposingKey } from "../ui/keyboard.js";

/** @type {Record<string, string>} */
const MARKS = { b: "**", i: "*", e: "`", "shift+x": "~~" };

/** @param {HTMLTextAreaElement} field */
export function formatByKeys(field) {
  field.addEventListener("keydown", (event) => {
    const { key, ctrlKey, metaKey, shiftKey, altKey } = event;
    const mark = MARKS[`${shiftKey ? "shift+" : ""}${key.toLowerCase()}`];
    if (!mark || !(ctrlKey || metaKey) || altKey || isComposingKey(event)) return;
    event.preventDefault();
    format(field, mark);
  });
}

/** @param {HTMLTextAreaElement} field
 *  @param {string} mark */
function format(field, mark) {
  const { selectionStart, selectionEnd, value } = field;
  const chosen = value.slice(selectionStart, selectionEnd);
  const words = chosen.trim();
  // Blanks at the ends stay outside: a mark beside a blank marks nothing.
  const from = words ? selectionStart + chosen.indexOf(words) : selectionStart;
  const to = words ? from + words.length : selectionEnd;
  const [before, after] = [/(?:\*+|~+|`+)?$/.exec(value.slice(0, from))[0], /^(?:\*+|~+|`+)?/.exec(value.slice(to))[0]];
  const there = stands(before, mark) && stands(after, mark);
  const size = mark.length;
  if (there) insert(field, words, from - size, to + size);
  else insert(field, `${mark}${words}${mark}`, from, to);
  const start = there ? from - size : from + size;
  field.setSelectionRange(start, start + words.length);
}

/** Whether a run of signs has the mark in it: three stars are bold and italic.
 *  @param {string} run
 *  @param {string} mark */
function stands(run, mark) {
  if (run[0] !== mark[0]) return false;
  return mark === "*" ? run.length % 2 === 1 : run.length >= mark.length;
}

/** Whether what is written next is code: between fences, or behind a backtick that nothing has closed on its line.
 *  @param {string} before */
export function inCode(before) {
  const fences = before.match(/^ {0,3}(?:```|~~~)/gm) ?? [];
  const line = before.slice(before.lastIndexOf("\n") + 1);
  return fences.length % 2 === 1 || line.split("`").length % 2 === 0;
}

/** Puts `text` in the place of what stands between `from` and `to`; the caret stands after it.
 *  @param {HTMLTextAreaElement} field
 *  @param {string} text
 *  @param {number} [from]
 *  @param {number} [to] */
export function insert(field, text, from = field.selectionStart, to = field.selectionEnd) {
  // Where a keyboard would come up over half of the page, the field is left as it is.
  if (matchMedia("(hover: hover)").matches) field.focus({ preventScroll: true });
  field.setSelectionRange(from, to);
  if (document.activeElement === field && document.execCommand("insertText", false, text)) return;
  field.setRangeText(text, from, to, "end");
  field.dispatchEvent(new InputEvent("input", { bubbles: true, inputType: "insertReplacementText" }));
}
