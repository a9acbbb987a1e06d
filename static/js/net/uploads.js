// @ts-check
// One upload by tus 1.0.0 (tus.io/protocols/resumable-upload): created, sent in pieces that adapt to the line, gone on with after any
// loss from where the server has it, and waited for until the server has looked at it. Knows no files and no rows: bytes and answers.

import { ApiError } from "./api.js";
import { Backoff } from "./backoff.js";
import { credential } from "./credential.js";
import { newNonce } from "./nonce.js";
import { say } from "../ui/i18n.js";

const UPLOADS = "/api/v1/uploads";
/** A line that moves nothing for so long is given up, and tried anew. */
const STALL_MS = 30_000;
/** The server answers such a question after so many seconds at the latest, well before the line counts as dead. */
const WAIT_S = 20;
/** An upload that is not there any more is begun again so often in a row, without a byte that was taken. */
const TRIES = 3;
/** Longer than any file system's; the server cuts it to its own measure. */
const NAME_CHARS = 300;
/** Of a longer one the ending stays. */
const END_CHARS = 20;
/** A "not so fast" up to this many seconds is waited for; a longer one is the reader's to know. */
const PATIENCE_S = 30;
/** What the server says of an upload that it does not have: never had, lost on the way to another node, or too old. */
const NOT_THERE = new Set(["not_found", "upload_expired", "file_gone"]);
const STATUS = { wrongOffset: 409, tooLarge: 413 };

export class Upload {
  #bytes;
  /** @type {Record<string, string>} */
  #meta;
  #pieces;
  #moved;
  #offset = 0;
  /** Whether the offset is what the server has. */
  #sure = false;
  #tries = 0;
  #backoff = new Backoff();
  #stop = new AbortController();
  /** Ends a wait. */
  #over = () => {};

  /** `bytes` has `size` and `read(from, to)`; `meta` are the values of `Upload-Metadata`, `""` for a mere sign; `url` is where an earlier
   *  try has got to; `moved(offset)` hears how many bytes are there, or on their way.
   *  @param {{ bytes: UploadBytes, meta: Record<string, string>, url?: string, pieces: import("./piece-size.js").PieceSize, moved: (offset: number) => void }} parts */
  constructor({ bytes, meta, url, pieces, moved }) {
    this.#bytes = bytes;
    this.#meta = { ...meta, filename: shortened(meta.filename) };
    this.#pieces = pieces;
    this.#moved = moved;
    this.url = url;
  }

  /** Sends what is missing and waits for the verdict. Gives the file as the server has it; throws an ApiError when it is refused, and
   *  an AbortError when it is stopped.
   *  @returns {Promise<MessageFile>} */
  async run() {
    for (;;) {
      this.#stop.signal.throwIfAborted();
      try {
        return await this.#go();
      } catch (error) {
        this.#stop.signal.throwIfAborted();
        await this.#recover(error);
      }
    }
  }

  /** There is a line again: no more waiting. */
  wake() {
    this.#over();
  }

  /** Nothing more of it goes out; what is there stays there. */
  stop() {
    this.#stop.abort();
  }

  /** It is not wanted any more, here or there. The server forgets by itself what it is not told to. */
  async cancel() {
    this.stop();
    if (this.url) await Upload.discard(this.url);
  }

  /** Takes back what an earlier page has uploaded.
   *  @param {string} url */
  static async discard(url) {
    await ask("DELETE", url, {}).catch(() => {});
  }

  /** A file that can be sent, as the server has it now.
   *  @param {string} url
   *  @returns {Promise<MessageFile | undefined>} */
  static async look(url) {
    return (await ask("GET", url, {})).data?.file;
  }

