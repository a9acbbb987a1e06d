// @ts-check
// Sets up completion, once the first name or emoji begins.

import { Completion } from "./completion.js";
import { PeopleSource } from "./people.js";
import { emojiSource, replaceShortcode } from "./emoji.js";

/** `typed` is what began it: it is looked at, as all that follows.
 *  @param {Pick<App, "room"> & { field: HTMLTextAreaElement, near: () => Author[], typed: InputEvent }} parts */
export function complete({ field, room, near, typed }) {
  const people = new PeopleSource({ room, near, learned: () => completion.look() });
  const completion = new Completion({ field, sources: [people, emojiSource] });
  const replace = (/** @type {InputEvent} */ event) => replaceShortcode(field, event);
  field.addEventListener("input", replace);
  replace(typed);
  if (!typed.isComposing) completion.look();
  return completion;
}
