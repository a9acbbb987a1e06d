// @ts-check
// All rooms instead of one: a view of its own on a phone, with an entry of its own in the browser's history. The entries above it know how
// far below them it is, so that the arrow in the head of a room and the browser's Back lead to the same one.

import { short } from "./sidebar.js";
import { say } from "../ui/i18n.js";

const phone = matchMedia("(max-width: 44rem)");
const LIST = "rooms";

export class PhoneRoomList {
  #rail = document.querySelector(".rail");
  #brand = document.querySelector(".brand b");
  #arrow = document.getElementById("to-rooms");
  #badge = this.#arrow.querySelector("em");

  constructor() {
    this.#arrow.onclick = () => this.#open();
    phone.addEventListener("change", () => this.look());
    this.look();
  }

  /** Whether this is the list's entry. */
  get shown() {
    return history.state?.view === LIST;
  }

  /** What the next entry is to know. */
  get above() {
    const { view, below } = history.state ?? {};
    return view === LIST ? { below: 1 } : below ? { below: below + 1 } : null;
  }

  /** Shows what the entry says. True when that is the list. */
  look() {
    const { dataset } = document.documentElement;
    const shown = this.shown && phone.matches;
    if (shown) dataset.view = LIST;
    else delete dataset.view;
    // Without the room's it is what the page is about.
    this.#rail.role = shown ? "main" : "navigation";
    this.#brand.role = shown ? "heading" : null;
    this.#brand.ariaLevel = shown ? "1" : null;
    if (shown) this.#rail.querySelector("[aria-current]")?.focus();
    return shown;
  }

  /** Says at the arrow what waits in the other rooms, and whether it is meant for me; gives how many messages that is.
   *  @param {RoomView[]} others */
  showUnread(others) {
    const count = others.reduce((sum, { unread }) => sum + unread, 0);
    const mentioned = others.some(({ kind, unread, mentions }) => mentions > 0 || (kind === "direct" && unread > 0));
    this.#badge.hidden = count === 0;
    this.#badge.textContent = short(count);
    this.#badge.classList.toggle("hit", mentioned);
    this.#arrow.ariaLabel = [say("all_rooms"), ...(count ? [say("unread_wait", { n: count })] : [])].join(say("between"));
    return count;
  }

  #open() {
    const { below } = history.state ?? {};
    if (below) return history.go(-below);
    history.replaceState({ view: LIST }, "");
    this.look();
  }
}
