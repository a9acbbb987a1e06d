// @ts-check
// Whether somebody looks at the frame: its tab is visible, and the site shows it. The page asks `document.hidden`, which knows of the tab
// alone: what came into a closed panel would count as read.

const ofTab = Object.getOwnPropertyDescriptor(Document.prototype, "hidden");
let shown = false;

Object.defineProperty(document, "hidden", { get: () => !shown || ofTab.get.call(document), configurable: true });

export const isTabVisible = () => !ofTab.get.call(document);

export const isShown = () => shown;

/** @param {boolean} now */
export function setShown(now) {
  if (shown === now) return;
  shown = now;
  document.dispatchEvent(new Event("visibilitychange"));
}
