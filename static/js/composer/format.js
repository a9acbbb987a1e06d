// Keys that put Markdown around what is chosen, and take it off again.

import { composes } from "../ui/composing.js";
import { insert } from "./insert.js";

const MARKS = { b: "**", i: "*", e: "`", "shift+x": "~~" };

export function formatByKeys(field) {
  field.addEventListener("keydown", (event) => {
    const { key, ctrlKey, metaKey, shiftKey, altKey } = event;
    const mark = MARKS[`${shiftKey ? "shift+" : ""}${key.toLowerCase()}`];
    if (!mark || !(ctrlKey || metaKey) || altKey || composes(event)) return;
    event.preventDefault();
    format(field, mark);
  });
}

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

/** Whether a run of signs has the mark in it: three stars are bold and italic. */
function stands(run, mark) {
  if (run[0] !== mark[0]) return false;
  return mark === "*" ? run.length % 2 === 1 : run.length >= mark.length;
}
