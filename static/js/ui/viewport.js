// @ts-check
// Some phones lay their keyboard over the page instead of making it smaller: then the page takes the height that is left.

export function followKeyboard() {
  const view = window.visualViewport;
  view?.addEventListener("resize", () => {
    // Zoomed in by hand, the visible part says nothing about a keyboard.
    const smaller = view.scale === 1 && innerHeight - view.height > 1;
    document.documentElement.style.setProperty("--height", smaller ? `${view.height}px` : "100dvh");
    if (smaller) scrollTo(0, 0);
  });
}

/** Whether the list of rooms stands in the place of the open one, as it does on a phone. */
export function isRoomListShown() {
  return "view" in document.documentElement.dataset;
}
