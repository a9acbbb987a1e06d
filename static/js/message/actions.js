// @ts-check
// The actions on a message, by name, for its buttons, its menu and keys. The server decides what is permitted.

import { copy } from "../ui/clipboard.js";
import { serverNow } from "../ui/dates.js";
import { isMine } from "../state/messages.js";
import { isVoice } from "../timeline/voice-row.js";
import { permalink } from "../state/rooms.js";
import { session } from "../state/session.js";
import { say } from "../ui/i18n.js";

export class MessageActions {
  #room;
  /** @type {Record<string, (entry: Entry, button?: HTMLButtonElement) => unknown>} */
  #does;

  /** `room` is the open one; `does` does the rest, each with the message and the button that was pressed.
   *  @param {Pick<App, "room"> & { does: Record<string, (entry: Entry, button: HTMLButtonElement) => unknown> }} parts */
  constructor({ room, does }) {
    this.#room = room;
    this.#does = {
      text: (/** @type {Entry} */ { li }) => copy(li.querySelector(".body").innerText),
      markdown: (/** @type {Entry} */ { content }) => copy(content),
      link: (/** @type {Entry} */ { id }) => copy(permalink(this.#room.id, id), say("copied")),
      ...does,
    };
  }

  /** Whether I may do it now, as far as is known here.
   *  @param {string} name
   *  @param {Entry} entry */
  may(name, entry) {
    const may = (/** @type {Permission} */ what) => this.#room.view.may.includes(what);
    const { me, limits } = session;
    const mine = isMine(entry, me);
    switch (name) {
      case "react": return may("react");
      case "reply": return may("say");
      case "edit": return mine && me.may_write && !isVoice(entry.files?.[0]);
      case "pin": return may("pin") && !entry.pinned;
      case "unpin": return may("pin") && Boolean(entry.pinned);
      case "saveall": return (entry.files ?? []).filter(({ id, gone }) => id && !gone).length > 1;
      case "unfile": return (may("moderate") || (mine && me.may_write)) && Boolean(entry.files?.some(({ id, kind, gone }) => id && kind !== "voice" && !gone));
      case "unread": return this.#room.keepsReadMarker;
      case "versions": return entry.edited !== undefined && (mine || may("moderate"));
      case "recall": return may("moderate") || (mine && me.may_write && serverNow() < entry.at + limits.recall_window);
      default: return true;
    }
  }

  /** @param {string} name
   *  @param {Entry} entry
   *  @param {HTMLButtonElement} [button] */
  do(name, entry, button) {
    if (!entry.recalled) this.#does[name](entry, button);
  }
}
