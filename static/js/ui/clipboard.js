// @ts-check
// Copies words, and says so. Pages that came without encryption have no clipboard: there the browser copies what is selected.

import { toast } from "./toast.js";
import { say } from "./i18n.js";

/** @param {string} text
 *  @param {string} [done] what is said then */
export async function copy(text, done = say("copied_words")) {
  const copied = await navigator.clipboard?.writeText(text).then(() => true, () => false);
  toast(copied || selected(text) ? done : say("not_copied"));
}

/** @param {string} text */
function selected(text) {
  const before = document.activeElement;
  const field = Object.assign(document.createElement("textarea"), { className: "hush", value: text });
  // Beneath a dialog nothing can be selected.
  (document.querySelector("dialog[open]") ?? document.body).append(field);
  field.select();
  const copied = document.execCommand("copy");
  field.remove();
  before?.focus({ preventScroll: true });
  return copied;
}

/** Copies the link of a field; where the page may not, it is chosen, to be copied by hand.
 *  @param {HTMLInputElement} field */
export async function copyLink(field) {
  try {
    await navigator.clipboard.writeText(field.value);
    toast(say("copied"));
  } catch {
    field.focus();
    field.select();
    toast(say("copy_by_hand"));
  }
}
