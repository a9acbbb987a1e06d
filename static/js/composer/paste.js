// @ts-check
// What is pasted from a page or a document keeps its structure, as Markdown; in code, and where it has none worth keeping, it is the
// plain text. Pictures and files cannot be sent: whoever tries hears of it, and nothing that is dropped leads away from the page.

import { inCode, insert } from "./text-field.js";
import { toast } from "../ui/toast.js";
import { say } from "../ui/i18n.js";

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

/** Takes files for nothing, wherever on the page they come. */
export function refuseFiles() {
  document.addEventListener("paste", (event) => {
    const { files, types } = event.clipboardData ?? {};
    // A document brings its words, and a picture of them.
    if (files?.length && !types.includes("text/plain")) refuse(event);
  });
  /** @type {("dragover" | "drop")[]} */
  const types = ["dragover", "drop"];
  for (const type of types) {
    document.addEventListener(type, (event) => {
      const files = event.dataTransfer?.types.includes("Files");
      if (files && type === "drop") refuse(event);
      // Words that are dropped in a field are written there.
      else if (files || !event.target.closest?.("input, textarea")) event.preventDefault();
    });
  }
}

/** @param {Event} event */
function refuse(event) {
  event.preventDefault();
  toast(say("words_only"));
}
