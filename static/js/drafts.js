// What is begun and not sent, per room, kept for the next visit: the words, and the message that they are to answer.

const draft = (room) => `teahouse.draft.${room}`;
const answer = (room) => `teahouse.answer.${room}`;

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

function keep(name, words) {
  try {
    if (words) localStorage.setItem(name, words);
    else localStorage.removeItem(name);
  } catch {
    // A forbidden or full storage keeps no draft.
  }
}

function kept(name) {
  try {
    return localStorage.getItem(name) ?? "";
  } catch {
    return "";
  }
}