  async #go() {
    if (!this.url) await this.#create();
    else if (!this.#sure) this.#take(await ask("HEAD", this.url, { signal: this.#stop.signal }));
    while (this.#offset < this.#bytes.size) await this.#piece();
    for (;;) {
      const { data } = await ask("GET", `${this.url}?wait=${WAIT_S}`, { signal: this.#stop.signal });
      if (data?.file) return data.file;
      if (data?.error) throw new ApiError(data.error.code ?? data.error, data.error.message ?? say("unexpected"));
      if (data?.state === "receiving" && data.offset < this.#bytes.size) throw new ApiError("unreachable", say("unreachable"));
    }
  }

  async #create() {
    const answer = await ask("POST", UPLOADS, {
      headers: { "Upload-Length": String(this.#bytes.size), "Upload-Metadata": metadata(this.#meta) }, signal: this.#stop.signal,
    });
    // The same way as this request went, whatever name the server knows itself by.
    this.url = new URL(answer.header("Location") ?? "", location.href).pathname;
    this.#take(answer);
  }

  async #piece() {
    const from = this.#offset;
    const to = Math.min(this.#bytes.size, from + this.#pieces.bytes);
    const body = await this.#bytes.read(from, to);
    const told = this.#pieces.ceilingToTell();
    const began = performance.now();
    try {
      const answer = await ask("PATCH", this.url, {
        body, signal: this.#stop.signal, moved: (sent) => this.#moved(Math.min(to, from + sent)),
        headers: {
          "Upload-Offset": String(from), "Content-Type": "application/offset+octet-stream", ...(told ? { "Upload-Ceiling": String(told) } : {}),
        },
      });
      if (told) this.#pieces.told();
      this.#pieces.arrived(to - from, performance.now() - began);
      this.#backoff.reset();
      this.#tries = 0;
      this.#take(answer);
    } catch (error) {
      const { status, offset } = error;
      if (status === STATUS.wrongOffset && offset !== null && Number(offset) !== from) return this.#set(Number(offset));
      // Ours says so in JSON: this one is a proxy's, about the size of a request.
      if (status === STATUS.tooLarge && !error.known && this.#pieces.tooLarge(to - from)) return this.#moved(from);
      throw error;
    }
  }

  /** @param {Reply} answer */
  #take(answer) {
    this.#set(Number(answer.header("Upload-Offset") ?? 0));
  }

  /** @param {number} offset */
  #set(offset) {
    this.#offset = offset;
    this.#sure = true;
    this.#moved(offset);
  }

  /** Waits until it may be tried again, or throws what no waiting helps against.
   *  @param {any} error */
  async #recover(error) {
    if (!(error instanceof ApiError)) throw error;
    this.#sure = false;
    if (NOT_THERE.has(error.code) && this.url && this.#tries < TRIES) {
      this.#tries += 1;
      this.url = undefined;
      this.#offset = 0;
      this.#meta.nonce = newNonce();
      return;
    }
    const waits = error.known ? error.retryAfter <= PATIENCE_S : statusOf(error) !== STATUS.tooLarge;
    if (!waits) throw error;
    if (!error.known) this.#pieces.failed();
    await this.#pause(this.#backoff.next(error.retryAfter ?? 0));
  }

  /** So long, or until there is a line again, or it is stopped.
   *  @param {number} ms
   *  @returns {Promise<void>} */
  #pause(ms) {
    return new Promise((done) => {
      const { signal } = this.#stop;
      const timer = setTimeout(() => this.#over(), ms);
      this.#over = () => {
        clearTimeout(timer);
        removeEventListener("online", this.#over);
        signal.removeEventListener("abort", this.#over);
        done();
      };
      addEventListener("online", this.#over);
      signal.addEventListener("abort", this.#over);
    });
  }
}

/** What the server, or whatever stands before it, answers in time; everything else is an ApiError with its status.
 *  @param {string} method
 *  @param {string} url
 *  @param {{ headers?: Record<string, string>, body?: Blob | Uint8Array<ArrayBuffer>, moved?: (sent: number) => void, signal?: AbortSignal }} what
 *  @returns {Promise<Reply>} */
function ask(method, url, { headers = {}, body, moved, signal }) {
  return new Promise((done, failed) => {
    signal?.throwIfAborted();
    const xhr = new XMLHttpRequest();
    /** @type {number | undefined} */
    let stalled;
    const alive = () => {
      clearTimeout(stalled);
      stalled = setTimeout(() => xhr.abort(), STALL_MS);
    };
    const header = (/** @type {string} */ name) => xhr.getResponseHeader(name);
    xhr.open(method, url);
    xhr.setRequestHeader("Tus-Resumable", "1.0.0");
    for (const [name, value] of Object.entries({ ...headers, ...credential })) xhr.setRequestHeader(name, value);
    xhr.upload.onprogress = ({ loaded }) => {
      alive();
      moved?.(loaded);
    };
    const aborted = () => xhr.abort();
    signal?.addEventListener("abort", aborted);
    xhr.onloadend = () => {
      clearTimeout(stalled);
      signal?.removeEventListener("abort", aborted);
      const data = parsed(xhr.responseText);
      if (xhr.status >= 200 && xhr.status < 300) done({ header, data });
      else failed(problem(xhr.status, data?.error, header("Upload-Offset")));
    };
    alive();
    xhr.send(body ?? null);
  });
}

/** @param {number} status
 *  @param {{ code: string, message: string, retry_after?: number } | undefined} error
 *  @param {string | null} offset */
function problem(status, error, offset) {
  // A HEAD has no words; its status says it.
  const code = error?.code ?? (status === 404 ? "not_found" : status === 410 ? "upload_expired" : status === 0 ? "unreachable" : "unexpected");
  const message = error?.message ?? say(status === 0 ? "unreachable" : "unexpected");
  return Object.assign(new ApiError(code, message, error?.retry_after), { status, offset });
}

/** @param {any} error */
function statusOf({ status }) {
  return status;
}

/** @param {string} text */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** @param {string} name */
function shortened(name) {
  const short = name.length > NAME_CHARS ? name.slice(0, NAME_CHARS - END_CHARS) + name.slice(-END_CHARS) : name;
  return short.toWellFormed();
}

/** tus: names and values in base64, parted by commas; a value that is empty is left out.
 *  @param {Record<string, string>} meta */
export function metadata(meta) {
  const base64 = (/** @type {string} */ text) => btoa(Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(""));
  return Object.entries(meta).map(([name, value]) => (value ? `${name} ${base64(value)}` : name)).join(",");
}
