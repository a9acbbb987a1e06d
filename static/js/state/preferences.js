// @ts-check
// Preferences: changed at once, stored by the server, and reverted when they could not be stored.

import { call } from "../net/api.js";
import { boot } from "./boot.js";

/** @type {Preferences} */
export const preferences = { ...boot.preferences };
/** @type {(() => void)[]} */
const watchers = [];

/** Calls `changed()` after each change.
 *  @param {() => void} changed */
export function subscribeToPreferences(changed) {
  watchers.push(changed);
}

/** Changes some of them. Throws what the server minded.
 *  @param {Partial<Preferences>} wishes */
export async function setPreferences(wishes) {
  const before = { ...preferences };
  take(wishes);
  try {
    take((await call("PUT", "preferences", wishes)).preferences);
  } catch (error) {
    take(before);
    throw error;
  }
}

/** @param {Partial<Preferences>} some */
function take(some) {
  Object.assign(preferences, some);
  for (const changed of watchers) changed();
}
