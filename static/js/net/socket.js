// @ts-check
// The connection: one WebSocket at a time, opened again until the server says stay away. It knows frames and states, no rooms.

import { call, json } from "./api.js";
import { Backoff } from "./backoff.js";
import { protocols } from "./credential.js";
import { Heartbeat } from "./heartbeat.js";

const HELLO = 10;
export const WELCOME = 11;
export const SEND = 12;
export const ACK = 13;
export const CHANGE = 14;
export const ERROR = 15;
export const OPEN = 16;
export const EVENT = 17;
export const BATCH = 19;
export const RESET = 21;
export const TYPING = 22;
export const TYPERS = 23;
export const READ = 24;
export const READ_MARKER = 25;
export const IDLE = 26;
export const PRESENCE = 27;
export const HEAD = 31;
export const ROOMS = 33;
export const GONE = 35;
export const SEEN = 37;
const PING = 6, BYE = 29;
const VERSION = 1;

/** From the start of a try to its welcome, and from there between what a resume brings. */
const WELCOME_MS = 10_000;
/** A connection that lived this long was a good one: the waits start small again. */
const STEADY_MS = 5_000;
/** The browser says that the network is gone: how long the connection has to prove it wrong. */
const DOUBT_MS = 2_000;

/** 4500 to 4999: the server asks us to stay away until the person acts. */
/** @type {Record<number, string>} */
const STAY_AWAY = { 4500: "signed_out", 4504: "version" };
/** What it could not read: a frame of ours, not the line, has ended the connection (RFC 6455 §7.4.1). */
const UNREAD = new Set([1002, 1003, 1007, 1009]);

export class Connection {
  #hello;
  #receive;
  #show;
  /** @type {WebSocket | null} */
  #socket = null;
  #opened = false;
  #asked = 0;
  /** @type {number | undefined} */
  #retry;
  /** @type {number | undefined} */
  #deadline;
  /** @type {number | undefined} */
  #steady;
  /** Until it is opened nothing opens it.
   *  @type {ConnectionState} */
  #state = { name: "stopped" };
  #backoff = new Backoff();
  #heartbeat = new Heartbeat({ ask: () => this.send(PING, "ping"), dead: () => this.reconnect() });

  /** `hello()` gives what the first frame adds (resume), `receive(frame)` takes each frame, `show(state)` each change of state.
   *  @param {{ hello: () => Omit<HelloFrame, "v">, receive: (frame: InFrame) => void, show: (state: ConnectionState) => void }} parts */
  constructor({ hello, receive, show }) {
    this.#hello = hello;
    this.#receive = receive;
    this.#show = show;
    const back = () => this.#state.name !== "stopped" && this.tryNow();
    addEventListener("online", back);
    addEventListener("offline", () => this.#live() && this.#heartbeat.probe(DOUBT_MS));
    addEventListener("pageshow", (event) => event.persisted && back());
    document.addEventListener("visibilitychange", () => !document.hidden && this.#live() && this.#heartbeat.probe());
  }

  get state() {
    return this.#state;
  }

  open() {
    this.#drop();
    this.#setState({ name: "connecting" });
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws?feed`, protocols);
    this.#socket = socket;
    this.#startDeadline();
    this.#opened = false;
    socket.onopen = () => {
      this.#opened = true;
      this.send(HELLO, { v: VERSION, ...this.#hello() });
    };
    socket.onmessage = (message) => this.#take(message.data);
    socket.onclose = (close) => this.#lost(close.code);
  }

  /** The person, or the browser's "online", does not want to wait. Does nothing while connected or connecting. */
  tryNow() {
    if (!this.#socket) this.open();
  }

  /** Gives this connection up and comes back: it is dead, or it has a gap. */
  reconnect() {
    this.#lost();
  }

  /** False when there is no connection to write to; nothing is queued here.
   *  @param {number} type
   *  @param {OutFrame} data */
  send(type, data) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(json({ type, data }));
    return true;
  }

  /** The room has everything that it missed. */
  caughtUp() {
    if (this.#state.name !== "catching-up") return;
    clearTimeout(this.#deadline);
    this.#backoff.ease();
    this.#setState({ name: "live" });
  }

  #live() {
    return this.#state.name === "live" || this.#state.name === "catching-up";
  }

  /** @param {string} text */
  #take(text) {
    this.#heartbeat.heard();
    /** @type {InFrame} */
    const frame = JSON.parse(text);
    const { type, data } = frame;
    if (type === PING) {
      if (data === "ping") this.send(PING, "pong");
      return;
    }
    if (type === BYE) {
      this.#asked = data.retry_after ?? 0;
      return;
    }
    if (type === WELCOME) {
      this.#steady = setTimeout(() => this.#backoff.reset(), STEADY_MS);
      this.#setState({ name: "catching-up" });
    }
    if (type === WELCOME || (type === BATCH && this.#state.name === "catching-up")) this.#startDeadline();
    this.#receive(frame);
  }

  /** Gives the server its time for the next step towards live. */
  #startDeadline() {
    clearTimeout(this.#deadline);
    this.#deadline = setTimeout(() => this.#lost(), WELCOME_MS);
  }

  /** @param {number} [code] */
  #lost(code = 1006) {
    const refused = this.#socket && !this.#opened && navigator.onLine;
    this.#drop();
    if (code >= 4500 && code <= 4999) this.#setState({ name: "stopped", why: STAY_AWAY[code] });
    else this.#wait(UNREAD.has(code));
    if (refused) this.#askWhy();
  }

  /** A browser does not say why a WebSocket was refused; the door does. */
  async #askWhy() {
    const refusal = await call("GET", "connect/check").catch((error) => error);
    if (this.#state.name === "waiting" && refusal.known) this.#setState({ ...this.#state, said: refusal.message });
  }

  /** `unread`: the server could not read what was sent last.
   *  @param {boolean} unread */
  #wait(unread) {
    if (this.#socket || this.#state.name === "stopped") return;
    clearTimeout(this.#retry);
    const wait = this.#backoff.next(this.#asked);
    this.#asked = 0;
    this.#retry = setTimeout(() => this.open(), wait);
    this.#setState({ name: navigator.onLine ? "waiting" : "offline", until: Date.now() + wait, unread });
  }

  /** Lets go of the socket at once: a close handshake over a dead network takes minutes. */
  #drop() {
    for (const timer of [this.#retry, this.#deadline, this.#steady]) clearTimeout(timer);
    this.#heartbeat.stop();
    const socket = this.#socket;
    this.#socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  /** @param {ConnectionState} state */
  #setState(state) {
    this.#state = state;
    this.#show(state);
  }
}
