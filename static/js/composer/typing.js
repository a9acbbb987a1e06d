// @ts-check
// Typing indicators of the open room: shows who types, and sends that this person does.

import { TYPING } from "../net/socket.js";
import { session } from "../state/session.js";
import { names, say } from "../ui/i18n.js";

/** The word goes out at most this often. */
const PACE_MS = 3_000;
/** Without another word the line is old. */
const STAYS_MS = 8_000;

export class Typing {
  #line = document.getElementById("typing");
  #connection;
  #room;
  #told = 0;
  /** @type {number | undefined} */
  #timer;

  /** @param {Pick<App, "connection" | "room">} parts */
  constructor({ connection, room }) {
    this.#connection = connection;
    this.#room = room;
  }

  /** I have typed something that is meant for the room. */
  typed() {
    const now = Date.now();
    if (now < this.#told + PACE_MS || !this.#room.ready || this.#connection.state.name !== "live") return;
    this.#told = now;
    this.#connection.send(TYPING, { room: this.#room.id });
  }

  /** What I typed is sent: the next letter is told at once. */
  sent() {
    this.#told = 0;
  }

  /** @param {TypersFrame} what */
  show({ who, more = 0 }) {
    clearTimeout(this.#timer);
    const others = who.filter(({ id }) => id !== session.me.id);
    this.#line.textContent = others.length === 0 ? ""
      : more > 0 ? say("typing_more", { names: names(others), n: more })
      : say("typing", { names: names(others), n: others.length });
    this.#timer = setTimeout(() => this.leave(), STAYS_MS);
  }

  leave() {
    clearTimeout(this.#timer);
    this.#told = 0;
    this.#line.textContent = "";
  }
}
