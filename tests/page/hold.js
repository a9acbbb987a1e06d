(() => {
  /** What comes of `[what, x, y, at]`, one after the other. */
  async function done(load, ...touches) {
    const { Hold } = await load("voice/hold");
    const told = [];
    const does = Object.fromEntries(["start", "lock", "send", "discard"].map((name) => [name, () => told.push(name)]));
    const hold = new Hold(does);
    for (const [what, clientX = 0, clientY = 0, timeStamp = 0] of touches) hold[what]({ clientX, clientY, timeStamp });
    return told.join(" ");
  }

  return {
    async "what is held is sent when it is let go"({ load, is }) {
      is(await done(load, ["press", 5, 5, 1_000], ["move", 30, -20], ["release", 30, -20, 3_000]), "start send");
    },

    async "a short press goes on without a finger, and the click of it means nothing more"({ load, is }) {
      is(await done(load, ["press", 0, 0, 1_000], ["release", 0, 0, 1_200], ["click", 0, 0, 1_201]), "start lock");
      is(await done(load, ["press", 0, 0, 1_000], ["release", 0, 0, 2_000], ["click", 0, 0, 2_300]), "start send");
    },

    async "a click alone is a short press"({ load, is }) {
      is(await done(load, ["click", 0, 0, 10]), "start lock");
      is(await done(load, ["press", 0, 0, 0], ["release", 0, 0, 1_000], ["click", 0, 0, 2_000]), "start send start lock");
    },

    async "to either side it is thrown away, once"({ load, is }) {
      for (const way of [-1, 1]) {
        is(await done(load, ["press", 0, 0, 0], ["move", way * 89], ["move", way * 90], ["move", way * 200], ["release", 0, 0, 5_000], ["click", 0, 0, 5_001]), "start discard");
      }
    },

    async "up it goes on without a finger, whatever that does then"({ load, is }) {
      is(await done(load, ["press", 0, 0, 0], ["move", 0, -70], ["move", 300, 0], ["release", 300, 0, 5_000], ["click", 0, 0, 5_001]), "start lock");
      is(await done(load, ["press", 0, 0, 0], ["move", 0, 200], ["release", 0, 200, 5_000]), "start send", "down is no way");
    },

    async "what the system takes away is kept"({ load, is }) {
      is(await done(load, ["press", 0, 0, 0], ["cancel"], ["release", 0, 0, 5_000]), "start lock");
      is(await done(load, ["press", 0, 0, 0], ["move", 100], ["cancel"]), "start discard");
    },
  };
})()
