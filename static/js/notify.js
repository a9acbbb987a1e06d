// What a reader who is elsewhere is told: decides whether a message is news, shows it, lets it be heard, counts what waits.

import { Badge } from "./badge.js";
import { serverNow } from "./dates.js";
import { preferences } from "./preferences.js";
import { personName } from "./words.js";

/** What is older was missed, not new: a page that wakes up tells nothing of the night. */
const NEWS_MS = 60_000;
const MOST_CHARS = 140;
/** Of several pages one tells. One that is looked at says first that nothing is to be told; the others wait for it so long. */
const TURN_MS = 200;
const CLAIM_MS = 3_000;

export class Notifier {
  #me;
  #open;
  /** What is shown of each room: `{id, notification}`, the id of the message. */
  #shown = new Map();
  #badge = new Badge();

  /** `me()` is who I am; `open(room)` is called when a notification is pressed, once the page has the focus. */
  constructor({ me, open = () => {} }) {
    this.#me = me;
    this.#open = open;
  }

  /** What the page is called without a number. */
  set title(title) {
    this.#badge.title = title;
  }

  /** So many messages wait: in the title and on the icon; 0 takes the number away. */
  count(n) {
    this.#badge.show(n);
  }

  /** Somebody else's message has come. `room` has `id` and `name`, and `notify` when it has a level of its own; `mention`: it names
   *  me (looked for when not said); `direct`: it is to me alone. */
  async arrived({ room, message, mention = this.#names(message), direct = false }) {
    if (message.recalled || serverNow() - message.at > NEWS_MS) return;
    if (!document.hidden) {
      claim(message.id);
      return;
    }
    if (!isNews(level(room), mention || direct) || isQuiet(preferences.quiet, new Date())) return;
    await new Promise((done) => setTimeout(done, TURN_MS));
    if (!(await claim(message.id)) || message.recalled) return;
    this.#show(room, message, direct);
    if (preferences.sound) import("./chime.js").then(({ chime }) => chime()).catch(() => {});
  }

  /** A message has been recalled: nobody is told of it any more. */
  withdraw(message) {
    for (const [room, { id, notification }] of this.#shown) {
      if (id !== message) continue;
      notification.close();
      this.#shown.delete(room);
    }
  }

  #names({ content }) {
    return content.includes(`@${this.#me().name}`);
  }

  #show(room, { id, by, content }, direct) {
    if (permission() !== "granted") return;
    const words = content.length > MOST_CHARS ? `${content.slice(0, MOST_CHARS)}…` : content;
    const title = direct ? personName(by) : `${personName(by)} · ${room.name}`;
    try {
      // One for each room: the newest takes the place of the one before.
      const shown = new Notification(title, { body: words, tag: `teahouse-${room.id}`, silent: true });
      this.#shown.set(room.id, { id, notification: shown });
      shown.onclick = () => {
        focus();
        shown.close();
        this.#open(room);
      };
    } catch {
      // Some browsers show none for a page without a service worker.
    }
  }
}

/** "granted", "denied", "default" (not asked yet), or "none" where there are no notifications. */
export function permission() {
  return window.isSecureContext && "Notification" in window ? Notification.permission : "none";
}

/** A room's own level goes before the general one; nothing at all is nothing at all. */
function level(room) {
  return preferences.notify === "none" ? "none" : room.notify ?? preferences.notify;
}

function isNews(wanted, toMe) {
  return wanted === "all" || (wanted === "mentions" && toMe);
}

/** Whether a time of day is within `{from, to}`, which may go past midnight. */
export function isQuiet(quiet, now) {
  if (!quiet) return false;
  const minutes = (text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));
  const [from, to, time] = [minutes(quiet.from), minutes(quiet.to), now.getHours() * 60 + now.getMinutes()];
  return from < to ? from <= time && time < to : time >= from || time < to;
}

/** Whether this page is the first to claim the message. */
function claim(id) {
  if (!navigator.locks) return Promise.resolve(true);
  return new Promise((answer) => {
    navigator.locks.request(`teahouse.news.${id}`, { ifAvailable: true }, (lock) => {
      answer(Boolean(lock));
      return lock && new Promise((done) => setTimeout(done, CLAIM_MS));
    });
  });
}
