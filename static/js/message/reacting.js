// @ts-check
// Putting an emoji on a message: those used last are offered first, all others are in the picker.

import { call } from "../net/api.js";
import { recentEmoji, rememberEmoji } from "../composer/emoji/recent.js";
import { openAt, wireArrows } from "../ui/popup.js";
import { session } from "../state/session.js";
import { isMyReaction } from "../state/message-reducer.js";

/** So many are at hand; where fewer were used, these. */
const USUAL = ["👍", "❤️", "😂", "🎉", "👀", "🍵"];

/** @type {{ mine: string[] }} */
const NOT_KNOWN = { mine: [] };

export class Reacting {
  #menu = document.getElementById("usual-emoji");
  #more = this.#menu.querySelector(".more");
  #room;
  #seen;
  #want;
  /** @type {Entry} */
  #entry;
  /** @type {HTMLElement} */
  #button;
  /** The room in which the message is.
   *  @type {number | undefined} */
  #where;

  /** `room` is the open one, `seen(entry)` the message as I see it; `want(entry, change)` sends it.
   *  @param {Pick<App, "room"> & { seen: (entry: Entry) => Entry, want: (entry: Entry, what: MarkWish) => void }} parts */
  constructor({ room, seen, want }) {
    this.#room = room;
    this.#seen = seen;
    this.#want = want;
    wireArrows(this.#menu);
    this.#more.onclick = () => this.#pick();
  }

  /** @param {Entry} entry
   *  @param {HTMLButtonElement} button */
  open(entry, button) {
    this.#entry = entry;
    this.#button = button;
    this.#where = this.#room.id;
    for (const old of this.#menu.querySelectorAll("button:not(.more)")) old.remove();
    this.#more.before(...usual().map((emoji) => this.#offer(emoji)));
    // What it is about stays in sight.
    openAt(this.#menu, button, true);
  }

  /** Puts an emoji of mine on a message, or takes it away when it is there.
   *  @param {Entry} entry
   *  @param {string} emoji */
  async toggle(entry, emoji) {
    const room = this.#room.id;
    const there = this.#seen(entry).reactions?.find((each) => each.emoji === emoji);
    const on = !there || !await isOn(there, { room, id: entry.id });
    // Whoever has gone to another room meanwhile means nothing there.
    if (room === this.#room.id) this.#want(entry, { do: "react", emoji, on });
  }

  /** @param {string} emoji */
  #offer(emoji) {
    const onclick = () => {
      this.#menu.hidePopover();
      this.#chosen(emoji);
    };
    return Object.assign(document.createElement("button"), { type: "button", textContent: emoji, onclick });
  }

  async #pick() {
    const picker = await import("../composer/emoji/picker.js").catch(() => {});
    // Without it there are the usual ones.
    this.#more.hidden = !picker;
    if (!picker) return this.#menu.querySelector("button").focus();
    this.#menu.hidePopover();
    const emoji = await picker.pickEmoji({ anchor: this.#button });
    if (emoji) this.#chosen(emoji);
  }

  /** @param {string} emoji */
  #chosen(emoji) {
    rememberEmoji(emoji);
    if (this.#where === this.#room.id) this.toggle(this.#entry, emoji);
  }
}

/** Whether an emoji on message `id` is mine. Of a crowd only the first are named: of the others the server knows.
 *  @param {KnownReaction} there
 *  @param {{ room: number, id: Entry["id"] }} what1 */
async function isOn(there, { room, id }) {
  if (isMyReaction(there, session.me) || there.n <= there.who.length) return isMyReaction(there, session.me);
  const { mine } = await call("GET", `rooms/${room}/messages/${id}`).catch(() => NOT_KNOWN);
  return mine.includes(there.emoji);
}

function usual() {
  return [...new Set([...recentEmoji(), ...USUAL])].slice(0, USUAL.length);
}
