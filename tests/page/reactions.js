{
  async "emoji stand in the order in which they came, and go with the last who meant them"({ load, is }) {
    const { settled } = await load("reactions");
    const who = [{ id: "u1", name: "Ann" }];
    let all = settled(undefined, { emoji: "🍵", n: 1, who, place: 4 });
    all = settled(all, { emoji: "👍", n: 1, who, place: 2 });
    is(all.map(({ emoji }) => emoji), ["👍", "🍵"]);
    all = settled(all, { emoji: "👍", n: 2, who, place: 2 });
    is(all.map(({ n }) => n), [2, 1]);
    is(settled(all, { emoji: "👍", n: 0, who: [], place: 0 }).map(({ emoji }) => emoji), ["🍵"]);
  },
}
