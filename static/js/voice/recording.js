// @ts-check
// Speaking instead of writing: from the press on the microphone until what was said is on its way, or thrown away. One at a time in the
// whole page; what is not sent yet waits for its room to be opened again.

import { newNonce } from "../net/nonce.js";
import { isFor } from "../outbox/outbox-db.js";
import { session } from "../state/session.js";
import { say } from "../ui/i18n.js";
import { toast } from "../ui/toast.js";
import { Hold } from "./hold.js";
import { listen } from "./microphone.js";
import { RATE, samplesOf, waveOf } from "./samples.js";
import { RecorderView } from "./recorder-view.js";
import { wavOf } from "./wav.js";

/** What is shorter was a slip. */
const LEAST_MS = 1_000;
/** Where the server does not say how long one may speak. */
const MOST_MS = 300_000;
/** So long before the end one is told of it. */
const WARN_MS = 10_000;
const TICK_MS = 60;
const TYPE = "audio/wav";

/** Why there is no microphone, by what browsers call it (W3C Media Capture and Streams §10.2). */
const WHY = new Map([["NotAllowedError", "voice_denied"], ["SecurityError", "voice_denied"], ["NotFoundError", "voice_none"], ["NotReadableError", "voice_busy"], ["AbortError", "voice_busy"]]);

/** What somebody says in a room: while they do there is a microphone, afterwards what it has heard.
 *  @typedef {{ room: number, author: string, microphone?: import("./microphone.js").Microphone, locked: boolean, sent?: boolean, heard?: Heard, reading?: Promise<Heard | undefined> }} Speech */
/** @typedef {{ blob: Blob, ms: number, wave: string, url: string }} Heard */

export class Recording {
  #room;
  #rooms;
  #outbox;
  #send;
  #hush;
  #view;
  #hold;
  /** @type {Speech | undefined} */
  #speech;
  /** @type {number | undefined} */
  #ticking;
  /** Something else has its place: another room, or an edit. */
  #aside = false;

