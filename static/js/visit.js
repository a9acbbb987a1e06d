// Going from room to room: the address, what is laid aside and taken up on the way, and the view of all rooms on a phone.

import { call } from "./api.js";
import { LOBBY, blank, pathOf, roomOf } from "./rooms.js";

const root = document.documentElement;

export class Visit {
  #rooms;
  #room;
  #leave;
  #enter;
  #spoken = document.getElementById("room-spoken");

  /** `leave()` lays aside what belongs to the room that was open, `enter(view)` takes up the other one. */
  constructor({ rooms, room, leave, enter }) {
    this.#rooms = rooms;
    this.#room = room;
    this.#leave = leave;
    this.#enter = enter;
    document.addEventListener("click", (event) => this.#followed(event));
    addEventListener("popstate", () => this.#show(roomOf(location.pathname) ?? LOBBY));
    document.getElementById("to-rooms").onclick = () => this.showRooms();
  }

  /** Goes there, with an address of its own in the browser's history. */
  go(id, instead = false) {
    const path = pathOf(id);
    if (location.pathname !== path) history[instead ? "replaceState" : "pushState"](null, "", path);
    this.#show(id);
  }

  /** On a phone: all rooms instead of this one. */
  showRooms() {
    root.dataset.view = "rooms";
    document.querySelector(".rail [aria-current]")?.focus();
  }

  #show(id) {
    delete root.dataset.view;
    if (id === this.#room.id && !this.#room.gone) return;
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

  /** A plain press on a link to a room stays in this page; any other opens what the browser makes of it. */
  #followed(event) {
    const link = event.target.closest("a[href]");
    if (!link || link.target || link.origin !== location.origin || event.defaultPrevented) return;
    if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const id = roomOf(link.pathname);
    if (id === undefined || link.hash || link.closest(".body")) return;
    event.preventDefault();
    this.go(id);
  }
}
