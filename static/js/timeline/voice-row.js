// @ts-check
// A voice message as its row shows it: a button, bars that say how loud it is where, and how long it is. The server draws the same
// (src/web/message_voice.rs); what plays it comes when it is wanted first (voice/player.js).

import { clone } from "../ui/templates.js";
import { say } from "../ui/i18n.js";

/** From one bar to the next, and half the height of the loudest one, in the units of the drawing's box. */
const STEP = 6, HIGH = 14;

/** @param {{ kind: string } | undefined} [file] */
export const isVoice = (file) => file?.kind === "voice";

/** `url` is where this browser has it, before the server does.
 *  @param {Pick<ShownFile, "id" | "ms" | "wave" | "url">} file */
export function voiceRow({ id, ms = 0, wave = "", url }) {
  const box = clone("voice-template");
  const [play, slider, length] = box.children;
  const all = secondsOf(ms);
  box.dataset.file = id ?? "";
  if (url && !id) box.dataset.src = url;
  play.disabled = !id && !url;
  slider.ariaValueMax = String(all);
  slider.ariaValueText = say("voice_at", { at: clock(0), all: clock(all) });
  length.textContent = clock(all);
  for (const path of slider.querySelectorAll("path")) path.setAttribute("d", bars(wave));
  return box;
}

/** @param {number} ms */
const secondsOf = (ms) => Math.floor((ms + 500) / 1000);

/** How long a voice is, as a clock has it.
 *  @param {number} ms */
export function lengthOf(ms) {
  return clock(secondsOf(ms));
}

/** Minutes and seconds.
 *  @param {number} seconds */
export function clock(seconds) {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** A path of upright lines, one for each two of the peaks, which are bytes in base64.
 *  @param {string} wave */
export function bars(wave) {
  return atob(wave).replace(/..?/gs, (peaks, /** @type {number} */ place) => {
    const half = Math.max(1, Math.floor(Math.max(...[...peaks].map((peak) => peak.charCodeAt(0))) * HIGH / 255));
    return `M${STEP / 2 * (place + 1)} ${HIGH + 2 - half}v${2 * half}`;
  });
}
