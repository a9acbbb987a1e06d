// @ts-check
// Joining and leaving a room.

import { call } from "../net/api.js";
import { toast } from "../ui/toast.js";
import { say } from "../ui/i18n.js";
import { lazy } from "../ui/lazy.js";

const asking = lazy(() => import("../ui/sheet.js"), ({ confirm }) => confirm);

/** True when one is in; `met(room)` takes what the server says of it.
 *  @param {RoomView} roomView
 *  @param {(room: RoomView) => void} met */
export async function joinRoom({ id }, met) {
  try {
    met((await call("POST", `rooms/${id}/join`)).room);
    return true;
  } catch (error) {
    toast(error.message);
    return false;
  }
}

/** Asks, and leaves the room. True when one is out.
 *  @param {RoomView} roomView */
export async function leaveRoom({ id, name }) {
  const confirm = await asking();
  if (!await confirm?.({ title: say("ask_leave", { room: name }), text: say("ask_leave_hint"), yes: say("leave"), hurts: true })) return false;
  try {
    await call("POST", `rooms/${id}/leave`);
    return true;
  } catch (error) {
    toast(error.message);
    return false;
  }
}
