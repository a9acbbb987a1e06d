// What people think of a message, in one emoji each: those that came first stand first. Pure data.

/** `all` with one emoji as it stands now; n is 0 when nobody means it any more. Of a crowd `who` are only the first: `also` are
 *  others who were seen to put it there, `by` and `on` being the last one. */
export function settled(all = [], { emoji, n, who, place, by, on }) {
  const others = all.filter((other) => other.emoji !== emoji);
  const before = all.find((other) => other.emoji === emoji)?.also ?? [];
  const also = by ? before.filter((id) => id !== by.id).concat(on ? [by.id] : []) : before;
  if (n > 0) others.push(n > who.length ? { emoji, n, who, place, also } : { emoji, n, who, place });
  return others.sort((a, b) => a.place - b.place);
}

/** `all` as `me` wishes it, before the server has it: with the emoji of mine, or without. */
export function wished(all = [], { emoji, on }, me, waits) {
  // A new one stands last until the server gives it its place.
  const there = all.find((each) => each.emoji === emoji) ?? { emoji, n: 0, who: [], place: Number.MAX_SAFE_INTEGER };
  if (isMine(there, me) === on) return all;
  const who = on ? [...there.who, { id: me.id, name: me.name }] : there.who.filter(({ id }) => id !== me.id);
  const now = settled(all, { ...there, who, n: there.n + (on ? 1 : -1), by: me, on });
  return waits ? now.map((each) => (each.emoji === emoji ? { ...each, waits } : each)) : now;
}

export function isMine({ who, also = [] }, me) {
  return who.some(({ id }) => id === me.id) || also.includes(me.id);
}