  /** `send(files)` sends them to the open room, `hush()` stops what is heard.
   *  @param {Pick<App, "room" | "rooms" | "outbox"> & { send: (files: Parameters<Outbox["add"]>[2]) => void, hush: () => void }} parts */
  constructor({ room, rooms, outbox, send, hush }) {
    this.#room = room;
    this.#rooms = rooms;
    this.#outbox = outbox;
    this.#send = send;
    this.#hush = hush;
    this.#view = new RecorderView({ send: () => this.#finish(true), listen: () => this.#listen(), discard: () => this.#discard() });
    this.#hold = new Hold({ start: () => this.#start(), lock: () => this.#lock(), send: () => this.#release(), discard: () => this.#discard() });
    session.subscribe(() => {
      const { author } = this.#speech ?? {};
      if (author && !isFor(session.me.id, { author })) this.#forget();
    });
    addEventListener("beforeunload", (event) => {
      // Whoever has signed out goes at once.
      if (document.body.dataset.departed !== undefined) return this.#forget();
      // It is in memory only.
      if (this.#speech && this.#rooms.get(this.#speech.room)) event.preventDefault();
    });
  }

  /** A finger is on the button.
   *  @param {HTMLElement} button
   *  @param {PointerEvent} event */
  press(button, event) {
    const heard = new AbortController();
    const { signal } = heard;
    const on = (/** @type {"pointermove" | "pointerup" | "lostpointercapture"} */ name, /** @type {(event: PointerEvent) => void} */ act) => button.addEventListener(name, act, { signal });
    on("pointermove", (move) => this.#hold.move(move));
    on("pointerup", (up) => {
      heard.abort();
      this.#hold.release(up);
    });
    // So does one that is cancelled.
    on("lostpointercapture", () => {
      heard.abort();
      this.#hold.cancel();
    });
    this.#hold.press(event);
  }

  /** @param {PointerEvent | MouseEvent} event */
  click(event) {
    this.#hold.click(event);
  }

  /** The room is laid aside: what was being said there ends, and waits. */
  leave() {
    this.#aside = true;
    this.rest();
    this.#view.hide();
  }

  /** Nobody may go on speaking here. */
  rest() {
    const speech = this.#speech;
    if (speech?.microphone) this.#finish();
    else if (speech && !speech.reading) this.#forget();
  }

  /** Another room is open: there may be something that was said in it before. */
  enter() {
    this.#aside = false;
    const { room, heard } = this.#speech ?? {};
    if (heard && room === this.#room.id) this.#showHeard(heard);
  }

  async #start() {
    const there = this.#speech;
    if (there?.room === this.#room.id) return;
    const elsewhere = there && this.#rooms.get(there.room);
    if (elsewhere) return toast(say("voice_elsewhere", { room: elsewhere.name }));
    if (there) this.#forget();
    if (!isSecureContext || !navigator.mediaDevices?.getUserMedia || !globalThis.MediaRecorder) return toast(say("voice_unable"));
    this.#hush();
    /** @type {Speech} */
    const speech = { room: this.#room.id, author: session.me.id, locked: false };
    this.#speech = speech;
    this.#view.show("asking", this.#hold.held);
    try {
      const microphone = await listen({ ended: () => this.#speech === speech && !speech.reading && this.#finish() });
      if (this.#speech !== speech) return void microphone.stop();
      speech.microphone = microphone;
      this.#view.show(speech.locked ? "locked" : "held");
      this.#ticking = setInterval(() => this.#tick(speech), TICK_MS);
    } catch (error) {
      if (this.#speech !== speech) return;
      this.#forget();
      toast(say(WHY.get(error.name) ?? "voice_failed"));
    }
  }

  /** @param {Speech} speech */
  #tick({ microphone }) {
    const { ms } = microphone;
    const { voice_ms: most = MOST_MS } = session.limits.files ?? {};
    const left = Math.ceil((most - ms) / 1000);
    this.#view.time(ms);
    this.#view.loudness(ms, microphone.loudness);
    if (ms >= most) {
      toast(say("voice_longest"));
      this.#finish();
    } else if (most - ms <= WARN_MS) {
      this.#view.warn(left);
    }
  }

  /** It goes on without a finger. */
  #lock() {
    const speech = this.#speech;
    if (!speech || speech.locked) return;
    speech.locked = true;
    if (speech.microphone) this.#view.show("locked");
  }

  /** The finger has left: what was said goes. Before the microphone is there nothing was. */
  #release() {
    if (this.#speech?.microphone) this.#finish(true);
    else this.#lock();
  }

  async #listen() {
    await this.#finish();
    if (this.#speech?.heard) this.#view.listen();
  }

  /** Ends what is being said, and sends it or keeps it to be listened to.
   *  @param {boolean} [send] */
  async #finish(send = false) {
    const speech = this.#speech;
    if (!speech?.microphone && !speech?.reading) return;
    speech.locked = true;
    clearInterval(this.#ticking);
    speech.reading ??= this.#read(speech);
    if (!speech.heard && this.#isHere(speech)) this.#view.show("reading");
    const heard = await speech.reading;
    if (this.#speech !== speech) return void (heard && !speech.sent && URL.revokeObjectURL(heard.url));
    if (!heard) return this.#forget();
    const same = speech.room === this.#room.id;
    if (send && same && !this.#outbox.full) {
      speech.sent = true;
      this.#send({ nonce: newNonce(), files: [local(heard)] });
      return this.#forget(true);
    }
    if (send && same) toast(say("too_many_unsent"));
    else if (send) toast(say("voice_elsewhere", { room: this.#rooms.get(speech.room)?.name ?? say("this_room") }));
    if (!speech.heard && this.#isHere(speech)) this.#showHeard(heard);
    speech.heard = heard;
  }

  /** Whether its place is free.
   *  @param {Speech} speech */
  #isHere({ room }) {
    return !this.#aside && room === this.#room.id;
  }

  /** What the microphone has heard; undefined, and said, when it is nothing to be sent.
   *  @param {Speech} speech
   *  @returns {Promise<Heard | undefined>} */
  async #read(speech) {
    const { microphone } = speech;
    const { ms: long } = microphone;
    const recording = await microphone.stop();
    speech.microphone = undefined;
    if (long < LEAST_MS) return void toast(say("voice_short"));
    try {
      const { voice_ms: most = MOST_MS } = session.limits.files ?? {};
      const samples = (await samplesOf(recording)).subarray(0, most * RATE / 1000);
      const blob = new Blob([wavOf(samples, RATE)], { type: TYPE });
      return { blob, ms: Math.round(samples.length * 1000 / RATE), wave: waveOf(samples), url: URL.createObjectURL(blob) };
    } catch {
      return void toast(say("voice_failed"));
    }
  }

  /** @param {Heard} heard */
  #showHeard(heard) {
    this.#view.showHeard(heard);
    this.#view.show("ready");
  }

  #discard() {
    // What waits in another room is not meant.
    if (this.#speech?.room !== this.#room.id) return;
    this.#forget();
    this.#view.tell(say("voice_discarded"));
  }

  /** Nothing is being said any more. `sent`: what was heard is somebody else's to look after.
   *  @param {boolean} [sent] */
  #forget(sent = false) {
    const { microphone, heard } = this.#speech ?? {};
    this.#speech = undefined;
    clearInterval(this.#ticking);
    microphone?.stop();
    if (heard && !sent) URL.revokeObjectURL(heard.url);
    this.#hush();
    this.#view.hide();
  }
}

/** @param {Heard} heard
 *  @returns {LocalFile} */
function local({ blob, ms, wave, url }) {
  const nonce = newNonce();
  return { nonce, mark: nonce, name: "voice.wav", type: TYPE, size: blob.size, as: "voice", blob, ms, wave, url };
}
