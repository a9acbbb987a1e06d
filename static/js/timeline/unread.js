// What came while the reader was elsewhere: how many, the line above the first new one, the button to the newest.

import { callsMe } from "../state/mentions.js";
import { covered } from "../ui/viewport.js";
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
  #me;
  /** Ids of messages that came while nobody looked. */
  #hidden = [];
  #elsewhere = 0;
  /** What is new below, as it was counted when the reader came, and the ids of what has come there since. */
  #below = 0;
  #comeBelow = new Set();
  #came = 0;
  #marked = false;

  /** `jump()` brings the reader to the newest; `notifier` tells who is elsewhere of what comes in `room()`, to him who is `me()`;
   *  `rooms` are told of what comes while their list covers the room. */
  constructor({ timeline, scroll, jump, notifier, room, rooms, me }) {
    this.#rooms = rooms;
    this.#notifier = notifier;
    this.#room = room;
    this.#me = me;
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
   *  than what is in memory: not `whole`. */
  entered(read, whole = true) {
    const { id } = this.#me();
    const news = this.#timeline.since(read).filter(({ by, recalled }) => by.id !== id && !recalled);
    // Where not all of them are in memory, the server has counted them.
    this.#setBelow(whole && !this.#timeline.torn ? news.length : this.#room().unread + this.#came);
    if (!news.length || !whole) return this.#show();
    this.#mark(news[0]);
    this.#scroll.toRow(news[0].fresh);
    this.moved();
  }

  /** The line stands above this one, as if nothing from there on had been read. */
  from(entry) {
    this.#mark(entry);
  }

  /** Somebody else's message has come. */
  arrived(entry) {
    if (document.hidden) this.#hidden.push(entry.id);
    this.#came += 1;
    const room = this.#room();
    const mention = callsMe(entry, this.#me());
    this.#notifier.arrived({ room, message: entry, mention, direct: room.kind === "direct" });
    if (!this.#scroll.stuck) this.#comeBelow.add(entry.id);
    if ((document.hidden || covered() || !this.#scroll.stuck) && !this.#marked) this.#mark(entry);
    if (covered()) this.#rooms.merge([{ id: room.id, unread: room.unread + 1, mentions: room.mentions + Number(mention) }]);
    this.#show();
  }

  /** I spoke: everything above has been read. */
  spoke() {
    this.#marked = false;
    this.#timeline.mark(null);
  }

  moved() {
    if (this.#scroll.stuck) this.#setBelow(0);
    this.#show();
  }

  /** On some device I have read up to where `unread` come after: what was counted here is no more than that. */
  read(unread) {
    this.#hidden = unread ? this.#hidden.slice(-unread) : [];
    this.#show();
  }

  /** A message is withdrawn: nobody has to read it any more. */
  recalled(id) {
    this.#notifier.withdraw(id);
    this.#hidden = this.#hidden.filter((each) => each !== id);
    this.#comeBelow.delete(id);
    this.#show();
  }

  /** How many wait in the other rooms. */
  set elsewhere(count) {
    this.#elsewhere = count;
    this.#show();
  }

  #setBelow(count) {
    this.#below = count;
    this.#comeBelow.clear();
  }

  #mark(entry) {
    this.#marked = true;
    this.#timeline.mark(entry);
  }

  #looked() {
    if (document.hidden) {
      if (this.#scroll.stuck) this.spoke();
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
