// @ts-check
// What came while the reader was elsewhere: how many, the line above the first new one, the button to the newest.

import { mentionsMe } from "../state/messages.js";
import { isRoomListShown } from "../ui/viewport.js";
import { session } from "../state/session.js";
import { say } from "../ui/i18n.js";

/** This far up, the button shows even when nothing is new. */
const FAR_PX = 600;

export class Unread {
  #timeline;
  #scroll;
  #button = document.getElementById("newer");
  #notifier;
  #room;
  #rooms;
  /** Ids of messages that came while nobody looked.
   *  @type {Entry["id"][]} */
  #hidden = [];
  #elsewhere = 0;
  /** What is new below, as it was counted when the reader came, and the ids of what has come there since. */
  #below = 0;
  /** @type {Set<Entry["id"]>} */
  #comeBelow = new Set();
  #came = 0;
  #marked = false;

  /** `jump()` brings the reader to the newest; `notifier` tells who is elsewhere of what comes in `room`, the open one;
   *  `rooms` are told of what comes while their list covers the room.
   *  @param {Pick<App, "timeline" | "scroll" | "notifier" | "room" | "rooms"> & { jump: () => void }} parts */
  constructor({ timeline, scroll, jump, notifier, room, rooms }) {
    this.#rooms = rooms;
    this.#notifier = notifier;
    this.#room = room;
    this.#timeline = timeline;
    this.#scroll = scroll;
    this.#button.onclick = jump;
    document.addEventListener("visibilitychange", () => this.#looked());
  }

  /** Another room: nothing is new in it before its messages are here. */
  leave() {
    this.#hidden = [];
    this.#setBelow(0);
    this.#marked = false;
    this.#show();
  }

  /** The room is about to be here: what comes from now on the server has not counted. */
  entering() {
    this.#came = 0;
  }

  /** The messages are here: those of others after `read` are new, and the reader begins at the first of them, unless it is older
   *  than what is in memory: not `whole`.
   *  @param {number} read
   *  @param {boolean} [whole] */
  entered(read, whole = true) {
    const { id } = session.me;
    const news = this.#timeline.since(read).filter(({ by, recalled }) => by.id !== id && !recalled);
    // Where not all of them are in memory, the server has counted them.
    this.#setBelow(whole && !this.#timeline.torn ? news.length : this.#room.view.unread + this.#came);
    if (!news.length || !whole) return this.#show();
    this.#mark(news[0]);
    this.#scroll.toRow(news[0].fresh);
    this.scrolled();
  }

  /** The line stands above this one, as if nothing from there on had been read.
   *  @param {Entry} entry */
  markFrom(entry) {
    this.#mark(entry);
  }

  /** Somebody else's message has come.
   *  @param {Entry} entry */
  messageArrived(entry) {
    if (document.hidden) this.#hidden.push(entry.id);
    this.#came += 1;
    const room = this.#room.view;
    const mention = mentionsMe(entry, session.me);
    this.#notifier.arrived({ room, message: entry, mention, direct: room.kind === "direct" });
    if (!this.#scroll.atNewest) this.#comeBelow.add(entry.id);
    if ((document.hidden || isRoomListShown() || !this.#scroll.atNewest) && !this.#marked) this.#mark(entry);
    if (isRoomListShown()) this.#rooms.merge([{ id: room.id, unread: room.unread + 1, mentions: room.mentions + Number(mention) }]);
    this.#show();
  }

  /** I spoke: everything above has been read. */
  ownMessageSent() {
    this.#marked = false;
    this.#timeline.markUnread(null);
  }

  scrolled() {
    if (this.#scroll.atNewest) this.#setBelow(0);
    this.#show();
  }

  /** On some device I have read up to where `unread` come after: what was counted here is no more than that.
   *  @param {number} unread */
  read(unread) {
    this.#hidden = unread ? this.#hidden.slice(-unread) : [];
    this.#show();
  }

  /** A message is withdrawn: nobody has to read it any more.
   *  @param {number} id */
  recalled(id) {
    this.#notifier.withdraw(id);
    this.#hidden = this.#hidden.filter((each) => each !== id);
    this.#comeBelow.delete(id);
    this.#show();
  }

  /** How many wait in the other rooms.
   *  @param {number} count */
  set elsewhere(count) {
    this.#elsewhere = count;
    this.#show();
  }

  /** @param {number} count */
  #setBelow(count) {
    this.#below = count;
    this.#comeBelow.clear();
  }

  /** @param {Entry} entry */
  #mark(entry) {
    this.#marked = true;
    this.#timeline.markUnread(entry);
  }

  #looked() {
    if (document.hidden) {
      if (this.#scroll.atNewest) this.ownMessageSent();
    } else {
      this.#hidden = [];
    }
    this.#show();
  }

  #show() {
    this.#notifier.count(this.#hidden.length + this.#elsewhere);
    const below = this.#below + this.#comeBelow.size;
    const news = below > 0;
    this.#button.hidden = !news && this.#scroll.above < FAR_PX && !this.#timeline.torn;
    this.#button.classList.toggle("news", news);
    this.#button.firstElementChild.textContent = news ? say("new_messages", { n: below }) : say("to_newest");
  }
}
