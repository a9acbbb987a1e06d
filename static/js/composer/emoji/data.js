// @ts-check
// The emoji and their names, fetched once, when they are first asked for; and which of them words mean.

import { boot } from "../../state/boot.js";
import { ApiError } from "../../net/api.js";
import { say } from "../../ui/i18n.js";

const TIMEOUT_MS = 15_000;
/** How well a word fits: it is a name, begins one, begins a part of one, is somewhere in one. */
const SAME = 4, BEGINS = 3, PART = 2, INSIDE = 1;

/** @type {Promise<EmojiTable> | undefined} */
let loading;
const regions = new Intl.DisplayNames("zh-CN", { type: "region" });

/** All of them; throws what the page says when they cannot be had. */
export function emojiTable() {
  loading ??= load().catch(() => {
    loading = undefined;
    throw new ApiError("unreachable", say("unreachable"));
  });
  return loading;
}

async function load() {
  const answer = await fetch(boot.emoji, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (!answer.ok) throw new Error(String(answer.status));
  return new EmojiTable(await answer.json());
}

/** One of them with skin of this tone, where it has skin.
 *  @param {Emoji} what0
 *  @param {string} tone */
export function toned({ emoji, light }, tone) {
  return light && tone ? light.replaceAll("🏻", tone) : emoji;
}

class EmojiTable {
  /** @type {Emoji[]} */
  #all;
  /** @type {Map<string, Emoji>} */
  #known = new Map();
  /** @type {Map<string, Emoji>} */
  #codes = new Map();

  /** `groups` is what src/text/emoji.rs writes.
   *  @param {EmojiRow[][]} groups */
  constructor(groups) {
    this.groups = groups.map((group) => group.map(entry));
    this.#all = this.groups.flat();
    for (const each of this.#all) {
      this.#known.set(each.emoji, each);
      if (each.light) this.#known.set(each.light, each);
      for (const code of each.codes) this.#codes.set(code, each);
    }
  }

  /** The entry of an emoji in any skin tone.
   *  @param {string} emoji */
  get(emoji) {
    return this.#known.get(emoji) ?? this.#known.get(emoji.replace(/[🏻-🏿]/gu, "🏻"));
  }

  /** The one that is written so between colons.
   *  @param {string} code */
  named(code) {
    return this.#codes.get(code.toLowerCase());
  }

  /** Whether what was written is one of its names, or begins one.
   *  @param {Emoji} what0
   *  @param {string} query */
  begins({ names }, query) {
    const wanted = spaced(plain(query));
    return names.some((name) => spaced(name).startsWith(wanted));
  }

  /** Those that the words mean, the best first.
   *  @param {string} query
   *  @param {number} most */
  find(query, most) {
    const words = plain(query).split(/[\s_]+/).filter(Boolean);
    if (words.length === 0) return [];
    /** @type {[number, Emoji][]} */
    const fits = [];
    for (const each of this.#all) {
      const fit = words.map((word) => fitOf(each, word));
      if (!fit.includes(0)) fits.push([fit.reduce((sum, one) => sum + one, 0), each]);
    }
    return fits.sort(([a], [b]) => b - a).slice(0, most).map(([, each]) => each);
  }
}

/** @param {EmojiRow} what */
function entry([emoji, name, codes, chinese, light]) {
  const words = (chinese || regionOf(emoji)).split(" ").filter(Boolean);
  const all = codes.split(" ").filter(Boolean);
  name ||= all[0].replaceAll("_", " ");
  const title = boot.lang === "zh" ? words[0] ?? name : name;
  return { emoji, title, codes: all, light, names: [...all, ...words, name].map(plain) };
}

/** What the browser calls a region in Chinese, by its flag: two letters of a kind of their own.
 *  @param {string} flag */
function regionOf(flag) {
  const letters = [...flag].map((letter) => String.fromCharCode(letter.codePointAt(0) - 0x1f1e6 + 65)).join("");
  return /^[A-Z]{2}$/.test(letters) ? regions.of(letters).replaceAll(" ", "") : "";
}

/** @param {string} text */
function plain(text) {
  return text.normalize("NFKC").toLowerCase().trim();
}

/** @param {string} name */
function spaced(name) {
  return name.replaceAll("_", " ");
}

/** @param {Emoji} what0
 *  @param {string} word */
function fitOf({ names }, word) {
  let best = 0;
  for (const name of names) {
    if (name === word) return SAME;
    if (name.startsWith(word)) best = BEGINS;
    else if (best < PART && name.split(/[\s_-]/).some((part) => part.startsWith(word))) best = PART;
    // A single letter is inside of everything.
    else if (best < INSIDE && (word.length > 1 || word > "\u2e80") && name.includes(word)) best = INSIDE;
  }
  return best;
}
