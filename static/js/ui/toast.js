// @ts-check
// A short notice at the foot of the page: one at a time, gone after a while; or said once the page has begun anew.

import { say } from "./i18n.js";

const STAYS_MS = 6_000;

const element = document.getElementById("toast");
/** @type {number | undefined} */
let timer;

/** @param {string} text */
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

/** What is said once it has begun. */
const SAID = "teahouse.said";

/** The page begins anew, and then says why.
 *  @param {string} word */
export function reloadWith(word) {
  rememberNotice(word);
  location.reload();
}

/** To be said when the page begins anew.
 *  @param {string} word */
export function rememberNotice(word) {
  try {
    sessionStorage.setItem(SAID, word);
  } catch {
    // Not said, then.
  }
}

/** At the beginning of a page. */
export function showReloadNotice() {
  try {
    const word = sessionStorage.getItem(SAID);
    sessionStorage.removeItem(SAID);
    if (word) toast(say(word));
  } catch {
    // Nothing to say.
  }
}
