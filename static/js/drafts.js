// What is begun and not sent, per room, kept for the next visit.

const name = (room) => `teahouse.draft.${room}`;

export function keepDraft(room, words) {
  try {
    if (words) localStorage.setItem(name(room), words);
    else localStorage.removeItem(name(room));
  } catch {
    // A forbidden or full storage keeps no draft.
  }
}

export function keptDraft(room) {
  try {
    return localStorage.getItem(name(room)) ?? "";
  } catch {
    return "";
  }
}
