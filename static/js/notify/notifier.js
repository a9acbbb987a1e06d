// @ts-check
// Decides whether a message notifies a reader who is elsewhere; shows the notification, plays the sound, counts unread messages.

import { Badge } from "./badge.js";
import { serverNow } from "../ui/dates.js";
import { Notifications, permission } from "./notifications.js";
import { gist } from "../message/plain-text.js";
import { preferences } from "../state/preferences.js";
import { pathOf } from "../state/rooms.js";
import { session } from "../state/session.js";
import { personName } from "../ui/i18n.js";

/** What is older was missed, not new: a page that wakes up tells nothing of the night. */
const NEWS_MS = 60_000;
/** Of several pages one tells. One that is looked at says first that nothing is to be told; the others wait for it so long. */
const TURN_MS = 200;
const CLAIM_MS = 3_000;

export class Notifier {
  /** What is about to be told, each as `{room, id, seq}`.
   *  @type {Set<News>} */
  #due = new Set();
  #shown;
  #badge = new Badge();

  /** `open({id})` is called when a notification of a room is pressed, once the page has the focus.
   *  @param {{ open: (room: { id: number }) => void }} parts */
  constructor({ open = () => {} }) {
    this.#shown = new Notifications((id) => open({ id }));
  }

  /** What the page is called without a number.
   *  @param {string} title */
  set title(title) {
    this.#badge.title = title;
  }

  /** So many messages wait: in the title and on the icon; 0 takes the number away.
   *  @param {number} n */
  count(n) {
    this.#badge.show(n);
  }

  /** Somebody else's message has come. `room` has `id` and `name`, and `notify` when it has a level of its own; `mention`: it names
   *  me (looked for when not said); `direct`: it is to me alone.
   *  @param {{ room: RoomView, message: Pick<Entry, "id" | "seq" | "by" | "at" | "content" | "html" | "recalled"> & { files?: { kind: string }[] }, mention: boolean, direct: boolean }} what */
  async arrived({ room, message, mention = this.#names(message), direct = false }) {
    const { id, seq, at } = message;
    if (message.recalled || serverNow() - at > NEWS_MS) return;
    if (!document.hidden) {
      claim(id);
      return;
    }
    if (!isNews(level(room), mention || direct) || isQuiet(preferences.quiet, new Date())) return;
    const news = { room: room.id, id, seq, path: pathOf(room.id) };
    this.#due.add(news);
    await new Promise((done) => setTimeout(done, TURN_MS));
    // Meanwhile it may have been read elsewhere, or taken back.
    if (!(await claim(id)) || !this.#due.delete(news) || !document.hidden) return this.#due.delete(news);
    if (permission() === "granted") {
      const by = personName(message.by);
      await this.#shown.show(direct ? by : `${by} · ${room.name}`, gist(message), news);
    }
    if (preferences.sound) import("./chime.js").then(({ chime }) => chime()).catch(() => {});
  }

  /** A message has been recalled: nobody is told of it any more.
   *  @param {number} message */
  withdraw(message) {
    this.#forget(({ id }) => id === message);
  }

  /** The words of a message are others now: so are they where they have been shown.
   *  @param {EditEvent} what
   *  @param {{ kind: string }[]} [files] */
  edited({ id, content, html }, files) {
    const says = gist({ content, html, files });
    // Without words and files it has been withdrawn meanwhile.
    if (says) this.#shown.change(id, says);
  }

  /** On some device these rooms were read, up to `read`; `unread` come after it.
   *  @param {Pick<RoomPart, "id" | "read" | "unread">[]} rooms */
  read(rooms) {
    const marks = new Map(rooms.map((each) => [each.id, each]));
    this.#forget(({ room, seq }) => marks.get(room)?.unread === 0 || seq <= marks.get(room)?.read);
  }

  /** @param {(news: News) => boolean} which */
  #forget(which) {
    for (const news of this.#due) if (which(news)) this.#due.delete(news);
    this.#shown.close(which);
  }

  /** @param {{ content?: string }} message */
  #names({ content }) {
    return content.includes(`@${session.me.name}`);
  }
}

/** A room's own level goes before the general one; nothing at all is nothing at all.
 *  @param {RoomView} room */
function level(room) {
  return preferences.notify === "none" ? "none" : room.notify ?? preferences.notify;
}

/** @param {NotifyLevel} wanted
 *  @param {boolean} toMe */
function isNews(wanted, toMe) {
  return wanted === "all" || (wanted === "mentions" && toMe);
}

/** Whether a time of day is within `{from, to}`, which may go past midnight.
 *  @param {Preferences["quiet"]} quiet
 *  @param {Date} now */
function isQuiet(quiet, now) {
  if (!quiet) return false;
  const minutes = (/** @type {string} */ text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));
  const [from, to, time] = [minutes(quiet.from), minutes(quiet.to), now.getHours() * 60 + now.getMinutes()];
  return from < to ? from <= time && time < to : time >= from || time < to;
}

/** Whether this page is the first to claim the message.
 *  @param {Entry["id"]} id */
function claim(id) {
  if (!navigator.locks) return Promise.resolve(true);
  return new Promise((answer) => {
    navigator.locks.request(`teahouse.news.${id}`, { ifAvailable: true }, (lock) => {
      answer(Boolean(lock));
      return lock && new Promise((done) => setTimeout(done, CLAIM_MS));
    }).catch(() => answer(true));
  });
}
