// @ts-check
// The head of the open room: its name and topic, and the menu of what can be done with it.

import { call } from "../net/api.js";
import { icon } from "../ui/templates.js";
import { preferences } from "../state/preferences.js";
import { toast } from "../ui/toast.js";
import { say } from "../ui/i18n.js";

/** What I am told of the room: null is what I like in general. */
/** @type {[string, NotifyLevel | null][]} */
const LEVELS = Object.entries({ usual: null, all: "all", mentions: "mentions", none: "none" });

/** What the settings of a room offer. */
const CONFIGURE = new Set(["configure", "archive", "delete"]);

export class RoomHeader {
  #title = document.querySelector(".title");
  #button = document.getElementById("room-menu-button");
  #menu = document.getElementById("room-menu");
  /** Where nobody has spoken yet. */
  #invite = document.getElementById("invite-here");
  /** @type {RoomView} */
  #view;

  /** `act` is what the menu offers: `search`, `date`, `configure`, `invite`, `leave`, `pins`, each with the view; `changed(view)` takes what the server made of it.
   *  @param {{ act: Record<string, (view: RoomView) => unknown>, changed: (view: RoomPart) => void }} parts */
  constructor({ act, changed }) {
    for (const [name, does] of Object.entries(act)) {
      document.getElementById(`room-${name}`).onclick = () => {
        this.#menu.hidePopover();
        does(this.#view);
      };
    }
    this.#invite.onclick = () => act.invite(this.#view);
    for (const [name, level] of LEVELS) document.getElementById(`notify-${name}`).onclick = () => this.#notify(level, changed);
  }

  /** @param {RoomView} view */
  show(view) {
    this.#view = view;
    const { name, topic, kind, archived, may = [], role, members } = view;
    const [heading, line] = this.#title.children;
    heading.textContent = name || say("brand");
    if (kind === "private") heading.prepend(icon("lock"));
    if (archived) heading.append(Object.assign(document.createElement("span"), { className: "tag", textContent: say("archived") }));
    line.textContent = line.title = kind === "direct" ? "" : topic;
    const offers = { configure: may.some((what) => CONFIGURE.has(what)), invite: may.includes("invite"), leave: may.includes("leave") };
    for (const [offer, offered] of Object.entries(offers)) document.getElementById(`room-${offer}`).hidden = !offered;
    this.#invite.hidden = !offers.invite || members > 1;
    const own = Boolean(role);
    document.getElementById("room-notify").hidden = !own;
    for (const [name, level] of LEVELS) document.getElementById(`notify-${name}`).setAttribute("aria-pressed", String(level === (view.notify ?? null)));
    document.getElementById("notify-usual").title = say(`notify_${preferences.notify}`);
    this.#button.hidden = false;
  }

  /** @param {NotifyLevel | null} level
   *  @param {(view: RoomPart) => void} changed */
  async #notify(level, changed) {
    const { id, notify } = this.#view;
    changed({ id, notify: level });
    try {
      await call("PUT", `rooms/${id}/notify`, { level });
    } catch (error) {
      changed({ id, notify });
      toast(error.message);
    }
  }
}
