// What people think of a message, in one emoji each: those that came first stand first. Pure data.

/** `all` with one emoji as it stands now; n is 0 when nobody means it any more. */
export function settled(all = [], { emoji, n, who, place }) {
  const others = all.filter((other) => other.emoji !== emoji);
  if (n > 0) others.push({ emoji, n, who, place });
  return others.sort((a, b) => a.place - b.place);
}

export function isMine({ who }, me) {
  return who.some(({ id }) => id === me.id);
}
