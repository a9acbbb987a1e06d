// Talking with one or a few: whom there is, and the room with them.

import { call } from "./api.js";
import { toast } from "./toast.js";

/** Accounts whose name has these letters. */
export async function findPeople(q) {
  return (await call("GET", `people?${new URLSearchParams({ q })}`)).people;
}

/** The direct room with these people, made or found. True when it is there. */
export async function openDirect(people, made) {
  try {
    made((await call("POST", "direct", { people })).room);
    return true;
  } catch (error) {
    toast(error.message);
    return false;
  }
}
