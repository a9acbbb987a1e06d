// @ts-check
// Sets up completion, once the first name or emoji begins.

import { Completion } from "./completion.js";
import { PeopleSource } from "./people.js";
import { emojiSource, replaceShortcode } from "./emoji.js";

/** What was written while this was on its way: `composing`, an input method is at work; `ended`, what was a whole name.
 *  @param {Pick<App, "room"> & { field: HTMLTextAreaElement, near: () => Author[], composing: boolean, ended?: TypedShortcode }} parts */
export function complete({ field, room, near, composing, ended }) {
  const people = new PeopleSource({ room, near, learned: () => completion.look() });
  const completion = new Completion({ field, sources: [people, emojiSource] });
  field.addEventListener("input", (event) => replaceShortcode(field, { event, to: field.selectionStart }));
  if (ended) replaceShortcode(field, ended);
  if (!composing) completion.look();
  return completion;
}
