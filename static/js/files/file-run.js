// @ts-check
// Files of a room in the order of their messages: a run of them without a hole, which grows at either end when it is asked to, and goes
// along with what is sent and recalled meanwhile. Its length is bounded by how far somebody goes.

import { call } from "../net/api.js";
import { forget } from "./live-files.js";

/** Before the first message that there can be. */
const BEGINNING = "0.0";
/** What stands at an end: older files, or newer ones. */
export const OLDER = -1;
export const NEWER = 1;

/** The files of a message as the gallery has them.
 *  @param {Pick<Entry, "id" | "at" | "by" | "files">} message
 *  @returns {RoomFile[]} */
export function filesOf({ id, at, by, files = [] }) {
  return files.flatMap((file, number) => (file.id && !file.gone ? [{ message: Number(id), number, at, by, file: /** @type {MessageFile} */ (file) }] : []));
}

/** What stands first has the lower number.
 *  @param {RoomFile} one
 *  @param {RoomFile} other */
export function order(one, other) {
  return one.message - other.message || one.number - other.number;
}

export class FileRun {
  #room;
  #kinds;
  #files;
  /** Whether there may be more at each end. @type {Record<number, boolean>} */
  #more = { [OLDER]: true, [NEWER]: true };
  /** Pages on their way, by the end that they are for.
   *  @type {Map<number, Promise<void>>} */
  #coming = new Map();
  /** Where it stands: what was asked for elsewhere is not taken in. */
  #turn = 0;
  /** Files that were sent while it did not reach the newest. @type {RoomFile[]} */
  #late = [];
  /** Messages that were recalled, and files that were taken out: a page may have been on its way before. @type {Set<number | string>} */
  #gone = new Set();

  /** `files` are those that are at hand already, in order and without a hole.
   *  @param {{ room: number, kinds: GalleryKind[], files?: RoomFile[] }} what */
  constructor({ room, kinds, files = [] }) {
    this.#room = room;
    this.#kinds = kinds;
    this.#files = files.filter((each) => this.#fits(each));
  }

  /** The oldest first. */
  get files() {
    return this.#files;
  }

  /** Whether there may be more at an end.
   *  @param {number} end */
  hasMore(end) {
    return this.#more[end];
  }

  /** Whether these are all that there are. */
  get isWhole() {
    return !this.#more[OLDER] && !this.#more[NEWER];
  }

  /** Takes the next page in at an end; without any file yet, the newest page. Throws what the API throws.
   *  @param {number} end */
  async grow(end) {
    if (!this.#more[end]) return;
    const coming = this.#coming;
    if (!coming.has(end)) coming.set(end, this.#fetch(end).finally(() => coming.delete(end)));
    await coming.get(end);
  }

  /** Goes to the oldest or the newest of all, and lets go of what is not joined to them. False when it was overtaken.
   *  @param {number} end */
  async goTo(end) {
    if (!this.#more[end]) return true;
    const turn = ++this.#turn;
    this.#coming = new Map();
    const { files, next } = await this.#ask(end === OLDER ? { after: BEGINNING } : {});
    if (turn !== this.#turn) return false;
    this.#files = files;
    this.#more = { [end]: false, [-end]: next !== null };
    this.#takeLate();
    return true;
  }

  /** Somebody has sent a message.
   *  @param {Message} message */
  messageSent(message) {
    this.#late.push(...filesOf(message).filter((each) => this.#fits(each)));
    this.#takeLate();
  }

  /** Something happened to a message.
   *  @param {MessageChange} event */
  messageChanged(event) {
    if (event.kind === "recall") this.#gone.add(event.id);
    else if (event.kind === "file") this.#gone.add(event.file);
    else return;
    const before = [...this.#files, ...this.#late];
    this.#files = this.#left(this.#files);
    this.#late = this.#left(this.#late);
    const left = new Set([...this.#files, ...this.#late]);
    forget(before.filter((each) => !left.has(each)).map(({ file }) => file));
  }

  /** @param {RoomFile[]} files */
  #left(files) {
    return files.filter(({ message, file }) => !this.#gone.has(message) && !this.#gone.has(file.id));
  }

  /** @param {number} end */
  async #fetch(end) {
    const turn = this.#turn;
    const last = end === OLDER ? this.#files[0] : this.#files.at(-1);
    const { files, next } = await this.#ask(last && { [end === OLDER ? "before" : "after"]: `${last.message}.${last.number}` });
    if (turn !== this.#turn) return;
    if (!last) this.#more[NEWER] = false;
    this.#more[last ? end : OLDER] = next !== null;
    this.#files = end === OLDER || !last ? [...files, ...this.#files] : [...this.#files, ...files];
    this.#takeLate();
  }

  /** Gives a page, the oldest first.
   *  @param {Record<string, string>} [where] */
  async #ask(where = {}) {
    const query = new URLSearchParams({ kind: this.#kinds.join(), ...where });
    const { files, next } = await call("GET", `rooms/${this.#room}/files?${query}`);
    return { files: this.#left(files).reverse(), next };
  }

  /** What was sent meanwhile stands behind the newest, if it does not already. */
  #takeLate() {
    if (this.#more[NEWER]) return;
    const last = this.#files.at(-1);
    this.#files = [...this.#files, ...this.#late.filter((each) => !last || order(each, last) > 0)];
    this.#late = [];
  }

  /** @param {RoomFile} each */
  #fits({ file: { kind } }) {
    return this.#kinds.includes(kind === "animation" ? "picture" : kind);
  }
}
