// What a reader who is elsewhere is told: decides whether a message is news, shows it, lets it be heard, counts what waits.

import { Badge } from "./badge.js";
import { serverNow } from "../ui/dates.js";
import { Notifications, permission } from "./notifications.js";
import { snippet } from "../message/plain-text.js";
import { preferences } from "../state/preferences.js";
import { pathOf } from "../state/rooms.js";
import { personName } from "../ui/i18n.js";

/** What is older was missed, not new: a page that wakes up tells nothing of the night. */
const NEWS_MS = 60_000;
/** Of several pages one tells. One that is looked at says first that nothing is to be told; the others wait for it so long. */
const TURN_MS = 200;
const CLAIM_MS = 3_000;

export class Notifier {
  #me;
  /** What is about to be told, each as `{room, id, seq}`. */
  #due = new Set();
  #shown;
  #badge = new Badge();

  /** `me()` is who I am; `open({id})` is called when a notification of a room is pressed, once the page has the focus. */
  constructor({ me, open = () => {} }) {
    this.#me = me;
    this.#shown = new Notifications((id) => open({ id }));
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
      await this.#shown.show(direct ? by : `${by} · ${room.name}`, snippet(message), news);
    }
    if (preferences.sound) import("./chime.js").then(({ chime }) => chime()).catch(() => {});
  }

  /** A message has been recalled: nobody is told of it any more. */
  withdraw(message) {
    this.#forget(({ id }) => id === message);
  }

  /** The words of a message are others now: so are they where they have been shown. */
  edited({ id, content, html }) {
    // Without words it has been withdrawn meanwhile.
    if (content) this.#shown.change(id, snippet({ content, html }));
  }

  /** On some device these rooms were read, up to `read`; `unread` come after it. */
  read(rooms) {
    const marks = new Map(rooms.map((each) => [each.id, each]));
    this.#forget(({ room, seq }) => marks.get(room)?.unread === 0 || seq <= marks.get(room)?.read);
  }

  #forget(which) {
    for (const news of this.#due) if (which(news)) this.#due.delete(news);
    this.#shown.close(which);
  }

  #names({ content }) {
    return content.includes(`@${this.#me().name}`);
  }
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
