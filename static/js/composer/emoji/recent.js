// @ts-check
// Which emoji somebody took last in this browser, and in which skin tone hands and faces are offered.

import { keep, kept } from "../../state/local-store.js";

/** Three rows of the picker. */
const MOST = 24;
const RECENT = "emoji";
const TONE = "tone";

/** None, then from light to dark. */
export const TONES = ["", "🏻", "🏼", "🏽", "🏾", "🏿"];

/** The last ones first. */
export function recentEmoji() {
  return kept(RECENT).split(" ").filter(Boolean).slice(0, MOST);
}

/** @param {string} emoji */
export function rememberEmoji(emoji) {
  keep(RECENT, [emoji, ...recentEmoji().filter((each) => each !== emoji)].slice(0, MOST).join(" "));
}

export function skinTone() {
  const tone = kept(TONE);
  return TONES.includes(tone) ? tone : "";
}

/** @param {string} tone */
export function keepSkinTone(tone) {
  keep(TONE, tone);
}
