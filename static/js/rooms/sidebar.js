// @ts-check
// The sidebar: rooms and direct messages, each a link of its own, with what waits in it; sections that can be folded, and a word at the edge
// about what waits out of sight.

import { yieldToMain } from "../ui/lazy.js";
import { clone, icon } from "../ui/templates.js";
import { isOwn, pathOf, railSections } from "../state/rooms.js";
import { updateKeyedList } from "../ui/keyed-list.js";
import { isRoomListShown } from "../ui/viewport.js";
import { say } from "../ui/i18n.js";
import { keep, kept } from "../state/local-store.js";

/** @type {Record<string, string>} */
const SIGN = { lobby: "room", public: "hash", private: "lock" };
/** A badge has room for two digits. */
const MOST = 99;

export class Sidebar {
  #rooms;
  #open;
  #lists = { favourites: document.getElementById("rail-favourites"), rooms: document.getElementById("rail-rooms"), direct: document.getElementById("rail-direct") };
  #favourites = document.getElementById("favourites");
  #noDirect = document.getElementById("no-direct");
  #edges = new SidebarEdges();
  #due = false;

  /** `open()` is the id of the room that is open.
   *  @param {Pick<App, "rooms"> & { open: () => number | undefined }} parts */
  constructor({ rooms, open }) {
    this.#rooms = rooms;
    this.#open = open;
    wireSidebarSections();
  }

  /** Draws once for all changes of one moment. */
  async show() {
    if (this.#due) return;
    this.#due = true;
    await yieldToMain();
    this.#due = false;
    this.#draw();
  }

  #draw() {
    const open = this.#rooms.get(this.#open());
    const views = this.#rooms.own;
    if (open && !isOwn(open)) views.push(open);
    const { favourites, rooms, direct } = railSections(views);
    this.#favourites.hidden = favourites.length === 0;
    this.#fill(this.#lists.favourites, favourites);
    this.#fill(this.#lists.rooms, rooms);
    this.#fill(this.#lists.direct, direct);
    this.#noDirect.hidden = views.some(({ kind }) => kind === "direct");
    this.#edges.look();
  }

  /** @param {HTMLElement} list
   *  @param {RoomView[]} views */
  #fill(list, views) {
    updateKeyedList(list, views, () => clone("room-template"), (row, view) => this.#fillRow(row, view));
  }

  /** @param {HTMLElement} row
   *  @param {RoomView} view */
  #fillRow(row, view) {
    const { id, name, kind, archived } = view;
    const link = row.querySelector("a");
    const here = id === this.#open();
    const { unread, mentions, quiet } = here && !isRoomListShown() ? { unread: 0, mentions: 0 } : unreadOf(view);
    link.href = pathOf(id);
    link.dataset.waits = String(showsMentions(kind, mentions) ? mentions : unread);
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
    const mentioned = showsMentions(kind, mentions);
    badge.firstChild.textContent = mentioned ? `@${short(mentions)}` : short(unread);
    badge.lastChild.textContent = mentioned ? say("mentions_wait", { n: mentions }) : say("unread_wait", { n: unread });
  }
}

/** What waits in a room that is not open; of one that shall not disturb only what is meant for me counts.
 *  @param {RoomView} roomView */
function unreadOf({ unread, mentions, notify }) {
  return { unread, mentions, quiet: notify === "none" };
}

/** Whether what waits is told by how often it mentions me.
 *  @param {RoomKind} kind
 *  @param {number} mentions */
function showsMentions(kind, mentions) {
  return mentions > 0 && kind !== "direct";
}

/** A number as a badge has room for it.
 *  @param {number} count */
export function short(count) {
  return count > MOST ? `${MOST}+` : String(count);
}

/** The other one's face, or the faces of two of them.
 *  @param {RoomView} roomView */
function face({ with: others = [] }) {
  const box = document.createElement("span");
  box.className = others.length > 1 ? "faces" : `face-dot ${others[0]?.here ?? "off"}`;
  for (const { avatar } of others.slice(0, 2)) box.append(Object.assign(new Image(22, 22), { className: "face", src: avatar, alt: "" }));
  if (others.length === 1 && others[0].here !== "off") box.append(Object.assign(document.createElement("span"), { className: "hush", textContent: say(`here_${others[0].here}`) }));
  return box;
}

const WAITING = "li a:is(.unread, :has(em.hit:not([hidden])))";
const LABEL = { up: "unread_above", down: "unread_below" };

/** What waits above or below what is in sight: a word at that edge, and the way there. */
class SidebarEdges {
  #rail = document.querySelector(".rail");
  #due = false;

  constructor() {
    this.#rail.addEventListener("scroll", () => this.look(), { passive: true });
    const sizes = new ResizeObserver(() => this.look());
    for (const each of [this.#rail, ...this.#rail.querySelectorAll("ul")]) sizes.observe(each);
  }

  /** Something waits, or not, or elsewhere than before. */
  look() {
    if (this.#due) return;
    this.#due = true;
    requestAnimationFrame(() => {
      this.#due = false;
      this.#draw();
    });
  }

  #draw() {
    const { top, bottom, height } = this.#rail.getBoundingClientRect();
    const waiting = height === 0 ? [] : [...this.#rail.querySelectorAll(WAITING)];
    const middle = (/** @type {HTMLElement} */ link) => {
      const place = link.getBoundingClientRect();
      return (place.top + place.bottom) / 2;
    };
    // The nearest one first.
    this.#show("up", waiting.filter((link) => middle(link) < top).reverse());
    this.#show("down", waiting.filter((link) => middle(link) > bottom));
  }

  /** @param {"up" | "down"} way
   *  @param {HTMLElement[]} links */
  #show(way, links) {
    const button = document.getElementById(`rail-${way}`);
    const n = links.reduce((sum, { dataset }) => sum + Number(dataset.waits), 0);
    button.hidden = n === 0;
    button.firstElementChild.textContent = say("unread_wait", { n });
    button.ariaLabel = say(LABEL[way], { n });
    button.classList.toggle("hit", links.some((link) => link.querySelector("em.hit")));
    button.onclick = () => {
      links[0].scrollIntoView({ block: "center" });
      links[0].focus({ preventScroll: true });
    };
  }
}

const FOLDED = "folded";

/** Sections that are folded. What waits in them, and where one is, shows all the same. */
function wireSidebarSections() {
  const folded = new Set(kept(FOLDED).split(" ").filter(Boolean));
  for (const button of document.querySelectorAll(".fold")) {
    const list = document.getElementById(button.getAttribute("aria-controls"));
    const show = () => {
      button.ariaExpanded = String(!folded.has(list.id));
      list.classList.toggle("folded", folded.has(list.id));
    };
    button.onclick = () => {
      if (!folded.delete(list.id)) folded.add(list.id);
      keep(FOLDED, [...folded].join(" "));
      show();
    };
    show();
  }
}
