{
  async "the rail has favourites above, then rooms and direct ones, and what shall not disturb last in each"({ load, is }) {
    const { railSections } = await load("state/rooms");
    const sections = (...rooms) => {
      const views = rooms.map(([name, kind, favourite, notify = null]) => ({ name, kind, favourite, notify }));
      return Object.entries(railSections(views)).map(([name, list]) => `${name}: ${list.map((view) => view.name).join(" ")}`);
    };
    const lobby = ["lobby", "lobby", false], oolong = ["oolong", "public", false], ann = ["ann", "direct", false];
    for (const [rooms, expected] of [
      [[], ["favourites: ", "rooms: ", "direct: "]],
      [[lobby, ann, oolong], ["favourites: ", "rooms: lobby oolong", "direct: ann"]],
      [[lobby, ["ann", "direct", true], oolong], ["favourites: ann", "rooms: lobby oolong", "direct: "]],
      [[["lobby", "lobby", true], ["puer", "private", true], oolong, ["ann", "direct", true]], ["favourites: lobby puer ann", "rooms: oolong", "direct: "]],
      [[lobby, ["loud", "public", true, "none"], ["ann", "direct", true, "mentions"], ["puer", "public", true]], ["favourites: ann puer loud", "rooms: lobby", "direct: "]],
      [[["lobby", "lobby", false, "none"], oolong, ["puer", "public", true]], ["favourites: puer", "rooms: oolong lobby", "direct: "]],
    ]) is(sections(...rooms), expected);
  },
}
