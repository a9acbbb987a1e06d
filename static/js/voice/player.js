// @ts-check
// Plays voices, one at a time in the whole page, wherever they stand: in the timeline, among the pins, or before they are sent. When one
// ends it goes on to the next one of the room that its reader has not heard.

import { fileAddress } from "../files/address.js";
import { isGone, showAbsent } from "../files/live-files.js";
import { isMine } from "../state/messages.js";
import { session } from "../state/session.js";
import { clock, isVoice } from "../timeline/voice-row.js";
import { personName, say } from "../ui/i18n.js";
import { toast } from "../ui/toast.js";
import { changeSpeed, isHeard, messageOf, rememberHeard, showVoice, speed } from "./voice-box.js";

/** What an arrow is, in seconds. */
const STEP_S = 5;
const KEYS = new Set(["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"]);
const still = matchMedia("(prefers-reduced-motion: reduce)");

/** A voice: where its bytes are, its length in seconds, who speaks, and the message that it is.
 *  @typedef {{ src: string, all: number, who?: string, message?: number }} Track */

export class Player {
  #audio = new Audio();
  #spoken = Object.assign(document.createElement("p"), { className: "hush", role: "status" });
  #timeline;
  /** @type {Track | undefined} */
  #track;
  /** It was not stopped before its end. */
  #plays = false;

