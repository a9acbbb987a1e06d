{
  async "files stand in the order in which they were chosen, whenever the earlier ones come back"({ load, is }) {
    const { Tray } = await load("files/tray");
    const kept = [];
    const parts = {
      room: { id: 1 },
      outbox: { keepTray: ({ files }) => kept.push(files.map(({ name }) => name)), dropTray() {} },
      transfers: { start() {} },
      changed() {},
    };
    const earlier = (name, at) => {
      const original = new File(["tea"], name);
      return { nonce: name, room: 1, author: "v1", at, content: "", tray: true, files: [{ nonce: name, mark: name, name, type: "", size: 3, original }] };
    };
    const tray = new Tray(parts);
    tray.add([new File(["cup"], "now.txt")], 1);
    tray.restore(earlier("then.txt", 1));
    is(kept.at(-1), ["then.txt", "now.txt"]);
    is([...document.querySelectorAll(".file-tray li")].map((row) => /then|now/.exec(row.textContent)[0]), ["then", "now"]);
    tray.take();
    tray.restore(earlier("first.txt", 1));
    tray.restore(earlier("second.txt", 2));
    is(kept.at(-1), ["first.txt", "second.txt"]);
    document.querySelector(".file-tray").remove();
  },
}
