// @ts-check
// Unsent messages of a room that does not exist any more: to be copied, or discarded.

import { copy } from "../ui/clipboard.js";
import { confirm } from "../ui/sheet.js";
import { say } from "../ui/i18n.js";

/** @type {string[]} */
let shown = [];

/** Shows these words, below those that are being shown.
 *  @param {string[]} words */
export async function showUnsaid(words) {
  shown.push(...words);
  const text = shown.join("\n\n");
  const takes = await confirm({ title: say("unsaid"), text, yes: say("copy_text"), no: say("discard") });
  shown = [];
  if (takes) copy(text);
}
