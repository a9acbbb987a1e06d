// Going from room to room, and to messages in them: the address, and what is laid aside and taken up on the way.

import { call } from "../net/api.js";
import { RoomList } from "./phone-list.js";
import { LOBBY, blank, messageOf, pathOf, roomOf } from "../state/rooms.js";
import { covered } from "../ui/viewport.js";

export class Visit {
  #rooms;
  #room;
  #leave;
  #enter;
  #jump;
  #looked;
  #target;
  #list = new RoomList();
  #spoken = document.getElementById("room-spoken");

  /** `leave()` lays aside what belongs to the room that was open, `enter(view)` takes up the other one. `jump` goes to places in the room,
   *  `looked()` hears that the open one is before one's eyes again. */
  constructor({ rooms, room, leave, enter, jump, looked }) {
    this.#looked = looked;
    this.#rooms = rooms;
    this.#room = room;
    this.#leave = leave;
    this.#enter = enter;
    this.#jump = jump;
    document.addEventListener("click", (event) => this.#followed(event));
    addEventListener("popstate", () => this.#stand(roomOf(location.pathname) ?? LOBBY, messageOf(location.pathname), true));
  }

  /** Goes there, or to a message there, with an address of its own in the browser's history. */
  go(id, { message, instead = false } = {}) {
    const path = pathOf(id, message);
    const elsewhere = location.pathname !== path;
    if (instead) history.replaceState(history.state, "", path);
    else if (elsewhere || this.#list.shown) history.pushState(this.#list.above, "", path);
    this.#stand(id, message, elsewhere, instead);
  }

  /** What waits in these rooms stands at the way to the list. Gives how much that is. */
  waits(others) {
    return this.#list.waits(others);
  }

  /** Whether it is a message in the room that he goes to. */
  get bound() {
    return this.#target !== undefined;
  }

  /** The room's messages are here: on to the one that was meant. */
  entered() {
    const target = this.#target;
    this.#target = undefined;
    if (target !== undefined) this.#jump.to(target, true);
  }

  /** The list, or the room, or with `beneath` the room below the list. What came into the open one meanwhile is before one's eyes again. */
  #stand(id, message, elsewhere, beneath = false) {
    const again = covered() && id === this.#room.id;
    const listed = this.#list.look();
    if (!listed || beneath) this.#show(id, message, elsewhere);
    if (!again || listed) return;
    this.#rooms.merge([{ id, unread: 0, mentions: 0 }]);
    this.#looked();
  }

  /** `elsewhere`: the address was another one. */
  #show(id, message, elsewhere) {
    this.#target = message;
    if (id === this.#room.id && !this.#room.gone) {
      // Of one that is still on its way the target is remembered.
      if (!this.#room.here) return;
      this.#target = undefined;
      if (message !== undefined) this.#jump.to(message);
      else if (elsewhere) this.#jump.newest();
      return;
    }
    this.#leave();
    // Of an address that was only followed nothing is known yet.
    if (!this.#rooms.get(id)) this.#ask(id);
    const view = this.#rooms.get(id) ?? blank(id);
    this.#enter(view);
    this.#spoken.textContent = view.name;
  }

  async #ask(id) {
    try {
      this.#rooms.merge([(await call("GET", `rooms/${id}`)).room]);
    } catch {
      // The feed says why there is nothing to see.
    }
  }

  /** A plain press on a link to a room or a message stays in this page; any other opens what the browser makes of it. */
  #followed(event) {
    const link = event.target.closest("a[href]");
    // What somebody said opens elsewhere, unless it leads to where we are.
    if (!link || (link.target && !link.closest(".body")) || link.origin !== location.origin || event.defaultPrevented) return;
    if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const id = roomOf(link.pathname);
    if (id === undefined || link.hash || link.pathname.startsWith("/join/")) return;
    event.preventDefault();
    this.go(id, { message: messageOf(link.pathname) });
  }
}
