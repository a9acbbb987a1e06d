{
  async "two peaks are a bar from the middle up and down"({ load, is }) {
    const { bars } = await load("timeline/voice-row");
    // 0, 255, 128, 3, 0, 0: as the server draws them.
    is(bars("AP+AAwAA"), "M3 2v28M9 9v14M15 15v2");
    is(bars(""), "");
  },

  async "a length is minutes and seconds"({ load, is }) {
    const { clock } = await load("timeline/voice-row");
    is([0, 9, 60, 3_725].map(clock), ["0:00", "0:09", "1:00", "62:05"]);
  },

  async "what is nowhere yet cannot be played"({ load, is }) {
    const { voiceRow } = await load("timeline/voice-row");
    const row = (file) => {
      const box = voiceRow(file);
      return [box.querySelector(".hear").disabled, box.dataset.file, box.dataset.src, box.querySelector("[role=slider]").ariaValueMax, box.querySelector("small").textContent];
    };
    is(row({ ms: 12_499 }), [true, "", undefined, "12", "0:12"]);
    is(row({ ms: 12_500, url: "blob:a" }), [false, "", "blob:a", "13", "0:13"]);
    is(row({ id: "x", url: "blob:a" }), [false, "x", undefined, "0", "0:00"]);
  },
}
