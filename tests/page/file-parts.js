{
  async "bytes come back as they were, from wherever they are asked for"({ load, is }) {
    const { dropParts, keepParts, readParts } = await load("files/file-parts");
    const bytes = new Uint8Array(2_500_000).map((_, place) => place * 7 + (place >> 8));
    is(await keepParts("tea", new Blob([bytes])), true);
    for (const [from, to] of [[0, 1], [0, 2_500_000], [1_048_575, 1_048_577], [1_048_576, 2_097_152], [2_499_999, 2_500_000], [300_000, 2_400_000]]) {
      const part = await readParts("tea", from, to);
      is([part.length, part.every((byte, place) => byte === bytes[from + place])], [to - from, true], `${from} to ${to}`);
    }
    await dropParts("tea");
    is(await readParts("tea", 0, 1).catch(({ message }) => message), "the bytes of a file are not here");
  },

  async "what is too large is not kept"({ load, is }) {
    const { keepParts } = await load("files/file-parts");
    const large = { size: 64 * 1024 * 1024 + 1, slice: () => { throw new Error("it is not read"); } };
    is(await keepParts("large", large), false);
  },

  async "bytes that no message has are swept away, the others stay"({ load, is }) {
    const { dropParts, keepParts, readParts, sweepParts } = await load("files/file-parts");
    const { UNSENT, write } = await load("state/database");
    await write(UNSENT, (store) => store.put({ nonce: "message", author: "nobody", at: 1, tab: "", files: [{ nonce: "mine", size: 3, kept: true }] }));
    for (const name of ["mine", "nobody's"]) await keepParts(name, new Blob(["tea"]));
    await sweepParts();
    is([(await readParts("mine", 0, 3)).length, await readParts("nobody's", 0, 3).catch(() => "gone")], [3, "gone"]);
    await dropParts("mine");
    await write(UNSENT, (store) => store.delete("message"));
  },
}
