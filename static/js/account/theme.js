// Light, dark, or as the system has it: on the page, on the browser's own chrome, on the buttons of the menu.

export function showTheme(theme) {
  document.documentElement.dataset.theme = theme;
  document.querySelector("meta[name=color-scheme]").content = theme === "auto" ? "light dark" : theme;
  for (const meta of document.querySelectorAll("meta[name=theme-color]")) {
    const { scheme } = meta.dataset;
    meta.media = theme === "auto" ? `(prefers-color-scheme: ${scheme})` : theme === scheme ? "all" : "not all";
  }
  for (const each of ["auto", "light", "dark"]) {
    document.getElementById(`theme-${each}`).setAttribute("aria-pressed", String(each === theme));
  }
}
