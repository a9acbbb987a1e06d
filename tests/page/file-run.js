({
  // A run of a room's files, with a server whose answers are given by hand.

  async "a run grows at both ends and is whole when there is no more"({ load, is }) {
    const { FileRun, OLDER, NEWER } = await load("files/file-run");
    const file = (message, kind = "picture") => ({ message, number: 0, at: message, by: { name: "Ada" }, file: { id: `f${message}`, kind, name: "a", size: 1 } });
    const asked = [];
    const answers = [];
    const fetches = globalThis.fetch;
    globalThis.fetch = async (address) => {
      // What is withdrawn is thrown out of the browser's copies, too.
      if (address.startsWith("/files/")) return new Response(null, { status: 404 });
      asked.push(decodeURIComponent(address.replace("/api/v1/rooms/7/files?", "")));
      return new Response(JSON.stringify(await answers.shift()));
    };
    const ids = (run) => run.files.map(({ message }) => message);
    try {
      const run = new FileRun({ room: 7, kinds: ["picture"], files: [file(10), file(11, "file"), file(12, "animation")] });
      is(ids(run), [10, 12], "what is no picture is left out");
      answers.push({ files: [file(9), file(8)], next: "8.0" }, { files: [file(14), file(13)], next: null });
      await Promise.all([run.grow(OLDER), run.grow(OLDER), run.grow(NEWER)]);
      is(asked, ["kind=picture&before=10.0", "kind=picture&after=12.0"], "twice the same is once");
      is([ids(run), run.isWhole], [[8, 9, 10, 12, 13, 14], false]);
      run.messageSent({ id: 15, at: 15, by: { name: "Ada" }, files: [file(15).file, file(15, "voice").file] });
      is(ids(run).at(-1), 15);
      run.messageChanged({ kind: "recall", id: 9 });
      answers.push({ files: [], next: null });
      await run.grow(OLDER);
      is([ids(run), run.isWhole], [[8, 10, 12, 13, 14, 15], true]);
      await run.grow(OLDER);
      is(asked.length, 3, "nothing is asked for that there is not");
    } finally {
      globalThis.fetch = fetches;
    }
  },

  async "what is sent or recalled while a page is on its way is not lost and not shown"({ load, is }) {
    const { FileRun, OLDER, NEWER } = await load("files/file-run");
    const file = (message) => ({ message, number: 0, at: message, by: {}, file: { id: `f${message}`, kind: "file", name: "a", size: 1 } });
    const fetches = globalThis.fetch;
    let answer;
    globalThis.fetch = async () => new Response(JSON.stringify(await new Promise((done) => { answer = done; })));
    const ids = (run) => run.files.map(({ message }) => message);
    try {
      const run = new FileRun({ room: 7, kinds: ["file"] });
      let coming = run.grow(OLDER);
      const sent = (id) => run.messageSent({ id, at: id, by: {}, files: [file(id).file] });
      sent(30);
      sent(31);
      run.messageChanged({ kind: "recall", id: 29 });
      is(ids(run), [], "it is not known yet where they stand");
      answer({ files: [file(30), file(29), file(28)], next: "28.0" });
      await coming;
      is(ids(run), [28, 30, 31]);
      is([run.hasMore(OLDER), run.hasMore(NEWER)], [true, false]);
      // To the oldest: a page that was asked for elsewhere is not taken in.
      const late = run.grow(OLDER);
      const lateAnswer = answer;
      coming = run.goTo(OLDER);
      answer({ files: [file(2), file(1)], next: "2.0" });
      await coming;
      lateAnswer({ files: [file(27)], next: null });
      await late;
      is([ids(run), run.hasMore(OLDER), run.hasMore(NEWER)], [[1, 2], false, true]);
    } finally {
      globalThis.fetch = fetches;
    }
  },
})
