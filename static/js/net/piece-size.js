// @ts-check
// How large the next piece of an upload is: it grows while pieces are quick, shrinks after a failure, and stays below what a proxy on
// the way lets through. One for all uploads of the page: they go the same way.

import { keep, kept } from "../state/local-store.js";

const KIB = 1024;
const FIRST = 256 * KIB;
/** Smaller ones are more questions than bytes. */
const LEAST = 64 * KIB;
/** Larger ones lose too much with a line. */
const MOST = 8 * 1024 * KIB;
/** A piece that took less is followed by one of twice the size. */
const QUICK_MS = 2_000;
/** What a proxy let through is asked anew after a day: somebody may have mended it. */
const REMEMBERED_MS = 24 * 60 * 60_000;
const CEILING = "upload.ceiling";

export class PieceSize {
  #size = FIRST;
  #ceiling = remembered();
  #untold = false;

  /** Of the next piece. */
  get bytes() {
    return Math.min(this.#size, this.#ceiling);
  }

  /** A piece is there, after so many ms. One that was the rest of a file says nothing of larger ones.
   *  @param {number} bytes
   *  @param {number} ms */
  arrived(bytes, ms) {
    if (ms < QUICK_MS && bytes >= this.#size) this.#size = Math.min(MOST, this.#size * 2);
  }

  /** A piece was lost. */
  failed() {
    this.#size = Math.max(LEAST, Math.floor(this.#size / 2));
  }

  /** A proxy lets none of so many bytes through. False when nothing smaller is worth a try.
   *  @param {number} bytes */
  tooLarge(bytes) {
    if (bytes <= LEAST) return false;
    this.#ceiling = Math.max(LEAST, Math.floor(Math.min(bytes, this.#ceiling) / 2));
    this.#untold = true;
    keep(CEILING, `${this.#ceiling} ${Date.now()}`);
    return true;
  }

  /** The ceiling, when the server has not been told of it; 0 when there is nothing to tell. */
  ceilingToTell() {
    return this.#untold ? this.#ceiling : 0;
  }

  told() {
    this.#untold = false;
  }
}

function remembered() {
  const [bytes, at] = kept(CEILING).split(" ").map(Number);
  return bytes >= LEAST && Date.now() - at < REMEMBERED_MS ? bytes : MOST;
}
