{
  async "of two views of a message the newer one is true"({ load, is }) {
    const { after } = await load("state/message-reducer");
    const said = { id: 1, seq: 1, rev: 5, content: "now" };
    is(after(said, { kind: "edit", id: 1, seq: 4, at: 9, content: "before" }), said);
    is(after(said, { kind: "edit", id: 1, seq: 6, at: 9, content: "later" }).content, "later");
  },

  async "a recall takes words, files, quote, emoji and pin"({ load, is }) {
    const { after } = await load("state/message-reducer");
    const said = { id: 1, rev: 1, content: "a", html: "<p>a</p>", edited: 3, reply: { id: 7 }, reactions: [{}], pinned: true, files: [{ id: "f" }] };
    const now = after(said, { kind: "recall", id: 1, seq: 2, at: 9 });
    is([now.recalled, now.content, now.html, now.edited, now.reply, now.reactions, now.pinned, now.files], [true, "", undefined, undefined, undefined, undefined, undefined, undefined]);
  },

  async "an edit leaves the files, and a message may have no words beside them"({ load, is }) {
    const { after } = await load("state/message-reducer");
    const said = { id: 1, rev: 1, content: "", files: [{ id: "f" }] };
    for (const content of ["tea", ""]) {
      const now = after(said, { kind: "edit", id: 1, seq: 2, at: 9, content });
      is([now.content, now.files, now.recalled], [content, said.files, undefined]);
    }
  },

  async "a file that is taken out leaves its place, and what is first is another then"({ load, is }) {
    const { after, quoteAfter, quoteOf } = await load("state/message-reducer");
    const said = { id: 1, rev: 1, by: { id: "u1" }, content: "a", files: [{ id: "f", kind: "picture", name: "x" }, { id: "g", kind: "file", name: "y" }] };
    const event = { kind: "file", id: 1, seq: 2, at: 9, file: "f", first: "file" };
    const now = after(said, event);
    is([now.files, now.content, now.rev], [[{ id: "f", kind: "picture", gone: true }, said.files[1]], "a", 2]);
    is(quoteOf(now).file, "file");
    is(quoteAfter({ id: 1, by: {}, text: "a", file: "picture" }, event).file, "file");
    is(quoteAfter({ id: 1, by: {}, text: "a", file: "file" }, { ...event, first: undefined }).file, undefined);
    is(after({ id: 1, rev: 1, content: "a" }, event).files, undefined, "recalled meanwhile");
  },

  async "an edit whose words were withdrawn since shows nothing of them"({ load, is }) {
    const { after } = await load("state/message-reducer");
    is(after({ id: 1, rev: 1, content: "a" }, { kind: "edit", id: 1, seq: 2, at: 9, content: "" }).recalled, true);
  },

  async "a quote follows what it quotes"({ load, is }) {
    const { quoteAfter } = await load("state/message-reducer");
    const quote = { id: 1, by: { id: "u1", name: "Ann" }, text: "a" };
    is(quoteAfter(quote, { kind: "edit", id: 2, content: "b" }), undefined, "of another message");
    is(quoteAfter(quote, { kind: "react", id: 1 }), undefined);
    is(quoteAfter(quote, { kind: "edit", id: 1, content: "**b**  c", html: "<p><strong>b</strong><br>c</p>" }).text, "b c");
    const gone = quoteAfter(quote, { kind: "recall", id: 1 });
    is([gone.gone, gone.text, gone.by.name], [true, "", ""]);
    is(quoteAfter(gone, { kind: "edit", id: 1, content: "c" }), undefined, "what is gone stays gone");
  },

  async "a quote of a message without words knows what its file is, and follows an edit that leaves none"({ load, is }) {
    const { quoteAfter, quoteOf } = await load("state/message-reducer");
    const quote = quoteOf({ id: 1, by: { id: "u1", name: "Ann" }, content: "tea", files: [{ kind: "picture" }, { kind: "file" }] });
    is([quote.text, quote.file], ["tea", "picture"]);
    const bare = quoteAfter(quote, { kind: "edit", id: 1, content: "" });
    is([bare.text, bare.file, bare.gone], ["", "picture", undefined]);
    is(quoteAfter({ ...quote, file: undefined }, { kind: "edit", id: 1, content: "" }).gone, true, "withdrawn meanwhile");
    const gone = quoteAfter(bare, { kind: "recall", id: 1 });
    is([gone.gone, gone.file], [true, undefined]);
    is(quoteOf({ id: 1, by: { id: "u1" }, content: "", recalled: true }).file, undefined);
  },

  async "markup that is quoted loads nothing"({ load, is }) {
    const { quoteOf } = await load("state/message-reducer");
    // A request to another site is a complaint of its own.
    const html = "<p>a<img src='https://elsewhere.example/a.png'></p>";
    is(quoteOf({ id: 1, by: { id: "u1", name: "Ann" }, content: "a", html }).text, "a");
    await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  },

  async "a page of history that was fetched before a change arrives changed"({ load, is }) {
    const { RecentChanges } = await load("state/message-reducer");
    const changes = new RecentChanges();
    changes.remember({ kind: "edit", id: 1, seq: 8, at: 9, content: "b" });
    changes.remember({ kind: "pin", id: 2, seq: 9 });
    const reply = { id: 1, by: { id: "u1", name: "Ann" }, text: "a" };
    is(changes.upon({ id: 1, rev: 1, content: "a" }).content, "b");
    const other = changes.upon({ id: 2, rev: 2, content: "c", reply });
    is([other.pinned, other.reply.text, reply.text], [true, "b", "a"]);
    changes.remember({ kind: "recall", id: 1, seq: 10, at: 9 });
    is(changes.upon({ id: 1, rev: 1, content: "a" }).recalled, true);
  },

  async "emoji stand in the order in which they came, and go with the last who meant them"({ load, is }) {
    const { withReaction } = await load("state/message-reducer");
    const who = [{ id: "u1", name: "Ann" }];
    let all = withReaction(undefined, { emoji: "🍵", n: 1, who, place: 4 });
    all = withReaction(all, { emoji: "👍", n: 1, who, place: 2 });
    is(all.map(({ emoji }) => emoji), ["👍", "🍵"]);
    all = withReaction(all, { emoji: "👍", n: 2, who, place: 2 });
    is(all.map(({ n }) => n), [2, 1]);
    is(withReaction(all, { emoji: "👍", n: 0, who: [], place: 0 }).map(({ emoji }) => emoji), ["🍵"]);
  },

  async "in a crowd that is not all named those who were seen are known"({ load, is }) {
    const { isMyReaction, withReaction } = await load("state/message-reducer");
    const who = Array.from({ length: 10 }, (_, number) => ({ id: `u${number}`, name: "" }));
    const me = { id: "u50" };
    let all = withReaction(undefined, { emoji: "🍵", n: 11, who, place: 4, by: me, on: true });
    is([isMyReaction(all[0], me), isMyReaction(all[0], { id: "u3" }), isMyReaction(all[0], { id: "u77" })], [true, true, false]);
    all = withReaction(all, { emoji: "🍵", n: 12, who, place: 4, by: { id: "u60" }, on: true });
    is(isMyReaction(all[0], me), true);
    all = withReaction(all, { emoji: "🍵", n: 11, who, place: 4, by: me, on: false });
    is([isMyReaction(all[0], me), isMyReaction(all[0], { id: "u60" })], [false, true]);
  },
}
