{
  async "letters fit where they stand in order, best at beginnings and side by side"({ load, is }) {
    const { match } = await load("rooms/switcher");
    is(match("xyz", "Tea house"), 0);
    is(match("et", "Tea"), 0, "another order");
    is(match("th", "Tea house") > match("th", "Bathhouse"), true, "beginnings of words");
    is(match("tea", "Tea") > match("tea", "The early"), true, "side by side");
    is(match("徒步", "周末徒步") > 0, true);
  },
}
