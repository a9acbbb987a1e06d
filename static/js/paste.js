// What is pasted from a page or a document keeps its structure, as Markdown. Where it has none worth keeping, and in code, the browser
// pastes the plain text itself.

import { inCode } from "./in-code.js";
import { insert } from "./insert.js";
import { markdownOf } from "./markdown-of.js";

/** Markup longer than this is not looked at: no message could hold what it says. */
const MOST_CHARS = 500_000;

export function pasteMarkdown(field) {
  field.addEventListener("paste", (event) => {
    const html = event.clipboardData?.getData("text/html");
    if (!html || html.length > MOST_CHARS || inCode(field.value.slice(0, field.selectionStart))) return;
    const words = markdownOf(html);
    if (!words) return;
    event.preventDefault();
    insert(field, words);
  });
}
