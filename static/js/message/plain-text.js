// @ts-check
// A message as text on one line, as the server writes it for quotes and notifications (src/text/markdown/plain.rs): signs for items,
// quotes and cells, an address after the words of its link; cut between what a reader takes for characters (UAX 29, grapheme clusters),
// never within a family, a flag or an accent.

import { fileWord } from "../ui/i18n.js";

/** As much of a message as the server quotes. */
const MOST_CHARS = 140;

/** A message where it is only spoken of: the beginning of its words, or, where it has none, what its first file is.
 *  @param {Pick<Entry, "content" | "html"> & { files?: { kind: string, gone?: boolean }[] }} message */
export function gist({ files, ...words }) {
  return snippet(words) || fileWord(files?.find(({ gone }) => !gone)?.kind);
}

/** The beginning of the words; `html` is the server's, where they have any.
 *  @param {{ content?: string, html?: string }} what */
export function snippet({ content, html }) {
  const words = html === undefined ? content : plain(html);
  return clip(words.trim().replace(/\s+/gu, " "), MOST_CHARS);
}

/** What the server's markup says; a document of its own runs and loads nothing.
 *  @param {string} html */
function plain(html) {
  return inside(new DOMParser().parseFromString(html, "text/html").body);
}

/** @param {Node} node
 *  @returns {string} */
function inside(node) {
  return [...node.childNodes].map(write).join("");
}

/** @param {Node} node
 *  @returns {string} */
function write(node) {
  if (node instanceof Text) return node.data;
  const words = inside(node);
  if (!(node instanceof HTMLElement)) return words;
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

/** What stands before an item: of a list with numbers its own.
 *  @param {Element} item */
function sign(item) {
  const { parentElement: list } = item;
  if (!(list instanceof HTMLOListElement)) return "- ";
  let number = list.start - 1;
  for (const each of list.children) {
    number = each instanceof HTMLLIElement && each.hasAttribute("value") ? each.value : number + 1;
    if (each === item) break;
  }
  return `${number}. `;
}

/** The tables behind it are large: it is made when something is too long. */
/** @type {Intl.Segmenter | undefined} */
let clusters;

/** As many whole characters of `text` as have `most` Unicode scalar values together.
 *  @param {string} text
 *  @param {number} most */
export function clip(text, most) {
  if (text.length <= most) return text;
  clusters ??= new Intl.Segmenter();
  let [end, count] = [0, 0];
  for (const { segment } of clusters.segment(text)) {
    for (const _ of segment) count += 1;
    if (count > most) break;
    end += segment.length;
  }
  return text.slice(0, end);
}
