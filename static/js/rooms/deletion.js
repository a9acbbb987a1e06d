// @ts-check
// The form that deletes a room for good: whoever means it types the room's name.

import { ApiError, call } from "../net/api.js";
import { FormDialog } from "../ui/dialog.js";
import { say } from "../ui/i18n.js";

/** However a keyboard writes it. */
const plain = (/** @type {string} */ name) => name.normalize("NFKC").trim().replace(/\s+/g, " ").toLowerCase();

/** Gives what opens the form for a room. What becomes of those who are in it the server says to all of them. */
export function wireDeletion() {
  /** @type {RoomView} */
  let view;
  const form = new FormDialog("delete-room-dialog", async ({ name }) => {
    if (plain(name) !== plain(view.name)) throw new ApiError("wrong_name", say("wrong_room_name"));
    await call("DELETE", `rooms/${view.id}`);
  });
  return (/** @type {RoomView} */ room) => {
    view = room;
    const { name, members } = room;
    document.getElementById("delete-room-title").textContent = say("ask_delete_room", { room: name });
    document.getElementById("delete-room-text").textContent = say("delete_room_hint", { n: members });
    document.querySelector("label[for=delete-room-name]").textContent = say("type_room_name", { room: name });
    form.open({ name: "" });
  };
}
