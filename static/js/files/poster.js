// @ts-check
// The poster of a video that is sent: a picture near its beginning, drawn here, since the server plays nothing. What cannot be drawn in
// time goes without one.

import { drawsTrue } from "./shrink.js";

/** The server keeps no larger one. */
const EDGE = 1_080;
const QUALITY = 0.8;
/** The first pictures are often black. */
const AT_S = 1;
/** Of a shorter one this part. */
const PART = 0.25;
/** A browser that has shown nothing of it after so long cannot, or is busy with more than this. */
const OPEN_MS = 8_000;
/** So long it may look for the place; then the one where it stands will do. */
const SEEK_MS = 2_000;
/** A browser that has found the place may not have its picture yet, and draws black. It is looked for so often, on so small a scale. */
const FRAME_MS = 50;
const SAMPLE = 16;

/** Whether it may be a video.
 *  @param {{ type: string }} file */
export function isVideo({ type }) {
  return type.startsWith("video/");
}

/** Gives a picture of it, with its size and, where that is known, its length; undefined when there is none to be had.
 *  @param {Blob} file
 *  @returns {Promise<Poster | undefined>} */
export async function drawPoster(file) {
  const video = Object.assign(document.createElement("video"), { muted: true, playsInline: true, preload: "auto" });
  const url = URL.createObjectURL(file);
  try {
    const there = happens(video, "loadeddata", OPEN_MS);
    video.src = url;
    await there;
    const { videoWidth: w, videoHeight: h, duration } = video;
    if (!w || !h || !drawsTrue()) return undefined;
    const known = Number.isFinite(duration);
    const found = happens(video, "seeked", SEEK_MS);
    video.currentTime = known ? Math.min(AT_S, duration * PART) : AT_S * PART;
    await found.catch(() => {});
    await isSeen(video);
    const blob = await drawn(video, w, h);
    return blob && { blob, w, h, ms: known ? Math.round(duration * 1000) : undefined };
  } catch {
    return undefined;
  } finally {
    // Lets go of its decoder.
    video.removeAttribute("src");
    video.load();
    URL.revokeObjectURL(url);
  }
}

/** Returns when there is something but black to be drawn, or none has come in time.
 *  @param {HTMLVideoElement} video */
async function isSeen(video) {
  const context = new OffscreenCanvas(SAMPLE, SAMPLE).getContext("2d", { willReadFrequently: true });
  // A page in the background waits longer than it is told.
  for (const until = performance.now() + SEEK_MS; performance.now() < until;) {
    context.drawImage(video, 0, 0, SAMPLE, SAMPLE);
    const { data } = context.getImageData(0, 0, SAMPLE, SAMPLE);
    if (data.some((value, place) => place % 4 !== 3 && value > 0)) return;
    await new Promise((done) => setTimeout(done, FRAME_MS));
  }
}

/** @param {HTMLVideoElement} video
 *  @param {number} w
 *  @param {number} h */
async function drawn(video, w, h) {
  const scale = Math.min(1, EDGE / Math.max(w, h));
  const canvas = new OffscreenCanvas(Math.max(1, Math.round(w * scale)), Math.max(1, Math.round(h * scale)));
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(video, 0, 0, canvas.width, canvas.height);
  const blob = await canvas.convertToBlob({ type: "image/jpeg", quality: QUALITY });
  return blob.type === "image/jpeg" ? blob : undefined;
}

/** Waits for something to happen, but not for ever.
 *  @param {HTMLVideoElement} video
 *  @param {string} event
 *  @param {number} ms
 *  @returns {Promise<void>} */
function happens(video, event, ms) {
  return new Promise((done, failed) => {
    const timer = setTimeout(failed, ms);
    video.addEventListener(event, () => {
      clearTimeout(timer);
      done();
    }, { once: true });
    video.addEventListener("error", () => {
      clearTimeout(timer);
      failed();
    }, { once: true });
  });
}
