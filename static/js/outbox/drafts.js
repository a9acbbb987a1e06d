// What is begun and not sent, per room, kept for the next visit: the words, and the message that they are to answer.

import { keep, kept } from "../state/local-store.js";

const draft = (room) => `draft.${room}`;
const answer = (room) => `answer.${room}`;

export function keepDraft(room, words) {
  keep(draft(room), words);
}

export function keptDraft(room) {
  return kept(draft(room));
}

/** `by` is whose message it is; undefined when it is none. */
export function keepAnswer(room, reply) {
  keep(answer(room), reply && JSON.stringify({ id: reply.id, by: reply.by }));
}

export function keptAnswer(room) {
  const reply = kept(answer(room));
  return reply ? JSON.parse(reply) : undefined;
}
