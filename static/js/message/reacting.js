// Putting an emoji on a message: those that its reader used last are at hand, all others are in the picker.

import { call } from "../net/api.js";
import { recentEmoji, tookEmoji } from "../composer/emoji/recent.js";
import { openAt, wireArrows } from "../ui/popup.js";
import { isMine } from "../state/reactions.js";

/** So many are at hand; where fewer were used, these. */
const USUAL = ["👍", "❤️", "😂", "🎉", "👀", "🍵"];

export class Reacting {
  #menu = document.getElementById("usual-emoji");
  #more = this.#menu.querySelector(".more");
  #room;
  #me;
  #seen;
  #want;
  #entry;
  #button;
  /** The room in which the message is. */
  #where;

  /** `room` is the open one, `me()` who I am, `seen(entry)` the message as I see it; `want(entry, change)` sends it. */
  constructor({ room, me, seen, want }) {
    this.#room = room;
    this.#me = me;
    this.#seen = seen;
    this.#want = want;
    wireArrows(this.#menu);
    this.#more.onclick = () => this.#pick();
  }

  open(entry, button) {
    this.#entry = entry;
    this.#button = button;
    this.#where = this.#room.id;
    for (const old of this.#menu.querySelectorAll("button:not(.more)")) old.remove();
    this.#more.before(...usual().map((emoji) => this.#offer(emoji)));
    // What it is about stays in sight.
    openAt(this.#menu, button, true);
  }

  /** Puts an emoji of mine on a message, or takes it away when it is there. */
  async toggle(entry, emoji) {
    const room = this.#room.id;
    const there = this.#seen(entry).reactions?.find((each) => each.emoji === emoji);
    const on = !there || !await isOn(there, { room, id: entry.id, me: this.#me() });
    // Whoever has gone to another room meanwhile means nothing there.
    if (room === this.#room.id) this.#want(entry, { do: "react", emoji, on });
  }

  #offer(emoji) {
    const onclick = () => {
      this.#menu.hidePopover();
      this.#chosen(emoji);
    };
    return Object.assign(document.createElement("button"), { type: "button", textContent: emoji, onclick });
  }

  async #pick() {
    const picker = await import("../composer/emoji/picker.js").catch(() => undefined);
    // Without it there are the usual ones.
    this.#more.hidden = !picker;
    if (!picker) return this.#menu.querySelector("button").focus();
    this.#menu.hidePopover();
    const emoji = await picker.pickEmoji({ anchor: this.#button });
    if (emoji) this.#chosen(emoji);
  }

  #chosen(emoji) {
    tookEmoji(emoji);
    if (this.#where === this.#room.id) this.toggle(this.#entry, emoji);
  }
}

/** Whether an emoji on message `id` is mine. Of a crowd only the first are named: of the others the server knows. */
async function isOn(there, { room, id, me }) {
  if (isMine(there, me) || there.n <= there.who.length) return isMine(there, me);
  const { mine } = await call("GET", `rooms/${room}/messages/${id}`).catch(() => ({ mine: [] }));
  return mine.includes(there.emoji);
}

function usual() {
  return [...new Set([...recentEmoji(), ...USUAL])].slice(0, USUAL.length);
}
