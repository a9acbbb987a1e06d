// @ts-check
// What is begun and not sent, per room, kept for the next visit: the words, and the message that they are to answer.

import { keep, kept } from "../state/local-store.js";

const draft = (/** @type {number} */ room) => `draft.${room}`;
const answer = (/** @type {number} */ room) => `answer.${room}`;

/** @param {number} room
 *  @param {string} words */
export function keepDraft(room, words) {
  keep(draft(room), words);
}

/** @param {number} room */
export function draftOf(room) {
  return kept(draft(room));
}

/** `by` is whose message it is; undefined when it is none.
 *  @param {number} room
 *  @param {Answered} [reply] */
export function keepReply(room, reply) {
  keep(answer(room), reply && JSON.stringify({ id: reply.id, by: reply.by }));
}

/** @param {number} room */
export function replyOf(room) {
  const reply = kept(answer(room));
  return reply ? JSON.parse(reply) : undefined;
}
