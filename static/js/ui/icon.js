// The page's own signs, drawn from its symbols.

import { clone } from "./templates.js";

export function icon(name) {
  const sign = clone("icon-template");
  sign.firstElementChild.setAttribute("href", `#i-${name}`);
  return sign;
}
