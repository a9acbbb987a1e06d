// @ts-check
// What the owner and the admins of a room do with somebody there. What cannot be undone asks for confirmation.

import { call } from "../net/api.js";
import { confirm } from "../ui/sheet.js";
import { toast } from "../ui/toast.js";
import { say } from "../ui/i18n.js";

/** What each does in the API, and whether it is asked twice. */
/** @type {Record<string, { role: RoomRole | null, asks?: boolean }>} */
const ACTS = {
  mute: { role: "muted" }, unmute: { role: "member" },
  appoint: { role: "admin" }, dismiss: { role: "member" }, resign: { role: "member", asks: true },
  remove: { role: null, asks: true }, ban: { role: "banned", asks: true }, unban: { role: null },
  transfer: { role: "owner", asks: true },
};

/** @param {string} what
 *  @param {Person} person
 *  @param {number} room */
export async function act(what, person, room) {
  const { role, asks } = ACTS[what];
  const name = { name: person.name };
  if (asks && !await confirm({ title: say(`ask_${what}`, name), text: say(`ask_${what}_hint`), yes: say(what), hurts: true })) return;
  const path = `rooms/${room}/members/${person.id}`;
  try {
    await (role === null ? call("DELETE", path) : call("PUT", path, { role }));
  } catch (error) {
    toast(error.message);
  }
}
