{
  async "of what was heard the newest are known, and what is older counts as heard"({ load, is }) {
    const { isHeard, rememberHeard } = await load("voice/voice-box");
    const { keep } = await load("state/local-store");
    keep("heard", "");
    is([isHeard(7), rememberHeard(7), isHeard(7), isHeard(3)], [false, undefined, true, false]);
    for (let id = 1_300; id > 1_000; id -= 1) rememberHeard(id);
    is([isHeard(7), isHeard(900), isHeard(1_001), isHeard(1_301)], [true, true, true, false]);
    keep("heard", "");
  },

  async "the speed goes round and is kept"({ load, is }) {
    const { changeSpeed, speed } = await load("voice/voice-box");
    is([speed(), changeSpeed(), changeSpeed(), speed(), changeSpeed(), speed()], [1, 1.5, 2, 2, 1, 1]);
  },
}
