{
  async "emoji stand in the order in which they came, and go with the last who meant them"({ load, is }) {
    const { settled } = await load("state/reactions");
    const who = [{ id: "u1", name: "Ann" }];
    let all = settled(undefined, { emoji: "🍵", n: 1, who, place: 4 });
    all = settled(all, { emoji: "👍", n: 1, who, place: 2 });
    is(all.map(({ emoji }) => emoji), ["👍", "🍵"]);
    all = settled(all, { emoji: "👍", n: 2, who, place: 2 });
    is(all.map(({ n }) => n), [2, 1]);
    is(settled(all, { emoji: "👍", n: 0, who: [], place: 0 }).map(({ emoji }) => emoji), ["🍵"]);
  },

  async "in a crowd that is not all named those who were seen are known"({ load, is }) {
    const { isMine, settled } = await load("state/reactions");
    const who = Array.from({ length: 10 }, (_, number) => ({ id: `u${number}`, name: "" }));
    const me = { id: "u50" };
    let all = settled(undefined, { emoji: "🍵", n: 11, who, place: 4, by: me, on: true });
    is([isMine(all[0], me), isMine(all[0], { id: "u3" }), isMine(all[0], { id: "u77" })], [true, true, false]);
    all = settled(all, { emoji: "🍵", n: 12, who, place: 4, by: { id: "u60" }, on: true });
    is(isMine(all[0], me), true);
    all = settled(all, { emoji: "🍵", n: 11, who, place: 4, by: me, on: false });
    is([isMine(all[0], me), isMine(all[0], { id: "u60" })], [false, true]);
  },
}
