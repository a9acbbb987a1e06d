// @ts-check
// Completion of emoji: `:na` offers those whose names match, `:name:` becomes the emoji.

import { skinTone, rememberEmoji } from "../emoji/recent.js";
import { inCode, insert } from "../text-field.js";

const MOST = 8;
/** Faces that are made of letters: `:-D`, `:_D`, `:+P`, `:DD`, `:33`, `:xD`. */
const FACE = /^(?:[-_]|\+\p{L}|([bcdlopsvx03])\1+$|x[dp]$)/iu;
/** Two Latin letters are somewhere in everything: they name an emoji only when it is called so. */
const NAMES_FROM = 3;

/** The table comes when it is first asked for. */
async function data() {
  const { emojiTable, toned } = await import("../emoji/data.js");
  return { table: await emojiTable(), toned };
}

export const emojiSource = {
  /** @param {string} before */
  find(before) {
    // A colon within a word is a time, an address or a sentence; a wide one is what an input method makes of it.
    const [, query] = before.match(/(?:(?<![\p{L}\p{N}:]):|(?<=^|\s)：)([\p{L}\p{N}_+-]{2,30})$/u) ?? [];
    return query && !FACE.test(query) ? { from: before.length - query.length - 1, query } : undefined;
  },

  /** @param {string} query */
  async options(query) {
    const { table, toned } = await data();
    const names = query.length >= NAMES_FROM || /\p{Script=Han}/u.test(query);
    const named = table.named(query);
    const found = [...new Set([...(named ? [named] : []), ...table.find(query, MOST)])].slice(0, MOST);
    return found.map((each) => {
      const text = toned(each, skinTone());
      const meant = names ? table.begins(each, query) : each === named;
      return { text, name: each.title, note: each.codes.length ? `:${each.codes[0]}:` : "", sign: text, meant };
    });
  },
};

/** Writes the emoji where its whole name was typed.
 *  @param {HTMLTextAreaElement} field
 *  @param {TypedShortcode} typed */
export async function replaceShortcode(field, { event: { isComposing, inputType, data: typed }, to }) {
  if (isComposing || inputType !== "insertText" || !typed?.endsWith(":")) return;
  const before = field.value.slice(0, to);
  const [spelt, code] = before.match(/(?<![\p{L}\p{N}:]):([a-z0-9_+-]+):$/iu) ?? [];
  if (!spelt || inCode(before)) return;
  const known = await data().catch(/** @returns {undefined} */ () => undefined);
  const each = known?.table.named(code);
  const from = to - spelt.length;
  // The names may have taken a while to come, and the words have changed meanwhile.
  if (!each || field.value.slice(from, to) !== spelt) return;
  const caret = field.selectionStart;
  const emoji = known.toned(each, skinTone());
  rememberEmoji(emoji);
  insert(field, emoji, from, to);
  if (caret > to) field.setSelectionRange(caret - spelt.length + emoji.length, caret - spelt.length + emoji.length);
}
