// @ts-check
// The list of pinned messages, the newest pin first, kept current while it is open.

import { attachFiles } from "../timeline/files-row.js";
import { call } from "../net/api.js";
import { RecentChanges, after } from "../state/message-reducer.js";
import { clone } from "../ui/templates.js";
import { showDay } from "../ui/dates.js";
import { enhanceBody, makeScrollableByKey } from "./body.js";
import { Sheet } from "../ui/sheet.js";
import { session } from "../state/session.js";
import { personName, say } from "../ui/i18n.js";

export class Pins {
  #sheet = new Sheet("pins-dialog", () => this.#closed());
  #list = document.getElementById("pins-list");
  #state = document.getElementById("pins-state");
  #may;
  #jump;
  #unpin;
  /** @type {number | undefined} */
  #room;
  #asked = 0;
  /** @type {Message[]} */
  #messages = [];
  /** What happened while the list was on its way. */
  #changes = new RecentChanges();

  /** `may(what)` whether I may in this room, `jump(id)` leads to a message, `unpin(message)` takes the pin off.
   *  @param {{ may: (what: Permission) => boolean, jump: (id: number) => void, unpin: (message: Message) => void }} parts */
  constructor({ may, jump, unpin }) {
    this.#may = may;
    this.#jump = jump;
    this.#unpin = unpin;
  }

  /** @param {number} room */
  open(room) {
    this.#room = room;
    this.#say(say("loading_list"));
    this.#sheet.open();
    this.load();
  }

  /** Asks for them, while somebody looks. */
  async load() {
    if (this.#room === undefined) return;
    const asked = ++this.#asked;
    try {
      const { messages } = await call("GET", `rooms/${this.#room}/pins`);
      if (asked === this.#asked) this.#show(messages.map((message) => this.#changes.upon(message)));
    } catch (error) {
      if (asked === this.#asked) this.#say(error.message);
    }
  }

  /** Something happened to a message of the room.
   *  @param {MessageChange} event */
  messageChanged(event) {
    if (this.#room === undefined) return;
    this.#changes.remember(event);
    if (event.kind === "pin") this.load();
    else this.#show(this.#messages.map((message) => (message.id === event.id ? after(message, event) : message)));
  }

  #closed() {
    this.#room = undefined;
    this.#asked += 1;
    this.#changes.clear();
    this.#messages = [];
    this.#list.replaceChildren();
  }

  /** @param {Message[]} messages */
  #show(messages) {
    this.#messages = messages.filter(({ pinned, recalled }) => pinned && !recalled);
    const focused = this.#list.contains(document.activeElement);
    this.#list.replaceChildren(...this.#messages.map((message) => this.#row(message)));
    this.#say(this.#messages.length ? "" : say("no_pins"));
    if (focused) (this.#list.querySelector("button") ?? this.#sheet.find(".cancel")).focus();
  }

  /** @param {Message} message */
  #row(message) {
    const row = clone("pin-template");
    const body = row.querySelector(".body");
    row.dataset.id = String(message.id);
    row.querySelector(".face").src = message.by.avatar;
    row.querySelector(".name").textContent = personName(message.by);
    showDay(row.querySelector("time"), message.at);
    if (message.html === undefined) body.textContent = message.content;
    else body.innerHTML = message.html;
    enhanceBody(body, session.me);
    makeScrollableByKey(body);
    attachFiles(row, message.files);
    row.querySelector(".there").onclick = () => {
      this.#sheet.close();
      this.#jump(message.id);
    };
    const unpin = row.querySelector(".unpin");
    unpin.hidden = !this.#may("pin");
    unpin.onclick = () => this.#unpin(message);
    return row;
  }

  /** @param {string} text */
  #say(text) {
    this.#state.textContent = text;
  }
}
