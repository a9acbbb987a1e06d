// A room that cannot be seen, or no more: what happened, and ways on. What was still to be said there is shown once more.

import { keepAnswer, keepDraft, keptDraft } from "../outbox/drafts.js";
import { later } from "../ui/lazy.js";
import { forgetPage } from "../sync/offline.js";
import { LOBBY, blank, pathOf } from "../state/rooms.js";
import { toast } from "../ui/toast.js";
import { say } from "../ui/i18n.js";

/** The sheets that are about the open room. */
const SHEETS = ["configure", "delete-room", "invite", "pins", "versions", "date"].map((name) => `#${name}-dialog[open]`).join();

export class Gone {
  #panel = document.getElementById("gone");
  #parts;
  #unsaid = later(() => import("./unsaid.js"), ({ showUnsaid }) => showUnsaid);

  /** parts: rooms, room, visit, head, unread, notifier, outbox; `leave()` lays aside what belongs to the room that was open. */
  constructor(parts) {
    this.#parts = parts;
  }

  /** A room is not mine any more, or never was: the server says why. */
  told({ room: id, why }) {
    const { rooms, room, visit, leave, notifier } = this.#parts;
    const known = rooms.get(id);
    rooms.drop(id);
    forgetPage(pathOf(id));
    notifier.read([{ id, unread: 0 }]);
    if (why === "deleted" && known) toast(say("gone_deleted", { room: known.name || say("this_room") }));
    if (id === room.id && !room.gone) {
      for (const sheet of document.querySelectorAll(SHEETS)) sheet.close();
      if (why === "left" || why === "deleted") {
        visit.go(LOBBY, { instead: true });
      } else {
        leave();
        this.show(why, known?.name);
      }
    }
    if (why === "deleted" || why === "not_found") this.giveBack(id);
  }

  /** Nothing is open: what happened to the room stands in its place. `name` is what it was called, if that was known. */
  show(why, name = "") {
    const { room, head, unread, notifier } = this.#parts;
    room.close();
    const [, title, text] = this.#panel.children;
    title.textContent = say(`gone_${why}`, { room: name || say("this_room") });
    text.textContent = say(`gone_${why}_hint`);
    this.#panel.querySelector("a").hidden = room.id === LOBBY;
    // The box where he wrote is gone too.
    this.#panel.querySelector(":is(a, button):not([hidden])").focus();
    head.show({ ...blank(room.id), name });
    unread.leave();
    notifier.title = say("brand");
  }

  /** What was written for a room that nobody can open is shown to its author, and kept no longer. */
  async giveBack(id) {
    const words = [...this.#parts.outbox.lose(id), keptDraft(id)].filter(Boolean);
    keepDraft(id, "");
    keepAnswer(id);
    if (words.length) (await this.#unsaid())?.(words);
  }
}
