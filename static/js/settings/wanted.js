// @ts-check
// What a tab of the settings is to show when it opens, said by what leads there.

/** The room whose hooks are wanted, the bot whose keys are, and whether the keys are looked through after signing out elsewhere.
 *  @typedef {{ room?: number, bot?: string, left?: boolean }} Wanted */

/** @type {Wanted} */
const wanted = {};

/** @param {Wanted} what */
export function want(what) {
  Object.assign(wanted, what);
}

/** @template {keyof Wanted} K
 *  @param {K} what
 *  @returns {Wanted[K]} */
export function take(what) {
  const found = wanted[what];
  delete wanted[what];
  return found;
}
