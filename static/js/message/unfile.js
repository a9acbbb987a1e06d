// @ts-check
// Asks which file of a message is to be taken out, and whether it is.

import { FormDialog } from "../ui/dialog.js";
import { clone } from "../ui/templates.js";
import { fileWord } from "../ui/i18n.js";

const list = document.getElementById("unfile-files");
/** @type {(file: string) => void} */
let take;
const form = new FormDialog("unfile-dialog", async ({ file }) => take(file));

/** `then(file)` is told the id of the one that is meant.
 *  @param {Pick<Entry, "files">} entry
 *  @param {(file: string) => void} then */
export function askUnfile({ files = [] }, then) {
  take = then;
  const there = files.filter(({ id, gone }) => id && !gone);
  list.replaceChildren(...there.map(({ id, kind, name, alt }, place) => {
    const choice = clone("unfile-template");
    const [radio, words, kindWord] = choice.children;
    Object.assign(radio, { value: id, checked: place === 0 });
    words.textContent = alt || name;
    kindWord.textContent = fileWord(kind);
    return choice;
  }));
  form.open();
  list.querySelector("input")?.focus();
}
