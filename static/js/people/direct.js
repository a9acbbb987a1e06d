// @ts-check
// Direct rooms: finding people, and the room with them.

import { call } from "../net/api.js";
import { toast } from "../ui/toast.js";

/** Accounts whose name has these letters.
 *  @param {string} q */
export async function findPeople(q) {
  return (await call("GET", `people?${new URLSearchParams({ q })}`)).people;
}

/** The direct room with these people, made or found.
 *  @param {string[]} people
 *  @param {(room: RoomView) => void} made */
export async function openDirect(people, made) {
  try {
    made((await call("POST", "direct", { people })).room);
  } catch (error) {
    toast(error.message);
  }
}
