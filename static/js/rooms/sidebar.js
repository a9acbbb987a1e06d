// The rail: his rooms and his direct messages, each a link of its own, with what waits in it.

import { breath } from "../ui/yield.js";
import { clone } from "../ui/templates.js";
import { wireFolds } from "./sidebar-folds.js";
import { icon } from "../ui/icon.js";
import { RailEdges } from "./sidebar-edges.js";
import { isOwn, pathOf } from "../state/rooms.js";
import { fillRows } from "../ui/keyed-list.js";
import { covered } from "../ui/viewport.js";
import { say } from "../ui/i18n.js";

const SIGN = { lobby: "room", public: "hash", private: "lock" };
/** A badge has room for two digits. */
const MOST = 99;

export class Rail {
  #rooms;
  #open;
  #lists = { rooms: document.getElementById("rail-rooms"), direct: document.getElementById("rail-direct") };
  #noDirect = document.getElementById("no-direct");
  #edges = new RailEdges();
  #due = false;

  /** `open()` is the id of the room that is open. */
  constructor({ rooms, open }) {
    this.#rooms = rooms;
    this.#open = open;
    wireFolds();
  }

  /** Draws once for all changes of one moment. */
  async show() {
    if (this.#due) return;
    this.#due = true;
    await breath();
    this.#due = false;
    this.#draw();
  }

  #draw() {
    const open = this.#rooms.get(this.#open());
    const views = this.#rooms.own;
    if (open && !isOwn(open)) views.push(open);
    // What shall not disturb stands last.
    views.sort((a, b) => (a.notify === "none") - (b.notify === "none"));
    const direct = views.filter(({ kind }) => kind === "direct");
    this.#fill(this.#lists.rooms, views.filter(({ kind }) => kind !== "direct"));
    this.#fill(this.#lists.direct, direct);
    this.#noDirect.hidden = direct.length > 0;
    this.#edges.look();
  }

  #fill(list, views) {
    fillRows(list, views, () => clone("room-template"), (row, view) => this.#dress(row, view));
  }

  #dress(row, view) {
    const { id, name, kind, archived } = view;
    const link = row.querySelector("a");
    const here = id === this.#open();
    const { unread, mentions, quiet } = here && !covered() ? { unread: 0, mentions: 0 } : waits(view);
    link.href = pathOf(id);
    link.dataset.waits = called(kind, mentions) ? mentions : unread;
    link.classList.toggle("unread", unread > 0 && !quiet);
    link.classList.toggle("archived", archived);
    link.classList.toggle("outside", !isOwn(view));
    if (here) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
    link.querySelector(".sign").replaceChildren(kind === "direct" ? face(view) : icon(SIGN[kind]));
    link.querySelector(".name").textContent = name;
    const badge = link.querySelector("em");
    badge.hidden = unread === 0 && mentions === 0;
    badge.classList.toggle("hit", mentions > 0 || (kind === "direct" && !quiet));
    badge.classList.toggle("faint", Boolean(quiet) && mentions === 0);
    const calls = called(kind, mentions);
    badge.firstChild.textContent = calls ? `@${short(mentions)}` : short(unread);
    badge.lastChild.textContent = calls ? say("mentions_wait", { n: mentions }) : say("unread_wait", { n: unread });
  }
}

/** What waits in a room that is not open; of one that shall not disturb only what is meant for me counts. */
export function waits({ unread, mentions, notify }) {
  return { unread, mentions, quiet: notify === "none" };
}

/** Whether what waits is told by how often it calls me. */
function called(kind, mentions) {
  return mentions > 0 && kind !== "direct";
}

/** A number as a badge has room for it. */
export function short(count) {
  return count > MOST ? `${MOST}+` : String(count);
}

/** The other one's face, or the faces of two of them. */
function face({ with: others = [] }) {
  const box = document.createElement("span");
  box.className = others.length > 1 ? "faces" : `face-dot ${others[0]?.here ?? "off"}`;
  for (const { avatar } of others.slice(0, 2)) box.append(Object.assign(new Image(22, 22), { className: "face", src: avatar, alt: "" }));
  if (others.length === 1 && others[0].here !== "off") box.append(Object.assign(document.createElement("span"), { className: "hush", textContent: say(`here_${others[0].here}`) }));
  return box;
}
