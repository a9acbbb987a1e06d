// @ts-check
// Completion of mentions: who spoke here last, then who else is known here, then whom the server finds; and everybody, for those who may
// call them. Only people with an account can be called.

import { call } from "../../net/api.js";
import { findPeople } from "../../people/direct.js";
import { icon } from "../../ui/templates.js";
import { session } from "../../state/session.js";
import { say } from "../../ui/i18n.js";

const MOST = 8;
const PAUSE_MS = 200;
/** The longest name of the server, in characters. */
const NAME_CHARS = 24;

export class PeopleSource {
  #room;
  #near;
  #learned;
  /** @type {number | undefined} */
  #place;
  /** @type {Map<string, Person>} */
  #found = new Map();
  /** @type {Set<string>} */
  #asked = new Set();
  /** @type {number | undefined} */
  #timer;

  /** `room` is the open one, `near()` who is known here, the likeliest first; `learned()` hears when the
   *  server has named others.
   *  @param {Pick<App, "room"> & { near: () => Author[], learned: () => void }} parts */
  constructor({ room, near, learned }) {
    this.#room = room;
    this.#near = near;
    this.#learned = learned;
  }

  /** @param {string} before */
  find(before) {
    // As the server reads mentions: an @ within an address is none.
    const [, query] = before.match(/(?<!(?![\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Hang}\p{sc=Thai}])[\p{L}\p{N}])[@＠]((?!\s)[^\n@＠]*)$/u) ?? [];
    if (query === undefined || [...query].length > NAME_CHARS || this.#room.view.kind === "direct") return undefined;
    return { from: before.length - query.length - 1, query };
  }

  /** @param {string} query */
  options(query) {
    const wanted = plain(query);
    this.#ask(query.trim());
    const fits = [];
    for (const person of this.#people()) {
      const name = plain(person.name);
      const at = name.indexOf(wanted);
      if (at >= 0) fits.push([at === 0 ? 0 : 1, person, meant(name, at)]);
    }
    const people = fits.sort(([a], [b]) => a - b).slice(0, MOST).map(([, person, meant]) => ({ ...option(person), meant }));
    const all = ["all", say("mention_all")];
    const mayMentionAll = this.#room.view.may.includes("configure") && all.some((name) => name.startsWith(wanted));
    return mayMentionAll ? [...people, { text: `@${say("mention_all")} `, name: say("mention_all"), note: say("everybody"), sign: icon("horn"), meant: true }] : people;
  }

  /** Each once, by their newest name, without me. */
  #people() {
    const each = new Map();
    /** @type {(Author & { here?: Presence })[]} */
    const all = [...this.#near(), ...this.#found.values()];
    for (const person of all) {
      if (!person.id.startsWith("u") || !person.name || person.id === session.me.id) continue;
      // Who is seen to be here is seen as they are now; what was said keeps the name that it had.
      if (person.here || !each.has(person.id)) each.set(person.id, person);
    }
    return each.values();
  }

  /** Asks the server for others of this name, once for each beginning.
   *  @param {string} query */
  #ask(query) {
    const { id, kind } = this.#room.view;
    if (id !== this.#place) {
      this.#place = id;
      this.#found.clear();
      this.#asked.clear();
    }
    clearTimeout(this.#timer);
    if (!query || this.#asked.has(query) || session.isVisitor) return;
    this.#timer = setTimeout(async () => {
      this.#asked.add(query);
      try {
        const found = kind === "lobby" ? await findPeople(query) : (await call("GET", `rooms/${id}/members?${new URLSearchParams({ q: query })}`)).members;
        if (id !== this.#place || found.length === 0) return;
        for (const person of found) if (person.role !== "banned") this.#found.set(person.id, person);
        this.#learned();
      } catch {
        // Those that are known are offered all the same.
      }
    }, PAUSE_MS);
  }
}

/** @param {Author & { here?: Presence }} what */
function option({ name, avatar, bot, here }) {
  const sign = Object.assign(new Image(22, 22), { className: "face", src: avatar, alt: "" });
  return { text: `@${asWritten(name)} `, name, note: bot ? say("bot") : here === "on" || here === "idle" ? say(`here_${here}`) : "", sign };
}

/** A name for a message, which is Markdown: its signs are to be seen and call nobody else.
 *  @param {string} name */
function asWritten(name) {
  return name.replace(/[\\`*~[\]]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, "\\$&");
}

/** Whether a name, or a part of it, begins here: letters from the middle of a word may be those of another.
 *  @param {string} name
 *  @param {number} at */
function meant(name, at) {
  return !/[\p{L}\p{N}]$/u.test(name.slice(0, at)) || /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u.test(name.slice(at));
}

/** Wide letters are letters, capitals are small ones.
 *  @param {string} text */
function plain(text) {
  return text.normalize("NFKC").toLowerCase();
}
