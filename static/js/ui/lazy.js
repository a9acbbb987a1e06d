// Parts of the page that come when they are wanted first, so that a first visit is a small one.

import { toast } from "./toast.js";
import { say } from "./i18n.js";

/** Gives what fetches the part once: `load` imports its module, `make(module)` puts it to work. Without a line there is nothing, and a
 *  word to the reader. */
export function later(load, make) {
  let part;
  return async () => {
    const module = part ? undefined : await load().catch(() => toast(say("unreachable")));
    if (module) part ??= make(module);
    return part;
  };
}
