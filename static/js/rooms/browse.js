// @ts-check
// The public rooms of the server: look, search, join.

import { call } from "../net/api.js";
import { clone } from "../ui/templates.js";
import { SearchableList } from "../ui/searchable-list.js";
import { joinRoom } from "./membership.js";
import { isOwn, pathOf } from "../state/rooms.js";
import { Sheet } from "../ui/sheet.js";
import { session } from "../state/session.js";
import { say } from "../ui/i18n.js";

export class BrowseRooms {
  #sheet = new Sheet("browse-dialog", () => this.#finder.clear());
  #finder;
  #met;
  #go;

  /** `met(room)` takes what the server said of one, `go(id)` goes there.
   *  @param {{ met: (room: RoomView) => void, go: (id: number) => void }} parts */
  constructor({ met, go }) {
    this.#met = met;
    this.#go = go;
    this.#finder = new SearchableList({
      input: document.getElementById("browse-find"), list: document.getElementById("browse-list"),
      more: document.getElementById("browse-more"), state: document.getElementById("browse-state"),
      ask: async (q, after) => {
        const query = new URLSearchParams({ ...(q && { q }), ...(after && { after }) });
        const { rooms, next } = await call("GET", `rooms?${query}`);
        return { items: rooms, next };
      },
      row: (room) => this.#row(room),
      nothing: (q) => say(q ? "no_rooms_found" : "no_rooms_yet"),
    });
  }

  open() {
    this.#sheet.open();
    this.#finder.begin();
  }

  /** @param {RoomView} room */
  #row(room) {
    const row = clone("browse-template");
    const link = row.querySelector("a");
    link.href = pathOf(room.id);
    link.textContent = room.name;
    link.addEventListener("click", () => {
      this.#met(room);
      this.#sheet.close();
    });
    row.querySelector(".topic").textContent = room.topic;
    row.querySelector("small").textContent = say("members_count", { n: room.members });
    const join = row.querySelector("button");
    join.hidden = isOwn(room) || session.isVisitor || !room.may.includes("join");
    row.querySelector(".tag").hidden = !isOwn(room);
    join.setAttribute("aria-label", say("join_room", { room: room.name }));
    join.onclick = async () => {
      join.disabled = true;
      if (await joinRoom(room, this.#met)) {
        this.#sheet.close();
        this.#go(room.id);
      }
      join.disabled = false;
    };
    return row;
  }
}
