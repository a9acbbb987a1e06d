// @ts-check
// The head of the open room: its name and topic, and the menu of what can be done with it.

import { call } from "../net/api.js";
import { wireArrows } from "../ui/popup.js";
import { icon } from "../ui/templates.js";
import { isOwn } from "../state/rooms.js";
import { session } from "../state/session.js";
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
  #acts = this.#menu.querySelector(".acts");
  #favourite = document.getElementById("room-favourite");
  /** Where nobody has spoken yet. */
  #invite = document.getElementById("invite-here");
  /** @type {RoomView} */
  #view;

  /** `act` is what the menu offers: `search`, `date`, `configure`, `invite`, `leave`, `pins`, `files`, each with the view; `changed(view)` takes what the server made of it.
   *  @param {{ act: Record<string, (view: RoomView) => unknown>, changed: (view: RoomPart) => void }} parts */
  constructor({ act, changed }) {
    for (const [name, does] of Object.entries(act)) {
      document.getElementById(`room-${name}`).onclick = () => {
        this.#menu.hidePopover();
        does(this.#view);
      };
    }
    this.#invite.onclick = () => act.invite(this.#view);
    for (const [name, level] of LEVELS) document.getElementById(`notify-${name}`).onclick = () => this.#keep({ notify: level }, { level }, changed);
    this.#favourite.onclick = () => this.#keep({ favourite: !this.#view.favourite }, { on: !this.#view.favourite }, changed);
    wireArrows(this.#acts);
    this.#menu.addEventListener("toggle", ({ newState }) => newState === "open" && this.#acts.querySelector("button:not([hidden])").focus());
  }

  /** @param {RoomView} view */
  show(view) {
    this.#view = view;
    const { name, topic, kind, archived, may = [], members } = view;
    const [heading, line] = this.#title.children;
    heading.textContent = name || say("brand");
    if (kind === "private") heading.prepend(icon("lock"));
    if (archived) heading.append(Object.assign(document.createElement("span"), { className: "tag", textContent: say("archived") }));
    line.textContent = line.title = kind === "direct" ? "" : topic;
    const offers = { configure: may.some((what) => CONFIGURE.has(what)), invite: may.includes("invite"), leave: may.includes("leave") };
    for (const [offer, offered] of Object.entries(offers)) document.getElementById(`room-${offer}`).hidden = !offered;
    this.#invite.hidden = !offers.invite || members > 1;
    // Nothing is kept of what a visitor would like.
    const keeps = !session.isVisitor && isOwn(view);
    document.getElementById("room-notify").hidden = this.#favourite.hidden = !keeps;
    this.#favourite.ariaChecked = String(view.favourite);
    for (const [name, level] of LEVELS) document.getElementById(`notify-${name}`).setAttribute("aria-pressed", String(level === (view.notify ?? null)));
    document.getElementById("notify-usual").title = say(`notify_${preferences.notify}`);
    this.#button.hidden = false;
  }

  /** Shows at once what the server is asked to keep for me.
   *  @param {{ notify: NotifyLevel | null } | { favourite: boolean }} wish
   *  @param {object} body
   *  @param {(view: RoomPart) => void} changed */
  async #keep(wish, body, changed) {
    const { id, notify, favourite } = this.#view;
    const [what] = Object.keys(wish);
    changed({ id, ...wish });
    try {
      await call("PUT", /** @type {`rooms/${number}/notify`} */ (`rooms/${id}/${what}`), body);
    } catch (error) {
      changed({ id, ...("notify" in wish ? { notify } : { favourite }) });
      toast(error.message);
    }
  }
}
