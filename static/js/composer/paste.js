// @ts-check
// What is pasted from a page or a document keeps its structure, as Markdown; in code, and where it has none worth keeping, it is the
// plain text.

import { inCode, insert } from "./text-field.js";

/** Markup longer than this is not looked at: no message could hold what it says. */
const MOST_CHARS = 500_000;

/** @param {HTMLTextAreaElement} field */
export function pasteMarkdown(field) {
  field.addEventListener("paste", async (event) => {
    const html = event.clipboardData?.getData("text/html");
    const text = event.clipboardData?.getData("text/plain");
    // Without plain text it is a picture or a file.
    if (!html || !text || html.length > MOST_CHARS || inCode(field.value.slice(0, field.selectionStart))) return;
    event.preventDefault();
    const part = await import("./html-to-markdown.js").catch(/** @returns {undefined} */ () => undefined);
    insert(field, part?.markdownOf(html) ?? text);
  });
}
