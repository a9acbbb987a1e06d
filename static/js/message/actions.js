// What one can do with a message, each by its name, whatever asks for it: its buttons, its menu, a key. The server has the last word.

import { copy } from "../ui/clipboard.js";
import { serverNow } from "../ui/dates.js";
import { isMine } from "../state/mentions.js";
import { permalink } from "../state/rooms.js";
import { say } from "../ui/i18n.js";

export class Acts {
  #window;
  #me;
  #room;
  #keeps;
  #does;

  /** `window` in ms for a recall, `me()` who I am, `room()` the open room's view, `keeps()` whether the server keeps how far I have
   *  read in it; `does` does the rest, each with the message and the button that was pressed. */
  constructor({ window, me, room, keeps, does }) {
    this.#window = window;
    this.#me = me;
    this.#room = room;
    this.#keeps = keeps;
    this.#does = {
      text: ({ li }) => copy(li.querySelector(".body").innerText),
      markdown: ({ content }) => copy(content),
      link: ({ id }) => copy(permalink(this.#room().id, id), say("copied")),
      ...does,
    };
  }

  set window(ms) {
    this.#window = ms;
  }

  /** Whether I may do it now, as far as is known here. */
  may(name, entry) {
    const may = (what) => this.#room().may.includes(what);
    const me = this.#me();
    const mine = isMine(entry, me);
    switch (name) {
      case "react": return may("react");
      case "reply": return may("say");
      case "edit": return mine && me.may_write;
      case "pin": return may("pin") && !entry.pinned;
      case "unpin": return may("pin") && Boolean(entry.pinned);
      case "unread": return this.#keeps();
      case "versions": return entry.edited !== undefined && (mine || may("moderate"));
      case "recall": return may("moderate") || (mine && me.may_write && serverNow() < entry.at + this.#window);
      default: return true;
    }
  }

  do(name, entry, button) {
    if (!entry.recalled) this.#does[name](entry, button);
  }
}
