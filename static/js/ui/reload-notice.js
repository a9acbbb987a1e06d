// The page begins anew, and then says why.

import { toast } from "./toast.js";
import { say } from "./i18n.js";

/** What is said once it has begun. */
const SAID = "teahouse.said";

export function anew(word) {
  remember(word);
  location.reload();
}

/** To be said when the page begins anew. */
export function remember(word) {
  try {
    sessionStorage.setItem(SAID, word);
  } catch {
    // Not said, then.
  }
}

/** At the beginning of a page. */
export function sayWhy() {
  try {
    const word = sessionStorage.getItem(SAID);
    sessionStorage.removeItem(SAID);
    if (word) toast(say(word));
  } catch {
    // Nothing to say.
  }
}
