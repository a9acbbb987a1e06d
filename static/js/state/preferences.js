// What I like, as the server keeps it: known at once, changed at once, taken back when it could not be kept.

import { call } from "../net/api.js";
import { boot } from "./boot.js";

export const preferences = { ...boot.preferences };
const watchers = [];

/** Calls `changed()` after each change. */
export function watchPreferences(changed) {
  watchers.push(changed);
}

/** Changes some of them. Throws what the server minded. */
export async function prefer(wishes) {
  const before = { ...preferences };
  take(wishes);
  try {
    take((await call("PUT", "preferences", wishes)).preferences);
  } catch (error) {
    take(before);
    throw error;
  }
}

function take(some) {
  Object.assign(preferences, some);
  for (const changed of watchers) changed();
}
