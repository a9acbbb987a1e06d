// A quiet word at the foot of the page: one at a time, gone after a while.

const STAYS_MS = 6_000;

const element = document.getElementById("toast");
let timer;

export function toast(text) {
  clearTimeout(timer);
  // Shown anew each time, so that it stands above a dialog opened since.
  element.hidePopover();
  element.showPopover();
  element.textContent = text;
  timer = setTimeout(() => {
    element.hidePopover();
    element.textContent = "";
  }, STAYS_MS);
}
