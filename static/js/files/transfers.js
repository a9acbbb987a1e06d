// @ts-check
// Brings files to the server: keeps their bytes here first, uploads two at a time, and tells of each change. Knows no rows and no tray:
// whoever has the file hears of it.

import { ApiError } from "../net/api.js";
import { newNonce } from "../net/nonce.js";
import { PieceSize } from "../net/piece-size.js";
import { Upload } from "../net/uploads.js";
import { say } from "../ui/i18n.js";
import { drawPoster, isVideo } from "./poster.js";
import { isImage, shrink } from "./shrink.js";
import { dropParts, keepParts, readParts, sweepParts } from "./file-parts.js";

/** More would only make each slower. */
const AT_ONCE = 2;
/** So long a video that is whole waits for its poster: sent without it it would never have one. */
const POSTER_MS = 2_000;

export class Transfers {
  #changed;
  #pieces = new PieceSize();
  /** @type {Map<LocalFile, { upload?: Upload, room: number }>} */
  #jobs = new Map();
  /** @type {LocalFile[]} */
  #queue = [];
  #running = 0;
  /** Pictures are drawn one after the other: each takes the memory of a large one.
   *  @type {Promise<void>} */
  #drawn = Promise.resolve();
  /** What is drawn of videos, beside their way to the server, and what is on its way there of that: `of` which upload, and `brought`, the
   *  video as the server has it with its poster.
   *  @type {Map<LocalFile, { drawn: Promise<Poster | undefined>, upload?: Upload, of?: string, brought?: Promise<MessageFile | undefined> }>} */
  #posters = new Map();
  /** They are drawn and go one after the other, too.
   *  @type {Promise<unknown>} */
  #drawing = Promise.resolve();
  /** @type {Promise<unknown>} */
  #brought = Promise.resolve();

