{
  async "a frame goes back and forth without the browser's history"({ load, is }) {
    const { useOwnHistory } = await load("embed/history");
    const { path } = await load("state/place");
    const [own, browsers, address] = [Object.getOwnPropertyDescriptor(window, "history"), history.length, location.href];
    useOwnHistory("/");
    try {
      // The page around this test leaves such states alone.
      const at = (n) => ({ large: true, at: n });
      const states = [];
      const gone = (by) => new Promise((done) => {
        addEventListener("popstate", ({ state }) => { states.push(state); done(); }, { once: true });
        history.go(by);
      });
      history.pushState(at(1), "", "/rooms/5");
      history.pushState(at(2), "", "/rooms/6");
      is([path(), history.state, history.length], ["/rooms/6", at(2), 3]);
      await gone(-1);
      is([path(), states], ["/rooms/5", [at(1)]]);
      history.replaceState(at(3), "");
      is([path(), history.state], ["/rooms/5", at(3)]);
      history.pushState(null, "", "/rooms/7");
      is([path(), history.length], ["/rooms/7", 3], "what lay ahead is gone");
    } finally {
      Object.defineProperty(window, "history", own);
    }
    is([history.length, location.href, path()], [browsers, address, location.pathname]);
  },
}
