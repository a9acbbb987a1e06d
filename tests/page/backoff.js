{
  async "waits grow, never beyond the longest, and are another each time"({ load, is }) {
    const { Backoff } = await load("net/backoff");
    const waits = Array.from({ length: 200 }, () => {
      const backoff = new Backoff();
      return Array.from({ length: 10 }, () => backoff.next());
    });
    const longest = (index) => Math.max(...waits.map((all) => all[index]));
    is([longest(0) <= 500, longest(3) > 1_000, longest(9) <= 30_000, longest(9) > 15_000], [true, true, true, true]);
    is(new Set(waits.map(([first]) => first)).size > 100, true);
  },

  async "what the server asks for goes first, spread a little"({ load, is }) {
    const { Backoff } = await load("net/backoff");
    const wait = new Backoff().next(8);
    is(wait >= 8_000 && wait <= 10_000, true);
  },
}