  /** `changed(file, lasting)`: something of it is another now, and, where it is lasting, to be kept.
   *  @param {{ changed: (file: LocalFile, lasting: boolean) => void }} parts */
  constructor({ changed }) {
    this.#changed = changed;
    sweepParts();
    addEventListener("beforeunload", (event) => {
      // What is in memory only would be lost.
      if ([...this.#jobs.keys()].some(({ kept, problem }) => !kept && !problem)) event.preventDefault();
    });
  }

  /** Begins with a file, or goes on with it. One that is under way waits no longer.
   *  @param {LocalFile} file
   *  @param {number} room */
  start(file, room) {
    this.#jobs.get(file)?.upload?.wake();
    if (file.file || this.#jobs.has(file)) return;
    file.problem = undefined;
    this.#jobs.set(file, { room });
    this.#drawn = this.#enqueue(file, this.#drawn);
  }

  /** @param {LocalFile} file
   *  @param {Promise<void>} others */
  async #enqueue(file, others) {
    const job = this.#jobs.get(file);
    await others;
    // What cannot be drawn goes as it is.
    if (this.#jobs.get(file) === job) await this.#prepare(file).catch(() => { file.blob ??= file.original; });
    if (this.#jobs.get(file) !== job) return;
    this.#queue.push(file);
    this.#next();
  }

  /** Uploads it anew: what the server had of it is gone.
   *  @param {LocalFile} file
   *  @param {number} room */
  again(file, room) {
    Object.assign(file, { file: undefined, upload: undefined, mark: newNonce() });
    this.start(file, room);
  }

  /** Stops it where it is.
   *  @param {LocalFile} file */
  stop(file) {
    this.#jobs.get(file)?.upload?.stop();
    this.#jobs.delete(file);
    this.#queue = this.#queue.filter((each) => each !== file);
    this.#posters.get(file)?.upload?.stop();
    this.#posters.delete(file);
  }

  /** It is not wanted any more: its bytes go, here and there.
   *  @param {LocalFile} file */
  discard(file) {
    this.withdraw(file);
    this.done(file);
  }

  /** What the server has of it is not wanted any more.
   *  @param {LocalFile} file */
  withdraw(file) {
    const { upload } = this.#jobs.get(file) ?? {};
    this.stop(file);
    if (upload) upload.cancel();
    else if (file.upload) Upload.discard(file.upload);
  }

  /** It is in a message, and needed here no more.
   *  @param {LocalFile} file */
  done(file) {
    this.leave(file);
    dropParts(file.nonce);
  }

  /** It is not this person's: what is kept of it waits for them.
   *  @param {LocalFile} file */
  leave(file) {
    this.stop(file);
    for (const url of [file.url, file.posterUrl]) if (url) URL.revokeObjectURL(url);
    file.url = file.posterUrl = file.blob = file.original = undefined;
  }

  #next() {
    while (this.#running < AT_ONCE && this.#queue.length) this.#run(this.#queue.shift());
  }

  /** @param {LocalFile} file */
  async #run(file) {
    const job = this.#jobs.get(file);
    this.#running += 1;
    try {
      await this.#keep(file);
      if (this.#jobs.get(file) === job) await this.#send(file, job);
    } catch (error) {
      if (this.#jobs.get(file) === job) {
        // What a browser says about a file that it cannot read is English, and its code a number.
        const { code, message } = error instanceof ApiError ? error : { code: "file_gone", message: say("file_gone") };
        file.problem = { code, message };
        this.#changed(file, true);
      }
    }
    if (this.#jobs.get(file) === job) this.#jobs.delete(file);
    this.#running -= 1;
    this.#next();
  }

  /** Takes what is to be sent of what was chosen, or of what is kept of it, and something to show.
   *  @param {LocalFile} file */
  async #prepare(file) {
    const { original, full } = file;
    this.#startPoster(file);
    if (file.blob || (!original && (file.url || !file.w))) return;
    if (!original) {
      // Kept by an earlier page: a buffer becomes a picture again.
      const picture = await restored(file);
      if (!picture) return;
      file.url = URL.createObjectURL(picture);
    } else if (isImage(original)) {
      const { blob, name, w, h } = full ? { blob: original, ...await sizeOf(original) } : await shrink(original);
      Object.assign(file, { blob, name, w, h, size: blob.size, type: blob.type });
      // What is no picture for this browser need not be one for the server.
      if (w) file.url = URL.createObjectURL(blob);
      else file.as = undefined;
    } else {
      file.blob = original;
    }
    this.#changed(file, true);
  }

  /** Draws the poster of a video, in its turn, where none is under way: nothing else waits for that.
   *  @param {LocalFile} file */
  #startPoster(file) {
    if (!isVideo(file) || file.as === "file" || this.#posters.has(file)) return;
    if (file.posterUrl) URL.revokeObjectURL(file.posterUrl);
    file.posterUrl = undefined;
    const drawn = this.#draw(file, this.#drawing);
    this.#posters.set(file, { drawn });
    this.#drawing = drawn;
  }

  /** @param {LocalFile} file
   *  @param {Promise<unknown>} others */
  async #draw(file, others) {
    await others;
    const video = this.#posters.has(file) ? file.original ?? await restored(file) : undefined;
    const poster = video && await drawPoster(video);
    if (!poster || !this.#posters.has(file)) return undefined;
    file.posterUrl = URL.createObjectURL(poster.blob);
    this.#changed(file, false);
    return poster;
  }

  /** The video has an address now: its poster follows, and does not hold it up. Whatever goes wrong with it is nobody's trouble.
   *  @param {LocalFile} file
   *  @param {number} room */
  #sendPoster(file, room) {
    const poster = this.#posters.get(file);
    if (!poster || poster.of === file.upload) return;
    poster.of = file.upload;
    poster.brought = Promise.all([this.#brought, poster.drawn]).then(() => this.#bring(file, room)).catch(/** @returns {undefined} */ () => undefined);
    this.#brought = poster.brought;
  }

  /** @param {LocalFile} file
   *  @param {number} room */
  async #bring(file, room) {
    const [job, { upload: video }] = [this.#posters.get(file), file];
    const poster = await job?.drawn;
    const isWanted = () => this.#posters.get(file) === job && file.upload === video;
    if (!poster || !video || !isWanted()) return undefined;
    const { blob, w, h, ms } = poster;
    const read = async (/** @type {number} */ from, /** @type {number} */ to) => blob.slice(from, to);
    const meta = { filename: "poster", nonce: newNonce(), room: String(room), as: "poster", of: video.split("/").at(-1), w: String(w), h: String(h), ...(ms && { ms: String(ms) }) };
    job.upload = new Upload({ bytes: { size: blob.size, read }, meta, pieces: this.#pieces, moved: () => {} });
    await job.upload.run();
    // What was known of the video before is known better now.
    const known = await Upload.look(video);
    if (!known || !isWanted()) return undefined;
    if (file.file) {
      file.file = known;
      this.#changed(file, true);
    }
    return known;
  }

  /** Gives a video that is whole a little time to get its poster.
   *  @param {LocalFile} file
   *  @param {MessageFile} whole */
  async #withPoster(file, whole) {
    const { brought } = this.#posters.get(file) ?? {};
    if (!brought || whole.poster) return whole;
    /** @type {Promise<undefined>} */
    const late = new Promise((done) => { setTimeout(done, POSTER_MS); });
    return await Promise.race([brought, late]) ?? whole;
  }

  /** Before the first piece leaves its bytes are here to stay, if they can be.
   *  @param {LocalFile} file */
  async #keep(file) {
    if (!file.blob || file.kept) return;
    file.kept = await keepParts(file.nonce, file.blob);
    this.#changed(file, true);
  }

  /** @param {LocalFile} file
   *  @param {{ upload?: Upload, room: number }} job */
  async #send(file, job) {
    const { blob, nonce, size } = file;
    // Read before it is sent: of a file that has gone or changed meanwhile a request would break off like a line, again and again.
    const read = async (/** @type {number} */ from, /** @type {number} */ to) => {
      const bytes = await blob?.slice(from, to).arrayBuffer().catch(/** @returns {undefined} */ () => undefined);
      return bytes ? new Uint8Array(bytes) : readParts(nonce, from, to);
    };
    const meta = { filename: file.name, nonce: file.mark, room: String(job.room), ...(file.as && { as: file.as }), ...(file.full && { full: "" }) };
    const upload = new Upload({
      bytes: { size, read }, meta, url: file.upload, pieces: this.#pieces,
      moved: (sent) => {
        const lasting = file.upload !== upload.url;
        Object.assign(file, { sent, upload: upload.url });
        this.#sendPoster(file, job.room);
        this.#changed(file, lasting);
      },
    });
    job.upload = upload;
    const whole = await this.#withPoster(file, await upload.run());
    if (this.#jobs.get(file) !== job) return;
    file.file = whole;
    this.#changed(file, true);
  }
}

/** A file that an earlier page has kept; undefined when its bytes are not here.
 *  @param {LocalFile} file */
async function restored({ nonce, size, type, kept }) {
  if (!kept) return undefined;
  const bytes = await readParts(nonce, 0, size).catch(/** @returns {undefined} */ () => undefined);
  return bytes && new Blob([bytes], { type });
}

/** @param {File} file */
async function sizeOf(file) {
  const bitmap = await createImageBitmap(file).catch(/** @returns {undefined} */ () => undefined);
  const { width: w, height: h } = bitmap ?? {};
  bitmap?.close();
  return { name: file.name, w, h };
}
