// @ts-check
// What the files of a message do in their row: a picture is a blur until it has come, one that is hidden shows at a press, one that moves
// does so when it is seen, and what is not there any more says so.

import { fileAddress } from "./address.js";
import { authorized } from "../net/credential.js";
import { release, rememberCopies } from "./copies.js";
import { icon } from "../ui/templates.js";
import { say } from "../ui/i18n.js";
import { showVoice } from "../voice/voice-box.js";
import { pixelsOf } from "./thumbhash.js";

/** What is larger moves only when it is asked to. */
const MOVES_BYTES = 3 * 1024 * 1024;
const still = matchMedia("(prefers-reduced-motion: reduce)");
const GONE = new Set([404, 410]);

/** Files that were hidden, and that the reader has wanted to see, as long as the page lives.
 *  @type {Set<string>} */
const revealed = new Set();

const seen = new IntersectionObserver((all) => {
  for (const { target, isIntersecting } of all) {
    const button = target.querySelector(".play");
    if (button && !target.closest(".spoiler")) move(target, button, isIntersecting && !still.matches && !button.matches(".stopped"));
  }
}, { threshold: 0.5 });

rememberCopies();

/** @param {HTMLElement} box */
export function enliven(box) {
  for (const picture of box.querySelectorAll(".pic")) {
    const image = picture.querySelector("img");
    if (image.complete && image.naturalWidth === 0 && image.getAttribute("src")) look(picture, image);
    else if (!image.complete) blur(picture, image);
    image.addEventListener("error", () => look(picture, image));
    const [unspoil, play] = /** @type {HTMLElement[]} */ ([picture.querySelector(".unspoil"), picture.querySelector(".play")]);
    if (unspoil) unspoil.onclick = () => reveal(picture, unspoil);
    // A row that is drawn anew shows what was shown.
    if (unspoil && revealed.has(picture.querySelector("a").dataset.file)) reveal(picture, unspoil, document.activeElement === document.body);
    if (!play) continue;
    play.onclick = () => {
      const moving = picture.matches(".moving");
      play.classList.toggle("stopped", moving);
      move(picture, play, !moving);
    };
    if (Number(play.dataset.size) < MOVES_BYTES) seen.observe(picture);
  }
  for (const voice of box.querySelectorAll(".voice")) showVoice(voice);
  for (const line of box.querySelectorAll("a.file[data-file]")) line.onclick = (event) => save(event, line);
  for (const video of /** @type {NodeListOf<HTMLVideoElement>} */ (box.querySelectorAll("video[poster]"))) cover(video);
  for (const player of /** @type {NodeListOf<HTMLMediaElement>} */ (box.querySelectorAll("video, audio"))) player.addEventListener("error", () => look(player.closest(".clip"), player));
}

/** Something that is not there any more is nowhere: the browser's own copies go, too.
 *  @param {ShownFile[]} files */
export function forget(files) {
  for (const { id } of files) if (id) release(id);
}

/** As long as a video has not begun there is its poster, and a button on it.
 *  @param {HTMLVideoElement} video */
function cover(video) {
  if (!video.paused || video.currentTime) return;
  const frame = Object.assign(document.createElement("div"), { className: "pic" });
  const button = Object.assign(document.createElement("button"), { type: "button", className: "play", ariaLabel: say("file_play"), title: say("file_play") });
  button.append(icon("play"));
  video.replaceWith(frame);
  frame.append(video, button);
  video.controls = false;
  video.onclick = button.onclick = () => video.play().catch(() => {});
  video.addEventListener("play", () => {
    const focused = document.activeElement === button;
    video.controls = true;
    video.onclick = null;
    button.remove();
    if (focused) video.focus({ preventScroll: true });
  }, { once: true });
}

/** @param {HTMLElement} picture
 *  @param {HTMLImageElement} image */
function blur(picture, image) {
  const pixels = picture.dataset.hash && pixelsOf(picture.dataset.hash);
  if (!pixels) return;
  const canvas = Object.assign(document.createElement("canvas"), { width: pixels.width, height: pixels.height, ariaHidden: "true" });
  canvas.getContext("2d").putImageData(pixels, 0, 0);
  image.before(canvas);
  image.addEventListener("load", () => canvas.remove(), { once: true });
}

/** Shows what is hidden, and goes there unless it shall not.
 *  @param {HTMLElement} picture
 *  @param {HTMLElement} button
 *  @param {boolean} [focus] */
export function reveal(picture, button, focus = true) {
  const link = picture.querySelector("a");
  if (link.dataset.file) revealed.add(link.dataset.file);
  picture.classList.remove("spoiler");
  link.removeAttribute("inert");
  button.remove();
  if (focus) link.focus({ preventScroll: true });
}

/** The still picture, or what moves.
 *  @param {Element} picture
 *  @param {HTMLElement} button
 *  @param {boolean} moves */
function move(picture, button, moves) {
  if (picture.matches(".moving") === moves) return;
  const image = picture.querySelector("img");
  const { file } = picture.querySelector("a").dataset;
  picture.classList.toggle("moving", moves);
  button.ariaLabel = button.title = say(moves ? "file_stop" : "file_play");
  if (moves) {
    image.dataset.srcset = image.srcset;
    image.removeAttribute("srcset");
  } else if (image.dataset.srcset) {
    image.srcset = image.dataset.srcset;
  }
  image.src = fileAddress(file, moves ? "l" : "s");
}

/** It has not come: because it is not there, or because the line is not.
 *  @param {HTMLElement} place
 *  @param {HTMLImageElement | HTMLMediaElement} what */
async function look(place, what) {
  if (await isGone(what.currentSrc || what.src)) showAbsent(place);
  else addEventListener("online", () => { if (what.isConnected) what.setAttribute("src", what.getAttribute("src")); }, { once: true });
}

/** Asks before it is saved: what a browser makes of a 404 helps nobody.
 *  @param {MouseEvent} event
 *  @param {HTMLAnchorElement} line */
async function save(event, line) {
  if (!event.isTrusted || line.dataset.there || !line.href) return;
  event.preventDefault();
  if (await isGone(line.href)) return showAbsent(line);
  line.dataset.there = "yes";
  line.click();
  delete line.dataset.there;
}

/** Whether the server has it no longer.
 *  @param {string} address */
export async function isGone(address) {
  const answer = await fetch(address, authorized({ method: "HEAD", cache: "reload" })).catch(/** @returns {undefined} */ () => undefined);
  return GONE.has(answer?.status);
}

/** @param {HTMLElement} place */
export function showAbsent(place) {
  const line = Object.assign(document.createElement("p"), { className: "absent" });
  line.append(icon("file"), say("file_absent"));
  place.replaceWith(line);
}
