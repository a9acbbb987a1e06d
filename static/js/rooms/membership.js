// Coming into a room and leaving it.

import { call } from "../net/api.js";
import { confirm } from "../ui/confirm.js";
import { toast } from "../ui/toast.js";
import { say } from "../ui/i18n.js";

/** True when he is in; `met(room)` takes what the server says of it. */
export async function joinRoom({ id }, met) {
  try {
    met((await call("POST", `rooms/${id}/join`)).room);
    return true;
  } catch (error) {
    toast(error.message);
    return false;
  }
}

/** Asks, and leaves the room. True when he is out. */
export async function leaveRoom({ id, name }) {
  if (!await confirm({ title: say("ask_leave", { room: name }), text: say("ask_leave_hint"), yes: say("leave"), hurts: true })) return false;
  try {
    await call("POST", `rooms/${id}/leave`);
    return true;
  } catch (error) {
    toast(error.message);
    return false;
  }
}
