{
  async "whatever colour a site has, words in it and on it can be read in both themes"({ load, is }) {
    const { showAccent, contrast } = await load("embed/look");
    const root = document.documentElement, before = [root.getAttribute("style"), root.dataset.theme];
    const probe = document.body.appendChild(document.createElement("p"));
    const drawn = (colour) => {
      probe.style.color = colour;
      const pen = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d");
      pen.fillStyle = getComputedStyle(probe).color;
      pen.fillRect(0, 0, 1, 1);
      return [...pen.getImageData(0, 0, 1, 1).data.slice(0, 3)];
    };
    const unread = [];
    for (const accent of ["#f0c000", "white", "black", "yellow", "#ff6b00", "oklch(70% .2 150)", "rebeccapurple", "#1d6b50"]) {
      for (const theme of ["light", "dark"]) {
        root.dataset.theme = theme;
        showAccent(accent);
        for (const [a, b] of [["--jade", "--paper"], ["--jade", "--tray"], ["--jade-ink", "--jade"], ["--jade", "--jade-soft"]]) {
          const found = contrast(drawn(`var(${a})`), drawn(`var(${b})`));
          if (found < (b === "--jade-soft" ? 3 : 4.5)) unread.push(`${accent} ${theme} ${a} on ${b}: ${found}`);
        }
      }
    }
    showAccent(undefined);
    is(root.style.length, 0, "what was set is taken back");
    probe.remove();
    if (before[0] !== null) root.setAttribute("style", before[0]);
    root.dataset.theme = before[1];
    is(unread, []);
  },

  async "what is no colour changes nothing"({ load, is }) {
    const { showAccent } = await load("embed/look");
    showAccent("red; background: url(https://elsewhere.example/)");
    is(document.documentElement.style.getPropertyValue("--jade"), "");
  },
}
