// Some phones lay their keyboard over the page instead of making it smaller: then the page takes the height that is left.

export function followKeyboard() {
  const view = window.visualViewport;
  view?.addEventListener("resize", () => {
    // Zoomed in by hand, the visible part says nothing about a keyboard.
    const covered = view.scale === 1 && innerHeight - view.height > 1;
    document.documentElement.style.setProperty("--height", covered ? `${view.height}px` : "100dvh");
    if (covered) scrollTo(0, 0);
  });
}