  /** @param {Pick<App, "timeline">} parts */
  constructor({ timeline }) {
    this.#timeline = timeline;
    document.body.append(this.#spoken);
    const audio = this.#audio;
    audio.preload = "metadata";
    audio.defaultPlaybackRate = speed();
    for (const name of /** @type {const} */ (["play", "pause", "seeked", "timeupdate"])) audio.addEventListener(name, () => this.#paint());
    audio.addEventListener("play", () => {
      this.#plays = true;
      this.#follow();
    });
    // At the end it comes before "ended" (HTML, "reaches the end").
    audio.addEventListener("pause", () => this.#plays &&= audio.ended);
    audio.addEventListener("ended", () => this.#ended());
    audio.addEventListener("error", () => this.#lost());
    document.addEventListener("pointerdown", (event) => this.#touched(event));
    document.addEventListener("keydown", (event) => this.#key(event));
  }

  /** A press on a part of a voice.
   *  @param {HTMLElement} part
   *  @param {MouseEvent} event */
  press(part, event) {
    const box = part.closest(".voice");
    if (part.matches(".hear")) this.#toggle(trackOf(box));
    else if (part.matches(".speed")) this.#faster();
    else if (sourceOf(box)) this.#seekTo(part, event);
  }

  /** Stops where it is. */
  stop() {
    this.#audio.pause();
  }

  /** Another room is open. */
  leave() {
    this.#forget();
  }

  /** What is withdrawn is heard no longer.
   *  @param {MessageChange} event */
  messageChanged({ kind, id }) {
    if (kind === "recall" && id === this.#track?.message) this.#forget();
  }

  /** @param {Track} track */
  #toggle(track) {
    if (this.#track?.src === track.src && !this.#audio.paused) this.stop();
    else this.#play(track);
  }

  /** @param {Track} track */
  #play(track) {
    this.#take(track);
    this.#spoken.textContent = track.who === undefined ? "" : say("voice_of", { name: track.who });
    if (track.message) rememberHeard(track.message);
    for (const box of boxes(track)) showVoice(box);
    // What a browser does not let begin by itself begins with the next press; what is not there is an error of its own.
    this.#audio.play().catch(() => this.#paint());
  }

  /** @param {Track} track */
  #take(track) {
    if (this.#track?.src === track.src) return;
    this.#forget();
    this.#track = track;
    this.#audio.src = track.src;
  }

  #forget() {
    const track = this.#track;
    this.#track = undefined;
    // With another source no "pause" comes of this one.
    this.#plays = false;
    this.#audio.pause();
    this.#audio.removeAttribute("src");
    // Nothing of it stays in memory.
    this.#audio.load();
    if (track) paint(track, 0, false);
  }

  #faster() {
    this.#audio.defaultPlaybackRate = this.#audio.playbackRate = changeSpeed();
    for (const box of document.querySelectorAll(".voice")) showVoice(box);
  }

  /** Bars move with every picture of the screen, where they may. */
  #follow() {
    if (this.#audio.paused || still.matches) return;
    this.#paint();
    requestAnimationFrame(() => this.#follow());
  }

  #paint() {
    const track = this.#track;
    if (!track) return;
    // What was no message yet is another thing now that it is one, or has been thrown away.
    if (track.message === undefined && !boxes(track).length) return this.#forget();
    paint(track, this.#audio.currentTime, !this.#audio.paused && !this.#audio.ended);
  }

  #ended() {
    // So does one that is led to its end while it rests.
    if (!this.#track || !this.#plays) return;
    this.#plays = false;
    const { message } = this.#track;
    this.#audio.currentTime = 0;
    this.#audio.pause();
    this.#paint();
    const after = this.#timeline.get(message)?.seq ?? Infinity;
    const next = this.#timeline.since(after).find((entry) => isVoice(entry.files?.[0]) && !isMine(entry, session.me) && !isHeard(Number(entry.id)));
    if (!next) return;
    const [{ id, ms = 0 }] = next.files;
    this.#play({ src: fileAddress(id, "raw"), all: Math.round(ms / 1000), who: personName(next.by), message: Number(next.id) });
  }

  /** It is not there any more, or the line is not. */
  async #lost() {
    const track = this.#track;
    if (!track) return;
    this.#forget();
    if (!await isGone(track.src)) return toast(say("unreachable"));
    for (const box of boxes(track)) showAbsent(box);
  }

  /** @param {Track} track
   *  @param {number} seconds */
  #seek(track, seconds) {
    const plays = !this.#audio.paused;
    this.#take(track);
    this.#audio.currentTime = Math.max(0, Math.min(track.all, seconds));
    this.#paint();
    if (plays && this.#audio.paused) this.#play(track);
  }

  /** @param {HTMLElement} slider
   *  @param {MouseEvent} event */
  #seekTo(slider, { clientX }) {
    const { left, width } = slider.getBoundingClientRect();
    const track = trackOf(slider.closest(".voice"));
    this.#seek(track, track.all * (clientX - left) / width);
  }

  /** @param {On<PointerEvent>} event */
  #touched(event) {
    const slider = event.target.closest(".wave");
    if (!slider || event.button || !sourceOf(slider.closest(".voice"))) return;
    slider.setPointerCapture(event.pointerId);
    const move = (/** @type {PointerEvent} */ at) => slider.hasPointerCapture(event.pointerId) && this.#seekTo(slider, at);
    slider.addEventListener("pointermove", move);
    slider.addEventListener("lostpointercapture", () => slider.removeEventListener("pointermove", move), { once: true });
  }

  /** @param {On<KeyboardEvent>} event */
  #key(event) {
    const { key, target, altKey, ctrlKey, metaKey } = event;
    if (!target.matches?.(".wave") || altKey || ctrlKey || metaKey || !KEYS.has(key)) return;
    event.preventDefault();
    const track = trackOf(target.closest(".voice"));
    if (!track.src) return;
    const at = this.#track?.src === track.src ? this.#audio.currentTime : 0;
    const by = key === "ArrowLeft" || key === "ArrowDown" ? -STEP_S : STEP_S;
    this.#seek(track, key === "Home" ? 0 : key === "End" ? track.all : at + by);
  }
}

/** Undefined for one that is nowhere yet.
 *  @param {HTMLElement} box */
function sourceOf({ dataset: { src, file } }) {
  return src ?? (file ? fileAddress(file, "raw") : undefined);
}

/** @param {HTMLElement} box
 *  @returns {Track} */
function trackOf(box) {
  const row = box.closest("[data-id]");
  return { src: sourceOf(box), all: Number(box.querySelector(".wave").ariaValueMax), who: row?.querySelector(".name")?.textContent, message: messageOf(box) };
}

/** Wherever it stands.
 *  @param {Track} track */
function boxes({ src }) {
  return [...document.querySelectorAll(".voice")].filter((box) => sourceOf(box) === src);
}

/** @param {Track} track
 *  @param {number} at
 *  @param {boolean} plays */
function paint(track, at, plays) {
  const { all } = track;
  const now = Math.min(all, Math.floor(at));
  for (const box of boxes(track)) {
    const [hear, slider, length] = [box.querySelector(".hear"), box.querySelector(".wave"), box.querySelector("small")];
    box.classList.toggle("playing", plays);
    hear.ariaLabel = hear.title = say(plays ? "voice_pause" : "file_play");
    slider.style.setProperty("--done", `${all ? 100 * Math.min(1, at / all) : 0}%`);
    slider.ariaValueNow = String(now);
    slider.ariaValueText = say("voice_at", { at: clock(now), all: clock(all) });
    length.textContent = clock(plays || at > 0 ? now : all);
  }
}
