// Whether a message calls me by name, as the server found it.

/** Stands for whoever reads it. */
export const EVERYBODY = "all";

export function callsMe({ by, mentions = [] }, me) {
  return by.id !== me.id && mentions.some((id) => id === EVERYBODY || id === me.id);
}
