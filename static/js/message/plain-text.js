// A message as text on one line, as the server writes it for quotes and notifications (src/text/markdown/plain.rs): signs for items,
// quotes and cells, an address after the words of its link.

import { clip } from "../ui/clip.js";

/** As much of a message as the server quotes. */
const MOST_CHARS = 140;

/** The beginning of the words; `html` is the server's, where they have any. */
export function snippet({ content, html }) {
  const words = html === undefined ? content : plain(html);
  return clip(words.trim().replace(/\s+/gu, " "), MOST_CHARS);
}

/** What the server's markup says; a document of its own runs and loads nothing. */
function plain(html) {
  return inside(new DOMParser().parseFromString(html, "text/html").body);
}

function inside(node) {
  return [...node.childNodes].map(write).join("");
}

function write(node) {
  if (node.nodeType === Node.TEXT_NODE) return node.data;
  const words = inside(node);
  switch (node.localName) {
    case "br": return "\n";
    case "del": return `~~${words}~~`;
    case "a": return node.title ? `${words} (${node.title})` : words;
    case "li": return `${sign(node)}${words}\n`;
    case "blockquote": return `${words.trim().replace(/^/gm, "> ")}\n`;
    case "td":
    case "th": return node.previousElementSibling ? ` | ${words}` : words;
    case "p":
    case "pre":
    case "tr":
    case "ol":
    case "ul": return `${words}\n`;
    default: return words;
  }
}

/** What stands before an item: of a list with numbers its own. */
function sign(item) {
  const { parentNode: list } = item;
  if (list.localName !== "ol") return "- ";
  let number = list.start - 1;
  for (const each of list.children) {
    number = each.hasAttribute("value") ? each.value : number + 1;
    if (each === item) break;
  }
  return `${number}. `;
}
