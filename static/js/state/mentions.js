// Whether a message is mine, and whether it calls me by name, as the server found it.

/** Stands for whoever reads it. */
export const EVERYBODY = "all";

export function callsMe({ by, mentions = [] }, me) {
  return by.id !== me.id && mentions.some((id) => id === EVERYBODY || id === me.id);
}

/** Whether I said it, by this account or as the visitor that I was before it. */
export function isMine({ by }, me) {
  return by.id === me.id || by.id === me.was;
}
