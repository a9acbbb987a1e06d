// @ts-check
// Going from room to room, and to messages in them: the address, and what is saved and restored on the way.

import { call } from "../net/api.js";
import { PhoneRoomList } from "./phone-list.js";
import { path } from "../state/place.js";
import { LOBBY, blank, messageOf, pathOf, roomOf } from "../state/rooms.js";
import { isRoomListShown } from "../ui/viewport.js";

export class Router {
  #rooms;
  #room;
  #openRoom;
  #jump;
  #visibleChanged;
  /** @type {number | undefined} */
  #target;
  #list = new PhoneRoomList();
  #spoken = document.getElementById("room-spoken");

  /** `openRoom` lays the room that was open aside and takes up the other one, `jump` goes to places in it, `visibleChanged()` hears that
   *  the open one is before one's eyes again.
   *  @param {Pick<App, "rooms" | "room" | "openRoom" | "jump" | "visibleChanged">} parts */
  constructor({ rooms, room, openRoom, jump, visibleChanged }) {
    this.#visibleChanged = visibleChanged;
    this.#rooms = rooms;
    this.#room = room;
    this.#openRoom = openRoom;
    this.#jump = jump;
    document.addEventListener("click", (event) => this.#followed(event));
    addEventListener("popstate", ({ state }) => {
      // To a picture that was seen large over this place, or back from it.
      if (state?.large || "large" in document.documentElement.dataset) return;
      this.#stand(roomOf(path()) ?? LOBBY, messageOf(path()), true);
    });
  }

  /** Goes there, or to a message there, with an address of its own in the browser's history.
   *  @param {number} id
   *  @param {{ message?: number, instead?: boolean }} [what1] */
  go(id, { message, instead = false } = {}) {
    const address = pathOf(id, message);
    const elsewhere = path() !== address;
    // The place of a picture that was seen large is that of what comes after it.
    const { large, ...state } = history.state ?? {};
    if (instead || large) history.replaceState(instead ? state : this.#list.above, "", address);
    else if (elsewhere || this.#list.shown) history.pushState(this.#list.above, "", address);
    this.#stand(id, message, elsewhere, instead);
  }

  /** What waits in these rooms stands at the way to the list. Gives how much that is.
   *  @param {RoomView[]} others */
  showUnread(others) {
    return this.#list.showUnread(others);
  }

  /** Whether it is a message in the room that the reader goes to. */
  get hasTarget() {
    return this.#target !== undefined;
  }

  /** The room's messages are here: on to the one that was meant. */
  entered() {
    const target = this.#target;
    this.#target = undefined;
    if (target !== undefined) this.#jump.to(target, true);
  }

  /** The list, or the room, or with `beneath` the room below the list. What came into the open one meanwhile is before one's eyes again.
   *  @param {number} id
   *  @param {number | undefined} message
   *  @param {boolean} elsewhere
   *  @param {boolean} [beneath] */
  #stand(id, message, elsewhere, beneath = false) {
    const again = isRoomListShown() && id === this.#room.id;
    const listed = this.#list.look();
    if (!listed || beneath) this.#show(id, message, elsewhere);
    if (!again || listed) return;
    this.#rooms.merge([{ id, unread: 0, mentions: 0 }]);
    this.#visibleChanged();
  }

  /** `elsewhere`: the address was another one.
   *  @param {number} id
   *  @param {number | undefined} message
   *  @param {boolean} elsewhere */
  #show(id, message, elsewhere) {
    this.#target = message;
    if (id === this.#room.id && !this.#room.gone) {
      // Of one that is still on its way the target is remembered.
      if (!this.#room.ready) return;
      this.#target = undefined;
      if (message !== undefined) this.#jump.to(message);
      else if (elsewhere) this.#jump.newest();
      return;
    }
    this.#openRoom.leave();
    // Of an address that was only followed nothing is known yet.
    if (!this.#rooms.get(id)) this.#ask(id);
    const view = this.#rooms.get(id) ?? blank(id);
    this.#openRoom.enter(view);
    this.#spoken.textContent = view.name;
  }

  /** @param {number} id */
  async #ask(id) {
    try {
      this.#rooms.merge([(await call("GET", `rooms/${id}`)).room]);
    } catch {
      // The connection says why there is nothing to see.
    }
  }

  /** A plain press on a link to a room or a message stays in this page; any other opens what the browser makes of it.
   *  @param {On<MouseEvent>} event */
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
